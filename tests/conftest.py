"""What all tests share."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, fields
from functools import cached_property
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.store.embedded import EmbeddedStore, opened
from app.store.opening import IsolatedStore
from app.store.workers import Workers
from app.web import create_app
from tests.hostile import written
from tests.waiting import until

# The same examples each time, and no clock: machines that run the tests are of every speed.
settings.register_profile("innherred", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("innherred")

EXAMPLE = Path(__file__).parent / "contents" / "nordfjella"
SHIPPED = Path(__file__).parents[1]


# Folders of tests that share a browser or other servers.
TOGETHER = ("browser", "store")
# Servers, builds and processes take long: they come first, and nobody waits for one file of them at the end of a run.
LONG = tuple(f"tests/{name}" for name in ("browser/", "store/", "editing/", "test_", "build/", "cli/", "packaging/"))


class Together(LoadScopeScheduling):
    """Divides a run (``pytest -n 2``) by files, but keeps the tests of some folders in one process."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((name for name in TOGETHER if file.startswith(f"tests/{name}/")), file)


def pytest_xdist_make_scheduler(config, log):
    """Give the plugin for divided runs what decides which process runs a test: in order, not by number of tests."""
    config.option.loadscopereorder = False
    return Together(config, log)


def pytest_collection_modifyitems(items):
    """Put what takes long first, the rest as it is."""
    turns = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: next((turns[name] for name in LONG if item.nodeid.startswith(name)), len(LONG)))


class AskedStore(IsolatedStore):
    """The store of an application in tests: its processes are started for the first query from outside."""

    def __init__(self, folder, *given):
        EmbeddedStore.__init__(self, opened(folder))
        self._given = folder, *given

    @cached_property
    def workers(self):
        return Workers(*self._given)

    @property
    def source(self):
        return super().source if "workers" in vars(self) else "disk"

    def close(self):
        super().close() if "workers" in vars(self) else EmbeddedStore.close(self)


@pytest.fixture(scope="session", autouse=True)
def few_processes() -> Iterator[None]:
    """Let an application that is told nothing else run one query from outside at a time: of 7 processes it starts 3.

    Where no query is asked from outside, which is most of them, it starts none.
    """
    names = [each.name for each in fields(Settings) if each.default is not MISSING]
    usual = dict(zip(names, Settings.__init__.__defaults__, strict=True))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Settings.__init__, "__defaults__", tuple({**usual, "query_workers": 1}.values()))
        patched.setattr("app.store.opening.IsolatedStore", AskedStore)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a started server of the made-up content, as a user starts it."""
    with started(EXAMPLE, tmp_path_factory.mktemp("server")) as address:
        yield address


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Give a folder that is made once in a run: by the process that asks first; others wait, and nobody changes it."""
    common = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent  # each process has a folder of its own in it
    folder, made = common / name, common / f"{name}.made"
    with (common / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # what another began
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session")
def shipped_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a state folder in which the shipped content is built; who changes it takes a copy."""
    return once(tmp_path_factory, "shipped-state", lambda state: _build(SHIPPED, state))


@pytest.fixture(scope="session")
def example_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a state folder in which the made-up content is built; who changes it takes a copy."""
    return once(tmp_path_factory, "example-state", lambda state: _build(EXAMPLE, state))


def _build(content: Path, state: Path) -> None:
    build(Content.open(content), Settings(content=content, state=state), as_of=None, progress=Progress(quiet=True))


@pytest.fixture(scope="session")
def shipped_client(shipped_state: Path) -> FlaskClient:
    """Give a client of an application over the shipped content."""
    return create_app(Settings(content=SHIPPED, state=shipped_state)).test_client()


@pytest.fixture(scope="session")
def shipped_server(shipped_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a started server of the shipped content."""
    folder = tmp_path_factory.mktemp("shipped-server")
    shutil.copytree(shipped_state, folder / "state", symlinks=True)
    with started(SHIPPED, folder) as address:
        yield address


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give the settings of the built hostile content."""

    def settings_of(folder: Path) -> Settings:
        return Settings(content=folder / "hostile", state=folder / "state", page_size=10)

    def make(folder: Path) -> None:
        written(folder)
        found = settings_of(folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pySHACL warns of literals that are not what their datatype says
            build(Content.open(found.content), found, as_of=None, progress=Progress(quiet=True))

    return settings_of(once(tmp_path_factory, "hostile", make))


@pytest.fixture(scope="session")
def hostile_server(hostile: Settings) -> Iterator[str]:
    """Give the address of a started server of the hostile content."""
    with started(hostile.content, hostile.state.parent, hostile.state) as address:
        yield address


@contextmanager
def started(content: Path, folder: Path, state: Path | None = None, port: int = 0, **settings: str) -> Iterator[str]:
    """Give the address of a server that is started for a content; keyword arguments are settings."""
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port), "--workers", "1"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--content", str(content), "--state", str(state or folder / "state")],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={
                **os.environ,
                "PYTHONUNBUFFERED": "1",
                "INNHERRED_QUERY_WORKERS": "1",
                **{f"INNHERRED_{name.upper()}": value for name, value in settings.items()},
            },
        )
        try:
            assert process.stdout is not None
            line = next((text for text in process.stdout if text.startswith("Serving at ")), "")
            assert line, (folder / "log").read_text()
            address = line.split()[2]
            _wait_for(address + "health", process)
            yield address
        finally:
            process.terminate()
            process.communicate()


def _wait_for(address: str, process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + 60

    def answers() -> bool:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                # What is tagged while queries are still answered from disk has another tag afterwards.
                return json.load(answer)["queries"]["from"] != "disk" or time.monotonic() > end
        except OSError:
            return False

    until(answers)

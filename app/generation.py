"""A built generation: an immutable folder that holds all that is served; one of them is current.

state/generations/<version>[-n]/   store/ queries/ search.sqlite dumps/ report.ttl manifest.json
state/current -> generations/<version>[-n]
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

_STAGING: Final = ".building-"
# So long (seconds) it is tried to remove what an interrupted build leaves.
_PATIENCE: Final = 3.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is. ``inputs``: path → [size, mtime in ns, SHA-256]; ``graphs``: IRI → triples.

    ``views``, in order: of each its ``name``, ``label`` by language, ``graphs``.
    """

    digest: str
    as_of: str
    built: str
    software: str
    base: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    languages: tuple[str, ...]
    prefixes: Mapping[str, str]
    graphs: Mapping[str, int]
    triples: int
    classes: Mapping[str, int] = field(default_factory=dict)
    views: tuple[Mapping[str, Any], ...] = ()
    licence: str | None = None
    dataset: str = ""
    publisher: str | None = None
    publisher_setting: str | None = None
    content: str = ""
    inputs: Mapping[str, tuple[int, int, str]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The first 12 characters of the digest."""
        return self.digest[:12]

    def write(self, folder: Path) -> None:
        """Write manifest.json into folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read manifest.json of folder; raises OSError or ValueError when it is not there or not ours."""
        values: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        try:
            values["languages"] = tuple(values["languages"])
            values["views"] = tuple(values.get("views", ()))
            values["inputs"] = {path: tuple(facts) for path, facts in values["inputs"].items()}
            return cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{folder / 'manifest.json'} was written by another version") from error


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation on disk."""

    path: Path
    manifest: Manifest

    @property
    def store(self) -> Path:
        """Folder of the store."""
        return self.path / "store"

    @property
    def queries(self) -> Path:
        """Folder of the query files, the content's over the defaults."""
        return self.path / "queries"

    @property
    def search(self) -> Path:
        """File of the search index."""
        return self.path / "search.sqlite"

    @property
    def dumps(self) -> Path:
        """Folder of the dumps."""
        return self.path / "dumps"

    @property
    def report(self) -> Path:
        """File of the validation report (Turtle)."""
        return self.path / "report.ttl"


def current(state: Path) -> Generation | None:
    """Give the current generation, None when there is none that can be read."""
    try:
        path = (state / "current").resolve(strict=True)
        return Generation(path, Manifest.read(path))
    except (OSError, ValueError):
        return None


def kept(state: Path) -> list[Generation]:
    """Give the generations that are there and can be read, the newest first."""
    found = []
    for path in _by_age(state / "generations"):
        with suppress(OSError, ValueError):
            found.append(Generation(path, Manifest.read(path)))
    return found


@contextmanager
def build_lock(state: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of builds in state; a second build waits. Yields whether it had to wait (or False at once)."""
    (state / "generations").mkdir(parents=True, exist_ok=True)
    with (state / "build.lock").open("w") as file:
        waited = False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not wait:
                raise
            waited = True
            fcntl.flock(file, fcntl.LOCK_EX)
        yield waited


@contextmanager
def staging(state: Path) -> Iterator[Path]:
    """Give a folder to build in; it is removed when the block ends without ``publish``. Needs the build lock."""
    generations = state / "generations"
    for left in generations.glob(_STAGING + "*"):  # of a build that was killed: we hold the lock, so it is dead
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(mkdtemp(prefix=_STAGING, dir=generations))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder into which the engine's threads may still write for a moment after a build was interrupted."""
    until = time.monotonic() + _PATIENCE
    shutil.rmtree(folder, ignore_errors=True)
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.02)
        shutil.rmtree(folder, ignore_errors=True)


def make_current(state: Path, folder: Path, keep: int) -> Generation:
    """Make a staged folder the current generation, atomically; remove all but the newest ``keep``."""
    manifest = Manifest.read(folder)
    generations = state / "generations"
    target, number = generations / manifest.version, 1
    while target.exists():
        number += 1
        target = generations / f"{manifest.version}-{number}"
    folder.rename(target)
    link = state / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(target.relative_to(state))
    link.replace(state / "current")
    for old in [path for path in _by_age(generations) if path != target][keep - 1 :]:
        # Renamed first, so that nobody opens a folder that is half gone.
        gone = generations / f"{_STAGING}old-{old.name}"
        old.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    return Generation(target, manifest)


def _by_age(generations: Path) -> list[Path]:
    """Give the folders of generations, the newest first."""
    found = [path for path in generations.iterdir() if path.is_dir() and not path.name.startswith(_STAGING)]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

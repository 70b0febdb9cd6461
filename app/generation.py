"""A built generation: an immutable folder that holds all that is served; one of them is current.

state/generations/<version>[-n]/   store/ queries/ search.sqlite dumps/ report.ttl manifest.json
state/current -> generations/<version>[-n]
state/releases/<name>.json                 a release: it keeps its generation, however many are built after it
"""

import fcntl
import hashlib
import json
import math
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

_STAGING: Final = ".building-"
_RELEASES: Final = "releases"
# What a version is called: the first characters of its digest.
VERSION_NAME: Final = re.compile(r"[0-9a-f]{12}\Z")
# What the engine writes for itself, also when it only reads.
_NOT_TOLD: Final = ("manifest.json", "store/LOCK", "store/LOG")
# Files up to this size (bytes) are read whole to see that they are as they were built, before they are served.
SMALL: Final = 16 << 20
# So long (seconds) it is tried to remove what an interrupted build leaves.
_PATIENCE: Final = 3.0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is. ``inputs``: path → [size, mtime in ns, SHA-256]; ``graphs``: IRI → triples.

    ``views``, in order: of each its ``name``, ``label`` by language, ``graphs``; ``kinds``: how many things each has;
    ``files``: every file of the generation → [size, SHA-256]; ``site``: what the site is called (``name``), what it is
    about in a line (``tagline``) and in a few sentences (``lead``), by language, as far as the content says.
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
    kinds: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    site: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The first 12 characters of the digest."""
        return self.digest[:12]

    @property
    def name(self) -> Mapping[str, str]:
        """What the site is called: by default as the dataset is."""
        return self.site.get("name") or self.title

    def text(self) -> str:
        """Give it as JSON, with a checksum of what it says."""
        values = asdict(self)
        values["checksum"] = _checksum(values)
        return json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    def write(self, folder: Path) -> None:
        """Write manifest.json into folder."""
        (folder / "manifest.json").write_text(self.text(), encoding="utf-8")

    def for_copies(self) -> "Manifest":
        """Leave out what only a build needs: where the content is, and its files, but for query files."""
        inputs = {name: (size, 0, sha256) for name, (size, _, sha256) in self.inputs.items() if name.endswith(".rq")}
        return replace(self, content="", inputs=inputs)

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read manifest.json of folder; raises OSError or ValueError when it is not there or not ours."""
        values: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        try:
            if (told := values.pop("checksum", None)) is not None and told != _checksum(values):
                raise ValueError(f"{folder / 'manifest.json'} is damaged")
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


@dataclass(frozen=True, slots=True)
class NamedRelease:
    """A name that keeps a generation, by the name of its ``folder``; ``released`` is a time in UTC."""

    name: str
    version: str
    folder: str
    released: str

    def path(self, state: Path, suffix: str = "json") -> Path:
        """Give the file that says so, or another of this release."""
        return state / _RELEASES / f"{self.name}.{suffix}"

    def write(self, state: Path) -> None:
        """Write it, whole or not at all. Needs the build lock."""
        path = self.path(state)
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(f".{os.getpid()}")
        new.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        new.replace(path)


def named_releases(state: Path, *, whole: bool = False) -> list[NamedRelease]:
    """Give the releases, the newest first; ``whole``: raises ValueError when one of them cannot be read."""
    found = []
    for path in (state / _RELEASES).glob("[!.]*.json"):
        try:
            found.append(NamedRelease(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError) as error:
            if whole:
                raise ValueError(f"{path} cannot be read: {error}") from error
    return sorted(found, key=lambda each: (each.released, each.name), reverse=True)


def _checksum(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def files_of(folder: Path) -> dict[str, tuple[int, str]]:
    """Give size and SHA-256 of every file of a generation, by its path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(_NOT_TOLD):
            with path.open("rb") as file:
                found[name] = path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()
    return found


def damage(generation: Generation, most: float = math.inf) -> dict[str, str]:
    """Give the files that are not as they were built, and what is the matter; of larger ones only the size is seen."""
    found = {}
    for name, (size, checksum) in generation.manifest.files.items():
        path = generation.path / name
        try:
            if path.stat().st_size != size:
                found[name] = f"has {path.stat().st_size} bytes, not {size}"
            elif size <= most:
                with path.open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() != checksum:
                        found[name] = "has another checksum"
        except OSError as error:
            found[name] = error.strerror or str(error)
    return found


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
    with suppress(OSError):
        for path in _by_age(state / "generations"):
            with suppress(OSError, ValueError):
                found.append(Generation(path, Manifest.read(path)))
    return found


def readable(state: Path) -> Iterator[Generation]:
    """Give the generations that can be served as far as their manifest tells: the current one, then the newest."""
    first = current(state)
    if first is not None:
        yield first
    yield from (each for each in kept(state) if first is None or each.path != first.path)


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
    """Make a staged folder the current generation, atomically; remove all but releases and the newest ``keep``."""
    generations = state / "generations"
    generation = put_beside(state, folder)
    target = generation.path
    link = state / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(target.relative_to(state))
    link.replace(state / "current")
    for old in _left(state, [path for path in _by_age(generations) if path != target], keep - 1):
        # Renamed first, so that nobody opens a folder that is half gone.
        gone = generations / f"{_STAGING}old-{old.name}"
        old.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    return generation


def put_beside(state: Path, folder: Path) -> Generation:
    """Put a staged folder among the generations; the current one stays. Needs the build lock."""
    manifest = Manifest.read(folder)
    target, number = state / "generations" / manifest.version, 1
    while target.exists():
        number += 1
        target = state / "generations" / f"{manifest.version}-{number}"
    folder.rename(target)
    return Generation(target, manifest)


def staying(state: Path, keep: int) -> list[Generation]:
    """Give the generations that are there when ``keep`` of the newest stay, and those of releases; newest first."""
    found = kept(state)
    left = _left(state, [each.path for each in found], keep)
    return [each for each in found if each.path not in left]


def _left(state: Path, folders: list[Path], keep: int) -> list[Path]:
    """Give the folders that neither are among the newest nor have a release; none where that cannot be told."""
    try:
        held = {each.folder for each in named_releases(state, whole=True)}
    except ValueError:
        return []
    return [path for path in folders if path.name not in held][keep:]


def _by_age(generations: Path) -> list[Path]:
    """Give the folders of generations, the newest first."""
    found = [path for path in generations.iterdir() if path.is_dir() and not path.name.startswith(_STAGING)]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

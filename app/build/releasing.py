"""Releases: a name keeps a version for good; and how a version that is gone may be built again."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.catalog.crate import write_crate
from app.generation import (
    VERSION_NAME,
    Generation,
    Manifest,
    NamedRelease,
    build_lock,
    current,
    damage,
    kept,
    named_releases,
)

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_RECIPES: Final = "recipes"
_FOLDERS: Final = ("data", "ontology", "queries", "shapes")
# The ending of the file that holds a release's RO-Crate.
CRATE: Final = "zip"
# So long (seconds) git may take to say which commit it is.
_LONGEST: Final = 20


class ReleaseRefused(Exception):
    """No release is made or removed; the words say why, and what to do."""


def _no_tables(_generation: Generation) -> dict[str, bytes]:
    return {}


def release(
    state: Path, name: str, version: str | None = None, tables: Callable[[Generation], Mapping[str, bytes]] = _no_tables
) -> NamedRelease:
    """Give a name to a kept version (its first characters; None: the current one), which keeps it for good.

    Its RO-Crate is written beside, with the tables that ``tables`` makes of it. Raises ReleaseRefused.
    """
    if not _NAME.match(name) or VERSION_NAME.match(name.lower()):
        raise ReleaseRefused(f"{name!r} is no name for a release: use letters, figures and . _ - (2026.1), 64 at most.")
    with build_lock(state):
        generation = _chosen(state, version)
        manifest = generation.manifest
        there = next((each for each in _all(state) if each.name == name), None)
        if there is not None and there.version != manifest.version:
            raise ReleaseRefused(f"Release {name} is version {there.version} already. A name is given once.")
        if found := damage(generation):
            raise ReleaseRefused(f"Version {manifest.version} is damaged: {', '.join(sorted(found))}. Build it again.")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        made = there or NamedRelease(name, manifest.version, generation.path.name, now)
        crate = made.path(state, CRATE)
        crate.parent.mkdir(exist_ok=True)
        new = crate.with_name(f".{os.getpid()}.zip")
        try:
            write_crate(generation, name, new, tables(generation))
            new.replace(crate)
        finally:
            new.unlink(missing_ok=True)
        made.write(state)
    return made


def remove_release(state: Path, name: str) -> NamedRelease:
    """Take a name away: its version then goes with the others that grow old. Raises ReleaseRefused."""
    with build_lock(state):
        there = next((each for each in _all(state) if each.name == name), None)
        if there is None:
            names = ", ".join(each.name for each in _all(state)) or "none"
            raise ReleaseRefused(f"There is no release {name!r}. Releases: {names}.")
        there.path(state).unlink()
        there.path(state, CRATE).unlink(missing_ok=True)
    return there


def size_on_disk(state: Path, named: NamedRelease) -> int:
    """Give the bytes that a release keeps: its generation and its RO-Crate."""
    files = [named.path(state, CRATE), *(state / "generations" / named.folder).rglob("*")]
    total = 0
    for path in files:
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total


def _all(state: Path) -> list[NamedRelease]:
    try:
        return named_releases(state, whole=True)
    except ValueError as error:
        raise ReleaseRefused(f"{error}. Put back a copy of it, or remove it.") from error


def _chosen(state: Path, version: str | None) -> Generation:
    now = current(state)
    if version is None:
        if now is None:
            raise ReleaseRefused(f"There is no generation in {state}. Run: innherred build")
        return now
    there = [*([now] if now else []), *kept(state)]
    found = {each.manifest.version: each for each in reversed(there) if each.manifest.digest.startswith(version)}
    if len(found) != 1 or not version:
        versions = ", ".join(dict.fromkeys(each.manifest.version for each in there)) or "none"
        raise ReleaseRefused(f"{version!r} is not one of the versions that are kept: {versions}.")
    return found.popitem()[1]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a version was built of: enough to build it again when its files are gone.

    ``commit`` is the content's, None where it is no git checkout or held what was not committed.
    """

    version: str
    digest: str
    as_of: str
    software: str
    commit: str | None

    @property
    def command(self) -> str:
        """A line of shell that builds it again in the content's folder."""
        checkout = f"git checkout {self.commit} && " if self.commit else ""
        return f"{checkout}innherred build --as-of {self.as_of}"


def remember(state: Path, manifest: Manifest, content: Path) -> None:
    """Note what a version was built of. A commit that is known stays. Needs the build lock."""
    before = recipe(state, manifest.version)
    commit = _commit(content) or (before.commit if before else None)
    found = Recipe(manifest.version, manifest.digest, manifest.as_of, manifest.software, commit)
    if found != before:
        folder = state / _RECIPES
        folder.mkdir(exist_ok=True)
        new = folder / f".{os.getpid()}"
        new.write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
        new.replace(folder / f"{found.version}.json")


def recipe(state: Path, version: str) -> Recipe | None:
    """Give what a version was built of, None when that is not known."""
    if VERSION_NAME.match(version):
        with suppress(OSError, ValueError, TypeError):
            return Recipe(**json.loads((state / _RECIPES / f"{version}.json").read_text(encoding="utf-8")))
    return None


def _commit(content: Path) -> str | None:
    """Give the commit that holds the content as it is, None when there is none."""
    inside, git = content.resolve(), shutil.which("git")
    if git is None or not any((each / ".git").exists() for each in (inside, *inside.parents)):
        return None
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}

    def asked(*arguments: str) -> str:
        command = [git, "-c", "core.fsmonitor=false", "--no-optional-locks", "-C", str(inside), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_LONGEST, env=clean)
        return done.stdout.strip()

    with suppress(OSError, subprocess.SubprocessError):
        folders = [name for name in _FOLDERS if (inside / name).exists()]
        if not asked("status", "--porcelain", "--untracked-files=all", "--", *folders):
            return asked("rev-parse", "--verify", "HEAD") or None
    return None

"""Copies that follow: generations are taken from a source, verified, and switched to; nothing is built.

They are gathered in ``state/following/<version>``, which is gone on with after a break, and nothing of one is served
before all of it is as its manifest says. The source is trusted as content is, and bounded all the same.
"""

import json
import multiprocessing
import os
import random
import re
import resource
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from itertools import islice
from multiprocessing.process import BaseProcess
from pathlib import Path, PurePosixPath
from typing import Final

from app.build.origin import LARGEST, MANIFEST, NotFollowed, bounded, origin
from app.build.releasing import ReleaseRefused, release
from app.build.verification import faults_of
from app.changes.transfer import replace_log
from app.config import Settings
from app.errors import TransferError
from app.generation import (
    SMALL,
    Generation,
    Manifest,
    build_lock,
    current,
    damage,
    kept,
    make_current,
    named_releases,
    put_beside,
)

_FOLDER: Final = "following"
# Read by /health (app.web.operations).
STATUS: Final = "status.json"
# A line of the log has no more characters, a generation no more files.
_LINE, _FILES = 16 << 20, 100_000
# The longest time between two tries, in seconds; and where there is nothing to serve yet.
_LONGEST: Final = 300.0
_LONGEST_WITHOUT: Final = 10.0
# So far may a source's clock be before ours.
_AHEAD: Final = timedelta(hours=1)
_NAME: Final = re.compile(r"(?:(?:store|dumps|queries)/.+|search\.sqlite|report\.ttl)")


class Follower:
    """Brings what a source has into a state folder."""

    def __init__(self, settings: Settings) -> None:
        """Ask nothing yet; raises ValueError where the settings name no source."""
        if settings.follow is None:
            raise ValueError("INNHERRED_FOLLOW is not set")
        self._source = origin(settings.follow)
        self._settings, self._state = settings, settings.state
        self._folder = settings.state / _FOLDER
        self._sound: set[Path] = set()

    def follow(self) -> str | None:
        """Take what is new. Gives None when all is here, else why it is not, which /health then tells.

        No longer than the settings say: the main thread of a process has to call it.
        """
        told = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with _within(self._settings.follow_deadline):
                offers = self._source.offers(again=not self._is_sound(current(self._state)))
                if offers is not None:
                    self._take_all(offers)
                    self._source.taken()
        except (NotFollowed, TransferError, ReleaseRefused, OSError, ValueError) as error:
            told = str(error) or type(error).__name__
        self._note(told)
        return told

    def _note(self, error: str | None) -> None:
        """Write down how it went; where nothing can be written, age will tell."""
        path, new = self._folder / STATUS, self._folder / f".{STATUS}"
        with suppress(OSError, ValueError, KeyError):
            caught_up = datetime.now(UTC).isoformat(timespec="seconds") if error is None else None
            if caught_up is None and path.exists():
                caught_up = json.loads(path.read_text(encoding="utf-8"))["caughtUp"]
            new.write_text(json.dumps({"caughtUp": caught_up, "error": error}), encoding="utf-8")
            new.replace(path)

    def _take_all(self, offers: Mapping[str, tuple[str, ...]]) -> None:
        """Take what is served there and switch to it; then what is kept there and would be here, with its releases."""
        for left in self._folder.iterdir():  # what was begun, and is no longer kept there
            if left.is_dir() and left.name not in offers:
                shutil.rmtree(left, ignore_errors=True)
        for number, (version, releases) in enumerate(offers.items()):
            if number == 0 or number < self._settings.keep or releases:
                self._take(version, switch=number == 0)
            for name in {*releases} - {each.name for each in named_releases(self._state)}:
                release(self._state, name, version)

    def _take(self, version: str, *, switch: bool) -> None:
        """Take a version, unless it is here; switch to that which is served there."""
        if not switch and any(each.manifest.version == version for each in kept(self._state)):
            return
        folder, now = self._folder / version, current(self._state)
        manifest = self._manifest(version, folder)
        if switch and now is not None and self._is_sound(now) and _built(manifest) <= _built(now.manifest):
            shutil.rmtree(folder)
            if (manifest.digest, manifest.built) == (now.manifest.digest, now.manifest.built):
                return
            raise NotFollowed(f"version {version} there is older than {now.manifest.version} here, which stays")
        self._files(manifest, folder)
        if found := list(islice(faults_of(Generation(folder, manifest), self._settings.follow_bytes), 3)):
            shutil.rmtree(folder)
            raise NotFollowed(f"version {version} is not what it says: {'; '.join(found)}")
        os.utime(folder, times=(_built(manifest).timestamp(),) * 2)  # which are the newest is seen by this
        log = self._log(manifest) if switch else None
        with build_lock(self._state):
            if log is not None:
                with log.open(encoding="utf-8") as lines:
                    replace_log(self._state, iter(lambda: lines.readline(_LINE), ""))
                log.unlink()
            put = make_current(self._state, folder, self._settings.keep) if switch else put_beside(self._state, folder)
        self._sound.add(put.path)

    def _manifest(self, version: str, folder: Path) -> Manifest:
        """Take the manifest of a version. What was begun of another with this name is thrown away."""
        text = b"".join(bounded(self._source.read(version, MANIFEST)[1], LARGEST))
        if (folder / MANIFEST).exists() and (folder / MANIFEST).read_bytes() != text:
            shutil.rmtree(folder)
        folder.mkdir(exist_ok=True)
        (folder / MANIFEST).write_bytes(text)
        try:
            manifest = Manifest.read(folder)
            needed = _needed(manifest) if manifest.version == version else None
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            needed = None
        if needed is None:
            shutil.rmtree(folder)
            raise NotFollowed(f"version {version} has a manifest that this version cannot read, or a clock is wrong")
        if needed > min(self._settings.follow_bytes, shutil.disk_usage(folder).free):
            raise NotFollowed(
                f"version {version} has {needed} bytes: over INNHERRED_FOLLOW_BYTES, or what the disk has"
            )
        return manifest

    def _files(self, manifest: Manifest, folder: Path) -> None:
        """Take the files that are not here, each from where it was broken off."""
        for name, (size, sha256) in manifest.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            if (here := path.stat().st_size) < size:
                start, parts = self._source.read(manifest.version, name, here)
                with path.open("r+b" if start else "wb") as file:
                    file.seek(start)
                    file.writelines(bounded(parts, size - start))
            with path.open("rb") as file:
                if file_digest(file, "sha256").hexdigest() == sha256:
                    continue
            path.unlink()
            raise NotFollowed(f"{name} of version {manifest.version} is not as its manifest says")

    def _log(self, manifest: Manifest) -> Path | None:
        """Take the log of changes, None where none knows of this version."""
        lines = self._source.log(manifest.version)
        if lines is None:
            return None
        path = self._folder / "changes.jsonl"
        with path.open("wb") as file:
            file.writelines(bounded(lines, self._settings.follow_bytes))
        return path

    def _is_sound(self, generation: Generation | None) -> bool:
        """Say whether what is served is as it was taken; that is looked at once."""
        if generation is not None and generation.path not in self._sound and not damage(generation, SMALL):
            self._sound.add(generation.path)
        return generation is not None and generation.path in self._sound


def _needed(manifest: Manifest) -> int | None:
    """Give the bytes of a generation, None when its manifest says what none does."""
    files = manifest.files
    right = (
        re.fullmatch("[0-9a-f]{64}", manifest.digest)
        and _built(manifest) < datetime.now(UTC) + _AHEAD
        and 0 < len(files) <= _FILES
        and all(_is_ours(name) and type(size) is int and size >= 0 for name, (size, _) in files.items())
    )
    return sum(size for size, _ in files.values()) if right else None


def _is_ours(name: str) -> bool:
    """Say whether a generation may have a file of this name: inside its folder."""
    path = PurePosixPath(name)
    return bool(_NAME.fullmatch(name)) and str(path) == name and ".." not in path.parts and name.isprintable()


def _built(manifest: Manifest) -> datetime:
    return datetime.fromisoformat(manifest.built).astimezone(UTC)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raise NotFollowed when it takes longer."""

    def end(_number: int, _frame: object) -> None:
        raise NotFollowed("it took longer than INNHERRED_FOLLOW_DEADLINE, and is gone on with")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def keep_following(settings: Settings) -> None:
    """Follow for as long as the process lives that started this one; after a failure less and less often."""
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_DATA, (settings.build_memory, settings.build_memory))
    follower, failed = Follower(settings), 0
    while True:
        failed = failed + 1 if follower.follow() else 0
        time.sleep(pause(settings, failed) * random.uniform(0.75, 1.25))  # noqa: S311 - that many copies do not ask at once


def pause(settings: Settings, failed: int) -> float:
    """Give the seconds until the next try, after so many failures in a row."""
    longest = _LONGEST if current(settings.state) else _LONGEST_WITHOUT
    return min(settings.follow_interval * 2.0 ** min(failed, 16), max(longest, settings.follow_interval))


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)

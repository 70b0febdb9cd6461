"""The journal of an acceptance: what it changes, kept until it is done, so that one which was killed can be finished.

``<state>/acceptance.json`` is there from the first step to the last. Files are written beside and renamed: the new
text as ``.<name>.new``, and the old one stays as ``.<name>.old``, so that going back needs no space on the disk.
"""

import base64
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.editing.messages import refused
from app.editing.resulting import Change

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An acceptance: the proposals, who accepts them by role and why; the files; the commit that was there before.

    ``decided``: there is no way back any more, for what is built is about to be served.
    """

    names: tuple[str, ...]
    role: str
    words: str = ""
    files: tuple[Change, ...] = ()
    head: str | None = None
    decided: bool = False
    commit: str | None = None


class Journal:
    """The journal of a state folder, and the files of a content that it is about. Needs the lock of ``alone``."""

    def __init__(self, state: Path, root: Path) -> None:
        """Use a state folder, and the root folder of the content."""
        self.path = state / "acceptance.json"
        self.root = root

    def write(self, entry: JournalEntry) -> None:
        """Keep an entry, over the one that was there."""
        told = {
            "format": _FORMAT,
            "root": str(self.root.resolve()),
            "names": entry.names,
            "role": entry.role,
            "words": entry.words,
            "head": entry.head,
            "decided": entry.decided,
            "commit": entry.commit,
            "files": [[each.name, _coded(each.before), _coded(each.after)] for each in entry.files],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".new")
        with suppress(FileNotFoundError):
            unfinished.unlink()
        _write(unfinished, json.dumps(told).encode())
        unfinished.replace(self.path)
        _settle(self.path.parent)

    def read(self) -> JournalEntry | None:
        """Give the entry, None when no acceptance is unfinished. Raises NotAccepted for one of another content."""
        try:
            told: dict[str, Any] = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        if told["format"] != _FORMAT or told["root"] != str(self.root.resolve()):
            raise refused("other-content", root=told["root"])
        return JournalEntry(
            names=tuple(told["names"]),
            role=told["role"],
            words=told["words"],
            files=tuple(Change(name, _decoded(old), _decoded(new)) for name, old, new in told["files"]),
            head=told["head"],
            decided=told["decided"],
            commit=told["commit"],
        )

    def end(self) -> None:
        """Forget the entry: all is done, or all is as it was."""
        self.path.unlink(missing_ok=True)
        _settle(self.path.parent)

    def prepare(self, files: Sequence[Change]) -> None:
        """Write the new texts beside the files, and keep the old ones beside them; no file changes yet."""
        for each in files:
            path = self.root / each.name
            self.clean([each])
            path.parent.mkdir(parents=True, exist_ok=True)
            if each.after is not None:
                _write(_beside(path, "new"), each.after)
            if each.before is not None:
                if each.after is not None:
                    shutil.copymode(path, _beside(path, "new"))
                _keep(path, _beside(path, "old"))

    def replace(self, file: Change) -> None:
        """Put a prepared file into its place. Raises NotAccepted when somebody has changed it since it was read."""
        path = self.root / file.name
        if _bytes(path) != file.before:
            raise refused("changed-meanwhile", name=file.name)
        if file.after is None:
            path.unlink()
        else:
            _beside(path, "new").replace(path)
        _settle(path.parent)

    def restore(self, files: Sequence[Change]) -> list[str]:
        """Bring files back that have the new text; give the names of those that somebody has changed since.

        Those are left as they are.
        """
        others = []
        for each in files:
            path, old = self.root / each.name, _beside(self.root / each.name, "old")
            now = _bytes(path)
            if now == each.after != each.before:
                if each.before is None:
                    path.unlink()
                elif _bytes(old) == each.before:
                    old.replace(path)
                else:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    self.clean([each])
                    _write(_beside(path, "new"), each.before)
                    _beside(path, "new").replace(path)
            elif now != each.before:
                others.append(each.name)
        self.clean(files)
        return others

    def clean(self, files: Sequence[Change]) -> None:
        """Remove what stands beside files, and folders in which nothing is left."""
        for each in files:
            path = self.root / each.name
            for kind in ("new", "old"):
                _beside(path, kind).unlink(missing_ok=True)
            _remove_empty(path.parent, self.root)


@contextmanager
def alone(state: Path) -> Iterator[int]:
    """Hold the lock of acceptances: one at a time, in all processes. Gives the number of the locked file.

    It is taken before the lock of builds, never after it. Raises NotAccepted at once when another one is at work.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        file = (state / "acceptance.lock").open("w")
    except OSError as error:
        reason = error.strerror or str(error)
        raise refused("state-unwritable", state=state, reason=reason) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise refused("acceptance-running") from error
        yield file.fileno()


def _beside(path: Path, kind: str) -> Path:
    """Give the place beside a file; a content passes over names that begin with a dot."""
    return path.with_name(f".{path.name}.{kind}")


def _write(path: Path, text: bytes) -> None:
    with path.open("xb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _keep(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # a file system without links
        shutil.copy2(path, target)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _settle(folder: Path) -> None:
    """Make renames in a folder outlive a power cut."""
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder not in (root, root / "data") and folder.is_relative_to(root):
        try:
            folder.rmdir()
        except OSError:  # something is in it, or it is gone
            if folder.exists():
                return
        folder = folder.parent


def _coded(text: bytes | None) -> str | None:
    return None if text is None else base64.b64encode(text).decode()


def _decoded(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)

"""The drawer: every proposal as a file of its own below the state folder, from the day it comes until after its end.

``<state>/proposals/<name>.json``, readable by nobody else. A file is written whole or not at all and is replaced by one
rename, so that reading needs no lock; what depends on what is there is done under one lock for all processes.
"""

import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from app.editing.messages import Filling, by_language
from app.editing.proposals import NAME, Event, Head, Proposal, State, from_json, head_from_json, to_json

# The largest proposal (bytes of JSON); so many letters in its title, and in words about it; so many suggestions that
# nobody has answered yet.
MOST_BYTES: Final = 5_000_000
LONGEST_TITLE: Final = 300
LONGEST_WORDS: Final = 10_000
MOST_SUGGESTIONS: Final = 500

_Form = TypeVar("_Form", Head, Proposal)
_UNFINISHED: Final = ".writing-"
_LETTERS: Final = "23456789abcdefghijkmnpqrstuvwxyz"  # in order, without those that are read for another


class DrawerError(Exception):
    """What the drawer cannot do: ``messages`` by language say why, and what to do."""

    def __init__(self, name: str, /, **values: Filling) -> None:
        """Keep the messages of a name; as text it is English."""
        self.messages = by_language(name, **values)
        super().__init__(self.messages["en"])


class NoProposal(DrawerError):
    """There is no proposal of this name."""


class StateChanged(DrawerError):
    """The proposal has come to another state (``state``) than the one that was asked for."""

    def __init__(self, kept: Proposal) -> None:
        """Keep the present state."""
        super().__init__("state-changed", name=kept.name, state=by_language(f"state {kept.state}"))
        self.state = kept.state


class Damaged(DrawerError):
    """The file of a proposal cannot be read."""


@dataclass(slots=True)
class _Folder:
    """What the threads of this process share of a folder: the lock, how often it is held, and the heads seen."""

    threads: threading.RLock = field(default_factory=threading.RLock)
    held: int = 0
    heads: dict[str, tuple[tuple[int, int, int], Head | str]] = field(default_factory=dict)


@cache
def _shared(folder: Path) -> _Folder:  # noqa: ARG001 - one for each
    return _Folder()


def now() -> str:
    """Give the present time as events have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Drawer:
    """The proposals of a state folder. Many processes and threads may use it at once."""

    def __init__(self, state: Path) -> None:
        """Use the folder ``proposals`` of a state folder; it is made when something is put into it."""
        self.folder = state.absolute() / "proposals"
        self._shared = _shared(self.folder)

    def new_name(self) -> str:
        """Give a name that is free: the time (UTC) and six letters that cannot be guessed, in order of time.

        Three letters before them are the fraction of the second: what is sent in one second has an order too.
        """
        while True:
            time, tail = datetime.now(UTC), "".join(secrets.choice(_LETTERS) for _ in range(6))
            name = f"{time:%Y%m%d-%H%M%S}-{_fraction(time.microsecond)}{tail}"
            if not self._path(name).exists():
                return name

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lock of the drawer; others wait. It may be taken again by the thread that holds it."""
        shared = self._shared
        with shared.threads:
            if shared.held:
                yield
                return
            with _told("opened", "åpne"):
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                file = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                shared.held += 1
                for left in self.folder.glob(f"{_UNFINISHED}*"):  # of a process that was killed: we hold the lock
                    left.unlink(missing_ok=True)
                yield
            finally:
                shared.held = 0
                fcntl.flock(file, fcntl.LOCK_UN)  # a process that was forked meanwhile has the file open too
                os.close(file)

    def put(self, proposal: Proposal) -> None:
        """Keep a proposal, in the place of an older form of it. Its history only grows.

        Raises StateChanged when the one that is kept has come further, DrawerError for what is too large, cannot be
        written, or is one suggestion too many.
        """
        text = _checked(proposal)
        with self.lock():
            if self._path(proposal.name).exists():
                kept = self.get(proposal.name)
                if kept.history != proposal.history[: len(kept.history)]:
                    raise StateChanged(kept)
            elif proposal.door == "suggestion":
                waiting = sum(each.door == "suggestion" for each in self.heads({"open"}))
                if waiting >= MOST_SUGGESTIONS:
                    raise DrawerError("suggestions-full", waiting=waiting)
            self._write(proposal.name, text)

    def get(self, name: str) -> Proposal:
        """Give a proposal. Raises NoProposal, or Damaged when its file cannot be read."""
        try:
            found = self._read(name, from_json)
        except FileNotFoundError:
            raise _missing(name) from None
        except (OSError, ValueError) as error:
            raise Damaged("proposal-damaged", name=name, error=error, path=self._path(name)) from error
        return found

    def heads(self, states: Collection[State] | None = None) -> list[Head]:
        """Give what a list tells of the proposals, of all or those in some states, the oldest first.

        Files are read again only when they changed. Those that are damaged are left out: see ``damaged``.
        """
        found = (each for each in self._seen().values() if isinstance(each, Head))
        return [each for each in found if states is None or each.state in states]

    def damaged(self) -> dict[str, str]:
        """Give the names whose files cannot be read, each with what is wrong."""
        return {name: each for name, each in self._seen().items() if isinstance(each, str)}

    def all(self, states: Collection[State] | None = None) -> list[Proposal]:
        """Give the proposals whole, all or those in some states, the oldest first; without those that are damaged."""
        found = []
        for head in self.heads(states):
            try:
                found.append(self.get(head.name))
            except NoProposal:  # gone since
                continue
            except Damaged as error:  # the head alone could be read
                mark, _ = self._shared.heads[head.name]
                self._shared.heads[head.name] = mark, str(error)
        return [each for each in found if states is None or each.state in states]

    def transition(self, name: str, from_states: Collection[State], event: Event, **updates: Any) -> Proposal:
        """Bring a proposal from one of some states to that of an event, at once for all processes; give it.

        ``updates`` are other fields to replace. Raises StateChanged when it is in none of the states: then nothing is
        changed. Raises NoProposal, Damaged and DrawerError as ``get`` and ``put`` do.
        """
        with self.lock():
            kept = self.get(name)
            if kept.state not in from_states:
                raise StateChanged(kept)
            changed = replace(kept, **updates, history=(*kept.history, event))
            self._write(name, _checked(changed))
            return changed

    def add_event(self, name: str, event: Event) -> Proposal:
        """Add an event to the history of a proposal, whatever its state, and give it."""
        with self.lock():
            return self.transition(name, {self.get(name).state}, event)

    def update(self, name: str, **updates: Any) -> Proposal:
        """Replace fields of a proposal (its findings), but for name and history, and give it."""
        with self.lock():
            changed = replace(self.get(name), **updates)
            self.put(changed)
            return changed

    def take(self, proposals: Iterable[Proposal]) -> list[str]:
        """Keep proposals of another drawer, all or none, and give the names of those that were not here yet.

        Raises DrawerError when another proposal of such a name is here.
        """
        wanted = {each.name: (each, _checked(each)) for each in proposals}
        with self.lock():
            there = {name for name in wanted if self._path(name).exists()}
            if others := sorted(name for name in there if self.get(name) != wanted[name][0]):
                names = ", ".join(others)
                raise DrawerError("proposals-differ", names=names)
            new = [name for name in wanted if name not in there]
            try:
                for name in new:
                    self._write(name, wanted[name][1])
            except DrawerError:
                for name in new:
                    self._path(name).unlink(missing_ok=True)
                raise
            return new

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):  # it may come from an address
            raise _missing(name[:100])
        return self.folder / f"{name}.json"

    def _read(self, name: str, form: Callable[[str], _Form]) -> _Form:
        path = self._path(name)
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError("it is too large")
        found = form(data.decode())
        if found.name != name:
            raise ValueError(f"it says that its name is {found.name}")
        return found

    def _write(self, name: str, text: str) -> None:
        """Write a file whole or not at all. Needs the lock."""
        unfinished = self.folder / f"{_UNFINISHED}{name}"
        with _told("kept", "lagre"):
            try:
                with open(unfinished, "xb", opener=_private) as file:
                    file.write(text.encode() + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(self._path(name))
            except OSError:
                with suppress(OSError):
                    unfinished.unlink(missing_ok=True)
                raise
            folder = os.open(self.folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)  # so that the rename too outlives a power cut
            finally:
                os.close(folder)

    def _seen(self) -> dict[str, Head | str]:
        """Give the head of every proposal by name, or what is wrong with its file, in order of name."""
        before, seen = self._shared.heads, {}
        with suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                name = entry.name.removesuffix(".json")
                if entry.name.endswith(".json") and NAME.fullmatch(name):
                    with suppress(FileNotFoundError):
                        about = entry.stat(follow_symlinks=False)
                        mark = (about.st_ino, about.st_mtime_ns, about.st_size)
                        known = before.get(name)
                        seen[name] = known if known and known[0] == mark else (mark, self._head(name))
        self._shared.heads = seen
        return {name: seen[name][1] for name in sorted(seen)}

    def _head(self, name: str) -> Head | str:
        try:
            return self._read(name, head_from_json)
        except (OSError, ValueError) as error:
            return str(error)[:300]


def _fraction(microsecond: int) -> str:
    """Write a fraction of a second as three letters, in order of time, to 31 microseconds."""
    step, base = microsecond * len(_LETTERS) ** 3 // 1_000_000, len(_LETTERS)
    return "".join(_LETTERS[step // base**place % base] for place in (2, 1, 0))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _checked(proposal: Proposal) -> str:
    """Give a proposal as it is kept; raises DrawerError for one that is too large, or holds what cannot be kept."""
    if not NAME.fullmatch(proposal.name):
        raise _missing(proposal.name[:100])
    words = [proposal.note, *(each.words for each in proposal.history)]
    for text, most in [(proposal.title, LONGEST_TITLE), *((each, LONGEST_WORDS) for each in words)]:
        if len(text) > most:
            raise DrawerError("words-too-long", count=len(text), most=most)
    with _readable():
        text = to_json(proposal)
    if (size := len(text.encode())) >= MOST_BYTES:
        raise DrawerError("proposal-too-large", size=size, most=MOST_BYTES)
    with _readable():
        from_json(text)  # nothing is kept that could not be read again
    return text


@contextmanager
def _readable() -> Iterator[None]:
    """Tell what cannot be written, or not be read again, as an error of the drawer."""
    try:
        yield
    except ValueError as error:
        raise DrawerError("proposal-unwritable", error=error) from error


@contextmanager
def _told(en: str, nb: str) -> Iterator[None]:
    """Tell an error of the file system as one of the drawer."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise DrawerError("drawer-refused", reason=reason, deed={"nb": nb, "en": en}) from error


def _missing(name: str) -> NoProposal:
    return NoProposal("no-proposal", name=name)

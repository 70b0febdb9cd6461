"""Work on a content within bounds: in a process of its own that may be ended, and whose end is told in words."""

import functools
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from app.cli.options import Failure
from app.config import Settings
from app.errors import OutOfTime
from app.progress import where, write_notes_to

# So long after the deadline (seconds) a process that has not ended by itself is ended.
_GRACE: Final = 2.0
_NOTES: Final = 65_536
# The exit code by which the child tells that its time was up; nobody else sees it.
_OUT_OF_TIME: Final = 124


def bounded(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command (its first argument the settings) within INNHERRED_BUILD_DEADLINE and INNHERRED_BUILD_MEMORY.

    Time that its option ``--time`` gives to a reasoner comes on top.
    """

    @functools.wraps(command)
    def wrapped(settings: Settings, **options: Any) -> Any:
        with within_bounds(settings, options["seconds"] if options.get("dl") else 0.0):
            return command(settings, **options)

    return wrapped


@contextmanager
def within_bounds(settings: Settings, more: float = 0.0) -> Iterator[None]:
    """Go on in a child process; what it cannot do becomes a Failure. This one waits, and ends as that does.

    A process in which the engine runs already cannot be forked: it goes on itself, without bounds.
    """
    if forked := "pyoxigraph" not in sys.modules:
        _fork(settings, settings.build_deadline + more)
    try:
        yield
    except OutOfTime as error:  # the parent says so
        raise SystemExit(_OUT_OF_TIME) from error
    except MemoryError as error:
        raise Failure(f"{_full(settings)} {error}{where()}") from error
    finally:
        if forked:
            signal.setitimer(signal.ITIMER_REAL, 0)


def holds(settings: Settings, question: Callable[[], bool]) -> bool:
    """Answer a question about a content in a child process within the bounds; False too when that does not end well."""
    if "pyoxigraph" in sys.modules:
        return question()
    try:
        _fork(settings, settings.build_deadline)
    except SystemExit as ended:
        return ended.code == 0
    except Failure:
        return False
    code = 1
    try:
        code = 0 if question() else 1
    finally:
        os._exit(code)


def _full(settings: Settings) -> str:
    return f"Not done: it needs more memory than {settings.build_memory} bytes (INNHERRED_BUILD_MEMORY)."


def _fork(settings: Settings, deadline: float) -> None:
    """Return in a child within its bounds; the parent ends with the child's exit code, or raises a Failure."""
    notes, theirs = os.pipe()
    alive, held = os.pipe()
    if (child := os.fork()) == 0:
        os.close(held)
        write_notes_to(theirs)
        _confine(settings, deadline, alive)
        return
    os.close(theirs)
    os.close(alive)
    # Ctrl+C reaches the child too, which says so.
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended = signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(child, number))
    doing, in_time = _watch(notes, time.monotonic() + deadline + _GRACE)
    if not in_time:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    signal.signal(signal.SIGINT, ignored)
    signal.signal(signal.SIGTERM, ended)
    os.close(notes)
    os.close(held)
    if not in_time or code == _OUT_OF_TIME:
        told = f"Not done: it takes longer than {settings.build_deadline:g} seconds (INNHERRED_BUILD_DEADLINE)."
        raise Failure(told + doing)
    if code in (-signal.SIGSEGV, -signal.SIGBUS):
        raise Failure(f"Not done: the content is nested too deeply.{doing}")
    if code in (-signal.SIGABRT, -signal.SIGKILL):
        raise Failure(f"{_full(settings)} Or it is nested too deeply.{doing}")
    raise SystemExit(code if code >= 0 else 128 - code)


def _confine(settings: Settings, deadline: float, alive: int) -> None:
    """Limit memory, let an alarm end what Python does, and let this process end with its parent."""
    from app.store.worker import end_with_parent

    end_with_parent(alive)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    memory = settings.build_memory if most == resource.RLIM_INFINITY else min(settings.build_memory, most)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["RUST_BACKTRACE"] = "0"

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise OutOfTime

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, deadline)


def _watch(notes: int, until: float) -> tuple[str, bool]:
    """Read the notes of a process until it ends, or until then; give its last one, and whether it ended."""
    last = b""
    while select.select([notes], [], [], max(0.0, until - time.monotonic()))[0]:
        if not (part := os.read(notes, _NOTES)):
            return last.decode(errors="replace"), True
        last = part.rstrip(b"\n").rpartition(b"\n")[2]
    return last.decode(errors="replace"), False

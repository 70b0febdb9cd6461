"""The server's side of the processes that answer queries from outside: each, and the pool of them over one store."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from app.errors import (
    N_,
    AnswerTooLarge,
    DeadlineExceeded,
    GaveWay,
    MemoryExceeded,
    QueryError,
    QueryRefused,
    QuerySyntaxError,
    StackExceeded,
    StoreBroken,
    Unavailable,
)
from app.mediatypes import Format
from app.store import frames
from app.store.forked import Forked, Forks
from app.store.interface import Answer, Limits, Turn
from app.terms import Dataset

# A process that has not opened its store by then (seconds) never will.
START: Final = 30.0
# A process that is busy for longer (seconds; of a client who asks for much) gives way to others by so much, and is
# replaced afterwards. So often it is looked whether a query has to end.
_LONG, _HEAVY = 1.0, 0.2
_NICE: Final = 19
_LOOK: Final = 0.1
# Each arena of the C library's allocator takes 128 MiB of address space, which is limited.
_SET: Final = {"RUST_BACKTRACE": "0", "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "2"}
# What a worker needs of the environment; the rest may hold credentials.
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")
# So long after a process that did not start the next is tried; after so many in a row clients are told.
_PAUSE: Final = 1.0
_TRIES: Final = 3
# So long (seconds) after the last query those are replaced that have answered.
REST: Final = 30.0
_ERRORS: Final = {each.__name__: each for each in (AnswerTooLarge, QueryRefused, StoreBroken, QueryError)}
# What is counted: worker_started, worker_killed (by us), worker_lost (it ended by itself).
Count = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the processes are: how many may be busy, and as many with long queries beside them.

    For a query: seconds, and bytes of address space and stack.
    """

    size: int
    deadline: float
    memory: int
    stack: int


def environment() -> dict[str, str]:
    """Give the environment of a process that answers queries."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ} | _SET


class Worker:
    """The server's side of one process; it has been ``used``, or is ``worn``: of no use for another query."""

    def __init__(self, store: Path, confinement: Confinement, limits: Limits, forks: Forks | None = None) -> None:
        """Start the process, or have it forked; ``wait`` tells when it is ready."""
        self.worn = self.used = False
        self._channel, theirs = socket.socketpair()
        options = {"store": str(store), "channel": theirs.fileno(), **asdict(confinement), "limits": asdict(limits)}
        self.process: subprocess.Popen[bytes] | Forked
        with theirs, contextlib.ExitStack() as on_error:
            on_error.callback(self._channel.close)
            if forks is not None:
                self.process = forks.fork(options, theirs.fileno())
            else:
                self.process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "app.store.worker", json.dumps(options)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    env=environment(),
                )
            on_error.pop_all()

    def wait(self) -> bool:
        """Wait until the store is open; say whether the process is under seccomp. EOFError, TimeoutError, OSError."""
        return bool(frames.receive(self._channel, time.monotonic() + START).document["seccomp"])

    def ask(self, request: dict[str, Any], seconds: float, turn: Turn | None = None) -> frames.Message:
        """Give the reply to a request; EOFError or OSError when the process ends, TimeoutError, GaveWay."""
        now = begun = time.monotonic()
        used = self._processor_time()
        until, late = now + seconds, now + (_HEAVY if turn and turn.heavy else _LONG)
        frames.send(self._channel, request, until=until)
        while now < until and not frames.has_arrived(self._channel, min(now + _LOOK, until)):
            if turn:
                # On a busy machine a process may get next to nothing: what lasts is much too.
                turn.used = max(self._processor_time() - used, time.monotonic() - begun - _LONG)
                if turn.must_end():
                    raise GaveWay
            if (now := time.monotonic()) >= late and not self.worn:
                # Everything else goes before this process: what is quick stays quick. There is no way back.
                with contextlib.suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, self.process.pid, _NICE)
                    self.worn = True
        return frames.receive(self._channel, until)

    def _processor_time(self) -> float:
        """Give the seconds of processor time that the process has used (its clock, clock_getcpuclockid(3))."""
        try:
            return time.clock_gettime((~self.process.pid << 3) | 2)
        except OSError:
            return 0.0

    def exit_code(self) -> int:
        """Give the exit code (minus the signal) of a process whose channel has closed; it may need a moment to end."""
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            return 0

    def end(self) -> None:
        """Kill the process if it runs, and wait for its end."""
        self.process.kill()
        self._channel.close()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()


class _EndedFromOutside(Exception):
    """A process ended for no reason that lies in its query."""


class Workers:
    """A pool over one store. It ends with its last reference: whoever still asks keeps it."""

    def __init__(
        self, store: Path, confinement: Confinement, limits: Limits, count: Count, forks: Forks | None = None
    ) -> None:
        """Start the processes; the first query waits for one to be ready. Those that are forked take their place."""
        self.seccomp: bool | None = None
        self._store, self._confinement, self._limits, self._count = store, confinement, limits, count
        self._changed = threading.Condition()
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._starting = 0
        self._failed = float("-inf")
        self._failures = 0
        self._closed = False
        self._forks, self._kept = forks, False
        self._resting, self._asked = False, 0.0
        self._end = weakref.finalize(self, _end_all, self._all, forks)
        with self._changed:
            self._fill()

    def answer(self, query: str, dataset: Dataset | None, format: Format, turn: Turn | None = None) -> Answer:
        """Answer a query in a process; raises QueryError, GaveWay.

        One that is ended from outside takes nothing of an answer with it, so another is asked, once.
        """
        for _ in range(2):
            with contextlib.suppress(_EndedFromOutside):
                return self._ask(query, dataset, format, turn)
        raise Unavailable(N_("The process that answered the query was ended from outside."))

    def _ask(self, query: str, dataset: Dataset | None, format: Format, turn: Turn | None) -> Answer:
        chosen = dataset or Dataset()
        request = {"query": query, "dataset": (chosen.default, chosen.named), "format": format.media_type}
        worker = self._take()
        kept = False
        try:
            reply = worker.ask(request, self._confinement.deadline, turn)
            kept = not (reply.document["worn"] or worker.worn)
        except GaveWay:
            self._count("worker_killed")
            raise
        except TimeoutError as error:
            self._count("worker_killed")
            raise self._deadline() from error
        except (EOFError, OSError, ValueError, KeyError) as error:
            self._count("worker_lost")
            raise self._ended(worker.exit_code()) from error
        finally:
            self._give_back(worker, kept=kept)
        if "error" in reply.document:
            raise self._error(reply.document)
        return Answer(reply.body, format, float(reply.document["elapsed"]))

    @property
    def in_memory(self) -> bool:
        """Whether new processes are forked from one that has the data in memory."""
        return self._forks is not None and self._forks.ready

    def processes(self) -> list[int]:
        """Give the process ids, of idle ones and busy ones."""
        with self._changed:
            return [worker.process.pid for worker in self._all]

    def close(self) -> None:
        """End all processes, busy ones too."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._end()

    def _take(self) -> Worker:
        until = time.monotonic() + START
        with self._changed:
            while not self._closed:
                self._fill()
                while self._idle:
                    worker = self._idle.pop()
                    if worker.process.poll() is None:
                        return worker
                    self._count("worker_lost")
                    self._replace(worker)
                hopeless = self._failures >= _TRIES and not (self._starting or self._all)
                if hopeless or time.monotonic() > until:
                    break
                self._changed.wait(_PAUSE)
        raise Unavailable(
            N_("No process answers queries just now. If this lasts, INNHERRED_QUERY_MEMORY may be too small.")
        )

    def _give_back(self, worker: Worker, *, kept: bool) -> None:
        with self._changed:
            if kept and not self._closed:
                worker.used = True
                self._idle.append(worker)
                self._changed.notify()
                self._asked = time.monotonic()
                if self._forks is not None and not self._resting:
                    self._resting = True
                    self._wait_to_rest(REST)
                return
            worker.process.kill()  # without waiting for the kernel to take back its memory
            self._replace(worker)

    def _replace(self, worker: Worker) -> None:
        """Start another process for one that is of no use; its end is waited for elsewhere."""
        self._all.discard(worker)
        threading.Thread(target=worker.end, daemon=True).start()
        self._fill()

    def _fill(self) -> None:
        """Start what is missing, in threads of their own. Needs the lock."""
        if self._closed or time.monotonic() - self._failed < _PAUSE:
            return
        # The first by itself: the others, starting beside it, would only make it late.
        while len(self._all) + self._starting < (2 * self._confinement.size + 1 if self._all else 1):
            self._starting += 1
            threading.Thread(target=self._start, daemon=True).start()

    def _start(self) -> None:
        worker = None
        try:
            worker = self._started()
            seccomp = worker.wait()
        except (EOFError, OSError, ValueError, KeyError):
            with self._changed:
                self._starting -= 1
                now = time.monotonic()
                # Those that were started together fail together: that is one try.
                self._failures += now - self._failed > _PAUSE / 2
                self._failed = now
                self._changed.notify_all()
            if worker is not None:
                worker.end()
            return
        self._count("worker_started")
        with self._changed:
            self._starting -= 1
            self._failures = 0
            if not self._closed:
                self.seccomp = seccomp
                self._all.add(worker)
                self._idle.insert(0, worker)
                self._changed.notify()
                self._fill()
                if self._forks is not None and not self._kept:
                    self._kept = True  # now that queries are answered
                    renew = weakref.WeakMethod(self._renew)
                    self._forks.keep(lambda: (found := renew()) and found())
                return
        worker.end()

    def _started(self) -> Worker:
        if self._forks is not None and self.in_memory:
            with contextlib.suppress(OSError):
                return Worker(self._store, self._confinement, self._limits, self._forks)
        return Worker(self._store, self._confinement, self._limits)

    def _renew(self) -> None:
        """Put forked processes in the place of those that read from disk, one after the other; busy ones end first."""
        with self._changed:
            while self._starting:  # these may read from disk yet
                self._changed.wait(_PAUSE)
            old = [worker for worker in self._all if not isinstance(worker.process, Forked)]
            for worker in old:
                worker.worn = True
        for worker in old:
            with self._changed:
                self._starting += 1
            self._start()
            with self._changed:
                if worker in self._idle:
                    self._idle.remove(worker)
                    self._all.discard(worker)
                    threading.Thread(target=worker.end, daemon=True).start()

    def _wait_to_rest(self, seconds: float) -> None:
        rest = weakref.WeakMethod(self._rest)
        timer = threading.Timer(seconds, lambda: (found := rest()) and found())
        timer.daemon = True
        timer.start()

    def _rest(self) -> None:
        """Replace the forked processes that have answered, when nothing was asked for long enough; else wait on.

        What they looked at has become their own: the engine counts in its memory who holds what.
        """
        with self._changed:
            left = self._asked + REST - time.monotonic()
            if left > 0 and not self._closed:
                self._wait_to_rest(left)
                return
            self._resting = False
            for worker in [each for each in self._idle if each.used and isinstance(each.process, Forked)]:
                self._idle.remove(worker)
                self._replace(worker)

    def _deadline(self) -> DeadlineExceeded:
        return DeadlineExceeded(
            N_("The query took longer than %(limit)g seconds (INNHERRED_QUERY_DEADLINE)."),
            N_("Check that its patterns share variables, make them more specific, or ask for a part with LIMIT."),
            limit=self._confinement.deadline,
        )

    def _ended(self, code: int) -> Exception:
        """Tell why a process ended by itself: an allocation that fails aborts, a stack that is full faults."""
        if code == -signal.SIGALRM:
            return self._deadline()
        if code == -signal.SIGABRT:
            return self._memory()
        if code in (-signal.SIGSEGV, -signal.SIGBUS):
            return StackExceeded(
                N_("The query needs a deeper stack than %(limit)d bytes (INNHERRED_QUERY_STACK)."),
                N_("Nest it less: use VALUES or IN instead of many UNION, || or brackets."),
                limit=self._confinement.stack,
            )
        return _EndedFromOutside()

    def _memory(self) -> MemoryExceeded:
        return MemoryExceeded(
            N_("The query needed more than %(limit)d bytes of memory (INNHERRED_QUERY_MEMORY)."),
            N_("Sort, group or build strings over fewer rows: make the patterns more specific first."),
            limit=self._confinement.memory,
        )

    def _error(self, document: dict[str, Any]) -> QueryError:
        if document["error"] == "QuerySyntaxError":
            return QuerySyntaxError(document["message"], document["line"], document["column"])
        if document["error"] == "MemoryExceeded":
            return self._memory()
        return _ERRORS.get(document["error"], QueryError)(document["what"], document["mend"], **document["values"])


def _end_all(workers: set[Worker], forks: Forks | None) -> None:
    if forks is not None:
        forks.close()
    # First all are killed, then the end of each is waited for.
    found = list(workers)
    for worker in found:
        worker.process.kill()
    for worker in found:
        worker.end()
    workers.clear()

"""A process that answers queries from outside, one at a time, and that may be killed: see app.store.workers.

Started as ``python -P -m app.store.worker <JSON>``: standard input is a pipe of the parent's that is never written
to, and ``channel`` the number of a socket on which requests come and answers go.
"""

import contextlib
import fcntl
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.errors import FAILED, QueryError, QuerySyntaxError
from app.mediatypes import GRAPH_FORMATS, RESULT_FORMATS
from app.store import frames, seccomp
from app.store.embedded import EmbeddedStore
from app.store.engine import Spool
from app.store.interface import Limits
from app.terms import Dataset, Iri

_FORMATS: Final = {each.media_type: each for each in (*GRAPH_FORMATS, *RESULT_FORMATS)}
# The parent kills at the deadline; this long after it the kernel does, should the parent be stuck.
_GRACE: Final = 1.0
# What the allocator keeps after a greedy query is not there for the next: above this part of the memory it is the last.
_WORN: Final = 0.5
# No query that was answered so soon (seconds) is greedy.
_QUICK: Final = 0.02


def end_with_parent(pipe: int) -> None:
    """Let the kernel end this process when the other end of a pipe closes, even in the middle of a query."""
    signals = (signal.SIGIO, signal.SIGALRM, signal.SIGTERM)
    for number in signals:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:  # it closed before
        sys.exit(0)


def limit(memory: int, stack: int) -> None:
    """Limit address space and stack (bytes), and leave no core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def run(pipe: int, channel: int, open_store: Callable[[], EmbeddedStore], loaded: int, options: dict[str, Any]) -> None:
    """Confine this process, open the store, say so, then serve; what the store takes (bytes) is beside the limit."""
    end_with_parent(pipe)
    limit(options["memory"] + loaded, options["stack"])
    forbidden = seccomp.forbid()
    with socket.socket(fileno=channel) as connection:
        store = open_store()
        frames.send(connection, {"seccomp": forbidden})
        worn = loaded + options["memory"] * _WORN
        serve(connection, store, Limits(**options["limits"]), deadline=options["deadline"], worn_above=worn)


def serve(channel: socket.socket, store: EmbeddedStore, limits: Limits, *, deadline: float, worn_above: float) -> None:
    """Answer requests until the channel closes."""
    while True:
        try:
            request = frames.receive(channel).document
        except (EOFError, OSError):
            return
        signal.setitimer(signal.ITIMER_REAL, deadline + _GRACE)
        spool = Spool(limits.answer_bytes, in_file=True)
        reply, worn = _answer(store, request, limits, spool)
        signal.setitimer(signal.ITIMER_REAL, 0)
        # What takes much memory takes time, and to look at it would be a fifth of the time of a small answer.
        worn = worn or (reply.get("elapsed", deadline) > _QUICK and address_space() > worn_above)
        with contextlib.closing(spool):
            body, file = (b"", None) if "error" in reply else (spool.body, spool.file)
            frames.send(channel, {**reply, "worn": worn}, body, file)
        if worn:
            return


def _answer(store: EmbeddedStore, request: dict[str, Any], limits: Limits, spool: Spool) -> tuple[dict[str, Any], bool]:
    """Write an answer into the spool; give the reply, and whether this process is of no further use."""
    started = time.perf_counter()
    default, named = (None if graphs is None else tuple(map(Iri, graphs)) for graphs in request["dataset"])
    try:
        store.write(request["query"], Dataset(default, named), _FORMATS[request["format"]], limits, spool)
    except QuerySyntaxError as error:
        where = {"line": error.line, "column": error.column}
        return {"error": "QuerySyntaxError", "message": error.message, **where}, False
    except QueryError as error:
        return {"error": type(error).__name__, "what": error.what, "mend": error.mend, "values": error.values}, False
    except MemoryError:
        return {"error": "MemoryExceeded"}, True
    except BaseException as error:  # noqa: BLE001 - the engine's panics are no Exception; the client is told all the same
        return {"error": "QueryError", "what": FAILED, "mend": "", "values": {"error": str(error)}}, True
    return {"elapsed": time.perf_counter() - started}, False


def address_space() -> int:
    """Give the bytes of address space; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def main() -> None:
    """Serve the store of the options."""
    options = json.loads(sys.argv[1])
    try:
        run(sys.stdin.fileno(), options["channel"], lambda: EmbeddedStore.open(Path(options["store"])), 0, options)
    except OSError as error:
        sys.exit(f"This process cannot serve the store: {error}")


if __name__ == "__main__":
    main()

"""A process that has a generation in memory, from which the processes that answer queries are forked.

Started as ``python -P -m app.store.forkserver <JSON>`` with a listening socket. The engine in memory is two to three
times as fast as on disk, but to read the data in takes seconds: it is done once for all server processes. Nothing but
this one thread runs when it forks. It answers no query and never sees one.
"""

import contextlib
import gc
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, NoReturn, TypeVar, cast

import pyoxigraph as ox

from app.query.library import engine_query
from app.store import worker
from app.store.embedded import EmbeddedStore

_T = TypeVar("_T")
# So many quads of the default graph stand together in memory: one by one its queries would take half as long again.
_BLOCK: Final = 64
# Longest request: the limits of a query process as JSON.
LONGEST: Final = 4096
_CREDENTIALS: Final = struct.Struct("3i")  # process, user, group: unix(7)


def is_own(connection: socket.socket) -> bool:
    """Say whether the other side of a local socket runs as the same user."""
    data = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(data)[1] == os.geteuid())


def read_in(folder: Path) -> ox.Store:
    """Read a store on disk into memory; blank nodes keep their names; OSError when it cannot be read.

    Another process opens it: that has threads. The engine goes through what a term stands in from the newest quad to
    the oldest, whatever graph is asked: so those of the default graph and of the others are there block by block.
    """
    source, sink = os.pipe()
    default = os.memfd_create("default-graph")
    reader = os.fork()
    if reader == 0:
        os.close(source)
        with contextlib.suppress(Exception), os.fdopen(sink, "wb", buffering=1 << 20) as file:
            _write_out(ox.Store.read_only(str(folder)), os.fdopen(default, "wb", buffering=1 << 20), file)
            file.flush()
            os._exit(0)
        os._exit(1)
    os.close(sink)
    store = ox.Store()
    try:
        with os.fdopen(source, "rb", buffering=1 << 20) as rest, os.fdopen(default, "rb", buffering=1 << 20) as first:
            # That the numbers come says that the default graph is there.
            of_default, all_ = map(int, (rest.readline() or b"0 0").split())
            first.seek(0)
            quads, others = ox.parse(first, ox.RdfFormat.N_QUADS), ox.parse(rest, ox.RdfFormat.N_QUADS)
            store.bulk_extend(spread(quads, of_default, others, all_ - of_default))
    except (SyntaxError, ValueError) as error:  # a line that was cut: the reader has ended
        raise OSError(f"{folder} cannot be read") from error
    if os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]):
        raise OSError(f"{folder} cannot be read")
    return store


def spread(first: Iterable[_T], size: int, others: Iterable[_T], others_size: int) -> Iterator[_T]:
    """Give all of two rows of about these sizes, a block of each in turn, so that each stretch has of both."""
    row, rest = iter(first), iter(others)
    given = taken = 0
    while block := list(islice(row, _BLOCK)):
        yield from block
        given += len(block)
        wanted = max(taken, given * others_size // max(size, 1))
        yield from islice(rest, wanted - taken)
        taken = wanted
    yield from rest


def _write_out(store: ox.Store, first: IO[bytes], rest: IO[bytes]) -> None:
    """Write the lines of the default graph, which come first, to one file; then the numbers and the others."""
    size = int(str(EmbeddedStore(store).select(engine_query("engine/default-size")).rows[0]["number"]))
    divided = _Divided(first, size, rest, f"{size} {len(store)}\n".encode())
    store.dump(cast("IO[bytes]", divided), ox.RdfFormat.N_QUADS)


class _Divided:
    """A file of which so many lines go to one file, and all others to another, after a heading."""

    def __init__(self, first: IO[bytes], lines: int, rest: IO[bytes], heading: bytes) -> None:
        self._first, self._left, self._rest, self._heading = first, lines, rest, heading

    def write(self, data: bytes) -> int:
        size, lines = len(data), data.count(b"\n")
        if lines < self._left:
            self._left -= lines
            return self._first.write(data)
        if self._heading:
            end = 0
            for _ in range(self._left):
                end = data.index(b"\n", end) + 1
            self._first.write(data[:end])
            self._first.flush()
            self._rest.write(self._heading)
            self._left, self._heading, data = 0, b"", data[end:]
        self._rest.write(data)
        return size

    def flush(self) -> None:
        """Flush nothing: who reads is told by what comes."""


class ForkServer:
    """Forks a query process for each request, and tells how it ended on the connection that asked for it."""

    def __init__(self, listening: socket.socket, store: ox.Store, size: int) -> None:
        """Take a listening socket, a store in memory, and the bytes of address space that it takes."""
        self._listening, self._store, self._size = listening, store, size
        self._children: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._woken, wake = socket.socketpair()
        wake.setblocking(False)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        for each in (listening, self._woken):
            self._selector.register(each, selectors.EVENT_READ)

    def run(self) -> NoReturn:
        """Serve until the process is ended."""
        while True:
            for key, _ in self._selector.select():
                channel = key.fileobj
                assert isinstance(channel, socket.socket)
                if channel is self._woken:
                    channel.recv(LONGEST)
                    self._reap()
                elif channel is self._listening:
                    connection, _ = channel.accept()
                    if is_own(connection):
                        self._selector.register(connection, selectors.EVENT_READ)
                        with contextlib.suppress(OSError):  # who asked may have gone meanwhile
                            connection.send(b"{}")
                    else:
                        connection.close()
                else:
                    self._selector.unregister(channel)
                    self._take(channel)

    def _take(self, connection: socket.socket) -> None:
        """Fork for a request: JSON, and with it the process's channel and the pipe that ends it."""
        try:
            text, files, _, _ = socket.recv_fds(connection, LONGEST, 2)
        except OSError:
            text, files = b"", []
        if not text or len(files) != 2:
            connection.close()
            return
        try:
            child = os.fork()
        except OSError:
            child = -1
        if child == 0:
            self._become_worker(json.loads(text), connection, *files)
        for file in files:
            os.close(file)
        if child < 0:
            connection.close()
            return
        handle = os.pidfd_open(child)
        self._children[child] = connection
        with contextlib.suppress(OSError):
            socket.send_fds(connection, [json.dumps({"process": child}).encode()], [handle])
        os.close(handle)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                connection = self._children.pop(ended[0])
                with contextlib.suppress(OSError):
                    connection.send(json.dumps({"exit": os.waitstatus_to_exitcode(ended[1])}).encode())
                connection.close()

    def _become_worker(self, options: dict[str, Any], connection: socket.socket, channel: int, life: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # Who watches the fork server is told of its end by the last copy that closes.
            watching = [key.fileobj for key in self._selector.get_map().values()]
            self._selector.close()
            for each in (*watching, self._wake, connection, *self._children.values()):
                assert isinstance(each, socket.socket)
                each.close()
            os.setsid()
            os.dup2(life, 0)
            os.close(life)
            worker.run(0, channel, lambda: EmbeddedStore(self._store), self._size, options)
        finally:
            os._exit(1)


def main() -> None:
    """Read the store, then serve."""
    options = json.loads(sys.argv[1])
    worker.end_with_parent(sys.stdin.fileno())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    before = worker.address_space()
    try:
        store = read_in(Path(options["store"]))
    except OSError as error:  # the server says what is damaged, and answers from disk
        sys.exit(f"Not read into memory: {error}")
    gc.collect()
    gc.freeze()  # what a child does not look at stays shared with it
    size = max(0, worker.address_space() - before)
    ForkServer(socket.socket(fileno=options["listening"]), store, size).run()


if __name__ == "__main__":
    main()

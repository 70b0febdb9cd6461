"""One load of the engine that gets its lines in parts, as they come.

A load for each part would be simpler, but the engine puts all its files in order anew after each of them.
"""

import contextlib
import fcntl
import os
import sys
import threading
from pathlib import Path
from typing import Final

import pyoxigraph as ox

# As of nice(1): what Python does takes longest, since it does one thing at a time.
_PRIORITY: Final = 10
# Bytes that wait in the pipe: enough for the engine to do while other threads have Python's lock.
_ROOM: Final = 1 << 20
# No statement: the load ends without adding anything.
_BROKEN: Final = b"\n!\n"


class BulkLoad:
    """Lines of N-Quads without blank nodes, which the engine would give other labels; ``close`` or ``stop`` it."""

    def __init__(self, engine: ox.Store, path: Path) -> None:
        """Begin the load, in a thread of its own that needs no lock of Python's; path is for a pipe between them."""
        self._error: Exception | None = None
        os.mkfifo(path)
        self._thread = threading.Thread(target=self._load, args=(engine, path), name="feed", daemon=True)
        self._thread.start()
        try:
            self._pipe = os.open(path, os.O_WRONLY)  # waits until the engine has opened it
        finally:
            path.unlink()
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # a system that allows less leaves it as it is
                fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _ROOM)

    def write(self, lines: bytes) -> None:
        """Give whole lines; waits for the engine. Raises what the load met."""
        rest = memoryview(lines)
        try:
            while rest:
                rest = rest[os.write(self._pipe, rest) :]
        except BrokenPipeError:
            self.close()
            raise

    def close(self) -> None:
        """Say that this is all, and wait until it is in the store. Raises what the load met."""
        self._end()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Give up: what was given is not added."""
        with contextlib.suppress(OSError):
            os.write(self._pipe, _BROKEN)
        self._end()

    def _end(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        self._thread.join()

    def _load(self, engine: ox.Store, path: Path) -> None:
        if sys.platform == "linux":  # elsewhere threads, and those that they start, have no priority of their own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PRIORITY)
        try:
            engine.bulk_load(path=path, format=ox.RdfFormat.N_QUADS, lenient=True)
        except Exception as error:  # noqa: BLE001 - raised where somebody waits for it
            self._error = error
            # Should the engine not have come to opening the pipe, the other side still waits for that.
            with contextlib.suppress(OSError):
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))

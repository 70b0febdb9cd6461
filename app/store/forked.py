"""The server's side of the fork server: finding or starting it, and the processes that it forked."""

import contextlib
import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from app.store.forkserver import LONGEST, is_own

# So long (seconds) the fork server may take to answer.
_TELLING: Final = 2.0
# So many seconds after a fork server ended another is looked for, and so often: then there is a reason why it ends.
_AGAIN: Final = 10.0
_TRIES: Final = 100


class Forked:
    """A forked process: of ``subprocess.Popen`` what a pool needs."""

    def __init__(self, connection: socket.socket, options: Mapping[str, Any], channel: int) -> None:
        """Have it forked with the channel on which it is asked; OSError when the fork server has gone."""
        self._connection = connection
        self.returncode: int | None = None
        life, end = os.pipe()
        self.stdin = os.fdopen(end, "wb", buffering=0)
        try:
            socket.send_fds(connection, [json.dumps(options).encode()], [channel, life])
            text, files, _, _ = socket.recv_fds(connection, LONGEST, 1)
            if not files:
                raise ConnectionResetError
        except OSError:
            self.stdin.close()
            connection.close()
            raise
        finally:
            os.close(life)
        self.pid: int = json.loads(text)["process"]
        # A number may be another process's by the time one uses it; a handle may not.
        self._handle = files[0]
        weakref.finalize(self, os.close, self._handle).atexit = False
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Give the exit code (minus the signal), None while it runs, 0 when nobody is left to tell it."""
        return self._told(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; subprocess.TimeoutExpired."""
        if (code := self._told(timeout)) is None:
            raise subprocess.TimeoutExpired("forked", timeout or 0)
        return code

    def kill(self) -> None:
        """Kill it, if it runs."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _told(self, timeout: float | None) -> int | None:
        ended = select.poll()
        ended.register(self._handle, select.POLLIN)  # pidfd_open(2): readable at its end
        if self.returncode is None and not ended.poll(None if timeout is None else 1000 * timeout):
            return None
        with self._lock:
            if self.returncode is None:
                self._connection.settimeout(_TELLING)
                with self._connection:
                    try:
                        text = self._connection.recv(LONGEST)
                    except OSError:
                        text = b""
                self.returncode = json.loads(text)["exit"] if text else 0
        return self.returncode


class Forks:
    """The fork server over one store, shared by the server processes that have the same run."""

    def __init__(self, store: Path, run: str, environment: Mapping[str, str]) -> None:
        """Look for nothing yet."""
        self.ready = False
        self._store, self._environment = store, environment
        name = hashlib.sha256(f"{run} {store}".encode()).hexdigest()[:32]
        self._name = f"\0innherred-{name}"  # an abstract socket (unix(7)): no file is left of it
        self._closed = threading.Event()
        self._started: list[subprocess.Popen[bytes]] = []
        self._watched: list[socket.socket] = []
        self._end = weakref.finalize(self, _end, self._closed, self._started, self._watched)

    def keep(self, on_ready: Callable[[], None]) -> None:
        """Keep one running in a thread of its own, and say when it is ready, each time."""
        threading.Thread(target=_keep, args=(weakref.ref(self), self._closed, on_ready), daemon=True).start()

    def fork(self, options: Mapping[str, Any], channel: int) -> Forked:
        """Have a process forked; OSError."""
        return Forked(self._connect(), options, channel)

    def close(self) -> None:
        """Let go of it. Who started it ends it."""
        self._end()

    def watch(self) -> socket.socket | None:
        """Find it, or start it; give a connection on which it says when it is ready, and which closes with it."""
        connection = self._found()
        self._watched[:] = [connection] if connection else []
        return connection

    def _found(self) -> socket.socket | None:
        with contextlib.suppress(OSError):
            return self._connected()
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with listening, contextlib.suppress(OSError):
            listening.bind(self._name)  # of several that try one may
            listening.listen(128)
            options = json.dumps({"store": str(self._store), "listening": listening.fileno()})
            self._started.append(
                subprocess.Popen(
                    [sys.executable, "-P", "-m", "app.store.forkserver", options],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(listening.fileno(),),
                    start_new_session=True,
                    env=self._environment,
                )
            )
        with contextlib.suppress(OSError):
            return self._connected()
        return None

    def _connected(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(self._name)
            if not is_own(connection):
                raise PermissionError
        except OSError:
            connection.close()
            raise
        return connection

    def _connect(self) -> socket.socket:
        connection = self._connected()
        connection.settimeout(_TELLING)  # one that another process has just started reads for longer
        try:
            if not connection.recv(LONGEST):
                raise ConnectionResetError
        except OSError:
            connection.close()
            raise
        return connection


def _keep(reference: "weakref.ref[Forks]", closed: threading.Event, on_ready: Callable[[], None]) -> None:
    for _ in range(_TRIES):
        if closed.is_set():
            return
        forks = reference()
        if forks is None:
            return
        connection = forks.watch()
        del forks
        if connection is not None:
            with connection, contextlib.suppress(OSError):
                if connection.recv(LONGEST) and (forks := reference()) and not closed.is_set():
                    forks.ready = True
                    del forks
                    on_ready()
                    connection.recv(LONGEST)  # nothing more comes: it has ended
            if forks := reference():
                forks.ready = False
                del forks
        closed.wait(_AGAIN)


def _end(closed: threading.Event, started: list[subprocess.Popen[bytes]], watched: list[socket.socket]) -> None:
    closed.set()
    for connection in watched:  # whoever waits on it need not any more
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
    for process in started:
        process.kill()
        if process.stdin is not None:
            process.stdin.close()
        process.wait()
    started.clear()

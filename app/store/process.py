"""The server's side of one process that answers queries."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from app.store import frames
from app.store.interface import Limits

# A process that has not opened its store by then (seconds) never will.
START: Final = 30.0
# A process that is busy for longer (seconds) gives way to others by so much, and is replaced afterwards.
_LONG: Final = 1.0
_NICE: Final = 19
# Each arena of the C library's allocator takes 128 MiB of address space, which is limited.
_SET: Final = {"RUST_BACKTRACE": "0", "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "2"}
# What a worker needs of the environment; the rest may hold credentials.
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the processes are: how many may be busy, and as many with long queries beside them.

    For a query: seconds, and bytes of address space and stack.
    """

    size: int
    deadline: float
    memory: int
    stack: int


class Worker:
    """The server's side of one process; ``worn`` says that it is of no use for another query."""

    def __init__(self, store: Path, confinement: Confinement, limits: Limits) -> None:
        """Start the process; ``wait`` tells when it is ready."""
        self.worn = False
        self._channel, theirs = socket.socketpair()
        options = {"store": str(store), "channel": theirs.fileno(), **asdict(confinement), "limits": asdict(limits)}
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        with theirs, contextlib.ExitStack() as on_error:
            on_error.callback(self._channel.close)
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "app.store.worker", json.dumps(options)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                env={**environment, **_SET},
            )
            on_error.pop_all()

    def wait(self) -> bool:
        """Wait until the store is open; say whether the process is under seccomp. EOFError, TimeoutError, OSError."""
        return bool(frames.receive(self._channel, time.monotonic() + START).document["seccomp"])

    def ask(self, request: dict[str, Any], seconds: float) -> frames.Message:
        """Give the reply to a request; EOFError or OSError when the process ends, TimeoutError."""
        now = time.monotonic()
        until = now + seconds
        frames.send(self._channel, request, until=until)
        if seconds > _LONG and not frames.has_arrived(self._channel, now + _LONG):
            # Everything else goes before this process: what is quick stays quick. There is no way back.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.process.pid, _NICE)
                self.worn = True
        return frames.receive(self._channel, until)

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

"""Progress on long work: one line a step with the time it took, on standard error."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

# What this process works on, and the file into which it writes that for who watches it (None: nobody does).
_doing = {"step": "", "file": ""}
_watcher: list[int] = []


def write_notes_to(file: int) -> None:
    """Write each note into a file (its number) from now on: who ends this process then knows where it was."""
    _watcher[:] = [file]


def note(**doing: str) -> None:
    """Note the ``step`` or the ``file`` that this process begins to work on."""
    _doing.update(doing)
    for file in _watcher:
        os.write(file, f"{where()}\n".encode(errors="replace"))


def where() -> str:
    """Tell what this process works on, as the end of a message; empty when nothing was noted."""
    step, file = _doing["step"], _doing["file"] and f"in the file {_doing['file']}"
    return f" Where: {', '.join(filter(None, (step, file)))}." if step or file else ""


def file_noted() -> str:
    """Give the name of the file that this process works on; empty when none was noted."""
    return _doing["file"]


class Progress:
    """Tells what is being done; quiet when asked."""

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        """Write to stream, by default standard error."""
        self._quiet = quiet
        self._stream = stream or sys.stderr

    @contextmanager
    def step(self, message: str) -> Iterator[None]:
        """Announce a step and, when it is done, say how long it took (seconds)."""
        note(step=message, file="")
        interactive = not self._quiet and self._stream.isatty()
        if interactive:
            self._stream.write(f"  {message} …\r")
            self._stream.flush()
        started = time.perf_counter()
        yield
        if not self._quiet:
            self._stream.write(f"  {message} … {time.perf_counter() - started:.1f} s\n")
            self._stream.flush()

    def say(self, message: str) -> None:
        """Write a line."""
        if not self._quiet:
            self._stream.write(message + "\n")
            self._stream.flush()

"""Progress on long work: one line a step with the time it took, on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Tells what is being done; quiet when asked."""

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        """Write to stream, by default standard error."""
        self._quiet = quiet
        self._stream = stream or sys.stderr

    @contextmanager
    def step(self, message: str) -> Iterator[None]:
        """Announce a step and, when it is done, say how long it took (seconds)."""
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

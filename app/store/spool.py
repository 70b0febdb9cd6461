"""Where an answer is written: in memory while it is small, then in an anonymous file, never over its cap."""

import os
from typing import Final

from app.errors import AnswerTooLarge

# A larger answer is handed over as a file. Smaller ones go with the reply: that costs fewer system calls.
SMALL: Final = 65_536


class Spool:
    """A file-like object for a serialiser; ``write`` raises AnswerTooLarge. Close it."""

    def __init__(self, cap: int, *, in_file: bool = False) -> None:
        """Take at most cap bytes; with in_file, those over SMALL go to a memfd where the system has it."""
        self.size = 0
        self.file: int | None = None
        self._cap = cap
        self._in_file = in_file and hasattr(os, "memfd_create")
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        """Take data."""
        self.size += len(data)
        if self.size > self._cap:
            raise AnswerTooLarge.over(self._cap)
        if self.file is None:
            self._buffer += data
            if not self._in_file or self.size <= SMALL:
                return len(data)
            self.file = os.memfd_create("answer", os.MFD_CLOEXEC)
        rest = memoryview(bytes(self._buffer) or data)
        self._buffer.clear()
        while rest:
            rest = rest[os.write(self.file, rest) :]
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    @property
    def body(self) -> bytes:
        """What is in memory: all of it, or nothing when it is in the file."""
        return bytes(self._buffer)

    def close(self) -> None:
        """Let go of the file."""
        if self.file is not None:
            os.close(self.file)
            self.file = None

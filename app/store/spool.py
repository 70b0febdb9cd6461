"""Where an answer is written: in memory while it is small, then in an anonymous file, never over its cap."""

import os
from typing import Final

from app.messages import N_
from app.store.interface import AnswerTooLarge

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
            raise AnswerTooLarge(
                N_("The answer is larger than %(limit)d bytes (INNHERRED_ANSWER_BYTES)."),
                N_("Ask for less: fewer variables, a FILTER, or LIMIT and OFFSET."),
                limit=self._cap,
            )
        if self.file is not None:
            _write_all(self.file, data)
            return len(data)
        self._buffer += data
        if self._in_file and self.size > SMALL:
            self.file = os.memfd_create("answer", os.MFD_CLOEXEC)
            _write_all(self.file, self._buffer)
            self._buffer.clear()
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


def _write_all(file: int, data: bytes | bytearray) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]

"""Waiting for what happens in other processes."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def until(condition: Callable[[], object], seconds: float = 600) -> None:
    """Wait until a condition holds; fail after so many seconds, which a busy machine does not need."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.01)


def is_running(process: int) -> bool:
    """Say whether a process of this number runs (one that has ended and was not waited for does not)."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        # The first thread of a killed process may have ended before the others have.
        return state != "Z" or len(list(Path(f"/proc/{process}/task").iterdir())) > 1
    except (ProcessLookupError, FileNotFoundError):
        return False

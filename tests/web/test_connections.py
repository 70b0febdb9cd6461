"""Connections that are cut: what looking at them leaves behind."""

import os
import select
from pathlib import Path

from app.web.connections import cut_stalled


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_to_look_leaves_no_descriptor(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with (tmp_path / "file").open("w"), select.epoll():
        before = descriptors()
        for _ in range(3):
            assert cut_stalled(1, 1.0) == 0
        assert descriptors() == before
    os.close(reading)
    os.close(writing)

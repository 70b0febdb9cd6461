"""Lines in order, each once, however many: sorted runs in files, merged block by block."""

import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from io import StringIO
from itertools import chain, groupby, islice
from pathlib import Path
from typing import IO, Final

# So many lines are sorted in memory (some 120 MB); more of them are a run each.
RUN: Final = 500_000
# So many characters of a run are merged at a time.
_BLOCK: Final = 1 << 20
_PART: Final = 1000


def sorted_lines(lines: Iterable[str], size: int = RUN) -> Iterator[str]:
    """Sort lines in code point order, each once; more than ``size`` of them by way of temporary files."""
    waiting = iter(lines)
    first = list(islice(waiting, size))
    if len(first) < size:
        yield from _unique(first)
        return
    parts = chain([first], iter(lambda: list(islice(waiting, min(size, _PART))), []))
    with tempfile.TemporaryDirectory() as folder:
        yield from sorted_parts(parts, Path(folder), size=size)


def sorted_parts(
    parts: Iterable[list[str]],
    folder: Path,
    written: Callable[[Path], object] | None = None,
    last: Iterable[str] = (),
    *,
    size: int = RUN,
) -> Iterator[str]:
    """Sort lines that come in parts; runs become files in a folder and stay there.

    ``written`` is told of each run as soon as it is in its file. ``last`` is asked for when the parts are at their end,
    and is in no run; all lines of the parts are, or there is no run at all.
    """
    runs: list[Path] = []
    waiting: list[str] = []

    def write() -> None:
        path = folder / f"run-{len(runs)}"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_unique(waiting))
        waiting.clear()
        runs.append(path)
        if written:
            written(path)

    for part in parts:
        waiting.extend(part)
        if len(waiting) >= size:
            write()
    if runs and waiting:
        write()
    waiting.extend(last)
    with ExitStack() as files:
        opened: list[IO[str]] = [files.enter_context(path.open(encoding="utf-8", newline="\n")) for path in runs]
        yield from _merged([*opened, StringIO("".join(_unique(waiting)), newline="\n")]) if runs else _unique(waiting)


def _merged(runs: Iterable[IO[str]]) -> Iterator[str]:
    """Merge sorted runs: a block is read of each, and up to the first last line of one all can be given.

    To sort what is taken, a few sorted stretches, is quicker than comparing the runs line by line.
    """
    blocks = {run: run.readlines(_BLOCK) for run in runs}
    while blocks := {run: block for run, each in blocks.items() if (block := each or run.readlines(_BLOCK))}:
        last = min(block[-1] for block in blocks.values())
        taken: list[str] = []
        for block in blocks.values():
            place = bisect_right(block, last)
            taken += block[:place]
            del block[:place]
        yield from _unique(taken)


def _unique(lines: list[str]) -> Iterator[str]:
    """Sort in place, which is quick where much is sorted already, and give each line once."""
    lines.sort()
    return (line for line, _ in groupby(lines))

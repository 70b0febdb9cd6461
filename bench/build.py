"""Building a large generation: wall time and processor time of each step, memory and size on disk.

    python bench/build.py FOLDER [TRIPLES]

Writes FOLDER/content and FOLDER/state and leaves them: a whole generation but for the dumps, whose time is that of
compression, and the log of changes, which is read from the dumps.
"""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import graph

from app.build import builder
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress


class Timed(Progress):
    """Progress that prints the processor time of each step too."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{name:16} {wall:7.1f} s, processor {cpu:7.1f} s", flush=True)


def main() -> None:
    """Run it."""
    folder, triples = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    graph.write(folder / "content", triples)
    builder.write_dumps = lambda place, *_rest: place.mkdir()
    builder.record_changes = lambda *_all: None
    settings = Settings(content=folder / "content", state=folder / "state")
    begun, used = time.perf_counter(), time.process_time()
    found = builder.build(Content.open(settings.content), settings, as_of=None, progress=Timed())
    size = sum(path.stat().st_size for path in found.path.rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter() - begun, time.process_time() - used
    print(f"{triples:,} triples: {wall:.1f} s, processor {cpu:.1f} s; {memory:,.0f} MB, {size / 1e6:,.0f} MB on disk")


if __name__ == "__main__":
    main()

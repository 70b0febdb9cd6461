"""The default graph as files to load: the lines of some named graphs, without the graphs' names."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final

from app.terms import Iri

# Lines of a file: the engine puts its files in order anew after each, but can be ended only after one.
_PART: Final = 3_400_000
# Bytes of the lines that are looked at together.
_BLOCK: Final = 1 << 20
_END: Final = b" .\n"


def default_parts(path: Path, graphs: Iterable[Iri], blank: list[bytes], size: int = _PART) -> Iterator[Path]:
    """Write the lines of canonical N-Quads that are in some graphs as N-Triples: one file or more beside ``path``.

    A file is given when it is written. Those with blank nodes are in ``blank`` at the end instead.
    """
    ends = {f" <{graph}> .\n".encode() for graph in graphs}
    number = 0
    with path.open("rb") as source:
        block = source.readlines(_BLOCK)
        while block or not number:
            number += 1
            part = path.with_suffix(f".default-{number}.nt")
            lines = 0
            with part.open("wb") as target:
                while block and lines < size:
                    lines += len(block)
                    _write(block, ends, target, blank)
                    block = source.readlines(_BLOCK)
            yield part


def _write(block: list[bytes], ends: set[bytes], target: IO[bytes], blank: list[bytes]) -> None:
    text = b"".join(block)
    end = _end(block[0])
    if end in ends and b"_:" not in text and text.count(end) == len(block):  # in one graph: nothing to look at by line
        target.write(text.replace(end, _END))
        return
    for line in block:
        if (end := _end(line)) in ends:
            triple = line.removesuffix(end) + _END
            if triple.startswith(b"_:") or triple.split(b" ", 2)[2].startswith(b"_:"):
                blank.append(triple)
            else:
                target.write(triple)


def _end(line: bytes) -> bytes:
    # What stands after the last " <" is the graph: no IRI and no escape holds that.
    return line[line.rindex(b" <") :]

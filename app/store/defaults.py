"""The lines of the default graph: those of some named graphs, without the graphs' names."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from app.terms import Iri

# Bytes of the lines that are looked at together.
_BLOCK: Final = 1 << 20
_END: Final = b" .\n"


def default_lines(path: Path, graphs: Iterable[Iri], blank: list[bytes]) -> Iterator[bytes]:
    """Give the lines of canonical N-Quads that are in some graphs as N-Triples, in blocks.

    Those with blank nodes are in ``blank`` at the end instead.
    """
    ends = {f" <{graph}> .\n".encode() for graph in graphs}
    with path.open("rb") as source:
        while block := source.readlines(_BLOCK):
            yield _triples(block, ends, blank)


def _triples(block: list[bytes], ends: set[bytes], blank: list[bytes]) -> bytes:
    text = b"".join(block)
    end = _end(block[0])
    if end in ends and b"_:" not in text and text.count(end) == len(block):  # in one graph: nothing to look at by line
        return text.replace(end, _END)
    found = []
    for line in block:
        if (end := _end(line)) in ends:
            triple = line.removesuffix(end) + _END
            if triple.startswith(b"_:") or triple.split(b" ", 2)[2].startswith(b"_:"):
                blank.append(triple)
            else:
                found.append(triple)
    return b"".join(found)


def _end(line: bytes) -> bytes:
    # What stands after the last " <" is the graph: no IRI and no escape holds that.
    return line[line.rindex(b" <") :]

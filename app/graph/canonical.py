"""One text for one graph: canonical N-Quads (RDFC-1.0) for dumps and digest; Turtle for files is app.graph.turtle."""

import hashlib
import heapq
import tempfile
from collections.abc import Container, Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from app.namespaces import RDF_TYPE
from app.store.engine import triple_from_engine
from app.terms import BlankNode, Iri, Triple, n3

Quad = tuple[Triple, Iri | None]

_CHUNK: Final = 500_000


def line(triple: Triple, graph: Iri | None) -> str:
    """Give the canonical N-Quads line of a quad (blank node labels as they are)."""
    subject, predicate, value = triple
    place = f" {n3(graph)}" if graph is not None else ""
    return f"{n3(subject)} {n3(predicate)} {n3(value)}{place} .\n"


def canonical_lines(quads: Iterable[Quad | str]) -> Iterator[str]:
    """Give the canonical N-Quads of a dataset line by line, sorted in code point order, each once.

    A text among the quads is a canonical line already, without blank nodes.

    Blank nodes are labelled by RDFC-1.0, whose labels depend on no quad without a blank node: only the others
    are held in memory together.
    """
    blank: list[str] = []

    def ground() -> Iterator[str]:
        for quad in quads:
            if isinstance(quad, str):
                yield quad
                continue
            triple, graph = quad
            text = line(triple, graph)
            if isinstance(triple[0], BlankNode) or isinstance(triple[2], BlankNode):
                blank.append(text)
            else:
                yield text

    # The first iterable is read to its end before the second is asked for.
    yield from sorted_lines(part for parts in (ground(), _labelled(blank)) for part in parts)


def merged_lines(path: Path, quads: Iterable[Quad]) -> None:
    """Add quads to a file of canonical N-Quads; blank nodes are those of the file."""
    added = sorted_lines(line(triple, graph) for triple, graph in quads)
    target = path.with_suffix(".part")
    with path.open(encoding="utf-8", newline="\n") as source, target.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(heapq.merge(source, added))
    target.replace(path)


def _labelled(lines: list[str]) -> Iterator[str]:
    if lines:
        dataset = ox.Dataset(ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        text = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
        yield from text.decode().splitlines(keepends=True)


def sorted_lines(lines: Iterable[str], size: int = _CHUNK) -> Iterator[str]:
    """Sort lines, each once; more than ``size`` of them by way of temporary files."""
    with ExitStack() as files:
        runs: list[Iterable[str]] = []
        chunk: list[str] = []

        def spill() -> None:
            run = files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n"))
            run.writelines(sorted(set(chunk)))
            run.seek(0)
            runs.append(run)
            chunk.clear()

        for text in lines:
            chunk.append(text)
            if len(chunk) >= size:
                spill()
        last = ""
        for text in heapq.merge(*runs, sorted(set(chunk))):
            if text != last:
                yield text
            last = text


def digest(as_of: date, lines: Iterable[str]) -> str:
    """Give the SHA-256 (hex) of the as-of date and canonical N-Quads."""
    total = hashlib.sha256(f"{as_of.isoformat()}\n".encode())
    for text in lines:
        total.update(text.encode())
    return total.hexdigest()


def quads(text: str) -> list[Quad]:
    """Give the quads of a text of N-Quads; blank node labels stay."""
    return [
        (triple_from_engine(quad), Iri(quad.graph_name.value) if isinstance(quad.graph_name, ox.NamedNode) else None)
        for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS)
    ]


def described(path: Path, graphs: Container[Iri]) -> Iterator[Triple]:
    """Give the triples of some graphs in a file of canonical N-Quads that describe things, in its order.

    Those are the ones with a literal, and ``rdf:type``. One that several graphs hold comes several times.
    """
    inside: dict[object, bool] = {}
    for quad in ox.parse(path=path, format=ox.RdfFormat.N_QUADS, lenient=True):
        if not isinstance(quad.object, ox.Literal) and quad.predicate.value != RDF_TYPE:
            continue
        graph = quad.graph_name
        if (wanted := inside.get(graph)) is None:
            wanted = inside[graph] = isinstance(graph, ox.NamedNode) and Iri(graph.value) in graphs
        if wanted:
            yield triple_from_engine(quad)


def quads_of(path: Path) -> Iterator[Quad]:
    """Give the quads of a file of N-Quads whose graphs all have names; blank node labels stay."""
    with path.open("rb") as stream:
        for quad in ox.parse(stream, format=ox.RdfFormat.N_QUADS):
            yield triple_from_engine(quad), Iri(quad.graph_name.value)

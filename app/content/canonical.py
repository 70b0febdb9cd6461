"""One text for one graph: canonical N-Quads (RDFC-1.0) for dumps and digest; Turtle for files is in ``turtle``."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from app.content.sorting import sorted_lines
from app.namespaces import RDF_TYPE
from app.progress import file_noted, note
from app.store.engine import quad_from_engine
from app.terms import BlankNode, Iri, Literal, Quad, Subject, Term, Triple, n3, unescape

_PART: Final = 1 << 20
_TYPE: Final = f"<{RDF_TYPE}>"


def canonical_line(triple: Triple, graph: Iri | None) -> str:
    """Give the canonical N-Quads line of a quad (blank node labels as they are)."""
    subject, predicate, value = triple
    place = f" {n3(graph)}" if graph is not None else ""
    return f"{n3(subject)} {n3(predicate)} {n3(value)}{place} .\n"


def canonical_lines(quads: Iterable[Quad | list[str]]) -> Iterator[str]:
    """Give the canonical N-Quads of a dataset line by line, sorted in code point order, each once."""
    blank: list[str] = []
    # The second is asked for when the first is at its end.
    return sorted_lines(chain(chain.from_iterable(ground_parts(quads, blank)), blank))


def ground_parts(quads: Iterable[Quad | list[str]], blank: list[str]) -> Iterator[list[str]]:
    """Give the canonical lines of a dataset in parts, not sorted; those with blank nodes are in ``blank`` at the end.

    A list among the quads is of canonical lines already, without blank nodes.

    Blank nodes are labelled by RDFC-1.0, whose labels depend on no quad without a blank node: only the others
    are held in memory together.
    """
    unlabelled: list[str] = []
    files: Counter[str] = Counter()
    for quad in quads:
        if isinstance(quad, list):
            yield quad
            continue
        triple, graph = quad
        text = canonical_line(triple, graph)
        if isinstance(triple[0], BlankNode) or isinstance(triple[2], BlankNode):
            unlabelled.append(text)
            files[file_noted()] += 1
        else:
            yield [text]
    if unlabelled:
        note(step="name blank nodes (RDFC-1.0)", file=files.most_common(1)[0][0])
        dataset = ox.Dataset(ox.parse("".join(unlabelled), format=ox.RdfFormat.N_QUADS))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        written = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
        blank += [f"{text}\n" for text in written.decode().split("\n")[:-1]]


def merged_lines(path: Path, quads: Iterable[Quad]) -> None:
    """Add quads to a file of canonical N-Quads; blank nodes are those of the file."""
    added = sorted_lines(canonical_line(triple, graph) for triple, graph in quads)
    target = path.with_suffix(".part")
    with path.open(encoding="utf-8", newline="\n") as source, target.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(heapq.merge(source, added))
    target.replace(path)


def digest(as_of: date, path: Path) -> str:
    """Give the SHA-256 (hex) of the as-of date and a file of canonical N-Quads."""
    total = hashlib.sha256(f"{as_of.isoformat()}\n".encode())
    with path.open("rb") as file:
        for part in iter(partial(file.read, _PART), b""):
            total.update(part)
    return total.hexdigest()


def parse_quads(text: str) -> list[Quad]:
    """Give the quads of a text of N-Quads; blank node labels stay."""
    return list(map(quad_from_engine, ox.parse(text, format=ox.RdfFormat.N_QUADS)))


def described(path: Path, graphs: Iterable[Iri]) -> Iterator[Triple]:
    """Give the triples of some graphs in a file of canonical N-Quads that describe things, in its order.

    Those are the ones with a literal, ``rdf:type``, and the first of a part of a document (``<iri#…>``), so that each
    of these is there. One that several graphs hold comes several times.
    """
    ends = {f" <{graph}> .\n" for graph in graphs}
    before, thing = "", _resource("<>")
    with path.open(encoding="utf-8", newline="\n") as file:
        for text in file:
            # Canonical N-Quads have one space between terms, and no other outside of literals.
            subject, predicate, rest = text.split(" ", 2)
            if rest[0] != '"' and predicate != _TYPE and (subject == before or "#" not in subject):
                continue
            end = rest.rindex(" <")
            if rest[end:] in ends:
                if subject != before:
                    before, thing = subject, _resource(subject)
                yield thing, Iri(predicate[1:-1]), _term(rest[:end])


def distinct_subjects(path: Path, graphs: Iterable[Iri]) -> tuple[int, int]:
    """Count the subjects of some graphs in a file of canonical N-Quads, where lines of one stand together.

    Gives how many there are, and how many of them are IRIs.
    """
    ends = {f" <{graph}> .\n" for graph in graphs}
    counted, everything, iris = "", 0, 0
    with path.open(encoding="utf-8", newline="\n") as file:
        for text in file:
            subject = text[: text.index(" ")]
            if subject != counted and text[text.rindex(" <") :] in ends:
                counted = subject
                everything += 1
                iris += subject[0] == "<"
    return everything, iris


def _resource(text: str) -> Subject:
    return Iri(text[1:-1]) if text[0] == "<" else BlankNode(text[2:])


def _term(text: str) -> Term:
    if text[0] != '"':
        return _resource(text)
    close = text.rindex('"')
    value, kind = text[1:close], text[close + 1 :]
    if "\\" in value:
        value = unescape(value)
    if not kind:
        return Literal(value)
    return Literal(value, kind[1:]) if kind[0] == "@" else Literal(value, None, Iri(kind[3:-1]))

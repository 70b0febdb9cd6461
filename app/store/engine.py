"""Terms, quads, formats and syntax errors to and from pyoxigraph, and where its serialisers write an answer."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from app import mediatypes
from app.errors import AnswerTooLarge, QueryError, QuerySyntaxError
from app.mediatypes import Format
from app.namespaces import LABEL_PROPERTIES, RDF_TYPE
from app.store import jsonld
from app.terms import BlankNode, Iri, Literal, Quad, Subject, Term, Triple

OxTerm = ox.NamedNode | ox.BlankNode | ox.Literal

RDF_FORMATS: Final = {
    mediatypes.TURTLE: ox.RdfFormat.TURTLE,
    mediatypes.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    mediatypes.JSON_LD: ox.RdfFormat.JSON_LD,
    mediatypes.RDF_XML: ox.RdfFormat.RDF_XML,
    mediatypes.N_QUADS: ox.RdfFormat.N_QUADS,
    mediatypes.TRIG: ox.RdfFormat.TRIG,
}
RESULT_FORMATS: Final = {
    mediatypes.RESULTS_JSON: ox.QueryResultsFormat.JSON,
    mediatypes.RESULTS_XML: ox.QueryResultsFormat.XML,
    mediatypes.RESULTS_CSV: ox.QueryResultsFormat.CSV,
    mediatypes.RESULTS_TSV: ox.QueryResultsFormat.TSV,
}
# What is told first of a thing.
_ABOUT: Final = {each: place for place, each in enumerate((RDF_TYPE, *LABEL_PROPERTIES))}
_NO_PREFIX: Final = "Prefix not found"
_POSITION: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def to_engine(term: Term) -> OxTerm:
    """Turn a term into the engine's."""
    if isinstance(term, Iri):
        return ox.NamedNode(str(term))
    if isinstance(term, BlankNode):
        return ox.BlankNode(str(term))
    if term.language is not None:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(str(term.datatype)))


def quad_to_engine(triple: Triple, graph: Iri | None) -> ox.Quad:
    """Turn a triple in a graph (None: the default graph) into the engine's quad."""
    subject, predicate, value = triple
    return ox.Quad(
        ox.NamedNode(str(subject)) if isinstance(subject, Iri) else ox.BlankNode(str(subject)),
        ox.NamedNode(str(predicate)),
        to_engine(value),
        ox.DefaultGraph() if graph is None else ox.NamedNode(str(graph)),
    )


def from_engine(term: object) -> Term:
    """Turn the engine's term into a plain value; TypeError for a triple term."""
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if isinstance(term, ox.BlankNode):
        return BlankNode(term.value)
    if isinstance(term, ox.Literal):
        return Literal(term.value, term.language, Iri(term.datatype.value))
    raise TypeError(f"not a term of RDF 1.1: {term!r}")


def triple_from_engine(triple: ox.Triple | ox.Quad) -> Triple:
    """Turn the engine's triple into a plain one."""
    subject, predicate = from_engine(triple.subject), from_engine(triple.predicate)
    if isinstance(subject, Literal) or not isinstance(predicate, Iri):
        raise TypeError(f"not a triple of RDF 1.1: {triple!r}")
    return subject, predicate, from_engine(triple.object)


def quad_from_engine(quad: ox.Quad) -> Quad:
    """Turn the engine's quad into a triple and its graph."""
    graph = quad.graph_name
    return triple_from_engine(quad), Iri(graph.value) if isinstance(graph, ox.NamedNode) else None


def refuse_format(format: Format, *, is_graph: bool) -> None:
    """Raise QueryError when a graph, or a table of results, cannot be written in a format."""
    if format not in (RDF_FORMATS if is_graph else RESULT_FORMATS):
        what = "A graph" if is_graph else "A table of results"
        raise QueryError(f"{what} cannot be written as {format.media_type}.")


def serialize(triples: Iterable[Triple], format: Format, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write triples in a graph format, each once, with those of the prefixes that shorten something."""
    if format == mediatypes.JSON_LD:
        return jsonld.json_ld(triples, prefixes or {})
    if format == mediatypes.TURTLE:
        triples = reading_order(triples)
    unique = dict.fromkeys(quad_to_engine(triple, None).triple for triple in triples)
    written = ox.serialize(unique, format=RDF_FORMATS[format], prefixes=_used(unique, prefixes or {})) or b""
    if format is not mediatypes.TURTLE:
        return written
    # The engine writes the prefix lines in another order in each process; one ETag must be one text.
    lines = written.split(b"\n")
    head = next((i for i, line in enumerate(lines) if not line.startswith(b"@prefix ")), len(lines))
    return b"\n".join(sorted(lines[:head]) + lines[head:])


def reading_order(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Give triples as a person reads them: all of a subject together, what it is and is called first.

    The first subject stays first, others as they come; blank nodes and parts (``<iri#…>``) follow what has them.
    """
    by_subject: dict[Subject, list[Triple]] = {}
    for triple in triples:
        by_subject.setdefault(triple[0], []).append(triple)
    done: set[Subject] = set()
    for first in by_subject:
        waiting: list[Subject] = [first]
        while waiting:
            subject = waiting.pop()
            if subject in done:
                continue
            done.add(subject)
            ordered = sorted(by_subject[subject], key=lambda triple: _ABOUT.get(triple[1], len(_ABOUT)))
            yield from ordered
            own = (value for _, _, value in reversed(ordered) if not isinstance(value, Literal) and value in by_subject)
            waiting += [each for each in own if isinstance(each, BlankNode) or each.startswith(f"{subject}#")]


def _used(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Give the prefixes that the triples use, in order of name."""
    iris: set[str] = set()
    for triple in triples:
        iris.update(term.value for term in triple if isinstance(term, ox.NamedNode))
        if isinstance(triple.object, ox.Literal):
            iris.add(triple.object.datatype.value)
    spaces = {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in iris}
    return {prefix: namespace for prefix, namespace in sorted(prefixes.items()) if namespace in spaces}


def syntax_error(error: SyntaxError) -> QuerySyntaxError:
    """Turn the engine's message into ours, with line and column where it tells them."""
    text = str(error)
    if match := _POSITION.match(text):
        line, column, message = match.groups()
        # Of this the engine tells all letters too that a name could have gone on with.
        plain = _NO_PREFIX if _NO_PREFIX in message else " ".join(message.split())
        return QuerySyntaxError(plain, int(line), int(column))
    return QuerySyntaxError(" ".join(text.split()))


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

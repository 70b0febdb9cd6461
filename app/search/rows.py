"""What goes into the search index: one row for each thing of the default graph, and the values of facets."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from app.namespaces import DCTERMS_IDENTIFIER, LABEL_PROPERTIES, PREFIXES, RDF_TYPE
from app.query.files import QueryFile
from app.query.library import Library
from app.store.interface import Store
from app.terms import XSD_STRING, Iri, Literal, Triple

_LABELS: Final = frozenset(LABEL_PROPERTIES)
_NAMES: Final = frozenset(
    (
        Iri(PREFIXES["skos"] + "altLabel"),
        Iri(PREFIXES["skos"] + "hiddenLabel"),
        Iri(PREFIXES["skos"] + "notation"),
        DCTERMS_IDENTIFIER,
    )
)
# A longer text is no value to choose: it would not fit into an address.
_LONGEST_VALUE: Final = 200


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A thing: its kind (the part of its IRI after ``id/``, None outside), classes, labels, other names, texts."""

    iri: str
    kind: str | None
    classes: tuple[str, ...]
    labels: tuple[Literal, ...]
    names: tuple[str, ...]
    texts: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class FacetRows:
    """A facet: its name, and pairs of a thing's IRI and a value (IRI or text)."""

    name: str
    pairs: Iterable[tuple[str, str]]


def kind_of(iri: str, base: str) -> str | None:
    """Give the kind of a thing of the base (``base/id/<kind>/<slug>``), None for any other IRI and for its parts."""
    rest = iri.removeprefix(base + "id/")
    kind, slash, slug = rest.partition("/")
    return kind if rest != iri and slash and kind and slug and "#" not in slug else None


def rows(triples: Iterable[Triple], base: str) -> Iterator[IndexRow]:
    """Give a row for each thing of the base, and for every other IRI that has a label.

    The triples are those of the default graph sorted by subject; one may come twice.
    """
    for thing, group in groupby(triples, key=itemgetter(0)):
        if isinstance(thing, Iri):
            row = _row(str(thing), kind_of(thing, base), group)
            if row.kind or row.labels:
                yield row


def last_things(store: Store, library: Library) -> Iterator[str]:
    """Ask what a search gives after all others."""
    rows_ = store.select(library.last.text).rows if library.last else []
    yield from (str(row["thing"]) for row in rows_ if "thing" in row)


def facet_rows(store: Store, library: Library) -> Iterator[FacetRows]:
    """Ask each facet's query, in order of the files."""
    for name, file in library.facets.items():
        yield FacetRows(name, _pairs(store, file))


def _pairs(store: Store, file: QueryFile) -> Iterator[tuple[str, str]]:
    for row in store.select(file.text).rows:
        thing, value = row.get("thing"), row.get("value")
        if isinstance(thing, Iri) and isinstance(value, (Iri, Literal)):
            text = str(value) if isinstance(value, Iri) else value.value.strip()
            if text and (isinstance(value, Iri) or len(text) <= _LONGEST_VALUE):
                yield str(thing), text


def _row(iri: str, kind: str | None, statements: Iterable[Triple]) -> IndexRow:
    labels, names, texts, classes = set[Literal](), set[str](), set[Literal](), set[str]()
    for _, predicate, value in statements:
        if isinstance(value, Literal):
            if predicate in _LABELS:
                labels.add(value)
            elif predicate in _NAMES:
                names.add(value.value)
            elif value.language or value.datatype == XSD_STRING:
                texts.add(value)
        elif isinstance(value, Iri) and predicate == RDF_TYPE:
            classes.add(str(value))
    return IndexRow(iri, kind, tuple(sorted(classes)), _sorted(labels), tuple(sorted(names)), _sorted(texts))


def _sorted(literals: Collection[Literal]) -> tuple[Literal, ...]:
    if len(literals) < 2:
        return tuple(literals)
    return tuple(sorted(literals, key=lambda each: (each.language or "", each.value)))

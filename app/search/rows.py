"""What goes into the search index: one row for each thing of the default graph."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Final

from app.namespaces import DCTERMS_IDENTIFIER, LABEL_PROPERTIES, PREFIXES, RDF_TYPE
from app.terms import XSD_STRING, Iri, Literal, Triple

_NAMES: Final = (
    Iri(PREFIXES["skos"] + "altLabel"),
    Iri(PREFIXES["skos"] + "hiddenLabel"),
    Iri(PREFIXES["skos"] + "notation"),
    DCTERMS_IDENTIFIER,
)


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A thing: its kind (the part of its IRI after ``id/``, None outside), classes, labels, other names, texts."""

    iri: str
    kind: str | None
    classes: tuple[str, ...]
    labels: tuple[Literal, ...]
    names: tuple[str, ...]
    texts: tuple[str, ...]


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


def _row(iri: str, kind: str | None, statements: Iterable[Triple]) -> IndexRow:
    labels: dict[Literal, None] = {}
    names: dict[str, None] = {}
    texts: dict[str, None] = {}
    classes: dict[str, None] = {}
    for _, predicate, value in statements:
        if isinstance(value, Iri):
            if predicate == RDF_TYPE:
                classes[str(value)] = None
        elif isinstance(value, Literal):
            if predicate in LABEL_PROPERTIES:
                labels[value] = None
            elif predicate in _NAMES:
                names[value.value] = None
            elif value.language or value.datatype == XSD_STRING:
                texts[value.value] = None
    ordered = sorted(labels, key=lambda each: (each.language or "", each.value))
    return IndexRow(iri, kind, tuple(sorted(classes)), tuple(ordered), tuple(sorted(names)), tuple(sorted(texts)))

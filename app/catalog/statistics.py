"""VoID statistics of the default graph, and the size of each named graph (VoID §4, SPARQL 1.1 SD)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.namespaces import PREFIXES, RDF_TYPE
from app.query.binding import bind
from app.store.interface import Store
from app.terms import XSD, Iri, Literal, Triple

_VOID: Final = PREFIXES["void"]
_SD: Final = PREFIXES["sd"]
_OBJECTS: Final = "SELECT (COUNT(DISTINCT ?o) AS ?n) WHERE { ?s ?p ?o }"
_SIZE: Final = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?graph { ?s ?p ?o } }"
_CLASSES: Final = "SELECT ?t (COUNT(?s) AS ?n) WHERE { ?s a ?t } GROUP BY ?t HAVING(isIRI(?t)) ORDER BY ?t"
_PROPERTIES: Final = "SELECT ?t (COUNT(*) AS ?n) WHERE { ?s ?t ?o } GROUP BY ?t ORDER BY ?t"


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of the default graph by VoID's names, instances of classes, triples of properties and graphs."""

    totals: dict[str, int]
    classes: dict[Iri, int]
    properties: dict[Iri, int]
    graphs: dict[Iri, int]

    def triples(self, dataset: Iri, base: str) -> Iterator[Triple]:
        """Describe the dataset: totals, partitions with IRIs of their own, named graphs."""
        yield dataset, RDF_TYPE, Iri(_VOID + "Dataset")
        yield dataset, RDF_TYPE, Iri(_SD + "Dataset")
        for name, number in self.totals.items():
            yield dataset, Iri(_VOID + name), _integer(number)
        for term, number in self.classes.items():
            part = _part(base, "class", term)
            yield dataset, Iri(_VOID + "classPartition"), part
            yield part, RDF_TYPE, Iri(_VOID + "Dataset")
            yield part, Iri(_VOID + "class"), term
            yield part, Iri(_VOID + "entities"), _integer(number)
        for term, number in self.properties.items():
            part = _part(base, "property", term)
            yield dataset, Iri(_VOID + "propertyPartition"), part
            yield part, RDF_TYPE, Iri(_VOID + "Dataset")
            yield part, Iri(_VOID + "property"), term
            yield part, Iri(_VOID + "triples"), _integer(number)
        for graph, number in self.graphs.items():
            named = _part(base, "graph", graph)
            yield dataset, Iri(_SD + "namedGraph"), named
            yield named, RDF_TYPE, Iri(_SD + "NamedGraph")
            yield named, Iri(_SD + "name"), graph
            yield named, Iri(_SD + "graph"), graph
            yield graph, RDF_TYPE, Iri(_SD + "Graph")
            yield graph, Iri(_VOID + "triples"), _integer(number)


def count(store: Store, subjects: int, entities: int, graphs: dict[Iri, int]) -> Statistics:
    """Count what is in the default graph of a store.

    What is known is given: how many distinct subjects there are, how many of them are IRIs, and the sizes of the named
    graphs. The engine needs long to count subjects.
    """
    classes = _counts(store, _CLASSES)
    properties = _counts(store, _PROPERTIES)
    totals = {
        "triples": sum(properties.values()),
        "entities": entities,
        "distinctSubjects": subjects,
        "distinctObjects": _number(store, _OBJECTS),
        "classes": len(classes),
        "properties": len(properties),
    }
    return Statistics(totals, classes, properties, graphs)


def size(store: Store, graph: Iri) -> int:
    """Count the triples of a named graph."""
    return _number(store, bind(_SIZE, {"graph": graph}))


def _number(store: Store, query: str) -> int:
    return int(str(store.select(query).rows[0]["n"]))


def _counts(store: Store, query: str) -> dict[Iri, int]:
    return {Iri(str(row["t"])): int(str(row["n"])) for row in store.select(query).rows if "t" in row}


def _part(base: str, kind: str, term: Iri) -> Iri:
    return Iri(f"{base}.well-known/void#{kind}-{hashlib.sha256(term.encode()).hexdigest()[:12]}")


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=Iri(XSD + "integer"))

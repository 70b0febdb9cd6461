"""VoID statistics of the default graph, and the size of each named graph (VoID §4, SPARQL 1.1 SD)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.catalog.schema import counts
from app.namespaces import PREFIXES, RDF_TYPE, iris
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri, Triple, typed

_VOID: Final = PREFIXES["void"]
_DATASET, _SD_DATASET, _GRAPH, _NAMED_GRAPH = iris("void:Dataset sd:Dataset sd:Graph sd:NamedGraph")
_HAS_GRAPH, _OF_GRAPH, _NAME = iris("sd:namedGraph sd:graph sd:name")


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of the default graph by VoID's names, instances of classes, triples of properties and graphs."""

    totals: dict[str, int]
    classes: dict[Iri, int]
    properties: dict[Iri, int]
    graphs: dict[Iri, int]

    def triples(self, dataset: Iri, base: str) -> Iterator[Triple]:
        """Describe the dataset: totals, partitions with IRIs of their own, named graphs."""
        yield from ((dataset, RDF_TYPE, each) for each in (_DATASET, _SD_DATASET))
        yield from ((dataset, Iri(_VOID + name), typed(number, "integer")) for name, number in self.totals.items())
        for kind, numbers, of in (("class", self.classes, "entities"), ("property", self.properties, "triples")):
            for term, number in numbers.items():
                part = _part(base, kind, term)
                yield dataset, Iri(f"{_VOID}{kind}Partition"), part
                yield part, RDF_TYPE, _DATASET
                yield part, Iri(_VOID + kind), term
                yield part, Iri(_VOID + of), typed(number, "integer")
        for graph, number in self.graphs.items():
            named = _part(base, "graph", graph)
            yield from ((dataset, _HAS_GRAPH, named), (named, RDF_TYPE, _NAMED_GRAPH))
            yield from ((named, _NAME, graph), (named, _OF_GRAPH, graph))
            yield from ((graph, RDF_TYPE, _GRAPH), (graph, Iri(_VOID + "triples"), typed(number, "integer")))


def count(store: Store, subjects: int, entities: int, graphs: dict[Iri, int]) -> Statistics:
    """Count what is in the default graph of a store.

    What is known is given: how many distinct subjects there are, how many of them are IRIs, and the sizes of the named
    graphs. The engine needs long to count subjects.
    """
    classes = counts(store, engine_query("engine/class-counts"), "term")
    properties = counts(store, engine_query("engine/property-counts"), "term")
    totals = {
        "triples": sum(properties.values()),
        "entities": entities,
        "distinctSubjects": subjects,
        "distinctObjects": _number(store, engine_query("engine/object-count")),
        "classes": len(classes),
        "properties": len(properties),
    }
    return Statistics(totals, classes, properties, graphs)


def size(store: Store, graph: Iri) -> int:
    """Count the triples of a named graph."""
    return _number(store, bind(engine_query("engine/graph-size"), {"graph": graph}))


def _number(store: Store, query: str) -> int:
    return int(str(store.select(query).rows[0]["number"]))


def _part(base: str, kind: str, term: Iri) -> Iri:
    return Iri(f"{base}.well-known/void#{kind}-{hashlib.sha256(term.encode()).hexdigest()[:12]}")

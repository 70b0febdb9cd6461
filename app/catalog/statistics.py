"""VoID statistics: counted by the build, and read back as the vocabulary the data is written in."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.namespaces import PREFIXES, RDF_TYPE, iris
from app.query.binding import bind, bind_rows
from app.query.coach import Vocabulary
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri, Triple, typed

_VOID: Final = PREFIXES["void"]
_DATASET, _SD_DATASET, _GRAPH, _NAMED_GRAPH = iris("void:Dataset sd:Dataset sd:Graph sd:NamedGraph")
_HAS_GRAPH, _OF_GRAPH, _NAME = iris("sd:namedGraph sd:graph sd:name")
# So many things of a class are looked at, by the query's own LIMIT.
SAMPLE: Final = 500
# So many classes, the ones with most things, are looked into.
_CLASSES_SAMPLED: Final = 200


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


def read_vocabulary(store: Store, base: str, prefixes: Mapping[str, str]) -> Vocabulary:
    """Read the classes and properties that occur, with their numbers and labels; raises QueryError."""
    classes, properties = partitions(store, base)
    terms = [[term] for term in sorted({*classes, *properties})]
    rows = store.select(bind_rows(engine_query("engine/term-labels"), ["term"], terms)).rows
    labels = [(Iri(str(row["term"])), str(row["label"])) for row in rows]
    return Vocabulary(classes, properties, labels, prefixes)


@dataclass(frozen=True, slots=True)
class Schema:
    """Things of each class, triples of each property, and by class how many of its first things have a property."""

    classes: Mapping[Iri, int]
    properties: Mapping[Iri, int]
    properties_of: Mapping[Iri, Mapping[Iri, int]]


def read_schema(store: Store, base: str) -> Schema:
    """Read classes and properties from the statistics of the build; raises QueryError."""
    counted, properties = partitions(store, base)
    classes = _most_first(counted)
    inside = {}
    for class_ in list(classes)[:_CLASSES_SAMPLED]:
        query = bind(engine_query("engine/class-properties"), {"class": class_})
        inside[class_] = _most_first(counts(store, query, "property"))
    return Schema(classes, _most_first(properties), inside)


def partitions(store: Store, base: str) -> tuple[dict[Iri, int], dict[Iri, int]]:
    """Give things by class and triples by property as the build counted them (VoID §4.3); raises QueryError."""
    found: dict[str, dict[Iri, int]] = {"class": {}, "property": {}}
    for row in store.select(bind(engine_query("engine/partitions"), {"graph": Iri(base + "graph/catalog")})).rows:
        kind = "class" if "class" in row else "property"
        found[kind][Iri(str(row[kind]))] = int(str(row["number"]))
    return found["class"], found["property"]


def counts(store: Store, query: str, variable: str) -> dict[Iri, int]:
    """Give the ``?number`` of each term that a query counts."""
    rows = store.select(query).rows
    return {Iri(str(row[variable])): int(str(row["number"])) for row in rows if variable in row}


def _most_first(numbers: Mapping[Iri, int]) -> dict[Iri, int]:
    return dict(sorted(numbers.items(), key=lambda each: (-each[1], each[0])))

"""What the default graph is written in, for authors of queries: classes, and what is said of their things."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri

# So many things of a class are looked at, by the query's own LIMIT.
SAMPLE: Final = 500
# So many classes, the ones with most things, are looked into.
_CLASSES: Final = 200


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
    for class_ in list(classes)[:_CLASSES]:
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

"""What the default graph is written in, for authors of queries: classes, and what is said of their things."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.namespaces import PREFIXES
from app.store.interface import Store
from app.terms import Iri, n3

# So many things of a class are looked at: what they have is known at once in a graph of any size.
SAMPLE: Final = 500
# So many classes, the ones with most things, are looked into.
_CLASSES: Final = 200
_PARTITIONS: Final = """
PREFIX void: <{void}>
SELECT ?class ?property ?number
WHERE {{
  GRAPH {graph} {{
    {{ ?part void:class ?class ; void:entities ?number }}
    UNION {{ ?part void:property ?property ; void:triples ?number }}
  }}
}}"""
_PROPERTIES: Final = """
SELECT ?property (COUNT(DISTINCT ?thing) AS ?number)
WHERE {{
  {{ SELECT ?thing WHERE {{ ?thing a {class_} }} LIMIT {sample} }}
  ?thing ?property ?value
}}
GROUP BY ?property"""


@dataclass(frozen=True, slots=True)
class Schema:
    """Things of each class, triples of each property, and by class how many of its first things have a property."""

    classes: Mapping[Iri, int]
    properties: Mapping[Iri, int]
    properties_of: Mapping[Iri, Mapping[Iri, int]]


def read_schema(store: Store, base: str) -> Schema:
    """Read classes and properties from the statistics of the build (VoID §4.3); raises QueryError."""
    found: dict[str, dict[Iri, int]] = {"class": {}, "property": {}}
    query = _PARTITIONS.format(void=PREFIXES["void"], graph=n3(Iri(base + "graph/catalog")))
    for row in store.select(query).rows:
        kind = "class" if "class" in row else "property"
        found[kind][Iri(str(row[kind]))] = int(str(row["number"]))
    classes = _most_first(found["class"])
    inside = {}
    for class_ in list(classes)[:_CLASSES]:
        rows = store.select(_PROPERTIES.format(class_=n3(class_), sample=SAMPLE)).rows
        inside[class_] = _most_first(
            {Iri(str(row["property"])): int(str(row["number"])) for row in rows if "property" in row}
        )
    return Schema(classes, _most_first(found["property"]), inside)


def _most_first(numbers: Mapping[Iri, int]) -> dict[Iri, int]:
    return dict(sorted(numbers.items(), key=lambda each: (-each[1], each[0])))

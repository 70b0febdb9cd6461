"""What the default graph is written in, read back from the statistics of the build (VoID partitions, §4.3)."""

from collections.abc import Mapping
from typing import Final

from app.namespaces import PREFIXES, RDFS_LABEL
from app.query.coach import Vocabulary
from app.store.interface import Store
from app.terms import Iri, n3

_PARTITIONS: Final = """
PREFIX void: <{void}>
SELECT ?class ?property ?number ?label
WHERE {{
  GRAPH {graph} {{
    {{ ?part void:class ?class ; void:entities ?number }}
    UNION {{ ?part void:property ?property ; void:triples ?number }}
  }}
  BIND(COALESCE(?class, ?property) AS ?term)
  OPTIONAL {{ ?term {label} ?label }}
}}"""


def read_vocabulary(store: Store, base: str, prefixes: Mapping[str, str]) -> Vocabulary:
    """Read the classes and properties that occur, with their numbers and labels; raises QueryError."""
    query = _PARTITIONS.format(void=PREFIXES["void"], graph=n3(Iri(base + "graph/catalog")), label=n3(RDFS_LABEL))
    numbers: dict[str, dict[Iri, int]] = {"class": {}, "property": {}}
    labels = []
    for row in store.select(query).rows:
        kind = "class" if "class" in row else "property"
        term = Iri(str(row[kind]))
        numbers[kind][term] = int(str(row["number"]))
        if "label" in row:
            labels.append((term, str(row["label"])))
    return Vocabulary(numbers["class"], numbers["property"], labels, prefixes)

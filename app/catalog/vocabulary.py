"""What the default graph is written in, read back from the statistics of the build (VoID partitions, §4.3)."""

from collections.abc import Mapping
from typing import Final

from app.namespaces import PREFIXES, RDFS_LABEL
from app.query.coach import Vocabulary
from app.store.interface import Store
from app.terms import Iri, is_absolute_iri, n3

_PARTITIONS: Final = """
PREFIX void: <{void}>
SELECT ?class ?property ?number
WHERE {{
  GRAPH {graph} {{
    {{ ?part void:class ?class ; void:entities ?number }}
    UNION {{ ?part void:property ?property ; void:triples ?number }}
  }}
}}"""
# A query of its own, with the terms named: joined to the other one, the engine reads the labels of everything.
_LABELS: Final = "SELECT ?term ?label WHERE {{ VALUES ?term {{ {terms} }} ?term {label} ?label }}"


def read_vocabulary(store: Store, base: str, prefixes: Mapping[str, str]) -> Vocabulary:
    """Read the classes and properties that occur, with their numbers and labels; raises QueryError."""
    query = _PARTITIONS.format(void=PREFIXES["void"], graph=n3(Iri(base + "graph/catalog")))
    numbers: dict[str, dict[Iri, int]] = {"class": {}, "property": {}}
    for row in store.select(query).rows:
        kind = "class" if "class" in row else "property"
        term = Iri(str(row[kind]))
        numbers[kind][term] = int(str(row["number"]))
    terms = " ".join(n3(each) for each in sorted({*numbers["class"], *numbers["property"]}) if is_absolute_iri(each))
    rows = store.select(_LABELS.format(terms=terms, label=n3(RDFS_LABEL))).rows
    labels = [(Iri(str(row["term"])), str(row["label"])) for row in rows]
    return Vocabulary(numbers["class"], numbers["property"], labels, prefixes)

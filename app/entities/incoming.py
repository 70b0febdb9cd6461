"""What points to an entity, grouped by predicate and class."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from app.entities.classes import Classes
from app.entities.window import window
from app.namespaces import RDF_SUBJECT, RDFS_SUBCLASS_OF
from app.query.binding import bind
from app.store.interface import Dataset, Store
from app.terms import Iri, Literal, Term

FIRST: Final = 20

# What follows from a class is no class to list it under a second time.
_NARROWEST: Final = (
    f"FILTER NOT EXISTS {{ ?subject a ?narrower . ?narrower <{RDFS_SUBCLASS_OF}> ?class FILTER(?narrower != ?class) }}"
)
_COUNTS: Final = f"""
SELECT ?predicate ?class (COUNT(DISTINCT ?subject) AS ?count)
WHERE {{
  ?subject ?predicate ?this
  OPTIONAL {{ ?subject a ?class . {_NARROWEST} }}
  FILTER(isIRI(?subject) && ?predicate != <{RDF_SUBJECT}>)
}}
GROUP BY ?predicate ?class
"""
_MEMBERS: Final = """
SELECT DISTINCT ?subject
WHERE {{
  ?subject ?predicate ?this .
  {filter}
  FILTER(isIRI(?subject))
}}
"""
_OF_CLASS: Final = f"?subject a ?class . {_NARROWEST}"
_WITHOUT_CLASS: Final = "FILTER NOT EXISTS { ?subject a ?anything }"


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects of one class (None: without class) that point to an entity by one predicate: how many, and the first."""

    predicate: Iri
    class_: Iri | None
    count: int
    subjects: tuple[Iri, ...]


def groups(store: Store, iri: Iri, dataset: Dataset | None, classes: Classes) -> list[Group]:
    """Give the groups, most numerous last in none: ordered by predicate and class."""
    counts: dict[Iri, dict[Iri | None, int]] = defaultdict(dict)
    for row in store.select(bind(_COUNTS, {"this": iri}), dataset).rows:
        predicate, class_, count = row["predicate"], row.get("class"), row["count"]
        if isinstance(predicate, Iri) and isinstance(count, Literal):
            counts[predicate][class_ if isinstance(class_, Iri) else None] = int(count.value)
    found = []
    for predicate, by_class in sorted(counts.items()):
        for class_ in sorted(by_class, key=str):
            # A class whose members are all listed under a narrower one would list them twice.
            if class_ and any(
                other and by_class[other] == by_class[class_] and classes.is_narrower(other, class_)
                for other in by_class
            ):
                continue
            total = by_class[class_]
            subjects = tuple(members(store, iri, predicate, class_, dataset, FIRST, 0, total))
            found.append(Group(predicate, class_, total, subjects))
    return found


def members(
    store: Store,
    iri: Iri,
    predicate: Iri,
    class_: Iri | None,
    dataset: Dataset | None,
    limit: int,
    offset: int,
    known: int | None = None,
) -> list[Iri]:
    """Give a page of the subjects of one group, by IRI as long as they are not very many; known: how many in all."""
    text = _MEMBERS.format(filter=_OF_CLASS if class_ else _WITHOUT_CLASS)
    values: dict[str, Term] = {"this": iri, "predicate": predicate}
    if class_:
        values["class"] = class_
    rows = window(store, text, "ORDER BY ?subject", values, dataset, (limit, offset), known)
    return [subject for row in rows if isinstance(subject := row["subject"], Iri)]

"""Several entities side by side: their facts by predicate, and which entities are most like one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.entities.description import Description, Fact
from app.namespaces import DCTERMS_SOURCE
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri, Term


@dataclass(frozen=True, slots=True)
class Row:
    """One predicate: the facts of each entity, in the order of the entities."""

    predicate: Iri
    facts: tuple[tuple[Fact, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether the entities do not all have the same values."""
        return len({frozenset(fact.value for fact in facts) for facts in self.facts}) > 1


def alike(store: Store, iri: Iri, kind: str, most: int) -> list[Iri]:
    """Give the things most like one, by how many values of the same property they share.

    ``kind`` is what their IRIs begin with, ``most`` how many there are at most.
    """
    rows = store.select(bind(engine_query("engine/likeness"), {"this": iri, "kind": Iri(kind)})).rows
    return [other for row in rows if isinstance(other := row.get("other"), Iri)][:most]


def rows(entities: Sequence[Description]) -> list[Row]:
    """Give a row for each predicate that one of them has, sources left out: they are about the telling."""
    predicates = dict.fromkeys(predicate for each in entities for predicate in each.facts)
    return [
        Row(predicate, tuple(tuple(each.facts.get(predicate, ())) for each in entities))
        for predicate in predicates
        if predicate != DCTERMS_SOURCE
    ]


def terms(table: Iterable[Row]) -> Iterator[Term | None]:
    """Give every term of a comparison, for looking up labels."""
    for row in table:
        yield row.predicate
        for fact in (fact for facts in row.facts for fact in facts):
            yield fact.value
            for nested in fact.nested:
                yield from (nested.predicate, nested.value)

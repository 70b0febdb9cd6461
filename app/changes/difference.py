"""What differs between two descriptions of a thing, and between two datasets, thing by thing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from app.changes.descriptions import Description
from app.graph.canonical import Quad
from app.terms import Iri, Term

_A = TypeVar("_A")
_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class Difference:
    """The quads of one entity that only the old, and only the new description has."""

    entity: Iri
    removed: tuple[Quad, ...]
    added: tuple[Quad, ...]

    def by_predicate(self) -> list[tuple[Iri, list[Term], list[Term]]]:
        """Give (predicate, old values, new values), each value once, in order of predicate.

        What only moved to another graph is in neither. What is said of nameless nodes is under their own predicates.
        """
        old, new = ({triple: None for triple, _ in quads} for quads in (self.removed, self.added))
        found: dict[Iri, tuple[dict[Term, None], dict[Term, None]]] = {}
        for side, (triples, others) in enumerate(((old, new), (new, old))):
            for triple in triples:
                if triple not in others:
                    found.setdefault(triple[1], ({}, {}))[side][triple[2]] = None
        return [(predicate, list(before), list(after)) for predicate, (before, after) in sorted(found.items())]


def difference(entity: Iri, old: Iterable[Quad], new: Iterable[Quad]) -> Difference:
    """Compare two descriptions of an entity."""
    before, after = dict.fromkeys(old), dict.fromkeys(new)
    return Difference(
        entity,
        tuple(quad for quad in before if quad not in after),
        tuple(quad for quad in after if quad not in before),
    )


def differences(old: Iterable[Description], new: Iterable[Description]) -> Iterator[Difference]:
    """Compare two datasets whose descriptions come in order of ``<iri>``: each entity that differs, in that order."""
    for entity, before, after in side_by_side(*(((each.entity, each) for each in side) for side in (old, new))):
        if before is None or after is None or before.lines != after.lines:
            yield difference(entity, before.quads if before else (), after.quads if after else ())


def side_by_side(
    old: Iterable[tuple[str, _A]], new: Iterable[tuple[str, _B]]
) -> Iterator[tuple[Iri, _A | None, _B | None]]:
    """Give each entity with what either side has of it; both sides come in order of ``<iri>``."""
    left = ((f"{entity}>", "old", each) for entity, each in old)
    right = ((f"{entity}>", "new", each) for entity, each in new)
    for entity, found in groupby(merge(left, right, key=itemgetter(0)), key=itemgetter(0)):
        of: dict[str, Any] = {side: each for _, side, each in found}
        yield Iri(entity[:-1]), of.get("old"), of.get("new")

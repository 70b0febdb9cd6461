"""What differs between two descriptions of a thing, and between two datasets, thing by thing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.changes.descriptions import Description
from app.graph.canonical import Quad
from app.terms import Iri, Term


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
    left, right = iter(old), iter(new)
    a, b = next(left, None), next(right, None)
    while a is not None or b is not None:
        if b is None or (a is not None and f"{a.entity}>" < f"{b.entity}>"):
            assert a is not None  # for the type checker: the loop's condition says so
            yield difference(a.entity, a.quads, ())
            a = next(left, None)
        elif a is None or f"{b.entity}>" < f"{a.entity}>":
            yield difference(b.entity, (), b.quads)
            b = next(right, None)
        else:
            if a.lines != b.lines:
                yield difference(a.entity, a.quads, b.quads)
            a, b = next(left, None), next(right, None)

"""What a dataset says of each entity, an IRI that is a subject in its data, and where two datasets differ."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeVar

from app.content.canonical import canonical_lines, parse_quads
from app.namespaces import LABEL_PROPERTIES, RDF_TYPE, iris
from app.terms import Iri, Literal, Quad, Term

REPLACED_BY, REPLACES, _DEPRECATED = iris("dcterms:isReplacedBy dcterms:replaces owl:deprecated")
# Who says no more than this of a thing says that it is gone.
_GONE: Final = frozenset((REPLACED_BY, _DEPRECATED))
# Graphs under the base that hold something else than data.
_OTHER: Final = ("ontology", "shapes", "queries", "catalog", "quality", "reasons")
_A = TypeVar("_A")
_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class EntityState:
    """An entity and the canonical N-Quads of what is said of it, with the blank nodes this hangs on."""

    entity: Iri
    lines: tuple[str, ...]

    @property
    def digest(self) -> str:
        """The SHA-256 (hex) of the N-Quads."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def text(self) -> str:
        """The N-Quads."""
        return "".join(self.lines)

    @property
    def quads(self) -> list[Quad]:
        """The N-Quads, parsed."""
        return parse_quads(self.text)

    @property
    def is_farewell(self) -> bool:
        """Say whether all that is said is that the entity is replaced or no longer used."""
        said = set(map(predicate_of, self.lines))
        return REPLACED_BY in said and said <= _GONE


def data_graphs(graphs: Iterable[str], base: str) -> frozenset[str]:
    """Give those of the named graphs that hold what the content states of its entities."""
    space = f"{base}graph/"
    other = {space + name for name in _OTHER}
    return frozenset(graph for graph in graphs if graph not in other and not graph.startswith(f"{space}entailed/"))


def descriptions(read: Callable[[], Iterable[str]], graphs: Collection[str]) -> Iterator[EntityState]:
    """Give the description of every entity in the order of ``<iri>``; ``read`` gives canonical N-Quads, sorted.

    The lines are read twice, for what is said of blank nodes stands at their end: that alone is held in memory.
    """
    wanted = {f" <{graph}> .\n" for graph in graphs}
    blank: dict[str, list[str]] = {}
    for line in read():
        if line.startswith("_") and _place(line) in wanted:
            blank.setdefault(line.partition(" ")[0], []).append(line)
    named = (line for line in read() if line.startswith("<") and _place(line) in wanted)
    for subject, lines in groupby(named, key=lambda line: line.partition(" ")[0]):
        yield EntityState(Iri(subject[1:-1]), _closed(list(lines), blank))


def _closed(lines: list[str], blank: dict[str, list[str]]) -> tuple[str, ...]:
    """Add what is said of the blank nodes that lines name; their labels then depend on this description alone."""
    seen: set[str] = set()
    found = list(lines)
    for line in found:  # grows while it is read
        value = line.split(" ", 2)[2]
        if value.startswith("_:") and (label := value.partition(" ")[0]) not in seen:
            seen.add(label)
            found += blank.get(label, ())
    return tuple(canonical_lines(parse_quads("".join(found)))) if seen else tuple(lines)


def _place(line: str) -> str:
    """Give the end of a line, from its graph on; no IRI and no literal's end can look like it."""
    return line[line.rindex(" <") :]


def predicate_of(line: str) -> str:
    """Give the predicate of an N-Quads line."""
    return line.split(" ", 2)[1][1:-1]


def types(description: Iterable[Quad], entity: Iri) -> list[Iri]:
    """Give the classes stated of an entity."""
    return sorted({o for (s, p, o), _ in description if s == entity and p == RDF_TYPE and isinstance(o, Iri)})


def state_names(description: Iterable[Quad], entity: Iri) -> list[Literal]:
    """Give what an entity is called, in each language the strongest that is said."""
    best: dict[str, tuple[int, str, Literal]] = {}
    for (subject, predicate, value), _ in description:
        if subject == entity and predicate in LABEL_PROPERTIES and isinstance(value, Literal) and value.value.strip():
            key = (LABEL_PROPERTIES.index(predicate), value.value, value)
            language = value.language or ""
            if language not in best or key[:2] < best[language][:2]:
                best[language] = key
    return [value for _, (_, _, value) in sorted(best.items())]


def entity_kind(entity: str, base: str) -> str:
    """Give the kind of a thing of the base (``id/<kind>/…``), empty for any other IRI."""
    rest = entity.removeprefix(f"{base}id/")
    kind, slash, _ = rest.partition("/")
    return kind if slash and rest != entity else ""


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
        entity, tuple(quad for quad in before if quad not in after), tuple(quad for quad in after if quad not in before)
    )


def differences(old: Iterable[EntityState], new: Iterable[EntityState]) -> Iterator[Difference]:
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

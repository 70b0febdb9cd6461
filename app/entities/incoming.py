"""What points to an entity, by predicate and class; and parts of an answer that may be very long."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.entities.classes import Classes
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import AnswersKept, Store
from app.terms import Dataset, Iri, Literal, Term

# Sorting takes the embedded engine some 40 µs a row, reading one 3 µs: of more rows than these nobody reads the order.
SORTED: Final = 2000
# So many of a group are listed.
FIRST: Final = 20
# Of what more things point to, or with more classes, groups are counted by the store and asked for one by one.
_READ: Final = 2000
# Of what at least so many things point to it is kept what was counted: to read them takes some 40 µs each.
_KEPT: Final = 200
_QUERY: Final = "pages/Thing/pointing"


@dataclass(frozen=True, slots=True)
class IncomingGroup:
    """Subjects of one class (None: without class) that point to an entity: how many, and the first.

    ``predicate`` is the one they point by; None: by any.
    """

    predicate: Iri | None
    class_: Iri | None
    count: int
    subjects: tuple[Iri, ...]

    def terms(self) -> Iterator[Iri | None]:
        """Give every term that is shown, for looking up labels."""
        yield from (self.predicate, self.class_, *self.subjects)


def groups(
    store: Store,
    iri: Iri,
    dataset: Dataset | None,
    classes: Classes,
    kept: AnswersKept[list[IncomingGroup]] | None = None,
) -> list[IncomingGroup]:
    """Give what points to an entity by predicate and class, in their order. ``kept`` is what was counted before."""
    if kept is not None and (known := kept.get((iri, dataset))) is not None:
        return known
    return _groups(store, iri, dataset, classes, _rows(store, iri, dataset, engine_query(_QUERY)), kept)


def mentions(
    store: Store,
    iri: Iri,
    dataset: Dataset | None,
    classes: Classes,
    query: str,
    kept: AnswersKept[list[IncomingGroup]] | None = None,
) -> list[IncomingGroup]:
    """Give what points to an entity, each once, under its narrowest class; of very many by predicate and class.

    ``query`` is the content's own or ours: it tells all that there is to group. ``kept`` as for ``groups``.
    """
    own = query == engine_query(_QUERY)
    key = iri, dataset, "once"
    if own and kept is not None and (known := kept.get((iri, dataset)) or kept.get(key)) is not None:
        return known
    rows = _rows(store, iri, dataset, query)
    if len(rows) >= _READ and own:
        return _groups(store, iri, dataset, classes, rows, kept)
    kinds: dict[Iri, list[Iri]] = defaultdict(list)
    for _predicate, class_, subject in rows:
        kinds[subject] += [class_] if class_ else []
    found: dict[Iri | None, list[Iri]] = defaultdict(list)
    for subject, given in sorted(kinds.items()):
        found[next(iter(classes.narrowest(given)), None)].append(subject)
    listed = sorted(found.items(), key=lambda each: (each[0] is None, -len(each[1]), str(each[0])))
    groups = [IncomingGroup(None, class_, len(each), tuple(each[:FIRST])) for class_, each in listed]
    if own and kept is not None and store.keeps_order and len(rows) >= _KEPT:
        kept.keep(key, groups)
    return groups


def _rows(store: Store, iri: Iri, dataset: Dataset | None, query: str) -> list[tuple[Iri, Iri | None, Iri]]:
    return [
        (predicate, _iri(row.get("class")), subject)
        for row in store.select(bind(query, {"this": iri}), dataset).rows
        if isinstance(predicate := row["predicate"], Iri) and isinstance(subject := row["subject"], Iri)
    ]


def _groups(
    store: Store,
    iri: Iri,
    dataset: Dataset | None,
    classes: Classes,
    rows: Sequence[tuple[Iri, Iri | None, Iri]],
    kept: AnswersKept[list[IncomingGroup]] | None,
) -> list[IncomingGroup]:
    found: dict[Iri, dict[Iri | None, list[Iri]]] = defaultdict(lambda: defaultdict(list))
    for predicate, class_, subject in rows:
        found[predicate][class_].append(subject)
    if len(rows) < _READ:
        return [
            IncomingGroup(predicate, class_, len(by_class[class_]), tuple(sorted(by_class[class_])[:FIRST]))
            for predicate, by_class in sorted(found.items())
            for class_ in _listed({each: len(subjects) for each, subjects in by_class.items()}, classes)
        ]
    counts = _counts(store, iri, dataset, "engine/pointing-classes")
    if any(classes.is_narrower(one, than) for each in counts.values() for one in each for than in each if one and than):
        # What has a narrower class too is listed under that alone: to ask for it of each takes three times as long.
        counts = _counts(store, iri, dataset, "engine/pointing-counts")
    counted = [
        IncomingGroup(
            predicate, each, total, tuple(members(store, iri, predicate, each, dataset, (FIRST, 0), classes, total))
        )
        for predicate, by_class in sorted(counts.items())
        for each in _listed(by_class, classes)
        if (total := by_class[each])
    ]
    if kept is not None and store.keeps_order:
        kept.keep((iri, dataset), counted)
    return counted


def _counts(store: Store, iri: Iri, dataset: Dataset | None, query: str) -> dict[Iri, dict[Iri | None, int]]:
    found: dict[Iri, dict[Iri | None, int]] = defaultdict(dict)
    for row in store.select(bind(engine_query(query), {"this": iri}), dataset).rows:
        if isinstance(pointing := row["predicate"], Iri) and isinstance(count := row["count"], Literal):
            found[pointing][_iri(row.get("class"))] = int(count.value)
    return found


def _iri(term: Term | None) -> Iri | None:
    return term if isinstance(term, Iri) else None


def _listed(counts: Mapping[Iri | None, int], classes: Classes) -> list[Iri | None]:
    """Leave out each class whose members are all listed under a narrower one: they would be there twice."""
    return [
        class_
        for class_ in sorted(counts, key=str)
        if class_ is None
        or not any(other and counts[other] == counts[class_] and classes.is_narrower(other, class_) for other in counts)
    ]


def members(
    store: Store,
    iri: Iri,
    predicate: Iri | None,
    class_: Iri | None,
    dataset: Dataset | None,
    part: tuple[int, int],
    classes: Classes,
    known: int | None = None,
) -> list[Iri]:
    """Give a part of the subjects of one group: so many, and so many before them; ``known`` is how many in all.

    They are in order of IRI as long as they are not very many.
    """
    by_class = "by-class" if class_ and classes.has_narrower(class_) else "of-class"
    text = engine_query(f"engine/pointing-{by_class if class_ else 'without-class'}")
    given = {"this": iri, "predicate": predicate, "class": class_}
    values: dict[str, Term] = {name: term for name, term in given.items() if term}
    rows = window(store, text, "ORDER BY ?subject", values, dataset, part, known)
    return [subject for row in rows if isinstance(subject := row["subject"], Iri)]


def window(
    store: Store,
    query: str,
    order: str,
    values: Mapping[str, Term],
    dataset: Dataset | None,
    part: tuple[int, int],
    known: int | None = None,
) -> list[dict[str, Term]]:
    """Give a part of the rows of a SELECT query without ORDER BY: ``part`` is how many, and how many before them.

    ``known`` is how many rows there are in all, where somebody has counted them.
    ``order`` is the ORDER BY clause. A store that never changes gives the same rows in the same order each time, so
    that parts fit together without one; any other store sorts.
    """
    # Put together here: LIMIT and OFFSET take no variable, and the query stands as a subquery to be counted.
    limit, offset = part
    if store.keeps_order and known is None:
        probe = f"SELECT (COUNT(*) AS ?n) WHERE {{ {{ {query} LIMIT {SORTED + 1} }} }}"
        counted = store.select(bind(probe, values), dataset).rows[0]["n"]
        known = int(counted.value) if isinstance(counted, Literal) else 0
    if store.keeps_order and known is not None and known > SORTED:
        order = ""
    return store.select(bind(f"{query} {order} LIMIT {limit} OFFSET {offset}", values), dataset).rows

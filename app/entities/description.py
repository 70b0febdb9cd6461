"""An entity as its data describes it: names, facts with source and certainty, claims."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.entities.basis import Basis
from app.entities.provenance import Claim, Provenance, by_graph, of_fact, said, strongest
from app.entities.reasons import Reason, of_rows, reasons_graph
from app.namespaces import (
    ALTERNATIVE,
    CERTAINTY,
    DCTERMS_DESCRIPTION,
    DCTERMS_IDENTIFIER,
    DCTERMS_SOURCE,
    LABEL_PROPERTIES,
    PREFIXES,
    RATIONALE,
    RDF_OBJECT,
    RDF_PREDICATE,
    RDF_TYPE,
)
from app.query.binding import bind
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import RDF, BlankNode, Iri, Literal, Term, Triple

OTHER_NAMES: Final = (Iri(PREFIXES["skos"] + "altLabel"),)
_HIDDEN: Final = (Iri(PREFIXES["skos"] + "hiddenLabel"),)
_TEXTS: Final = (DCTERMS_DESCRIPTION, Iri(PREFIXES["rdfs"] + "comment"), Iri(PREFIXES["skos"] + "definition"))
# Shown elsewhere on the page than among the facts.
_APART: Final = frozenset(
    (RDF_TYPE, DCTERMS_IDENTIFIER, CERTAINTY, RATIONALE, *LABEL_PROPERTIES, *OTHER_NAMES, *_HIDDEN, *_TEXTS)
)
# The cells of a list, and how its members are told.
_FIRST, _REST, _MEMBER = Iri(RDF + "first"), Iri(RDF + "rest"), Iri(PREFIXES["rdfs"] + "member")
# So many blank nodes below one another are shown.
_DEEPEST: Final = 5
# An entity with more statements than this is a list, not a page; its RDF holds them all.
MOST_FACTS: Final = 2000


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one predicate, with the word of every graph that holds it."""

    predicate: Iri
    value: Term
    provenances: tuple[Provenance, ...]
    nested: tuple["Fact", ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def certainty(self) -> Iri | None:
        """The strongest certainty among its graphs."""
        return strongest(each.certainty for each in self.provenances)

    @property
    def sources(self) -> tuple[Term, ...]:
        """All sources, those of the surest graph first; without any, the graphs that hold the fact."""
        order = sorted(self.provenances, key=lambda each: each.certainty != self.certainty)
        sources = dict.fromkeys(source for each in order for source in each.sources)
        return tuple(sources) or tuple(each.graph for each in order if each.graph)

    @property
    def entailed(self) -> bool:
        """Whether it only follows from other facts: nobody states it."""
        return bool(self.reasons) and all("graph/entailed/" in (each.graph or "") for each in self.provenances)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims about it."""
        return tuple(each.claim for each in self.provenances if each.claim)


@dataclass(slots=True)
class Description:
    """An entity: what it is called, what it is, what is said of it."""

    iri: Iri
    types: list[Iri] = field(default_factory=list)
    labels: list[Literal] = field(default_factory=list)
    other_names: list[Literal] = field(default_factory=list)
    texts: list[Literal] = field(default_factory=list)
    identifiers: list[Literal] = field(default_factory=list)
    certainty: Iri | None = None
    rationale: list[Literal] = field(default_factory=list)
    facts: dict[Iri, list[Fact]] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    reasons: dict[Triple, list[Reason]] = field(default_factory=dict)
    complete: bool = True

    def terms(self) -> Iterator[Term | None]:
        """Give every term a page shows, for looking up labels."""
        yield from (self.iri, self.certainty, *self.types)
        for claim in self.claims:
            yield from (claim.iri, claim.predicate, claim.object, claim.certainty, *claim.sources, *claim.alternatives)
        for facts in self.facts.values():
            yield from _terms_of(facts)
        for reasons in self.reasons.values():
            for reason in reasons:
                yield from reason.terms()

    def type_reasons(self) -> list[Reason]:
        """Give why it is of the classes shown that are entailed, one reason for each."""
        found = (self.reasons.get((self.iri, RDF_TYPE, class_)) for class_ in self.types)
        return [reasons[0] for reasons in found if reasons]


def _terms_of(facts: Iterable[Fact]) -> Iterator[Term | None]:
    for fact in facts:
        yield from (fact.predicate, fact.value, fact.certainty, *fact.sources)
        if isinstance(fact.value, Literal):
            yield fact.value.datatype
        yield from _terms_of(fact.nested)


@dataclass(frozen=True, slots=True)
class Statements:
    """What the store says of a thing, read at once: rows of ``engine/description``, by what they are about."""

    iri: Iri
    own: Sequence[Mapping[str, Term]]
    rows: Sequence[Mapping[str, Term]]

    @property
    def is_in_data(self) -> bool:
        """Whether the default graph says something of the thing."""
        return any("graph" not in row for row in self.own)

    @property
    def classes(self) -> list[Iri]:
        """The classes that the default graph says it is of."""
        return [
            class_
            for row in self.own
            if "graph" not in row and row["predicate"] == RDF_TYPE and isinstance(class_ := row["value"], Iri)
        ]


def is_described(store: Store, iri: Iri) -> bool:
    """Say whether the IRI is the subject of a triple, in any graph."""
    return store.ask(bind(engine_query("engine/existence"), {"this": iri}))


def is_in_data(store: Store, iri: Iri) -> bool:
    """Say whether the default graph says something of the IRI, or to it."""
    return store.ask(bind(engine_query("engine/presence"), {"this": iri}))


def occurs(store: Store, iri: Iri) -> bool:
    """Say whether the IRI is anywhere in the data: as subject, predicate, object or graph."""
    return is_described(store, iri) or store.ask(bind(engine_query("engine/occurrence"), {"this": iri}))


def classes_of(store: Store, iri: Iri) -> list[Iri]:
    """Give the classes that the default graph says a thing is of."""
    rows = store.select(bind(engine_query("engine/classes"), {"this": iri})).rows
    return [class_ for row in rows if isinstance(class_ := row["class"], Iri)]


def read(store: Store, iri: Iri, base: str) -> Statements:
    """Read all that a page says of a thing: its statements, parts, claims and reasons, in one query.

    A second one for blank nodes below blank nodes, where there are any.
    """
    values: dict[str, Term] = {"this": iri, "reasons": reasons_graph(base)}
    rows = [*store.select(bind(engine_query("engine/description"), values)).rows]
    if any("part" in row and isinstance(row["value"], BlankNode) for row in rows):
        there = {row["part"] for row in rows if "part" in row}
        whole = store.construct(bind(engine_query("engine/whole"), {"this": iri}))
        deeper = ((s, p, o) for s, p, o in whole if isinstance(s, BlankNode) and s not in there)
        rows += [{"part": subject, "predicate": predicate, "value": value} for subject, predicate, value in deeper]
    others = {"part", "claim", "entailment", "premise"}
    return Statements(iri, [row for row in rows if others.isdisjoint(row)], rows)


def describe(statements: Statements, basis: Basis, graphs: Mapping[Iri, Provenance]) -> Description:
    """Describe an entity from the graphs of the basis; one that only others know (a shape, a query) from all.

    ``graphs`` is what the graphs' own descriptions say (provenance.of_graphs).
    """
    iri, rows = statements.iri, statements.own
    names = [(row["predicate"], row["value"]) for row in rows]  # they do not depend on the basis
    held = _held(rows, basis)
    kept = {(iri, *pair) for pair, graphs_ in held.items() if any(map(basis.entails, graphs_))}
    reasons = of_rows(iri, statements.rows) if kept else {}
    found = Description(
        iri,
        types=sorted(value for predicate, value in held if predicate == RDF_TYPE and isinstance(value, Iri)),
        labels=_literals(names, LABEL_PROPERTIES),
        other_names=_literals(names, OTHER_NAMES),
        texts=_literals(names, _TEXTS),
        identifiers=_literals(held, (DCTERMS_IDENTIFIER,)),
        certainty=strongest(value for predicate, value in held if predicate == CERTAINTY and isinstance(value, Iri)),
        rationale=_literals(held, (RATIONALE,)),
        claims=_claims(statements.rows, basis),
        reasons={triple: each for triple, each in reasons.items() if triple in kept},
        complete=len(rows) < 4 * MOST_FACTS,
    )
    _add_facts(found, held, _nested(statements.rows), graphs)
    return found


def _held(rows: Sequence[Mapping[str, Term]], basis: Basis) -> dict[tuple[Iri, Term], list[Iri]]:
    """Give, for each predicate and value that counts on this basis, the graphs that hold it."""
    within = [row for row in rows if row.get("graph") is None or row["graph"] in basis.graphs]
    if basis.dataset is not None:
        within = [row for row in within if row.get("graph") is not None]
    held: dict[tuple[Iri, Term], list[Iri]] = defaultdict(list)
    for row in within if within or basis.dataset is not None else rows:
        if isinstance(predicate := row["predicate"], Iri):
            held[predicate, row["value"]] += [graph] if isinstance(graph := row.get("graph"), Iri) else []
    return held


def _add_facts(
    found: Description,
    held: Mapping[tuple[Iri, Term], Sequence[Iri]],
    nested: Callable[[Term], tuple[Fact, ...]],
    graphs: Mapping[Iri, Provenance],
) -> None:
    own = by_graph((graph, *pair) for pair, names in held.items() for graph in names)
    by_triple: dict[tuple[Iri, Term], list[Claim]] = defaultdict(list)
    for claim in found.claims:
        by_triple[claim.predicate, claim.object].append(claim)
    for (predicate, value), names in held.items():
        if predicate in _APART:
            continue
        reasons = tuple(found.reasons.get((found.iri, predicate, value), ()))
        provenances = tuple(
            of_fact(graph, by_triple[predicate, value], own, graphs) for graph in (sorted(names) or (None,))
        )
        fact = Fact(predicate, value, provenances, nested(value), reasons)
        found.facts.setdefault(predicate, []).append(fact)
    for facts in found.facts.values():
        facts.sort(key=lambda fact: str(fact.value))
        if len(facts) > MOST_FACTS:
            found.complete = False
            del facts[MOST_FACTS:]


def _literals(pairs: Iterable[tuple[Term, Term]], predicates: Sequence[Iri]) -> list[Literal]:
    found = dict.fromkeys(value for predicate, value in pairs if predicate in predicates and isinstance(value, Literal))
    return sorted(found, key=lambda each: (each.language or "", each.value))


def _nested(rows: Iterable[Mapping[str, Term]]) -> Callable[[Term], tuple[Fact, ...]]:
    """Give what finds the facts of a blank node or part (``<iri#…>``) that an entity links to, which has no page.

    Those of a list (RDF Schema 1.1 §5.2) are its members in their order. So many facts deep and in all, no more.
    """
    found = {node: values for (node,), values in said(rows, "part").items()}
    left = MOST_FACTS

    def facts(node: Term, depth: int = 1) -> tuple[Fact, ...]:
        nonlocal left
        values: Mapping[Iri, list[Term]] = found.get(node, {})
        pairs = [(each, value) for each in sorted(values) for value in sorted(values[each], key=str)]
        if _REST in values:
            pairs = [(_MEMBER, value) for value in _members(found, node)]
        shown = pairs[: max(0, left)] if depth <= _DEEPEST else []
        left -= len(shown)
        return tuple(
            Fact(each, value, (), facts(value, depth + 1) if isinstance(value, BlankNode) else ())
            for each, value in shown
        )

    return facts


def _members(found: Mapping[Term, Mapping[Iri, list[Term]]], node: Term) -> list[Term]:
    members: list[Term] = []
    seen: set[Term] = set()
    while node in found and node not in seen:
        seen.add(node)
        members += found[node].get(_FIRST, ())
        node = next(iter(found[node].get(_REST, ())), node)
    return members


def _claims(rows: Iterable[Mapping[str, Term]], basis: Basis) -> list[Claim]:
    claims = [
        Claim(
            iri=claim,
            graph=graph,
            predicate=predicate,
            object=value,
            certainty=strongest(each for each in values.get(CERTAINTY, ()) if isinstance(each, Iri)),
            sources=tuple(sorted(values.get(DCTERMS_SOURCE, ()), key=str)),
            rationale=tuple(each for each in values.get(RATIONALE, ()) if isinstance(each, Literal)),
            alternatives=tuple(sorted(values.get(ALTERNATIVE, ()), key=str)),
        )
        for (claim, graph), values in said(rows, "claim", "graph").items()
        if isinstance(graph, Iri) and graph in basis.graphs
        for predicate in values.get(RDF_PREDICATE, ())
        for value in values.get(RDF_OBJECT, ())
        if isinstance(predicate, Iri)
    ]
    return sorted(claims, key=lambda each: (each.predicate, str(each.object), str(each.iri)))

"""Rules to a fixpoint on the default graph of a store, the firmest premises first.

The asserted triples go into the default graph level by level (``levels``), and the rules run until nothing new follows
before the next level goes in. So the first time a triple follows, it follows from the firmest premises there are: its
level is the best over its derivations of the weakest premise in each. A derivation only uses triples that were there
before it, so no reason goes round in a circle.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.entailment.levels import FIRST_LEVEL, LEVELS, Assertions, level_of
from app.entailment.rules import Pattern, Rule, Var, applicable, refused
from app.errors import QueryError
from app.namespaces import PREFIXES, RDF_TYPE, iris
from app.progress import note
from app.query.binding import bind
from app.query.library import engine_query
from app.store.loading import StoreWriter
from app.terms import BlankNode, Iri, Literal, Term, Triple, n3, triple_of

# So many derivations of one triple are kept at most.
MOST_DERIVATIONS: Final = 3

_SAME_AS, _ANNOTATION_PROPERTY = iris("owl:sameAs owl:AnnotationProperty")
_ANYTHING: Final = iris("owl:Thing rdfs:Resource")
LOGIC: Final = (PREFIXES["owl"], PREFIXES["rdfs"], PREFIXES["rdf"])
# How OWL writes its axioms with blank nodes: told by the axiom that uses them, not premises of their own.
_SYNTAX: Final = frozenset(
    iris("rdf:first rdf:rest rdf:type owl:onProperty owl:someValuesFrom owl:allValuesFrom owl:hasValue")
    + iris("owl:intersectionOf owl:unionOf owl:oneOf owl:members owl:distinctMembers")
)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One way in which a triple follows: the rules applied, the last one first, and the premises."""

    rules: tuple[str, ...]
    premises: tuple[Triple, ...]


@dataclass(slots=True)
class Inference:
    """What follows: the level of each entailed triple, and its derivations when they were asked for."""

    levels: dict[Triple, int] = field(default_factory=dict)
    derivations: dict[Triple, list[Derivation]] = field(default_factory=dict)
    hidden: set[Triple] = field(default_factory=set)

    def shown(self) -> Iterator[Triple]:
        """Give the entailed triples that go into the entailed graphs."""
        return (triple for triple in self.levels if triple not in self.hidden)

    def reasons(self, triple: Triple) -> list[Derivation]:
        """Give the derivations of a triple from triples that are in the graph: steps in between are told as rules."""
        found: dict[tuple[Triple, ...], Derivation] = {}
        for derivation in self.derivations.get(triple, ()):
            told = self._told(derivation)
            found.setdefault(told.premises, told)
        return list(found.values())

    def _told(self, derivation: Derivation) -> Derivation:
        rules, premises = dict.fromkeys(derivation.rules), dict[Triple, None]()
        for premise in derivation.premises:
            if premise in self.hidden:
                inner = self._told(self.derivations[premise][0])
                rules.update(dict.fromkeys(inner.rules))
                premises.update(dict.fromkeys(inner.premises))
            elif not (isinstance(premise[0], BlankNode) and premise[1] in _SYNTAX and _is_schema(premise)):
                premises[premise] = None
        return Derivation(tuple(rules), tuple(premises))

    def proof(self, triple: Triple) -> Iterator[Triple]:
        """Give a triple and, once each, the triples that its first derivation rests on, down to asserted ones."""
        waiting, seen = [triple], {triple}
        while waiting:
            each = waiting.pop()
            yield each
            for derivation in self.derivations.get(each, ())[:1]:
                waiting += [premise for premise in derivation.premises if premise not in seen]
                seen.update(derivation.premises)


def _is_schema(triple: Triple) -> bool:
    """Say whether a triple with a blank subject is part of an axiom, and not of the data."""
    return triple[1] != RDF_TYPE or (isinstance(triple[2], Iri) and triple[2].startswith(LOGIC))


def infer(
    writer: StoreWriter,
    rules: Sequence[Rule],
    asserted: Assertions,
    graphs: Iterable[Iri],
    namespaces: Sequence[str] = (),
    *,
    reasons: bool = True,
) -> Inference:
    """Write the default graph of a store: the merge of named graphs and what follows from them by applicable rules.

    The steps between stay in the default graph until ``forget_steps``. With own namespaces only their terms are
    entailed: an alignment with another vocabulary is there for whoever reads it, and would say everything twice.
    """
    return _Run(writer, rules, asserted, tuple(namespaces), reasons).run(sorted(graphs))


def applicable_rules(writer: StoreWriter, rules: Sequence[Rule]) -> list[Rule]:
    """Give the rules that can apply to the named graphs of a store. Raises RuleRefused."""
    for rule in rules:
        _refuse_unknown(writer, rule)

    def occurs(pattern: Pattern) -> bool:
        given = {name: part for name, part in zip("spo", pattern, strict=True) if not isinstance(part, Var)}
        return writer.store.ask(bind(engine_query("engine/matches"), given))

    return applicable(rules, occurs)


def forget_steps(writer: StoreWriter, inference: Inference, graphs: Iterable[Iri]) -> None:
    """Take the steps between out of the default graph again, but for what one of the graphs asserts."""
    data = set(graphs)
    writer.remove_from_default(t for t in inference.hidden if data.isdisjoint(writer.graphs_with(t)))


def _refuse_unknown(writer: StoreWriter, rule: Rule) -> None:
    for part in {part for conclusion in rule.conclusions for part in conclusion}:
        if isinstance(part, Var | Literal) or part in (RDF_TYPE, _SAME_AS):
            continue
        if not writer.store.ask(bind(engine_query("engine/occurs"), {"term": part})):
            en = f"mints a new node: <{part}> is nowhere in the content"
            raise refused(rule.file, en, f"lager en ny node: <{part}> finnes ikke i innholdet")


class _Run:
    """One run over one store."""

    def __init__(
        self, writer: StoreWriter, rules: Sequence[Rule], asserted: Assertions, namespaces: tuple[str, ...], keep: bool
    ) -> None:
        self.writer, self.asserted, self.namespaces, self.keep = writer, asserted, namespaces, keep
        self.rules = [
            (rule, level_of(rule.file.certainty) if rule.file.certainty else FIRST_LEVEL)
            for rule in sorted(rules, key=lambda rule: rule.name)
        ]
        self.found = Inference()
        self.schema: set[Term] = set()
        self.annotations: set[Term] = set()

    def run(self, graphs: list[Iri]) -> Inference:
        possible = self.asserted.possible(graphs)
        for level in LEVELS:
            news = [graph for graph in graphs if level in possible[graph]]
            for graph in news:
                self._assert(graph, level, whole=possible[graph] == {level})
            if news or any(each == level for _, each in self.rules):
                self._read_schema()
                self._to_fixpoint(level)
        return self.found

    def _assert(self, graph: Iri, level: int, *, whole: bool) -> None:
        only = None if whole else lambda triple: self.asserted.level(triple, graph) == level
        self.writer.merge_into_default([graph], only=only)

    def _read_schema(self) -> None:
        for row in self.writer.store.select(engine_query("engine/schema-terms")).rows:
            self.schema.add(row["term"])
            if row["class"] == _ANNOTATION_PROPERTY:
                self.annotations.add(row["term"])

    def _to_fixpoint(self, level: int) -> None:
        new: set[str] | None = None  # predicates of the last round; None: all
        while new is None or new:
            round_: set[str] = set()
            for rule, least in self.rules:
                if least <= level and (new is None or rule.may_use(new | round_)):
                    for conclusion in rule.conclusions:
                        round_ |= self._apply(rule, conclusion, level)
            new = round_

    def _apply(self, rule: Rule, conclusion: Pattern, level: int) -> set[str]:
        """Add what one rule yields now; give the predicates of it."""
        found: dict[Triple, list[Derivation]] = {}
        note(file="/".join(rule.file.path.parts[-3:]))
        try:
            rows = self.writer.store.select(rule.select(conclusion)).rows
        except QueryError as error:
            en, nb = f"cannot be applied: {error}", f"kan ikke brukes: {error}"
            raise refused(rule.file, en, nb) from error
        for row in rows:
            triple = _triple(conclusion, row)
            if triple is None or self._is_trivial(triple):
                continue
            known = found.setdefault(triple, [])
            if self.keep or not known:
                known.append(Derivation((rule.name,), _premises(rule, row) if self.keep else ()))
                if len(known) > 4 * MOST_DERIVATIONS:
                    found[triple] = _best(known)
        for triple, derivations in found.items():
            self.found.levels[triple] = level
            if self.keep:
                self.found.derivations[triple] = _best(derivations)
            if self._is_hidden(triple):
                self.found.hidden.add(triple)
        if found:
            self.writer.add((triple, None) for triple in found)
        return {triple[1] for triple in found}

    def _is_trivial(self, triple: Triple) -> bool:
        """Say whether a conclusion tells nothing: of the schema, of a thing and itself, that a thing is a thing."""
        subject, predicate, value = triple
        if subject == value or subject in self.schema or predicate in self.annotations:
            return True
        if predicate == RDF_TYPE:
            return isinstance(value, Literal) or value in _ANYTHING
        return predicate.startswith(LOGIC) and predicate != _SAME_AS

    def _is_hidden(self, triple: Triple) -> bool:
        """Say whether a conclusion is only a step: membership of a nameless class, or a term of another vocabulary."""
        term = triple[2] if triple[1] == RDF_TYPE else triple[1]
        foreign = bool(self.namespaces) and not str(term).startswith(self.namespaces) and term != _SAME_AS
        return foreign or isinstance(term, BlankNode)


def _best(derivations: list[Derivation]) -> list[Derivation]:
    """Give the derivations that are kept: the shortest, in order of their text."""
    if len(derivations) == 1:
        return derivations

    def order(each: Derivation) -> tuple[int, list[str]]:
        return len(each.premises), [n3(term) for premise in each.premises for term in premise]

    return sorted(dict.fromkeys(derivations), key=order)[:MOST_DERIVATIONS]


def _triple(pattern: Pattern, row: Mapping[str, Term]) -> Triple | None:
    """Give a pattern with its values; None when one is missing or cannot stand there."""
    return triple_of(*(row.get(part) if isinstance(part, Var) else part for part in pattern))


def _premises(rule: Rule, row: Mapping[str, Term]) -> tuple[Triple, ...]:
    found = (_triple(each, row) for each, arms in zip(rule.premises, rule.arms, strict=True) if arms <= row.keys())
    return tuple(dict.fromkeys(triple for triple in found if triple is not None))

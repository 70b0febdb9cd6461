"""Why an entailed statement is there: the rule and the premises, down to asserted triples and their sources."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.entities.provenance import strongest
from app.namespaces import (
    CERTAINTY,
    DCTERMS_SOURCE,
    ENTAILMENT,
    PREFIXES,
    PREMISE,
    RATIONALE,
    RDF_OBJECT,
    RDF_PREDICATE,
    RDF_SUBJECT,
    RDF_TYPE,
    RULE,
)
from app.query.binding import bind, bind_rows
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import BlankNode, Iri, Literal, Subject, Term, Triple, n3

_PART_OF: Final = Iri(PREFIXES["dcterms"] + "isPartOf")
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Premise:
    """A premise: its triple, its node, how sure and from where; ``entailed`` says that it has a reason of its own."""

    iri: Subject
    triple: Triple
    certainty: Iri | None
    sources: tuple[Term, ...]
    graphs: tuple[Iri, ...]
    rationale: tuple[Literal, ...]
    entailed: bool

    @property
    def is_axiom(self) -> bool:
        """Whether it is a statement of the model, not of the data."""
        return self.triple[1].startswith((PREFIXES["owl"], PREFIXES["rdfs"])) or str(self.triple[2]).startswith(
            PREFIXES["owl"]
        )

    @property
    def is_definition(self) -> bool:
        """Whether it defines its subject by a nameless expression: then the subject says all there is to read."""
        return isinstance(self.triple[2], BlankNode)


@dataclass(frozen=True, slots=True)
class Reason:
    """One derivation of a triple: the rules applied and the premises, those of the data first."""

    iri: Iri
    triple: Triple
    certainty: Iri | None
    rules: tuple[Iri, ...]
    premises: tuple[Premise, ...]

    def terms(self) -> Iterator[Term]:
        """Give every term that is shown, for looking up labels."""
        yield from (*self.triple, *self.rules)
        for premise in self.premises:
            yield from (*premise.triple, *premise.sources, *premise.graphs, premise.iri)


def reasons_graph(base: str) -> Iri:
    """Give the graph that holds the reasons."""
    return Iri(base + "graph/reasons")


def of_thing(store: Store, thing: Iri, base: str) -> dict[Triple, list[Reason]]:
    """Give the reasons of each entailed triple with this subject."""
    values: dict[str, Term] = {"this": thing, "reasons": reasons_graph(base)}
    return of_rows(thing, store.select(bind(engine_query("engine/reasons"), values)).rows)


def of_rows(thing: Iri, rows: Sequence[Mapping[str, Term]]) -> dict[Triple, list[Reason]]:
    """Give the reasons that rows tell: ?entailment is what follows about the thing, ?premise what that rests on."""
    told = ((node, _premise(node, about)) for node, about in _nodes(rows, "premise").items())
    premises = {node: premise for node, premise in told if premise is not None}
    written = {node: [n3(term) for term in premise.triple] for node, premise in premises.items()}
    found: dict[Triple, list[Reason]] = defaultdict(list)
    for node, about in sorted(_nodes(rows, "entailment").items()):
        reason = _reason(node, {RDF_SUBJECT: [thing], **about}, premises, written)
        if reason is not None:
            found[reason.triple].append(reason)
    for reasons in found.values():
        reasons.sort(key=lambda each: (len(each.premises), each.iri))
    return dict(found)


def tree(store: Store, reason: Reason, base: str) -> dict[str, Any]:
    """Give a reason as JSON values, each entailed premise with its own reason, down to what is asserted.

    A premise that is used again further down is told once; there it has its node only.
    """
    return _Tree(store, base).told(reason)


def proof(store: Store, reasons: Iterable[Reason]) -> list[Triple]:
    """Give the RDF of reasons with all they rest on: entailments, statements and claims."""
    found: dict[Triple, None] = {}
    waiting, seen = [str(reason.iri) for reason in reasons], set[str]()
    while waiting:
        batch = [Iri(node) for node in waiting[:_BATCH] if node not in seen]
        waiting = waiting[_BATCH:]
        seen.update(batch)
        if not batch:
            continue
        for row in store.select(bind_rows(engine_query("engine/proof"), ("node",), [(each,) for each in batch])).rows:
            node, predicate, value = row["node"], row["predicate"], row["value"]
            if isinstance(node, Iri) and isinstance(predicate, Iri):
                found[node, predicate, value] = None
                if predicate == PREMISE and isinstance(value, Iri):
                    waiting.append(value)
    return list(found)


def rules_of(told: Iterable[Mapping[str, Any]]) -> Iterator[Iri]:
    """Give every rule that trees of reasons name."""
    for each in told:
        yield from each.get("rules", ())
        yield from rules_of(each.get("premises", ()))


class _Tree:
    """Follows reasons to what is asserted; the store is asked once for each thing."""

    def __init__(self, store: Store, base: str) -> None:
        self._store, self._base = store, base
        self._by_thing: dict[Iri, dict[Triple, list[Reason]]] = {}
        self._seen: set[Triple] = set()

    def told(self, reason: Reason) -> dict[str, Any]:
        self._seen.add(reason.triple)
        return {
            "iri": reason.iri,
            **_written(reason.triple),
            "certainty": reason.certainty,
            "rules": list(reason.rules),
            "premises": [self._premise(premise) for premise in reason.premises],
        }

    def _premise(self, premise: Premise) -> dict[str, Any]:
        told: dict[str, Any] = {
            "iri": n3(premise.iri) if isinstance(premise.iri, BlankNode) else premise.iri,
            **_written(premise.triple),
            "certainty": premise.certainty,
            "entailed": premise.entailed,
        }
        if premise.graphs:
            told["graphs"] = list(premise.graphs)
        if premise.sources:
            told["sources"] = [str(source) for source in premise.sources]
        if premise.rationale:
            told["rationale"] = {text.language or "": text.value for text in premise.rationale}
        if premise.entailed and premise.triple not in self._seen and (inner := self._reason(premise)):
            told |= {key: value for key, value in self.told(inner).items() if key in ("rules", "premises")}
        return told

    def _reason(self, premise: Premise) -> Reason | None:
        thing = premise.triple[0]
        if not isinstance(thing, Iri):
            return None
        if thing not in self._by_thing:
            self._by_thing[thing] = of_thing(self._store, thing, self._base)
        return next((each for each in self._by_thing[thing].get(premise.triple, ()) if each.iri == premise.iri), None)


def _written(triple: Triple) -> dict[str, str]:
    """Give a triple as N-Triples terms."""
    return dict(zip(("subject", "predicate", "object"), (n3(term) for term in triple), strict=True))


def _nodes(rows: Iterable[Mapping[str, Term]], name: str) -> dict[Term, dict[Iri, list[Term]]]:
    """Give what rows say of the nodes that a variable stands for."""
    found: dict[Term, dict[Iri, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if (node := row.get(name)) is None or not isinstance(predicate := row["predicate"], Iri):
            continue
        if row["value"] not in (values := found[node][predicate]):
            values.append(row["value"])
    return found


def _triple(about: Mapping[Iri, Sequence[Term]]) -> Triple | None:
    parts = [next(iter(about.get(part, ())), None) for part in (RDF_SUBJECT, RDF_PREDICATE, RDF_OBJECT)]
    subject, predicate, value = parts
    if subject is None or isinstance(subject, Literal) or not isinstance(predicate, Iri) or value is None:
        return None
    return subject, predicate, value


def _iris(about: Mapping[Iri, Sequence[Term]], predicate: Iri) -> tuple[Iri, ...]:
    return tuple(sorted(value for value in about.get(predicate, ()) if isinstance(value, Iri)))


def _reason(
    node: Term,
    about: Mapping[Iri, Sequence[Term]],
    premises: Mapping[Term, Premise],
    written: Mapping[Term, Sequence[str]],
) -> Reason | None:
    triple = _triple(about)
    if triple is None or not isinstance(node, Iri):
        return None
    found = sorted(
        (premises[each] for each in about.get(PREMISE, ()) if each in premises),
        key=lambda each: (each.is_axiom, each.triple[0] != triple[0], written[each.iri]),
    )
    return Reason(node, triple, strongest(_iris(about, CERTAINTY)), _iris(about, RULE), tuple(found))


def _premise(node: Term, about: Mapping[Iri, Sequence[Term]]) -> Premise | None:
    triple = _triple(about)
    if triple is None or isinstance(node, Literal):
        return None
    return Premise(
        iri=node,
        triple=triple,
        certainty=strongest(_iris(about, CERTAINTY)),
        sources=tuple(sorted(about.get(DCTERMS_SOURCE, ()), key=str)),
        graphs=_iris(about, _PART_OF),
        rationale=tuple(each for each in about.get(RATIONALE, ()) if isinstance(each, Literal)),
        entailed=ENTAILMENT in about.get(RDF_TYPE, ()),
    )

"""Why an entailed statement is there: the rule and the premises, down to asserted triples and their sources."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.entities.provenance import said, strongest
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
        _, predicate, value = self.triple
        return predicate.startswith((PREFIXES["owl"], PREFIXES["rdfs"])) or str(value).startswith(PREFIXES["owl"])

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

    @property
    def facts(self) -> list[Premise]:
        """The premises that a reader knows as facts: of the data, and with a name for each of their parts."""
        return [each for each in self.premises if not each.is_axiom and not each.is_definition]

    @property
    def things(self) -> list[Subject]:
        """What the premises tell of, beside the two that the conclusion is about, each once."""
        return list(dict.fromkeys(each.triple[0] for each in self.facts if each.triple[0] not in self.triple))

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
    premises = {node: made for (node,), about in said(rows, "premise").items() if (made := _premise(node, about))}
    written = {node: [n3(term) for term in premise.triple] for node, premise in premises.items()}
    found: dict[Triple, list[Reason]] = defaultdict(list)
    for (node,), about in sorted(said(rows, "entailment").items()):
        if reason := _reason(node, {RDF_SUBJECT: [thing], **about}, premises, written):
            found[reason.triple].append(reason)
    for reasons in found.values():
        reasons.sort(key=lambda each: (len(each.premises), each.iri))
    return dict(found)


def tree(store: Store, reason: Reason, base: str) -> dict[str, Any]:
    """Give a reason as JSON values, each entailed premise with its own reason, down to what is asserted.

    A premise that is used again further down is told once; there it has its node only.
    """
    by_thing: dict[Iri, dict[Triple, list[Reason]]] = {}  # the store is asked once for each thing
    seen: set[Triple] = set()

    def told(of: Reason) -> dict[str, Any]:
        seen.add(of.triple)
        triple, premises = _written(of.triple), [follow(premise) for premise in of.premises]
        return {"iri": of.iri, **triple, "certainty": of.certainty, "rules": list(of.rules), "premises": premises}

    def follow(premise: Premise) -> dict[str, Any]:
        found = _told(premise)
        thing = premise.triple[0]
        if premise.entailed and premise.triple not in seen and isinstance(thing, Iri):
            if thing not in by_thing:
                by_thing[thing] = of_thing(store, thing, base)
            for inner in by_thing[thing].get(premise.triple, ()):
                if inner.iri == premise.iri:
                    return found | {key: value for key, value in told(inner).items() if key in ("rules", "premises")}
        return found

    return told(reason)


def proof(store: Store, reasons: Iterable[Reason]) -> list[Triple]:
    """Give the RDF of reasons with all they rest on: entailments, statements and claims."""
    found: dict[Triple, None] = {}
    waiting, seen = [str(reason.iri) for reason in reasons], set[str]()
    while waiting:
        batch = [(Iri(node),) for node in waiting[:_BATCH] if node not in seen]
        waiting = waiting[_BATCH:]
        seen.update(node for (node,) in batch)
        for row in store.select(bind_rows(engine_query("engine/proof"), ("node",), batch)).rows if batch else ():
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


def _told(premise: Premise) -> dict[str, Any]:
    """Give a premise as JSON values; of sources, graphs and rationale those that there are."""
    told = {
        "iri": n3(premise.iri) if isinstance(premise.iri, BlankNode) else premise.iri,
        **_written(premise.triple),
        "certainty": premise.certainty,
        "entailed": premise.entailed,
    }
    further = {
        "graphs": list(premise.graphs),
        "sources": [str(source) for source in premise.sources],
        "rationale": {text.language or "": text.value for text in premise.rationale},
    }
    return told | {name: values for name, values in further.items() if values}


def _written(triple: Triple) -> dict[str, str]:
    """Give a triple as N-Triples terms."""
    return dict(zip(("subject", "predicate", "object"), map(n3, triple), strict=True))


def _triple(about: Mapping[Iri, Sequence[Term]]) -> Triple | None:
    parts = (RDF_SUBJECT, RDF_PREDICATE, RDF_OBJECT)
    subject, predicate, value = (next(iter(about.get(part, ())), None) for part in parts)
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

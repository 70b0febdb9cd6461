"""Reasons as RDF: an ``inn:Entailment`` for each derivation, an ``rdf:Statement`` for each asserted premise.

A premise that has a claim is that claim, one that is entailed its own entailment (the first), any other a statement
node: subject, predicate, object, the graph that holds it (``dcterms:isPartOf``), its sources and certainty. The names
of the nodes are digests of what they say.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from app.entailment.fixpoint import Derivation, Inference
from app.entailment.levels import CERTAINTIES, Assertions
from app.entailment.rules import Rule
from app.namespaces import CERTAINTY, DCTERMS_SOURCE, ENTAILMENT, PREMISE, RATIONALE, RDF_TYPE, RULE, iris
from app.store.loading import StoreWriter
from app.terms import Iri, Subject, Triple, n3

_PARTS: Final = iris("rdf:subject rdf:predicate rdf:object")
_STATEMENT, _PART_OF = iris("rdf:Statement dcterms:isPartOf")
_LENGTH: Final = 24


class Reasons:
    """Writes the reasons of one run; ``graphs`` are those whose merge is the default graph."""

    def __init__(
        self, writer: StoreWriter, inference: Inference, asserted: Assertions, rules: Mapping[str, Rule], base: str
    ) -> None:
        """Write nothing yet."""
        self._writer, self._inference, self._asserted = writer, inference, asserted
        self._rules, self._base = rules, base
        self._reasons = cache(inference.reasons)
        self._statements: dict[Triple, tuple[Subject, list[Triple]]] = {}

    def triples(self) -> Iterator[Triple]:
        """Give the reasons of all entailed triples, and the statements they end in."""
        for triple in self._inference.shown():
            for derivation in self._reasons(triple):
                yield from self._entailment(triple, derivation)
        for _, told in self._statements.values():
            yield from told

    def _entailment(self, triple: Triple, derivation: Derivation) -> Iterator[Triple]:
        node = self._name(triple, derivation)
        yield node, RDF_TYPE, ENTAILMENT
        yield from _said(node, triple)
        yield node, CERTAINTY, CERTAINTIES[self._inference.levels[triple]]
        for name in derivation.rules:
            yield node, RULE, Iri(f"{self._base}query/{name}")
        for premise in derivation.premises:
            yield node, PREMISE, self._premise(premise)

    def _name(self, triple: Triple, derivation: Derivation) -> Iri:
        premises = sorted(_line(premise) for premise in derivation.premises)
        return self._node("e", "\n".join([_line(triple), *derivation.rules, *premises]))

    def _node(self, kind: str, text: str) -> Iri:
        return Iri(f"{self._base}graph/reasons#{kind}-{hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]}")

    def _premise(self, premise: Triple) -> Subject:
        if premise in self._inference.levels:
            return self._name(premise, self._reasons(premise)[0])
        if premise not in self._statements:
            self._statements[premise] = self._statement(premise)
        return self._statements[premise][0]

    def _statement(self, premise: Triple) -> tuple[Subject, list[Triple]]:
        graphs = self._writer.graphs_with(premise)
        graph = min(graphs, key=lambda each: (self._asserted.level(premise, each), each))
        if claim := self._asserted.claim(premise, graph):
            return claim, []
        node = self._node("s", _line(premise))
        told: list[Triple] = [(node, RDF_TYPE, _STATEMENT), *_said(node, premise), (node, _PART_OF, graph)]
        told.append((node, CERTAINTY, CERTAINTIES[self._asserted.level(premise, graph)]))
        told += [(node, DCTERMS_SOURCE, source) for source in self._asserted.source(premise, graph)]
        if axiom := self._asserted.axioms.get(premise):
            told += [(node, RATIONALE, text) for text in axiom[2]]
        return node, told


def _said(node: Subject, triple: Triple) -> Iterator[Triple]:
    return ((node, part, term) for part, term in zip(_PARTS, triple, strict=True))


def _line(triple: Triple) -> str:
    return " ".join(n3(term) for term in triple)

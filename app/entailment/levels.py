"""How firmly an asserted triple stands, as a level; a lower level never rests on a higher one.

The order of certainty is that of docs/model.md: the claim about the triple in its graph (or the annotation of the
axiom), else the subject's own certainty in the same graph, else that of the graph; without any it counts as stated.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.namespaces import INTERPRETED, STATED, UNCERTAIN
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri, Literal, Subject, Term, Triple, triple_of

LEVELS: Final = range(4)
FIRST_LEVEL, STATED_LEVEL, INTERPRETED_LEVEL, UNCERTAIN_LEVEL = LEVELS
CERTAINTIES: Final = (STATED, STATED, INTERPRETED, UNCERTAIN)


def level_of(certainty: Term | None) -> int:
    """Give the level of a certainty: what is not given counts as stated, an unknown one as interpreted."""
    if certainty is None or certainty == STATED:
        return STATED_LEVEL
    return UNCERTAIN_LEVEL if certainty == UNCERTAIN else INTERPRETED_LEVEL


@dataclass(slots=True)
class Assertions:
    """What is known of the asserted triples: certainty and source by graph, by subject and by claim."""

    firm: frozenset[Iri]
    own: dict[tuple[Iri, Term], int] = field(default_factory=dict)
    sources: dict[tuple[Iri, Term], list[Term]] = field(default_factory=lambda: defaultdict(list))
    claims: dict[tuple[Iri, Triple], tuple[Subject, int | None]] = field(default_factory=dict)
    axioms: dict[Triple, tuple[Iri, int, list[Literal]]] = field(default_factory=dict)

    @classmethod
    def read(cls, store: Store, firm: Iterable[Iri]) -> "Assertions":
        """Read a store with its named graphs, each of which says of itself how sure it is.

        ``firm`` are the graphs of the view whose entailments stand apart: what is stated there is of the first level.
        """
        found = cls(frozenset(firm))
        for row in store.select(engine_query("engine/certainties")).rows:
            graph, level = Iri(str(row["graph"])), level_of(row["certainty"])
            found.own[graph, row["s"]] = min(level, found.own.get((graph, row["s"]), UNCERTAIN_LEVEL))
        for row in store.select(engine_query("engine/sources")).rows:
            found.sources[Iri(str(row["graph"])), row["s"]].append(row["source"])
        for row in store.select(engine_query("engine/claimed-statements")).rows:
            claim = row["claim"]
            if not isinstance(claim, Literal) and (about := triple_of(row["s"], row["p"], row["o"])):
                certainty = level_of(row["certainty"]) if "certainty" in row else None
                found.claims.setdefault((Iri(str(row["graph"])), about), (claim, certainty))
        for row in store.select(engine_query("engine/annotated-axioms")).rows:
            if about := triple_of(row["s"], row["p"], row["o"]):
                known = found.axioms.setdefault(about, (Iri(str(row["graph"])), level_of(row["certainty"]), []))
                if isinstance(why := row.get("rationale"), Literal):
                    known[2].append(why)
        return found

    def level(self, triple: Triple, graph: Iri) -> int:
        """Give the level of a triple in one graph."""
        return self._in(graph, self._certainty(triple, graph))

    def _in(self, graph: Iri, level: int) -> int:
        return FIRST_LEVEL if level == STATED_LEVEL and graph in self.firm else level

    def _certainty(self, triple: Triple, graph: Iri) -> int:
        _, certainty = self.claims.get((graph, triple), (None, None))
        if certainty is not None:
            return certainty
        if axiom := self.axioms.get(triple):
            return axiom[1]
        return self.own.get((graph, triple[0]), self._of_graph(graph))

    def _of_graph(self, graph: Iri) -> int:
        return self.own.get((graph, graph), STATED_LEVEL)

    def claim(self, triple: Triple, graph: Iri) -> Subject | None:
        """Give the claim of a graph about a triple."""
        return self.claims.get((graph, triple), (None, None))[0]

    def source(self, triple: Triple, graph: Iri) -> list[Term]:
        """Give where a triple comes from: what its subject says in the same graph, else the graph."""
        found = self.sources.get((graph, triple[0])) or self.sources.get((graph, graph)) or []
        return sorted(found, key=str)

    def possible(self, graphs: Iterable[Iri]) -> Mapping[Iri, frozenset[int]]:
        """Give the levels that triples of each graph can have, so that a graph of one level is not looked through."""
        found = {graph: {self._of_graph(graph)} for graph in graphs}
        for (graph, _), (_, certainty) in self.claims.items():
            if graph in found and certainty is not None:
                found[graph].add(certainty)
        for (graph, _), level in self.own.items():
            if graph in found:
                found[graph].add(level)
        for graph in found.keys() & {axiom[0] for axiom in self.axioms.values()}:
            found[graph] |= {axiom[1] for axiom in self.axioms.values()}
        return {graph: frozenset(self._in(graph, level) for level in levels) for graph, levels in found.items()}

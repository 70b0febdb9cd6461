"""Where a fact comes from and how sure it is (docs/model.md, order of certainty and of source)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.namespaces import CERTAINTY, DCTERMS_SOURCE, INTERPRETED, STATED, UNCERTAIN
from app.query.binding import bind_rows
from app.query.library import engine_query
from app.store.interface import Store
from app.terms import Iri, Literal, Term

STRENGTH: Final = (STATED, INTERPRETED, UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about one triple, as its own statements say."""

    iri: Term
    graph: Iri | None
    predicate: Iri
    object: Term
    certainty: Iri | None
    sources: tuple[Term, ...]
    rationale: tuple[Literal, ...]
    alternatives: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """One graph's word for a fact: certainty (None: not given), sources, the claim that says so."""

    graph: Iri | None
    certainty: Iri | None = None
    sources: tuple[Term, ...] = ()
    claim: Claim | None = None


def strongest(certainties: Iterable[Iri | None]) -> Iri | None:
    """Give the strongest certainty; one of a foreign vocabulary only when no other is given."""
    known = {each for each in certainties if each}
    return next((each for each in STRENGTH if each in known), min(known, default=None))


def of_graphs(store: Store, graphs: Iterable[Iri]) -> dict[Iri, Provenance]:
    """Give what the descriptions of the graphs say of certainty and source."""
    names = [graph for graph in graphs if graph]
    if not names:
        return {}
    pairs = [(name, each) for name in names for each in (CERTAINTY, DCTERMS_SOURCE)]
    rows = store.select(bind_rows(engine_query("engine/graphs"), ("graph", "property"), pairs)).rows
    return {
        name: Provenance(
            name,
            strongest(values_of(rows, name, CERTAINTY)),
            tuple(
                sorted(
                    {row["value"] for row in rows if row["graph"] == name and row["property"] == DCTERMS_SOURCE},
                    key=str,
                )
            ),
        )
        for name in names
    }


def values_of(rows: Sequence[Mapping[str, Term]], graph: Iri, prop: Iri) -> list[Iri]:
    """Give the IRIs that rows of (graph, property, value) hold for one graph and property."""
    return [
        value
        for row in rows
        if row["graph"] == graph and row["property"] == prop and isinstance(value := row["value"], Iri)
    ]


def of_fact(
    graph: Iri | None,
    claims: Sequence[Claim],
    own: Provenance,
    graphs: Mapping[Iri, Provenance],
) -> Provenance:
    """Give the provenance of a triple in one graph.

    Certainty: its claim, else the subject's own in the same graph (``own``), else the graph's. Source likewise. A claim
    of the same graph goes before one of another; ``claims`` are those about this very triple.
    """
    claim = next((each for each in claims if each.graph == graph), claims[0] if claims else None)
    described = graphs.get(graph, Provenance(graph)) if graph else Provenance(None)
    return Provenance(
        graph,
        (claim and claim.certainty) or own.certainty or described.certainty,
        (claim and claim.sources) or own.sources or described.sources,
        claim,
    )

"""Where a fact comes from and how sure it is (docs/model.md, order of certainty and of source)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.namespaces import CERTAINTY, DCTERMS_SOURCE, INTERPRETED, SKOS_DEFINITION, STATED, UNCERTAIN
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
    told = by_graph((row["graph"], row["property"], row["value"]) for row in rows)
    return {name: told.get(name, Provenance(name)) for name in names}


def meanings(store: Store) -> dict[Iri, tuple[Literal, ...]]:
    """Give the definitions that the content has of the degrees of certainty, in the order of strength."""
    pairs = [(degree, SKOS_DEFINITION) for degree in STRENGTH]
    found: dict[Term, list[Literal]] = defaultdict(list)
    for row in store.select(bind_rows(engine_query("engine/graphs"), ("graph", "property"), pairs)).rows:
        if isinstance(text := row["value"], Literal):
            found[row["graph"]].append(text)
    return {degree: tuple(found[degree]) for degree in STRENGTH if degree in found}


def by_graph(told: Iterable[tuple[Term, Term, Term]]) -> dict[Iri, Provenance]:
    """Give what (graph, property, value) say of certainty and source, by graph; other properties say nothing of it."""
    found: dict[Iri, dict[Term, dict[Term, None]]] = defaultdict(lambda: defaultdict(dict))
    for graph, prop, value in told:
        if isinstance(graph, Iri) and prop in (CERTAINTY, DCTERMS_SOURCE):
            found[graph][prop][value] = None
    return {
        graph: Provenance(
            graph,
            strongest(value for value in values[CERTAINTY] if isinstance(value, Iri)),
            tuple(sorted(values[DCTERMS_SOURCE], key=str)),
        )
        for graph, values in found.items()
    }


def said(rows: Iterable[Mapping[str, Term]], *variables: str) -> dict[tuple[Term, ...], dict[Iri, list[Term]]]:
    """Give what rows with these variables say of what they stand for: values by predicate, each once."""
    found: dict[tuple[Term, ...], dict[Iri, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if all(name in row for name in variables) and isinstance(predicate := row["predicate"], Iri):
            values = found[tuple(row[name] for name in variables)][predicate]
            if row["value"] not in values:
                values.append(row["value"])
    return found


def of_fact(
    graph: Iri | None, claims: Sequence[Claim], own: Mapping[Iri, Provenance], graphs: Mapping[Iri, Provenance]
) -> Provenance:
    """Give the provenance of a triple in one graph.

    Certainty: the claim of this graph, else the subject's own in it (``own``), else the graph's. Source likewise.
    ``claims`` are those about this very triple, of any graph.
    """
    claim = next((each for each in claims if each.graph == graph), None)
    told = [claim, *(each[graph] for each in (own, graphs) if graph and graph in each)]
    certainty = next((each.certainty for each in told if each and each.certainty), None)
    sources = next((each.sources for each in told if each and each.sources), ())
    return Provenance(graph, certainty, sources, claim)

"""The order of certainty and of source (docs/model.md)."""

from app.entities.basis import bases, data_graphs
from app.entities.description import Description, describe, read
from app.entities.provenance import of_graphs, strongest
from app.namespaces import (
    CERTAINTY,
    CLAIM,
    DCTERMS_SOURCE,
    INTERPRETED,
    RATIONALE,
    RDF_OBJECT,
    RDF_PREDICATE,
    RDF_SUBJECT,
    RDF_TYPE,
    STATED,
    UNCERTAIN,
)
from app.store.embedded import EmbeddedStore
from app.terms import Iri, Literal, Term

BASE = "http://example.org/"
STRATEGY, READING = Iri(BASE + "graph/strategy"), Iri(BASE + "graph/interpretation")
PLAIN, OWN, CLAIMED = (Iri(BASE + "id/thing/" + name) for name in ("plain", "own", "claimed"))
P, Q = Iri(BASE + "ontology#p"), Iri(BASE + "ontology#q")
VALUE = Literal("x")
PLAN, PAGE, PASSAGE = (Iri(BASE + "id/source/" + name) for name in ("plan", "page", "passage"))
THE_CLAIM = Iri(BASE + "id/claim/1")


def statements(graph: Iri, *triples: tuple[Iri, Iri, Term]) -> list[tuple[tuple[Iri, Iri, Term], Iri | None]]:
    """Give triples in their graph and, as the build does, in the default graph."""
    return [(triple, each) for triple in triples for each in (graph, None)]


STORE = EmbeddedStore.in_memory(
    [
        *statements(
            Iri(BASE + "graph/catalog"),
            (STRATEGY, CERTAINTY, STATED),
            (STRATEGY, DCTERMS_SOURCE, PLAN),
            (READING, CERTAINTY, INTERPRETED),
        ),
        *statements(STRATEGY, (PLAIN, P, VALUE), (OWN, P, VALUE), (CLAIMED, P, VALUE), (CLAIMED, Q, VALUE)),
        *statements(
            READING, (OWN, Q, VALUE), (OWN, CERTAINTY, UNCERTAIN), (OWN, DCTERMS_SOURCE, PAGE), (PLAIN, P, VALUE)
        ),
        *statements(
            STRATEGY,
            (THE_CLAIM, RDF_TYPE, CLAIM),
            (THE_CLAIM, RDF_SUBJECT, CLAIMED),
            (THE_CLAIM, RDF_PREDICATE, P),
            (THE_CLAIM, RDF_OBJECT, VALUE),
            (THE_CLAIM, CERTAINTY, UNCERTAIN),
            (THE_CLAIM, RATIONALE, Literal("Utydelig.", "nb")),
            (THE_CLAIM, DCTERMS_SOURCE, PASSAGE),
        ),
    ]
)
GRAPHS = STORE.graphs()
VIEWS = [
    {"name": "strategy", "label": {}, "graphs": [STRATEGY]},
    {"name": "asserted", "label": {}, "graphs": [STRATEGY, READING]},
]


def described(iri: Iri, basis: str = "all") -> Description:
    return describe(read(STORE, iri, BASE), bases(VIEWS, data_graphs(GRAPHS, BASE))[basis], of_graphs(STORE, GRAPHS))


def word(iri: Iri, predicate: Iri) -> tuple[Iri | None, tuple[Term, ...]]:
    (fact,) = described(iri).facts[predicate]
    return fact.certainty, fact.sources


def test_a_fact_has_the_certainty_and_source_of_its_graph() -> None:
    assert word(CLAIMED, Q) == (STATED, (PLAN,))


def test_the_subjects_own_certainty_and_source_go_before_those_of_the_same_graph() -> None:
    assert word(OWN, Q) == (UNCERTAIN, (PAGE,))


def test_the_subjects_own_certainty_says_nothing_of_another_graph() -> None:
    assert word(OWN, P) == (STATED, (PLAN,))


def test_a_claim_goes_before_everything() -> None:
    assert word(CLAIMED, P) == (UNCERTAIN, (PASSAGE,))
    (claim,) = described(CLAIMED).claims
    assert claim.rationale == (Literal("Utydelig.", "nb"),)


def test_a_fact_of_two_graphs_is_one_row_with_the_stronger_certainty() -> None:
    assert word(PLAIN, P) == (STATED, (PLAN,))


def test_a_basis_hides_what_it_does_not_hold() -> None:
    assert set(described(OWN, "strategy").facts) == {P}
    assert set(described(OWN, "asserted").facts) == {P, Q, DCTERMS_SOURCE}


def test_a_graph_without_source_is_the_source() -> None:
    (fact,) = described(OWN).facts[DCTERMS_SOURCE]
    assert fact.sources == (PAGE,)


def test_stated_is_stronger_than_interpreted_than_uncertain() -> None:
    assert strongest([UNCERTAIN, INTERPRETED]) == INTERPRETED
    assert strongest([INTERPRETED, STATED, None]) == STATED
    assert strongest([None]) is None
    assert strongest([Iri("http://example.org/sure")]) == Iri("http://example.org/sure")

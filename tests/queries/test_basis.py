"""The questions count right on every basis, though the engine counts a triple once for each graph that holds it."""

from collections import Counter

import pytest

from app.entities.basis import bases, data_graphs
from app.graph.content import Content
from app.query.files import QueryFile
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.store.interface import Dataset
from app.terms import Iri
from tests.queries.conftest import ROOT

BASE = "https://w3id.org/innherred/"
QUESTIONS = [file for file in Library.load([ROOT / "queries"]).questions.values() if file.form == "SELECT"]


def graphs(store: EmbeddedStore, name: str) -> tuple[Iri, ...]:
    if name == "strategy":
        data = data_graphs(store.graphs(), BASE)
        dataset = bases(Content.open(ROOT).views(data), data)[name].dataset
        assert dataset is not None
        assert dataset.default is not None
        return dataset.default
    return tuple(sorted(data_graphs(store.graphs(), BASE)))


@pytest.fixture(scope="module", params=["strategy", "asserted"])
def both(request: pytest.FixtureRequest, store: EmbeddedStore) -> tuple[EmbeddedStore, Dataset, EmbeddedStore]:
    """Give the store, several of its graphs as a dataset, and a store whose default graph is their merge."""
    chosen = graphs(store, request.param)
    triples = {
        triple
        for graph in chosen
        for triple in store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", Dataset(default=(graph,)))
    }
    return store, Dataset(default=chosen), EmbeddedStore.in_memory([(triple, None) for triple in triples])


def test_some_triples_are_in_two_graphs(store: EmbeddedStore) -> None:
    chosen = graphs(store, "asserted")
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    once = "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o { ?s ?p ?o } }"
    several, merged = (store.select(each, Dataset(default=chosen)).rows for each in (query, once))
    assert several != merged


@pytest.mark.parametrize("file", QUESTIONS, ids=lambda file: file.name)
def test_a_question_counts_a_triple_of_two_graphs_once(
    both: tuple[EmbeddedStore, Dataset, EmbeddedStore], file: QueryFile
) -> None:
    if any(parameter.required and parameter.default is None for parameter in file.parameters):
        pytest.skip("it needs a value")
    store, dataset, merged = both
    text = file.bound({})
    if "GRAPH" in text:
        pytest.skip("it asks the graphs by name")
    assert rows(store, text, dataset) == rows(merged, text, None)


def rows(store: EmbeddedStore, text: str, dataset: Dataset | None) -> Counter[str]:
    return Counter(str(sorted(row.items())) for row in store.select(text, dataset).rows)

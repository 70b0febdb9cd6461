"""The made-up graph of the benchmarks: repeatable, of the size asked for, in the terms of the ontology."""

import importlib.util
from pathlib import Path

import pytest

from app.graph.content import Content
from app.namespaces import INN, RDFS_LABEL
from app.quality.scan import Scan
from app.terms import Iri, Literal

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def graph():
    spec = importlib.util.spec_from_file_location("graph", ROOT / "bench" / "graph.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("size", [100, 5000])
def test_a_graph_has_the_size_asked_for_and_can_be_repeated(graph, size):
    lines = list(graph.lines(size))
    assert len(set(lines)) == len(lines) == size
    assert lines == list(graph.lines(size))


def test_it_is_a_content_in_the_terms_of_the_ontology(graph, tmp_path):
    graph.write(tmp_path, 5000)
    scan = Scan(Content.open(tmp_path))
    triples = [triple for triple, _ in scan.quads()]
    assert scan.complete
    ours = {
        Iri(term) for triple in triples for term in triple if not isinstance(term, Literal) and term.startswith(INN)
    }
    ontology = Scan(Content.open(ROOT))
    assert list(ontology.quads())
    assert len(ours) > 10
    assert ours <= ontology.defined
    assert {value.language for _, predicate, value in triples if predicate == RDFS_LABEL} == {"nb", "en"}
    numbers = {subject for subject, _, _ in triples if "/activity/" in subject}
    assert len(numbers) >= graph.activities(5000)

"""The shapes graph, read once, and validation as the build does it: Oxigraph below, no inference."""

from collections.abc import Callable
from pathlib import Path

import pyshacl
import pytest
from rdflib import RDFS, Graph, URIRef

ROOT = Path(__file__).parents[2]

Validate = Callable[[Graph, Graph], Graph]


class OxigraphGraph(Graph):
    """A graph in Oxigraph that says it is not empty instead of counting itself.

    pySHACL asks for the length of the data before each result; on Oxigraph that is a query over everything.
    """

    def __init__(self) -> None:
        super().__init__(store="Oxigraph", bind_namespaces="none")

    def __len__(self) -> int:
        return 1


@pytest.fixture(scope="session")
def shapes() -> Graph:
    """All shapes of the content in one graph."""
    graph = Graph()
    for path in sorted((ROOT / "shapes").rglob("*.ttl")):
        graph.parse(path)
    return graph


@pytest.fixture(scope="session")
def ontology() -> Graph:
    """The ontology of the content in one graph."""
    graph = Graph()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        graph.parse(path)
    return graph


@pytest.fixture(scope="session")
def validate(ontology: Graph) -> Validate:
    """Give a function: data and shapes in, the validation report out.

    Beside the data stand the subclass triples of the ontology's classes, which SHACL §1.3 reads.
    """
    subclasses = [
        (narrow, RDFS.subClassOf, wide)
        for narrow, wide in ontology.subject_objects(RDFS.subClassOf)
        if isinstance(narrow, URIRef) and isinstance(wide, URIRef)
    ]

    def run(data: Graph, shapes: Graph) -> Graph:
        merged = OxigraphGraph()
        for triple in (*subclasses, *data):
            merged.add(triple)
        _, report, _ = pyshacl.validate(merged, shacl_graph=shapes)
        assert isinstance(report, Graph), report
        return report

    return run

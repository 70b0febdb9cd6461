"""Every shape has a name of its own, says what it asks for, and tells what to do when it is not so."""

import re
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef

SHAPE = "https://w3id.org/innherred/shape/"
FILES = sorted((Path(__file__).parents[2] / "shapes").rglob("*.ttl"))
KINDS = (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint)


def named(graph: Graph) -> list[URIRef]:
    return sorted({node for kind in KINDS for node in graph.subjects(RDF.type, kind)})


def languages(graph: Graph, node: URIRef, path: URIRef) -> list[str | None]:
    return sorted(text.language or "" for text in graph.objects(node, path))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def graph(request: pytest.FixtureRequest) -> Graph:
    return Graph().parse(request.param)


def test_file_holds_a_shape(graph: Graph) -> None:
    assert list(graph.subjects(RDF.type, SH.NodeShape))


def test_shapes_and_constraints_have_iris_of_ours(graph: Graph) -> None:
    used = {node for path in (SH.property, SH.sparql, SH.node) for node in graph.objects(None, path)}
    for node in (*named(graph), *used):
        assert not isinstance(node, BNode), "an anonymous shape or constraint"
        assert re.fullmatch(re.escape(SHAPE) + r"[A-Z][A-Za-z]*(-[a-z][A-Za-z]*)?", node), node


def test_property_shapes_bear_the_name_of_their_node_shape(graph: Graph) -> None:
    for path in (SH.property, SH.sparql):
        for node, part in graph.subject_objects(path):
            assert part.startswith(f"{node}-"), f"{part} does not begin with {node}-"


def test_every_shape_has_one_known_severity(graph: Graph) -> None:
    for kind in (SH.NodeShape, SH.PropertyShape):
        for node in graph.subjects(RDF.type, kind):
            severities = list(graph.objects(node, SH.severity))
            assert len(severities) == 1, node
            assert severities[0] in {SH.Violation, SH.Warning, SH.Info}, node


@pytest.mark.parametrize("path", [RDFS.label, SH.message], ids=["label", "message"])
def test_every_shape_and_constraint_says_it_in_both_languages(graph: Graph, path: URIRef) -> None:
    for node in named(graph):
        assert languages(graph, node, path) == ["en", "nb"], f"{node} {path}"


def test_every_shape_is_named_and_documented_in_both_languages(graph: Graph) -> None:
    for node in named(graph):
        documented = RDFS.comment if (node, RDF.type, SH.SPARQLConstraint) in graph else SH.description
        assert languages(graph, node, documented) == ["en", "nb"], node
    for kind in (SH.NodeShape, SH.PropertyShape):
        for node in graph.subjects(RDF.type, kind):
            assert languages(graph, node, SH.name) == ["en", "nb"], node


def test_messages_say_more_than_the_rule(graph: Graph) -> None:
    """A message is the rule and what to do about it: two sentences at least, and no variable left unexplained."""
    for node in named(graph):
        for message in graph.objects(node, SH.message):
            assert len(re.findall(r"[.>](?= |$)", str(message))) >= 2, f"{node}: {message}"


def test_queries_write_iris_out_in_full(graph: Graph) -> None:
    for node, query in graph.subject_objects(SH.select):
        bare = re.sub(r"<[^<>\s]*>|\"[^\"\n]*\"|'[^'\n]*'", "", str(query))
        assert not re.search(r"\b\w+:\w", bare), f"{node} has a prefixed name"
        assert "$this" in bare, node


def test_no_shape_is_defined_twice() -> None:
    seen: dict[URIRef, str] = {}
    for path in FILES:
        for node in named(Graph().parse(path)):
            assert node not in seen, f"{node} stands in {seen[node]} and {path.name}"
            seen[node] = path.name

"""The examples of shapes: the valid ones conform, the invalid ones give exactly the expected report.

``examples/<file of shapes>/valid.<case>.ttl`` and ``invalid.<case>.ttl`` are checked with the shapes of that
file. Beside each invalid example stands ``invalid.<case>.report.ttl``. Reports are compared as graphs.

A new shape needs no example. Of a shape that has one, each constraint is shown.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SH, XSD, BNode, Graph, Literal
from rdflib.collection import Collection
from rdflib.compare import graph_diff, to_isomorphic
from rdflib.term import Node

HERE = Path(__file__).parent
SHAPES = HERE.parents[1] / "shapes"
FILES = {path.stem: path for path in sorted(SHAPES.rglob("*.ttl"))}
VALID = sorted(HERE.glob("examples/*/valid.*.ttl"))
REPORTS = sorted(HERE.glob("examples/*/invalid.*.report.ttl"))
INVALID = sorted(set(HERE.glob("examples/*/invalid.*.ttl")) - set(REPORTS))

# What of a result is compared; messages and copies of shapes are left out.
COMPARED = (
    SH.focusNode,
    SH.resultPath,
    SH.value,
    SH.sourceShape,
    SH.sourceConstraint,
    SH.sourceConstraintComponent,
    SH.resultSeverity,
)
CONSTRAINTS = (
    *(SH["class"], SH.datatype, SH.nodeKind, SH.minCount, SH.maxCount, SH.minLength, SH.maxLength, SH.pattern),
    *(SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive, SH.languageIn, SH.uniqueLang, SH.equals),
    *(SH.disjoint, SH.lessThan, SH.lessThanOrEquals, SH["not"], SH["and"], SH["or"], SH.xone, SH.node, SH.hasValue),
    *(SH["in"], SH.closed, SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.sparql),
)


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@cache
def shapes_of(stem: str) -> Graph:
    """The shapes of one file, and the alternatives they ask about."""
    return Graph().parse(FILES[stem]).parse(FILES["alternatives"])


def plain(term: Node) -> Node:
    """A string without its datatype: Oxigraph gives it, rdflib holds the two for different terms."""
    return Literal(str(term)) if isinstance(term, Literal) and term.datatype == XSD.string else term


def normalised(report: Graph) -> Graph:
    """The results of a report, each with what is compared."""
    graph = Graph()
    for node in report.subjects(RDF.type, SH.ValidationResult):
        result = BNode()
        graph.add((result, RDF.type, SH.ValidationResult))
        for path in COMPARED:
            for value in report.objects(node, path):
                graph.add((result, path, plain(value)))
    return graph


def lines(graph: Graph) -> str:
    return "\n".join(sorted(line for line in graph.serialize(format="nt").splitlines() if line))


@pytest.mark.parametrize("path", VALID, ids=name)
def test_valid_example_conforms(path: Path, validate) -> None:
    report = validate(Graph().parse(path), shapes_of(path.parent.name))
    assert not lines(normalised(report))


@pytest.mark.parametrize("path", INVALID, ids=name)
def test_invalid_example_gives_the_expected_report(path: Path, validate) -> None:
    expected = normalised(Graph().parse(path.with_suffix(".report.ttl")))
    found = normalised(validate(Graph().parse(path), shapes_of(path.parent.name)))
    assert len(expected) > 0
    if to_isomorphic(found) != to_isomorphic(expected):
        _, unexpected, missing = graph_diff(found, expected)
        pytest.fail(f"not expected:\n{lines(unexpected)}\nmissing:\n{lines(missing)}")


def test_every_report_belongs_to_an_example() -> None:
    assert [path.with_suffix(".report.ttl") for path in INVALID] == REPORTS


def test_every_folder_of_examples_belongs_to_a_file_of_shapes() -> None:
    assert {path.name for path in (HERE / "examples").iterdir()} <= set(FILES)


def focus(shapes: Graph, shape: Node, data: Graph, ontology: Graph) -> Iterator[Node]:
    """The focus nodes of a shape in some data (SHACL §2.1.3)."""
    yield from shapes.objects(shape, SH.targetNode)
    for path in shapes.objects(shape, SH.targetSubjectsOf):
        yield from data.subjects(path)
    for path in shapes.objects(shape, SH.targetObjectsOf):
        yield from data.objects(None, path)
    for kind in shapes.objects(shape, SH.targetClass):
        for narrower in ontology.transitive_subjects(RDFS.subClassOf, kind):
            yield from data.subjects(RDF.type, narrower)


@pytest.mark.parametrize("path", VALID, ids=name)
def test_a_shape_looks_at_each_valid_example(path: Path, ontology: Graph) -> None:
    """What no shape looks at conforms, but shows nothing."""
    shapes, data = shapes_of(path.parent.name), Graph().parse(path)
    assert any(any(focus(shapes, shape, data, ontology)) for shape in shapes.subjects(RDF.type, SH.NodeShape))


@pytest.fixture(scope="module")
def reported() -> set[tuple[Node | None, Node | None]]:
    """Each (shape or SPARQL constraint, component) that an expected report holds."""
    pairs = set()
    for path in REPORTS:
        graph = Graph().parse(path)
        for node in graph.subjects(RDF.type, SH.ValidationResult):
            source = graph.value(node, SH.sourceConstraint) or graph.value(node, SH.sourceShape)
            pairs.add((source, graph.value(node, SH.sourceConstraintComponent)))
    return pairs


def alternatives(shapes: Graph, shape: Node) -> Iterator[Node]:
    """The shapes that a shape asks about but that report nothing themselves."""
    for path in (SH["or"], SH["and"], SH.xone):
        for members in shapes.objects(shape, path):
            yield from Collection(shapes, members)
    for path in (SH["not"], SH.node, SH.qualifiedValueShape):
        yield from shapes.objects(shape, path)


def test_each_constraint_of_a_shape_with_examples_fails_in_one(shapes: Graph, reported: set[tuple[Node, Node]]) -> None:
    shown = {source for source, _ in reported}
    asked = {part for shape in shapes.subjects(RDF.type) for part in alternatives(shapes, shape)}
    inner = {part for shape in asked for part in shapes.objects(shape, SH.property)}
    missing = []
    for kind in (SH.NodeShape, SH.PropertyShape):
        for shape in shapes.subjects(RDF.type, kind):
            if shape in asked | inner:
                continue
            for parameter in CONSTRAINTS:
                for value in shapes.objects(shape, parameter):
                    if parameter == SH.sparql:
                        pair = value, SH.SPARQLConstraintComponent
                    else:
                        pair = shape, SH[f"{parameter.fragment[0].upper()}{parameter.fragment[1:]}ConstraintComponent"]
                    if pair[0] in shown and pair not in reported:
                        missing.append(" ".join(str(term).rsplit("/", 1)[-1] for term in pair))
    assert not missing, "no example shows: " + ", ".join(sorted(missing))

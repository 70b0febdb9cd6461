"""The examples of each shape: the valid ones conform, the invalid ones give exactly the expected report.

``examples/<file of shapes>/valid.<case>.ttl`` and ``invalid.<case>.ttl`` are checked with the shapes of that
file. Beside each invalid example stands ``invalid.<case>.report.ttl``. Reports are compared as graphs.
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
TARGETS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
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


@cache
def aimed(stem: str) -> frozenset[Node]:
    """The node shapes of one file that have a target."""
    graph = Graph().parse(FILES[stem])
    return frozenset(node for path in TARGETS for node in graph.subjects(path))


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
    folders = {path.name for path in (HERE / "examples").iterdir()}
    assert folders == {stem for stem in FILES if aimed(stem)}


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


@pytest.mark.parametrize("stem", [stem for stem in FILES if aimed(stem)])
def test_every_node_shape_looks_at_something_valid(stem: str, shapes: Graph, ontology: Graph) -> None:
    data = Graph()
    for path in VALID:
        if path.parent.name == stem:
            data.parse(path)
    blind = {shape for shape in aimed(stem) if not any(focus(shapes, shape, data, ontology))}
    # A shape that forbids what it looks for has nothing valid to look at.
    forbidding = {shape for shape in blind if forbids(shapes, shape)}
    assert blind == forbidding


def forbids(shapes: Graph, shape: Node) -> bool:
    """Whether the shape refuses all it looks at: it asks for none of the property that makes a focus node one."""
    sought = {*shapes.objects(shape, SH.targetSubjectsOf)}
    sought |= {RDF.type for _ in shapes.objects(shape, SH.targetClass)}
    refused = {
        shapes.value(part, SH.path)
        for part in shapes.objects(shape, SH.property)
        if (count := shapes.value(part, SH.maxCount)) is not None and int(str(count)) == 0
    }
    return bool(sought) and sought <= refused


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


def test_every_constraint_fails_in_an_example(shapes: Graph, reported: set[tuple[Node, Node]]) -> None:
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
                    if pair not in reported:
                        missing.append(" ".join(str(term).rsplit("/", 1)[-1] for term in pair))
    assert not missing, "no example shows: " + ", ".join(sorted(missing))


def test_every_alternative_is_asked_about(shapes: Graph) -> None:
    """A shape without a target that no other shape names would check nothing."""
    asked = {part for shape in shapes.subjects(RDF.type) for part in alternatives(shapes, shape)}
    idle = {
        shape
        for shape in shapes.subjects(RDF.type, SH.NodeShape)
        if shape not in asked and not any((shape, path, None) in shapes for path in TARGETS)
    }
    assert not idle

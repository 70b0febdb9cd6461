"""Other people's validators and ours: the same results of the shipped content and of broken data beside it."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, SH, BNode, Graph
from rdflib.term import Node, URIRef

from app.content.reading import InputFile, read
from app.content.turtle import to_rdflib
from app.mediatypes import N_TRIPLES
from app.quality.validation import validate
from app.store import engine
from app.terms import Triple
from tests.java import java

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Found = set[tuple[str, ...]]
# Jena gives one of the texts as the value where a language is used twice.
WITHOUT_VALUE = str(SH.UniqueLangConstraintComponent)


def triples(paths: Iterable[Path]) -> list[Triple]:
    files = (InputFile(path, path.name, None, "data") for path in sorted(paths))
    return [triple for file in files for triple, _ in read(file, "http://localhost/")]


@pytest.fixture(scope="module")
def data() -> list[Triple]:
    """The shipped content, and all examples of what is wrong."""
    broken = {each for each in HERE.glob("examples/*/invalid.*.ttl") if not each.name.endswith(".report.ttl")}
    shipped = [each for folder in ("ontology", "data") for each in (ROOT / folder).rglob("*.ttl")]
    return triples([*shipped, *broken])


@pytest.fixture(scope="module")
def ours(data: list[Triple]) -> Found:
    results = validate(data, triples((ROOT / "shapes").rglob("*.ttl"))).results
    terms = ((r.focus, r.path, r.value, r.shape, r.component, r.severity) for r in results)
    found = {row([each and to_rdflib(each) for each in told]) for told in terms}
    assert len(found) > 1000
    return found


def row(terms: Iterable[Node | None]) -> tuple[str, ...]:
    """What is compared of a result; nodes without a name are all alike."""
    focus, path, value, *rest = ("_:" if isinstance(each, BNode) else str(each or "") for each in terms)
    return focus, path, "" if rest[1] == WITHOUT_VALUE else value, *rest


def results(report: str) -> Found:
    """Read the results of a report in Turtle that a log may stand before."""
    graph = Graph().parse(data=report[report.index("PREFIX") :], format="turtle")
    wanted = SH.focusNode, SH.resultPath, SH.value, SH.sourceShape, SH.sourceConstraintComponent, SH.resultSeverity
    nodes = graph.subjects(RDF.type, URIRef(SH["ValidationResult"]))
    return {row(graph.value(node, each) for each in wanted) for node in nodes}


@pytest.mark.parametrize(
    ("language", "variable", "command"),
    [
        ("nb", "INNHERRED_FUSEKI", ["shacl.shacl", "validate", "--shapes", "{shapes}", "--data", "{data}"]),
        (
            "en",
            "INNHERRED_TOPBRAID",
            ["org.topbraid.shacl.tools.Validate", "-shapesfile", "{shapes}", "-datafile", "{data}"],
        ),
    ],
    ids=["jena", "topbraid"],
)
def test_another_validator_finds_the_same(
    shipped_client: FlaskClient,
    data: list[Triple],
    ours: Found,
    tmp_path: Path,
    language: str,
    variable: str,
    command: list[str],
) -> None:
    shapes, source = tmp_path / "shapes.ttl", tmp_path / "data.nt"
    shapes.write_bytes(shipped_client.get(f"/shapes/{language}.ttl").data)
    source.write_bytes(engine.serialize(data, N_TRIPLES))
    report = java(variable, *(each.format(shapes=shapes, data=source) for each in command))
    theirs = results(report)
    assert (ours - theirs, theirs - ours) == (set(), set())

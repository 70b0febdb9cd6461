"""The shipped shapes reach whatever is new: a class, a kind or a thing that no shape names."""

import shutil
from pathlib import Path

import pytest

from app.build.draft import checked
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.quality.diagnostics import Diagnostic

ROOT = Path(__file__).parents[2]
ID = "https://w3id.org/innherred/id/"
SHAPE = "https://w3id.org/innherred/shape/"
DATASET = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX inn: <https://w3id.org/innherred/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX void: <http://rdfs.org/ns/void#>
<https://w3id.org/innherred/catalog#dataset> a void:Dataset ; void:uriSpace "https://w3id.org/innherred/" .
<https://w3id.org/innherred/graph/register/harbours> rdfs:label "Havner"@nb , "Harbours"@en ;
    dcterms:description "Havner."@nb , "Harbours."@en ;
    dcterms:source <https://w3id.org/innherred/id/source/harbours> ; inn:certainty inn:stated .
"""
ONTOLOGY = """
inn:ExampleHarbour a owl:Class ;
    rdfs:label "eksempelhavn"@nb , "example harbour"@en ; rdfs:isDefinedBy <https://w3id.org/innherred/ontology> .
"""
DATA = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX id: <https://w3id.org/innherred/id/>
PREFIX inn: <https://w3id.org/innherred/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX source: <https://w3id.org/innherred/id/source/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

source:harbours a inn:Source ;
    rdfs:label "Havneregisteret"@nb , "The harbour register"@en ;
    dc:publisher "Registeret" ; foaf:page <https://example.org/> ; inn:readOn "2026-11-22"^^xsd:date ;
    dcterms:description "Alle havner."@nb , "All harbours."@en .

<https://w3id.org/innherred/id/place/whole> a inn:ExampleHarbour ;
    rdfs:label "Hel"@nb , "Whole"@en ;
    dcterms:source source:harbours .

<https://w3id.org/innherred/id/place/unsourced> a inn:ExampleHarbour ;
    rdfs:label "Uten kilde"@nb , "Unsourced"@en .

<https://w3id.org/innherred/id/harbour/unknown-kind> a inn:ExampleHarbour ;
    rdfs:label "Ukjent slag"@nb , "Unknown kind"@en ;
    dcterms:source source:harbours .

<https://w3id.org/innherred/id/place/unnamed> a inn:ExampleHarbour ;
    dcterms:source source:harbours .

<https://w3id.org/innherred/id/place/unclassed> inn:unit "kai"@nb .

_:blank inn:unit "kai"@nb .
"""


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> list[Diagnostic]:
    """What ``check`` says of a small content with the shipped ontology and shapes."""
    root = tmp_path_factory.mktemp("reach")
    for folder in ("ontology", "shapes"):
        shutil.copytree(ROOT / folder, root / folder)
    with (root / "ontology" / "innherred.ttl").open("a") as file:
        file.write(ONTOLOGY)
    (root / "data" / "register").mkdir(parents=True)
    (root / "data" / "dataset.ttl").write_text(DATASET)
    (root / "data" / "register" / "harbours.ttl").write_text(DATA)
    settings = Settings(content=root, state=root / "state")
    with checked(Content.open(root), settings, Progress(quiet=True)) as found:
        return found.problems


@pytest.mark.parametrize(
    ("thing", "shape", "line", "words"),
    [
        ("place/unsourced", "Provenance", "id/place/unsourced>", ("dcterms:source", "kilden sin")),
        ("harbour/unknown-kind", "ThingIri", "id/harbour/unknown-kind>", ("docs/iris.md", "docs/iris.md")),
        ("place/unnamed", "Label", "id/place/unnamed>", ("rdfs:label", "språkmerket @nb")),
        ("place/unclassed", "Thing", "id/place/unclassed>", ("a class", "en klasse")),
    ],
)
def test_a_thing_of_a_new_class_is_told_with_file_and_line(
    problems: list[Diagnostic], thing: str, shape: str, line: str, words: tuple[str, str]
) -> None:
    found = [each for each in problems if each.entity == ID + thing and each.shape == SHAPE + shape]
    assert found
    expected = next(number for number, text in enumerate(DATA.splitlines(), 1) if line in text)
    for each in found:
        assert each.severity == "error"
        assert (str(each.path), each.line) == ("data/register/harbours.ttl", expected)
        assert words[0] in each.message["en"]
    assert any(words[1] in each.message["nb"] for each in found)


def test_a_node_without_iri_and_class_is_told(problems: list[Diagnostic]) -> None:
    found = [each for each in problems if each.shape == SHAPE + "NamedNode"]
    assert [(str(each.path), each.severity) for each in found] == [("data/register/harbours.ttl", "error")]


def test_what_is_whole_is_not_told(problems: list[Diagnostic]) -> None:
    told = {str(each.entity) for each in problems if each.severity == "error" and (each.shape or "").startswith(SHAPE)}
    assert not {each for each in told if each.endswith(("place/whole", "source/harbours", "catalog#dataset"))}
    assert not {each for each in told if each.startswith("https://w3id.org/innherred/ontology")}

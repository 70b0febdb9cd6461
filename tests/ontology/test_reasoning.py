"""What reasoners make of the ontology: OWL 2 RL by owlrl, and reading by owlready2."""

from pathlib import Path

import owlready2
import pytest
from owlrl.Namespaces import ERRNS
from rdflib import ORG, OWL, RDF, SKOS, Graph, Namespace

from app.namespaces import INN as INN_IRI
from tests.reasoning import expand

ONTOLOGY = Path(__file__).parents[2] / "ontology"
INN = Namespace(INN_IRI)
EX = Namespace("https://example.org/")
ID = Namespace("https://w3id.org/innherred/id/")
PREFIXES = f"""
@prefix inn: <{INN}> .
@prefix ex: <{EX}> .
@prefix org: <{ORG}> .
@prefix skos: <{SKOS}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
"""
# A municipality of a region whose council is a member of an office; an activity with a university, abroad.
EXAMPLE = f"""
ex:region a inn:Region ; inn:hasCouncil ex:council .
ex:council a inn:Organisation .
ex:town a inn:Municipality .
ex:in-region a org:Membership ; org:member ex:town ; org:organization ex:region .
ex:in-office a org:Membership ; org:member ex:council ; org:organization ex:office .
ex:university a inn:Organisation ; org:classification ex:university-type .
ex:university-type a skos:Concept ; skos:broader <{ID}type/kunnskapsleverandor> .
ex:activity a inn:Activity ; inn:underProgramme ex:programme ; dcterms:spatial ex:county .
ex:programme a inn:Programme .
ex:membership a inn:Activity ; inn:withinFramework ex:office ; dcterms:spatial ex:nordic .
ex:office a inn:Organisation .
ex:nordic a inn:AreaAcrossBorders .
ex:county a inn:Place ; inn:partOfPlace ex:country .
ex:country a inn:Country, inn:PlaceAbroad .
ex:of-town a inn:Participation ; inn:participant ex:town ; inn:inActivity ex:activity .
ex:of-university a inn:Participation ; inn:participant ex:university ; inn:inActivity ex:activity .
"""


def ontology() -> Graph:
    graph = Graph()
    for path in sorted(ONTOLOGY.glob("*.ttl")):
        graph.parse(path)
    return graph


def closure(turtle: str) -> Graph:
    graph = ontology().parse(data=PREFIXES + turtle, format="turtle")
    expand(graph)
    return graph


def contradictions(graph: Graph) -> list[str]:
    return [str(message) for message in graph.objects(None, ERRNS.error)]


@pytest.fixture(scope="module")
def entailed() -> Graph:
    return closure(EXAMPLE)


def test_ontology_is_consistent_with_an_example(entailed):
    assert not contradictions(entailed)


@pytest.mark.parametrize(
    "turtle",
    [
        "ex:a a inn:Vision, inn:Goal .",
        "ex:a a inn:Measure, inn:Activity .",
        "ex:a a inn:Activity ; inn:contributesTo ex:b .",
        "ex:a a inn:Municipality, inn:Passage .",
        "inn:stated <http://www.w3.org/2002/07/owl#sameAs> inn:interpreted .",
    ],
)
def test_contradiction_is_seen(turtle):
    assert contradictions(closure(turtle))


@pytest.mark.parametrize(
    "triple",
    [
        (EX.town, INN.memberOf, EX.region),
        (EX.region, INN.hasMember, EX.town),
        (EX.town, INN.representedIn, EX.office),
        (EX.town, INN.hasParticipation, EX["of-town"]),
        (EX.town, INN.participatesIn, EX.activity),
        (EX.activity, INN.hasParticipant, EX.university),
        (EX.council, INN.councilOf, EX.region),
        (EX.activity, RDF.type, INN.ProgrammeActivity),
        (EX.activity, INN.advances, ID["measure/r-3"]),
        (EX.university, RDF.type, INN.KnowledgeProvider),
        (EX.activity, RDF.type, INN.KnowledgeActivity),
        (EX.activity, INN.advances, ID["measure/r-2"]),
        (EX.county, RDF.type, INN.PlaceAbroad),
        (EX.activity, RDF.type, INN.CrossBorderActivity),
        (EX.membership, RDF.type, INN.CrossBorderActivity),
    ],
    ids=lambda triple: " ".join(str(node).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for node in triple),
)
def test_entailment_holds(triple, entailed):
    assert triple in entailed


@pytest.mark.parametrize(
    "triple",
    [
        (EX.town, INN.cooperatesWith, EX.town),
        (EX.town, INN.representedIn, EX.region),
        (EX.town, INN.memberOf, EX.office),
        (EX.town, RDF.type, INN.KnowledgeProvider),
        (EX.membership, RDF.type, INN.ProgrammeActivity),
        (EX.office, INN.participatesIn, EX.membership),
    ],
    ids=lambda triple: " ".join(str(node).rsplit("/", 1)[-1].rsplit("#", 1)[-1] for node in triple),
)
def test_entailment_does_not_hold(triple, entailed):
    assert triple not in entailed


def test_owlready_reads_the_ontology(tmp_path):
    graph = ontology()
    path = tmp_path / "ontology.nt"
    graph.serialize(path, format="nt", encoding="utf-8")
    world = owlready2.World()
    loaded = world.get_ontology(path.as_uri()).load()
    for kind, read in (
        (OWL.Class, loaded.classes()),
        (OWL.ObjectProperty, loaded.object_properties()),
        (OWL.DatatypeProperty, loaded.data_properties()),
        (OWL.AnnotationProperty, loaded.annotation_properties()),
    ):
        own = {str(term) for term in graph.subjects(RDF.type, kind) if str(term).startswith(INN)}
        assert own == {term.iri for term in read if term.iri.startswith(INN)}
    assert world[INN.participatesIn].get_property_chain()
    world.close()

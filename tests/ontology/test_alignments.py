"""The mappings, loaded: who asks in the words of another vocabulary gets our rows, by reasoning or by matches."""

import re
from pathlib import Path

import pytest
from rdflib import OWL, RDFS, SKOS, Graph, URIRef

from app.namespaces import INN
from app.query.library import Library
from app.terms import Literal
from tests.ontology.test_reasoning import EX, closure, contradictions, ontology

ROOT = Path(__file__).parents[2]
QUESTION = Library.load([ROOT / "queries"]).questions["in-other-words"]
PREFIXES = """
PREFIX cv: <http://data.europa.eu/m8g/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX eurio: <http://data.europa.eu/s66#>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX schema: <https://schema.org/>
"""
EXAMPLE = """
ex:town a inn:Municipality .
ex:university a inn:Organisation ; inn:locatedIn ex:city .
ex:city a inn:Place ; inn:partOfPlace ex:country .
ex:country a inn:Country .
ex:activity a inn:Activity ; inn:topic ex:health ; inn:underProgramme ex:call ; inn:startDate "2021-09" .
ex:call a inn:Programme ; inn:partOfProgramme ex:programme .
ex:programme a inn:Programme .
ex:of-town a inn:Participation ; inn:participant ex:town ; inn:inActivity ex:activity ; inn:role ex:member .
ex:of-university a inn:Participation ; inn:participant ex:university ;
    inn:inActivity ex:activity ; inn:role ex:partner .
ex:statement a inn:Statement ; inn:about ex:town .
ex:plan a inn:Strategy .
"""


@pytest.fixture(scope="module")
def reasoned() -> Graph:
    """Give the example with ontology and mappings, and what follows by OWL 2 RL."""
    graph = closure(EXAMPLE)
    assert not contradictions(graph)
    return graph


def rows(graph: Graph, query: str) -> set[tuple[str, ...]]:
    return {tuple(str(term).removeprefix(EX) for term in row) for row in graph.query(PREFIXES + query)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("SELECT ?o { ?o a cv:PublicOrganisation }", {("town",)}, id="CPOV"),
        pytest.param("SELECT ?o { ?o a org:Organization }", {("town",), ("university",)}, id="ORG"),
        pytest.param(
            "SELECT ?o ?p { ?o a schema:Organization ; schema:location ?p . ?p schema:containedInPlace ?c . "
            "?c a schema:Country }",
            {("university", "city")},
            id="schema.org: where an organisation is",
        ),
        pytest.param(
            "SELECT ?a ?d { ?a schema:startDate ?d }", {("activity", "2021-09")}, id="schema.org: when something begins"
        ),
        pytest.param(
            "SELECT ?s { ?s schema:about ?o . ?o a schema:GovernmentOrganization }", {("statement",)}, id="about"
        ),
        pytest.param(
            "SELECT ?a ?who ?role { ?a a prov:Activity ; prov:wasAssociatedWith ?who . "
            "?by a prov:Association ; prov:agent ?who ; prov:hadRole ?role }",
            {("activity", "town", "member"), ("activity", "university", "partner")},
            id="PROV: who was associated with what, as what",
        ),
        pytest.param("SELECT ?p { ?p a prov:Plan, schema:CreativeWork }", {("plan",)}, id="PROV: plan"),
        pytest.param("SELECT ?c { ?c a eurio:Country }", {("country",)}, id="EURIO: what is true of every country"),
        pytest.param("SELECT ?t { ?a dcterms:subject ?t }", {("health",)}, id="DCMI: subject"),
    ],
)
def test_what_is_true_under_owl_is_found_by_reasoning(reasoned, query, expected):
    assert rows(reasoned, query) == expected


@pytest.mark.parametrize("name", ["Project", "Organisation", "OrganisationRole", "PublicBody", "FundingScheme"])
def test_a_near_match_is_no_axiom(reasoned, name):
    assert not rows(reasoned, f"SELECT ?x {{ ?x a eurio:{name} }}")


@pytest.mark.parametrize(
    ("vocabulary", "query", "expected"),
    [
        pytest.param(
            "http://data.europa.eu/s66#",
            "SELECT ?org ?project { ?project a eurio:Project . ?role a eurio:OrganisationRole ; "
            "eurio:isInvolvedIn ?project ; eurio:isRoleOf ?org . ?org a eurio:Organisation }",
            {("town", "activity"), ("university", "activity")},
            id="EURIO: who takes part in which project",
        ),
        pytest.param(
            "http://data.europa.eu/s66#",
            "SELECT ?body ?scheme { ?body a eurio:PublicBody ; eurio:hasRole/eurio:isInvolvedIn ?p . "
            "?p eurio:hasAssociatedFundingScheme/eurio:isSubSchemeOf ?scheme . ?scheme a eurio:FundingScheme }",
            {("town", "programme")},
            id="EURIO: public bodies by funding scheme",
        ),
        pytest.param(
            "https://schema.org/",
            "SELECT ?p ?f { ?p a schema:Project ; schema:participant ?o . ?f a schema:FundingScheme }",
            {("activity", "call"), ("activity", "programme")},
            id="schema.org: projects and schemes",
        ),
        pytest.param("http://data.europa.eu/m8g/", "SELECT ?o { ?o a cv:PublicOrganisation }", {("town",)}, id="CPOV"),
    ],
)
def test_a_near_match_is_used_by_who_asks_for_it(reasoned, vocabulary, query, expected):
    written = Graph()
    for triple in reasoned.query(QUESTION.bound({"vocabulary": Literal(vocabulary)})):
        written.add(triple)
    assert rows(written, query) == expected


def test_a_match_of_our_own_terms_says_why_or_is_of_like_with_like():
    graph = ontology()
    matches = [SKOS.closeMatch, SKOS.broadMatch, SKOS.relatedMatch]
    own = {term for match in matches for term in graph.subjects(match) if str(term).startswith(INN)}
    assert len(own) > 15
    for term in own:
        is_class = (term, None, OWL.Class) in graph
        for match in matches:
            for other in graph.objects(term, match):
                # Properties and individuals begin with a small letter in all of these vocabularies.
                assert str(other).rstrip("#/").replace("#", "/").rsplit("/", 1)[1][0].isupper() == is_class, (
                    term,
                    other,
                )
                assert (term, RDFS.subClassOf, other) not in graph
                assert (term, RDFS.subPropertyOf, other) not in graph
    reasoned_about = [term for term in own if (term, None, OWL.Class) in graph and list(graph.objects(term, SKOS.note))]
    assert URIRef(INN + "Activity") in reasoned_about


def test_the_elements_of_stratml_have_a_table_of_classes_that_exist():
    table = (ROOT / "docs/linked-data.md").read_text(encoding="utf-8").partition("| StratML |")[2].partition("\n\n")[0]
    named = {name for line in table.splitlines()[1:] for name in re.findall(r"`(inn:\w+)`", line.split("|")[2])}
    graph = ontology()
    assert {"inn:Strategy", "inn:Vision", "inn:Goal", "inn:Measure"} <= named
    assert all((URIRef(INN + name.removeprefix("inn:")), None, None) in graph for name in named)

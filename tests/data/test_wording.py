"""The words of the content: passages that quote one sentence agree, and each check of wording finds what it is for."""

import io
from pathlib import Path

import pytest
from rdflib import Graph, Namespace

from app.content.reading import InputFile, parse
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.terms import Iri

ROOT = Path(__file__).parents[2]
PASSAGE = "https://w3id.org/innherred/id/passage/"
OA = Namespace("http://www.w3.org/ns/oa#")
LIBRARY = Library.load([ROOT / "queries"])
# Passages of one sentence: the words of the first stand in those of the second.
WITHIN = {
    "ar-1": "s-020", "ar-2": "s-020", "ar-3": "s-020", "ar-4": "s-020", "ar-5": "s-020", "d-001": "s-015",
    "d-002": "s-013", "d-003": "s-020", "d-004": "s-021", "d-008": "s-003", "d-009": "s-016", "d-010": "s-023",
    "d-011": "s-015", "ns-1": "s-024", "ns-2": "s-024", "ns-3": "s-024", "ns-4": "s-024", "v-0": "s-017",
    "s-025": "s-026", "s-034": "r-5", "s-035": "s-034", "s-038": "s-039", "s-040": "s-039",
}  # fmt: skip
PREFIXES = """
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix inn: <https://w3id.org/innherred/ontology#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://example.org/> .
"""
QUOTED = """
:passage oa:hasSelector :quote ; inn:locator "Plan 2022-2025"@nb . :quote oa:exact "Fem av 13 fra 2021"@nb .
:said dcterms:source :passage ; inn:statementText
"""
MEMBERS = ":one a org:Membership ; dcterms:source :passage . :two a org:Membership ; dcterms:source :passage ."
REGION = """
:strategy inn:ownedBy :council ; inn:hasGoal :g1 , :g2 , :g3 . :g1 a inn:Goal . :g2 a inn:Goal . :g3 a inn:Goal .
:region inn:hasCouncil :council . :a org:organization :region ; org:member :m1 . :m1 a inn:Municipality .
:b org:organization :region ; org:member :m2 . :m2 a inn:Municipality .
"""
FOUND = [
    ("statement-number-not-quoted", QUOTED + "'I 2021 var det 13, planen gjelder til 2025.'@nb .", 0),
    ("statement-number-not-quoted", QUOTED + "'I 2021 var det 13, i 2024 var det 202.'@nb .", 2),
    ("statement-number-not-quoted", QUOTED + "'Det var 14.'@nb ; inn:figure 14 .", 0),
    ("statement-figure-not-counted", QUOTED + "'Fem.'@nb ; inn:figure 5 .", 0),
    ("statement-figure-not-counted", QUOTED + "'Tretten.'@nb ; inn:figure 13 .", 0),
    ("statement-figure-not-counted", QUOTED + "'Seks.'@nb ; inn:figure 6 .", 1),
    ("statement-figure-not-counted", QUOTED + "'To.'@nb ; inn:figure 2 ." + MEMBERS, 0),
    ("statement-figure-not-counted", QUOTED + "'Tre.'@nb ; inn:figure 3 ." + MEMBERS, 1),
    ("sami-letter-lost", ":x rdfs:label 'Tjåanghkoe'@sma , 'Tjåanghkoe'@nb ; skos:hiddenLabel 'Tjaanghkoe'@nb .", 0),
    ("sami-letter-lost", ":x rdfs:label 'Tjåanghkoe'@sma . :y rdfs:label 'På tjaanghkoe i Snåsa'@nb .", 1),
    ("sami-letter-lost", ":x rdfs:label 'Tjåanghkoe'@sma . :y oa:exact 'Tjaanghkoen'@nb .", 0),
    ("count-in-text", REGION + ":g1 dcterms:description 'The last of three goals.'@en .", 0),
    ("count-in-text", REGION + ":g1 dcterms:description 'The last of four goals.'@en .", 1),
    ("count-in-text", REGION + ":m1 dcterms:description 'Alle fem kommunene deltar.'@nb .", 1),
    ("count-in-text", REGION + ":m1 dcterms:description 'De to kommunene deltar, tre kommuner ikke.'@nb .", 0),
]


@pytest.fixture(scope="module")
def quotes() -> dict[str, str]:
    graph = Graph().parse(ROOT / "data" / "strategy" / "passages.ttl")
    return {str(s).removeprefix(PASSAGE).removesuffix("#quote"): str(o) for s, o in graph.subject_objects(OA.exact)}


@pytest.mark.parametrize(("part", "whole"), WITHIN.items())
def test_passages_of_one_sentence_quote_it_alike(quotes: dict[str, str], part: str, whole: str) -> None:
    assert quotes[part] in quotes[whole]


@pytest.mark.parametrize(("check", "turtle", "count"), FOUND)
def test_a_check_finds_what_it_is_for(check: str, turtle: str, count: int) -> None:
    file = InputFile(Path("data/x.ttl"), "data/x.ttl", Iri("https://example.org/graph"), "data")
    triples = [triple for triple, _ in parse(io.BytesIO((PREFIXES + turtle).encode()), file, "http://base/")]
    store = EmbeddedStore.in_memory([(triple, None) for triple in triples])
    assert len(store.select(LIBRARY.checks[check].text).rows) == count

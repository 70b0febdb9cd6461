"""The checks of shapes (``shape-*.rq``) find nothing in the shipped shapes, and each finds what it is for."""

import io
from collections.abc import Iterable
from pathlib import Path

import pytest
from rdflib.namespace import SH

from app.config import defaults
from app.content.folders import Content
from app.content.reading import InputFile, parse, read
from app.store.embedded import EmbeddedStore
from app.terms import Dataset, Iri, Triple

ROOT = Path(__file__).parents[2]
GRAPH = Iri("https://w3id.org/innherred/graph/shapes")
SHAPE = "https://w3id.org/innherred/shape/"
CHECKS = {
    path.stem: path
    for folder in (defaults() / "queries", ROOT / "queries")
    for path in sorted(folder.glob("checks/shape-*.rq"))
}
PREFIXES = f"""@prefix dash: <http://datashapes.org/dash#> .
@prefix inn: <https://w3id.org/innherred/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <{SHAPE}> .
"""
# Shapes as they should be: nothing is found in them alone, and they make the habit that others are held up to.
HABIT = """
shape:Goal a sh:NodeShape ; rdfs:label "Mål"@nb , "Goal"@en ; sh:targetClass inn:Goal ;
    sh:property shape:Goal-topic ; sh:sparql shape:Goal-once ; sh:or ( shape:Either ) .
shape:Goal sh:message "Gjør det."@nb , "Do so."@en .
shape:Goal-topic a sh:PropertyShape ; sh:path inn:topic ; sh:order 1 ; sh:minCount 1 ; sh:name "Tema"@nb , "Topic"@en ;
    sh:description "Det målet handler om."@nb , "What the goal is about."@en ;
    sh:message "Pek på et tema."@nb , "Point at a topic."@en .
shape:Goal-once a sh:SPARQLConstraint ; rdfs:label "Bare én"@nb , "Only one"@en ;
    sh:message "Slå dem sammen."@nb , "Merge them."@en ; sh:select "SELECT $this WHERE { $this <urn:x:y> 'a:b' }" .
shape:Either rdfs:label "Enten"@nb , "Either"@en ; a sh:NodeShape ; sh:nodeKind sh:IRI .
"""
COMPONENT = "inn:Holds a sh:ConstraintComponent ; sh:parameter [ sh:path inn:holds ] ."
DECLARED = """inn:one sh:declare [ sh:prefix "p" ; sh:namespace "urn:x:" ] .
inn:two sh:declare [ sh:prefix "p" ; sh:namespace "urn:y:" ] ."""
BROKEN = [
    ("shape-anonymous", "shape:Goal sh:property [ sh:path inn:topic ; sh:maxCount 1 ] .", "Goal"),
    ("shape-anonymous", "shape:Goal sh:sparql [ sh:select 'SELECT $this WHERE {}' ] .", "Goal"),
    ("shape-gap-address", "shape:New a sh:NodeShape ; sh:severity sh:Info ; inn:lackedBy inn:lackingInData .", "New"),
    (
        "shape-gap-address",
        "shape:New sh:severity sh:Info ; a sh:NodeShape ; inn:toBeDoneBy inn:dataEditor ; inn:lackedBy inn:a , inn:b .",
        "New",
    ),
    (
        "shape-gap-words",
        "shape:Goal inn:toBeDoneBy inn:dataEditor . shape:Goal-once sh:message 'Skriv det med inn:advances.'@nb .",
        "Goal-once",
    ),
    ("shape-gap-words", "shape:Goal inn:toBeDoneBy inn:dataEditor ; sh:message 'Gikk ut 2022-06-30.'@nb .", "Goal"),
    ("shape-idle", "shape:Idle a sh:NodeShape .", "Idle"),
    ("shape-idle", "shape:Idle a sh:PropertyShape ; sh:path inn:topic ; sh:minCount 1 .", "Idle"),
    ("shape-ill-formed", "shape:Goal-topic sh:in 'a' .", "Goal-topic"),
    ("shape-ill-formed", "shape:Goal-topic sh:in ( 'a' ) , () ; sh:deactivated false ; sh:nodeKind sh:IRI .", None),
    ("shape-ill-formed", "shape:Goal-topic sh:deactivated 'yes' .", "Goal-topic"),
    ("shape-ill-formed", "shape:Goal-topic sh:nodeKind sh:Iri .", "Goal-topic"),
    ("shape-ill-formed", f"{COMPONENT} shape:Goal-topic inn:holds 1 , 2 .", "Goal-topic"),
    ("shape-ill-formed", f"{COMPONENT} shape:Goal-topic inn:holds 1 .", None),
    ("shape-ill-formed", "shape:New sh:path ( inn:a [ sh:inversePath ( inn:b inn:c ) ] ) .", "New"),
    ("shape-ill-formed", "shape:New sh:path ( inn:a [ sh:inversePath inn:b ] ) .", None),
    ("shape-ill-formed", f"{DECLARED} shape:Goal-once sh:prefixes inn:one , inn:two .", "Goal-once"),
    ("shape-ill-formed", f"{DECLARED} shape:Goal-once sh:prefixes inn:one .", None),
    ("shape-message", "shape:New a sh:NodeShape ; sh:targetClass inn:Goal ; sh:nodeKind sh:IRI .", "New"),
    ("shape-message", "shape:New-part sh:path inn:topic ; sh:minCount 1 ; sh:message 'Gjør det.'@nb .", "New-part"),
    ("shape-message", "shape:New-part a sh:SPARQLConstraint ; sh:select 'SELECT $this WHERE {}' .", "New-part"),
    ("shape-name", "shape:New a sh:NodeShape ; rdfs:label 'Ny'@nb .", "New"),
    ("shape-name", "shape:New-part a sh:PropertyShape ; sh:name 'Part'@en .", "New-part"),
    ("shape-order", "shape:Goal sh:property shape:Goal-new . shape:Goal-new sh:name 'Nytt'@nb .", "Goal-new"),
    (
        "shape-order",
        "shape:Goal sh:property shape:Goal-new . shape:Goal-new sh:name 'Nytt'@nb ; dash:hidden true .",
        None,
    ),
    ("shape-order", "shape:New dash:hidden true ; sh:property shape:New-part . shape:New-part sh:name 'Ny'@nb .", None),
    ("shape-path", "inn:g a inn:Goal . shape:Goal-topic sh:path inn:topik .", "Goal-topic"),
    ("shape-path", "inn:g a inn:Goal ; inn:topic 1 . shape:New sh:property [ sh:path inn:topik ] .", "New"),
    (
        "shape-path",
        "inn:g a inn:Goal ; inn:topic 1 . shape:New sh:property [ sh:path inn:topik ; sh:maxCount 0 ] .",
        None,
    ),
    ("shape-query", "shape:Goal sh:sparql shape:Goal-new .", "Goal-new"),
    ("shape-query", "shape:Goal-once sh:select 'SELECT * WHERE { ?s ?p ?o }' .", "Goal-once"),
    ("shape-query", "shape:Goal-once sh:select 'SELECT $this WHERE { $this inn:topic ?o }' .", "Goal-once"),
    ("shape-script", "shape:Goal sh:js shape:Goal-script .", "Goal"),
    ("shape-severity", "shape:Goal-topic sh:severity inn:Fatal .", "Goal-topic"),
    ("shape-severity", "shape:Goal sh:severity sh:Warning .", "Goal-topic"),
    ("shape-target", "inn:g a inn:Goal . shape:New sh:targetClass inn:Gaol .", "New"),
    ("shape-target", "inn:g a inn:Goal . inn:Big rdfs:subClassOf inn:Goal . shape:New sh:targetClass inn:Big .", "New"),
    (
        "shape-target",
        "inn:g a inn:Big , inn:Goal . inn:Big rdfs:subClassOf inn:All . shape:New sh:targetClass inn:All .",
        None,
    ),
    (
        "shape-target",
        "inn:g a inn:Goal . shape:New sh:targetClass inn:Gone ; sh:property [ sh:path inn:topic ; sh:maxCount 0 ] .",
        None,
    ),
    ("shape-term", "shape:Goal-topic sh:minCout 1 .", "Goal-topic"),
    ("shape-term", "shape:Goal-topic sh:severity sh:Error .", "Goal-topic"),
    ("shape-term", "shape:New sh:or ( [ sh:property [ sh:path inn:a ; sh:minimum 1 ] ] ) .", "New"),
    ("shape-text-twice", "shape:New-part sh:description 'Et felt'@nb ; sh:message 'Et felt. Fyll det ut.'@nb .", None),
    (
        "shape-text-twice",
        "shape:New-part sh:description 'Målet har bare ett emne.'@nb ; sh:message 'Målet har bare ett emne..'@nb .",
        "New-part",
    ),
    ("shape-text-twice", "shape:New-part sh:name 'Role'@en ; rdfs:label 'role'@en .", "New-part"),
    ("shape-text-twice", "shape:New-part sh:name 'Rolle'@nb ; sh:description 'Rolle.'@nb .", "New-part"),
    ("shape-twice", "shape:Goal-topic sh:path inn:role .", "Goal-topic"),
    ("shape-twice", "shape:Goal rdfs:label 'Et mål til'@nb .", "Goal"),
    ("shape-iri", "shape:Goal sh:property shape:Other-topic .", "Other-topic"),
    ("shape-iri", "shape:small a sh:NodeShape .", "small"),
]


def asked(check: str, triples: Iterable[Triple]) -> set[str]:
    """What a check finds in shapes, without the base."""
    store = EmbeddedStore.in_memory([(triple, GRAPH) for triple in triples])
    rows = store.select(CHECKS[check].read_text(encoding="utf-8"), Dataset((GRAPH,), (GRAPH,))).rows
    return {str(row["this"]).removeprefix(SHAPE) for row in rows}


def turtle(text: str) -> list[Triple]:
    file = InputFile(Path("shapes/x.ttl"), "shapes/x.ttl", GRAPH, "shapes")
    return [triple for triple, _ in parse(io.BytesIO((PREFIXES + text).encode()), file, "http://base/")]


@pytest.mark.parametrize("check", CHECKS)
def test_the_shipped_shapes_are_as_they_should_be(check: str) -> None:
    content = Content.open(ROOT)
    assert not asked(check, [triple for file in content.rdf("shapes") for triple, _ in read(file, content.base)])


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_finds_nothing_in_good_shapes(check: str) -> None:
    assert not asked(check, turtle(HABIT))


@pytest.mark.parametrize(("check", "text", "found"), BROKEN)
def test_a_check_finds_what_it_is_for(check: str, text: str, found: str | None) -> None:
    assert asked(check, turtle(HABIT + text)) == ({found} if found else set())


def test_every_check_has_an_example() -> None:
    assert {check for check, _, found in BROKEN if found} == set(CHECKS)


def test_every_term_of_shacl_is_known() -> None:
    terms = {str(term) for term in dir(SH) if str(term).startswith(str(SH))}
    assert len(terms) > 170
    text = "".join(f"<urn:x:s> <{term}> <{term}> .\n" for term in terms)
    assert not asked("shape-term", turtle(text))


def test_shapes_without_languages_are_left_alone() -> None:
    """Shapes of others may have no message and no language at all: then nothing is missing."""
    plain = "<urn:x:S> a sh:NodeShape ; sh:targetClass inn:Goal ; sh:nodeKind sh:IRI ; sh:message 'no' ."
    assert not asked("shape-message", turtle(plain)) | asked("shape-name", turtle(plain))

"""Each check that every content gets: an ontology that breaks it, with what must be found, and one that does not."""

from typing import NamedTuple

import pytest

from app.config import defaults
from app.content.folders import Content
from app.content.reading import read
from app.quality.violations import violations
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.terms import Dataset

CHECKS = Library.load([defaults() / "queries"]).checks
NAMESPACE = "https://example.org/ontology#"
PREFIXES = f"""
@prefix ex: <{NAMESPACE}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
"""
HEADER = f"""
<https://example.org/ontology> a owl:Ontology ; vann:preferredNamespaceUri "{NAMESPACE}" .
"""


def many(template: str, number: int = 9) -> str:
    """Give a habit: the same said of so many terms, numbered in place of the sign."""
    return "\n".join(template.replace("§", str(n)) for n in range(number)) + "\n"


class Example(NamedTuple):
    """A check by name, ontologies that break and keep it, and the local names that it must find, by severity."""

    check: str
    bad: str
    good: str
    errors: frozenset[str] = frozenset()
    warnings: frozenset[str] = frozenset()
    header: str = HEADER


def bad(check: str, turtle: str, good: str, *, errors: str = "", warnings: str = "", header: str = HEADER) -> Example:
    return Example(check, turtle, good, frozenset(errors.split()), frozenset(warnings.split()), header)


LABELLED = 'ex:C§ a owl:Class ; rdfs:label "Dal §"@nn, "Tal §"@de .'
DEFINED = 'ex:C§ a owl:Class ; skos:definition "Noko som er nummer §."@nn .'
PROPERTIES = "ex:p§ a owl:ObjectProperty ; rdfs:domain ex:A ; rdfs:range ex:B ; owl:inverseOf ex:q§ .\n"
INVERSES = PROPERTIES + "ex:q§ a owl:ObjectProperty ; rdfs:domain ex:B ; rdfs:range ex:A .\n"
EXAMPLES = (
    bad("term-label", many(LABELLED) + 'ex:A a owl:Class ; rdfs:label "A"@nn .', many(LABELLED), errors="A"),
    bad("term-label", many(LABELLED, 2) + "ex:p a owl:ObjectProperty .", many(LABELLED, 1), warnings="p"),
    # Nothing is said of a language that less than half of the terms have.
    bad(
        "term-label",
        many(LABELLED, 2) + 'ex:A a owl:Class ; rdfs:label "A"@nn .',
        'ex:A a owl:Class ; rdfs:label "A"@sma . ex:B a owl:Class . ex:C a owl:Class .',
        warnings="A",
    ),
    bad("term-definition", many(DEFINED) + "ex:A a owl:Class .", many(DEFINED), errors="A"),
    bad(
        "term-definition",
        many(DEFINED, 3) + "ex:A a owl:Class .",
        many(DEFINED, 3) + 'ex:A a owl:Class ; rdfs:comment "Noko anna."@nn .',
        warnings="A",
    ),
    bad(
        "term-text-twice",
        'ex:A a owl:Class ; rdfs:label "A"@en, "The A"@en . ex:B a owl:Class ; skos:definition "B."@en, "The B."@en .',
        'ex:A a owl:Class ; rdfs:label "A"@en, "A"@nb .',
        errors="A B",
    ),
    bad(
        "definition-is-label",
        'ex:A a owl:Class ; rdfs:label "Red car"@en ; skos:definition "Red car."@en .',
        'ex:A a owl:Class ; rdfs:label "Red car"@en ; skos:definition "Red car with wheels."@en .',
        errors="A",
    ),
    bad(
        "definition-untranslated",
        'ex:A a owl:Class ; skos:definition "One and the same."@nb, "One and the same."@en .',
        'ex:A a owl:Class ; skos:definition "Ett og det samme."@nb, "One and the same."@en .',
        errors="A",
    ),
    bad(
        "definition-is-sentence",
        """ex:A a owl:Class ; skos:definition "car that is red"@en .
        ex:B a owl:Class ; skos:definition "A red car without end"@en .
        ex:C a owl:Class ; skos:definition "A car."@en .""",
        'ex:A a owl:Class ; skos:definition "Øl som noen har brygget, 2 liter."@nb .',
        warnings="A B C",
    ),
    bad(
        "definition-is-circular",
        'ex:A a owl:Class ; rdfs:label "Partner"@en ; skos:definition "Somebody who acts as a partner."@en .',
        'ex:A a owl:Class ; rdfs:label "Partner"@en ; skos:definition "Somebody who is in a partnership."@en .',
        warnings="A",
    ),
    bad(
        "term-label-shared",
        'ex:A a owl:Class ; rdfs:label "Thing"@en . ex:b a owl:ObjectProperty ; rdfs:label "thing"@en .',
        'ex:A a owl:Class ; rdfs:label "Thing"@en . ex:b a owl:ObjectProperty ; rdfs:label "thing"@de .',
        warnings="A b",
    ),
    bad(
        "concept-label-shared",
        """ex:A a owl:Class ; rdfs:label "Thing"@en ; skos:definition "What is."@en .
        ex:b a skos:Concept ; skos:prefLabel "Thing"@en ; skos:definition "What is not."@en .""",
        """ex:A a owl:Class ; rdfs:label "Thing"@en ; skos:definition "What is."@en .
        ex:b a skos:Concept ; skos:prefLabel "Thing"@en ; skos:definition "What is."@en .
        ex:c a skos:Concept ; skos:prefLabel "thing"@de ; skos:definition "Was ist."@de .""",
        warnings="A b",
    ),
    bad(
        "term-name-style",
        many("ex:C§ a owl:Class . ex:p§ a owl:ObjectProperty .")
        + "ex:race_car a owl:Class . ex:HasOwner a owl:ObjectProperty .",
        many("ex:C§ a owl:Class . ex:p§ a owl:ObjectProperty ."),
        errors="race_car HasOwner",
    ),
    bad(
        "term-name-style",
        "ex:car a owl:Class . ex:Car a owl:Class .",
        "ex:C_1 a owl:Class . ex:C_2 a owl:Class . ex:Car a owl:Class .",
        warnings="car",
    ),
    bad(
        "property-domain",
        many(PROPERTIES) + "ex:p a owl:ObjectProperty . ex:n a owl:ObjectProperty ; skos:editorialNote 'Any.'@en .",
        many(PROPERTIES) + "ex:n a owl:AnnotationProperty .",
        errors="p",
    ),
    bad(
        "property-range",
        many(PROPERTIES, 1) + "ex:d a owl:DatatypeProperty .",
        "ex:p a owl:ObjectProperty . ex:q a owl:ObjectProperty .",
        warnings="d",
    ),
    bad(
        "property-inverse",
        many(INVERSES) + "ex:p a owl:ObjectProperty . ex:s a owl:ObjectProperty, owl:SymmetricProperty .",
        "ex:p a owl:ObjectProperty . ex:q a owl:ObjectProperty .",
        errors="p",
    ),
    bad(
        "term-defined-by",
        many("ex:C§ a owl:Class ; rdfs:isDefinedBy <https://example.org/ontology> .")
        + "ex:A a owl:Class ; rdfs:isDefinedBy <https://example.org/other> .",
        "ex:A a owl:Class .",
        errors="A",
    ),
    bad(
        "class-disjoint",
        """ex:A a owl:Class ; owl:disjointWith ex:B . ex:B a owl:Class . ex:C a owl:Class .
        ex:D a owl:Class ; rdfs:subClassOf ex:A .
        ex:E a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:A ex:B ) ] .""",
        """[] a owl:AllDisjointClasses ; owl:members ( ex:A [ a owl:Class ; owl:unionOf ( ex:B ex:C ) ] ) .
        ex:A a owl:Class . ex:B a owl:Class . ex:C a owl:Class .""",
        warnings="C",
    ),
    bad(
        "term-unconnected",
        many("ex:C§ a owl:Class ; rdfs:subClassOf ex:D§ . ex:D§ a owl:Class .")
        + "ex:A a owl:Class . ex:B a owl:Class . [] a owl:AllDisjointClasses ; owl:members ( ex:A ex:B ) .",
        "ex:A a owl:Class ; rdfs:subClassOf [ a owl:Class ; owl:unionOf ( ex:B ) ] . ex:B a owl:Class .",
        errors="A B",
    ),
    bad(
        "class-undeclared",
        many("ex:C§ a owl:Class ; rdfs:subClassOf ex:A .")
        + """ex:A a owl:Class ; rdfs:subClassOf org:Club . ex:e a owl:NamedIndividual, ex:E .
        ex:q rdfs:domain [ a owl:Class ; owl:unionOf ( ex:A ex:D ) ] .""",
        "ex:A a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:p ; owl:hasValue 1 ] .",
        warnings="http://www.w3.org/ns/org#Club E D",
    ),
    bad(
        "property-undeclared",
        """ex:p a owl:ObjectProperty ; rdfs:subPropertyOf ex:q ; owl:propertyChainAxiom ( ex:p ex:r ) .
        vann:preferredNamespaceUri a owl:AnnotationProperty . ex:r a owl:ObjectProperty .""",
        "vann:preferredNamespaceUri a owl:AnnotationProperty . ex:p a owl:ObjectProperty .",
        warnings="q",
    ),
    bad(
        "hierarchy-cycle",
        """ex:A a owl:Class ; rdfs:subClassOf ex:B . ex:B a owl:Class ; rdfs:subClassOf ex:A .
        ex:C a owl:Class ; rdfs:subClassOf ex:B . ex:p a owl:ObjectProperty ; rdfs:subPropertyOf ex:p .""",
        "ex:A rdfs:subClassOf ex:B, ex:C . ex:B rdfs:subClassOf ex:D . ex:C rdfs:subClassOf ex:D .",
        errors="A B p",
    ),
    bad(
        "inverse-ends",
        """ex:owns a owl:ObjectProperty ; rdfs:domain ex:Person ; rdfs:range ex:Car ; owl:inverseOf ex:ownedBy .
        ex:ownedBy a owl:ObjectProperty ; rdfs:domain ex:House ; rdfs:range ex:Person .""",
        many(INVERSES, 1) + "ex:a owl:inverseOf ex:b . ex:b rdfs:domain ex:A .",
        errors="owns",
    ),
    bad(
        "property-same-ends",
        """ex:p a owl:ObjectProperty, owl:SymmetricProperty ; rdfs:domain ex:A ; rdfs:range ex:B .
        ex:t a owl:ObjectProperty, owl:TransitiveProperty ; rdfs:range ex:B ;
            rdfs:domain [ owl:unionOf ( ex:A ex:B ) ] .""",
        """ex:p a owl:SymmetricProperty ;
            rdfs:domain [ owl:unionOf ( ex:A ex:B ) ] ; rdfs:range [ owl:unionOf ( ex:B ex:A ) ] .""",
        errors="p t",
    ),
    bad(
        "property-one-end",
        "ex:p rdfs:domain ex:A, ex:B . ex:q rdfs:range ex:A, ex:B .",
        "ex:p rdfs:domain ex:A ; rdfs:range ex:B .",
        errors="p q",
    ),
    bad("inverse-of-itself", "ex:p owl:inverseOf ex:p .", "ex:p owl:inverseOf ex:q .", errors="p"),
    bad(
        "inverse-of-symmetric",
        "ex:p a owl:SymmetricProperty ; owl:inverseOf ex:q . ex:r owl:inverseOf ex:s . ex:s a owl:SymmetricProperty .",
        "ex:p a owl:SymmetricProperty . ex:q owl:inverseOf ex:r .",
        errors="p s",
    ),
    bad(
        "class-synonym",
        "ex:Car a owl:Class ; owl:equivalentClass ex:Auto . ex:Auto a owl:Class .",
        "ex:Car a owl:Class ; owl:equivalentClass org:Car .",
        warnings="Car",
    ),
    bad(
        "definition-recursive",
        """ex:A a owl:Class ; owl:equivalentClass
            [ a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:A ] .
        ex:B a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:X ex:C ) ] .
        ex:C a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:X ex:B ) ] .
        ex:X a owl:Class .""",
        "ex:A a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:X ex:B ) ] .",
        warnings="A B C",
    ),
    bad(
        "chain-of-one",
        "ex:p owl:propertyChainAxiom ( ex:q ) .",
        "ex:p owl:propertyChainAxiom ( ex:q ex:r ) .",
        errors="p",
    ),
    bad(
        "chained-property",
        """ex:p owl:propertyChainAxiom ( ex:q ex:r ) ; owl:inverseOf ex:i . ex:i a owl:FunctionalProperty .
        ex:t a owl:TransitiveProperty ; rdfs:subPropertyOf ex:u . ex:u a owl:AsymmetricProperty .""",
        "ex:p owl:propertyChainAxiom ( ex:q ex:r ) . ex:q a owl:FunctionalProperty . ex:s a owl:SymmetricProperty .",
        errors="i u",
    ),
    bad(
        "file-extension-in-iri",
        "",
        "ex:A a owl:Class .",
        warnings="https://example.org/ontology.owl",
        header=f'<https://example.org/ontology.owl> a owl:Ontology ; vann:preferredNamespaceUri "{NAMESPACE}" .',
    ),
    bad(
        "ontology-namespace",
        "ex:A a owl:Class .",
        "ex:A a owl:Class .",
        warnings="https://example.org/ontology",
        header="<https://example.org/ontology> a owl:Ontology .",
    ),
    bad(
        "ontology-header",
        "ex:A a owl:Class .",
        "ex:A a owl:Class .",
        warnings="https://example.org/ontology",
        header=f'<https://example.org/ontology> vann:preferredNamespaceUri "{NAMESPACE}" .',
    ),
    bad(
        "ontology-licence",
        '<https://example.org/ontology> dcterms:title "Things"@en ; dcterms:license "free" .',
        '<https://example.org/ontology> owl:versionInfo "1" ; dcterms:license <https://example.org/free> .',
        warnings="https://example.org/ontology",
    ),
    bad(
        "foreign-term-described",
        """org:Organization a owl:Class ; rdfs:subClassOf ex:A . org:role a owl:ObjectProperty, owl:FunctionalProperty .
        org:Club rdfs:subClassOf org:Organization . """,
        "org:Organization a owl:Class . ex:A a owl:Class ; rdfs:subClassOf org:Organization .",
        warnings="http://www.w3.org/ns/org#Organization http://www.w3.org/ns/org#role http://www.w3.org/ns/org#Club",
    ),
    bad(
        "deprecated-term-used",
        "ex:A a owl:Class ; owl:deprecated true . ex:p owl:deprecated true . ex:x a ex:A . ex:y ex:p 1 .",
        "ex:A a owl:Class ; owl:deprecated true . ex:x a ex:B .",
        warnings="x y",
    ),
)


def found(check: str, turtle: str, folder) -> dict[str, set[str]]:
    (folder / "data").mkdir(parents=True)
    (folder / "ontology").mkdir()
    (folder / "ontology" / "terms.ttl").write_text(PREFIXES + turtle, encoding="utf-8")
    content = Content.open(folder)
    quads = [(triple, graph) for file in content.rdf() for triple, graph in read(file, content.base)]
    store = EmbeddedStore.in_memory(quads)
    caught: dict[str, set[str]] = {"error": set(), "warning": set()}
    for problem in violations(
        content, [CHECKS[check]], store, Dataset((graph := content.graph("ontology"),), (graph,))
    ):
        assert problem.path is not None
        assert problem.line
        assert problem.message.keys() == {"nb", "en"}
        assert "{" not in problem.message["nb"] + problem.message["en"]
        caught[problem.severity].add(str(problem.entity).removeprefix(NAMESPACE))
    return caught


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.check)
def test_a_check_finds_what_breaks_it_and_nothing_else(example: Example, tmp_path):
    assert found(example.check, example.header + example.bad, tmp_path / "bad") == {
        "error": example.errors,
        "warning": example.warnings,
    }
    assert found(example.check, HEADER + example.good, tmp_path / "good") == {"error": set(), "warning": set()}


def test_every_generic_check_has_an_example():
    # Those about shapes are proven in tests/shapes/test_editorial.py.
    assert {example.check for example in EXAMPLES} == {name for name in CHECKS if not name.startswith("shape-")}


@pytest.mark.parametrize("check", CHECKS)
def test_a_generic_check_finds_nothing_in_a_content_without_an_ontology(check, tmp_path):
    assert found(check, "", tmp_path) == {"error": set(), "warning": set()}

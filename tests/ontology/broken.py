"""For each check a tiny ontology with exactly that fault, and the terms that the check must name."""

from typing import NamedTuple

from rdflib import Graph

from .vocabulary import Vocabulary

HEADER = "https://example.org/ontology"
NAMESPACE = f"{HEADER}#"
PREFIXES = f"""
@prefix ex: <{NAMESPACE}> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
"""


class Broken(NamedTuple):
    """A check by name, a faulty ontology, and the local names that the check must find: no others."""

    check: str
    turtle: str
    caught: set[str]

    def vocabulary(self) -> Vocabulary:
        return Vocabulary(Graph().parse(data=PREFIXES + self.turtle, format="turtle"), NAMESPACE)


BROKEN = (
    Broken(
        "synonyms_as_classes",
        "ex:Car a owl:Class ; owl:equivalentClass ex:Auto . ex:Auto a owl:Class .",
        {"Car"},
    ),
    Broken(
        "unconnected_elements",
        "ex:A a owl:Class . ex:B a owl:Class ; rdfs:subClassOf ex:C . ex:C a owl:Class .",
        {"A"},
    ),
    Broken(
        "unconnected_elements",
        "ex:A a owl:Class . ex:B a owl:Class . [] a owl:AllDisjointClasses ; owl:members ( ex:A ex:B ) .",
        {"A", "B"},
    ),
    Broken(
        "wrong_inverses",
        """ex:owns a owl:ObjectProperty ; rdfs:domain ex:Person ; rdfs:range ex:Car .
        ex:owns owl:inverseOf ex:ownedBy .
        ex:ownedBy a owl:ObjectProperty ; rdfs:domain ex:House ; rdfs:range ex:Person .""",
        {"owns"},
    ),
    Broken(
        "cycles_in_hierarchy",
        "ex:A a owl:Class ; rdfs:subClassOf ex:B . ex:B a owl:Class ; rdfs:subClassOf ex:A .",
        {"A", "B"},
    ),
    Broken("cycles_in_hierarchy", "ex:p a owl:ObjectProperty ; rdfs:subPropertyOf ex:p .", {"p"}),
    Broken(
        "missing_annotations",
        """ex:A a owl:Class ; rdfs:label "A"@nb, "A"@en ; skos:definition "Første bokstav."@nb .
        ex:B a owl:Class ; rdfs:label "B"@nb, "B"@en ; skos:definition "Nummer to."@nb, "Number two."@en .""",
        {"A"},
    ),
    Broken(
        "missing_disjointness",
        """ex:A a owl:Class ; owl:disjointWith ex:B . ex:B a owl:Class . ex:C a owl:Class .
        ex:D a owl:Class ; rdfs:subClassOf ex:A .""",
        {"C"},
    ),
    Broken("missing_domain_or_range", "ex:p a owl:ObjectProperty ; rdfs:range ex:A .", {"p"}),
    Broken("missing_domain_or_range", "ex:p a owl:DatatypeProperty ; rdfs:domain ex:A .", {"p"}),
    Broken(
        "missing_inverse",
        """ex:p a owl:ObjectProperty . ex:r a owl:ObjectProperty .
        ex:q a owl:ObjectProperty ; owl:inverseOf ex:r .
        ex:s a owl:ObjectProperty, owl:SymmetricProperty .""",
        {"p"},
    ),
    Broken("several_domains_or_ranges", "ex:p a owl:ObjectProperty ; rdfs:domain ex:A, ex:B .", {"p"}),
    Broken("several_domains_or_ranges", "ex:p a owl:ObjectProperty ; rdfs:range ex:A, ex:B .", {"p"}),
    Broken(
        "misused_annotations",
        'ex:A a owl:Class ; rdfs:label "Red car"@en ; skos:definition "Red car."@en .',
        {"A"},
    ),
    Broken("misused_annotations", 'ex:A a owl:Class ; skos:definition "car that is red"@en .', {"A"}),
    Broken(
        "misused_annotations",
        'ex:A a owl:Class ; skos:definition "One and the same."@nb, "One and the same."@en .',
        {"A"},
    ),
    Broken(
        "mixed_naming",
        """ex:car a owl:Class . ex:RaceCar a owl:Class . ex:Race_Car a owl:Class .
        ex:HasOwner a owl:ObjectProperty .
        ex:harEier a owl:ObjectProperty ; rdfs:label "has owner"@en .""",
        {"car", "Race_Car", "HasOwner", "harEier"},
    ),
    Broken(
        "recursive_definitions",
        """ex:A a owl:Class ; owl:equivalentClass
            [ a owl:Restriction ; owl:onProperty ex:p ; owl:someValuesFrom ex:A ] .
        ex:B a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:X ex:C ) ] .
        ex:C a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( ex:X ex:B ) ] .
        ex:X a owl:Class .""",
        {"A", "B", "C"},
    ),
    Broken(
        "circular_wording",
        'ex:A a owl:Class ; rdfs:label "Partner"@en ; skos:definition "Somebody who acts as a partner."@en .',
        {"A"},
    ),
    Broken("inverse_of_itself", "ex:p a owl:ObjectProperty ; owl:inverseOf ex:p .", {"p"}),
    Broken(
        "inverse_of_symmetric",
        "ex:p a owl:ObjectProperty, owl:SymmetricProperty ; owl:inverseOf ex:q . ex:q a owl:ObjectProperty .",
        {"p"},
    ),
    Broken(
        "wrong_equivalent_properties",
        "ex:p a owl:ObjectProperty ; owl:equivalentProperty org:member .",
        {"p"},
    ),
    Broken(
        "wrong_symmetry",
        "ex:p a owl:ObjectProperty, owl:SymmetricProperty ; rdfs:domain ex:A ; rdfs:range ex:B .",
        {"p"},
    ),
    Broken(
        "wrong_transitivity",
        "ex:p a owl:ObjectProperty, owl:TransitiveProperty ; rdfs:domain ex:A ; rdfs:range ex:B .",
        {"p"},
    ),
    Broken("wrong_equivalent_classes", "ex:A a owl:Class ; owl:equivalentClass org:Organization .", {"A"}),
    Broken(
        "same_label",
        'ex:A a owl:Class ; rdfs:label "Thing"@en . ex:b a owl:ObjectProperty ; rdfs:label "thing"@en .',
        {"A", "b"},
    ),
    Broken("chain_of_one", "ex:p a owl:ObjectProperty ; owl:propertyChainAxiom ( ex:q ) .", {"p"}),
    Broken(
        "untyped_classes",
        """ex:A a owl:Class ; rdfs:subClassOf ex:B . ex:p a owl:ObjectProperty ; rdfs:range ex:C .
        ex:q rdfs:domain [ a owl:Class ; owl:unionOf ( ex:A ex:D ) ] . ex:e a owl:NamedIndividual, ex:E .""",
        {"B", "C", "D", "E"},
    ),
    Broken(
        "untyped_properties",
        """ex:p a owl:ObjectProperty ; rdfs:subPropertyOf ex:q ; owl:propertyChainAxiom ( ex:p ex:r ) .
        ex:A a owl:Class ; ex:s "value" .""",
        {"q", "r", "s"},
    ),
    Broken("file_extension_in_iri", f"<{HEADER}.owl> a owl:Ontology .", {f"{HEADER}.owl"}),
    Broken("no_ontology_declaration", "ex:A a owl:Class .", {HEADER}),
    Broken("no_ontology_declaration", "<https://example.org/other> a owl:Ontology .", {HEADER}),
    Broken("ambiguous_namespace", f"<{HEADER}> a owl:Ontology . ex:A a owl:Class .", {HEADER, "A"}),
    Broken(
        "namespace_hijacking",
        "org:Organization a owl:Class ; rdfs:subClassOf ex:A .",
        {"http://www.w3.org/ns/org#Organization"},
    ),
    Broken("namespace_hijacking", "org:role a owl:FunctionalProperty .", {"http://www.w3.org/ns/org#role"}),
    Broken("namespace_hijacking", "ex:A rdfs:subClassOf org:Club .", {"http://www.w3.org/ns/org#Club"}),
    Broken("no_licence", f'<{HEADER}> a owl:Ontology ; dcterms:license "free" .', {HEADER}),
)

"""Pitfalls in how the ontology is published: its IRI, its header, other people's terms."""

import re
from collections.abc import Iterator

from rdflib import DCTERMS, OWL, RDF, RDFS, VANN, URIRef
from rdflib.namespace import DC, FOAF, GEO, ORG, PROV, SDO, SKOS
from rdflib.term import Node

from .vocabulary import PROPERTY_TYPES, Problem, Vocabulary

# Vocabularies whose terms rdflib lists, and the borrowed terms of those that it does not list.
LISTED = (DC, DCTERMS, FOAF, GEO, ORG, PROV, SDO, SKOS, VANN)
BORROWED = {
    "http://www.w3.org/ns/oa#": {
        "SpecificResource", "TextQuoteSelector", "exact", "hasSelector", "hasSource", "prefix", "suffix",
    },
    "http://www.w3.org/ns/locn#": {"Address", "address", "fullAddress"},
    "http://data.europa.eu/m8g/": {"PublicOrganisation"},
    "http://data.europa.eu/s66#": {
        "Country", "FundingScheme", "HigherOrSecondaryEducation", "Organisation", "OrganisationRole",
        "Project", "PublicBody", "ResearchOrganisation", "endDate", "hasNUTSCode", "hasRole", "isInvolvedIn",
        "isRoleOf", "isSubSchemeOf", "roleLabel", "startDate",
    },
}  # fmt: skip
DECLARATIONS = {OWL.Class, RDFS.Datatype, *PROPERTY_TYPES}
FILE_EXTENSION = re.compile(r"\.(owl|rdf|ttl|xml|nt|n3|jsonld|json|html?)\b")


def file_extension_in_iri(v: Vocabulary) -> Iterator[Problem]:
    """P36: an ontology or term whose IRI tells the file format."""
    for term in {*v.graph.subjects(RDF.type, OWL.Ontology), *v.terms}:
        if FILE_EXTENSION.search(str(term)):
            yield Problem(term, "has a file extension in its IRI")


def no_ontology_declaration(v: Vocabulary) -> Iterator[Problem]:
    """P38: no owl:Ontology header, or another one than that of the namespace."""
    if list(v.graph.subjects(RDF.type, OWL.Ontology)) != [v.iri]:
        yield Problem(v.iri, "is not declared as the one ontology")


def ambiguous_namespace(v: Vocabulary) -> Iterator[Problem]:
    """P39: a header that does not name the namespace, or a term that does not say where it is defined."""
    if str(v.graph.value(v.iri, VANN.preferredNamespaceUri)) != v.namespace:
        yield Problem(v.iri, "does not say its namespace")
    for term in v.terms:
        if list(v.graph.objects(term, RDFS.isDefinedBy)) != [v.iri]:
            yield Problem(term, "does not say that this ontology defines it")


def namespace_hijacking(v: Vocabulary) -> Iterator[Problem]:
    """P40: more than the type of somebody else's term, or a term that its owner does not define."""
    for term, predicate, value in v.graph:
        if isinstance(term, URIRef) and _is_foreign(v, term) and not _is_declaration(predicate, value):
            yield Problem(term, "is not ours to describe")
    for term in sorted({node for triple in v.graph for node in triple if isinstance(node, URIRef)}):
        if not _is_defined_by_its_owner(term):
            yield Problem(term, "is not in its vocabulary")


def no_licence(v: Vocabulary) -> Iterator[Problem]:
    """P41: no licence in the header."""
    if not any(isinstance(licence, URIRef) for licence in v.graph.objects(v.iri, DCTERMS.license)):
        yield Problem(v.iri, "has no licence")


def _is_foreign(v: Vocabulary, term: URIRef) -> bool:
    return not v.owns(term) and term != v.iri


def _is_declaration(predicate: Node, value: Node) -> bool:
    return predicate == RDF.type and value in DECLARATIONS


def _is_defined_by_its_owner(term: URIRef) -> bool:
    for vocabulary in LISTED:
        if term.startswith(str(vocabulary)):
            return term in vocabulary
    for namespace, names in BORROWED.items():
        if term.startswith(namespace):
            return term.removeprefix(namespace) in names
    return True

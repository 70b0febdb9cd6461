"""Pitfalls in how terms hang together: use, domains and ranges, declarations."""

from collections.abc import Iterator

from rdflib import OWL, RDF, RDFS, BNode, URIRef
from rdflib.term import Node

from .vocabulary import BUILT_IN, PROPERTY_TYPES, Problem, Vocabulary

ANNOTATING = (RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy, RDFS.seeAlso)
AXIOMS = (
    RDFS.subClassOf,
    OWL.equivalentClass,
    RDFS.domain,
    RDFS.range,
    RDFS.subPropertyOf,
    OWL.inverseOf,
    OWL.propertyChainAxiom,
)
HOLDS_A_CLASS = (
    RDFS.subClassOf,
    RDFS.domain,
    RDFS.range,
    OWL.equivalentClass,
    OWL.someValuesFrom,
    OWL.allValuesFrom,
    OWL.disjointWith,
)
HOLDS_CLASSES = (OWL.unionOf, OWL.intersectionOf, OWL.members)
HOLDS_A_PROPERTY = (RDFS.subPropertyOf, OWL.inverseOf, OWL.onProperty, OWL.equivalentProperty)


def unconnected_elements(v: Vocabulary) -> Iterator[Problem]:
    """P04: a term that no axiom but disjointness ties to another one."""
    separating = {
        cell
        for axiom in v.graph.subjects(RDF.type, OWL.AllDisjointClasses)
        for head in v.graph.objects(axiom, OWL.members)
        for cell in v.graph.transitive_objects(head, RDF.rest)
    }
    for term in v.terms:
        uses = [s for s, p in v.graph.subject_predicates(term) if p not in ANNOTATING and s not in separating]
        says = [p for p in v.graph.predicates(term) if p in AXIOMS]
        typed = [kind for kind in v.graph.objects(term, RDF.type) if v.owns(kind)]
        if not (uses or says or typed):
            yield Problem(term, "stands alone")


def missing_domain_or_range(v: Vocabulary) -> Iterator[Problem]:
    """P11: an object or datatype property without domain or range."""
    for term in v.properties:
        if (term, RDF.type, OWL.AnnotationProperty) in v.graph:
            continue
        for end in (RDFS.domain, RDFS.range):
            if (term, end, None) not in v.graph:
                yield Problem(term, f"has no {end.fragment}")


def missing_inverse(v: Vocabulary) -> Iterator[Problem]:
    """P13: an object property that is neither symmetric nor has an inverse."""
    inverse = {term for pair in v.graph.subject_objects(OWL.inverseOf) for term in pair}
    for term in v.object_properties:
        if term not in inverse and (term, RDF.type, OWL.SymmetricProperty) not in v.graph:
            yield Problem(term, "has no inverse")


def several_domains_or_ranges(v: Vocabulary) -> Iterator[Problem]:
    """P19: a property with several domains or ranges, which OWL reads as their intersection."""
    for term in v.properties:
        for end in (RDFS.domain, RDFS.range):
            if len(list(v.graph.objects(term, end))) > 1:
                yield Problem(term, f"has more than one {end.fragment}: say owl:unionOf")


def untyped_classes(v: Vocabulary) -> Iterator[Problem]:
    """P34: something used as a class that nobody has declared as one."""
    used = {value for link in HOLDS_A_CLASS for value in v.graph.objects(None, link)}
    used |= set(v.graph.subjects(RDFS.subClassOf))
    used |= {kind for term in v.terms for kind in v.graph.objects(term, RDF.type)}
    used |= {part for link in HOLDS_CLASSES for head in v.graph.objects(None, link) for part in v.members(head)}
    yield from _undeclared(v, used, (OWL.Class, RDFS.Class, RDFS.Datatype, OWL.Restriction))


def untyped_properties(v: Vocabulary) -> Iterator[Problem]:
    """P35: something used as a property that nobody has declared as one."""
    used: set[Node] = set(v.graph.predicates())
    used |= {value for link in HOLDS_A_PROPERTY for value in v.graph.objects(None, link)}
    used |= {member for head in v.graph.objects(None, OWL.propertyChainAxiom) for member in v.members(head)}
    yield from _undeclared(v, used, PROPERTY_TYPES)


def _undeclared(v: Vocabulary, used: set[Node], types: tuple[URIRef, ...]) -> Iterator[Problem]:
    for term in sorted(used, key=str):
        if isinstance(term, BNode) or str(term).startswith(BUILT_IN):
            continue
        if not any((term, RDF.type, kind) in v.graph for kind in types):
            yield Problem(term, "is used without being declared")

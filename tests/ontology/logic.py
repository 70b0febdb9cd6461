"""Pitfalls in what the axioms say: equivalence, inverses, hierarchy, definitions."""

from collections.abc import Callable, Iterator

from rdflib import OWL, RDF, RDFS, URIRef
from rdflib.term import Node

from .vocabulary import Problem, Vocabulary


def synonyms_as_classes(v: Vocabulary) -> Iterator[Problem]:
    """P02: two names of our own for one class."""
    for term, other in v.graph.subject_objects(OWL.equivalentClass):
        if v.owns(term) and v.owns(other):
            yield Problem(term, f"is only another name of {v.name(other)}")


def wrong_inverses(v: Vocabulary) -> Iterator[Problem]:
    """P05: inverse properties whose domain and range do not mirror each other."""
    for term, other in v.graph.subject_objects(OWL.inverseOf):
        for here, there in ((v.domain(term), v.range(other)), (v.range(term), v.domain(other))):
            if here and there and here != there:
                yield Problem(term, f"does not mirror {v.name(other)}")


def cycles_in_hierarchy(v: Vocabulary) -> Iterator[Problem]:
    """P06: a class or property that is above itself."""
    for term in v.terms:
        for link in (RDFS.subClassOf, RDFS.subPropertyOf):
            if term in _reachable(term, lambda node, link=link: v.graph.objects(node, link)):
                yield Problem(term, "is above itself")


def missing_disjointness(v: Vocabulary) -> Iterator[Problem]:
    """P10: a class at the top of the hierarchy that nothing is said to be different from."""
    disjoint = {term for pair in v.graph.subject_objects(OWL.disjointWith) for term in pair}
    for axiom in v.graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for head in v.graph.objects(axiom, OWL.members):
            disjoint.update(named for member in v.members(head) for named in v.named_classes(member))
    for term in v.classes:
        if term not in disjoint and not any(v.owns(parent) for parent in v.superclasses(term)):
            yield Problem(term, "is in no disjointness axiom")


def recursive_definitions(v: Vocabulary) -> Iterator[Problem]:
    """P24: a class that is used in its own definition, right there or by way of another definition."""

    def used(term: Node) -> Iterator[Node]:
        for definition in v.graph.objects(term, OWL.equivalentClass):
            yield from v.inside(definition)

    for term in v.classes:
        if term in _reachable(term, used):
            yield Problem(term, "is defined by itself")


def inverse_of_itself(v: Vocabulary) -> Iterator[Problem]:
    """P25: a property that is its own inverse."""
    for term, other in v.graph.subject_objects(OWL.inverseOf):
        if term == other:
            yield Problem(term, "is its own inverse: say that it is symmetric")


def inverse_of_symmetric(v: Vocabulary) -> Iterator[Problem]:
    """P26: an inverse for a property that is symmetric."""
    for pair in v.graph.subject_objects(OWL.inverseOf):
        for term in pair:
            if (term, RDF.type, OWL.SymmetricProperty) in v.graph:
                yield Problem(term, "is symmetric and needs no inverse")


def wrong_equivalent_properties(v: Vocabulary) -> Iterator[Problem]:
    """P27: a property said to be the very same as another; ours are at most narrower."""
    for term, other in v.graph.subject_objects(OWL.equivalentProperty):
        yield Problem(term, f"is not the same as {v.name(other)}")


def wrong_symmetry(v: Vocabulary) -> Iterator[Problem]:
    """P28: a symmetric property with different domain and range."""
    yield from _unequal_ends(v, OWL.SymmetricProperty)


def wrong_transitivity(v: Vocabulary) -> Iterator[Problem]:
    """P29: a transitive property with different domain and range."""
    yield from _unequal_ends(v, OWL.TransitiveProperty)


def wrong_equivalent_classes(v: Vocabulary) -> Iterator[Problem]:
    """P31: a class said to be the very same as a named class of another vocabulary."""
    for term, other in v.graph.subject_objects(OWL.equivalentClass):
        if isinstance(other, URIRef) and v.owns(term) != v.owns(other):
            yield Problem(term, f"is not the same as {other}")


def chain_of_one(v: Vocabulary) -> Iterator[Problem]:
    """P33: a property chain of a single property."""
    for term, head in v.graph.subject_objects(OWL.propertyChainAxiom):
        if len(v.members(head)) < 2:
            yield Problem(term, "has a chain of one: say rdfs:subPropertyOf")


def _unequal_ends(v: Vocabulary, kind: URIRef) -> Iterator[Problem]:
    for term in v.graph.subjects(RDF.type, kind):
        if v.domain(term) != v.range(term):
            yield Problem(term, "has different domain and range")


def _reachable(start: Node, step: Callable[[Node], Iterator[Node]]) -> set[Node]:
    seen: set[Node] = set()
    waiting = list(step(start))
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(step(node))
    return seen

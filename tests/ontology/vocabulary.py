"""An ontology in a graph, seen through the terms that it defines itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

# Namespaces whose terms every RDF tool knows: they need no declaration.
BUILT_IN = (str(RDF), str(RDFS), str(OWL), str(XSD))
PROPERTY_TYPES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


class Problem(NamedTuple):
    """What a check finds: the term (or the ontology) and what is wrong with it."""

    term: Node
    message: str


@dataclass(frozen=True)
class Vocabulary:
    """A graph with the namespace of its own terms, which ends in "#"."""

    graph: Graph
    namespace: str

    @property
    def iri(self) -> URIRef:
        return URIRef(self.namespace.removesuffix("#"))

    def owns(self, term: Node) -> bool:
        return isinstance(term, URIRef) and term.startswith(self.namespace)

    def name(self, term: Node) -> str:
        return str(term).removeprefix(self.namespace)

    def _own(self, *types: URIRef) -> list[URIRef]:
        found = {term for kind in types for term in self.graph.subjects(RDF.type, kind)}
        return sorted(URIRef(term) for term in found if self.owns(term))

    @cached_property
    def classes(self) -> list[URIRef]:
        return self._own(OWL.Class, RDFS.Class)

    @cached_property
    def object_properties(self) -> list[URIRef]:
        return self._own(OWL.ObjectProperty)

    @cached_property
    def properties(self) -> list[URIRef]:
        return self._own(RDF.Property, *PROPERTY_TYPES)

    @cached_property
    def individuals(self) -> list[URIRef]:
        return self._own(OWL.NamedIndividual)

    @cached_property
    def terms(self) -> list[URIRef]:
        return sorted({*self.classes, *self.properties, *self.individuals})

    def members(self, head: Node) -> list[Node]:
        """Give the members of an RDF list."""
        return list(Collection(self.graph, head))

    def named_classes(self, expression: Node) -> set[Node]:
        """Give the named classes of a class or of a union of classes."""
        if isinstance(expression, URIRef):
            return {expression}
        return {term for head in self.graph.objects(expression, OWL.unionOf) for term in self.members(head)}

    def inside(self, expression: Node) -> Iterator[Node]:
        """Give every named term that a class expression mentions, at any depth."""
        if isinstance(expression, URIRef):
            yield expression
            return
        if isinstance(expression, BNode):
            for predicate, value in self.graph.predicate_objects(expression):
                if predicate != RDF.type:
                    yield from self.inside(value)

    def superclasses(self, term: Node) -> set[Node]:
        """Give the named classes right above a class, by rdfs:subClassOf or by its definition."""
        above = {parent for parent in self.graph.objects(term, RDFS.subClassOf) if isinstance(parent, URIRef)}
        for definition in self.graph.objects(term, OWL.equivalentClass):
            for head in self.graph.objects(definition, OWL.intersectionOf):
                above.update(part for part in self.members(head) if isinstance(part, URIRef))
        return above

    def domain(self, term: Node) -> set[Node]:
        return self._end(term, RDFS.domain)

    def range(self, term: Node) -> set[Node]:
        return self._end(term, RDFS.range)

    def _end(self, term: Node, end: URIRef) -> set[Node]:
        return {named for value in self.graph.objects(term, end) for named in self.named_classes(value)}

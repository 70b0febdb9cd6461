"""Small graphs in a store, and rules run over them."""

import io

import rdflib

from app.namespaces import INN, PREFIXES
from app.terms import BlankNode, Iri, Literal

EX = "http://example.org/"
GRAPH = Iri(EX + "graph/data")
HEAD = "".join(f"@prefix {name}: <{space}> .\n" for name, space in {**PREFIXES, "ex": EX}.items())


def term(node):
    if isinstance(node, rdflib.URIRef):
        return Iri(node)
    if isinstance(node, rdflib.BNode):
        return BlankNode(node)
    return Literal(str(node), node.language, Iri(node.datatype or PREFIXES["xsd"] + "string"))


def triples(turtle):
    graph = rdflib.Graph()
    graph.parse(io.StringIO(HEAD + turtle), format="turtle")
    return [tuple(term(node) for node in each) for each in graph]


def triple(text):
    (found,) = triples(text + " .")
    return found


def quads(turtle, graph=GRAPH):
    return [(each, graph) for each in triples(turtle)]


def inn(name):
    return Iri(INN + name)

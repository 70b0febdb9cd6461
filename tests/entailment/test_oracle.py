"""Our rules against owlrl, an independent implementation of OWL 2 RL: the same closure over an example."""

import rdflib

from app.config import bundled_content, defaults
from app.entailment.fixpoint import infer
from app.entailment.levels import Assertions
from app.entailment.rules import read_rule
from app.namespaces import INN, PREFIXES
from app.query.library import Library
from app.store.loading import StoreWriter
from app.terms import BlankNode
from tests.entailment.conftest import GRAPH, term, triples
from tests.reasoning import expand

EXAMPLE = """
ex:region a inn:Region ; inn:hasCouncil ex:council .
ex:council a inn:Organisation .
ex:town a inn:Municipality ; inn:inCounty ex:county .
ex:in-region a org:Membership ; org:member ex:town ; org:organization ex:region .
ex:in-office a org:Membership ; org:member ex:council ; org:organization ex:office .
ex:university a inn:Organisation ; org:classification ex:university-type .
ex:university-type a skos:Concept ; skos:broader <https://w3id.org/innherred/id/type/kunnskapsleverandor> .
ex:activity a inn:Activity ; inn:underProgramme ex:programme ; dcterms:spatial ex:county .
ex:programme a inn:Programme ; inn:partOfProgramme ex:larger . ex:larger inn:partOfProgramme ex:largest .
ex:county a inn:Place ; inn:partOfPlace ex:country . ex:country a inn:Country , inn:PlaceAbroad .
ex:of-town a inn:Participation ; inn:participant ex:town ; inn:inActivity ex:activity .
ex:of-university a inn:Participation ; inn:participant ex:university ; inn:inActivity ex:activity .
ex:one inn:cooperatesWith ex:other .
"""
RULES = [read_rule(file) for file in Library.load([defaults() / "queries"]).rules.values()]
SCHEMA = (PREFIXES["owl"], PREFIXES["rdfs"], PREFIXES["rdf"])


def own(triple):
    """Say whether a triple is of a thing of the example, and of a term of the ontology."""
    subject, predicate, value = triple
    said = value if predicate.endswith("#type") else predicate
    return str(subject).startswith("http://example.org/") and subject != value and str(said).startswith(INN)


def test_the_closure_is_that_of_owlrl_but_for_domains_and_ranges(tmp_path):
    graph = rdflib.Graph()
    for path in sorted((bundled_content() / "ontology").glob("*.ttl")):
        graph.parse(path)
    # The rules for domain and range are left out on purpose.
    for predicate in (rdflib.RDFS.domain, rdflib.RDFS.range):
        graph.remove((None, predicate, None))
    asserted = [tuple(term(node) for node in each) for each in graph] + triples(EXAMPLE)
    with StoreWriter(tmp_path / "store") as writer:
        writer.add((each, GRAPH) for each in asserted)
        found = infer(writer, RULES, Assertions.read(writer.store, ()), [GRAPH], [INN])
    for each in triples(EXAMPLE):
        graph.add(tuple(rdflib.BNode(n) if isinstance(n, BlankNode) else rdflib.URIRef(str(n)) for n in each))
    expand(graph)
    closure = {each for each in (tuple(term(node) for node in line) for line in graph) if own(each)}
    ours = {each for each in found.shown() if own(each)}
    assert len(ours) > 25
    assert ours == closure - set(asserted)

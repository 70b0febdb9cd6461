"""VoID statistics: the counts are those of the default graph."""

from app.catalog.statistics import count
from app.namespaces import RDF_TYPE
from app.store.embedded import EmbeddedStore
from app.terms import BlankNode, Iri, Literal

E = "http://e/"
VOID = "http://rdfs.org/ns/void#"


def store():
    default = [
        (Iri(E + "a"), RDF_TYPE, Iri(E + "C")),
        (Iri(E + "b"), RDF_TYPE, Iri(E + "C")),
        (BlankNode("x"), RDF_TYPE, Iri(E + "D")),
        (Iri(E + "a"), Iri(E + "p"), Literal("1")),
        (Iri(E + "b"), Iri(E + "p"), Literal("1")),
    ]
    named = [(triple, Iri(E + "g")) for triple in default[:2]] + [(default[0], Iri(E + "h"))]
    return EmbeddedStore.in_memory([(triple, None) for triple in default] + named)


def counted(store):
    return count(store, 3, 2, store.graphs())


def test_counts():
    statistics = counted(store())
    assert statistics.totals == {
        "triples": 5,
        "entities": 2,
        "distinctSubjects": 3,
        "distinctObjects": 3,
        "classes": 2,
        "properties": 2,
    }
    assert statistics.classes == {E + "C": 2, E + "D": 1}
    assert statistics.properties == {E + "p": 2, RDF_TYPE: 3}
    assert statistics.graphs == {E + "g": 2, E + "h": 1}


def test_partitions_have_iris_and_say_what_they_count():
    triples = set(counted(store()).triples(Iri(E + "dataset"), "http://b/"))
    assert not any(isinstance(term, BlankNode) for triple in triples for term in triple)
    (part,) = {s for s, p, o in triples if p == VOID + "class" and o == E + "C"}
    assert (Iri(E + "dataset"), Iri(VOID + "classPartition"), part) in triples
    assert {str(o) for s, p, o in triples if s == part and p == VOID + "entities"} == {"2"}
    assert {str(o) for s, p, o in triples if s == E + "g" and p == VOID + "triples"} == {"2"}


def test_an_empty_store_counts_nothing():
    statistics = count(EmbeddedStore.in_memory([]), 0, 0, {})
    assert set(statistics.totals.values()) == {0}
    assert statistics.graphs == {}

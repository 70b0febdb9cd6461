"""Queries for what the build has counted: the same rows, without counting again; all else is left as it is."""

import pytest

from app.catalog.statistics import count
from app.namespaces import RDF_TYPE
from app.query.rewriting import counted
from app.store.embedded import EmbeddedStore
from app.terms import BlankNode, Iri, Literal

E = "http://example.org/"
DATA = [
    (Iri(E + "a"), RDF_TYPE, Iri(E + "C")),
    (Iri(E + "b"), RDF_TYPE, Iri(E + "C")),
    (Iri(E + "a"), RDF_TYPE, Iri(E + "D")),
    (BlankNode("x"), RDF_TYPE, Iri(E + "D")),
    (Iri(E + "b"), Iri(E + "p/æ"), Literal("1")),
    (Iri(E + "b"), Iri(E + "p/æ"), Literal("2")),
    (Iri(E + "a"), Iri(E + "q"), BlankNode("x")),
]
RDF = "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>\n"

SAID = [
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "select (count(*) as ?triples) { ?a ?b ?c . }",
    "SELECT (COUNT(?o) AS ?n) WHERE { ?s ?p ?o } LIMIT 1",
    "SELECT (COUNT(DISTINCT ?p) AS ?n) WHERE { ?s ?p ?o }",
    "SELECT (COUNT(DISTINCT ?class) AS ?n) WHERE { ?s a ?class }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s a ?class }",
    "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n) ?p",
    "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c # all of them",
    "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY ASC(?c) LIMIT 1 OFFSET 1",
    RDF + "SELECT ?c (COUNT(?s) AS ?n) { ?s rdf:type ?c } GROUP BY ?c",
    f"BASE <{E}> SELECT DISTINCT ?c WHERE {{ ?s <{RDF_TYPE}> ?c }} ORDER BY ?c",
    "SELECT DISTINCT ?p WHERE { ?s ?p ?o }",
]
LEFT = [
    "SELECT * WHERE { ?s ?p ?o }",
    "SELECT ?p WHERE { ?s ?p ?o }",
    "SELECT DISTINCT ?s WHERE { ?s ?p ?o }",
    "SELECT DISTINCT ?s ?p WHERE { ?s ?p ?o }",
    "SELECT DISTINCT ?c WHERE { ?s ?p ?c }",
    "SELECT DISTINCT ?c WHERE { ?s a ?c } ORDER BY ?s",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o }",
    "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?c }",
    "SELECT (COUNT(DISTINCT *) AS ?n) WHERE { ?s ?p ?o }",
    "SELECT (COUNT(?x) AS ?n) WHERE { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?p) WHERE { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?s }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o FILTER(isIRI(?o)) }",
    "SELECT (COUNT(*) AS ?n) FROM <http://example.org/g> WHERE { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }",
    "SELECT ?p (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    "SELECT ?s (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?s",
    "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p HAVING(COUNT(*) > 1)",
    "SELECT ?c (COUNT(*) AS ?n) WHERE { ?s x:type ?c } GROUP BY ?c",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o } VALUES ?s { <http://example.org/a> }",
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }; DROP ALL",
    "ASK { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } }",
    "SELECT DISTINCT",
    "COUNT {",
    "",
]


def of(store: EmbeddedStore) -> tuple[dict[Iri, int], dict[Iri, int]]:
    found = count(store, 0, 0, {})
    return found.classes, found.properties


@pytest.fixture(scope="module")
def store():
    return EmbeddedStore.in_memory([(triple, None) for triple in DATA])


def rows(store: EmbeddedStore, query: str) -> tuple[tuple[str, ...], list[str]]:
    found = store.select(query)
    shown = [str([row.get(name) for name in found.variables]) for row in found.rows]
    return tuple(found.variables), shown if "ORDER" in query else sorted(shown)


@pytest.mark.parametrize("query", SAID)
def test_what_is_counted_already_has_the_same_rows(store, query):
    text = counted(query, *of(store))
    assert "VALUES" in text
    assert rows(store, text) == rows(store, query)


@pytest.mark.parametrize("query", LEFT)
def test_everything_else_is_left_as_it_is(store, query):
    assert counted(query, *of(store)) == query


def test_a_class_without_an_iri_is_counted_by_the_engine():
    store = EmbeddedStore.in_memory([(triple, None) for triple in [*DATA, (Iri(E + "a"), RDF_TYPE, BlankNode("k"))]])
    assert [counted(query, *of(store)) == query for query in SAID] == [
        "rdf:type" in q or " a ?c" in q or "ns#type>" in q for q in SAID
    ]


def test_nothing_and_very_much_is_counted_by_the_engine(store):
    many = {Iri(f"{E}{number}"): 1 for number in range(501)}
    for query in SAID[-1], SAID[6]:
        assert counted(query, {}, many) == query
    assert counted(SAID[-2], {}, {}) == SAID[-2]
    assert counted(SAID[-1], {}, {Iri(E + "a b"): 1}) == SAID[-1]

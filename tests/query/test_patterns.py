"""Queries of one pattern, which give a row with everything they look at: which they are, and which are not."""

import pytest

from app.query.patterns import is_one_pattern

PREFIX = "PREFIX inn: <http://example.org/o#>\nprefix : <http://example.org/> "


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?o { <http://example.org/a> inn:topic ?o }",
        PREFIX + "SELECT ?p ?o WHERE { :a ?p ?o . } LIMIT 10 # the first ten",
        "select ?s where{?s a inn:Activity}",
        "SELECT ?s ?p ?o { ?s ?p ?o }",
    ],
)
def test_one_pattern(query: str) -> None:
    assert is_one_pattern(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?s { ?s ?p ?s }",  # looks at all, gives few
        "SELECT ?nothing { ?s ?p ?o }",  # rows without bytes
        "SELECT " + "?s " * 100 + "{ ?s ?p ?o }",
        "SELECT ?s { ?s ?p ?o . ?o ?q ?r }",
        "SELECT ?s { ?s ?p ?o ; ?q ?r }",
        "SELECT ?s { ?s ?p ?o , ?r }",
        "SELECT ?s { ?s ?p ?o FILTER(?o > 1) }",
        "SELECT ?s { ?s ?p ?o } ORDER BY ?s",
        "SELECT ?s { ?s ?p ?o } LIMIT 1 OFFSET 1000000",
        "SELECT ?s { ?s ?p ?o } OFFSET 1000000",
        "SELECT DISTINCT ?s { ?s ?p ?o }",
        "SELECT REDUCED ?s { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT ?s { ?s inn:part+ ?o }",
        "SELECT ?s { ?s ^inn:part ?o }",
        "SELECT ?s { ?s inn:part/inn:part ?o }",
        "SELECT ?s { GRAPH ?g { ?s ?p ?o } }",
        "SELECT ?s FROM <http://example.org/g> { ?s ?p ?o }",
        "SELECT ?s { ?s ?p ?o } VALUES ?s { <http://example.org/a> }",
        "SELECT ?s { ?s ?p ?o } # a comment\nOFFSET 1000000",
        "SELECT ?s { ?s ?p <http://example.org/\\u0061> }",
        "SELECT ?s { SERVICE ?p { ?s ?p ?o } }",
        "SELECT ?s { [] ?p ?o }",
        "SELECT * { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "ASK { ?s ?p ?o }",
        "SELECT ?s { ?s ?p ?o } #" + "x" * 2000,
        "",
    ],
)
def test_more_than_one_pattern(query: str) -> None:
    assert not is_one_pattern(query)

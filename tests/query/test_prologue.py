"""The dataset clause of a query, taken out of it; and what is no standard SPARQL."""

import pytest

from app.errors import QueryRefused, QuerySyntaxError
from app.query.rewriting import take_dataset
from app.terms import Dataset

G, H = "http://example.org/g", "http://example.org/h"


@pytest.mark.parametrize(
    ("query", "dataset"),
    [
        ("SELECT * { ?s ?p ?o }", None),
        (f"SELECT * FROM <{G}> {{ ?s ?p ?o }}", Dataset((G,), ())),
        (f"SELECT * FROM NAMED <{G}> FROM <{H}> WHERE {{ ?s ?p ?o }}", Dataset((H,), (G,))),
        ("PREFIX e: <http://example.org/>\nDESCRIBE e:x from e:g", Dataset((G,), ())),
        ("BASE <http://example.org/x> CONSTRUCT { ?s ?p ?o } FROM <g> { ?s ?p ?o }", Dataset((G,), ())),
        (f"ASK {{ ?s ?p 'FROM <{G}>' }} # FROM <{G}>", None),
        (
            "PREFIX e: <http://example.org/> ASK FROM <http://example.org/g> FROM e:\\~x { }",
            Dataset((G, "http://example.org/~x"), ()),
        ),
    ],
)
def test_the_dataset_clause_is_taken_out(query, dataset):
    text, found = take_dataset(query)
    assert found == dataset
    assert len(text) == len(query)
    if dataset is None:
        assert text == query
    else:
        assert take_dataset(text) == (text, None)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "DEFINE input:default-graph-uri <a:b> SELECT * { ?s ?p ?o }",
        "INSERT DATA { <a:b> <a:b> <a:b> }",
        "ASK { } ; CLEAR ALL",
        "ASK { } INSERT { } WHERE { }",
        "SELECT * { ?s foaf:name ?o }",
        "SELECT * FROM { ?s ?p ?o }",
        "SELECT * FROM NAMED",
        "PREFIX e: SELECT * { ?s ?p ?o }",
    ],
)
def test_what_is_no_query_is_an_error(query):
    with pytest.raises(QuerySyntaxError):
        take_dataset(query)


def test_the_place_of_an_error_is_told():
    with pytest.raises(QuerySyntaxError, match=r"Line 2, column 4: The prefix x: is not declared\."):
        take_dataset("ASK {\n?s x:y ?o }")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (<bif:now>() AS ?x) { }",
        "PREFIX f: <bif:> SELECT (f:file_to_string('/etc/passwd') AS ?x) { }",
        "PREFIX f: <sq> SELECT (f:l:x() AS ?x) { }",
        "SELECT (<\\u0062if:now>() AS ?x) { }",
        "SELECT (<BIF:now>() AS ?x) { }",
        f"SELECT * FR\\u004FM <{G}> {{ ?s ?p ?o }}",
    ],
)
def test_calls_of_procedures_and_hidden_words_are_refused(query):
    with pytest.raises(QueryRefused):
        take_dataset(query)

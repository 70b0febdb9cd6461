"""The short way of plain requests and the whole way of all others give the same answer."""

import pytest
from flask import Flask

from app.web.compression import Compressed
from app.web.fast_path import Direct
from app.web.languages import LanguagePath

QUERY = "SELECT ?s { ?s a ?class } ORDER BY ?s LIMIT 3"
JSON = "application/sparql-results+json"


@pytest.fixture
def ways(app: Flask, monkeypatch):
    """Give a function that asks by both ways, and tells whether the first was the short one."""

    def ask(path="/sparql", **options):
        whole = []
        path_of_language = app.wsgi_app._application
        compressed = path_of_language._application
        direct = compressed._application
        behind = direct._application
        assert isinstance(path_of_language, LanguagePath)
        assert isinstance(compressed, Compressed)
        assert isinstance(direct, Direct)

        def noted(environ, start_response):
            whole.append(environ["PATH_INFO"])
            return behind(environ, start_response)

        with monkeypatch.context() as patch:
            patch.setattr(direct, "_application", noted)
            first = app.test_client().open(path, **options)
            short = not whole
            patch.setattr(Direct, "_answer", lambda _self, _environ: None)
            second = app.test_client().open(path, **options)
        return first, second, short

    return ask


PLAIN = {
    "as JSON": {"query_string": {"query": QUERY}, "headers": {"Accept": JSON}},
    "of a client that takes anything": {"query_string": {"query": QUERY}, "headers": {"Accept": "*/*"}},
    "without Accept": {"query_string": {"query": QUERY}},
    "by its other name": {"query_string": {"query": QUERY}, "headers": {"Accept": "application/json"}},
    "as a list of wishes": {
        "query_string": {"query": QUERY},
        "headers": {"Accept": f"text/csv;q=0.2, {JSON};q=0.1, text/tab-separated-values"},
    },
    "with a format": {"query_string": {"format": "csv", "query": QUERY}, "headers": {"Accept": JSON}},
    "with an empty format": {"query_string": {"query": QUERY, "format": ""}, "headers": {"Accept": "application/json"}},
    "with a format in the query": {
        "query_string": "query=ASK%20%7B%7D%23?format=csv",
        "headers": {"Accept": "application/json"},
    },
    "of a graph": {"query_string": {"query": "CONSTRUCT WHERE { ?s a ?o }"}, "headers": {"Accept": "text/turtle"}},
    "a yes or no": {"query_string": {"query": "ASK {}"}, "headers": {"Accept": "application/sparql-results+xml"}},
    "in English": {"path": "/en/sparql", "query_string": {"query": QUERY}},
    "with letters": {"query_string": {"query": "SELECT ('Snåase, blåbær & 100 %' AS ?name) {}"}},
    "with a long header": {
        "query_string": {"query": QUERY},
        "headers": {"Accept": ", ".join(f"text/x{n}" for n in range(90)) + ", text/csv"},
    },
}
WHOLE = {
    "a page": {"query_string": {"query": QUERY}, "headers": {"Accept": "text/html"}},
    "a head": {"method": "HEAD", "query_string": {"query": QUERY}},
    "a form": {"method": "POST", "data": {"query": QUERY}},
    "another origin's question": {"method": "OPTIONS"},
    "no query": {"headers": {"Accept": "text/turtle"}},
    "an empty query": {"query_string": {"query": ""}},
    "two queries": {"query_string": [("query", QUERY), ("query", "ASK {}")]},
    "an update": {"query_string": {"update": "CLEAR ALL"}},
    "a query with an update": {"query_string": {"query": QUERY, "update": "CLEAR ALL"}},
    "an update as a query": {"query_string": {"query": "CLEAR ALL"}},
    "a basis": {"query_string": {"query": QUERY, "basis": "strategy"}},
    "a graph": {"query_string": {"query": QUERY, "default-graph-uri": "http://example.org/none"}},
    "a version": {"query_string": {"query": QUERY, "version": "000000000000"}},
    "bytes": {"query_string": "query=ASK%20%7B%7D%20%23%FF"},
    "no such format": {"query_string": {"query": QUERY, "format": "docx"}},
    "a workbook": {"query_string": {"query": QUERY, "format": "xlsx"}},
    "JSON-LD": {"query_string": {"query": "CONSTRUCT WHERE { ?s a ?o }", "format": "jsonld"}},
    "nothing we have": {"query_string": {"query": QUERY}, "headers": {"Accept": "image/png"}},
    "a packed body": {"query_string": {"query": QUERY}, "headers": {"Content-Encoding": "gzip"}},
    "another path": {"path": "/sparql/", "query_string": {"query": QUERY}},
}
FAILING = {
    "no SPARQL": {"query_string": {"query": "SELECT ?s {"}},
    "no SPARQL, for people": {"query_string": {"query": "SELECT ?s {"}, "headers": {"Accept": "text/html"}},
    "another server": {"query_string": {"query": "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"}},
}


def same(first, second) -> None:
    assert first.status_code == second.status_code
    assert sorted(first.headers) == sorted(second.headers)
    if first.mimetype not in ("text/html", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
        assert first.data == second.data


@pytest.mark.parametrize("options", PLAIN.values(), ids=PLAIN)
def test_plain_requests_go_the_short_way_and_get_the_same(ways, options):
    first, second, short = ways(**options)
    assert short
    assert first.status_code == 200
    same(first, second)
    assert first.headers["ETag"]


@pytest.mark.parametrize("options", [*WHOLE.values(), *FAILING.values()], ids=[*WHOLE, *FAILING])
def test_all_others_go_the_whole_way(ways, options):
    first, second, short = ways(**options)
    assert not short
    same(first, second)


def test_what_a_client_has_is_not_sent_again(ways):
    asked = {"query_string": {"query": QUERY}}
    etag = ways(**asked)[0].headers["ETag"]
    first, second, short = ways(**asked, headers={"If-None-Match": etag})
    assert short
    assert (first.status_code, first.data) == (304, b"")
    same(first, second)


@pytest.mark.parametrize("condition", ["*", '"another"', '"another", {}', "W/{}"])
def test_other_conditions_go_the_whole_way(ways, condition):
    asked = {"query_string": {"query": QUERY}}
    etag = ways(**asked)[0].headers["ETag"]
    first, second, short = ways(**asked, headers={"If-None-Match": condition.format(etag)})
    assert not short
    same(first, second)


def test_a_query_that_fails_is_asked_once(app, monkeypatch):
    asked = []
    asking = app.extensions["asking"]
    run = asking.run

    def counted(*arguments):
        asked.append(arguments)
        return run(*arguments)

    monkeypatch.setattr(asking, "run", counted)
    answer = app.test_client().get("/sparql", query_string={"query": "SELECT ?s {"})
    assert answer.status_code == 400
    assert len(asked) == 1


@pytest.mark.parametrize("query", ["SELECT ?s { ?s a ?class } LIMIT 3", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"])
def test_what_is_small_asks_no_other_process(app, monkeypatch, query):
    monkeypatch.setattr("app.store.workers.Workers.answer", lambda *_: pytest.fail("a process was asked"))
    answer = app.test_client().get("/sparql", query_string={"query": query, "format": "csv"})
    assert answer.status_code == 200
    assert len(answer.data.splitlines()) > 1


def test_what_is_not_small_is_asked_of_a_process(app, monkeypatch):
    monkeypatch.setattr("app.store.embedded.SMALL", 1000)
    query = "SELECT ?s ?p ?o { ?s ?p ?o }"
    answer = app.test_client().get("/sparql", query_string={"query": query, "format": "json"})
    assert len(answer.json["results"]["bindings"]) == app.extensions["serving"].get().manifest.triples
    assert len(answer.data) > 1000

"""The SPARQL 1.1 Protocol, query only."""

import re

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import BASE

SELECT = "SELECT ?s WHERE { ?s a <http://example.org/havdal/ontology#Document> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT WHERE { ?s a <http://example.org/havdal/ontology#Document> }"
RESULTS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {
    "turtle": "text/turtle",
    "jsonld": "application/ld+json",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
}
PEOPLE = {"Accept": "text/html,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("query", "name", "media_type"),
    [*((SELECT, *each) for each in RESULTS.items()), *((CONSTRUCT, *each) for each in GRAPHS.items())],
)
def test_each_format_by_each_way_of_asking(client: FlaskClient, query: str, name: str, media_type: str) -> None:
    accept = {"Accept": media_type}
    for answer in (
        client.get("/sparql", query_string={"query": query}, headers=accept),
        client.get("/sparql", query_string={"query": query, "format": name}),
        client.post("/sparql", data={"query": query}, headers=accept),
        client.post("/sparql", data=query, content_type="application/sparql-query", headers=accept),
    ):
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert "id/document/plan" in answer.text
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_ask_and_describe_are_answered(client: FlaskClient) -> None:
    assert client.get("/sparql", query_string={"query": "ASK { ?s ?p ?o }"}).json["boolean"] is True
    text = client.get("/sparql", query_string={"query": f"DESCRIBE <{BASE}id/town/bekk>"}).text
    assert "Bekk" in text
    for query in ("ASK { ?s ?p ?o }", f"DESCRIBE <{BASE}id/town/bekk>"):
        assert client.get("/sparql", query_string={"query": query}, headers=PEOPLE).mimetype == "text/html"


def test_an_answer_has_the_media_type_that_was_asked_for(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "application/json"})
    assert answer.mimetype == "application/json"
    assert client.get("/sparql", query_string={"query": SELECT}, headers={"Accept": "text/turtle"}).status_code == 406


def test_a_browser_gets_a_form_and_a_table(client: FlaskClient) -> None:
    form = client.get("/sparql", headers=PEOPLE).text
    assert '<textarea class="ds-input query" id="query" name="query"' in form
    page = client.get("/sparql", query_string={"query": SELECT}, headers=PEOPLE).text
    assert "Planen for Havdal" in page
    assert "<caption" in page
    assert "format=csv" in page


def test_a_long_table_says_how_long_it_is(client: FlaskClient) -> None:
    query = "SELECT * WHERE { ?a a ?x . ?b a ?y } LIMIT 1500"
    page = client.get("/sparql", query_string={"query": query}, headers=PEOPLE).text
    assert "De første 1000 av 1500 rader." in page


@pytest.mark.parametrize("accept", ["*/*", "text/csv", "application/sparql-results+json"])
def test_a_malformed_query_is_told_with_its_position(client: FlaskClient, accept: str) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s ?p }"}, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["line"] == 2
    assert answer.json["column"] > 1


def test_what_is_no_query_at_all_is_malformed_in_any_format(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "hello"}, headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.json["line"]) == (400, 1)


def test_a_malformed_query_of_a_browser_comes_back_in_the_form(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": "SELECT <script>"}, headers=PEOPLE)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "SELECT &lt;script&gt;</textarea>" in answer.text
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ({"data": {"update": "CLEAR ALL"}}, 400),
        ({"data": {"query": "CLEAR ALL"}}, 400),
        ({"data": {"x": "y"}}, 400),
        ({"data": "CLEAR ALL", "content_type": "application/sparql-update"}, 400),
        ({"data": "ASK {}", "content_type": "text/plain"}, 415),
        ({"data": b"ASK { ?s ?p '\xff' }", "content_type": "application/sparql-query"}, 400),
        ({"data": "", "content_type": "application/sparql-query"}, 400),
        ({"data": "ASK {}" + " " * 2_000_000, "content_type": "application/sparql-query"}, 413),
    ],
)
def test_what_is_no_query_is_refused(client: FlaskClient, arguments: dict[str, object], status: int) -> None:
    answer = client.post("/sparql", **arguments)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_who_sends_too_much_is_told_how_much_is_taken(client: FlaskClient) -> None:
    answer = client.post("/sparql", data="ASK {}" + " " * 2_000_000, content_type="application/sparql-query")
    assert "262144" in answer.json["detail"]
    assert "INNHERRED_QUERY_LENGTH" in answer.json["detail"]


def test_two_queries_at_once_are_refused(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK%7B%7D&query=ASK%7B%7D").status_code == 400


def test_other_servers_are_not_asked(client: FlaskClient) -> None:
    query = "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    answer = client.get("/sparql", query_string={"query": query})
    assert answer.status_code == 400
    assert "SERVICE" in answer.json["detail"]


def count(client: FlaskClient, query: str, **parameters: object) -> int:
    answer = client.get("/sparql", query_string={"query": query, "format": "csv", **parameters})
    return int(answer.text.split()[1])


def test_the_dataset_of_the_request_is_the_one_asked(client: FlaskClient) -> None:
    default = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    named = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
    reading = {"default-graph-uri": BASE + "graph/interpretation"}
    few = count(client, default, **reading)
    assert 0 < few < count(client, default)
    assert count(client, named, **reading) == 0
    assert count(client, named, **{"named-graph-uri": BASE + "graph/interpretation"}) == few
    assert count(client, default, **{"named-graph-uri": BASE + "graph/interpretation"}) == 0
    assert count(client, default, **{"default-graph-uri": BASE + "graph/none"}) == 0
    form = {"query": default, "default-graph-uri": BASE + "graph/interpretation"}
    assert client.post("/sparql", data=form, headers={"Accept": "text/csv"}).text.split()[1] == str(few)
    answer = client.get("/sparql", query_string={"query": default, "default-graph-uri": "no iri"})
    assert answer.status_code == 400


def test_the_basis_is_a_dataset_too(client: FlaskClient) -> None:
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?s <{BASE}ontology#size> ?o }}"
    assert count(client, query) == 1
    assert count(client, query, basis="strategy") == 0


def test_the_service_describes_itself(client: FlaskClient) -> None:
    text = client.get("/sparql", headers={"Accept": "text/turtle"}).text
    assert "sd:SPARQL11Query" in text
    assert BASE + "graph/strategy" in text


def test_columns_of_a_question_keep_their_headings_when_it_is_changed(client: FlaskClient) -> None:
    def heads(query: str) -> list[str]:
        page = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/html"}).text
        return re.findall(r'<th scope="col">([^<]*)</th>', page)

    assert heads("SELECT ?trip { ?trip ?any ?town } LIMIT 1") == ["Tur"]
    assert heads("SELECT ?trip ?x { ?trip ?any ?x } LIMIT 1") == ["Tur", "X"]


@pytest.mark.parametrize(
    ("shown", "pattern", "rest"),
    [
        ("(COUNT(*) AS ?n)", "?s ?p ?o", ""),
        ("?p (COUNT(*) AS ?n)", "?s ?p ?o", "GROUP BY ?p ORDER BY ?p"),
        ("?c (COUNT(?s) AS ?n)", "?s a ?c", "GROUP BY ?c ORDER BY DESC(?n) ?c LIMIT 3"),
        ("DISTINCT ?c", "?s a ?c", "ORDER BY ?c"),
    ],
)
def test_what_the_build_has_counted_is_what_the_engine_counts(
    client: FlaskClient, shown: str, pattern: str, rest: str
) -> None:
    quick, slow = (
        client.get("/sparql", query_string={"query": f"SELECT {shown} WHERE {{ {pattern} {more} }} {rest}"})
        for more in ("", "FILTER(true)")
    )
    assert quick.json == slow.json
    assert quick.json["results"]["bindings"]

"""SPARQL 1.1 Protocol, query operation, to the letter; updates refused every way."""

import pytest

from app.mediatypes import RESULT_FORMATS
from tests.web.conftest import BASE

ASK = "ASK { ?s ?p ?o }"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
PEOPLE = {"Accept": "text/html,*/*;q=0.8"}


def problem(answer, status):
    """Check that an answer is a problem document that any script may read."""
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert answer.json["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    return answer


def test_head_is_get_without_the_body(client):
    got = client.get("/sparql", query_string={"query": ASK})
    head = client.head("/sparql", query_string={"query": ASK})
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Vary"):
        assert head.headers[name] == got.headers[name]


def test_a_preflight_allows_what_the_endpoint_takes(client):
    asked = {"Origin": "http://example.org", "Access-Control-Request-Method": "POST"}
    answer = client.options("/sparql", headers={**asked, "Access-Control-Request-Headers": "content-type"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for name in ("Allow", "Access-Control-Allow-Methods"):
        assert {each.strip() for each in answer.headers[name].split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}
    assert "content-type" in answer.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_there_are(client, method):
    answer = problem(client.open("/sparql", method=method, data=ASK), 405)
    assert {each.strip() for each in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/json",
        "multipart/form-data; boundary=x",
        "",
        f"{DIRECT}; charset=iso-8859-1",
        f"{FORM}; charset=latin1",
    ],
)
def test_other_media_types_and_charsets_are_415(client, content_type):
    problem(client.post("/sparql", data=b"query=ASK%7B%7D", content_type=content_type), 415)


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
def test_utf_8_may_be_named(client, charset):
    query = "ASK { ?s ?p 'blåbær' }"
    assert client.post("/sparql", data=query.encode(), content_type=f"{DIRECT}; charset={charset}").status_code == 200
    form = f"{FORM}; charset={charset}"
    assert client.post("/sparql", data=b"query=ASK%7B%7D", content_type=form).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        ("/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, None),
        ("/sparql", b"query=ASK%7B%7D&query=ASK%7B%7D", FORM),
        ("/sparql?query=ASK%7B%7D", b"query=ASK%7B%7D", FORM),
        ("/sparql?query=ASK%7B%7D", b"ASK{}", DIRECT),
        ("/sparql", b"default-graph-uri=http://example.org/", FORM),
        ("/sparql?query=ASK%7B%7D", b"x=y", FORM),
        ("/sparql", b"query=", FORM),
        ("/sparql?query=", None, None),
        ("/sparql", b"", DIRECT),
        ("/sparql?query=ASK%7B%20%3Fs%20%3Fp%20'%FF'%20%7D", None, None),
        ("/sparql", b"query=ASK%7B%20%3Fs%20%3Fp%20'%FF'%20%7D", FORM),
        ("/sparql", b"query=ASK { ?s ?p '\xff' }", FORM),
        ("/sparql", b"ASK { ?s ?p '\xff' }", DIRECT),
    ],
)
def test_what_is_not_one_query_in_utf_8_is_400(client, path, body, content_type):
    answer = client.get(path) if body is None else client.post(path, data=body, content_type=content_type)
    problem(answer, 400)


@pytest.mark.parametrize("update", ["CLEAR ALL", "INSERT DATA { <a:b> <a:b> 1 }", "LOAD <http://127.0.0.1:9/>"])
def test_updates_are_refused_every_way(client, update):
    problem(client.get("/sparql", query_string={"update": update}), 400)
    problem(client.get("/sparql", query_string={"query": update}), 400)
    problem(client.post("/sparql", data={"update": update}), 400)
    problem(client.post("/sparql", data={"query": update}), 400)
    problem(client.post("/sparql", data={"query": ASK, "update": update}), 400)
    problem(client.post("/sparql", data=update, content_type="application/sparql-update"), 400)
    problem(client.post("/sparql", data=update, content_type=DIRECT), 400)
    problem(client.post("/sparql", query_string={"update": update}, data=ASK, content_type=DIRECT), 400)


@pytest.mark.parametrize("word", ["SERVICE", "service", "\\u0053ERVICE", "SERVICE SILENT", "\\U00000053ervice"])
def test_no_spelling_of_service_is_answered(client, word):
    query = f"SELECT * {{ {word} <http://127.0.0.1:9/> {{ ?s ?p ?o }} }}"
    assert "SERVICE" in problem(client.get("/sparql", query_string={"query": query}), 400).json["detail"]


def test_the_dataset_of_the_protocol_wins_over_that_of_the_query(client):
    def number(query, **dataset):
        answer = client.get("/sparql", query_string={"query": query, "format": "csv", **dataset})
        return int(answer.text.split()[1])

    graph, none = BASE + "graph/interpretation", BASE + "graph/none"
    count = "SELECT (COUNT(*) AS ?n) FROM <{}> WHERE {{ ?s ?p ?o }}"
    there = number(count.format(graph))
    assert there > 0
    assert number(count.format(none)) == 0
    assert number(count.format(none), **{"default-graph-uri": graph}) == there
    assert number(count.format(graph), **{"default-graph-uri": none}) == 0
    named = "SELECT (COUNT(*) AS ?n) FROM NAMED <{}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert number(named.format(none), **{"named-graph-uri": graph}) == there


def test_what_is_not_on_offer_is_406_with_a_list(client):
    answer = problem(client.get("/sparql", query_string={"query": ASK}, headers={"Accept": "image/png"}), 406)
    assert {each["mediaType"] for each in answer.json["formats"]} >= {each.media_type for each in RESULT_FORMATS}


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/csv;q=0.5, application/sparql-results+xml", "application/sparql-results+xml"),
        ("application/sparql-results+xml;q=0.1, text/csv;q=0.2", "text/csv"),
        ("application/*", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("text/csv;q=0, */*", "application/sparql-results+json"),
    ],
)
def test_accept_is_weighed(client, accept, media_type):
    answer = client.get("/sparql", query_string={"query": ASK.replace("ASK", "SELECT *")}, headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, media_type)


@pytest.mark.parametrize("query", [ASK, "SELECT", None])
@pytest.mark.parametrize("accept", ["*/*", "text/turtle", "image/png", "text/html"])
def test_every_answer_varies_with_accept_and_has_its_length(client, query, accept):
    parameters = {"query": query} if query else {}
    answer = client.get("/sparql", query_string=parameters, headers={"Accept": accept})
    assert "Accept" in answer.vary
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "media_type", ["text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"]
)
def test_the_service_describes_itself_in_four_formats(client, media_type):
    answer = client.get("/sparql", headers={"Accept": media_type})
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert "SPARQL11Query" in answer.text
    assert "BasicFederatedQuery" not in answer.text


def test_who_takes_anything_gets_the_description(client):
    assert client.get("/sparql").mimetype == "text/turtle"
    assert client.get("/sparql", headers={"Accept": "*/*"}).mimetype == "text/turtle"
    assert client.get("/sparql", headers=PEOPLE).mimetype == "text/html"
    assert client.get("/sparql?format=html").mimetype == "text/html"


def test_a_query_in_another_encoding_is_415(client):
    encoded = {"Content-Encoding": "gzip"}
    problem(client.post("/sparql", data=b"ASK{}", content_type=DIRECT, headers=encoded), 415)


def test_a_syntax_error_is_told_with_its_place_in_the_language_of_the_request(client):
    asked = {"query_string": {"query": "SELECT * {"}}
    assert "Linje 1, kolonne 11: " in problem(client.get("/sparql", **asked), 400).json["detail"]
    assert "Line 1, column 11: " in problem(client.get("/en/sparql", **asked), 400).json["detail"]


def test_an_empty_form_of_a_browser_is_the_form_again(client):
    answer = client.get("/sparql?query=", headers=PEOPLE)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")

"""What the editor asks the server for: the schema, and the questions as examples."""

from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from tests.web.conftest import BASE


def test_schema_names_what_the_data_is_written_in(client: FlaskClient) -> None:
    answer = client.get("/sparql/schema.json")
    assert answer.content_type == "application/json"
    schema = answer.get_json()
    numbers = [each["count"] for each in schema["classes"]]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers
    for class_ in schema["classes"]:
        found = {schema["properties"][place]["iri"]: number for place, number in class_["properties"]}
        assert found["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"] == min(class_["count"], schema["sample"])
        assert all(0 < number <= class_["count"] for number in found.values())


def test_schema_has_labels_of_the_page_and_of_the_other_language(client: FlaskClient) -> None:
    terms = {}
    for path in ("/sparql/schema.json", "/en/sparql/schema.json"):
        schema = client.get(path).get_json()
        terms[path] = next(each for each in schema["properties"] if each["iri"].endswith("rdf-schema#label"))
    first, second = terms.values()
    assert first["label"] != second["label"]
    assert second["label"] in first["also"]
    assert first["label"] in second["also"]
    assert first["name"] == "rdfs:label"


def test_schema_is_kept_by_the_client(client: FlaskClient) -> None:
    tag = client.get("/sparql/schema.json").headers["ETag"]
    assert client.get("/sparql/schema.json", headers={"If-None-Match": tag}).status_code == 304


def test_example_leads_to_the_query_with_its_defaults(client: FlaskClient) -> None:
    page = client.get("/en/sparql", headers={"Accept": "text/html"}).text
    name = page.partition('<option value="')[2].partition('"')[0]
    answer = client.get(f"/en/sparql/example?name={name}")
    assert answer.status_code == 303
    address = urlsplit(answer.location)
    assert address.path == "/en/sparql"
    query = parse_qs(address.query)["query"][0]
    assert "#+" not in query
    assert client.get("/sparql", query_string={"query": query}).status_code == 200


def test_example_that_is_not_there(client: FlaskClient) -> None:
    assert client.get("/sparql/example?name=no-such").status_code == 404


def test_no_example_is_the_editor(client: FlaskClient) -> None:
    answer = client.get("/en/sparql/example?name=")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/sparql")


def test_page_tells_where_an_error_is(client: FlaskClient) -> None:
    answer = client.get("/en/sparql?query=SELECT%20%3Fx%0AWHERE%20%7B%20a%20%7D", headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert 'data-line="2"' in answer.text
    assert "Line 2, column" in answer.text


def test_link_to_a_query_holds_its_dataset(client: FlaskClient) -> None:
    graph = BASE + "graph/ontology"
    given = {"query": "ASK { ?s ?p ?o }", "default-graph-uri": graph}
    page = client.get("/sparql", query_string=given, headers={"Accept": "text/html"}).text
    link = page.partition('<p id="share"><a class="ds-link" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(link).query) == {name: [value] for name, value in given.items()}

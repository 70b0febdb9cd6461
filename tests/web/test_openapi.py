"""The description of the questions: valid OpenAPI, and true of what is answered."""

import json
import subprocess
import sys
from dataclasses import replace
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
from jsonschema import Draft202012Validator

from app.config import bundled_content
from app.mediatypes import GRAPH_FORMATS, RESULTS_JSON, XLSX
from app.query.files import load
from app.query.library import Library
from app.web import openapi
from tests.web.conftest import BASE

GRAPHS = {each.media_type for each in GRAPH_FORMATS}
PATH = "/api/openapi.json"


@pytest.fixture
def document(client):
    return client.get("/en" + PATH).json


def refuse_invalid(document, folder):
    """Let the validator's own command judge: under coverage, PyYAML's compiled loader fails in this process."""
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_spec_validator", "--schema", "3.1", str(folder / "openapi.json")]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def follow(document, found):
    while "$ref" in found:
        target = document
        for part in found["$ref"].split("/")[1:]:
            target = target[part]
        found = target
    return found


def validator(document, schema):
    return Draft202012Validator({**schema, "components": document["components"]})


def operations(document):
    for path, item in document["paths"].items():
        yield path, item["get"]


def arguments(document, operation, **values):
    """Give the parameters of an operation: values by name, else defaults; None where a required one has neither."""
    given = {}
    for each in (follow(document, each) for each in operation.get("parameters", ())):
        value = values.get(each["name"], each["schema"].get("default"))
        if value is None and each.get("required"):
            return None
        if value is not None:
            given[each["name"]] = value
    return given


def test_what_is_invalid_is_refused(document, tmp_path):
    del document["info"]["title"]
    with pytest.raises(AssertionError, match="title"):
        refuse_invalid(document, tmp_path)


@pytest.mark.parametrize("root", ["", "/en"])
def test_it_is_valid(client, root, tmp_path):
    answer = client.get(root + PATH)
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    refuse_invalid(answer.json, tmp_path)


def test_it_is_of_the_host_and_language_that_were_asked(client):
    for root, title, first in (("", "Hva heter byene?", ""), ("/en", "What are the towns called?", "/en")):
        found = client.get(root + PATH, base_url="https://data.example.org").json
        assert found["paths"]["/queries/said"]["get"]["summary"] == title
        assert found["servers"][0]["url"] == "https://data.example.org" + first
        assert len(found["servers"]) == 2
    assert client.get(PATH).headers["ETag"] != client.get(PATH, base_url="https://data.example.org").headers["ETag"]


def test_media_types_by_which_it_is_known(client):
    for accept, given in (
        ("application/openapi+json", "application/openapi+json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
    ):
        assert client.get(PATH, headers={"Accept": accept}).content_type == given
    assert client.get(PATH, headers={"Accept": "text/turtle"}).status_code == 406


def test_every_question_is_there_with_parameters_and_columns(document, client):
    large = document["paths"]["/queries/large"]["get"]
    least = large["parameters"][0]
    assert least == {
        "name": "least",
        "in": "query",
        "description": "Least area",
        "required": False,
        "schema": {"type": "number", "default": 10},
        "x-datatype": "http://www.w3.org/2001/XMLSchema#decimal",
    }
    content = large["responses"]["200"]["content"]
    row = content[RESULTS_JSON.media_type]["schema"]["properties"]["results"]["properties"]["bindings"]["items"]
    assert list(row["properties"]) == ["town", "twin", "townLabel", "twinLabel"]
    assert set(content) >= {"text/csv", XLSX.media_type, "text/html", "application/json"}
    town = document["paths"]["/queries/trips"]["get"]["parameters"][0]
    assert (town["required"], town["schema"]["format"]) == (True, "iri")
    assert town["x-class"] == BASE + "ontology#Town"
    assert "text/turtle" in document["paths"]["/queries/graph"]["get"]["responses"]["200"]["content"]


def test_answers_are_as_described(document, client):
    """Walk every operation with its defaults in every media type it names."""
    asked, things = 0, dict.fromkeys(("town", "id"), f"{BASE}id/town/aasvaer")
    for path, operation in operations(document):
        given = arguments(document, operation, name="town.csv", q="a", **things)
        assert given is not None
        for media_type, described in operation["responses"]["200"]["content"].items():
            answer = client.get(
                "/en" + path.format(**given), query_string=given, headers={"Accept": media_type}, follow_redirects=True
            )
            if path == "/sparql" and media_type in GRAPHS:  # its default is no query for a graph
                assert answer.status_code == 406
                continue
            assert (answer.status_code, answer.mimetype) == (200, media_type), path
            if media_type.endswith("json") and "schema" in described:
                validator(document, described["schema"]).validate(answer.json)
            asked += 1
    assert asked > 30


def test_errors_are_as_described(document, client):
    problem = validator(document, document["components"]["schemas"]["Problem"])
    wanted = {
        "/queries/trips": 400,
        "/queries/large?least=much": 400,
        "/queries/large?basis=none": 400,
        "/queries/large?format=pdf": 406,
        "/sparql?query=SELECT": 400,
        "/search?q=a&page=99": 404,
    }
    for address, status in wanted.items():
        answer = client.get(address, headers={"Accept": "application/json"})
        assert answer.status_code == status, address
        assert answer.content_type == "application/problem+json"
        problem.validate(answer.json)
        described = document["paths"][address.partition("?")[0]]["get"]["responses"]
        assert str(status) in described
        assert follow(document, described[str(status)])["content"]["application/problem+json"]
    with pytest.raises(Exception, match="required"):
        problem.validate({})


def test_the_list_of_questions_and_the_catalog_lead_to_it(client):
    page = client.get("/en/queries/", headers={"Accept": "text/html"})
    assert page.headers["Link"] == '</en/api/openapi.json>; rel="service-desc"; type="application/json"'
    assert 'href="/en/api/openapi.json"' in page.text
    catalog = client.get("/catalog.nt").text
    described = "dcat#endpointDescription> <http://localhost/api/openapi.json>"
    assert f"<{BASE}catalog#questions> <http://www.w3.org/ns/{described}" in catalog


def test_a_hostile_query_file_leaves_a_valid_document(app, tmp_path):
    path = tmp_path / "a {b} ?c#d.rq"
    path.write_text(
        '#+ title: {nb: "<script>"}\n#+ parameters:\n'
        "#+   format: {datatype: xsd:integer, label: {en: F}, default: ten}\n"
        "#+   basis: {datatype: xsd:boolean, label: {en: B}, default: 'true'}\n"
        "SELECT * WHERE { ?format ?basis ?o }\n",
        encoding="utf-8",
    )
    (tmp_path / "search.rq").write_text("#+ title: {en: Not the search}\nASK {}\n")
    with app.test_request_context("/en" + PATH):
        app.preprocess_request()
        from flask import g

        file, other = load(path), load(tmp_path / "search.rq")
        g.served = replace(g.served, library=Library(questions={each.name: each for each in (file, other)}))
        found = openapi.openapi_document()
    refuse_invalid(found, tmp_path)
    operation = found["paths"]["/queries/" + quote(file.name)]["get"]
    assert "Truth" in str(found["paths"]["/queries/search"]["get"]["responses"]["200"])
    names = [each["name"] for each in operation["parameters"] if "name" in each]
    assert names == ["format", "basis"]
    assert [each["schema"].get("default") for each in operation["parameters"] if "name" in each] == [None, True]


class Described:
    """A client that knows only the address of the description."""

    def __init__(self, address):
        self.document = json.loads(self.get(address, "application/json")[1])
        self.place = self.document["servers"][0]["url"]

    @staticmethod
    def get(address, accept):
        with urlopen(Request(address, headers={"Accept": accept}), timeout=600) as answer:
            return answer.headers.get_content_type(), answer.read()

    def ask(self, path, media_type, given):
        return self.get(f"{self.place}{path}?{urlencode(given)}", media_type)

    def example(self, class_):
        """Give a thing of a class, by the operation for any query."""
        query = f"SELECT ?thing {{ ?thing a <{class_}> }} ORDER BY ?thing LIMIT 1"
        (row,) = json.loads(self.ask("/sparql", RESULTS_JSON.media_type, {"query": query})[1])["results"]["bindings"]
        return row["thing"]["value"]


def test_a_client_answers_all_questions_of_a_started_server_by_their_description(shipped_server, tmp_path):
    client = Described(shipped_server + "en" + PATH)
    refuse_invalid(client.document, tmp_path)
    asked = dict.fromkeys((RESULTS_JSON.media_type, "text/csv", XLSX.media_type, "text/turtle"), 0)
    for path, operation in operations(client.document):
        if not path.startswith("/queries/") or path == "/queries/":
            continue
        needed = [each for each in operation["parameters"] if each.get("required")]
        values = {each["name"]: client.example(each["x-class"]) for each in needed}
        given = arguments(client.document, operation, **values)
        content = operation["responses"]["200"]["content"]
        for media_type in asked.keys() & content.keys():
            found, body = client.ask(path, media_type, given)
            assert found == media_type
            asked[media_type] += 1
            if media_type == RESULTS_JSON.media_type:
                validator(client.document, content[media_type]["schema"]).validate(json.loads(body))
    library = Library.load([bundled_content() / "queries"])
    tables = sum(file.form == "SELECT" for file in library.questions.values())
    assert list(asked.values()) == [tables, tables, tables, len(library.questions) - tables]
    assert tables > 30

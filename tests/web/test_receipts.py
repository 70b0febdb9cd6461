"""Receipts: what was asked of which version, with the hash of the answer, which a line of shell computes too."""

import json
import subprocess
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from app.build.verification import Receipt, ReceiptError
from app.cli import main
from app.store.results import answer_hash
from app.web import create_app
from tests.changes.conftest import Place
from tests.conftest import started
from tests.web.conftest import Client

JSON, HTML = {"Accept": "application/json"}, {"Accept": "text/html"}
QUERY = "SELECT ?s ?name WHERE { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?name }"
FORMS = {
    "select": QUERY,
    "ask": "ASK { ?s ?p ?o }",
    "construct": "CONSTRUCT { ?s ?p [ ?p ?o ] } WHERE { ?s ?p ?o }",
    "describe": "DESCRIBE <http://example.org/havdal/id/town/bekk>",
    "blank": "SELECT * { ?s ?p ?o FILTER(isBlank(?o) || isBlank(?s)) }",
    "empty": "SELECT * { ?s ?p ?o FILTER(false) }",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("receipts"))
    place.version = place.build().manifest.version
    return place


@pytest.fixture(scope="module")
def client(place):
    app = create_app(place.settings)
    app.testing = False
    app.test_client_class = Client
    return app.test_client()


def receipt(client, query, **more):
    answer = client.get("/receipt", query_string={"query": query, **more}, headers=JSON, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.json


def verify(place, path, *options):
    arguments = ["verify", "--receipt", str(path), "--state", str(place.state), "--content", str(place.root), *options]
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("form", FORMS)
def test_receipt_holds_when_it_is_asked_again(client, place, tmp_path, form):
    found = receipt(client, FORMS[form])
    assert (found["version"], found["query"]) == (place.version, FORMS[form])
    assert receipt(client, FORMS[form])["answer"] == found["answer"]
    again = client.get(found["receipt"].removeprefix("http://localhost"), headers=JSON).json
    assert again["same"] is True
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(found))
    told = verify(place, path)
    assert (told.exit_code, found["answer"]["sha256"] in told.output) == (0, True), told.output


def test_order_and_labels_say_nothing():
    assert answer_hash(b"?a\n1\n2\n") == answer_hash(b"2\n?a\n1\n") == answer_hash(b"2\n?a\n1")
    assert answer_hash(b"_:a\t1\n") == answer_hash(b"_:b\t1\n")
    assert answer_hash(b"1\n1\n") != answer_hash(b"1\n")


def test_line_of_shell_prints_the_hash(place, tmp_path):
    with started(place.root, tmp_path, place.state) as address:
        import urllib.request

        def got(**values):
            asked = urllib.request.Request(f"{address}receipt?{urlencode(values)}", headers=JSON)
            return json.load(urllib.request.urlopen(asked))

        for form in ("select", "construct", "blank"):
            found = got(query=FORMS[form])
            told = subprocess.run(["bash", "-c", found["again"]["shell"]], capture_output=True, text=True, check=True)
            assert told.stdout.split()[0] == found["answer"]["sha256"]
        told = verify(place, found["receipt"])
        assert told.exit_code == 0, told.output
        page = urllib.request.urlopen(
            urllib.request.Request(f"{address}en/version/{place.version}", headers={"Accept": "text/html"})
        ).read()
        line = page.decode().partition('yourself"><code>')[2].partition("</code>")[0].replace("&#39;", "'")
        told = subprocess.run(["bash", "-c", line.replace("&amp;", "&")], capture_output=True, text=True, check=True)
        assert told.stdout.split()[0].startswith(place.version)


def test_receipt_without_its_generation_is_checked_by_building(client, place, tmp_path):
    found = receipt(client, QUERY)
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(found))
    told = verify(place, path, "--state", str(tmp_path / "none"))
    assert (told.exit_code, "The same answer" in told.output) == (0, True), told.output
    assert not (tmp_path / "none" / "generations").exists()
    path.write_text(json.dumps(found | {"digest": "0" * 64}))
    told = verify(place, path)
    assert told.exit_code == 1
    assert "another one" in told.output


def test_another_answer_is_told(client, place, tmp_path):
    found = receipt(client, QUERY)
    wrong = "0" * 64
    address = f"/receipt?{urlencode({'query': QUERY, 'version': place.version, 'sha256': wrong})}"
    assert client.get(address, headers=JSON).json["same"] is False
    page = client.get(f"/en{address}", headers=HTML).text
    assert "Another answer" in page
    assert wrong in page
    found["answer"]["sha256"] = wrong
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(found))
    told = verify(place, path)
    assert (told.exit_code, "Another answer" in told.output) == (1, True)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 400),
        ({"query": " "}, 400),
        ({"query": ["ASK {}", "ASK {}"]}, 400),
        ({"query": "SELECT"}, 400),
        ({"query": "DROP ALL"}, 400),
        ({"query": "SELECT (NOW() AS ?n) {}"}, 422),
        ({"query": "ASK {}", "sha256": "x"}, 400),
        ({"query": "ASK {}", "default-graph-uri": "x"}, 400),
        ({"query": "ASK {}", "basis": "x"}, 400),
        ({"query": "ASK {}", "format": "zzz"}, 406),
        ({"query": "ASK {}", "version": "000000000000"}, 404),
        ({"query": "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"}, 400),
    ],
)
def test_what_has_no_receipt_is_told(client, given, status):
    for headers in (JSON, HTML):
        answer = client.get("/receipt", query_string=given, headers=headers, follow_redirects=True)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", "null", "{}", "[" * 100_000, '{"query": 1}', " " * (3 << 20)),
        json.dumps({"query": "ASK {}", "version": "x", "digest": "x", "asOf": "no day", "answer": {"sha256": "x"}}),
    ],
)
def test_what_is_no_receipt_is_refused(place, tmp_path, text):
    path = tmp_path / "receipt.json"
    path.write_text(text)
    with pytest.raises(ReceiptError, match="no receipt"):
        Receipt.read(str(path))


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "nowhere.json", "/"])
def test_receipt_that_is_not_there_is_told(place, address):
    told = verify(place, address)
    assert told.exit_code == 1
    assert "no receipt" in told.output


def test_pages_with_answers_lead_to_their_receipt(client, place):
    for language, word in (("", "Kvittering for dette svaret"), ("/en", "Receipt for this answer")):
        for path in (f"{language}/sparql?{urlencode({'query': QUERY})}", f"{language}/queries/said"):
            page = client.get(path, headers=HTML).text
            assert word in page, path
            before = page.partition(word)[0]
            address = before.rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
            shown = client.get(address, headers=HTML)
            assert shown.status_code == 200
            assert place.version in shown.text
    assert (
        "Receipt" not in client.get(f"/en/sparql?{urlencode({'query': 'SELECT (NOW() AS ?n) {}'})}", headers=HTML).text
    )

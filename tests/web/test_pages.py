"""Front page, lists, search, questions, model, downloads, health."""

import gzip
import hashlib

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import BASE

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
TOWN = BASE + "id/town/aasvaer"


@pytest.mark.parametrize(
    ("path", "media_type", "fragment"),
    [
        ("/", "text/html", "Et oppdiktet område."),
        ("/en/", "text/html", "A made-up region."),
        ("/en", "text/html", "A made-up region."),
        ("/town/", "text/html", "Åsvær"),
        ("/town/?format=json", "application/json", "Åsvær"),
        ("/search?q=aasvaer", "text/html", "Åsvær"),
        ("/search?q=aasvaer&format=json", "application/json", '"results"'),
        ("/queries/", "text/html", "Hvilke turer går til en by?"),
        ("/queries/trips", "text/html", "Fyll ut skjemaet"),
        (f"/queries/trips?town={TOWN}", "text/html", "Tur 101"),
        (f"/queries/trips.json?town={TOWN}", "application/sparql-results+json", "t101"),
        (f"/queries/trips.csv?town={TOWN}", "text/csv", "t101"),
        (f"/queries/trips?format=tsv&town={TOWN}", "text/tab-separated-values", "t101"),
        ("/queries/large", "text/html", 'value="10"'),
        ("/queries/large.csv?least=12", "text/csv", "aasvaer"),
        ("/queries/said", "text/html", "Bekk"),
        ("/queries/graph", "text/html", "Svaret i Turtle"),
        ("/queries/graph.ttl", "text/turtle", "ontology#to"),
        ("/query/trips", "text/html", "Velg en by."),
        ("/ontology", "text/html", 'id="Town"'),
        ("/ontology.ttl", "text/turtle", "owl:Class"),
        ("/shapes", "text/html", "En by har navn"),
        ("/shapes.nt", "application/n-triples", "NodeShape"),
        ("/shape/Town", "text/html", "En by har navn"),
        ("/shape/Town.ttl", "text/turtle", "sh:NodeShape"),
        ("/graph/strategy", "text/html", "Planen"),
        ("/graph/strategy.rdf", "application/rdf+xml", "Bekk"),
        ("/graph/register/trips.jsonld", "application/ld+json", "Tur 101"),
        ("/dump/", "text/html", "all.nq.gz"),
        ("/dump/?format=json", "application/json", "sha256"),
        ("/dump/SHA256SUMS", "text/plain", "all.nq.gz"),
        ("/health", "application/json", '"status": "ok"'),
    ],
)
def test_every_route_answers(client: FlaskClient, path: str, media_type: str, fragment: str) -> None:
    answer = client.get(path, headers=PEOPLE, follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert fragment in answer.text


def test_the_front_page_names_kinds_with_counts_and_questions(client: FlaskClient) -> None:
    page = client.get("/", headers=PEOPLE).text
    assert '<a class="ds-link" href="/town/">Byer</a> (6)' in page
    assert 'action="/search"' in page
    questions = page.partition('id="questions"')[2].partition("</section>")[0]
    assert questions.count('href="/queries/') == 4  # three of them, and all
    assert "Alle 4 spørsmål" in questions
    gaps = page.partition('id="gaps"')[2].partition("</section>")[0]
    assert 'href="/gaps?shape=' in gaps
    assert '<a class="ds-link" href="/en/town/">Towns</a> (6)' in client.get("/en/", headers=PEOPLE).text


def test_a_list_is_paged_and_filtered(client: FlaskClient) -> None:
    first = client.get("/trip/", headers=PEOPLE).text
    assert first.count("/doc/trip/") == 10
    assert "Side 1 av 3" in first
    assert client.get("/trip/?page=3", headers=PEOPLE).text.count("/doc/trip/") == 5
    assert client.get("/trip/?q=103", headers=PEOPLE).text.count("/doc/trip/") == 1
    assert client.get("/trip/?page=4").status_code == 404
    assert client.get("/trip/?page=0").status_code == 400
    assert client.get("/trip").headers["Location"] == "/trip/"


def test_search_takes_anything(client: FlaskClient) -> None:
    for text in ('"', "*", "NEAR(", "åsvær AND", "'; DROP TABLE thing"):
        assert client.get("/search", query_string={"q": text, "format": "json"}).status_code == 200
    assert client.get("/search?q=ASVAER&format=json").json["results"][0]["iri"] == TOWN
    nothing = client.get("/search?format=json").json
    assert (nothing["query"], nothing["total"], nothing["results"]) == ("", 0, [])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/queries/trips.csv", "town"),
        ("/queries/trips.csv?town=no+iri", "By"),
        ("/queries/trips.csv?town=%22text%22", "By"),
        ("/queries/large.csv?least=abc", "Minste areal"),
    ],
)
def test_a_question_says_what_it_lacks(client: FlaskClient, path: str, said: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert said in answer.json["detail"]


def test_a_wrong_value_comes_back_in_the_form(client: FlaskClient) -> None:
    answer = client.get('/queries/large?least="><b>', headers=PEOPLE)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert 'value="&#34;&gt;&lt;b&gt;"' in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_value_is_a_term_and_never_text_of_the_query(client: FlaskClient) -> None:
    answer = client.get("/queries/trips.csv", query_string={"town": "http://x.org/> } DELETE { ?s ?p ?o"})
    assert answer.status_code == 400
    assert client.get("/queries/trips.csv", query_string={"town": "http://example.org/none"}).text.split() == ["trip"]


def test_an_unknown_question_is_not_found(client: FlaskClient) -> None:
    assert client.get("/queries/none").status_code == 404
    assert client.get("/queries/none.csv").status_code == 404


def test_downloads_are_what_their_checksums_say(client: FlaskClient) -> None:
    listed = client.get("/dump/?format=json").json["dumps"]
    assert listed
    for dump in listed:
        answer = client.get(dump["url"])
        assert (answer.mimetype, len(answer.data)) == ("application/gzip", dump["bytes"])
        assert hashlib.sha256(answer.data).hexdigest() == dump["sha256"]
        assert gzip.decompress(answer.data)
        known = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(dump["url"], headers=known).status_code == 304
    assert client.get("/dump/manifest.json").status_code == 404
    assert client.get("/dump/../manifest.json").status_code == 404


def test_health_says_what_is_served(client: FlaskClient) -> None:
    answer = client.get("/health").json
    assert answer["asOf"] == "2025-06-01"
    assert answer["triples"] > 100
    assert answer["digest"].startswith(answer["version"])
    assert answer["errors"] == []


def test_panels_stand_on_the_front_page(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    assert 'aria-label="Tidslinje: Tiden"' in page
    assert "Veien" in page
    assert 'aria-label="Timeline: Time"' in client.get("/en/").get_data(as_text=True)


def test_programs_that_read_for_people_are_told_what_this_is(client):
    for root, first in (("", "# Havdal\n"), ("/en", "# Havdal in English\n")):
        answer = client.get(root + "/llms.txt", base_url="https://data.example.org")
        assert answer.mimetype == "text/plain"
        assert answer.text.startswith(first)
        assert f"(https://data.example.org{root}/sparql?query=" in answer.text
        assert f"https://data.example.org{root}/queries/large.json" in answer.text
        assert "basis=strategy" in answer.text
        assert "&#" not in answer.text

"""Things and their documents."""

import json

import pytest
from flask.testing import FlaskClient

from app.namespaces import RDF_TYPE
from app.terms import typed
from app.web.values import value_text
from tests.web.conftest import BASE

TYPES = {
    "html": "text/html",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
}
PEOPLE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_thing_sends_on_to_its_document(client: FlaskClient) -> None:
    answer = client.get("/id/town/aasvaer?basis=strategy")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/town/aasvaer?basis=strategy")
    assert client.get("/en/id/town/aasvaer").headers["Location"] == "/en/doc/town/aasvaer"


@pytest.mark.parametrize(("suffix", "media_type"), TYPES.items())
def test_a_document_comes_in_five_formats(client: FlaskClient, suffix: str, media_type: str) -> None:
    for answer in (
        client.get("/doc/town/aasvaer", headers={"Accept": media_type}),
        client.get(f"/doc/town/aasvaer.{suffix}"),
        client.get(f"/doc/town/aasvaer?format={suffix}", headers={"Accept": "image/png"}),
        client.get(f"/id/town/aasvaer?format={suffix}", follow_redirects=True),
    ):
        assert (answer.status_code, answer.mimetype) == (200, media_type)
        assert "Åsvær" in answer.text or "\\u00C5sv" in answer.text


@pytest.mark.parametrize(
    "path", ["/id/town/no", "/doc/town/no", "/doc/town/no.ttl", "/graph/no", "/shape/No", "/no/no"]
)
@pytest.mark.parametrize("media_type", TYPES.values())
def test_what_is_not_there_is_not_found_in_any_format(client: FlaskClient, path: str, media_type: str) -> None:
    answer = client.get(path, headers={"Accept": media_type})
    assert answer.status_code == 404
    if media_type == "text/html":
        assert answer.mimetype == "text/html"
        assert '<h1 class="ds-heading">Vi finner ikke siden</h1>' in answer.text
    else:
        assert answer.mimetype == "application/problem+json"
        assert json.loads(answer.text)["status"] == 404


def test_what_is_not_offered_is_not_acceptable(client: FlaskClient) -> None:
    answer = client.get("/doc/town/aasvaer", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert {each["mediaType"] for each in answer.json["formats"]} == {
        *TYPES.values(),
        "application/json",
        "application/linkset+json",
        "application/x-bibtex",
        "application/vnd.citationstyles.csl+json",
    }
    assert client.get("/doc/town/aasvaer?format=pdf").status_code == 406


def test_every_fact_has_its_certainty_and_source(client: FlaskClient) -> None:
    page = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    rows = page.partition('id="facts"')[2].partition("</section>")[0].split('<dd class="value">')[1:]
    assert len(rows) == 8
    for row in rows:
        assert "ds-tag" in row
        assert "ikke oppgitt" not in row
    (twin,) = [row for row in rows if "/doc/town/bekk" in row]
    assert 'data-color="warning"' in twin
    assert "/doc/claim/1" in twin
    (size,) = [row for row in rows if "#large" in row]
    assert 'data-color="info"' in size
    assert "/graph/interpretation" in size


def test_claims_say_why(client: FlaskClient) -> None:
    assert "Navnet er vanskelig å lese." in client.get("/doc/town/aasvaer", headers=PEOPLE).text
    assert "The name is hard to read." in client.get("/en/doc/town/aasvaer", headers=PEOPLE).text


def test_a_things_own_certainty_and_reason_are_shown(client: FlaskClient) -> None:
    page = client.get("/doc/visit/v1", headers=PEOPLE).text
    assert "Bare nevnt én gang." in page
    assert 'data-color="warning"' in page


def test_the_basis_decides_what_is_shown(client: FlaskClient) -> None:
    everything = client.get("/doc/town/aasvaer.nt").text
    strategy = client.get("/doc/town/aasvaer.nt?basis=strategy").text
    assert "ontology#size" in everything
    assert "ontology#size" not in strategy
    assert "ontology#twin" in strategy
    page = client.get("/doc/town/aasvaer?basis=strategy", headers=PEOPLE).text
    assert "størrelse" not in page
    assert "Tur 101" not in page
    assert "/doc/town/aasvaer.ttl?basis=strategy" in page
    asserted = client.get("/doc/town/aasvaer.nt?basis=asserted").text
    entailed = f"<{BASE}id/town/aasvaer> <{RDF_TYPE}> <{BASE}ontology#Settlement> ."
    more = set(everything.splitlines()) - set(asserted.splitlines())
    of_it = {line for line in more if line.startswith(f"<{BASE}id/town/aasvaer> ")}
    assert {line for line in of_it if "#visitedBy>" not in line} == {entailed}
    assert len(of_it) == 27
    assert client.get("/doc/town/aasvaer?basis=no").status_code == 400


def test_the_rdf_holds_parts_claims_and_what_points_there(client: FlaskClient) -> None:
    text = client.get("/doc/town/aasvaer.nt").text
    assert f"<{BASE}id/town/aasvaer#point> <{BASE}ontology#text>" in text
    assert f"<{BASE}id/claim/1> <https://w3id.org/innherred/ontology#rationale>" in text
    assert f"<{BASE}id/trip/t125> <{BASE}ontology#to> <{BASE}id/town/aasvaer>" in text
    assert "Storgata 1" in client.get("/doc/town/blank.nt").text


def test_panels_of_the_class_are_shown_with_their_query(client: FlaskClient) -> None:
    page = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    assert page.index("Turer hit") < page.index("Kort sagt")
    assert "/sparql?query=" in page
    assert 'scope="col"' in page


def test_many_links_are_grouped_counted_and_paged(client: FlaskClient) -> None:
    page = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    incoming = page.partition('id="incoming"')[2].partition("</section>")[0]
    assert incoming.count("/doc/trip/") == 20
    assert "Alle 25" in incoming
    link = incoming.partition("/describe/incoming")[2].partition('"')[0].replace("&amp;", "&")
    first = client.get("/describe/incoming" + link, headers=PEOPLE).text
    assert first.count("/doc/trip/") == 10
    assert client.get(f"/describe/incoming{link}&page=3", headers=PEOPLE).text.count("/doc/trip/") == 5
    assert client.get(f"/describe/incoming{link}&page=4").status_code == 404
    assert client.get(f"/describe/incoming{link}&page=x").status_code == 400


def test_names_in_other_languages_carry_their_language(client: FlaskClient) -> None:
    page = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    assert 'lang="sma"><bdi>Åesvere</bdi>' in page
    assert '<bdi lang="sv">Utby</bdi> <small>(svensk)</small>' in page


def test_dates_and_decimals_are_written_as_readers_do(client: FlaskClient) -> None:
    page = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    assert '<time datetime="1897-05-17">17. mai 1897</time>' in page
    assert "12,5" in page
    assert "17 May 1897" in client.get("/en/doc/town/aasvaer", headers=PEOPLE).text


def test_a_month_is_written_as_readers_do(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        client.application.preprocess_request()
        assert value_text(typed("2023-03", "gYearMonth")) == "mars 2023"
        assert value_text(typed("2023-13", "gYearMonth")) == "2023-13"
        assert value_text(typed("2023", "gYear")) == "2023"


def test_a_blank_node_is_shown_where_it_belongs(client: FlaskClient) -> None:
    page = client.get("/doc/town/blank", headers=PEOPLE).text
    assert "Storgata 1" in page
    assert "gate" in page


def test_a_name_that_looks_like_a_suffix_and_one_with_escapes_are_found(client: FlaskClient) -> None:
    answer = client.get("/doc/town/v1.nt", headers={"Accept": "text/turtle"})
    assert answer.mimetype == "text/turtle"
    assert "town/v1.nt" in answer.text
    for path in ("/doc/town/b%C3%B8", "/doc/town/b%25C3%25B8"):
        assert "town/b%C3%B8" in client.get(path, headers={"Accept": "text/turtle"}).text


def test_any_iri_of_the_data_can_be_described(client: FlaskClient) -> None:
    foreign = client.get("/describe", query_string={"iri": "http://example.com/id/abroad", "format": "ttl"})
    assert (foreign.status_code, foreign.mimetype) == (200, "text/turtle")
    assert "Utby" in foreign.text
    for iri in ("ex:twin", "http://example.com/aasvaer", "javascript:alert(1)", BASE + "graph/strategy", "inn:stated"):
        answer = client.get("/describe", query_string={"iri": iri}, headers=PEOPLE, follow_redirects=True)
        assert answer.status_code == 200, iri


def test_an_iri_of_the_base_is_described_at_its_own_path(client: FlaskClient) -> None:
    answer = client.get("/describe", query_string={"iri": BASE + "id/town/bekk", "format": "nt"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/doc/town/bekk?format=nt")
    assert "Om oss" in client.get("/about/us.ttl").text


@pytest.mark.parametrize(
    ("iri", "status"), [("http://example.com/no", 404), ("", 400), ("no iri", 400), ("<http://a b>", 400), ('"x"', 400)]
)
def test_what_cannot_be_described_is_told(client: FlaskClient, iri: str, status: int) -> None:
    assert client.get("/describe", query_string={"iri": iri}).status_code == status


def test_the_basis_decides_what_a_question_answers(client: FlaskClient) -> None:
    def rows(basis: str) -> int:
        answer = client.get("/queries/trips.json", query_string={"town": BASE + "id/town/aasvaer", "basis": basis})
        return len(answer.json["results"]["bindings"])

    assert rows("all") == rows("asserted") > 0
    assert rows("strategy") == 0


def test_a_document_links_to_what_it_is_about_and_to_its_formats(client: FlaskClient) -> None:
    links = client.get("/doc/town/bekk").headers.getlist("Link")
    assert f'<{BASE}id/town/bekk>; rel="describes"' in links
    assert '</doc/town/bekk.ttl>; rel="alternate"; type="text/turtle"' in links


def test_an_entailed_fact_says_why_on_its_page_folded(client: FlaskClient) -> None:
    page = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    follows = page.partition('id="entailed"')[2].partition("</section>")[0]
    assert "Det vi slutter oss til (26)" in follows
    assert "/doc/trip/t101" not in page.partition('id="facts"')[2].partition("<summary id")[0]
    why = follows.partition('<details class="why">')[2].partition("</details>")[0]
    assert "Hvorfor står dette her?" in why
    assert "Følger av motsatte egenskaper" in why
    assert "/doc/trip/t101" in why
    assert 'id="entailed"' not in client.get("/doc/town/aasvaer?basis=asserted", headers=PEOPLE).text
    every = client.get("/doc/town/aasvaer?why", headers=PEOPLE).text
    assert "27 opplysninger som vi har sluttet oss til" in every
    assert every.count("/queries/prp-inv2") == 26
    assert "Why is this here?" in client.get("/en/doc/town/aasvaer", headers=PEOPLE).text


def test_reasons_are_json_and_rdf(client: FlaskClient) -> None:
    answer = client.get("/doc/town/aasvaer?why")
    assert answer.mimetype == "application/json"
    reasons = answer.json["reasons"]
    visited = [each for each in reasons if each["predicate"] == f"<{BASE}ontology#visitedBy>"]
    assert len(visited) == 26
    (rule,) = visited[0]["rules"]
    assert answer.json["rules"][rule]["label"] == "Følger av motsatte egenskaper"
    data, axiom = visited[0]["premises"]
    assert (data["object"], data["entailed"]) == (f"<{BASE}id/town/aasvaer>", False)
    assert data["graphs"] == [f"{BASE}graph/register/trips"]
    assert axiom["predicate"].endswith("owl#inverseOf>")
    text = client.get("/doc/town/aasvaer.nt?why").text
    assert text.count("ontology#Entailment>") == len(reasons)
    assert "rdf-syntax-ns#Statement>" in text
    assert client.get("/doc/town/aasvaer?why&basis=asserted").json["reasons"] == []
    assert client.get("/doc/town/aasvaer?why", headers={"Accept": "image/png"}).status_code == 406


def test_a_rule_has_a_page_and_rdf(client: FlaskClient) -> None:
    assert "Gjelder en egenskap den ene veien" in client.get("/queries/prp-inv1", headers=PEOPLE).text
    assert "SPARQLConstructExecutable" in client.get("/queries/prp-inv1.ttl").text
    assert client.get("/queries/prp-dom").status_code == 404

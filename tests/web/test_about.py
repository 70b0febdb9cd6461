"""``/about``: what this is, and is not; the language of addresses that have none; the page of the ontology."""

import re
import urllib.request

import pytest

from tests.web.conftest import BASE

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}


def asked(client, path, language, **headers):
    return client.get(path, headers={**PEOPLE, "Accept-Language": language, **headers})


def test_the_page_says_what_the_content_says(client):
    page = client.get("/about", headers=PEOPLE).text
    assert "Et oppdiktet område." in page
    assert "Det er ikke et virkelig område." in page
    assert "Det er ikke ferdig." in page
    assert "It is no real region." not in page
    english = client.get("/en/about", headers=PEOPLE).text
    assert "It is no real region." in english
    assert "Det er ikke ferdig." not in english
    assert f"{BASE}catalog" not in page


def test_shipped_page_names_who_answers(shipped_server):
    with urllib.request.urlopen(shipped_server + "en/about") as answer:
        page = answer.read().decode()
    for part in ("What this is not", "Innherred Regional Council", "https://www.innherredregionrad.no/", "interpreted"):
        assert part in page
    assert page.count("our reading") >= 1


def test_the_footer_leads_there(client):
    assert 'href="/about"' in client.get("/", headers=PEOPLE).text
    assert 'href="/en/about"' in client.get("/en/", headers=PEOPLE).text


@pytest.mark.parametrize(
    ("path", "language", "there"),
    [
        ("/help", "en-GB,en;q=0.9,nb;q=0.5", "/en/about"),
        ("/help", "nb-NO,en;q=0.5", "/about"),
        ("/help", "nn,en;q=0.5", "/about"),
        ("/help", "de", "/about"),
        ("/help", "de,en;q=0.5", "/en/about"),
        ("/help", "\x00;;q=x,,", "/about"),
        ("/en/help", "nb", "/en/about"),
    ],
)
def test_help_leads_on_in_the_language_that_is_asked_for(client, path, language, there):
    answer = asked(client, path, language)
    assert (answer.status_code, answer.location) == (302, there)
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("language", "site", "found"),
    [
        ("en", "none", "en"),
        ("en-US,en;q=0.9", "cross-site", "en"),
        ("en", None, "en"),
        ("nb,en;q=0.9", "none", "nb"),
        ("nn", "none", "nb"),
        ("de", "none", "nb"),
        ("en", "same-origin", "nb"),  # who changes the language at the top of a page
    ],
)
def test_sparql_page_has_the_language_of_who_comes_from_elsewhere(client, language, site, found):
    answer = asked(client, "/sparql", language, **({"Sec-Fetch-Site": site} if site else {}))
    assert f'<html lang="{found}"' in answer.text
    assert {"Accept-Language", "Sec-Fetch-Site"} <= set(answer.vary)
    assert (f'action="{"/en" if found == "en" else ""}/sparql"') in answer.text


def test_tags_of_the_languages_differ_and_hold(client):
    english, norwegian = (asked(client, "/sparql", each) for each in ("en", "nb"))
    assert english.headers["ETag"] != norwegian.headers["ETag"]
    again = asked(client, "/sparql", "nb", **{"If-None-Match": english.headers["ETag"]})
    assert again.status_code == 200
    again = asked(client, "/sparql", "en", **{"If-None-Match": english.headers["ETag"]})
    assert again.status_code == 304
    assert "Accept-Language" in again.vary


def test_pages_with_a_language_of_their_own_keep_it(client):
    for path in ("/", "/queries/", "/about"):
        answer = asked(client, path, "en")
        assert '<html lang="nb"' in answer.text
        assert "Accept-Language" not in answer.vary
    assert '<html lang="en"' in asked(client, "/en/sparql", "nb").text


def test_data_is_the_same_in_every_language(client):
    query = {"query": "SELECT * { ?s ?p ?o } LIMIT 1", "format": "csv"}
    answers = [client.get("/sparql", query_string=query, headers={"Accept-Language": each}) for each in ("en", "nb")]
    assert answers[0].headers["Link"] == answers[1].headers["Link"]
    assert "Accept-Language" not in answers[0].vary


def test_shipped_ontology_begins_with_its_own_terms(shipped_server):
    with urllib.request.urlopen(shipped_server + "en/ontology") as answer:
        sections = answer.read().decode().split("<section")[1:]
    foreign = [["innherred" not in iri for iri in re.findall(r"<dd><code>(.*?)</code>", each)] for each in sections]
    assert foreign == [sorted(each) for each in foreign]
    assert {False, True} <= set(foreign[0])

"""/profile: a sheet about a thing, from the folder of queries of its class."""

import json

from flask.testing import FlaskClient

PEOPLE = {"Accept": "text/html"}


def test_a_profile_is_a_folder_of_queries(client: FlaskClient) -> None:
    page = client.get("/profile/town/aasvaer", headers=PEOPLE).text
    assert page.count("<h1") == 1
    assert "Profil av byen" in page
    assert "/doc/town/aasvaer" in page
    english = client.get("/en/profile/town/aasvaer", headers=PEOPLE).text
    assert "Profile of the town" in english
    assert 'hreflang="nb"' in english


def test_the_data_of_a_profile_describes_the_thing_and_what_its_rows_are_about(client: FlaskClient) -> None:
    answer = client.get("/profile/town/aasvaer.jsonld")
    assert answer.mimetype == "application/ld+json"
    text = json.dumps(json.loads(answer.data))
    assert "town/aasvaer" in text
    turtle = client.get("/profile/town/aasvaer", headers={"Accept": "text/turtle"})
    assert turtle.mimetype == "text/turtle"
    assert "ex:Trip" in turtle.text
    assert turtle.headers["ETag"]


def test_where_there_is_no_profile_the_page_is_named(client: FlaskClient) -> None:
    answer = client.get("/profile/visit/v1", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert "/doc/visit/v1" in answer.get_json()["detail"]
    assert client.get("/profile/town/none").status_code == 404
    for iri, status in (("http://example.org/none", 404), ("javascript:alert(1)", 404), ("a b", 400), ("", 400)):
        assert client.get("/profile", query_string={"iri": iri}).status_code == status, iri


def test_the_page_of_a_thing_links_to_its_profile(client: FlaskClient) -> None:
    assert 'href="/profile/town/aasvaer"' in client.get("/doc/town/aasvaer", headers=PEOPLE).text
    assert 'href="/en/profile/town/aasvaer"' in client.get("/en/doc/town/aasvaer", headers=PEOPLE).text
    assert client.get("/id/town/aasvaer").headers["Location"].endswith("/doc/town/aasvaer")

"""/compare, the further parts of an entity's page, and what the foot of every page says."""

from dataclasses import replace

from flask.testing import FlaskClient

from app.config import Settings
from app.web import create_app

BASE = "http://example.org/havdal/"
PEOPLE = {"Accept": "text/html"}


def compare(client: FlaskClient, *iris: str, **parameters: str) -> str:
    answer = client.get("/compare", query_string={"iri": [BASE + "id/" + each for each in iris], **parameters})
    assert answer.status_code == 200
    return answer.text


def test_two_things_stand_side_by_side_with_what_differs_marked(client: FlaskClient) -> None:
    page = compare(client, "town/aasvaer", "town/bekk")
    head = page.partition("<thead>")[2].partition("</thead>")[0]
    assert [head.find("/doc/town/aasvaer") > 0, head.find("/doc/town/bekk") > 0] == [True, True]
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr")[1:]
    assert all(row.count("<td") == 2 for row in rows)
    (twin,) = [row for row in rows if 'terms#twin"' in row or ">vennskapsby<" in row]
    assert twin.startswith(' class="differs"')
    assert "ikke kjent" in page


def test_one_thing_alone_is_compared_with_those_most_like_it(client: FlaskClient) -> None:
    page = compare(client, "trip/t101")
    head = page.partition("<thead>")[2].partition("</thead>")[0]
    assert head.count("/doc/trip/") > 1
    assert head.count("/doc/") == head.count("/doc/trip/")


def test_a_kind_alone_gives_the_choice_and_nothing_gives_the_kinds(client: FlaskClient) -> None:
    page = client.get("/compare?kind=town", headers=PEOPLE).text
    assert 'type="checkbox"' in page
    assert "<table" not in page
    assert "/compare?kind=town" in client.get("/compare", headers=PEOPLE).text


def test_what_cannot_be_compared_is_told(client: FlaskClient) -> None:
    assert client.get("/compare?kind=nokind").status_code == 404
    assert client.get("/compare", query_string={"iri": "http://example.org/none"}).status_code == 404
    assert client.get("/compare", query_string={"iri": "no iri"}).status_code == 400
    many = [f"{BASE}id/town/{number}" for number in range(7)]
    assert client.get("/compare", query_string={"iri": many}).status_code == 400


def test_the_foot_of_a_page_links_to_privacy_and_the_accessibility_statement(settings: Settings) -> None:
    address = "https://example.org/uustatus"
    app = create_app(replace(settings, accessibility_statement=address, report_address="post@example.org"))
    with app.test_client() as client:
        page = client.get("/doc/town/bekk", headers=PEOPLE).text
        assert f'href="{address}"' in page
        assert "mailto:post@example.org?subject=Feil%20i%20dataene%3A%20Bekk&amp;body=http" in page
        assert "informasjonskapsler" in client.get("/privacy", headers=PEOPLE).text
        assert "no cookies" in client.get("/en/privacy", headers=PEOPLE).text


def test_what_all_have_and_what_only_one_has_comes_before_all_facts_and_those_are_folded(client: FlaskClient) -> None:
    page = compare(client, "town/aasvaer", "town/bekk", "town/blank")
    related, _, facts = page.partition("<main")[2].partition("<table")
    assert ">Vennskapsbyer</h2>" in related
    assert "POINT(" not in related
    assert related.count("<details") == 2  # the choice, and all facts
    assert "Bare Åsvær" in related
    assert facts
    two = compare(client, "town/aasvaer", "town/bekk").partition("<table")[0]
    assert [heading in two for heading in ("Bare Åsvær", "Begge", "Bare Bekk")] == [True, True, True]


def test_things_without_comparisons_of_their_class_are_compared_by_the_facets(client: FlaskClient) -> None:
    page = compare(client, "claim/1", "visit/v1").partition("<table")[0]
    assert ">Hvor sikkert</h2>" in page
    assert "usikker" in page.partition("Begge")[2].partition("</div>")[0]

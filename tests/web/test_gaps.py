"""What is missing: the board, the report, what stands on each thing's page; further views of a thing."""

import csv
import html
import io
import json
import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.config import Settings
from app.web import gaps
from tests.web.conftest import BASE

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
TOWN = BASE + "ontology#Town"
PAGE, TWIN = BASE + "shape/Page-homepage", BASE + "shape/Twin"
BEKK, AASVAER = BASE + "id/town/bekk", BASE + "id/town/aasvaer"


def board(client: FlaskClient, **given: str) -> list[dict[str, str]]:
    return json.loads(client.get("/gaps", query_string={"format": "json", **given}).text)


@pytest.mark.parametrize(
    ("path", "media_type", "fragment"),
    [
        ("/gaps", "text/html", "Byen har ingen nettside. Spør byen."),
        ("/en/gaps", "text/html", "The town has no page. Ask the town."),
        ("/gaps.csv", "text/csv", "Byen har ingen nettside. Spør byen."),
        ("/en/gaps?format=csv", "text/csv", "The town has no page. Ask the town."),
        ("/quality", "text/html", "data/strategy/towns.ttl"),
        ("/en/quality", "text/html", "Share of facts with a source"),
        ("/quality.ttl", "text/turtle", "sh:ValidationReport"),
        ("/quality?format=jsonld", "application/ld+json", "QualityMeasurement"),
    ],
)
def test_the_pages_answer_in_their_formats(client: FlaskClient, path: str, media_type: str, fragment: str) -> None:
    answer = client.get(path, headers=PEOPLE)
    assert (answer.status_code, answer.mimetype) == (200, media_type)
    assert fragment in answer.text


def test_the_board_holds_each_gap_once_with_class_shape_and_file(client: FlaskClient) -> None:
    rows = board(client)
    found = [(row["shape"], row["thing"]) for row in rows]
    assert len(found) == len(set(found)) + 1, "one town has two one-sided friends"
    assert (PAGE, BEKK) in found
    (row,) = [row for row in rows if row["thing"] == BEKK]
    assert (row["class"], row["severity"], row["label"]) == (TOWN, "Warning", "Bekk")
    assert row["file"] == "data/strategy/towns.ttl"
    assert (row["value"], row["message"]) == (None, "Byen har ingen nettside. Spør byen.")


def test_the_board_is_filtered_by_class_shape_and_thing(client: FlaskClient) -> None:
    rows = board(client)
    assert {row["shape"] for row in rows} == {PAGE, TWIN}
    assert board(client, shape=TWIN) == [row for row in rows if row["shape"] == TWIN]
    assert board(client, **{"class": TOWN}) == [row for row in rows if row["class"] == TOWN]
    assert board(client, **{"class": BASE + "ontology#Trip"}) == []
    about = board(client, thing=BEKK)
    assert {(row["shape"], row["thing"]) for row in about} == {(PAGE, BEKK), (TWIN, AASVAER)}
    page = client.get("/gaps", query_string={"shape": TWIN}, headers=PEOPLE).text
    assert "Ensidig vennskap" in page
    assert "Byen har ingen nettside" not in page
    assert client.get("/gaps?class=nonsense", headers=PEOPLE).status_code == 400


def test_what_the_content_says_of_a_shape_is_shown_and_narrows_the_board(client: FlaskClient) -> None:
    rows = board(client)
    own, other = BASE + "ontology#theTown", BASE + "ontology#theOther"
    assert {(row["shape"], row["whose"]) for row in rows} == {(PAGE, own), (TWIN, other)}, (
        "of a property shape its whole"
    )
    assert board(client, whose=own) == [row for row in rows if row["shape"] == PAGE]
    assert board(client, whose=TOWN) == []
    page = client.get("/gaps", query_string={"whose": own}, headers=PEOPLE).text
    assert f'<option value="{own}" selected>byen</option>' in page
    assert "<li>hos hvem: byen</li>" in page[page.index('class="for-editors"') :]
    assert "<summary>Ensidig vennskap" not in page
    workbook = load_workbook(io.BytesIO(client.get("/gaps.xlsx").data))
    assert "hos hvem" in [cell.value for cell in next(workbook.worksheets[0].iter_rows(max_row=1))]


def test_what_all_messages_say_stands_once_and_a_name_is_not_said_twice(client: FlaskClient) -> None:
    page = client.get("/gaps", query_string={"shape": TWIN}, headers=PEOPLE).text
    assert page.count("Spør der.") == 1
    assert page.count("sier ikke det samme.") == len(board(client, shape=TWIN))
    assert '<details class="gap" open>' in page
    folded = client.get("/gaps", headers=PEOPLE).text
    assert folded.count('<details class="gap">') == 2


def test_csv_and_json_say_the_same(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/gaps.csv").text)))
    assert rows == [{name: value or "" for name, value in row.items()} for row in board(client)]


def test_the_board_of_a_thing_takes_in_what_is_linked_to_it_but_no_others_of_its_kind(client: FlaskClient) -> None:
    alone, around = board(client, thing=BEKK), board(client, thing=BEKK, around="1")
    assert {row["thing"] for row in alone} <= {row["thing"] for row in around}
    trip = BASE + "id/trip/t101"
    linked = board(client, thing=trip, around="1")
    assert board(client, thing=trip) == []
    assert {row["thing"] for row in linked} == {AASVAER}
    page = client.get("/gaps", query_string={"thing": BEKK, "around": "1"}, headers=PEOPLE).text
    assert "checked> Ta også med det som er direkte knyttet" in page
    assert f"/gaps?around=1&amp;thing={quote(BEKK, safe='')}" in client.get("/doc/town/bekk", headers=PEOPLE).text


def test_the_board_links_to_thing_shape_and_a_query_that_gives_the_same(client: FlaskClient) -> None:
    page = client.get("/gaps", query_string={"shape": PAGE}, headers=PEOPLE).text
    assert 'href="/doc/town/bekk"' in page
    assert 'href="/shape/Page-homepage"' in page
    (query,) = re.findall(r'href="(/sparql\?query=[^"]+)"', page)
    answer = client.get(html.unescape(query) + "&format=json")
    found = {row["focus"]["value"] for row in json.loads(answer.text)["results"]["bindings"]}
    assert found == {row["thing"] for row in board(client, shape=PAGE)}


def test_gaps_stand_on_the_front_page_and_in_the_menu_and_on_the_things(client: FlaskClient) -> None:
    front = client.get("/", headers=PEOPLE).text
    assert front.count('href="/gaps"') == 3  # the menu in a row and folded, and below the first of them
    town = client.get("/doc/town/bekk", headers=PEOPLE).text
    assert '<h2 id="missing"' in town
    assert "Byen har ingen nettside. Spør byen." in town
    assert "sier ikke det samme" in town, "what another thing says of this one"
    assert '<h2 id="missing"' not in client.get("/doc/document/plan", headers=PEOPLE).text


def test_a_view_is_a_folder_of_panels_that_marks_what_is_missing(client: FlaskClient) -> None:
    town = client.get("/doc/town/aasvaer", headers=PEOPLE).text
    assert 'href="/doc/town/aasvaer?view=friends"' in town
    assert 'id="panel-10-twins"' not in town
    view = client.get("/doc/town/aasvaer?view=friends", headers=PEOPLE).text
    assert "Følg vennskapet" in view
    assert 'href="/doc/town/bekk"' in view
    assert 'data-color="warning">mangler</span>' in view
    assert "Byen har ingen nettside. Spør byen." in view, "of the towns in the rows"
    assert "Follow the friendship" in client.get("/en/doc/town/aasvaer?view=friends", headers=PEOPLE).text
    assert client.get("/doc/town/aasvaer?view=none", headers=PEOPLE).status_code == 404
    assert client.get("/doc/document/plan?view=friends", headers=PEOPLE).status_code == 404
    assert client.get("/doc/town/aasvaer.ttl?view=friends").mimetype == "text/turtle"


def test_the_board_offers_each_thing_to_choose(client: FlaskClient) -> None:
    page = client.get("/gaps", query_string={"thing": BEKK}, headers=PEOPLE).text
    form = page[page.index('id="thing"') :]
    assert f'<option value="{BEKK}" selected>Bekk</option>' in form
    assert f'<option value="{AASVAER}">' in form
    assert '<optgroup label="' in form


@pytest.mark.parametrize("path", ["/gaps", "/quality"])
def test_many_gaps_come_in_pages_with_the_numbers_of_all(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def items(page: str) -> list[str]:
        found = re.sub(r'<details class="for-editors">.*?</details>', "", page, flags=re.DOTALL)
        return re.findall(r"<li>(.*)", found[found.index("<section") : found.rindex("</section>")])

    whole = items(client.get(path, headers=PEOPLE).text)
    monkeypatch.setattr(gaps, "_PAGES", 1)
    monkeypatch.setattr(gaps, "settings", lambda: replace(settings, page_size=2))
    found, number, page = [], 0, 'rel="next"'
    while 'rel="next"' in page:
        number += 1
        page = client.get(path, query_string={"page": number}, headers=PEOPLE).text
        assert 0 < len(items(page)) <= 2
        found += items(page)
    assert found == whole
    assert number == -(-len(whole) // 2) > 1
    assert client.get(path, query_string={"page": 0}, headers=PEOPLE).status_code == 400


def test_a_board_with_too_many_things_offers_no_list_of_them(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps, "_MOST_THINGS", 0)
    page = client.get("/gaps", query_string={"thing": BEKK}, headers=PEOPLE).text
    assert f'<input type="hidden" name="thing" value="{BEKK}">' in page
    assert "<optgroup" not in page

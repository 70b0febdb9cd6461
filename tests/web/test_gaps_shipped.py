"""What is to follow up in the shipped content: for whom, in which words; a content without shapes has a page too."""

import html
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.terms import Iri
from app.web import gaps
from tests.conftest import EXAMPLE
from tests.web.conftest import client_of

INN = "https://w3id.org/innherred/ontology#"
ID = "https://w3id.org/innherred/id/"
PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
MUNICIPALITIES = ("inderoy", "levanger", "snasa", "steinkjer", "verdal")
MACHINE_WORDS = re.compile(r"\b(?:inn|org|dcterms|foaf|skos|xsd|sh):\w|https?://|\b\d{4}-\d\d(?:-\d\d)?\b|\{\?")


@pytest.fixture
def reader(shipped: Flask) -> FlaskClient:
    return shipped.test_client()


def main(page: str) -> str:
    """The page without its frame and without what is for those who edit the data."""
    shown = page[page.index("<main") : page.index("</main>")]
    shown = re.sub(r"<form.*?</form>", "", shown, flags=re.DOTALL)
    return re.sub(r'<details class="for-editors">.*?</details>', "", shown, flags=re.DOTALL)


def words(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", main(page)))


@pytest.mark.parametrize("language", ["", "/en"])
def test_a_leader_reads_no_machine_word(reader: FlaskClient, language: str) -> None:
    page = reader.get(f"{language}/gaps", headers=PEOPLE).text
    assert not MACHINE_WORDS.search(words(page))
    assert "inn:" in page, "the editor's words are behind a fold"
    assert re.search(r"[.!?]\(", words(page)) is None


def test_the_list_is_by_who_can_act_and_has_each_kind_once(reader: FlaskClient) -> None:
    page = reader.get("/gaps", headers=PEOPLE).text
    actors = re.findall(r'<h2 id="group-\d+"[^>]*>(.+?): \d+</h2>', page)
    assert actors == ["Kommunens ledelse", "Regionrådet", "Den som redigerer dataene"]
    kinds = re.findall(r'<details class="gap">\s*<summary>(.+?): (\d+) <', page)
    names = [name for name, _number in kinds]
    assert len(names) == len(set(names))
    everything = reader.get("/gaps.json").get_json()
    assert sum(int(number) for _name, number in kinds) == len(everything)
    assert len(names) == len({each["shape"] for each in everything})
    assert names.index("Kommune uten internasjonal kontakt") < names.index("Aktivitet uten partner")
    assert "MEDSAM</a> ble avsluttet 30. juni 2022, men aktiviteten står fortsatt på listen" in page
    assert "MEDSAM</a> ended on 30 June 2022, but" in reader.get("/en/gaps", headers=PEOPLE).text


@pytest.mark.parametrize("name", MUNICIPALITIES)
def test_each_municipality_has_a_list_of_its_own(reader: FlaskClient, name: str) -> None:
    iri = f"{ID}municipality/{name}"
    address = f"/gaps?around=1&amp;thing={iri.replace(':', '%3A').replace('/', '%2F')}"
    assert address in reader.get(f"/doc/municipality/{name}", headers=PEOPLE).text
    page = reader.get(html.unescape(address), headers=PEOPLE).text
    (title,) = re.findall(r"<h1[^>]*>(.+?)</h1>", page)
    assert re.fullmatch(r"Å følge opp: (?:Inderøy|Levanger|Snåsa|Steinkjer|Verdal) kommune", title)
    assert "Kommune uten internasjonal kontakt: 1" in page
    others = {f"{ID}municipality/{each}" for each in MUNICIPALITIES} - {iri}
    rows = reader.get("/gaps.json", query_string={"thing": iri, "around": 1}).get_json()
    assert rows
    assert not others & {row["thing"] for row in rows}


def test_leaders_get_what_the_content_puts_first(reader: FlaskClient) -> None:
    with reader.application.test_request_context("/"):
        reader.application.preprocess_request()
        first = gaps.for_leaders(3)
        order = [each.findings[0][0].order for each in gaps.for_leaders(100)]
        of_one = gaps.for_leaders(3, Iri(ID + "municipality/verdal"))
    assert [len(first), len(of_one)] == [3, 3]
    assert order == sorted(order)
    assert str(first[0].shape).endswith("/MeasureResources"), "no goal and no measure is without an activity"
    assert {str(each.actor) for each in first} == {INN + "municipalLeadership"}
    assert all(each.message or each.findings for each in of_one)


def test_a_content_without_shapes_has_nothing_to_follow_up(tmp_path: Path) -> None:
    client = client_of(EXAMPLE, tmp_path)
    for path in ("/gaps", "/quality"):
        assert client.get(path, headers=PEOPLE).status_code == 200
    assert client.get("/gaps.json").get_json() == []

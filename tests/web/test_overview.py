"""The overview of each municipality for those who decide, and the profile of the region: what stands on the sheet."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

from app.config import Settings
from app.web import create_app
from tests.conftest import SHIPPED

FIVE = ("snasa", "steinkjer", "inderoy", "verdal", "levanger")
LANGUAGES = {
    "": ("oppgitt|tolket|usikre", "tolket|usikker"),
    "/en": ("stated|interpreted|uncertain", "interpreted|uncertain"),
}
SWEDEN = "http://publications.europa.eu/resource/authority/country/SWE"
TECHNICAL = re.compile(r"\b(?:inn|org|skos|dcterms|sh):[A-Za-z]|POINT\(|WKT|\b\d{4}-\d\d-\d\d\b")


@pytest.fixture(scope="module")
def shipped(shipped_state: Path) -> Flask:
    return create_app(Settings(content=SHIPPED, state=shipped_state, report_address="post@example.org"))


def read(app: Flask, path: str) -> str:
    answer = app.test_client().get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    return answer.text.partition("<article")[2].partition("</article>")[0]


def section(page: str, name: str) -> str:
    return page.partition(f'data-name="{name}"')[2].partition("</section>")[0]


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def items(html: str) -> list[str]:
    return [plain(item) for item in re.findall(r"<li>(.*?)</li>", html, re.DOTALL)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIVE)
def test_an_overview_has_three_numbers_each_with_its_certainty(shipped: Flask, name: str, language: str) -> None:
    page = read(shipped, f"{language}/profile/municipality/{name}")
    numbers = items(section(page, "numbers"))
    assert len(numbers) == 3
    for each in numbers:
        parts = [int(n) for n in re.findall(rf"(?:{LANGUAGES[language][0]}) (\d+)", each)]
        assert sum(parts) == int(each.split()[0]) > 0, each


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIVE)
def test_every_row_to_confirm_is_read_or_uncertain_and_can_be_answered(
    shipped: Flask, name: str, language: str
) -> None:
    page = read(shipped, f"{language}/profile/municipality/{name}")
    rows = re.findall(r"<tr>(.*?)</tr>", section(page, "confirm"), re.DOTALL)[1:]
    if name in ("snasa", "levanger"):  # their rows of the appendix stand alone: the source says whose they are
        assert not rows
        assert len(items(section(page, "confirmed"))) == 1
    else:
        assert len(rows) >= 12
    for row in rows:
        cells = [plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        entry, activity, answer, as_read, _other, certainty, why, source = cells
        assert re.fullmatch(r"A-\d+", entry)
        assert all((activity, as_read, source))
        assert answer.count("☐") == 3
        assert re.fullmatch(LANGUAGES[language][1], certainty)
        assert len(why) > 20


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIVE)
def test_an_overview_names_three_things_to_decide_and_tells_what_runs(shipped: Flask, name: str, language: str) -> None:
    page = read(shipped, f"{language}/profile/municipality/{name}")
    assert len(items(section(page, "decide"))) == 3
    heads = re.findall(r'<th scope="rowgroup"[^>]*>(.*?)</th>', section(page, "work"), re.DOTALL)
    assert 1 <= len(heads) <= 4
    listed = sum(int(plain(head).rpartition("(")[2].rstrip(")")) for head in heads)
    assert listed == int(items(section(page, "numbers"))[0].split()[0])
    assert "/gaps?around=1" in page
    assert 'href="mailto:post@example.org?' in page
    assert f"/profile/municipality/{name}</kbd>" in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "path",
    [
        *(f"/municipality/{name}" for name in FIVE),
        "/region/innherred",
        "/programme/erasmus-plus",
        "/organisation/trondelag-fylkeskommune",
        f"?iri={SWEDEN}",
    ],
)
def test_a_sheet_is_for_people(shipped: Flask, path: str, language: str) -> None:
    text = plain(re.sub(r"<svg.*?</svg>", "", read(shipped, f"{language}/profile{path}"), flags=re.DOTALL))
    assert not TECHNICAL.search(text), TECHNICAL.search(text)


@pytest.mark.parametrize(
    ("page", "sheet"),
    [
        ("/doc/organisation/trondelag-fylkeskommune", "/profile/organisation/trondelag-fylkeskommune"),
        (f"/describe?iri={SWEDEN}", f"/profile?iri={quote(SWEDEN, safe='')}"),
    ],
)
def test_partners_and_countries_have_a_sheet_of_what_is_done_with_them(shipped: Flask, page: str, sheet: str) -> None:
    client = shipped.test_client()
    assert f'href="{sheet}"' in client.get(page, headers={"Accept": "text/html"}).text
    heads = re.findall(r'<th scope="rowgroup"[^>]*>(.*?)</th>', section(read(shipped, sheet), "work"), re.DOTALL)
    assert {plain(head).rpartition(" (")[0] for head in heads} <= {"Pågår", "Planlagt", "Tidsrom ukjent", "Avsluttet"}
    assert heads
    assert "https://www.levanger.kommune.no/" in section(read(shipped, sheet), "contact")
    data = client.get(sheet, headers={"Accept": "text/turtle"})
    assert data.mimetype == "text/turtle"
    assert "tradisjonelt-handverk" in data.text


def test_the_profile_of_the_region_tells_apart_what_runs_and_has_a_contact(shipped: Flask) -> None:
    page = read(shipped, "/en/profile/region/innherred")
    numbers = items(section(page, "numbers"))
    assert [each.split()[1] for each in numbers] == ["activities", "programmes", "partners", "other"]
    for each in numbers:
        assert sum(int(n) for n in re.findall(r"(?:stated|interpreted|uncertain) (\d+)", each)) == int(each.split()[0])
    heads = re.findall(r'<th scope="rowgroup"[^>]*>(.*?)</th>', section(page, "running"), re.DOTALL)
    assert len(heads) >= 2
    contacts = items(section(page, "contact"))
    assert len(contacts) == 5
    assert all("https://www." in each for each in contacts)

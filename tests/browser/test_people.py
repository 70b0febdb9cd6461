"""A page of a thing as people read it: the answer first, the rest folded, nothing empty, no words of a machine."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest

from tests.browser.browsing import Visit

LANGUAGES = ("nb", "en")
MUNICIPALITIES = [f"/doc/municipality/{name}" for name in ("snasa", "steinkjer", "inderoy", "verdal", "levanger")]
PATHS = [
    *("/doc/municipality/verdal", "/doc/activity/medsam", "/doc/organisation/naboer-ab", "/doc/programme/erasmus-plus"),
    *("/doc/goal/g-1", "/doc/measure/r-2", "/doc/topic/samskaping", "/doc/strategy/innherredsbyen"),
    "/doc/participation/atlantbib-aarjel-saemiej-skuvle",
]
# Most pixels of a municipality's page at a width of 1280, the lowest place where its activities begin, and most stops.
HEIGHT, BEGIN, STOPS = 4500, 700, 120
# What no page for people says outside what is folded.
MACHINE = re.compile(r"\b(?:inn|org|dcterms|skos):\w|WKT|POINT\(|\b\d{4}-\d\d-\d\d\b|https?://")
# Folded parts are closed as the browser gives them, so that the text that is seen is without them.
_TEXT = "() => document.querySelector('main').innerText"
_TOP = "(id) => document.getElementById(id).getBoundingClientRect().top + scrollY"
_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
.filter((each) => each.checkVisibility() && each.getBoundingClientRect().width > 0).length"""
_ORDER = """() => [...document.querySelectorAll("main h1, main .lead, main h2")]
.map((each) => each.localName === "p" ? "sentence" : each.id || each.localName)"""
_EMPTY = """() => [...document.querySelectorAll("main section, main .folded > details, main tbody, main ul, main dl")]
.filter((each) => !each.textContent.trim() || (each.localName === "section" && each.children.length < 2))
.map((each) => each.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def visits(make_visit: Callable[..., Visit]) -> Iterator[dict[str, Visit]]:
    """Give one browser page for each language."""
    found = {language: make_visit() for language in LANGUAGES}
    yield found
    for each in found.values():
        each.page.context.close()


def opened(visits: dict[str, Visit], language: str, path: str) -> Visit:
    found = visits[language]
    found.open(path if language == "nb" else "/en" + path)
    return found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_a_thing_is_for_people(visits: dict[str, Visit], language: str, path: str) -> None:
    found = opened(visits, language, path)
    order = found.page.evaluate(_ORDER)
    # What the certainties mean is told last.
    order = [name for name in order if name != "how-sure"]
    panels = [name for name in order if name.startswith("panel-") or name in ("missing", "claims")]
    said = found.page.evaluate(_TEXT)
    problems = {
        "order": order if [name for name in order if name != "sentence"] != ["h1", *panels, "details"] else None,
        "follow up before what is said": "missing" in panels
        and any(name in panels[: panels.index("missing")] for name in ("claims", "panel-80-statements")),
        "empty": found.page.evaluate(_EMPTY),
        "machine words": MACHINE.findall(said),
        "title": re.search(r"\(\w+/", found.page.title()),
        "axe": found.axe(),
        "errors": found.errors,
    }
    assert {name: problem for name, problem in problems.items() if problem} == {}


@pytest.mark.parametrize("path", MUNICIPALITIES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_municipality_is_short(visits: dict[str, Visit], language: str, path: str) -> None:
    found = opened(visits, language, path)
    measured = {
        "height": (found.page.evaluate("document.documentElement.scrollHeight"), HEIGHT),
        "activities begin": (found.page.evaluate(_TOP, "panel-10-activities"), BEGIN),
        "tab stops": (found.page.evaluate(_STOPS), STOPS),
    }
    assert {name: pair for name, pair in measured.items() if pair[0] > pair[1]} == {}


def test_a_certainty_leads_to_what_it_rests_on(visits: dict[str, Visit]) -> None:
    found = opened(visits, "nb", "/doc/municipality/verdal")
    page = found.page
    row = page.locator("#panel-10-activities ~ .scroll tbody tr").first
    name = row.locator("a").first.inner_text()
    found.follow(row.locator("a.ds-tag"))
    assert "/doc/participation/" in unquote(page.url)
    assert name in page.locator("main").inner_text()


def test_a_table_is_taken_home(visits: dict[str, Visit]) -> None:
    found = opened(visits, "nb", "/doc/municipality/verdal")
    menu = found.page.locator("section .query-link").first
    menu.locator("summary").click()
    address = menu.locator("a").first.get_attribute("href") or ""
    answer = found.page.request.get(found.host.rstrip("/") + address)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "activity" in answer.text().splitlines()[0]

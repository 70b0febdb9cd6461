"""Every kind of page of the shipped content, as a visitor's browser has it."""

import gzip
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from urllib.parse import quote

import pytest

from tests.browser.browsing import WIDTHS, Visit

SUBJECT = quote("https://schema.org/Organization", safe="")
LEVANGER, VERDAL = (f"https://w3id.org/innherred/id/municipality/{name}" for name in ("levanger", "verdal"))
ABOUT = quote("http://purl.org/dc/terms/subject", safe="")
QUERY = quote("SELECT ?thing ?class WHERE { ?thing a ?class } LIMIT 5")
PATHS = f"""
    / /municipality/ /organisation/ /search?q=kultur /no-such-page /describe?iri={SUBJECT}
    /queries/ /queries/appendix-matrix /queries/what-municipality-does /queries/countries /queries/activity-periods
    /queries/follow-the-goal /sparql /sparql?query={QUERY} /sparql?query=SELECT
    /ontology /shapes /shape/Goal /graph/strategy /dump/ /gaps /quality
    /doc/region/innherred /doc/municipality/steinkjer /doc/organisation/naboer-ab /doc/strategy/innherredsbyen
    /doc/programme/europeiske-universiteter /doc/activity/medsam /doc/vision/v-0 /doc/goal/g-1 /doc/goal/g-1?view=follow
    /doc/measure/r-2 /doc/area/ar-1 /doc/focus/ns-1 /doc/aim/aim-2 /doc/sector/samfunnsutvikling /doc/topic/samskaping
    /doc/place/who-europa /doc/type/parlamentarisk-samarbeidsorgan /doc/role/deltaker /doc/claim/01e37daa65f41768
    /doc/participation/atlantbib-aarjel-saemiej-skuvle /doc/membership/sunne-kommuner-verdal /doc/passage/a-010
    /compare /compare?kind=municipality /compare?iri={LEVANGER}&iri={VERDAL} /profile/municipality/levanger
    /privacy /about /catalog /search?q=kultur&municipality=levanger /search?q=zzzzqqq /municipality/?q=zzzz
    /activity/?municipality=levanger /queries/who-does-what-with-whom /queries/strategy-periods
    /doc/municipality/levanger /doc/municipality/levanger?why=1 /doc/municipality/levanger?why=1&page=2
    /gaps?thing={LEVANGER} /describe/incoming?iri={LEVANGER}&predicate={ABOUT} /doc/municipality/levanger?basis=asserted
    /doc/document/fns-baerekraftsmal /doc/statement/visjon-bekreftet /doc/source/sea-eu /changes /version/
    /receipt?query={QUERY}
""".split()
# Looked at narrow and dark as well.
MAIN = f"""
    / /search?q=kultur /municipality/ /doc/municipality/levanger /doc/activity/medsam /doc/goal/g-1?view=follow /gaps
    /queries/appendix-matrix /queries/countries /queries/who-does-what-with-whom /queries/activity-periods /sparql
    /catalog /compare?iri={LEVANGER}&iri={VERDAL} /profile/municipality/levanger /changes /no-such-page
""".split()
# Most bytes of a page.
BYTES = 160_000
# Most packed bytes of styles and scripts; the page with the editor may have more.
PACKED, PACKED_EDITOR = 80_000, 200_000
LANGUAGES = ("nb", "en")
_HEADINGS = "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((each) => Number(each.localName[1]))"
_LOADED = """() => [...document.querySelectorAll("link[rel=stylesheet],script[src]")]
.map((each) => each.href || each.src)"""


@pytest.fixture(scope="module")
def visits(make_visit: Callable[..., Visit]) -> Iterator[dict[str, Visit]]:
    """Give one browser page for each language and a dark one, which go from path to path."""
    found = {language: make_visit(scheme="light") for language in LANGUAGES}
    found["dark"] = make_visit(scheme="dark")
    yield found
    for each in found.values():
        each.page.context.close()


@cache
def packed(visit: Visit, url: str) -> int:
    return len(gzip.compress(visit.page.request.get(url).body()))


def headings_in_order(levels: list[int]) -> bool:
    steps = pairwise(levels)
    return levels.count(1) == 1 and levels[0] == 1 and all(after <= before + 1 for before, after in steps)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_sound_in_a_browser(visits: dict[str, Visit], language: str, path: str) -> None:
    found = visits[language]
    found.page.set_viewport_size({"width": WIDTHS["wide"], "height": 800})
    answer = found.open(path if language == "nb" else "/en" + path)
    asked = list(found.requests)
    most = PACKED_EDITOR if path.startswith("/sparql") else PACKED
    loaded = sum(packed(found, url) for url in found.page.evaluate(_LOADED))
    problems = {
        "language": found.page.evaluate("document.documentElement.lang") != language,
        "requests": len(asked) > 10 and asked,
        "outside": found.outside(),
        "bytes of HTML": len(answer.body()) >= BYTES and len(answer.body()),
        "bytes of styles and scripts, packed": not 0 < loaded < most and loaded,
        "headings": not headings_in_order(found.page.evaluate(_HEADINGS)),
        "axe": found.axe(),
    }
    found.page.set_viewport_size({"width": WIDTHS["narrow"], "height": 800})
    problems |= {"sideways": found.overflow(), "errors": found.errors}
    assert {name: problem for name, problem in problems.items() if problem} == {}


@pytest.mark.parametrize(("language", "path"), [(LANGUAGES[n % 2], path) for n, path in enumerate(MAIN)])
def test_main_page_is_sound_narrow_and_dark(visits: dict[str, Visit], language: str, path: str) -> None:
    found = visits["dark"]
    found.page.set_viewport_size({"width": WIDTHS["narrow"], "height": 800})
    found.open(path if language == "nb" else "/en" + path)
    problems = {"axe": found.axe(), "sideways": found.overflow(), "errors": found.errors, "outside": found.outside()}
    assert {name: problem for name, problem in problems.items() if problem} == {}


def test_titles_tell_pages_apart(visits: dict[str, Visit]) -> None:
    titles: dict[str, list[str]] = {}
    for language in LANGUAGES:
        found = visits[language]
        for path in PATHS:
            address = found.host.rstrip("/") + ("" if language == "nb" else "/en") + path
            body = found.page.request.get(address, headers={"Accept": "text/html"}).text()
            title = body.partition("<title>")[2].partition("</title>")[0].strip()
            titles.setdefault(f"{language}: {title}", []).append(path)
    assert [title for title in titles if not title.partition(": ")[2]] == []
    assert {title: paths for title, paths in titles.items() if len(paths) > 1} == {}

"""Pages on paper: how many sheets of A4, nothing beside the sheet, nothing on it that is only for the screen."""

import re
from collections.abc import Callable

import pytest

from tests.browser.browsing import Visit

Open = Callable[..., Visit]
# So many pixels lie between the margins of a sheet.
SHEET = 680
VERDAL = "https://w3id.org/innherred/id/municipality/verdal"
SHEETS = {
    "/profile/municipality/snasa": 2,
    "/profile/municipality/levanger": 2,
    "/profile/municipality/verdal": 4,  # two, and two with what is to be answered
    "/en/profile/municipality/inderoy": 4,
    "/en/profile/region/innherred": 3,
    "/profile/programme/erasmus-plus": 1,
    "/profile/organisation/trondelag-fylkeskommune": 1,
    "/profile?iri=http://publications.europa.eu/resource/authority/country/SWE": 2,
}
OTHERS = (
    "/",
    "/activity/",
    "/doc/activity/attractive-nordic-towns",
    "/doc/municipality/verdal",
    "/queries/appendix-matrix",
    "/queries/what-runs",
    f"/gaps?thing={VERDAL}&around=1",
)
UNDERLINES = """() => [...document.querySelectorAll('main a:not(.ds-tag)')]
  .map((link) => getComputedStyle(link).textDecorationLine)"""
FOR_THE_SCREEN = (
    "nav",
    "form",
    "button",
    "header.site-header",
    ".query-link",
    "details:not([open]):not(.twin) > summary",
)


def sheets(visit: Visit) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", visit.page.pdf(prefer_css_page_size=True)))


def on_paper(visit: Visit) -> None:
    visit.page.emulate_media(media="print")
    visit.page.set_viewport_size({"width": SHEET, "height": 980})
    assert visit.overflow() <= 0
    for selector in FOR_THE_SCREEN:
        shown = [each for each in visit.page.locator(selector).all() if each.is_visible()]
        assert shown == [], selector
    assert set(visit.page.evaluate(UNDERLINES)) <= {"none"}


@pytest.mark.parametrize("path", SHEETS)
def test_a_sheet_to_hand_out_is_as_long_as_it_says(open_page: Open, path: str) -> None:
    visit = open_page(path)
    assert sheets(visit) <= SHEETS[path]
    on_paper(visit)
    assert not visit.page.locator(".site-footer").is_visible()


@pytest.mark.parametrize("path", OTHERS)
def test_other_pages_are_cut_nowhere_and_leave_out_what_is_for_the_screen(open_page: Open, path: str) -> None:
    on_paper(open_page(path))


def test_what_is_to_be_answered_begins_on_a_sheet_of_its_own(open_page: Open) -> None:
    visit = open_page("/profile/municipality/verdal")
    visit.page.emulate_media(media="print")
    found = visit.page.locator('[data-name="confirm"]')
    assert found.evaluate("(element) => getComputedStyle(element).breakBefore") == "page"
    assert found.get_by_text("☐").count() >= 12

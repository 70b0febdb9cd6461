"""Pictures in a browser: on a phone, on paper, with text spaced as WCAG 2.1 has it (1.4.12)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.browsing import Visit

NETWORK, TIMELINE = "/queries/who-does-what-with-whom", "/queries/activity-periods"
MATRIX, COUNTRIES = "/queries/appendix-matrix", "/queries/countries"
PATHS = (NETWORK, TIMELINE, MATRIX, COUNTRIES, "/doc/region/innherred")
# What fits between the margins of A4 (pixels of CSS), as print.css has them.
PAPER = {"width": 673, "height": 990}
_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
# Text that a box does not show: what it holds is larger than it is, and it does not scroll.
_CUT = """() => [...document.querySelectorAll("main *")].filter((each) => each.checkVisibility())
.filter((each) => !(each instanceof SVGElement) && each.textContent.trim() && !each.matches(".ds-sr-only, textarea"))
.filter((each) => {
  const style = getComputedStyle(each);
  return (/hidden|clip/.test(style.overflowX) && each.scrollWidth > each.clientWidth + 1)
    || (/hidden|clip/.test(style.overflowY) && each.scrollHeight > each.clientHeight + 1);
}).map((each) => `${each.className}: ${each.textContent.trim().slice(0, 60)}`)"""
_OUTSIDE = """() => [...document.querySelectorAll("main *")].filter((each) => each.checkVisibility())
.filter((each) => !each.closest(".ds-sr-only") && each.getBoundingClientRect().width)
.filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 2)
.map((each) => `${each.localName} ${each.textContent.trim().slice(0, 60)}`)"""
_SMALL = """() => [...document.querySelectorAll("main svg text, main .node, main .badge")]
.filter((each) => each.checkVisibility() && parseFloat(getComputedStyle(each).fontSize) < 12)
.map((each) => each.textContent)"""
_SILENT = """() => [...document.querySelectorAll("[data-hint]")].filter((each) => each.checkVisibility())
.filter((each) => (each.scrollWidth > each.clientWidth + 1)
  !== (getComputedStyle(each, "::before").visibility === "visible"))
.map((each) => each.ariaLabel)"""


@pytest.fixture(scope="module")
def found(make_visit: Callable[..., Visit]) -> Iterator[Visit]:
    visit = make_visit(scheme="light")
    yield visit
    visit.page.context.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_picture_is_legible_on_a_phone(found: Visit, path: str) -> None:
    found.page.set_viewport_size({"width": 390, "height": 800})
    found.open(path)
    problems: dict[str, Any] = {"sideways": found.overflow(), "small": found.page.evaluate(_SMALL)}
    problems |= {"scrolls without a sign": found.page.evaluate(_SILENT), "cut": found.page.evaluate(_CUT)}
    assert {name: problem for name, problem in problems.items() if problem} == {}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_spaced_text_is_not_cut(found: Visit, path: str, width: int) -> None:
    found.page.set_viewport_size({"width": width, "height": 800})
    found.open(path)
    found.page.evaluate(_SPACED)
    assert (found.page.evaluate(_CUT), found.overflow()) == ([], 0)


@pytest.mark.parametrize("path", PATHS)
def test_paper_cuts_nothing_and_a_picture_takes_two_sheets_at_most(found: Visit, path: str) -> None:
    found.page.set_viewport_size(PAPER)
    found.open(path)
    found.page.emulate_media(media="print")
    try:
        assert found.page.evaluate(_OUTSIDE) == []
        assert found.page.evaluate(_CUT) == []
        tall = found.page.evaluate("() => [...document.querySelectorAll('svg')].map((each) => each.clientHeight)")
        assert max(tall, default=0) < PAPER["height"], "a picture is on one sheet"
        if path.startswith("/queries/"):
            assert found.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") <= 2
    finally:
        found.page.emulate_media(media="screen")


def test_a_network_is_a_list_on_a_phone_and_on_long_paper(found: Visit) -> None:
    seen = "() => ['.net-list li', 'svg.network'].map((each) => document.querySelector(each).checkVisibility())"
    # Opened anew each time: what folds and unfolds takes a moment.
    for width, media in ((390, "screen"), (1280, "print")):
        found.page.set_viewport_size({"width": width, "height": 800})
        found.page.emulate_media(media=media)
        found.open(NETWORK)
        assert found.page.evaluate(seen) == [True, False]
    found.page.emulate_media(media="screen")
    found.open(NETWORK)
    assert found.page.evaluate(seen) == [False, True]
    found.follow(found.page.locator(".net .legend a").first)
    assert found.page.locator(".net .legend li").count() == 1, "the legend leads to the network of one"
    assert found.page.locator("svg.network").is_visible()

"""The second content in a real browser: in a language that the interface has no words of, and still accessible."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import Visit, visit
from tests.conftest import started

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "river"
PATHS = ["/", "/doc/water/sagbekken", "/queries/how-it-flows", "/overview/measures", "/en/gaps"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with started(EXAMPLE, tmp_path_factory.mktemp("river")) as address:
        yield address


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_its_pages_are_sound_in_a_browser(browser: Browser, server: str, axe_source: str, width: str) -> None:
    found: Visit = visit(browser, server, axe_source, width=width, scheme="light", scripts=True)
    problems = {}
    for path in PATHS:
        status = found.open(path).status
        wrong = [*found.axe(), *found.errors, *found.outside()]
        if status != 200 or wrong or found.overflow():
            problems[path] = (status, wrong, found.overflow())
    found.page.context.close()
    assert problems == {}

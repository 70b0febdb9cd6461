"""Debian's Chromium by playwright, axe from npm, and a server of the shipped content: each started once."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.browsing import FLAGS, PATIENCE, Visit, visit
from tests.npm import packages

HERE = Path(__file__).parent
Open = Callable[..., Visit]
expect.set_options(timeout=PATIENCE)


def missing(reason: str) -> NoReturn:
    """Skip the tests with a reason; fail where all of them must run."""
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def axe_source() -> str:
    """Give the text of axe."""
    return (packages(HERE) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Chromium, with an empty folder of its own for user data."""
    path = shutil.which("chromium")
    if path is None:
        missing("chromium is not installed")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def make_visit(browser: Browser, shipped_server: str, axe_source: str) -> Callable[..., Visit]:
    """Give what makes a browser page: ``make_visit(width=, scheme=, scripts=)``."""

    def make(*, width: str = "wide", scheme: Any = "light", scripts: bool = True) -> Visit:
        return visit(browser, shipped_server, axe_source, width=width, scheme=scheme, scripts=scripts)

    return make


@pytest.fixture
def open_page(make_visit: Callable[..., Visit]) -> Iterator[Open]:
    """Give what opens a path in a browser page of its own: ``open_page(path, width=, scheme=, scripts=)``."""
    visits: list[Visit] = []

    def make(path: str, **options: Any) -> Visit:
        visits.append(make_visit(**options))
        visits[-1].open(path)
        return visits[-1]

    yield make
    for each in visits:
        each.page.context.close()

"""A content made to break pages, in a real browser: nothing of it runs, and nothing is wider than the screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import Visit, visit
from tests.hostile import BASE

THING = BASE + "id/thing/"
PATHS = f"""
    / /en/ /thing/ /search?q=words /search?to=hub /queries/as-table /queries/as-list /queries/as-map /queries/as-matrix
    /queries/as-network /queries/as-timeline /ontology /shapes /gaps /catalog
    /doc/thing/markup /doc/thing/addresses /doc/thing/directions /doc/thing/control /doc/thing/empty /doc/thing/foreign
    /doc/thing/values /doc/thing/round /doc/thing/word /en/doc/thing/prose /doc/thing/source /doc/thing/hub
    /doc/thing/classed /doc/thing/markup?view=beside /profile/thing/word /compare?iri={THING}markup&iri={THING}word
    /sparql?query=SELECT%20*%20%7B?s%20?p%20?o%7D%20LIMIT%20100
""".split()


@pytest.fixture(scope="module")
def narrow(browser: Browser, hostile_server: str, axe_source: str) -> Iterator[Visit]:
    found = visit(browser, hostile_server, axe_source, width="narrow", scheme="light", scripts=True)
    yield found
    found.page.context.close()


def test_nothing_of_the_content_runs(narrow: Visit) -> None:
    problems = {}
    for path in PATHS:
        answer = narrow.open(path)
        found = {
            "status": answer.status != 200 and answer.status,
            "hacked": narrow.page.evaluate("window.__hacked"),
            "reports and errors": narrow.errors,
            "outside": narrow.outside(),
            "sideways": narrow.overflow(),
        }
        if wrong := {name: value for name, value in found.items() if value}:
            problems[path] = wrong
    assert problems == {}


def test_links_of_the_content_run_no_script(narrow: Visit) -> None:
    narrow.open("/doc/thing/addresses")
    schemes = set(narrow.page.evaluate("[...document.links].map((each) => each.protocol)"))
    assert schemes <= {"http:", "https:"}

"""A question of a register answered, and what is found in registers, in a browser without scripts: nb and en."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from app.content.turtle import format_content
from app.editing.drawer import now
from app.editing.proposals import Event
from app.editing.statements import Evidence, IdentityQuestion, MeantThing, Statement
from app.terms import Iri
from tests.browser.browsing import visit
from tests.browser.test_review import log_in
from tests.conftest import started
from tests.editing.conftest import TEXTS, Town, bridge

SEE_ALSO = Iri("http://www.w3.org/2000/01/rdf-schema#seeAlso")
NEAR = """\
#+ title: {nb: Funnet i lister, en: Found in lists}
#+ proposals: true
#+ empty: {nb: Ta inn en liste., en: Take in a list.}
#+ columns:
#+   bridge: {nb: Bru, en: Bridge}
#+   near: {nb: Nær, en: Near}
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>

SELECT ?bridge ?near WHERE { ?bridge rdfs:seeAlso ?near } ORDER BY ?bridge
"""
WORDS = {
    "en": {
        "asks": "Is “SØRBRUA” in the register the same as South Bridge?",
        "yes": "Yes, it is South Bridge",
        "keep": "Keep the answers",
        "done": "All questions are answered.",
        "asked": "waits for an answer",
        "proposed": "proposed",
        "found": "Found in lists",
    },
    "nb": {
        "asks": "Er «SØRBRUA» i registeret den samme som Sørbrua?",
        "yes": "Ja, det er Sørbrua",
        "keep": "Lagre svarene",
        "done": "Alle spørsmålene er besvart.",
        "asked": "venter på svar",
        "proposed": "foreslått",
        "found": "Funnet i lister",
    },
}


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Town:
    found = Town(tmp_path_factory.mktemp("asked"), git=False)
    for name, text in {**TEXTS, "queries/overviews/lists/10-found.rq": NEAR}.items():
        found.write(name, text)
    format_content(found.content())
    return found


@pytest.fixture(scope="module")
def site(town) -> Iterator[str]:
    with started(town.root, town.state.parent, town.state, edit="1") as address:
        yield address


@pytest.mark.parametrize("language", ["nb", "en"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_reviewer_answers_and_sees_what_is_found(browser, site, town, axe_source, language, width):
    words, start = WORDS[language], site if language == "nb" else f"{site}en/"
    near = Statement(bridge("sorbrua"), SEE_ALSO, bridge("nordbrua"), "data/register/list.ttl")
    question = IdentityQuestion(
        "0123456789ab",
        "SØRBRUA",
        "list.csv",
        (1,),
        1,
        (MeantThing(bridge("sorbrua"), (), (near,), {near[:2]: ()}),),
        (Evidence({"nb": "Sted", "en": "Place"}, ("SØRBRUA",)),),
    )
    name = town.propose(title="Brulisten", questions=(question,)).name
    town.drawer.update(name, door="import")
    visited = visit(browser, site, axe_source, width=width, scheme="light", scripts=width == "wide")
    page = visited.page
    try:
        log_in(page, site, town)
        page.goto(f"{start}edit/")
        visited.follow(page.locator("main").get_by_role("link", name=words["found"]))
        expect(page.get_by_role("link", name=words["asked"]).first).to_be_visible()
        fits(visited, width)
        visited.follow(page.get_by_role("link", name=words["asked"]).first)
        page.goto(f"{start}edit/proposals/{name}")
        expect(page.get_by_role("group", name=words["asks"])).to_be_visible()
        fits(visited, width)
        page.get_by_role("radio", name=words["yes"]).check()
        visited.follow(page.get_by_role("button", name=words["keep"]))
        expect(page.get_by_text(words["done"])).to_be_visible()
        expect(page.locator(".changes-told")).to_contain_text("Nordbrua" if language == "nb" else "North Bridge")
        fits(visited, width)
        page.goto(f"{start}gaps")
        visited.follow(page.locator("main").get_by_role("link", name=words["found"]))
        fits(visited, width)
        visited.follow(page.locator('main a[href$="/edit/overview/lists"]'))
        expect(page.get_by_role("link", name=words["proposed"], exact=True).first).to_be_visible()
        assert visited.errors == []
    finally:
        page.context.close()
        town.drawer.transition(name, {"open"}, Event(now(), "refused", "reviewer", "x"))


def fits(visited, width):
    assert visited.overflow() <= 0
    assert visited.outside() == []
    if width == "wide":
        assert visited.axe() == []

"""Suggesting, logging in, reading a proposal, refusing and accepting it: in a browser, wide and narrow."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.content.turtle import format_content
from app.editing import entrance
from app.editing.drawer import Drawer
from tests.browser.browsing import visit
from tests.conftest import started
from tests.editing.conftest import TEXTS, Town, label, renamed


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Town:
    found = Town(tmp_path_factory.mktemp("reviewed"), git=False)
    for name, text in TEXTS.items():
        found.write(name, text)
    format_content(found.content())
    return found


@pytest.fixture(scope="module")
def site(town) -> Iterator[str]:
    with started(town.root, town.state.parent, town.state, edit="1") as address:
        yield address


@pytest.fixture
def open_site(browser, site, axe_source):
    visits = []

    def make(path: str, **options):
        visits.append(
            visit(browser, site, axe_source, **{"width": "wide", "scheme": "light", "scripts": True, **options})
        )
        visits[-1].open(path)
        return visits[-1]

    yield make
    for each in visits:
        each.page.context.close()


def log_in(page: Page, site: str, town: Town) -> None:
    page.goto(f"{site}en/edit/login?token={entrance.new_link(town.state)}")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("You are logged in as a reviewer.")).to_be_visible()


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_anybody_suggests_a_change_from_a_page(open_site, site, town, width):
    visited = open_site("en/doc/bridge/nordbrua", width=width, scripts=width == "wide")
    page = visited.page
    visited.follow(page.locator("footer").get_by_role("link", name="Suggest a change"))
    expect(page.get_by_text("North Bridge")).to_be_visible()
    if width == "wide":
        assert visited.axe() == []
    page.get_by_label("What should be changed").fill("It has been pulled down <b>now</b>.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    name = page.locator("main strong").first.inner_text()
    assert Drawer(town.state).get(name).note == "It has been pulled down <b>now</b>."


def test_a_reviewer_reads_refuses_and_accepts(open_site, site, town):
    visited = open_site("en/")
    page = visited.page
    log_in(page, site, town)
    wrong = town.propose(added=[label("sorbrua", "Enda et navn")], title="Feil").name
    right = town.propose(**renamed(), title="Nytt navn").name
    page.goto(f"{site}en/edit/proposals/")
    assert visited.axe() == []
    page.get_by_role("link", name="Feil").click()
    expect(page.get_by_text("This has to be mended first:")).to_be_visible()
    assert visited.axe() == []
    page.get_by_label("Why it is refused").fill("Den har navn.")
    visited.follow(page.get_by_role("button", name="Refuse"))
    expect(page.get_by_text("Den har navn.").first).to_be_visible()
    assert town.drawer.get(wrong).state == "refused"
    page.goto(f"{site}en/edit/proposals/{right}")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("link", name=re.compile("It is in version"))).to_be_visible()
    assert '"Nordre bru"@nb' in town.text("data/plan/bridges.ttl")
    page.goto(f"{site}en/edit/log")
    expect(page.get_by_text("Den har navn.")).to_be_visible()
    assert visited.axe() == []
    visited.follow(page.get_by_role("button", name="Log out"))
    page.goto(f"{site}en/edit/log")
    expect(page.get_by_role("heading", name="Log in to edit")).to_be_visible()


@pytest.mark.parametrize("path", ["en/edit/proposals/", "edit/proposals/{}", "edit/suggest?about=/doc/bridge/sorbrua"])
def test_pages_fit_a_telephone_and_need_no_script(open_site, site, town, path):
    visited = open_site("", width="narrow", scripts=False)
    log_in(visited.page, site, town)
    name = town.propose(removed=[label("sorbrua", "Sørbrua" * 20)], title="Et langt navn " * 10).name
    visited.page.goto(site + path.format(name))
    assert visited.overflow() <= 0
    assert visited.outside() == []
    assert visited.errors == []

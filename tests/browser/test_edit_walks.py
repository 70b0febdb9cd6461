"""A year in short: a school, a visitor, a reviewer and an editor with git, one after the other on one site."""

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from app.content.folders import Content
from app.content.turtle import format_content
from app.editing import entrance
from app.editing.drawer import Drawer
from tests.browser.browsing import Visit, visit
from tests.conftest import started
from tests.editing.conftest import git_environment
from tests.web.edited import BASE, EX, written

END, COST = f'[name="cell.0.{EX}end"]', f'[name="cell.0.{EX}cost"]'


@dataclass
class Site:
    """The address of a site whose content is a git checkout, and where its files are."""

    host: str
    root: Path
    state: Path

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=git_environment()).stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("walked")
    found = Site("", written(folder / "content"), folder / "state")
    format_content(Content.open(found.root))
    found.git("init", "--quiet")
    found.git("add", "--all")
    found.git("-c", "user.name=Redaktør", "-c", "user.email=editor@example.org", "commit", "--quiet", "-m", "Content")
    with started(found.root, folder, found.state, edit="1") as found.host:
        yield found


@pytest.fixture
def person(browser: Browser, site: Site, axe_source: str) -> Iterator[Visit]:
    """Give the browser page of somebody who is logged in."""
    found = visit(browser, site.host, axe_source, width="wide", scheme="light", scripts=True)
    found.open(f"edit/login?token={entrance.new_link(site.state)}")
    found.page.locator("main").get_by_role("button", name="Logg inn").click()
    expect(found.page.get_by_text("Du er logget inn som godkjenner.")).to_be_visible()
    yield found
    found.page.context.close()


@pytest.fixture
def visitor(browser: Browser, site: Site, axe_source: str) -> Iterator[Visit]:
    """Give the browser page of somebody who is not, on a telephone without scripts."""
    found = visit(browser, site.host, axe_source, width="narrow", scheme="light", scripts=False)
    yield found
    found.page.context.close()


def fill_in(found: Visit, thing: str, fields: dict[str, str], voice: str) -> str:
    """Fill in the form of a thing, read what will change, send it; give the name of the proposal."""
    found.open(f"edit/activity/{thing}")
    found.page.locator("form details").evaluate_all("all => all.forEach((each) => { each.open = true; })")
    for field, text in fields.items():
        found.page.locator(field).fill(text)
    found.page.locator("#voice").select_option(voice)
    return sent(found.page)


def sent(page: Page) -> str:
    """See what will change, and send it."""
    page.locator('main button[value="check"]').last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dette blir endret")
    page.get_by_role("button", name="Send forslaget").click()
    expect(page).to_have_url(re.compile(r"/edit/proposals/\d"))
    return page.url.rpartition("/")[2]


def accept(person: Visit, names: list[str]) -> None:
    """Accept proposals together in the list, and wait until that has ended."""
    page = person.page
    person.open("edit/proposals/")
    for name in names:
        page.locator(f'input[value="{name}"]').check()
    person.follow(page.get_by_role("button", name="Godta de valgte samlet"))  # the list of before holds no alert
    expect(page.locator(".ds-alert", has_text="holder på å bli godtatt")).to_have_count(0)


def test_from_the_form_to_the_page_and_back(person: Visit, visitor: Visit, site: Site) -> None:
    page, drawer = person.page, Drawer(site.state)
    strategy = f"{BASE}graph/strategy"
    cost = fill_in(person, "fjordlys", {COST: "1300", END: "2025"}, strategy)
    wrong = fill_in(person, "brubygging", {END: "2033"}, strategy)

    visitor.open("doc/activity/fjordlys")
    visitor.follow(visitor.page.locator("footer").get_by_role("link", name="Foreslå en endring"))
    visitor.page.locator("#words").fill("Den ble ferdig i 2025.")
    visitor.page.get_by_role("button", name="Send", exact=True).click()
    expect(visitor.page.get_by_role("heading", name="Takk")).to_be_visible()
    assert visitor.overflow() <= 0

    # One is taken over and mended, and then refused with a reason that its sender reads.
    person.open(f"edit/proposals/{wrong}")
    page.get_by_role("link", name="Overta og rett").click()
    expect(page.locator(END)).to_have_value("2033")
    page.locator(END).fill("2026")
    mended = sent(page)
    assert drawer.get(mended).answers == wrong
    person.open(f"edit/proposals/{wrong}")
    page.get_by_label("Hvorfor det avslås").fill("Det er 2026.")
    page.get_by_role("button", name="Avslå").click()
    expect(page.get_by_text("Det er 2026.").first).to_be_visible()

    # An editor has not committed yet: that is said by the file's name, and nothing is lost.
    file = site.root / "data/strategy/activities.ttl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"Fjordlys"@nb', '"Fjordlyset"@nb'), encoding="utf-8")
    accept(person, [cost, mended])
    page.get_by_text("Hva programmet svarte").click()
    expect(page.locator("main pre")).to_contain_text("data/strategy/activities.ttl")
    assert {drawer.get(name).state for name in (cost, mended)} <= {"open", "failed"}
    file.write_text(text, encoding="utf-8")

    accept(person, [cost, mended])
    assert {drawer.get(name).state for name in (cost, mended)} == {"accepted"}
    assert drawer.get(cost).commit == drawer.get(mended).commit == site.git("rev-parse", "HEAD").strip()
    assert site.git("rev-list", "--count", "HEAD").strip() == "2"
    assert site.git("status", "--porcelain") == ""
    visitor.open("doc/activity/fjordlys")
    expect(visitor.page.locator("main")).to_contain_text("2025")

    person.open(f"edit/proposals/{cost}")
    expect(page.get_by_role("link", name=re.compile("versjon"))).to_be_visible()
    person.follow(page.get_by_role("button", name="Foreslå å angre det"))
    expect(page.locator("main")).to_contain_text("1300")
    assert page.url.rpartition("/")[2] != cost


def test_a_thing_is_taken_out_only_by_who_says_so(person: Visit, site: Site) -> None:
    page = person.page
    person.open("edit/activity/fjordlys")
    page.get_by_text("Ta den bort, eller sett noe annet i stedet").click()
    page.get_by_label("Noe annet kommer i stedet").check()
    page.locator('main button[value="check"]').last.click()
    expect(page.locator(".ds-error-summary")).to_contain_text("Skriv hva som kommer i stedet.")
    assert person.axe() == []
    page.locator("#successor").fill("Brubygging")
    name = sent(page)
    person.open(f"edit/proposals/{name}")
    expect(page.locator("main")).to_contain_text("trukket tilbake")
    page.get_by_role("link", name="Overta og rett").click()
    expect(page.get_by_label("Noe annet kommer i stedet")).to_be_checked()
    expect(page.locator("#successor")).to_have_value("Brubygging")


@pytest.mark.parametrize("language", ["", "en/"])
def test_what_is_shown_of_a_workbook_keeps_to_the_guidelines(person: Visit, site: Site, language: str) -> None:
    page = person.page
    book = load_workbook(io.BytesIO(page.request.get(f"{site.host}edit/workbook.xlsx?class=activity").body()))
    assert book.sheetnames[1:4] == ["aktivitet", "deltakelse", "kilde"]
    sheet = book["aktivitet"]
    end = next(cell.column for cell in sheet[1] if str(cell.value) == f"{EX}end")
    sheet.cell(4, end).value = "i fjor"
    target = io.BytesIO()
    book.save(target)
    person.open(f"{language}edit/workbook")
    file = {"name": "ark.xlsx", "mimeType": "application/octet-stream", "buffer": target.getvalue()}
    page.locator("#workbook-file").set_input_files([file])  # type: ignore[list-item] - a FilePayload
    page.locator("form[enctype] button").click()
    expect(page.locator(".found")).to_contain_text("aktivitet!")
    assert person.axe() == []
    person.open(f"{language}edit/proposals/?state=all")
    assert person.axe() == []
    person.follow(page.locator("main .hits a").first)
    assert person.axe() == []
    person.open(f"{language}edit/log")
    assert person.axe() == []
    assert person.outside() == []

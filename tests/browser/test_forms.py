"""Forms in a real browser: found by keyboard and reader, without scripts, on a narrow screen, in both languages."""

import re
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.browser.browsing import Visit, visit
from tests.web.edited import BASE, EX, LABEL, application, built, logged_in

Enter = Callable[..., Visit]
END, COST = f'[name="cell.0.{EX}end"]', f'[name="cell.0.{EX}cost"]'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Give the address of a server where people edit, and the cookie of who is logged in there."""
    app = application(built(tmp_path_factory.mktemp("edited")))
    cookie = logged_in(app).get_cookie("innherred-edit", domain="127.0.0.1")
    assert cookie
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", cookie.value
    server.shutdown()
    thread.join()


@pytest.fixture
def enter(browser: Browser, site: tuple[str, str], axe_source: str) -> Iterator[Enter]:
    """Give what opens a page for somebody who is logged in: ``enter(path, width=, scripts=)``."""
    visits: list[Visit] = []

    def make(path: str, *, width: str = "wide", scripts: bool = True) -> Visit:
        host, cookie = site
        found = visit(browser, host, axe_source, width=width, scheme="light", scripts=scripts)
        visits.append(found)
        found.page.context.add_cookies([{"name": "innherred-edit", "value": cookie, "url": host}])
        found.open(path)
        return found

    yield make
    for each in visits:
        each.page.context.close()


def check(page: Page) -> None:
    page.locator('button[value="check"]').last.click()


@pytest.mark.parametrize("path", ["edit/", "edit/new/activity", "edit/activity/brubygging", "edit/workbook"])
@pytest.mark.parametrize(("language", "width"), [("", "narrow"), ("en/", "wide")])
def test_the_pages_keep_to_the_guidelines_and_the_screen(enter: Enter, path: str, language: str, width: str) -> None:
    found = enter(language + path, width=width)
    assert found.axe() == []
    assert found.overflow() <= 0
    assert found.errors == []
    assert found.outside() == []


@pytest.mark.parametrize(("width", "scripts"), [("wide", False), ("narrow", True)])
def test_a_school_fills_in_its_form_mends_it_and_sends_it(enter: Enter, width: str, scripts: bool) -> None:
    found = enter("edit/activity/brubygging", width=width, scripts=scripts)
    page = found.page
    page.locator(END).fill("i fjor")
    check(page)
    summary = page.locator(".ds-error-summary")
    expect(summary).to_contain_text("i fjor")
    if scripts:
        expect(summary).to_be_focused()
        assert found.axe() == []
    summary.get_by_role("link").first.click()
    expect(page.locator(END)).to_have_value("i fjor")
    expect(page.locator(END)).to_be_in_viewport()
    page.locator(END).fill("2025-06")
    page.get_by_label("Hvem sier det som er nytt her?").select_option(BASE + "graph/strategy")
    check(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Dette blir endret")
    expect(page.locator("main")).to_contain_text("2023")
    expect(page.locator("main")).to_contain_text("juni 2025")
    if scripts:
        assert found.axe() == []
        assert found.overflow() <= 0
    page.get_by_role("button", name="Gå tilbake og endre").click()
    expect(page.locator(END)).to_have_value("2025-06")
    check(page)
    page.get_by_role("button", name="Send forslaget").click()
    expect(page).to_have_url(re.compile("/edit/proposals/"))
    assert found.errors == []


def test_enter_in_a_field_shows_what_will_change_and_sends_nothing(enter: Enter) -> None:
    page = enter("edit/activity/brubygging").page
    page.get_by_label("Hvem sier det som er nytt her?").select_option(BASE + "graph/strategy")
    page.locator("details", has=page.locator(COST)).last.locator("summary").click()
    page.locator(COST).fill("12")
    page.locator(COST).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dette blir endret")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_folded_group_says_what_is_in_it_and_opens_for_who_goes_there_and_for_an_error(
    enter: Enter, scripts: bool
) -> None:
    found = enter("edit/activity/brubygging", scripts=scripts)
    page = found.page
    group = page.locator("details.folded-group", has=page.locator(COST))
    expect(group.locator("summary")).to_contain_text("ingenting ennå: kostnad, stor")
    expect(page.locator(COST)).to_be_hidden()
    page.get_by_role("navigation", name="I dette skjemaet").get_by_role("link", name="Hvor stort").click()
    expect(page.locator(COST)).to_be_visible()
    page.locator(COST).fill("mye")
    check(page)
    expect(page.locator(".ds-error-summary")).to_contain_text("mye")
    expect(page.locator(COST)).to_have_value("mye")
    expect(page.locator(COST)).to_be_visible()
    if scripts:
        assert found.axe() == []


def test_the_order_of_the_keyboard_is_that_of_the_form(enter: Enter) -> None:
    page = enter("edit/activity/brubygging").page
    page.locator(f'[name="cell.0.{LABEL}@nb"]').focus()
    seen = []
    for _ in range(6):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("() => document.activeElement.getBoundingClientRect().top + scrollY"))
    assert seen == sorted(seen)


def test_one_more_part_is_where_the_reader_goes_on(enter: Enter) -> None:
    found = enter("edit/activity/brubygging")
    found.page.locator('button[value="part|0"]').click()
    expect(found.page.locator("#row-2")).to_be_focused()
    assert found.axe() == []


def test_what_will_change_is_readable_on_paper(enter: Enter) -> None:
    page = enter("edit/activity/fjordlys").page
    page.get_by_label("Hvem sier det som er nytt her?").select_option(BASE + "graph/strategy")
    page.locator(COST).fill("77")
    check(page)
    page.emulate_media(media="print")
    expect(page.locator("main")).to_contain_text("77")
    expect(page.get_by_role("button", name="Send forslaget")).to_be_hidden()

"""Suggestions below the search field, by keyboard and mouse, as the WAI-ARIA pattern of a combobox has it."""

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("playwright")

OPTIONS = ".suggestions [role=option]"


def test_the_keyboard_opens_chooses_and_closes(open_page: Callable[..., Any]) -> None:
    page = open_page("/search").page
    field = page.locator("#q")
    field.press_sequentially("snaasa k")
    page.wait_for_selector(OPTIONS)
    assert field.get_attribute("aria-expanded") == "true"
    # Those of what was written so far may come first.
    page.locator(f"{OPTIONS}:first-child", has_text="Snåsa kommune").wait_for()
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == page.locator(OPTIONS).first.get_attribute("id")
    assert page.locator(OPTIONS).first.get_attribute("aria-selected") == "true"
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    field.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "snaasa k"
    field.press("ArrowDown")
    page.wait_for_selector(OPTIONS)
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/doc/municipality/snasa")


def test_enter_without_a_choice_searches(open_page: Callable[..., Any]) -> None:
    page = open_page("/en/queries/").page
    field = page.locator("#site-search")
    field.press_sequentially("levan")
    page.wait_for_selector(OPTIONS)
    field.press("Enter")
    page.wait_for_url("**/en/search?q=levan")


def test_a_click_opens_what_is_suggested(open_page: Callable[..., Any]) -> None:
    page = open_page("/search").page
    # At once: a list that is replaced between pressing and releasing the button opens nothing.
    page.locator("#q").fill("levanger ko")
    page.locator(OPTIONS, has_text="Levanger kommune").first.click()
    page.wait_for_url("**/doc/municipality/levanger")


@pytest.mark.parametrize(("width", "is_open"), [("narrow", False), ("wide", True)])
def test_filters_are_folded_where_they_would_push_the_results_away(
    open_page: Callable[..., Any], width: str, is_open: bool
) -> None:
    page = open_page("/search?q=kultur", width=width).page
    assert page.locator("details.fold").evaluate("(each) => each.open") is is_open


def test_filters_work_without_scripts(open_page: Callable[..., Any]) -> None:
    page = open_page("/search?q=kultur", scripts=False).page
    page.locator(".facet a[href*='municipality=snasa']").click()
    page.wait_for_url("**/search?municipality=snasa&q=kultur")
    assert page.locator(".chips .ds-chip").count() == 1

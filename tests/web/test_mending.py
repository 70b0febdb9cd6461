"""A proposal that another takes over: its form has what was proposed, and what is sent is the whole change."""

import pytest
from flask import Flask

from app.config import Settings
from app.editing.drawer import Drawer, now
from app.editing.proposals import Event
from tests.web.conftest import Client
from tests.web.edited import application, built, logged_in, see
from tests.web.test_forms import COST, END, LABEL, NAME, NAME_EN, STRATEGY, WHO, said, sent


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("mended"))


@pytest.fixture(scope="module")
def edited(settings: Settings) -> Flask:
    return application(settings)


@pytest.fixture
def person(edited: Flask, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("app.web.editing.review._judge_once", lambda _name: None)
    return logged_in(edited)


def link(person: Client, name: str) -> str:
    """Give the address to which the button of a proposal leads."""
    page = see(person, f"/edit/proposals/{name}")
    return next(given["href"] for tag, given in page.tags if tag == "a" and "?from=" in given.get("href", ""))


def test_what_was_proposed_stands_in_the_form_and_is_sent_whole(person, settings):
    first = sent(settings, person, "/edit/activity/brubygging", {COST: "1200", END: "2024", "voice": STRATEGY})
    address = link(person, first.name)
    assert address == f"/edit/activity/brubygging?from={first.name}"
    page = see(person, address)
    assert (page.value(COST), page.value(END), page.value("voice")) == (["1200"], ["2024"], [STRATEGY])
    second = sent(settings, person, address, {COST: "1300"})
    assert second.answers == first.name
    assert {str(each[2]) for each in said(second)[1]} == {"1300", "2024"}
    assert {str(each[2]) for each in said(second)[0]} == {"2023"}
    # From its page one finds the other.
    assert second.name in see(person, f"/edit/proposals/{first.name}").text


def test_sent_as_it_was_it_is_the_same_change(person, settings):
    first = sent(settings, person, "/edit/activity/brubygging", {COST: "1200", "voice": STRATEGY})
    second = sent(settings, person, link(person, first.name), {})
    assert said(second) == said(first)


def test_a_new_thing_is_taken_over_too(person, settings):
    first = sent(
        settings, person, "/edit/new/activity", {NAME: "Ny aktivitet", NAME_EN: "New activity", "voice": STRATEGY}
    )
    address = link(person, first.name)
    assert address == f"/edit/new/activity?from={first.name}"
    assert see(person, address).value(NAME) == ["Ny aktivitet"]
    second = sent(settings, person, address, {NAME: "Enda nyere"})
    labels = {str(value) for _thing, predicate, value in said(second)[1] if predicate == LABEL}
    assert labels == {"Enda nyere", "New activity"}
    assert said(second)[0] == set()


def test_a_part_that_was_taken_out_or_put_in_is_so_in_the_form(person, settings):
    first = sent(settings, person, "/edit/activity/brubygging", {"gone.1": "1"})
    address = link(person, first.name)
    assert see(person, address).value("gone.1") == ["1"]
    assert said(sent(settings, person, address, {})) == said(first)
    assert see(person, "/edit/activity/brubygging").value(WHO) == ["Eksempelvik kommune"]


@pytest.mark.parametrize("name", ["x", "../secret", "20260101-000000-aaaaaa", ""])
def test_what_is_no_proposal_changes_nothing_in_the_form(person, name):
    page = see(person, f"/edit/activity/brubygging?from={name}")
    assert (page.status, page.value(COST)) == (200, see(person, "/edit/activity/brubygging").value(COST))


def test_what_is_decided_about_is_not_taken_over(person, settings):
    first = sent(settings, person, "/edit/activity/brubygging", {COST: "777", "voice": STRATEGY})
    Drawer(settings.state).add_event(first.name, Event(now(), "refused", "reviewer", "Nei"))
    assert see(person, f"/edit/activity/brubygging?from={first.name}").value(COST) != ["777"]

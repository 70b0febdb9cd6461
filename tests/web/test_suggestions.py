"""Suggestions of anybody, in words: kept once, whole, as text; nothing asked of a person; no way to flood us."""

import re
from dataclasses import replace

import pytest
from flask import Flask

from app.config import Settings
from app.editing.drawer import Drawer, now
from app.editing.proposals import Event
from app.web import create_app
from app.web.editing import session, suggestions
from tests.web.conftest import BASE, Client

HOST = "http://127.0.0.1"


@pytest.fixture(scope="module")
def edited(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    state = tmp_path_factory.mktemp("suggested")
    for name in ("generations", "current", "changes.sqlite"):
        (state / name).symlink_to((settings.state / name).resolve())
    found = create_app(replace(settings, state=state, edit=1))
    found.testing = False
    found.test_client_class = Client
    return found


@pytest.fixture
def visitor(edited: Flask) -> Client:
    edited.extensions.pop("editing_limits", None)
    return edited.test_client()


def form(client: Client, about: str = "", **more: str) -> dict[str, str]:
    """Give the hidden fields of the form as a browser would send them."""
    page = client.get("/edit/suggest", base_url=HOST, query_string={"about": about, **more}).text
    shown = page[page.index('<form class="edit-form"') :].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown))


def send(client: Client, words: str, about: str = "", **more: str):
    return client.post("/edit/suggest", base_url=HOST, data={**form(client, about), "words": words, **more})


def kept(edited: Flask, answer):
    name = answer.headers["Location"].rpartition("/")[2]
    return Drawer(edited.config["SETTINGS"].state).get(name)


@pytest.fixture
def thing(client) -> str:
    """Give the path of the page of some thing."""
    found = re.search(r"/doc/[a-z]+/[a-z0-9-]+", client.get("/sitemap-1.xml").text)
    return found[0]


def test_what_is_told_is_kept_with_the_page_and_without_a_person(edited, visitor, thing):
    answer = send(visitor, "Det heter noe annet nå.\r\nSe siden deres.", thing)
    assert answer.status_code == 303
    found = kept(edited, answer)
    assert (found.door, found.note) == ("suggestion", "Det heter noe annet nå.\nSe siden deres.")
    assert found.page == f"{BASE}id/{thing.removeprefix('/doc/')}"
    assert [(each.state, each.role) for each in found.history] == [("open", "visitor")]
    assert (found.added, found.removed) == ((), ())
    page = visitor.get(answer.headers["Location"], base_url=HOST)
    assert found.name in page.text
    assert thing in page.text


def test_who_has_the_address_sees_what_became_of_it(edited, visitor):
    answer = send(visitor, "Noe")
    name = kept(edited, answer).name
    Drawer(edited.config["SETTINGS"].state).add_event(name, Event(now(), "refused", "reviewer", "Det <b>står</b> der."))
    page = visitor.get(answer.headers["Location"], base_url=HOST).text
    assert "Det &lt;b&gt;står&lt;/b&gt; der." in page


def test_sent_twice_it_is_kept_once(edited, visitor):
    fields = {**form(visitor), "words": "To ganger"}
    first, second = (visitor.post("/edit/suggest", base_url=HOST, data=fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len([each for each in Drawer(edited.config["SETTINGS"].state).all() if each.note == "To ganger"]) == 1


@pytest.mark.parametrize("words", ["", "   \r\n\t ", "\0\x1b", "x" * (suggestions.LONGEST + 1)], ids=len)
def test_nothing_and_too_much_are_not_kept_and_not_lost(edited, visitor, words):
    before = len(Drawer(edited.config["SETTINGS"].state).all())
    answer = send(visitor, words)
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert len(words.strip("\0\x1b \r\n\t")) == answer.text.count("x" * 1000) * 1000 + (len(words) > 1000)
    assert len(Drawer(edited.config["SETTINGS"].state).all()) == before


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "{{ 7*7 }}", "\u202egnp.exe", "a\ud7ff\U0001f600", "'\"><img>"]
)
def test_what_looks_like_a_page_is_shown_as_it_was_written(edited, visitor, words):
    found = kept(edited, send(visitor, words))
    assert found.note == words
    page = visitor.post("/edit/suggest", base_url=HOST, data={**form(visitor), "words": words * 4000}).text
    assert "<script>alert" not in page
    assert "<img>" not in page


@pytest.mark.parametrize(
    "about",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "evil", "/" + "a" * 600),
        *("/doc/\n", "", "/", "/<b>"),
    ],
)
def test_a_suggestion_is_about_a_page_of_ours_or_of_none(edited, visitor, about):
    found = kept(edited, send(visitor, "Noe", about))
    assert found.page is None
    assert "evil" not in found.title


def test_a_page_without_a_thing_is_known_too(edited, visitor):
    for about in ("/gaps?thing=x", "/en/gaps"):
        answer = send(visitor, "Noe", about)
        assert kept(edited, answer).page == f"{BASE}gaps"
        assert 'href="/gaps"' in visitor.get(answer.headers["Location"], base_url=HOST).text


def test_a_gap_is_named(edited, visitor, client):
    gap = re.search(r'"shape": "([^"]+)"', client.get("/gaps?format=json").text)
    assert gap is not None
    fields = form(visitor, "/gaps", gap=gap[1])
    assert fields["gap"] == gap[1]
    title = kept(edited, send(visitor, "Noe", "/gaps", gap=gap[1])).title
    assert not title.startswith("/gaps")
    assert kept(edited, send(visitor, "Noe", "/gaps", gap="http://evil.example/x")).title == "/gaps"


@pytest.mark.parametrize(
    "wrong", [{"proof": "x"}, {"proof": ""}, {"name": "20260101-000000-aaaaaa"}, {"website": "buy"}]
)
def test_a_form_that_is_not_ours_is_not_taken(visitor, wrong):
    fields = {**form(visitor), "words": "Noe", **wrong}
    assert visitor.post("/edit/suggest", base_url=HOST, data=fields).status_code == 400


@pytest.mark.parametrize("name", ["..", "../secret", "20260101-000000-aaaaaa", "%2e%2e%2fsecret", "x" * 300])
def test_nothing_else_is_read_by_the_address_of_a_suggestion(visitor, name):
    assert visitor.get(f"/edit/suggest/{name}", base_url=HOST).status_code == 404


def test_what_came_by_another_door_is_not_shown_to_anybody(edited, visitor):
    drawer = Drawer(edited.config["SETTINGS"].state)
    other = replace(kept(edited, send(visitor, "Noe")), name=drawer.new_name(), door="form")
    drawer.put(other)
    assert visitor.get(f"/edit/suggest/{other.name}", base_url=HOST).status_code == 404


def test_a_flood_is_held(visitor):
    answers = [send(visitor, f"Nummer {number}").status_code for number in range(24)]
    assert answers == [303] * 20 + [429] * 4


def test_no_more_are_taken_than_somebody_can_read(visitor, monkeypatch):
    monkeypatch.setattr("app.editing.drawer.MOST_SUGGESTIONS", 0)
    answer = send(visitor, "Noe")
    assert answer.status_code == 503
    assert "venter allerede" in answer.text


def test_pages_lead_here_only_where_people_edit(client, visitor, thing):
    for path in ("/", thing, "/gaps"):
        assert "/edit" not in client.get(path).text
        assert "/edit/suggest?about=" in visitor.get(path, base_url=HOST).text
    assert visitor.get("/", base_url=HOST).headers["ETag"] != client.get("/", base_url=HOST).headers["ETag"]


def test_what_becomes_known_of_a_visitor_is_told(client, visitor):
    assert "cookie" in visitor.get("/en/privacy", base_url=HOST).text
    assert "only when you suggest a change" not in client.get("/en/privacy").text
    assert session.FIELD in visitor.get("/edit/suggest", base_url=HOST).text

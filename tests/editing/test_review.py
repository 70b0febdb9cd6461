"""Reviewing on the web: what a proposal would change, deciding about it, and what runs while somebody waits."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from app.editing import entrance
from app.editing.drawer import now
from app.editing.entrance import Login
from app.editing.proposals import Event, Finding, Proposal
from app.web import create_app
from app.web.editing import commands, session
from app.web.editing.review import MANY, takes_away
from app.web.editing.sending import note_sender
from tests.editing.conftest import bridge, label, renamed
from tests.waiting import until
from tests.web.conftest import Client

HOST = "http://127.0.0.1"
# Checks are a process for each page that is opened: they begin only where a test is about them.
pytestmark = pytest.mark.usefixtures("quiet")


class Desk:
    """The content, edited on the web, and clients of people in several roles."""

    def __init__(self, town):
        self.town = town
        self.settings = replace(town.settings, edit=1)
        self.app = create_app(self.settings)
        self.app.testing = False
        self.app.test_client_class = Client

    def client(self, role: str | None, sender: str = "somebody") -> Client:
        client = self.app.test_client()
        if role:
            with self.app.test_request_context("/edit/", base_url=HOST):
                session.log_in(lambda _name: Login(role, sender, session.ends()))
                from flask import g

                client.set_cookie("innherred-edit", g.editing_name, domain="127.0.0.1")
        return client

    def see(self, client: Client, path: str):
        return client.get(path, base_url=HOST)

    def send(self, client: Client, path: str, **fields):
        cookie = client.get_cookie("innherred-edit", domain="127.0.0.1")
        headers = {"Cookie": f"innherred-edit={cookie.value}"} if cookie else {}
        with self.app.test_request_context("/edit/", base_url=HOST, headers=headers):
            token = session.signed("form", cookie.value) if cookie else ""
        return client.post(path, base_url=HOST, data={session.FIELD: token, **fields})

    def finished(self, name: str, what: str = "accept"):
        until(lambda: not commands.is_running(self.settings, what, name), 900)
        return self.town.drawer.get(name)


@pytest.fixture
def desk(town):
    return Desk(town)


@pytest.fixture
def reviewer(desk):
    return desk.client("reviewer")


@pytest.fixture
def editor(desk):
    return desk.client("editor")


def many(town, number=MANY + 1):
    """Give a proposal that takes much away."""
    removed = [label("sorbrua", f"Navn {each}") for each in range(number)]
    return town.propose(removed=removed, title="Rydding")


READ = ("/edit/proposals/", "/edit/log", "/edit/log.jsonl", "/edit/proposals/{}")
WRITTEN = ("accept", "{}/refuse", "{}/withdraw", "{}/undo", "{}/judge")


@pytest.mark.parametrize("path", READ)
def test_who_is_not_logged_in_sees_nothing_and_is_asked_to(desk, path):
    name = desk.town.propose(**renamed()).name
    answer = desk.see(desk.client(None), path.format(name))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/edit/login?next=%2Fedit%2F")
    assert "Nordre" not in answer.text


@pytest.mark.parametrize("path", WRITTEN)
def test_who_is_not_logged_in_decides_nothing(desk, path):
    name = desk.town.propose(**renamed()).name
    answer = desk.send(desk.client(None), f"/edit/proposals/{path.format(name)}", name=name, words="x")
    assert answer.status_code == 401
    assert desk.town.drawer.get(name).state == "open"


@pytest.mark.parametrize("path", ["accept", "{}/refuse", "{}/undo", "{}/withdraw"])
def test_an_editor_decides_nothing_about_what_others_sent(desk, editor, path):
    name = desk.town.propose(**renamed()).name
    answer = desk.send(editor, f"/edit/proposals/{path.format(name)}", name=name, words="x")
    assert answer.status_code == 403
    assert desk.town.drawer.get(name).state == "open"
    assert not commands.is_running(desk.settings, "accept", name)


def test_a_login_that_has_ended_decides_nothing(desk, reviewer):
    name = desk.town.propose(**renamed()).name
    for path in (desk.town.state / "editing" / "logins").glob("*.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "ends": 1}))
    assert desk.send(reviewer, f"/edit/proposals/{name}/refuse", words="x").status_code == 401
    assert desk.town.drawer.get(name).state == "open"


def test_a_role_that_was_taken_away_decides_nothing(desk, reviewer):
    name = desk.town.propose(**renamed()).name
    for path in (desk.town.state / "editing" / "logins").glob("*.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "role": "editor"}))
    assert desk.send(reviewer, f"/edit/proposals/{name}/refuse", words="x").status_code == 403


def test_the_page_tells_in_words_what_changes_and_for_whom_it_can_be_decided(desk, reviewer, editor):
    name = desk.town.propose(**renamed(), title="Nytt <b>navn</b>", note="Skiltet er <i>nytt</i>").name
    page = desk.see(reviewer, f"/edit/proposals/{name}").text
    for told in (
        "Nordbrua",
        "Nordre bru",
        "Nytt &lt;b&gt;navn&lt;/b&gt;",
        "Skiltet er &lt;i&gt;nytt",
        "plan/bridges.ttl",
    ):
        assert told in page, told
    assert f"/edit/proposals/{name}/refuse" in page
    other = desk.see(editor, f"/edit/proposals/{name}").text
    assert "Nordre bru" in other
    assert "/refuse" not in other
    assert 'action="/edit/proposals/accept"' not in other


def test_a_conflict_is_shown_three_ways(desk, reviewer):
    town = desk.town
    name = town.propose(**renamed()).name
    town.write("data/plan/bridges.ttl", town.text("data/plan/bridges.ttl").replace("Nordbrua", "Nordgangbrua"))
    page = desk.see(reviewer, f"/en/edit/proposals/{name}").text
    for told in ("Changed by others", "Nordbrua", "Nordgangbrua", "Nordre bru"):
        assert told in page, told
    assert "1 conflict" in desk.see(reviewer, "/en/edit/proposals/").text


def test_what_is_accepted_is_written_by_a_command_and_the_page_tells_how_it_goes(desk, reviewer):
    town = desk.town
    name = town.propose(**renamed(), title="Nytt navn").name
    answer = desk.send(reviewer, "/edit/proposals/accept", name=name, words="--help")  # no option of a command
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/edit/proposals/{name}")
    assert desk.send(reviewer, "/edit/proposals/accept", name=name).status_code == 409  # it has begun
    waiting = desk.see(reviewer, f"/en/edit/proposals/{name}")
    assert waiting.headers.get("Refresh") or town.drawer.get(name).state == "accepted"
    done = desk.finished(name)
    assert (done.state, done.history[-1].role, done.history[-1].words) == ("accepted", "reviewer", "--help")
    assert '"Nordre bru"@nb' in town.text("data/plan/bridges.ttl")
    page = desk.see(reviewer, f"/en/edit/proposals/{name}")
    assert "Refresh" not in page.headers
    assert done.version in page.text
    assert done.commit[:12] in page.text
    # What is accepted can be taken back, by a proposal like any other.
    answer = desk.send(reviewer, f"/edit/proposals/{name}/undo")
    back = town.drawer.get(answer.headers["Location"].rpartition("/")[2])
    assert (back.door, back.answers, back.state) == ("undo", name, "open")
    assert [str(each.value) for each in back.added] == ["Nordbrua"]


def test_checks_begin_when_the_page_is_opened_and_are_shown(desk, editor, checking):
    wrong = [label("nordbrua", "Enda et navn")]
    name = desk.town.propose(added=wrong).name
    page = desk.see(editor, f"/en/edit/proposals/{name}")
    assert page.headers["Refresh"] == "3"
    assert "The checks are running" in page.text
    done = desk.finished(name, "judge")
    assert [each for each in done.findings if each.severity == "error"]
    page = desk.see(editor, f"/en/edit/proposals/{name}")
    assert "Refresh" not in page.headers
    assert "has to be mended" in page.text
    assert "One name in each language" in page.text


def test_what_cannot_be_accepted_says_why(desk, reviewer):
    name = desk.town.propose(added=[label("nordbrua", "Enda et navn")]).name
    desk.send(reviewer, "/edit/proposals/accept", name=name)
    assert desk.finished(name).state == "open"
    page = desk.see(reviewer, f"/en/edit/proposals/{name}").text
    assert "One name in each language" in page
    assert "Enda et navn" not in desk.town.text("data/plan/bridges.ttl")


def test_several_are_accepted_together(desk, reviewer):
    town = desk.town
    first = town.propose(**renamed(), title="Den ene").name
    second = town.propose(
        removed=[label("sorbrua", "Sørbrua")], added=[label("sorbrua", "Søndre bru")], title="Den andre"
    ).name
    answer = desk.send(reviewer, "/edit/proposals/accept", name=[first, second])
    assert answer.headers["Location"] == f"/edit/proposals/?started={first}"
    desk.finished(first)
    done = desk.finished(second)
    assert {town.drawer.get(each).state for each in (first, second)} == {"accepted"}
    assert town.drawer.get(first).commit == done.commit
    assert desk.see(reviewer, f"/edit/proposals/?started={first}").status_code == 200


def test_a_command_goes_on_without_the_server(desk):
    name = desk.town.propose(**renamed()).name
    program = (
        "import sys; from pathlib import Path; from app.config import Settings; from app.web.editing import commands\n"
        "s = Settings(content=Path(sys.argv[1]), state=Path(sys.argv[2]))\n"
        "assert commands.start(s, 'accept', [sys.argv[3]], ['--role=reviewer'], 'nb')\n"
        "import os, signal; os.killpg(0, signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", program, str(desk.town.root), str(desk.town.state), name]
    done = subprocess.run(command, start_new_session=True, check=False)
    assert done.returncode == -9
    assert commands.is_running(desk.settings, "accept", name)
    assert desk.finished(name).state == "accepted"


def test_a_command_that_has_ended_is_no_dead_process(desk):
    name = desk.town.propose(**renamed()).name
    assert commands.start(desk.settings, "show", [name], (), "nb")
    desk.finished(name, "show")
    until(lambda: not dead_children())


def dead_children() -> list[str]:
    """Give the children of this process that have ended and that nobody waited for."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if state == "Z" and parent == str(os.getpid()):
                found.append(path.parent.name)
    return found


def test_who_takes_much_away_types_how_much(desk, reviewer, monkeypatch):
    begun = []
    monkeypatch.setattr("app.web.editing.commands.start", lambda *given: begun.append(given) or True)
    name = many(desk.town).name
    page = desk.see(reviewer, f"/edit/proposals/{name}").text
    assert f"{MANY + 1}" in page
    assert 'id="number"' in page
    asked = desk.send(reviewer, "/edit/proposals/accept", name=name, words="Ja")
    assert (asked.status_code, 'name="number"' in asked.text) == (200, True)
    wrong = desk.send(reviewer, "/edit/proposals/accept", name=name, words="Ja", number="20")
    assert wrong.status_code == 400
    assert begun == []
    right = desk.send(reviewer, "/edit/proposals/accept", name=name, words="Ja", number=f" {MANY + 1} ")
    assert right.status_code == 303
    assert len(begun) == 1


def test_together_they_are_counted_together(desk, reviewer):
    names = [many(desk.town, MANY // 2 + 1).name for _ in range(2)]
    assert desk.send(reviewer, "/edit/proposals/accept", name=names).status_code == 200


def test_a_value_in_the_place_of_another_takes_nothing_away(town):
    assert takes_away(town.propose(**renamed(), put=False)) == 0
    assert takes_away(town.propose(removed=[label("nordbrua", "Nordbrua")], put=False)) == 1


def test_refusing_needs_a_reason_and_is_told(desk, reviewer):
    name = desk.town.propose(**renamed()).name
    assert desk.send(reviewer, f"/edit/proposals/{name}/refuse", words=" ").status_code == 400
    assert desk.send(reviewer, f"/edit/proposals/{name}/refuse", words="x" * 2001).status_code == 400
    assert desk.send(reviewer, f"/edit/proposals/{name}/refuse", words="Står <b>ikke</b> på skiltet").status_code == 303
    page = desk.see(reviewer, f"/edit/proposals/{name}").text
    assert "Står &lt;b&gt;ikke&lt;/b&gt; på skiltet" in page
    assert desk.send(reviewer, f"/edit/proposals/{name}/refuse", words="Igjen").status_code == 409
    assert desk.send(reviewer, "/edit/proposals/accept", name=name).status_code == 409


def test_who_sent_it_takes_it_back_and_nobody_else(desk):
    name = desk.town.propose(**renamed()).name
    mine, other = desk.client("editor", "one"), desk.client("editor", "other")
    cookie = mine.get_cookie("innherred-edit", domain="127.0.0.1").value
    with desk.app.test_request_context("/edit/", base_url=HOST, headers={"Cookie": f"innherred-edit={cookie}"}):
        note_sender(name)
    assert "/withdraw" not in desk.see(other, f"/edit/proposals/{name}").text
    assert desk.send(other, f"/edit/proposals/{name}/withdraw").status_code == 403
    assert "/withdraw" in desk.see(mine, f"/edit/proposals/{name}").text
    assert desk.send(mine, f"/edit/proposals/{name}/withdraw").status_code == 303
    assert desk.town.drawer.get(name).state == "withdrawn"


def suggestion(town, words="Brua er revet"):
    found = Proposal(
        town.drawer.new_name(),
        "suggestion",
        "Nordbrua",
        note=words,
        page=bridge("nordbrua"),
        history=(Event(now(), "open", "visitor"),),
    )
    town.drawer.put(found)
    return found.name


def test_a_suggestion_leads_to_the_form_and_is_dealt_with(desk, reviewer):
    name = suggestion(desk.town, "<script>alert(1)</script> Brua er revet")
    page = desk.see(reviewer, f"/edit/proposals/{name}")
    assert "Refresh" not in page.headers  # there is nothing to check
    assert "<script>alert" not in page.text
    assert f"/edit/bridge/nordbrua?from={name}" in page.text
    assert desk.send(reviewer, "/edit/proposals/accept", name=name, words="Rettet").status_code == 303
    assert desk.town.drawer.get(name).state == "accepted"


def test_the_list_is_by_state_and_door(desk, reviewer):
    town = desk.town
    one, two = town.propose(**renamed(), title="Fra skjema").name, suggestion(town)
    town.drawer.update(one, findings=(Finding("error", {"en": "x", "nb": "x"}),))
    page = desk.see(reviewer, "/en/edit/proposals/").text
    assert one in page
    assert two in page
    assert "1 error" in page
    only = desk.see(reviewer, "/edit/proposals/?door=suggestion").text
    assert one not in only
    assert two in only
    assert one not in desk.see(reviewer, "/edit/proposals/?state=refused").text
    desk.send(reviewer, f"/edit/proposals/{one}/refuse", words="Nei")
    assert one in desk.see(reviewer, "/edit/proposals/?state=refused").text
    assert one not in desk.see(reviewer, "/edit/proposals/").text
    assert one in desk.see(reviewer, "/edit/proposals/?state=all").text


@pytest.mark.parametrize("query", ["state=x", "door=x", "page=0", "page=x"])
def test_what_there_is_no_list_of_is_told(desk, reviewer, query):
    assert desk.see(reviewer, f"/edit/proposals/?{query}").status_code in (400, 404)


@pytest.mark.parametrize(
    "name", ["..", "../../secret", "%2e%2e%2f%2e%2e%2fediting%2fsecret", "x" * 300, "20260101-000000-aaaaaa", ".lock"]
)
def test_nothing_else_is_read_by_the_name_of_a_proposal(desk, reviewer, name):
    desk.town.propose(**renamed())
    assert desk.see(reviewer, f"/edit/proposals/{name}").status_code == 404
    assert desk.send(reviewer, f"/edit/proposals/{name}/refuse", words="x").status_code in (404, 405)
    assert desk.send(reviewer, "/edit/proposals/accept", name=name).status_code == 404
    assert desk.see(reviewer, f"/edit/proposals/?started={name}").status_code == 200
    assert entrance.secret(desk.town.state).hex() not in desk.see(reviewer, f"/edit/proposals/?started={name}").text


def test_a_damaged_proposal_breaks_no_list(desk, reviewer):
    name = desk.town.propose(**renamed()).name
    (desk.town.state / "proposals" / f"{name}.json").write_text("{")
    page = desk.see(reviewer, "/edit/proposals/")
    assert page.status_code == 200
    assert name in page.text
    assert desk.see(reviewer, f"/edit/proposals/{name}").status_code == 503


def test_the_log_says_who_by_role_and_why_and_can_be_taken_along(desk, reviewer):
    town = desk.town
    first, second = town.propose(**renamed(), title="Første").name, town.propose(**renamed(), title="Andre").name
    desk.send(reviewer, f"/edit/proposals/{first}/refuse", words="Feil bru")
    desk.send(reviewer, f"/edit/proposals/{second}/refuse", words="«Linje»\nto")
    page = desk.see(reviewer, "/edit/log").text
    assert "Feil bru" in page
    lines = [json.loads(line) for line in desk.see(reviewer, "/edit/log.jsonl").text.splitlines()]
    assert {(each["proposal"], each["state"], each["role"], each["words"]) for each in lines} == {
        (first, "refused", "reviewer", "Feil bru"),
        (second, "refused", "reviewer", "«Linje»\nto"),
    }
    assert "somebody" not in desk.see(reviewer, "/edit/log.jsonl").text


def test_what_came_within_a_second_keeps_its_order_in_the_log(desk, reviewer):
    town = desk.town
    name = town.propose(**renamed(), title="Første").name
    moment = now()
    for state, words in (("failed", "Først"), ("open", ""), ("refused", "Så")):
        town.drawer.add_event(name, Event(moment, state, "reviewer", words))
    lines = [json.loads(line) for line in desk.see(reviewer, "/edit/log.jsonl").text.splitlines()]
    assert [each["words"] for each in lines] == ["Først", "Så"]
    page = desk.see(reviewer, "/edit/log").text
    assert page.index("Så</p>") < page.index("Først</p>")

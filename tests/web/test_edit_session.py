"""Who may edit: without the setting nobody, by a link one person, once; forms of other sites never."""

import re
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings
from app.editing import entrance
from app.editing.entrance import MOST, Login, Logins
from app.errors import SettingError
from app.web import create_app
from app.web.editing import session
from app.web.editing.session import Rate
from tests.web.conftest import Client

HOST = "http://127.0.0.1"
PUBLIC = ("/", "/data", "/privacy", "/gaps", "/changes", "/robots.txt", "/sitemap.xml", "/api/openapi.json", "/en/")


@pytest.fixture(scope="module")
def editing(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give settings of the same generation in a state of its own, with editing."""
    state = tmp_path_factory.mktemp("edited")
    for name in ("generations", "current", "changes.sqlite"):
        (state / name).symlink_to((settings.state / name).resolve())
    return replace(settings, state=state, edit=1)


@pytest.fixture(scope="module")
def edited(editing: Settings) -> Flask:
    found = create_app(editing)
    found.testing = False
    found.test_client_class = Client
    return found


@pytest.fixture
def visitor(edited: Flask) -> Client:
    edited.extensions.pop("editing_limits", None)
    return edited.test_client()


def token_of(client: Client, path: str = "/edit/login") -> str:
    """Give the form token of a page."""
    found = re.search(rf'name="{session.FIELD}" value="([^"]+)"', client.get(path, base_url=HOST).text)
    assert found, path
    return found[1]


def log_in(client: Client, state: Path) -> None:
    link = entrance.new_link(state)
    token = token_of(client, f"/edit/login?token={link}")
    answer = client.post("/edit/login", base_url=HOST, data={session.FIELD: token, "token": link})
    assert answer.status_code == 303


@pytest.fixture
def person(visitor: Client, editing: Settings) -> Client:
    log_in(visitor, editing.state)
    return visitor


def cookie(client: Client) -> str | None:
    found = client.get_cookie("innherred-edit", domain="127.0.0.1")
    return found.value if found else None


def test_without_the_setting_no_address_of_editing_is_there(app, client):
    assert not [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/edit")]
    for path in ("/edit/", "/edit/login", "/edit/suggest", "/en/edit/proposals/", "/edit/log", "/edit/login/callback"):
        answer, other = client.get(path), client.get(path.replace("edit", "nowhere"))
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (404, None)
        assert answer.text == other.text.replace("nowhere", "edit")
        assert client.post(path).status_code == client.post(path.replace("edit", "nowhere")).status_code == 405


@pytest.mark.parametrize("path", PUBLIC)
def test_nobody_who_only_reads_gets_a_cookie_from_a_site_that_is_edited(visitor, path):
    assert "Set-Cookie" not in visitor.get(path, base_url=HOST).headers


def test_a_page_kept_from_before_people_could_edit_is_not_taken_for_the_present_one(client, visitor):
    kept = client.get("/").headers["ETag"]
    answer = visitor.get("/", base_url=HOST, headers={"If-None-Match": kept})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != kept


def test_every_view_says_who_may_use_it(edited):
    views = {name: view for name, view in edited.view_functions.items() if name.startswith("edit.")}
    assert views
    assert [name for name, view in views.items() if not hasattr(view, "editing_rule")] == []


def test_a_link_logs_in_once(visitor, editing, edited):
    link = entrance.new_link(editing.state)
    for _ in range(2):  # a program that looks at links spends nothing
        assert visitor.get(f"/edit/login?token={link}", base_url=HOST).status_code == 200
    first = {session.FIELD: token_of(visitor, f"/edit/login?token={link}"), "token": link}
    before = cookie(visitor)
    answer = visitor.post("/edit/login", base_url=HOST, data=first)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/edit/")
    assert cookie(visitor) != before  # a name that somebody planted leads nowhere
    set_cookie = answer.headers["Set-Cookie"]
    assert all(part in set_cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/"))
    other = edited.test_client()
    second = {session.FIELD: token_of(other, f"/edit/login?token={entrance.new_link(editing.state)}"), "token": link}
    assert other.post("/edit/login", base_url=HOST, data=second).status_code == 403


def test_of_many_that_spend_a_link_at_once_one_is_let_in(tmp_path):
    link, spent = entrance.new_link(tmp_path), []
    threads = [threading.Thread(target=lambda: spent.append(entrance.spend(tmp_path, link))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(spent) == [False] * 7 + [True]


def test_a_link_lasts_fifteen_minutes_and_until_the_next_one(tmp_path, monkeypatch):
    old = entrance.new_link(tmp_path)
    link = entrance.new_link(tmp_path)
    assert not entrance.spend(tmp_path, old)
    later = entrance.time.time() + entrance.LINK_LASTS + 1
    monkeypatch.setattr(entrance.time, "time", lambda: later)
    assert not entrance.is_good(tmp_path, link)
    assert not entrance.spend(tmp_path, link)


@pytest.mark.parametrize("link", ["", "x", "../secret", "..", "a" * 5000, "%00", "ø"])
def test_what_is_no_link_logs_nobody_in(visitor, link):
    answer = visitor.post("/edit/login", base_url=HOST, data={session.FIELD: _any_token(visitor), "token": link})
    assert answer.status_code == 403
    assert visitor.get("/edit/log", base_url=HOST).status_code in (302, 404)


def _any_token(client: Client) -> str:
    """Give a form token by a page that anybody has."""
    client.set_cookie("innherred-edit", "A" * 43, domain="127.0.0.1")
    with client.application.test_request_context(base_url=HOST, headers={"Cookie": "innherred-edit=" + "A" * 43}):
        return str(session.csrf_field()).split('value="')[1].rstrip('">')


def test_what_is_kept_is_for_the_owner_alone_and_has_no_name_of_a_browser(person, editing):
    files = [path for path in (editing.state / "editing").rglob("*") if path.is_file()]
    assert files
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert not [path for path in files if cookie(person) in path.read_text() + path.name]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0"])
def test_by_another_name_of_the_machine_nobody_edits(visitor, host):
    answer = visitor.get("/edit/login", base_url=f"http://{host}")
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:8000", "127.0.0.1:1"])
def test_by_the_names_of_this_machine_one_edits(visitor, host):
    assert visitor.get("/edit/login", base_url=f"http://{host}").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_does_nothing_even_with_the_token(person, headers):
    token = token_of(person, "/edit/login")
    answer = person.post("/edit/logout", base_url=HOST, data={session.FIELD: token}, headers=headers)
    assert answer.status_code == 403
    assert session.FIELD not in answer.text  # nor is it offered to be sent again
    assert "Log out" in person.get("/en/edit/login", base_url=HOST).text


@pytest.mark.parametrize("token", [None, "", "x", "A" * 43, "ø"])
def test_a_form_without_its_token_is_kept_and_can_be_sent_again(person, token):
    data = {"words": 'a "quoted" <b>word</b>'} | ({} if token is None else {session.FIELD: token})
    answer = person.post("/en/edit/logout", base_url=HOST, data=data, headers={"Origin": HOST})
    assert answer.status_code == 403
    assert "a &#34;quoted&#34; &lt;b&gt;word&lt;/b&gt;" in answer.text
    assert "Log out" in person.get("/en/edit/login", base_url=HOST).text
    again = re.search(rf'name="{session.FIELD}" value="([^"]+)"', answer.text)[1]
    assert person.post("/edit/logout", base_url=HOST, data={session.FIELD: again}).status_code == 200


def test_a_token_of_another_browser_is_none(person, edited):
    other = _any_token(edited.test_client())
    assert person.post("/edit/logout", base_url=HOST, data={session.FIELD: other}).status_code == 403


def test_who_logs_out_is_out_whoever_kept_the_cookie(person, edited):
    kept = cookie(person)
    assert person.post("/edit/logout", base_url=HOST, data={session.FIELD: token_of(person)}).status_code == 200
    thief = edited.test_client()
    thief.set_cookie("innherred-edit", kept, domain="127.0.0.1")
    assert "Log out" not in thief.get("/en/edit/login", base_url=HOST).text


def test_a_login_ends_by_itself(editing, tmp_path, monkeypatch):
    logins = Logins(tmp_path)
    logins.put("a", Login("editor", "somebody", session.time.time() + 3600))
    assert logins.get("a")
    now = session.time.time()
    monkeypatch.setattr("app.editing.entrance.time.time", lambda: now + 3601)
    assert logins.get("a") is None
    logins.put("b", Login("editor", "somebody", now + 7200))
    assert len(list((tmp_path / "editing" / "logins").iterdir())) == 1


def test_only_so_many_logins_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("app.editing.entrance.MOST", 5)
    assert MOST > 5
    logins, now = Logins(tmp_path), session.time.time()
    for number in range(12):
        logins.put(f"{number}", Login("editor", "", now + 3600 + number))
    assert [number for number in range(12) if logins.get(f"{number}")] == [7, 8, 9, 10, 11]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"role": "king", "sender": "", "ends": 9e99}', "\0", '{"ends": {}}'])
def test_what_is_no_login_is_none(tmp_path, text):
    logins = Logins(tmp_path)
    logins.put("a", Login("editor", "", session.time.time() + 3600))
    next((tmp_path / "editing" / "logins").iterdir()).write_text(text)
    assert logins.get("a") is None
    logins.put("b", Login("editor", "", session.time.time() + 3600))
    assert logins.get("b")


@pytest.mark.parametrize("value", ["x" * 43 + "y", "../../secret", "a b", "", "ø" * 43, "x" * 4000])
def test_what_is_no_name_of_a_login_is_none(visitor, value):
    answer = visitor.get("/en/edit/login", base_url=HOST, headers={"Cookie": f"innherred-edit={value}"})
    assert answer.status_code == 200
    assert "Log out" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        *("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)"),
        *("/\t/evil.example", "/edit/\r\nSet-Cookie: a=b", "evil.example", "", "/" + "a" * 600, "http:evil.example"),
        *("/%0d%0aa:b/../..//x\\", "///evil.example", "/ /evil.example\n"),
    ],
)
def test_after_the_login_nobody_is_sent_elsewhere(edited, address):
    with edited.test_request_context("/edit/login", base_url=HOST):
        assert session.local(address) == "/edit/"


def test_after_the_login_one_goes_on_where_one_was_going(edited):
    with edited.test_request_context("/edit/login", base_url=HOST):
        assert session.local("/en/edit/log?page=2") == "/en/edit/log?page=2"


def test_a_flood_of_forms_is_held_by_client_and_by_all(visitor, edited):
    edited.extensions["editing_limits"] = Rate(2, 5, 600)
    token = _any_token(visitor)

    def send(address: str) -> int:
        sent = {session.FIELD: token, "token": "no"}
        answer = visitor.post("/edit/login", base_url=HOST, data=sent, environ_base={"REMOTE_ADDR": address})
        return answer.status_code

    assert [send("192.0.2.1") for _ in range(3)] == [403, 403, 429]
    assert [send(f"192.0.2.{number}") for number in range(2, 7)] == [403, 403, 403, 429, 429]


def test_a_long_form_is_not_read(visitor):
    sent = {session.FIELD: _any_token(visitor), "token": "x" * (session.FORM + 1)}
    assert visitor.post("/edit/login", base_url=HOST, data=sent).status_code == 413


def test_pages_of_editing_are_kept_nowhere(person):
    headers = person.get("/edit/login", base_url=HOST).headers
    assert (headers["Cache-Control"], headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert "ETag" not in headers


@pytest.mark.parametrize("wrong", [{"host": "0.0.0.0"}, {"host": "192.0.2.1"}, {"host": "example.org"}, {"proxies": 1}])
def test_one_person_edits_on_this_machine_only(editing, wrong):
    with pytest.raises(SettingError, match="INNHERRED_OIDC_ISSUER"):
        create_app(replace(editing, **wrong))


def test_serve_tells_before_it_builds_that_editing_would_be_open_to_all(tmp_path):
    command = [sys.executable, "-m", "app.cli", "serve", "--edit", "--host", "0.0.0.0", "--state", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 2
    assert "INNHERRED_OIDC_ISSUER" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_secret_is_one_for_all_processes(tmp_path):
    made = []
    threads = [threading.Thread(target=lambda: made.append(entrance.secret(tmp_path))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(made)) == 1
    assert len(made[0]) == 32
    assert [path.name for path in (tmp_path / "editing").iterdir()] == ["secret"]

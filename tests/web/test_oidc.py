"""Logging in by OpenID Connect, at a real Keycloak; what an attacker would try on the way back."""

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from app.config import Settings
from app.editing.entrance import Login, Logins
from app.errors import SettingError
from app.web import create_app
from app.web.editing import session
from tests.web import keycloak
from tests.web.conftest import Client
from tests.web.keycloak import CLIENT, SECRET, SITE, Keycloak

COOKIE = "innherred-edit"


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    if reason := keycloak.lacking():
        pytest.skip(reason)
    with keycloak.started(tmp_path_factory.mktemp("keycloak")) as found:
        yield found


@pytest.fixture(scope="module")
def away(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give settings with a provider that nobody started."""
    state = tmp_path_factory.mktemp("edited")
    for name in ("generations", "current", "changes.sqlite"):
        (state / name).symlink_to((settings.state / name).resolve())
    return replace(
        settings,
        state=state,
        edit=1,
        host="0.0.0.0",
        public_address=SITE,
        oidc_issuer="http://127.0.0.1:9/realms/example",
        oidc_client=CLIENT,
        oidc_secret=SECRET,
        oidc_roles=f"resource_access {CLIENT} roles",
        oidc_editor="may-edit",
        oidc_reviewer="may-review",
    )


def made(settings: Settings) -> Flask:
    found = create_app(settings)
    found.testing = False
    found.test_client_class = Client
    return found


@pytest.fixture(scope="module")
def site(away: Settings, provider: Keycloak) -> Flask:
    return made(replace(away, oidc_issuer=provider.issuer))


class Browser(requests.Session):
    """As browsers do, it sends a cookie that is for https only to this machine all the same."""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        for each in self.cookies:
            each.secure = False
        return super().prepare_request(request)


class Person:
    """Somebody with a browser: cookies of the site, and of the provider."""

    def __init__(self, site: Flask) -> None:
        self.site, self.provider = site.test_client(), Browser()

    def get(self, path: str) -> TestResponse:
        return self.site.get(path, base_url=SITE)

    def start(self, target: str = "/en/edit/login") -> str:
        """Begin to log in, and give the address at the provider."""
        answer = self.site.get("/edit/login/start", base_url=SITE, query_string={"next": target})
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def enter(self, address: str, name: str) -> str:
        """Log in at the provider, and give the address that it sends the browser to."""
        page = self.provider.get(address, timeout=600)
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert action, page.text[:2000]
        answer = self.provider.post(
            html.unescape(action[1]),
            data={"username": name, "password": f"made-up-{name}"},
            allow_redirects=False,
            timeout=600,
        )
        assert answer.status_code == 302, answer.text[:2000]
        return answer.headers["Location"]

    def back(self, address: str) -> TestResponse:
        """Go where the provider sends one."""
        assert address.startswith(f"{SITE}/edit/login/callback?")
        return self.get(address.removeprefix(SITE))

    def log_in(self, name: str, target: str = "/en/edit/login") -> TestResponse:
        return self.back(self.enter(self.start(target), name))

    @property
    def role(self) -> str | None:
        shown = self.get("/en/edit/login").text
        found = re.search(r"You are logged in as an? (\w+)", shown)
        return found[1] if found else None


@pytest.mark.parametrize("name", ["editor", "reviewer"])
def test_who_has_a_role_is_logged_in_and_goes_on(site, away, name):
    person = Person(site)
    answer = person.log_in(name)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/edit/login")
    assert person.role == name
    cookie = person.site.get_cookie(COOKIE, domain="127.0.0.1").value
    assert len(cookie) == 43  # a name, and nothing else
    kept = "".join(path.read_text() for path in (away.state / "editing" / "logins").iterdir())
    for told in (name.title(), f"{name}@", "eyJ", cookie):
        assert told not in kept.replace(f'"role": "{name}"', "")


def test_the_request_has_state_nonce_and_pkce_and_leads_to_the_address_of_the_setting(site):
    answer = site.test_client().get("/edit/login/start", base_url=SITE, headers={"X-Forwarded-Host": "evil.example"})
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{SITE}/edit/login/callback"]
    assert asked["scope"] == ["openid"]
    assert asked["response_type"] == ["code"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()


def test_who_has_no_role_is_told_what_was_looked_for(site):
    person = Person(site)
    answer = person.log_in("visitor")
    assert answer.status_code == 403
    assert f"resource_access {CLIENT} roles" in answer.text
    assert "may-edit" in answer.text
    assert person.role is None


@pytest.mark.parametrize(("client", "role"), [(keycloak.USERINFO_CLIENT, "reviewer"), (keycloak.BARE_CLIENT, None)])
def test_roles_are_in_the_id_token_or_in_userinfo_and_nowhere_else(away, provider, client, role):
    roles = f"resource_access {client} roles"
    person = Person(made(replace(away, oidc_issuer=provider.issuer, oidc_client=client, oidc_roles=roles)))
    person.log_in("reviewer")
    assert person.role == role


def test_a_name_that_was_planted_leads_nowhere_after_the_login(site):
    person = Person(site)
    person.site.set_cookie(COOKIE, "P" * 43, domain="127.0.0.1")
    person.log_in("editor")
    assert person.role == "editor"
    attacker = Person(site)
    attacker.site.set_cookie(COOKIE, "P" * 43, domain="127.0.0.1")
    assert attacker.role is None


def test_an_answer_is_good_in_the_browser_that_asked_and_once(site):
    person, other = Person(site), Person(site)
    address = person.enter(person.start(), "editor")
    other.start()
    assert other.back(address).status_code == 403
    assert other.role is None
    assert person.back(address).status_code == 303
    assert person.back(address).status_code == 403


def changed(address: str, **values: str) -> str:
    """Give an address with other values in its query."""
    parts = urlsplit(address)
    given = {name: value for name, (value, *_) in parse_qs(parts.query).items()} | values
    return urlunsplit(
        parts._replace(query="&".join(f"{k}={requests.utils.quote(v, safe='')}" for k, v in given.items()))
    )


@pytest.mark.parametrize(
    "values",
    [
        {"state": "x"},
        {"state": ""},
        {"code": "x"},
        {"code": ""},
        {"iss": "https://evil.example/realms/example"},
        {"state": "Wzld.aaaa.bbbb"},
        {"state": "a" * 5000},
    ],
    ids=lambda values: str(values)[:40],
)
def test_an_answer_that_was_changed_logs_nobody_in(site, values):
    person = Person(site)
    address = person.enter(person.start(), "editor")
    assert person.back(changed(address, **values)).status_code == 403
    assert person.role is None


@pytest.mark.parametrize("values", [{"nonce": "another"}, {"code_challenge": "A" * 43}], ids=str)
def test_a_request_that_was_changed_on_the_way_logs_nobody_in(site, values):
    person = Person(site)
    address = person.enter(changed(person.start(), **values), "editor")
    assert person.back(address).status_code == 403
    assert person.role is None


def test_who_says_no_at_the_provider_is_told_to_try_again(site):
    person = Person(site)
    state = parse_qs(urlsplit(person.start()).query)["state"][0]
    answer = person.back(f"{SITE}/edit/login/callback?error=access_denied&state={state}")
    assert answer.status_code == 403
    assert person.role is None


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_the_login_nobody_is_sent_elsewhere(site, target):
    person = Person(site)
    assert person.log_in("editor", target).headers["Location"] == "/edit/"


def test_logins_that_are_given_up_leave_nothing(site, away):
    person = Person(site)
    before = sorted((away.state / "editing").rglob("*"))
    for _ in range(50):
        person.start()
    assert sorted((away.state / "editing").rglob("*")) == before
    assert len(person.site.get_cookie(COOKIE, domain="127.0.0.1").value) == 43


def test_keys_are_asked_for_again_when_they_were_changed(site, provider):
    Person(site).log_in("editor")
    keys = {"rsa.generated": {"priority": ["200"], "keySize": ["2048"]}}
    provider.admin(
        "POST",
        "/components",
        {
            "name": "newer",
            "providerId": "rsa-generated",
            "providerType": "org.keycloak.keys.KeyProvider",
            "config": keys["rsa.generated"],
        },
    )
    person = Person(site)
    person.log_in("editor")
    assert person.role == "editor"


def test_who_logs_out_is_logged_out_at_the_provider_too(site):
    person = Person(site)
    person.log_in("editor")
    page = person.get("/en/edit/login").text
    token = re.search(rf'name="{session.FIELD}" value="([^"]+)"', page)[1]
    answer = person.site.post("/en/edit/logout", base_url=SITE, data={session.FIELD: token}, headers={"Origin": SITE})
    assert answer.status_code == 200
    assert person.role is None
    place = answer.headers["Refresh"].partition("url=")[2]
    assert "id_token_hint=" in place
    left = person.provider.get(place, allow_redirects=False, timeout=600)
    assert (left.status_code, left.headers["Location"]) == (302, f"{SITE}/")  # and asks nothing
    assert "<form" in person.provider.get(person.start(), timeout=600).text  # one has to log in anew


def test_a_login_that_has_ended_is_asked_for_anew(site, away):
    person = Person(site)
    person.log_in("editor")
    name = person.site.get_cookie(COOKIE, domain="127.0.0.1").value
    Logins(away.state).put(name, Login("editor", "", session.time.time() - 1))
    assert person.role is None


def test_a_form_is_taken_from_the_public_address_alone(site):
    person = Person(site)
    person.log_in("editor")
    token = re.search(rf'name="{session.FIELD}" value="([^"]+)"', person.get("/en/edit/login").text)[1]
    for origin in ("http://127.0.0.1", "http://evil.example", "null"):
        answer = person.site.post(
            "/edit/logout", base_url=SITE, data={session.FIELD: token}, headers={"Origin": origin}
        )
        assert answer.status_code == 403
    assert person.role == "editor"


def test_while_the_provider_is_silent_pages_answer_and_the_login_says_so(away):
    client = made(away).test_client()
    assert client.get("/", base_url=SITE).status_code == 200
    assert client.get("/edit/login", base_url=SITE).status_code == 200
    answer = client.get("/en/edit/login/start", base_url=SITE)
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_by_another_name_one_is_sent_to_the_public_address(away):
    client = made(away).test_client()
    answer = client.get("/edit/login?next=/edit/", base_url="http://evil.example")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{SITE}/edit/login?next=/edit/")
    assert client.post("/edit/login", base_url="http://evil.example").status_code == 403


def test_over_https_the_cookie_is_tied_to_the_host(away):
    client = made(replace(away, public_address="https://data.example.org")).test_client()
    client.get("/edit/login/start", base_url="https://data.example.org")
    page = client.get("/edit/login", base_url="https://data.example.org")
    assert page.status_code == 200
    with client.application.test_request_context("/edit/login", base_url="https://data.example.org"):
        session.name()
        response = session.finish(client.application.make_response(""))
    told = response.headers["Set-Cookie"]
    assert told.startswith("__Host-innherred-edit=")
    assert all(part in told for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in told


def test_the_link_of_one_person_is_no_way_in_where_there_is_a_provider(away):
    from app.editing.entrance import new_link

    client, link = made(away).test_client(), new_link(away.state)
    client.set_cookie(COOKIE, "A" * 43, domain="127.0.0.1")
    with client.application.test_request_context(base_url=SITE, headers={"Cookie": f"{COOKIE}={'A' * 43}"}):
        token = str(session.csrf_field()).split('value="')[1].rstrip('">')
    answer = client.post("/edit/login", base_url=SITE, data={session.FIELD: token, "token": link})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"oidc_client": None}, {"public_address": None}, {"public_address": "http://data.example.org"}]
)
def test_settings_that_lack_something_are_told(away, wrong):
    with pytest.raises(SettingError):
        create_app(replace(away, **wrong))


def test_the_secret_may_stand_in_a_file(away, tmp_path: Path):
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    create_app(replace(away, oidc_secret=None, oidc_secret_file=str(tmp_path / "secret")))
    with pytest.raises(SettingError, match="INNHERRED_OIDC_SECRET_FILE"):
        create_app(replace(away, oidc_secret=None, oidc_secret_file=str(tmp_path / "none")))

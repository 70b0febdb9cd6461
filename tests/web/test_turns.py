"""Turns of pages: one client has some at once, others are not touched, and who asks for too many is told."""

import threading
from contextlib import ExitStack
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.config import Settings
from app.web import create_app
from app.web.admission import PageTurns, TooManyPages
from app.web.connections import Turns
from tests.web.conftest import Client

CRAWLER, READER = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "192.0.2.1"}
MOST = 3


def bounded(settings: Settings, proxies: int) -> tuple[Flask, PageTurns]:
    made = replace(settings, proxies=proxies)
    app, pages = create_app(made), PageTurns(MOST, MOST)
    app.test_client_class = Client
    app.wsgi_app = Turns(app.wsgi_app, 8, pages, made)
    return app, pages


@pytest.fixture
def crowded(settings: Settings) -> FlaskClient:
    """A site where a crawler has as many pages open as it may."""
    app, pages = bounded(settings, 1)
    with ExitStack() as opened:
        for _ in range(MOST):
            opened.enter_context(pages.enter("198.51.100.1"))
        yield app.test_client()


def test_who_asks_for_too_many_pages_is_told_and_when_to_come_back(crowded: FlaskClient) -> None:
    people = crowded.get("/", headers={**CRAWLER, "Accept": "text/html"})
    assert (people.status_code, people.mimetype) == (429, "text/html")
    assert int(people.headers["Retry-After"]) > 0
    assert "Du ber om mer enn 3 sider på en gang" in people.text
    assert "Be om én om gangen" in people.text
    assert people.headers["X-Robots-Tag"] == "noindex"
    assert "You ask for more than 3 pages" in crowded.get("/en/", headers={**CRAWLER, "Accept": "text/html"}).text
    program = crowded.get("/town/", headers={**CRAWLER, "Accept": "application/json"})
    assert (program.status_code, program.mimetype) == (429, "application/problem+json")
    assert (program.json["limit"], program.json["value"]) == ("INNHERRED_PAGES_PER_CLIENT", 3)


@pytest.mark.parametrize("path", ["/health", "/metrics", "/static/app.js", "/sparql?query=ASK%7B%7D"])
def test_what_has_bounds_of_its_own_or_none_is_not_refused(crowded: FlaskClient, path: str) -> None:
    assert crowded.get(path, headers=CRAWLER).status_code == 200


def test_others_do_not_notice(crowded: FlaskClient) -> None:
    assert crowded.get("/", headers=READER).status_code == 200


def test_a_proxy_that_nobody_told_of_is_not_taken_for_a_client(settings: Settings) -> None:
    app, pages = bounded(settings, 0)
    with ExitStack() as opened:
        for _ in range(MOST):
            opened.enter_context(pages.enter("127.0.0.1"))
            opened.enter_context(pages.enter("192.0.2.1"))
        assert app.test_client().get("/", environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200
        assert app.test_client().get("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 429


def test_pages_wait_for_their_turn_and_nothing_is_left_behind() -> None:
    pages, inside, most = PageTurns(2, 20), [], []
    begun, lock = threading.Barrier(20), threading.Lock()

    def ask() -> None:
        begun.wait()
        with pages.enter("a"):
            with lock:
                inside.append(1)
                most.append(len(inside))
            with lock:
                inside.pop()

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(most), max(most) <= 2) == (20, True)
    assert pages.clients == 0
    with pytest.raises(TooManyPages), PageTurns(1, 0).enter("a"):
        pass

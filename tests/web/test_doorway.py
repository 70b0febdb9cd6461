"""What a request says of how it came here."""

from dataclasses import replace

import pytest

from app.web import create_app
from tests.web.conftest import BASE, Client

PEOPLE = {"Accept": "text/html"}


@pytest.fixture
def behind(settings):
    """Give a client of a site that a proxy has below a path."""
    app = create_app(replace(settings, proxies=1, prefix="/graph"))
    app.test_client_class = Client
    return app.test_client()


def raw(app, path, host="localhost", **more):
    """Give status and headers of a request whose path and host no client has tidied."""
    found = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.errors": None,
        "HTTP_ACCEPT": "text/html",
        **({} if host is None else {"HTTP_HOST": host}),
        **more,
    }
    body = b"".join(app.wsgi_app(environ, lambda status, headers, *_: found.extend((status, dict(headers)))))
    return int(found[0][:3]), found[1], body.decode()


@pytest.mark.parametrize(
    "host", [None, "", "a.example,b.example", "a.example, a.example", "a/b", "a b", 'a"><b', "[::1"]
)
def test_one_host_is_wanted(app, host):
    status, headers, body = raw(app, "/", host)
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert "Send one Host header." in body


@pytest.mark.parametrize("host", ["a.example", "a.example:8000", "127.0.0.1", "[::1]:80", "xn--snsa-roa.example"])
def test_any_host_will_do(app, host):
    assert raw(app, "/health", host)[0] == 200


def test_http_1_0_has_no_host(app):
    assert raw(app, "/health", None, SERVER_PROTOCOL="HTTP/1.0")[0] == 200


PATHS = ["//evil.example/", "/\\evil.example/", "///evil.example", "/en//evil.example/", "/en/\\evil.example"]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_is_the_address_of_another_host(app, path):
    status, headers, body = raw(app, path)
    assert status == 404
    assert "Location" not in headers
    assert not [part for part in body.split('"') if part.startswith(("//", "/\\"))]


def test_a_thing_that_looks_like_a_host_is_described_here(app):
    from app.web import links

    with app.test_request_context("/"):
        app.preprocess_request()
        for rest in ("/evil.example/", "\\evil.example/", "//evil.example"):
            assert links.path_of(f"{BASE}{rest}") is None
            assert links.describe_link(f"{BASE}{rest}").startswith("/describe?iri=")
        assert links.path_of(f"{BASE}id/town/aasvaer") == "/doc/town/aasvaer"


SCHEMES = [
    ("https", "https"),
    ("http", "http"),
    ("http, https", "https"),
    ("javascript", "http"),
    ("https,ftp", "http"),
]


@pytest.mark.parametrize(("said", "scheme"), SCHEMES)
def test_the_scheme_is_one_of_the_web(behind, said, scheme):
    text = behind.get("/graph/catalog.ttl", headers={"X-Forwarded-Proto": said}).text
    assert f"<{scheme}://localhost/graph/sparql>" in text
    assert "javascript:" not in text


def test_without_a_proxy_nobody_says_the_scheme(client):
    assert "<https://localhost" not in client.get("/catalog.ttl", headers={"X-Forwarded-Proto": "https"}).text


def test_a_site_below_a_path_is_there_with_the_path_and_without(behind):
    for path in ("/graph/", "/"):
        answer = behind.get(path, headers=PEOPLE)
        assert answer.status_code == 200
        assert 'href="/graph/queries/"' in answer.text
    assert behind.get("/graphs", headers=PEOPLE).status_code == 404
    sent_on = behind.get("/graph/id/town/aasvaer")
    assert (sent_on.status_code, sent_on.headers["Location"]) == (303, "/graph/doc/town/aasvaer")


def test_metrics_are_at_one_path(client):
    assert client.get("/metrics").status_code == 200
    assert client.get("/en/metrics").status_code == 404


def test_pages_are_for_themselves_and_data_is_for_all(client):
    page, data = client.get("/", headers=PEOPLE), client.get("/catalog.ttl")
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in page.headers["Permissions-Policy"]
    assert data.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert data.headers["Access-Control-Allow-Origin"] == "*"
    plain = client.get("/sparql?query=ASK%7B%7D", headers={"Accept": "application/sparql-results+json"})
    assert plain.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

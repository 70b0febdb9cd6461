"""What every answer has: validators, headers, problem documents, languages."""

import json
import re
from collections import deque
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.web import create_app, serving

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
PATHS = (
    "/", "/en/", "/town/", "/doc/town/aasvaer", "/doc/town/aasvaer.ttl", "/describe?iri=ex:twin",
    "/search?q=x", "/queries/", "/queries/large", "/queries/large.csv", "/sparql", "/sparql?query=ASK%7B%7D",
    "/ontology", "/ontology.rdf", "/shapes", "/shape/Town", "/graph/strategy", "/graph/strategy.nt", "/dump/",
    "/dump/SHA256SUMS", "/catalog", "/catalog.ttl", "/.well-known/void", "/context.jsonld", "/robots.txt",
    "/sitemap.xml", "/sitemap-1.xml", "/doc/town/aasvaer.json", "/doc/town/aasvaer.linkset",
)  # fmt: skip


@pytest.mark.parametrize(
    "path", [*PATHS, "/health", "/id/town/aasvaer", "/no/where", "/sparql?query=x", "/static/none"]
)
def test_every_answer_says_what_may_be_loaded(client: FlaskClient, path: str) -> None:
    for headers in (PEOPLE, {"Accept": "application/json"}):
        answer = client.get(path, headers=headers)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"]


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_answer_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_every_representation_has_its_own_tag(client: FlaskClient) -> None:
    requests = [
        ("/doc/town/aasvaer", "text/html"),
        ("/en/doc/town/aasvaer", "text/html"),
        ("/doc/town/aasvaer?basis=strategy", "text/html"),
        ("/doc/town/aasvaer", "text/turtle"),
        ("/doc/town/bekk", "text/turtle"),
    ]
    answers = [client.get(path, headers={"Accept": accept}) for path, accept in requests]
    assert len({answer.headers["ETag"] for answer in answers}) == len(requests)
    assert all("Accept" in answer.headers["Vary"] for answer in answers)


@pytest.mark.parametrize("path", [*PATHS, "/health"])
def test_head_is_get_without_the_body(client: FlaskClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.data) == (get.status_code, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert head.headers.get("ETag") == get.headers.get("ETag")


@pytest.mark.parametrize("path", ["/", "/doc/town/aasvaer", "/search", "/dump/", "/health"])
def test_other_methods_are_told_which_there_are(client: FlaskClient, path: str) -> None:
    answer = client.post(path)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "POST" in client.options("/sparql").headers["Access-Control-Allow-Methods"]


types = st.sampled_from(
    ["text/html", "text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml", "text/csv",
     "application/json", "text/plain", "image/png", "text/*", "application/*", "*/*", "application/xhtml+xml"]
)  # fmt: skip
ranges = st.builds("{};q={}".format, types, st.sampled_from(["0", "0.1", "0.5", "1"]))


@given(st.lists(ranges, min_size=1, max_size=4))
def test_every_accept_gets_an_acceptable_type_or_is_told_there_is_none(app: Flask, accepted: list[str]) -> None:
    accept = ", ".join(accepted)
    for path in ("/doc/town/bekk", "/queries/large", "/graph/strategy", "/search?q=bekk"):
        answer = app.test_client().get(path, headers={"Accept": accept})
        if answer.status_code == 406:
            assert answer.mimetype in ("application/problem+json", "text/html")
        else:
            assert answer.status_code == 200
            assert answer.request.accept_mimetypes.quality(answer.mimetype) > 0, (path, accept, answer.mimetype)


def test_problem_documents_say_what_is_wrong(client: FlaskClient) -> None:
    answer = client.get("/doc/town/none")
    document = json.loads(answer.text)
    assert document["type"] == "about:blank"
    assert (document["title"], document["status"]) == ("Not Found", 404)
    assert "id/town/none" in document["detail"]
    # People are not shown the name of what is not there.
    assert "We cannot find the page" in (page := client.get("/en/doc/town/none", headers=PEOPLE).text)
    assert "id/town/none" not in page


def test_an_error_of_ours_shows_no_trace(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(settings)
    monkeypatch.setattr(serving.SearchIndex, "search", lambda *_, **__: 1 / 0)
    for headers in (PEOPLE, {}):
        answer = app.test_client().get("/search?q=x", headers=headers)
        assert answer.status_code == 500
        assert "division" not in answer.text
        assert "Traceback" not in answer.text


def test_the_language_is_that_of_the_path(client: FlaskClient) -> None:
    norwegian, english = (client.get(prefix + "/doc/town/aasvaer", headers=PEOPLE).text for prefix in ("", "/en"))
    assert '<html lang="nb"' in norwegian
    assert '<html lang="en"' in english
    assert ">Hvor sikkert?</h2>" in norwegian
    assert ">How sure?</h2>" in english
    for page in (norwegian, english):
        assert '<link rel="alternate" hreflang="en" href="/en/doc/town/aasvaer">' in page
        assert '<link rel="alternate" hreflang="nb" href="/doc/town/aasvaer">' in page
    assert 'href="/en/doc/town/bekk"' in english
    assert client.get("/doc/town/aasvaer", headers={**PEOPLE, "Accept-Language": "en"}).text == norwegian


def test_labels_of_the_data_are_never_markup(client: FlaskClient) -> None:
    for path in (
        "/doc/town/hostile",
        "/town/",
        "/search?q=sant",
        "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D",
    ):
        page = client.get(path, headers=PEOPLE).text
        # The data block of schema.org holds no "<" (test_linked_data.py).
        page = re.sub(r'<script type="application/ld\+json">[^<]*</script>', "", page)
        assert not re.search(r'<script(?! src="/static/)', page)
        assert "&lt;script&gt;" in page
        assert not re.search(r'(href|src|action)="(javascript|data):(?!,")', page)


@given(st.text(max_size=60))
def test_whatever_is_asked_for_is_escaped(app: Flask, text: str) -> None:
    page = app.test_client().get("/search", query_string={"q": f"<i>{text}</i>"}, headers=PEOPLE).text
    assert "<i>" not in page
    title = unescape(page.partition("<title>")[2].partition("</title>")[0])
    assert title.split() == f"Søk: <i>{text}</i> – Havdal".split() or "\x00" in text or "\r" in text


GRAPH = re.compile(r"\.(?:ttl|nt|rdf|jsonld|json)(?:\?|$)|[?&]format=(?:turtle|ntriples|rdfxml|jsonld|json)\b")


def is_repetition(path: str) -> bool:
    """Say whether the page of a thing is one of a product: of bases by formats, and of either by languages."""
    chosen = ("basis=" in path) + bool(GRAPH.search(path)) + path.startswith("/en/")
    return chosen > 1 and re.match("(?:/en)?/(?:doc/|describe)", path) is not None


@pytest.mark.parametrize("start", ["/", "/en/"])
def test_every_link_within_the_site_leads_somewhere(client: FlaskClient, start: str) -> None:
    seen: set[str] = set()
    titles: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        path = waiting.popleft()
        if path in seen or "/sparql?" in path or is_repetition(path):
            continue
        seen.add(path)
        answer = client.get(path, headers=PEOPLE)
        assert answer.status_code in (200, 303, 308), path
        if answer.status_code != 200:
            waiting.append(answer.headers["Location"])
        elif answer.mimetype == "text/html":
            assert answer.text.count("<h1") == 1, path
            title = answer.text.partition("<title>")[2].partition("</title>")[0]
            assert titles.setdefault(title, path) == path
            # One choice among the filters, not every combination of them: robots do not follow these at all.
            tags = [tag for tag in re.findall(r"<a [^>]*>", answer.text) if "?" not in path or "nofollow" not in tag]
            links = (unescape(link).partition("#")[0] for link in re.findall(r' href="(/[^"]*)"', "".join(tags)))
            waiting.extend(link for link in links if link.startswith("/en/") == start.startswith("/en"))
    assert len(seen) > 100


def test_a_new_generation_is_served_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_LOOK", 0.0)
    content = tmp_path / "content"
    (content / "data").mkdir(parents=True)
    file = content / "data" / "things.ttl"
    settings = Settings(content=content, state=tmp_path / "state")
    client = create_app(settings).test_client()
    assert client.get("/").status_code == 503
    assert client.get("/health").status_code == 503
    line = '<http://localhost:8000/id/thing/1> <http://www.w3.org/2000/01/rdf-schema#label> "{}" .'
    for name in ("First", "Second"):
        file.write_text(line.format(name))
        build(Content.open(content), settings, as_of=None, progress=Progress(quiet=True))
        answer = client.get("/doc/thing/1", headers=PEOPLE)
        assert f'<h1 class="ds-heading"><bdi>{name}</bdi></h1>' in answer.text
        assert '<html lang="en"' in answer.text


def test_english_content_has_its_pages_at_the_root_only(tmp_path: Path) -> None:
    content = tmp_path / "content"
    (content / "data").mkdir(parents=True)
    (content / "data" / "a.ttl").write_text('<urn:x> <http://www.w3.org/2000/01/rdf-schema#label> "Thing"@en .')
    settings = Settings(content=content, state=tmp_path / "state")
    build(Content.open(content), settings, as_of=None, progress=Progress(quiet=True))
    client = create_app(settings).test_client()
    answer = client.get("/en/describe?iri=urn:x")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/describe?iri=urn:x")
    assert "Thing" in client.get("/describe?iri=urn:x", headers=PEOPLE).text

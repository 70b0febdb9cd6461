"""A content made to break pages: every page of it is small, whole and without markup of the content."""

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from app.config import Settings
from app.web import create_app
from app.web.headers import POLICY
from tests.hostile import BASE, LONG, MANY
from tests.web.conftest import Client

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
# Most bytes of a page, and how many pages are visited.
BYTES, PAGES = 300_000, 90
# Most letters of a title or of what is said of a page in its head, of several names; and what must not stand there.
NAMES, TURNING = 1200, re.compile("[\u202a-\u202e\u2066-\u2069]")
THING = BASE + "id/thing/"
_FIRST = f"""
    / /en/ /thing/ /en/thing/ /script/ /spoke/ /search?q=words /search?q=w /search?text=%2A /search?to=hub /queries/
    /queries/as-table /queries/as-list /queries/as-map /queries/as-matrix /queries/as-network /queries/as-timeline
    /en/queries/as-table /queries/chosen /queries/chosen?this={THING}word /ontology /shapes /gaps /quality /catalog
    /dump/ /gaps?thing={THING}source /compare?kind=thing /compare?iri={THING}word&iri={THING}prose
    /compare?iri={THING}source&iri={THING}hub /profile/thing/word /profile/thing/source /doc/thing/word?view=beside
    /describe/incoming?iri={THING}hub
    /describe/incoming?iri={THING}hub&predicate={BASE}ontology%23to&class={BASE}ontology%23Spoke
    /describe?iri=javascript%3Awindow.__hacked%3D1 /sparql?query=SELECT%20*%20%7B?s%20?p%20?o%7D
""".split()


@pytest.fixture(scope="module")
def client(hostile: Settings) -> FlaskClient:
    app = create_app(hostile)
    app.testing = False
    app.test_client_class = Client
    return app.test_client()


class Seen(HTMLParser):
    """What a browser would make of a page: its elements, and the links that a robot follows."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.bad: list[str] = []
        self.links: list[str] = []
        self.heads: list[str] = []
        self.in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.elements.append(tag)
        self.in_title = tag == "title"
        if tag == "meta" and (given.get("name") == "description" or (given.get("property") or "").startswith("og:")):
            self.heads.append(given.get("content") or "")
        if tag in ("iframe", "img", "object", "embed", "style", "base", "u", "i", "b", "marquee"):
            self.bad.append(tag)
        if tag == "script" and not (given.get("src") or given.get("type") == "application/ld+json"):
            self.bad.append(str(attrs))
        for name, value in attrs:
            # Strict addresses: only ours and the web's; the picture of the tab is empty.
            if name.startswith("on") or name in {"srcdoc", "style"}:
                self.bad.append(name)
            if name in ("href", "src", "action") and not re.match(r"/(?!/)|https?://|#|data:,$|mailto:", value or "/"):
                self.bad.append(f"{name}={value}")
        if (
            tag == "a"
            and (href := given.get("href") or "").startswith("/")
            and "nofollow" not in (given.get("rel") or "")
        ):
            self.links.append(href.partition("#")[0])

    def handle_data(self, data: str) -> None:
        if self.in_title:
            self.heads.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.in_title = self.in_title and tag != "title"


def pages(client: FlaskClient) -> Iterator[tuple[str, bytes, Seen]]:
    """Visit the pages of each kind, then what they link to."""
    waiting, known = list(_FIRST), set(_FIRST)
    while waiting and len(known) - len(waiting) < PAGES:
        path = waiting.pop(0)
        answer = client.get(path, headers=PEOPLE)
        if answer.status_code in (303, 308):
            waiting.insert(0, answer.headers["Location"])
            continue
        assert answer.status_code == 200, path
        if answer.mimetype != "text/html":
            continue
        assert answer.headers["Content-Security-Policy"] == POLICY, path
        seen = Seen()
        seen.feed(answer.text)
        yield path, answer.data, seen
        # One of a kind of address, things all.
        for each in dict.fromkeys(seen.links):
            if each not in known and (each.startswith("/doc/thing/") or len(waiting) < PAGES):
                known.add(each)
                waiting.append(each)


def test_every_page_is_small_and_without_foreign_markup(client: FlaskClient) -> None:
    large: dict[str, int] = {}
    bad: dict[str, list[str]] = {}
    heads: dict[str, list[str]] = {}
    kinds: set[str] = set()
    for path, body, seen in pages(client):
        kinds.add(urlsplit(path).path.removeprefix("/en").split("/")[1])
        if len(body) > BYTES:
            large[path] = len(body)
        if seen.bad or seen.elements.count("h1") != 1:
            bad[path] = seen.bad
        assert b"\0" not in body, path
        if unfit := [each for each in seen.heads if len(each) > NAMES or TURNING.search(each)]:
            heads[path] = unfit
    assert large == {}
    assert bad == {}
    assert heads == {}
    assert {"doc", "search", "thing", "queries", "compare", "profile", "gaps", "ontology"} <= kinds


def test_long_texts_are_shortened_and_whole_in_the_data(client: FlaskClient) -> None:
    page = client.get("/doc/thing/prose", headers=PEOPLE).text
    data = '<a class="ds-link" href="/doc/thing/prose?format=turtle">hele teksten står i dataene</a>'
    assert f"(forkortet; {data})" in page
    whole = client.get("/doc/thing/prose.nt").text
    assert f'"{"long <b>words</b> " * (LONG // 18)}"@nb' in whole
    title = page.partition("<title>")[2].partition("</title>")[0]
    assert len(html.unescape(title)) < 500


def test_many_links_are_counted_and_paged(client: FlaskClient) -> None:
    hub = client.get("/doc/thing/hub", headers=PEOPLE).text.replace("\xa0", " ")
    many = f"{MANY:,}".replace(",", " ")
    assert f"({many})</dt>" in hub
    assert f">Alle {many}</a>" in hub
    assert 1 < hub.count("/doc/spoke/") <= 100
    both = client.get("/compare", query_string={"iri": [THING + "source", THING + "hub"]}, headers=PEOPLE).text
    assert f"({many})</span>" in both.replace("\xa0", " ")
    assert "og 9 900 til" in both.replace("\xa0", " ")
    page = client.get("/doc/thing/source", headers=PEOPLE).text
    assert "verdier vises. Dataene har alle." in page
    assert page.count("/doc/spoke/") <= 1000


def test_data_for_robots_ends_no_script(client: FlaskClient) -> None:
    for name in ("markup", "word", "control", "directions"):
        page = client.get(f"/doc/thing/{name}", headers=PEOPLE).text
        script = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
        assert json.loads(script)["@id"] == THING + name


def test_names_and_values_stay_readable(client: FlaskClient) -> None:
    control = client.get("/doc/thing/control", headers=PEOPLE).text
    assert "NUL � escape �[31m bell" in control
    turned = client.get("/doc/thing/directions", headers=PEOPLE).text
    assert "\u202e" not in turned.partition("<title>")[2].partition("</title>")[0]
    assert re.search("<bdi>[^<]*\u202e", turned)
    foreign = client.get("/doc/thing/foreign", headers=PEOPLE).text
    assert '<bdi lang="ru">только</bdi> <small>(russisk)</small>' in foreign
    assert "<h1" in client.get("/doc/thing/empty", headers=PEOPLE).text
    assert "og 2 980 til" in client.get("/doc/thing/classed", headers=PEOPLE).text.replace("\xa0", " ")


@pytest.mark.parametrize("path", ["/evil.example/", "//evil.example/x"])
def test_a_thing_whose_path_is_another_host_is_described_here(client: FlaskClient, path: str) -> None:
    answer = client.get("/describe", query_string={"iri": f"{BASE}{path}"}, headers=PEOPLE)
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert "in a path" in answer.text
    for form in ("text/turtle", "application/json", "application/linkset+json"):
        found = client.get("/describe", query_string={"iri": f"{BASE}{path}"}, headers={"Accept": form})
        assert (found.status_code, found.headers.get("Location")) == (200, None)
        assert "<//" not in found.headers.get("Link", "")

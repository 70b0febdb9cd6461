"""A content of another kind, ``docs/examples/river``: what the engine says of it is its own, in the right language."""

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from app.cli import main
from app.config import Settings
from app.content.folders import Content
from app.content.reading import read
from app.query.files import load
from app.terms import Literal
from app.web import create_app
from tests.web.conftest import Client

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "river"
BASE = "https://example.org/glimra/"
PEOPLE = {"Accept": "text/html"}
WATERS = [quote(f"{BASE}id/water/{name}", safe="") for name in ("sagbekken", "upper-glimra")]
# Every kind of page.
PAGES = f"""
    / /water/ /water/?status=poor /measurement/ /search?q=glimra /doc/water/sagbekken /doc/water/lower-glimra?why=1
    /doc/water/glimrevatnet?basis=plan /doc/station/bridge /doc/measure/fish-ladder /doc/claim/fields-sagbekken
    /doc/status/poor /doc/document/plan /gaps /quality /queries/ /queries/phosphorus /queries/what-is-done /queries/when
    /queries/how-it-flows /overview/measures /compare /compare?iri={WATERS[0]}&iri={WATERS[1]} /data /catalog /about
    /privacy /ontology /shapes /shape/Measure /graph/plan /graph/entailed/plan /changes /version/ /sparql /dump/
""".split()
LANGUAGES = {"": "nn", "/en": "en", "/nb": "nb"}
# Words of the region that is shipped with the program.
STRANGE = re.compile(r"innherredsregion|strateg|kommun|municipalit|regionråd|europakontor", re.IGNORECASE)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


class Page(HTMLParser):
    """The links of a page, and its texts, each with the names of the elements it stands in and its language."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._open: list[tuple[str, str | None]] = [("", None)]
        self.links: list[str] = []
        self.texts: list[tuple[tuple[str, ...], str | None, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.links += [each for name in ("href", "action") if (each := about.get(name))]
        if tag not in _VOID:
            self._open.append((tag, about.get("lang") or self._open[-1][1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        place = next((n for n in range(len(self._open) - 1, 0, -1) if self._open[n][0] == tag), None)
        del self._open[place or len(self._open) :]

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(tag for tag, _ in self._open), self._open[-1][1], data.strip()))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a copy of the content, built: ``content`` and ``state``."""
    folder = tmp_path_factory.mktemp("river")
    shutil.copytree(EXAMPLE, folder / "content")
    built = CliRunner().invoke(main, ["build", *options(folder)])
    assert built.exit_code == 0, built.output
    return folder


def options(folder: Path) -> list[str]:
    return ["--content", str(folder / "content"), "--state", str(folder / "state")]


@pytest.fixture(scope="module")
def run(place: Path) -> Callable[..., Result]:
    """Give a function that runs a command on the content, with its messages in English."""
    return lambda *words: CliRunner().invoke(main, [*map(str, words), *options(place)], env={"LANG": "C"})


@pytest.fixture(scope="module")
def client(place: Path) -> FlaskClient:
    settings = Settings(content=place / "content", state=place / "state", languages="nb")
    app = create_app(settings)
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture(scope="module")
def pages(client: FlaskClient) -> dict[str, str]:
    """Give the text of each kind of page in each language, by its path."""
    found = {}
    for path in (language + page for language in LANGUAGES for page in PAGES):
        answer = client.get(path, headers=PEOPLE, follow_redirects=True)
        assert answer.status_code == 200, path
        found[path] = answer.text
    return found


def test_nothing_is_wrong_with_it_and_what_is_missing_is_told(run: Callable[..., Result]) -> None:
    checked = run("check")
    assert checked.exit_code == 0, checked.output
    assert "0 errors, 0 warnings, 2 notes" in checked.output
    assert "Nobody has measured anything at" in checked.output
    assert run("format", "--check").exit_code == 0


def test_a_river_that_flows_in_a_circle_is_refused(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "content")
    (tmp_path / "content/data/reading/circle.ttl").write_text(
        f"<{BASE}id/water/glimrefjorden> <{BASE}ontology#flowsInto> <{BASE}id/water/kvitetjorna> .", encoding="utf-8"
    )
    checked = CliRunner().invoke(main, ["check", *options(tmp_path)], env={"LANG": "C"})
    assert checked.exit_code == 1
    assert "flows into itself in the end" in checked.output


def test_every_link_of_every_kind_of_page_leads_somewhere(client: FlaskClient, pages: dict[str, str]) -> None:
    links = {urljoin(path, link).partition("#")[0] for path, text in pages.items() for link in Page(text).links}
    # Files of styles and scripts are made by the installation.
    own = {link for link in links if link.startswith("/") and not link.startswith("/static/")}
    assert len(own) > 300
    answers = {link: client.get(link, headers={"Accept": "text/html, */*;q=0.1"}).status_code for link in sorted(own)}
    assert {link: status for link, status in answers.items() if status >= 400} == {}


def test_no_page_speaks_of_another_region(pages: dict[str, str]) -> None:
    assert {path: found[0] for path, text in pages.items() if (found := STRANGE.search(text))} == {}


def test_no_page_shows_the_name_of_a_term_where_it_has_a_label(pages: dict[str, str]) -> None:
    bare = re.compile(r"\b(?:inn|river|foaf|rdfs):\w+", re.IGNORECASE)
    shown = {
        (path, text)
        for path in pages
        for tags, _, text in Page(pages[path]).texts
        if bare.fullmatch(text) and not {"pre", "code", "textarea"} & set(tags)
    }
    assert shown == set()


def nynorsk() -> set[str]:
    """Give the texts of the content that it has in Nynorsk, and that are other ones in Bokmål."""
    content = Content.open(EXAMPLE)
    texts: dict[tuple[object, object], dict[str, str]] = {}
    for file in content.rdf():
        for (subject, predicate, value), _ in read(file, content.base):
            if isinstance(value, Literal) and value.language:
                texts.setdefault((subject, predicate), {})[value.language] = value.value
    for each in content.queries():
        file = load(each.path, content.prefixes)
        for name, words in {"": file.title, " ": file.description, **file.columns}.items():
            texts[each.name, name] = dict(words)
    others = {text for words in texts.values() for language, text in words.items() if language != "nn"}
    return {words["nn"] for words in texts.values() if "nn" in words} - others


def test_nynorsk_is_marked_within_the_bokmal_of_the_interface(pages: dict[str, str]) -> None:
    own, seen, unmarked = nynorsk(), set[str](), {}
    for path, text in pages.items():
        for tags, language, shown in Page(text).texts:
            if shown in own:
                seen.add(shown)
                # A title has one language, and what is typed and code have none.
                if language != "nn" and not {"title", "textarea", "code"} & set(tags):
                    unmarked[path, shown] = (tags[-2:], language)
    assert len(seen) > 50
    assert unmarked == {}


def test_words_in_a_sentence_of_the_interface_are_marked(pages: dict[str, str]) -> None:
    assert 'Bare «<span lang="nn">' in pages["/gaps"]
    assert '6 <span lang="nn">vatn</span>' in pages["/water/"]
    assert 'Her er «<span lang="nn">verkar på</span>» brukt' in pages["/ontology"]
    assert "6 vann" in pages["/nb/water/"]
    assert "6 water" in pages["/en/water/"]


def test_the_nearest_language_is_taken_and_named_where_it_is_not_the_one_around(pages: dict[str, str]) -> None:
    root, english = pages["/doc/claim/fields-sagbekken"], pages["/en/doc/claim/fields-sagbekken"]
    assert '<html lang="nb"' in root
    assert '<html lang="en"' in english
    # The interface's own word stands in the interface's language, and is not told to be in another one.
    assert ">usikker</a>" in root
    assert "(bokmål)</small>" not in root
    # A name that there is in Nynorsk only is shown in all languages, and said to be.
    assert '<bdi lang="nn">Glimrevatnet</bdi>' in pages["/en/water/"]
    assert "Norwegian Nynorsk" in pages["/en/water/"]
    assert '<bdi lang="nn">Glimrevatnet</bdi>' in pages["/nb/water/"]


def test_what_follows_is_there_with_its_reasons(run: Callable[..., Result]) -> None:
    found = run("why", f"{BASE}id/pressure/sewers", f"{BASE}ontology#reaches", f"{BASE}id/water/glimrefjorden")
    assert found.exit_code == 0, found.output
    assert "The polluted water lies above" in found.output
    assert "interpreted" in found.output
    helped = run("query", "what-is-done", "--format", "csv").output
    assert f"{BASE}id/water/sagbekken,{BASE}id/status/moderate,{BASE}id/measure/buffer-strips" in helped


@pytest.mark.parametrize(("view", "measurements", "helped"), [("all", 4, 4), ("plan", 0, 3), ("measured", 4, 0)])
def test_views_differ(client: FlaskClient, view: str, measurements: int, helped: int) -> None:
    counts = []
    for pattern in (f"?a a <{BASE}ontology#Measurement>", f"?a <{BASE}ontology#helps> ?b"):
        query = f"SELECT (COUNT(*) AS ?n) WHERE {{ SELECT DISTINCT * WHERE {{ {pattern} }} }}"
        answer = client.get("/sparql", query_string={"query": query, "basis": view, "format": "json"})
        counts.append(int(json.loads(answer.text)["results"]["bindings"][0]["n"]["value"]))
    assert counts == [measurements, helped]


def test_the_sample_of_its_register_becomes_a_proposal(run: Callable[..., Result], place: Path) -> None:
    done = run("import", "laboratory", EXAMPLE / "samples/laboratory.csv", "--read-on", "2026-06-02", "--dry-run")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("Measurement added") == 2
    assert "changed" not in done.stdout
    assert "Certainty: stated" in done.stdout
    assert "8 records read, 7 rows concern us, 0 damaged" in done.output


def test_an_unchanged_workbook_is_no_change(run: Callable[..., Result], tmp_path: Path) -> None:
    book = tmp_path / "river.xlsx"
    assert run("workbook", "export", book).exit_code == 0
    back = run("workbook", "import", book)
    assert back.exit_code == 0, back.output
    assert "Nothing" in back.output


def test_a_release_is_made(run: Callable[..., Result], tmp_path: Path) -> None:
    made = run("release", "1.0.0")
    assert made.exit_code == 0, made.output

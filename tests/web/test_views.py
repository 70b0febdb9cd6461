"""Views of the data are the content's: what its pages offer by ``?basis=``, with none of them and with its own."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.namespaces import INN, PREFIXES
from app.progress import Progress
from app.web import create_app
from tests.web.conftest import Client

BASE = "http://example.org/plans/"
HEAD = f"""BASE <{BASE}>
PREFIX dc: <{PREFIXES["dc"]}> PREFIX inn: <{INN}> PREFIX rdfs: <{PREFIXES["rdfs"]}> PREFIX sh: <{PREFIXES["sh"]}>
PREFIX skos: <{PREFIXES["skos"]}> PREFIX void: <{PREFIXES["void"]}> PREFIX owl: <{PREFIXES["owl"]}>
"""
DATASET = f'<catalog#dataset> a void:Dataset ; void:uriSpace "{BASE}" ; dc:language "nb, en" .\n'
VIEWS = """
<catalog#entered> a inn:View ; sh:order 2 ; skos:notation "entered" ; rdfs:label "Det som er skrevet inn"@nb ,
    "What is entered"@en ; inn:excludesGraph <graph/entailed> .
<catalog#budget> a inn:View ; sh:order 1 ; skos:notation "budget" ;
    rdfs:label "Bare budsjettet"@nb , "Only the budget"@en ;
    inn:includesGraph <graph/budget> , <graph/ontology> , <graph/entailed/budget> .
"""
FILES = {
    "ontology/terms": "<ns#near> a owl:ObjectProperty , owl:SymmetricProperty ; rdfs:label 'nær'@nb .",
    "data/budget/towns": "<id/town/a> rdfs:label 'A'@nb ; <ns#near> <id/town/b> . <id/town/b> rdfs:label 'B'@nb .",
    "data/register/map": "<id/town/c> rdfs:label 'C'@nb ; <ns#near> <id/town/a> .",
}
PEOPLE = {"Accept": "text/html"}
NEAR_A = f"SELECT (COUNT(*) AS ?n) WHERE {{ <{BASE}id/town/a> <{BASE}ns#near> ?other }}"


def served(folder: Path, views: str) -> FlaskClient:
    """Build a content with these views, and give a client of the application over it."""
    for name, text in {**FILES, "data/dataset": DATASET + views}.items():
        path = folder / "content" / f"{name}.ttl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text, encoding="utf-8")
    settings = Settings(content=folder / "content", state=folder / "state")
    build(Content.open(settings.content), settings, as_of=None, progress=Progress(quiet=True))
    app = create_app(settings)
    app.testing = False
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture(scope="module")
def none(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return served(tmp_path_factory.mktemp("none"), "")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    return served(tmp_path_factory.mktemp("own"), VIEWS)


def count(client: FlaskClient, basis: str) -> str:
    asked = client.get("/sparql", query_string={"query": NEAR_A, "basis": basis}, headers={"Accept": "text/csv"})
    return asked.text.split()[1]


def test_without_views_there_is_no_switch(none: FlaskClient) -> None:
    for address in ("/doc/town/a", "/doc/town/a?basis=all"):
        page = none.get(address, headers=PEOPLE)
        assert page.status_code == 200
        assert 'id="basis"' not in page.text
    assert none.get("/api/openapi.json").json["components"]["parameters"]["basis"]["schema"]["enum"] == ["all"]


@pytest.mark.parametrize("name", ["strategy", "asserted", "budget"])
def test_without_views_every_name_but_all_is_unknown(none: FlaskClient, name: str) -> None:
    for path in ("/doc/town/a", "/sparql?query=ASK{}", "/doc/town/a?why"):
        answer = none.get(
            path + ("&" if "?" in path else "?") + f"basis={name}", headers={"Accept": "application/json"}
        )
        assert answer.status_code == 400, path
        assert f"basis er en av all, ikke {name}." in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/doc/town/a", "/gaps", "/quality", "/sparql", "/queries/", "/search", "/ontology"]
)
def test_no_page_speaks_of_a_document_that_the_content_does_not_have(none: FlaskClient, path: str) -> None:
    for address in (path, "/en" + path):
        answer = none.get(address, headers=PEOPLE)
        assert answer.status_code == 200, address
        assert "strateg" not in answer.text.lower(), address


def test_the_switch_has_the_contents_words_in_the_language_of_the_page(own: FlaskClient) -> None:
    page = own.get("/doc/town/a", headers=PEOPLE).text
    assert "Bare budsjettet</a>" in page
    assert page.index("Bare budsjettet") < page.index("Det som er skrevet inn") < page.index("Alt</strong>")
    english = own.get("/en/doc/town/a?basis=budget", headers=PEOPLE).text
    assert '<strong aria-current="true">Only the budget</strong>' in english
    assert "– Only the budget" in english.partition("</title>")[0]


def test_a_view_holds_its_graphs_and_what_follows_from_them_alone(own: FlaskClient) -> None:
    assert {name: count(own, name) for name in ("budget", "entered", "all")} == {
        "budget": "1",
        "entered": "1",
        "all": "2",
    }
    follows = own.get("/doc/town/b.nt?basis=budget").text
    assert f"<{BASE}id/town/b> <{BASE}ns#near> <{BASE}id/town/a> ." in follows
    assert f"<{BASE}id/town/b> <{BASE}ns#near> " not in own.get("/doc/town/b.nt?basis=entered").text


def test_an_unknown_view_is_told_with_those_there_are(own: FlaskClient) -> None:
    answer = own.get("/doc/town/a?basis=strategy", headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert "basis er en av budget, entered, all, ikke strategy." in answer.text


def test_the_interface_for_programs_names_the_views(own: FlaskClient) -> None:
    found = own.get("/en/api/openapi.json").json["components"]["parameters"]["basis"]
    assert found["schema"] == {"type": "string", "enum": ["budget", "entered", "all"], "default": "all"}
    assert "budget: Only the budget; entered: What is entered; all: Everything" in found["description"]

"""``innherred import``: what it lists, proposes, asks and refuses; and an endpoint as a register."""

import shutil

import pytest
from click.testing import CliRunner

from app.cli.main import main
from app.config import Settings
from app.content.folders import Content
from app.editing.drawer import Drawer
from app.quality.checks import query_problems
from app.query.files import load
from app.query.library import Library
from tests.imports.conftest import ID, SAMPLES, SHIPPED, codes, imported, said

OVER_SPARQL = """#+ title: {nb: Daler, en: Valleys}
#+ reads:
#+   formats: [endpoint]
#+   graph: register/valleys
#+   endpoint: https://sparql.example.org/query
#+   wanted: name
#+   query: |
#+     PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
#+     SELECT ?name ?thing (STR(?thing) AS ?page)
#+     WHERE { VALUES ?name { UNDEF } ?thing rdfs:label ?label FILTER(STR(?label) = ?name) }
#+   columns: {name: name, page: {as: page, kind: address}}
#+   keep: {name: inn:projectCode}
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
CONSTRUCT { ?this rdfs:seeAlso ?page }
WHERE { VALUES (?this ?name ?page) { (UNDEF UNDEF UNDEF) } }
"""


@pytest.fixture
def ran(place, tmp_path):
    """Give a function that runs the command on the made-up content with our imports."""
    shutil.copytree(SHIPPED / "queries/imports", place / "queries/imports")

    def run(*arguments: object):
        given = [*map(str, arguments), "--content", str(place), "--state", str(tmp_path / "state")]
        return CliRunner().invoke(main, ["import", *given], env={"LANG": "C"})

    return run


def test_it_lists_the_imports(ran):
    found = ran("--list").stdout
    assert "enhetsregisteret  The Register of Legal Entities  (csv, json)" in found
    assert ran().stdout == found


def test_a_proposal_is_kept_and_the_content_is_as_it_was(ran, place, tmp_path):
    before = {path: path.read_bytes() for path in (place / "data").rglob("*.ttl")}
    done = ran("enhetsregisteret", SAMPLES / "enheter.csv", "--read-on", "2026-11-28")
    assert done.exit_code == 0, done.output
    (proposal,) = Drawer(tmp_path / "state").all()
    assert (proposal.door, proposal.title) == ("import", "Enhetsregisteret")
    assert f"Proposal {proposal.name}: {len(proposal.added)} statements in, 0 out" in done.stdout
    assert {each.file for each in proposal.added} == {"data/register/enhetsregisteret.ttl"}
    assert "2026-11-28" in {str(each.value) for each in proposal.added}
    assert {path: path.read_bytes() for path in (place / "data").rglob("*.ttl")} == before


def test_what_is_accepted_stands_in_the_files_and_the_same_file_again_is_nothing_new(ran, place, tmp_path):
    folders = ["--content", str(place), "--state", str(tmp_path / "state")]
    ran("ssb-07459", SAMPLES / "07459.json")
    (proposal,) = Drawer(tmp_path / "state").all()
    done = CliRunner().invoke(main, ["proposals", "accept", proposal.name, "--quiet", *folders])
    assert done.exit_code == 0, done.output
    assert "folketall-2026-eksempelvik-ssb" in (place / "data/register/ssb-07459.ttl").read_text()
    assert ran("ssb-07459", SAMPLES / "07459.json").stdout == "Nothing new.\n"


def test_a_dry_run_shows_and_keeps_nothing(ran, tmp_path):
    done = ran("klass-131", SAMPLES / "klass.csv", "--dry-run")
    assert "Eksempelvik" in done.stdout
    assert "9901" in done.stdout
    assert done.exit_code == 0
    assert Drawer(tmp_path / "state").all() == []


def test_a_name_may_be_confirmed_before_it_is_asked(ran, tmp_path):
    done = ran("erasmus-plus", SAMPLES / "erasmus.csv", "--dry-run")
    assert "Is “EKSEMPELVIK KOMMUNE” in the register the same as Eksempelvik Municipality?" in done.stdout
    assert Drawer(tmp_path / "state").all() == []
    done = ran("erasmus-plus", SAMPLES / "erasmus.csv", "--same", f"EKSEMPELVIK KOMMUNE={ID}municipality/eksempelvik")
    assert done.exit_code == 0
    assert len(Drawer(tmp_path / "state").all()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nothing"], 2, "There is no import 'nothing'. There are: cordis"),
        (["cordis"], 2, "Give the file that you fetched from the register. It is here: https://cordis.europa.eu"),
        (["cordis", SAMPLES / "organization.csv"], 1, "Mend the errors above first."),
        (["klass-131", SAMPLES / "klass.csv", "--same", "x"], 2, "write the name, = and the IRI"),
        (["klass-131", SAMPLES / "klass.csv", "--same", f"x={ID}nothing"], 2, "in the content"),
    ],
)
def test_what_cannot_be_done_is_told(ran, arguments, code, words):
    done = ran(*arguments)
    assert (done.exit_code, words in done.stderr) == (code, True), done.stderr


def test_an_endpoint_is_asked_for_what_is_ours(place, tmp_path, server):
    path = place / "data/register/testing.ttl"
    path.write_text(path.read_text().replace('"99990001"', '"Austdalen"'))
    (tmp_path / "valleys.rq").write_text(OVER_SPARQL)
    file = load(tmp_path / "valleys.rq")
    outcome = imported(place, file, endpoint=f"{server}sparql")
    ((thing, _, page),) = said(outcome)
    assert thing == "activity/gammelt"
    assert page.startswith("http://example.org/nordfjella/id/")


def test_an_endpoint_that_does_not_answer_is_told(place, tmp_path, server):
    (tmp_path / "valleys.rq").write_text(OVER_SPARQL)
    file = load(tmp_path / "valleys.rq")
    for address in ("http://127.0.0.1:9/sparql", f"{server}nothing-here"):
        outcome = imported(place, file, endpoint=address)
        assert (outcome.proposal, codes(outcome)) == (None, ["unreadable"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("?name ?page) {", "?name) {"), "an import has the records that concern us where it says VALUES"),
        (("CONSTRUCT { ?this rdfs:seeAlso ?page }", "SELECT ?page"), "an import is a CONSTRUCT query"),
        (("graph: register/valleys", "graph: strategy"), "graph is register/"),
        (("keep: {name: inn:projectCode}", "keep: {nobody: inn:projectCode}"), "no column gives ?nobody"),
        (("keep: {name: inn:projectCode}", "keep: {name: [x]}"), "finds a thing of ours"),
        (("formats: [endpoint]", "formats: [word]"), "formats are some of"),
        (("kind: address", "kind: person"), "kind is one of"),
        (("page: {as: page", "epost: {as: page"), "which no import takes"),
    ],
)
def test_check_tells_what_is_wrong_with_an_import(place, change, words):
    folder = place / "queries/imports"
    folder.mkdir(parents=True)
    (folder / "valleys.rq").write_text(OVER_SPARQL.replace(*change))
    content = Content.open(place)
    (found,) = query_problems(content, Settings.from_environment({}, content=place, state=place / "state"), [])
    assert words in found.message["en"]


def test_an_import_stands_in_its_folder(place):
    (place / "queries/questions").mkdir(parents=True)
    (place / "queries/questions/valleys.rq").write_text(OVER_SPARQL)
    (error,) = Library.load([place / "queries"]).errors
    assert "those stand in imports/" in error.message


def test_every_import_says_where_its_files_are_and_when_that_was_read():
    for path in (SHIPPED / "queries/imports").glob("*.rq"):
        file = load(path)
        assert file.reads.page.startswith("https://"), path
        assert "2026-11-28" in file.description["nb"], path
        assert "2026-11-28" in file.description["en"], path

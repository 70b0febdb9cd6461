"""The commands ``proposals list|show|export|import``."""

import json

import pytest
from click.testing import CliRunner

from app.cli import main
from app.editing.drawer import Drawer
from app.editing.proposals import Finding, Statement
from app.terms import typed
from tests.editing.eksempelvik import written
from tests.editing.making import NAME, event, iri, made

OTHER = "20261129-101501-aaaaaa"
END = iri("id/activity/brubygging"), iri("ontology#end")
CHANGE = made(
    title="Brubygging varer lenger \x1b[31m",
    removed=(Statement(*END, typed(2023, "gYear"), "data/strategy/activities.ttl"),),
    added=(Statement(*END, typed(2024, "gYear"), "data/strategy/activities.ttl"),),
    bases={END: (typed(2023, "gYear"),)},
    findings=(Finding("error", {"en": "Too late.", "nb": "For sent."}, place="Sheet!C7"),),
)


@pytest.fixture
def place(tmp_path):
    written(tmp_path / "content")
    Drawer(tmp_path / "state").take([CHANGE, made(OTHER, door="suggestion", note="Se her", page=iri("id/topic/skole"))])
    return tmp_path


def run(place, *arguments, state="state"):
    where = ["--content", str(place / "content"), "--state", str(place / state)]
    return CliRunner().invoke(main, ["proposals", *map(str, arguments), *where])


def test_a_list_has_a_line_for_each(place):
    Drawer(place / "state").transition(OTHER, {"open"}, event("refused"))
    (place / "state" / "proposals" / "20200101-000000-aaaa.json").write_text("{")
    found = run(place, "list")
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        f"{NAME}  open       form        -1 +1  1 errors  Brubygging varer lenger ⟨U+001B⟩[31m",
        f"{OTHER}  refused    suggestion  -0 +0  Eksempel",
    ]
    assert "20200101-000000-aaaa  damaged: " in found.stderr
    assert run(place, "list", "--only", "refused").stdout.startswith(OTHER)
    assert run(place, "list", state="none").stdout == ""


def test_one_is_shown_in_words_with_what_is_wrong(place):
    found = run(place, "show", NAME, "--turtle", "--lang", "nb").stdout
    assert "1 endret" in found
    assert "sluttdato: 2023 → 2024" in found
    assert "error: Sheet!C7: For sent." in found
    assert '- <http://example.org/eksempelvik/id/activity/brubygging> ex:end "2023"^^xsd:gYear .' in found
    assert "\x1b" not in found
    assert "conflict" not in found
    path = place / "content" / "data" / "strategy" / "activities.ttl"
    path.write_text(path.read_text().replace('"2023"', '"2025"'))
    assert "conflict: Brubygging has been changed" in run(place, "show", NAME, "--lang", "en").stdout
    suggestion = run(place, "show", OTHER).stdout
    assert f"About: {iri('id/topic/skole')}" in suggestion
    assert "Se her" in suggestion


def test_json_is_the_form_that_is_documented(place):
    document = json.loads(run(place, "show", NAME, "--json").stdout)
    assert (document["format"], document["formatVersion"], document["name"]) == ("innherred proposal", 1, NAME)


def test_what_is_not_there_is_told(place):
    found = run(place, "show", "../../etc/passwd")
    assert found.exit_code == 1
    assert "There is no proposal ../../etc/passwd." in found.output


def test_a_copy_is_the_same_elsewhere(place):
    Drawer(place / "state").transition(OTHER, {"open"}, event("refused", "Takk"))
    assert run(place, "export", place / "copy").stderr == "2 proposals written\n"
    assert "2 proposals imported, 0 were here already" in run(place, "import", place / "copy", state="other").stderr
    assert Drawer(place / "other").all() == Drawer(place / "state").all()
    assert "0 proposals imported, 2 were here already" in run(place, "import", place / "copy", state="other").stderr
    assert run(place, "export", "-", state="other").stdout == (place / "copy").read_text()


@pytest.mark.parametrize(
    "lines",
    ["", "{}", "[", '{"format": "innherred changes", "version": 1}', None],
    ids=["empty", "{}", "[", "log", "cut"],
)
def test_another_file_is_not_imported(place, lines):
    if lines is None:
        run(place, "export", place / "copy")
        lines = (place / "copy").read_text()[:-30]
    (place / "copy").write_text(lines)
    found = run(place, "import", place / "copy", state="other")
    assert (found.exit_code, Drawer(place / "other").heads()) == (1, [])


def test_another_proposal_of_that_name_is_kept(place):
    run(place, "export", place / "copy")
    Drawer(place / "state").transition(OTHER, {"open"}, event("refused"))
    found = run(place, "import", place / "copy")
    assert found.exit_code == 1
    assert OTHER in found.output
    assert Drawer(place / "state").get(OTHER).state == "refused"


def test_a_damaged_one_is_left_out_of_the_copy_and_told(place):
    (place / "state" / "proposals" / f"{OTHER}.json").write_text("{")
    found = run(place, "export", place / "copy")
    assert found.exit_code == 1
    assert OTHER in found.output
    assert len((place / "copy").read_text().splitlines()) == 2

"""What registers have that the strategy has not: proposed, waiting for an answer, accepted."""

from dataclasses import replace

import pytest

from app.editing.drawer import Drawer, now
from app.editing.foreseen import Foresight
from app.editing.identities import NONE, answer
from app.editing.proposals import Event, Proposal
from app.editing.statements import Statement
from app.query.files import load
from app.query.library import Library
from app.terms import typed
from tests.imports.conftest import ID, SAMPLES, SHIPPED, accept, base_of, imported

PANEL = SHIPPED / "queries/overviews/registers/10-found.rq"
REGION = """
PREFIX org: <http://www.w3.org/ns/org#>
<https://w3id.org/innherred/id/region/r> a inn:Region .
<https://w3id.org/innherred/id/membership/m> org:organization <https://w3id.org/innherred/id/region/r> ;
  org:member municipality:eksempelvik .
"""


@pytest.fixture
def region(place):
    path = place / "data/register/testing.ttl"
    path.write_text(path.read_text() + REGION)
    return place


def rows(root, *proposals, language="en"):
    """Give the rows in words, with their state, without the columns that no row has."""
    found = Foresight(base_of(root), load(PANEL), proposals, language)
    told = found.rows()
    assert found.columns == ("activity", "participant", "programme", "start", "end", "source", "read")
    return [
        (*(" | ".join(each.text for each in cells) for cells in row.cells if cells), row.standing, row.proposal)
        for row in told
    ]


def test_rows_are_proposed_or_wait_or_are_accepted(region, tmp_path):
    drawer = Drawer(tmp_path / "state")
    cordis = imported(region, "cordis", SAMPLES / "organization.csv", SAMPLES / "project.csv")
    erasmus = imported(region, "erasmus-plus", SAMPLES / "erasmus.csv", name=drawer.new_name())
    drawer.put(replace(erasmus.proposal, history=(Event(now(), "open", "editor"),)))
    kept = drawer.get(erasmus.proposal.name)
    assert rows(region) == []
    grids = (
        "Test grids for small towns",
        "Eksempelvik Municipality",
        "1 January 2025",
        "31 December 2028",
        "CORDIS: EU research projects",
        "28 November 2026",
    )
    schools, border = (
        (title, "Eksempelvik Municipality", "Erasmus+", "Erasmus+: lists of projects", "28 November 2026")
        for title in ("Test schools together", "Eksempel over grensa")
    )
    assert rows(region, cordis.proposal, kept) == [
        (*border, "asked", kept),
        (*schools, "asked", kept),
        (*grids, "proposed", cordis.proposal),
    ]
    name = kept.questions[0].name
    yes = answer(drawer, kept.name, {name: f"{ID}municipality/eksempelvik"}, "reviewer")
    assert rows(region, yes) == [(*border, "proposed", yes), (*schools, "proposed", yes)]
    assert rows(region, answer(drawer, kept.name, {name: NONE}, "reviewer")) == []
    accept(region, cordis)
    assert rows(region, yes)[-1] == (*grids, "accepted", None)


def test_that_a_register_was_read_on_another_day_is_no_new_row(region):
    accept(region, imported(region, "cordis", SAMPLES / "organization.csv", SAMPLES / "project.csv"))
    going = [
        Statement(subject, predicate, stated.value, stated.file)
        for subject, said in base_of(region).statements.items()
        for predicate, values in said.items()
        for stated in values
        if subject.endswith("/source/cordis") and predicate.endswith("readOn")
    ]
    coming = tuple(each._replace(value=typed("2027-01-01", "date")) for each in going)
    proposal = Proposal("20261128-000000-aaaa", "import", "x", removed=tuple(going), added=coming)
    assert [row[-2] for row in rows(region, proposal)] == ["accepted"]


def test_the_keys_are_for_overviews_alone(place):
    folder = place / "queries/questions"
    folder.mkdir(parents=True)
    (folder / "found.rq").write_text(PANEL.read_text())
    (error,) = Library.load([place / "queries"]).errors
    assert "proposals and empty are for overviews" in error.message

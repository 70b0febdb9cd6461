"""What the strategy shapes find in the shipped data, and that the folder holds what its name says."""

from datetime import date
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph

from app.graph.content import Content
from app.namespaces import VIOLATION
from app.quality.checks import gap_report
from app.quality.scan import Scan
from app.quality.validation import Report
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.terms import Triple

ROOT = Path(__file__).parents[2]
ID = "https://w3id.org/innherred/id/"
SHAPE = "https://w3id.org/innherred/shape/"
REGION = {"snasa", "steinkjer", "inderoy", "verdal", "levanger"}


@pytest.fixture(scope="module")
def data() -> list[Triple]:
    """What is asserted in data and ontology."""
    scan = Scan(Content.open(ROOT))
    quads = list(scan.quads())
    return [triple for triple, graph in quads if graph in scan.merged]


@pytest.fixture(scope="module")
def report(data: list[Triple]) -> Report:
    return gap_report(Content.open(ROOT), data, date(2026, 11, 22))


def found(report: Report, shape: str) -> set[str]:
    return {str(each.focus).removeprefix(ID) for each in report.results if each.shape == SHAPE + shape}


@pytest.mark.parametrize("path", sorted((ROOT / "shapes").rglob("*.ttl")), ids=lambda path: path.stem)
def test_the_folder_tells_the_layer(path: Path) -> None:
    graph = Graph().parse(path)
    severities = {graph.value(node, SH.severity) for node in graph.subjects(RDF.type, SH.NodeShape)}
    if path.parent.name == "strategy":
        assert severities <= {SH.Warning, SH.Info}
    else:
        assert severities == {SH.Violation}


def test_no_strategy_shape_finds_a_violation(report: Report) -> None:
    assert report.results
    assert VIOLATION not in {each.severity for each in report.results}
    assert all(set(each.messages) == {"nb", "en"} for each in report.results)
    assert not [each for each in report.results if "{?" in "".join(each.messages.values())]


def test_no_municipality_of_the_region_names_a_contact_yet(report: Report) -> None:
    assert found(report, "InternationalContact") == {"municipality/" + name for name in REGION}


def test_the_second_goal_is_served_by_nobody(report: Report) -> None:
    assert found(report, "GoalServed") == {"goal/g-2"}


def test_what_had_ended_depends_on_the_date_of_the_data(report: Report, data: list[Triple]) -> None:
    ended = found(report, "Ended")
    assert {"activity/medsam", "activity/primore"} <= ended
    earlier = gap_report(Content.open(ROOT), data, date(2020, 1, 1))
    assert found(earlier, "Ended") == {"activity/attractive-nordic-towns"}
    assert not found(earlier, "MembershipAge")
    assert len(found(report, "MembershipAge")) == 13
    unknown = gap_report(Content.open(ROOT), data, None)
    assert not found(unknown, "Ended") | found(unknown, "MembershipAge")


def test_board_and_question_name_the_same_partners(report: Report, data: list[Triple]) -> None:
    question = Library.load([ROOT / "queries"]).questions["named-partners-without-activity"]
    store = EmbeddedStore.in_memory([(triple, None) for triple in set(data)])
    asked = {str(row["partner"]).removeprefix(ID) for row in store.select(question.bound({})).rows}
    assert found(report, "UnusedPartner") == asked

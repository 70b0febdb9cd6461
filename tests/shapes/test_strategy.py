"""What the strategy shapes find in the shipped data."""

from datetime import date
from pathlib import Path

import pytest

from app.content.folders import Content
from app.namespaces import VIOLATION
from app.quality.checks import gap_report
from app.quality.scan import Scan
from app.quality.validation import Report
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.terms import Triple
from tests.scanned import scanned

ROOT = Path(__file__).parents[2]
ID = "https://w3id.org/innherred/id/"
SHAPE = "https://w3id.org/innherred/shape/"


@pytest.fixture(scope="module")
def data() -> list[Triple]:
    """What is asserted in data and ontology."""
    scan = Scan(Content.open(ROOT))
    quads = list(scanned(scan))
    return [triple for triple, graph in quads if graph in scan.merged]


@pytest.fixture(scope="module")
def report(data: list[Triple]) -> Report:
    return gap_report(Content.open(ROOT), data, date(2026, 11, 22))


def found(report: Report, shape: str) -> set[str]:
    return {str(each.focus).removeprefix(ID) for each in report.results if each.shape == SHAPE + shape}


def test_no_strategy_shape_finds_a_violation(report: Report) -> None:
    assert report.results
    assert VIOLATION not in {each.severity for each in report.results}
    assert all(set(each.messages) == {"nb", "en"} for each in report.results)
    assert not [each for each in report.results if "{?" in "".join(each.messages.values())]


def test_what_had_ended_depends_on_the_date_of_the_data(report: Report, data: list[Triple]) -> None:
    ended = found(report, "Ended")
    assert {"activity/medsam", "activity/primore"} <= ended
    earlier = gap_report(Content.open(ROOT), data, date(2020, 1, 1))
    assert "activity/attractive-nordic-towns" in found(earlier, "Ended") < ended
    assert found(earlier, "MembershipAge") < found(report, "MembershipAge")
    unknown = gap_report(Content.open(ROOT), data, None)
    assert not found(unknown, "Ended") | found(unknown, "MembershipAge")


def test_board_and_question_name_the_same_partners(report: Report, data: list[Triple]) -> None:
    question = Library.load([ROOT / "queries"]).questions["named-partners-without-activity"]
    store = EmbeddedStore.in_memory([(triple, None) for triple in set(data)])
    asked = {str(row["partner"]).removeprefix(ID) for row in store.select(question.bound({})).rows}
    assert found(report, "UnusedPartner") == asked

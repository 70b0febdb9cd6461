"""What the strategy shapes find in the shipped data."""

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, Namespace

from app.content.folders import Content
from app.generation import current
from app.namespaces import VIOLATION
from app.quality.checks import gap_report
from app.quality.validation import Report
from app.query.library import Library, engine_query
from app.store.embedded import EmbeddedStore
from app.terms import Triple

ROOT = Path(__file__).parents[2]
ID = "https://w3id.org/innherred/id/"
INN = Namespace("https://w3id.org/innherred/ontology#")
SHAPE = "https://w3id.org/innherred/shape/"


@pytest.fixture(scope="module")
def data(shipped_state: Path) -> list[Triple]:
    """What the shapes look at: what is asserted in data and ontology, and what follows from it."""
    generation = current(shipped_state)
    assert generation is not None
    with closing(EmbeddedStore.open(generation.store)) as store:
        return list(store.construct(engine_query("engine/triples")))


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


def test_measure_5_asks_for_contacts_and_resources_and_measure_4_for_nothing(report: Report) -> None:
    assert found(report, "MeasureEvidence") == set()
    assert found(report, "MeasureResources") == {"measure/r-5"}
    five = {str(each.focus).removeprefix(ID) for each in report.results if each.value == ID + "measure/r-5"}
    assert found(report, "InternationalContact") < five


def test_no_goal_and_no_activity_lacks_a_reading(report: Report) -> None:
    assert not found(report, "GoalServed") | found(report, "ActivityReading") | found(report, "ReadingTwice")
    assert len(found(report, "ActivityGoal")) == 12


def test_a_municipality_that_may_be_in_a_sector_does_not_lack_it(report: Report) -> None:
    assert found(report, "SectorActivity") == {"municipality/inderoy", "municipality/verdal"}


def test_messages_write_dates_out(report: Report) -> None:
    (medsam,) = [
        each for each in report.results if each.shape == SHAPE + "Ended" and str(each.focus).endswith("/medsam")
    ]
    assert "30. juni 2022" in medsam.messages["nb"]
    assert "30 June 2022" in medsam.messages["en"]


@pytest.mark.parametrize("path", sorted((ROOT / "shapes" / "strategy").glob("*.ttl")), ids=lambda path: path.stem)
def test_a_gap_says_whose_it_is_and_who_can_act(path: Path) -> None:
    graph = Graph().parse(path)
    for shape in graph.subjects(RDF.type, SH.NodeShape):
        assert [len(set(graph.objects(shape, INN[each]))) for each in ("lackedBy", "toBeDoneBy")] == [1, 1], shape

"""Counts that rest on readings are ranges: the answers of the questions against counts worked out by hand and anew.

By hand: in the reading of the appendix each entry of the middle piece says which row it may also stand in. Steinkjer's
A-011, A-012, A-014 and A-015 may be Inderøy's; so may Verdal's A-023, A-027, A-028 and A-029; Verdal's A-037 and A-038
may be Steinkjer's or Inderøy's. All others are fixed by an anchor, and the rows of Snåsa and Levanger stand alone. So:

    Snåsa       9 entries, all sure
    Steinkjer  11, less 4 that may be another's = 7; and 2 of Verdal's may be its  = 13
    Inderøy     5, none open                    = 5; and 10 of the others'         = 15
    Verdal     13, less 6                       = 7; and nothing else may be its   = 13
    Levanger   26 entries, all sure
"""

import re
from pathlib import Path

import pytest

from app.store.embedded import EmbeddedStore
from tests.queries.reading import Count, Participation, Reading
from tests.queries.test_questions import Row, ask, pairs, values

QUERIES = Path(__file__).parents[2] / "queries"
BY_HAND = {
    **{f"A-{n:03}": {"inderoy"} for n in (11, 12, 14, 15, 23, 27, 28, 29)},
    **{f"A-{n:03}": {"inderoy", "steinkjer"} for n in (37, 38)},
}
RANGES = {"snasa": (9, 9, 9), "steinkjer": (11, 7, 13), "inderoy": (5, 5, 15), "verdal": (13, 7, 13)}
RANGES["levanger"] = (26, 26, 26)
# In the sectors of the appendix: Steinkjer's third column of health holds, of which are
# open; Inderøy has A-022 there and may be its; Verdal has.
IN_HEALTH = {
    "snasa": (2, 2, 2),
    "steinkjer": (3, 1, 3),
    "inderoy": (1, 1, 5),
    "verdal": (5, 3, 5),
    "levanger": (3, 2, 3),
}


@pytest.fixture(scope="session")
def reading() -> Reading:
    return Reading()


def count(row: Row, name: str) -> Count:
    return int(row[name]), int(row[f"{name}Least"]), int(row[f"{name}Most"])


def entry(each: Participation) -> list[str]:
    return [each.entry] if each.entry else []


def test_the_entries_that_may_be_of_another_municipality_are_those_of_the_reading(reading: Reading) -> None:
    found = {each.entry: {name.split("/")[1] for name in each.others} for each in reading.participations if each.others}
    assert found == BY_HAND


def test_the_entries_of_each_municipality_are_what_they_are_by_hand(store: EmbeddedStore, reading: Reading) -> None:
    rows = {row["municipality"].split("/")[1]: row for row in ask(store, "compare-municipalities")}
    assert {name: count(row, "entries") for name, row in rows.items()} == RANGES
    assert {name: reading.of(f"municipality/{name}", entry) for name in RANGES} == RANGES
    assert {name: reading.in_sector(f"municipality/{name}", "sector/helse-og-velferd") for name in RANGES} == IN_HEALTH


def test_the_comparison_counts_as_the_files_do(store: EmbeddedStore, reading: Reading) -> None:
    for row in ask(store, "compare-municipalities"):
        who = row["municipality"]
        assert count(row, "activities") == reading.of(who, lambda each: [each.activity]), who
        assert count(row, "programmes") == reading.of(who, lambda each: reading.whole_programmes(each.activity)), who
        assert count(row, "countries") == reading.of(who, lambda each: reading.countries(each.activity)), who


def test_the_matrix_counts_as_the_files_do_and_leads_to_its_entries(store: EmbeddedStore, reading: Reading) -> None:
    cells = ask(store, "appendix-matrix")
    assert len(cells) == 30
    for cell in cells:
        who, sector = cell["municipality"], cell["sector"]
        assert count(cell, "count") == reading.in_sector(who, sector), (who, sector)
        rows = ask(store, "appendix-entries", municipality=who, sector=sector)
        assert len(values(rows, "entry")) == int(cell["countMost"])
        own = [row for row in rows if (row["participant"], row["area"]) == (who, sector)]
        assert len(values(own, "entry")) == int(cell["count"])
        sure = [row for row in own if not {"alternative", "otherArea"} & set(row)]
        assert len(values(sure, "entry")) == int(cell["countLeast"])


def test_the_topics_count_as_the_files_do_and_lead_to_their_activities(store: EmbeddedStore, reading: Reading) -> None:
    for cell in ask(store, "topics-and-municipalities"):
        who, topic = cell["municipality"], cell["topic"]
        counted = reading.of(
            who, lambda each, topic=topic: {each.activity} if topic in reading.topics(each.activity) else ()
        )
        assert count(cell, "activities") == counted, (who, topic)
        rows = ask(store, "activities-on-topic", topic=topic, municipality=who)
        assert len(values(rows, "activity")) == int(cell["activitiesMost"])
        own = [row for row in rows if row["participant"] == who]
        assert len(values(own, "activity")) == int(cell["activities"])


def test_the_programmes_count_as_the_files_do(store: EmbeddedStore, reading: Reading) -> None:
    cells = ask(store, "programmes-and-municipalities")
    for cell in cells:
        who, what = cell["municipality"], cell["programme"]
        counted = reading.of(
            who, lambda each, what=what: {each.activity} if what in reading.all_programmes(each.activity) else ()
        )
        assert count(cell, "activities") == counted, (who, what)
    assert ("municipality/inderoy", "programme/erasmus-plus") in pairs(cells, "municipality", "programme")


def test_how_many_municipalities_a_thing_reaches(store: EmbeddedStore, reading: Reading) -> None:
    for row in ask(store, "countries"):
        country = row["country"].rpartition("/")[2]
        there = {each for each in reading.activities if f"country/{country}" in reading.countries(each)}
        assert (int(row["activities"]), *count(row, "municipalities")) == (len(there), *reading.reached(there)), country
    for row in ask(store, "shared-activities"):
        assert count(row, "municipalities") == reading.reached([row["activity"]]), row["activity"]


def test_no_query_counts_what_municipalities_do_without_its_range() -> None:
    """A query that counts what a participant of the region has says which entries may be another's."""
    lacking = []
    for path in sorted(QUERIES.rglob("*.rq")):
        text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
        if (
            re.search(r"COUNT\(", text)
            and re.search(r"inn:(participant|sector)\b", text)
            and "inn:alternative" not in text
        ):
            lacking.append(path.relative_to(QUERIES).with_suffix("").as_posix())
    assert lacking == [
        # Of the region as a whole, by certainty: what is uncertain is told beside each number.
        "front/05-numbers",
        # Of all activities, whoever takes part.
        "front/10-countries",
        # The order of a list is by what we read; the numbers that it rests on stand nowhere.
        "orders/20-municipalities",
        "orders/30-activities",
        # Of all activities, as above.
        "overviews/partners/10-countries",
        # Of organisations, in activities of the region as a whole, and each with how sure it is.
        "overviews/partners/20-partners",
        # By certainty: what is uncertain is a row of its own.
        "pages/Concept/profile/40-evidence",
        # Of the region as a whole: whichever municipality an entry is of, it is of the region.
        "pages/Region/profile/08-countries",
        "pages/Region/profile/20-programmes",
        # Of organisations: nobody is in doubt about them.
        "pages/Strategy/30-partners",
        # By certainty, as above.
        "questions/how-sure",
    ]

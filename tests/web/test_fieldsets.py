"""What a form shows at once and what it folds: looked at in every form of the shipped content, and field by field."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.content.folders import Content
from app.editing.base import Base
from app.editing.proposals import Finding
from app.editing.tables import table_of, tables
from app.web.editing import filled
from app.web.editing.fields import Asked, Drawing
from app.web.editing.fieldsets import Fieldset, Shown
from app.web.editing.filled import THING, Filled, FilledRow
from app.web.editing.present import Present

ROOT = Path(__file__).parents[2]
LANGUAGES = ("nb", "en")


@pytest.fixture(scope="module")
def now() -> Present:
    base = Base.read(Content.open(ROOT))
    return Present(base, tables(base))


def drawn(now: Present, row: FilledRow, *findings: Finding, lacking=(), focus: str = "") -> Shown:
    return Drawing(now, "nb", LANGUAGES, findings, lacking).row(row, Asked(), focus)


@pytest.fixture(scope="module")
def forms(now: Present) -> list[Filled]:
    """Give the forms of some things of each class: those of whom most is said."""
    found: dict = {}
    for thing in sorted(now.base.statements, key=lambda each: -len(now.base.statements[each])):
        if table := table_of(now.base, now.tables, thing):
            found.setdefault(table.cls, []).append(thing)
    return [
        filled.of_thing(now.base, now.tables, now.tables[cls], thing, "nb")
        for cls, things in found.items()
        for thing in things[:3]
    ]


@pytest.fixture(scope="module")
def long_row(now: Present, forms: list[Filled]) -> FilledRow:
    """Give the row of the thing whose form folds most of what is filled in."""
    rows = [row for each in forms if (row := each.row(THING))]
    return max(rows, key=lambda row: sum(not each.is_empty for each in folded(drawn(now, row))))


def folded(shown: Shown) -> list[Fieldset]:
    return [each for each in shown.groups if each.is_folded]


def test_what_has_to_be_there_and_every_day_are_seen_at_once(now, forms):
    for form in forms:
        for row in form.rows:
            for group in drawn(now, row).groups:
                hidden = group.fields if group.is_folded else group.spare
                assert not [each.name for each in hidden if each.required or each.kind in ("date", "period")], row.id
                if group.is_folded:
                    assert group.is_empty or group.told, row.id
                drawn_once = [each.name for line in group.lines() for each in line] + [
                    each.name for each in group.spare
                ]
                assert sorted(drawn_once) == sorted(each.name for each in group.fields)


def test_a_folded_group_opens_for_what_is_found_missed_asked_for_or_typed(now, long_row):
    row = long_row
    [group, *_] = [each for each in folded(drawn(now, row)) if not each.is_empty]
    field = group.fields[0]
    place = next(each.key for each in row.table.columns if field.name == f"cell.{THING}.{each.key}")
    property_ = row.table.column(place).property

    def is_open(shown: Shown) -> bool:
        return not next(each for each in shown.groups if each.id == group.id).is_folded

    assert not is_open(drawn(now, row))
    assert is_open(drawn(now, row, Finding("error", {"nb": "x"}, "x", place=field.name)))
    assert is_open(drawn(now, row, Finding("info", {"nb": "x"}, "x", place=field.name)))
    assert is_open(drawn(now, row, lacking={property_}))
    assert is_open(drawn(now, row, focus=property_))
    assert is_open(drawn(now, replace(row, values={**row.values, place: ["typed"]})))
    same = [f" {each}\r\n" for each in row.values[place]]
    assert not is_open(drawn(now, replace(row, values={**row.values, place: same})))


def test_a_new_thing_opens_with_what_it_needs_and_stays_open_where_something_is_typed(now, long_row):
    table = long_row.table
    row = filled.blank(table, now.base, "nb")
    shown = drawn(now, row)
    assert folded(shown)
    key = folded(shown)[0].fields[0].name.removeprefix(f"cell.{THING}.")
    again = drawn(now, replace(row, values={**row.values, key: ["typed"]}))
    assert len(folded(again)) == len(folded(shown)) - 1


def test_texts_in_several_languages_and_days_stand_beside_each_other(now, long_row):
    lines = [line for group in drawn(now, long_row).groups for line in group.lines()]
    assert any(len({each.language for each in line} - {None}) > 1 for line in lines)
    for line in lines:
        assert len({each.look for each in line}) == 1 or all(
            each.kind in ("date", "period", "year", "integer", "decimal") for each in line
        )


def test_a_part_stands_open_only_when_it_is_new_or_touched(now, forms):
    part = next(row for form in forms for row in form.rows if row.by)
    assert not drawn(now, part).is_open
    assert drawn(now, replace(part, gone=True)).is_open
    key = next(each for each in part.values if each != part.by)
    assert drawn(now, replace(part, values={**part.values, key: ["typed"]})).is_open
    assert drawn(now, replace(part, id=None, before={}, values={})).is_open

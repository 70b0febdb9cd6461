"""A workbook that came back: its rows as somebody filled them in, and what is wrong, sheet by sheet and cell by cell.

Nothing that a person did to a workbook is an exception: what cannot be read is a finding that says what to do. Absence
says nothing: a row, column or sheet that is not there is untouched.
"""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from defusedxml import DefusedXmlException

from app.editing.base import Base, folded
from app.editing.cells import Value, same
from app.editing.formats import read_ooxml, read_opendocument
from app.editing.grids import DAMAGED, Book, Grid, WorkbookLimits, WorkbookRefused, open_package, place
from app.editing.layout import (
    BASE_MARK,
    CERTAINTY,
    FINDINGS_MARK,
    ID,
    RATIONALE,
    STATUS,
    SUCCESSOR,
    VOICE,
    Columns,
    GivenOut,
    Places,
    certainties,
    from_tail,
    given_out,
    plain,
    status_of,
    statuses,
    tail,
    voices_by_name,
)
from app.editing.messages import Filling, by_language, finding
from app.editing.proposals import Finding, Severity
from app.editing.rows import Row, rows
from app.editing.tables import Table
from app.terms import Iri

# So many values of a column in each other's rows are no chance.
_SORTED: Final = 3
# So many unknown ids are compared with the known ones, and ids of such a length.
_SLIPS, _LONGEST_ID = 50, 200


@dataclass(frozen=True, slots=True)
class Around:
    """What is around a sheet: the content, what was given out, voices by name, the language of the workbook."""

    base: Base
    given: GivenOut
    voices: Mapping[str, str]
    language: str


class _Sheet:
    """One sheet being read: the touched rows, what is wrong, and the number of rows that were looked at.

    ``seen`` has the places of things in sheets of the same table, and is added to.
    """

    def __init__(self, grid: Grid, columns: Columns, around: Around, seen: dict[Iri, str]) -> None:
        self._grid, self._columns, self._around, self._seen = grid, columns, around, seen
        self._table = columns.table
        self.rows: list[Row] = []
        self.findings: list[Finding] = []
        self.count = 0
        self._told_areas: set[object] = set()
        self._looked_for = 0

    def read(self) -> None:
        """Read all rows, then tell what concerns the whole sheet."""
        listed = list(self._columns.rows(self._grid))
        for number in listed:
            if row := self._row(number):
                self.rows.append(row)
        if hidden := len(self._grid.hidden_rows & set(listed)):
            self._tell("info", "hidden-rows", self._grid.name, sheet=self._grid.name, count=hidden)
        self._sorted_alone()
        self._moved()

    def _row(self, number: int) -> Row | None:
        """Read a row; None for one that is empty, untouched, or whose id is wrong."""
        grid, at = self._grid, self._columns.at
        cells = self._cells(number)
        extras = {key: grid.text(number, at[key]) for key in at if key.startswith("#") and key != ID}
        written = grid.text(number, at[ID])
        if not written and not any(value is not None for value in cells.values()):
            if any(extras.values()):
                self._tell("warning", "row-empty", place(grid, number, at[ID]))
            return None
        self.count += 1
        if (number, at[ID]) in grid.formulas:
            self._tell(
                "error", "formula", place(grid, number, at[ID]), written=written or by_language("not-calculated")
            )
            return None
        thing = from_tail(written, self._table, self._around.base) if written else None
        if thing is not None and not self._known(thing, written, number):
            return None
        places = {key: place(grid, number, column) for key, column in at.items()}
        # What is no property has a plain word as its name in a row.
        places |= {key.strip("#").partition("@")[0]: where for key, where in places.items() if key.startswith("#")}
        cells, before = self._since(thing, cells, places)
        row = self._with_extras(Row(thing, cells, before, place=places[ID], places=places), extras)
        touched = thing is None or row.status != "keep" or any(not same(v, before.get(k)) for k, v in cells.items())
        return row if touched else None

    def _cells(self, number: int) -> dict[str, Value]:
        """Give the values of a row by column; those that cannot be trusted are told and left out."""
        grid, found = self._grid, {}
        for key, column in self._columns.at.items():
            if key.startswith("#") and (number, column) not in grid.faults:
                continue
            where, here = place(grid, number, column), (number, column)
            if here in grid.faults:
                self._tell("error", "cell-error", where, written=grid.faults[here])
            elif here in grid.formulas:
                self._tell("error", "formula", where, written=grid.formulas[here] or by_language("not-calculated"))
            elif area := grid.merged_at(number, column):
                if area not in self._told_areas:
                    self._told_areas.add(area)
                    self._tell("error", "merged", where)
            else:
                found[key] = grid.value(number, column)
        return found

    def _known(self, thing: Iri, written: str, number: int) -> bool:
        """Say whether the id of a row is one of the table, and the first in the workbook; tell when not."""
        where = place(self._grid, number, self._columns.at[ID])
        if thing in self._seen:
            self._tell("error", "id-twice", where, id=written, other=self._seen[thing])
            return False
        base, cls = self._around.base, self._table.cls
        if thing in base.statements and cls in base.classes(thing):
            self._seen[thing] = where
            return True
        if (cls, thing) in self._around.given.cells:
            self._seen[thing] = where
            self._tell("error", "id-gone", where, id=written)
        elif thing in base.statements:
            self._tell("error", "id-other-kind", where, id=written)
        else:
            near = self._near(written)
            told = by_language("nearest", names=", ".join(near)) if near else ""
            self._tell("error", "id-unknown", where, id=written, nearest=told)
        return False

    def _near(self, written: str) -> list[str]:
        """Give ids that are nearly the same; after many unknown ones it is no slip, and nothing is looked for."""
        self._looked_for += 1
        if self._looked_for > _SLIPS or len(written) > _LONGEST_ID:
            return []
        known = [tail(each, self._table, self._around.base) for each in self._around.base.things(self._table.cls)]
        return difflib.get_close_matches(written, known, n=3, cutoff=0.6)

    def _since(
        self, thing: Iri | None, cells: Mapping[str, Value], places: Mapping[str, str]
    ) -> tuple[dict[str, Value], dict[str, Value]]:
        """Give the cells of a row that may be taken, and what stood in them when they were given out."""
        if thing is None:
            return {key: value for key, value in cells.items() if value is not None}, {}
        given, cls = self._around.given, self._table.cls
        if not given.whole or (cls, thing) not in given.cells:
            return self._only_additions(thing, cells, places)
        taken: dict[str, Value] = {}
        for key, value in cells.items():
            if (cls, thing, key) not in given.locked:
                taken[key] = value
            elif not same(value, given.locked[cls, thing, key]):
                self._tell("error", "not-editable", places[key])
        return taken, {key: value for key, value in given.cells[cls, thing].items() if key in taken}

    def _only_additions(
        self, thing: Iri, cells: Mapping[str, Value], places: Mapping[str, str]
    ) -> tuple[dict[str, Value], dict[str, Value]]:
        """Take what is new where nothing stands now: what stood there when it was given out is not known."""
        now = next(iter(rows(self._around.base, self._table, self._around.language, [thing])), Row(thing, {}))
        taken: dict[str, Value] = {}
        for key, value in cells.items():
            present = now.cells.get(key)
            if value is None or same(value, present):
                continue
            if key not in now.cells:
                self._tell("warning", "not-editable", places[key])
            elif present in (None, ""):
                taken[key] = value
            else:
                self._tell("warning", "only-additions", places[key], now=str(present)[:80])
        return taken, {}

    def _with_extras(self, row: Row, extras: Mapping[str, str]) -> Row:
        """Add to a row who says it, how sure it is and why, and whether it stays."""
        places, languages = row.places, ("nb", "en")
        # A name that is none of the list is left as it is: it may be that of a source that another row adds.
        said = extras.get(VOICE, "")
        voice = self._around.voices.get(folded(said), said) or None
        certainty = None
        if word := extras.get(CERTAINTY):
            named = [(each, name) for tag in languages for each, name in certainties(self._around.base, tag).items()]
            certainty = next((each for each, name in named if plain(word) in (plain(name), plain(str(each)))), None)
            if certainty is None:
                choices = {tag: ", ".join(certainties(self._around.base, tag).values()) for tag in languages}
                self._tell("error", "certainty-unknown", places[CERTAINTY], written=word, choices=choices)
        status = status_of(extras[STATUS]) if extras.get(STATUS) else "keep"
        if status is None:
            choices = {tag: ", ".join(statuses(tag)) for tag in languages}
            self._tell("error", "status-unknown", places[STATUS], written=extras[STATUS], choices=choices)
        elif status != "keep" and row.id is None:
            self._tell("error", "withdraw-new", places[STATUS])
            status = None
        why = {
            key.removeprefix(RATIONALE): words for key, words in extras.items() if key.startswith(RATIONALE) and words
        }
        successor = extras.get(SUCCESSOR, "")
        return replace(
            row, status=status or "keep", successor=successor, voice=voice, certainty=certainty, rationale=why
        )

    def _sorted_alone(self) -> None:
        """Tell of a column whose values have all changed rows: it was sorted without the rest of the table.

        When that holds for most columns, it is the ids that were sorted.
        """
        found: dict[str, int] = {}
        changed = [row for row in self.rows if row.before]
        for key in self._columns.at:
            pairs = [
                (str(row.cells.get(key) or ""), str(row.before.get(key) or ""))
                for row in changed
                if key in row.cells and not same(row.cells[key], row.before.get(key))
            ]
            moved = Counter(new for new, _ in pairs)
            if len(moved) >= _SORTED and moved == Counter(old for _, old in pairs):
                found[key] = len(pairs)
        differing = [
            key for key in self._columns.at if len({str(row.before.get(key) or "") for row in changed}) >= _SORTED
        ]
        if len(found) > 1 and 2 * len(found) > len(differing):
            found = {ID: max(found.values())}
        for key, count in found.items():
            column = self._columns.at[key]
            where = place(self._grid, min(self._columns.rows(self._grid), default=1), column)
            self._tell("error", "column-sorted", where, column=self._name(column, key), count=count)

    def _moved(self) -> None:
        """Tell of rows whose id was changed to another thing's: all that stands in them belonged elsewhere."""
        given = {thing: about for (cls, thing), about in self._around.given.cells.items() if cls == self._table.cls}
        missing = {thing: about for thing, about in given.items() if about and thing not in self._seen}
        for row in self.rows if missing else ():
            filled = {key: value for key, value in row.cells.items() if value is not None}
            if row.id is None or len(filled) < 2 or any(same(v, row.before.get(k)) for k, v in filled.items()):
                continue
            for thing, about in missing.items():
                if sum(same(value, about.get(key)) for key, value in filled.items()) * 2 > len(filled):
                    ids = [tail(each, self._table, self._around.base) for each in (row.id, thing)]
                    self._tell("error", "id-moved", row.place, id=ids[0], other=ids[1])
                    break

    def _name(self, column: int, key: str) -> str:
        named = (self._grid.text(head, column) for head in sorted(self._columns.heads))
        return next((each for each in named if each and each != key and "://" not in each), key)

    def _tell(self, severity: Severity, code: str, where: str | None, **values: Filling) -> None:
        self.findings.append(finding(severity, code, where, **values))


@dataclass(frozen=True, slots=True)
class Sheets:
    """What a workbook says: rows that were touched, by table; findings; the language and version it was given out in.

    ``rows`` is the number of rows that were looked at, touched or not.
    """

    filled: tuple[tuple[Table, tuple[Row, ...]], ...] = ()
    findings: tuple[Finding, ...] = ()
    language: str = "nb"
    version: str | None = None
    rows: int = 0


def read_workbook(
    source: bytes | BinaryIO | Path | str,
    base: Base,
    tables: Mapping[Iri, Table],
    *,
    limits: WorkbookLimits | None = None,
) -> Sheets:
    """Read a workbook (XLSX or ODS) as far as its rows; raises OSError alone, when the file cannot be read."""
    most = limits or WorkbookLimits()
    data = content_of(source, most)
    try:
        return _Reading(read_book(data, most), base, tables).sheets()
    except WorkbookRefused as refused:
        return Sheets(findings=(refused.finding,))


def content_of(source: bytes | BinaryIO | Path | str, limits: WorkbookLimits) -> bytes:
    """Give the bytes of a workbook, at most one more than are taken."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return file.read(limits.size + 1)
    return source.read(limits.size + 1)


def read_book(data: bytes, limits: WorkbookLimits) -> Book:
    """Read the sheets of a workbook; raises WorkbookRefused."""
    package = open_package(data, limits)
    try:
        reader = read_ooxml if package.format == "xlsx" else read_opendocument
        return reader(package, limits)
    except DefusedXmlException as error:
        raise WorkbookRefused("declared-entities") from error
    except DAMAGED as error:
        raise WorkbookRefused("damaged") from error
    finally:
        package.parts.close()


class _Reading:
    """One workbook being read."""

    def __init__(self, book: Book, base: Base, tables: Mapping[Iri, Table]) -> None:
        self._book, self._base, self._tables = book, base, tables
        self._given = given_out(book)
        self._findings = list(book.findings)

    def sheets(self) -> Sheets:
        """Read all sheets."""
        placed = self._placed()
        language = self._given.language or next((each.language for _, each in placed if each.language), None) or "nb"
        if not placed:
            self._findings.append(finding("error", "no-table"))
        elif not self._given.whole:
            self._findings.append(finding("warning", "base-missing"))
        around = Around(self._base, self._given, voices_by_name(self._base), language)
        filled: dict[Iri, list[Row]] = {}
        seen: dict[Iri, dict[Iri, str]] = {}
        count = 0
        for grid, columns in placed:
            cls = columns.table.cls
            sheet = _Sheet(grid, columns, around, seen.setdefault(cls, {}))
            sheet.read()
            filled.setdefault(cls, []).extend(sheet.rows)
            self._findings += sheet.findings
            count += sheet.count
        self._tell_missing({columns.table.cls: grid.name for grid, columns in placed}, seen)
        tables = tuple((self._tables[cls], tuple(listed)) for cls, listed in filled.items() if listed)
        return Sheets(tables, tuple(self._findings), language, self._given.version, count)

    def _placed(self) -> list[tuple[Grid, Columns]]:
        """Give the sheets that are tables of ours; the others are told, but for those that we add ourselves."""
        own = {name for each in ("readme", "lists", "base", "findings") for name in by_language(each).values()}
        places, found = Places(self._base, self._tables), []
        for grid in self._book.grids:
            ours = grid.name in own or grid.text(1, 1).startswith((BASE_MARK, FINDINGS_MARK))
            if ours or not grid.rows:
                continue
            placed = places.of(grid)
            self._findings += placed.findings
            if placed.columns:
                found.append((grid, placed.columns))
                if grid.hidden:
                    self._findings.append(finding("info", "hidden-sheet", grid.name, sheet=grid.name))
            elif not placed.findings:
                self._findings.append(finding("info", "sheet-unread", grid.name, sheet=grid.name))
        return found

    def _tell_missing(self, names: Mapping[Iri, str], seen: Mapping[Iri, Mapping[Iri, str]]) -> None:
        """Tell of rows that were given out and are not there; of a whole sheet there is nothing to tell."""
        for cls, name in names.items():
            if missing := sum(kind == cls and thing not in seen[cls] for kind, thing in self._given.cells):
                self._findings.append(finding("info", "rows-missing", name, sheet=name, count=missing))

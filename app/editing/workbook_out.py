"""A workbook to fill in: a sheet for each table with all its things, help, and lists to choose from.

Office Open XML (ISO/IEC 29500). Nothing is protected: locked cells break sorting, so what must not change is verified
when the workbook comes back. Everything is written as text but plain numbers, so no text becomes a formula or a date.
The same content gives the same bytes. A list within a cell's rule may have 255 characters, and programs drop longer
ones, so lists to choose from are ranges: each once, on a hidden sheet, with a name that cells refer to.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.editing.base import Base
from app.editing.cells import Value, shown
from app.editing.grids import letters
from app.editing.layout import (
    BASE_MARK,
    CERTAINTY,
    FIRST,
    HELP,
    ID,
    KEYS,
    LOCKED,
    NAMES,
    STATUS,
    SUCCESSOR,
    VOICE,
    Heading,
    certainties,
    day_of,
    first_cell,
    headings,
    seal,
    sheet_names,
    statuses,
    tail,
    told,
    version_of,
    voices,
)
from app.editing.messages import text
from app.editing.rows import Row, rows, values
from app.editing.tables import Column, Table, targets
from app.editing.tables import things as things_of
from app.entities.workbook import CELL, FORMULA, ROWS, clean, fitting
from app.errors import N_, AnswerTooLarge
from app.terms import Iri


class Choices:
    """The lists of one workbook, made as its columns ask for them."""

    def __init__(self, base: Base, language: str) -> None:
        """Begin with no list."""
        self._base, self._language = base, language
        self._lists: dict[object, tuple[str, Sequence[str]]] = {}

    def of(self, heading: Heading, table: Table) -> str | None:
        """Give the name of the list that a column is chosen from; empty or None when it has none."""
        column = heading.column
        if heading.key == SUCCESSOR:
            column = Column(SUCCESSOR, Iri(SUCCESSOR), "link", {}, classes=(table.cls,))
        if column is None:
            own = self._own(heading.key)
            return self._named(heading.key, own) if own else None
        if column.kind == "boolean":
            return self._named(column.kind, [text("yes", self._language), text("no", self._language)])
        if column.choices:
            names = [shown((each,), column, self._base, self._language) for each in column.choices]
            return self._named(column.choices, names)
        return self._links(column) if column.kind == "link" else None

    def rule(self, heading: Heading, table: Table) -> dict[str, Any]:
        """Give what holds for the cells of a column: the list to choose from, and its help; nothing without either."""
        column = heading.column
        told_there = {"input_title": _cut(heading.name, _TITLE), "input_message": _cut(heading.help, _MESSAGE)}
        if chosen := self.of(heading, table):
            # Another text than one of the list may be right: several on a line each, or something new.
            free = column is None or column.many or column.kind == "link"
            rule = {"validate": "list", "source": f"={chosen}", "show_error": not free, **told_there}
            return rule | ({} if heading.help else {"input_title": "", "input_message": ""})
        return {"validate": "any", **told_there} if heading.help else {}

    def _own(self, key: str) -> list[str]:
        """Give what is chosen from in a column that is no property."""
        if key == VOICE:
            return [text("correction", self._language), *voices(self._base, self._language).values()]
        if key == CERTAINTY:
            return list(certainties(self._base, self._language).values())
        return statuses(self._language) if key == STATUS else []

    def _links(self, column: Column) -> str:
        key = (column.classes, column.pattern)
        if key not in self._lists:
            names = {shown((each,), column, self._base, self._language) for each in targets(self._base, column)}
            self._named(key, sorted(names, key=lambda name: (name.casefold(), name)))
        return self._lists[key][0]

    def _named(self, key: object, entries: Sequence[str]) -> str:
        if key not in self._lists:
            # A list without entries would be a rule that nothing fulfils.
            self._lists[key] = (f"List_{len(self._lists) + 1:03}" if entries else "", entries)
        return self._lists[key][0]

    def write(self, book: Any, name: str) -> None:
        """Write the hidden sheet of all lists, and give each its name."""
        sheet = book.add_worksheet(name)
        sheet.hide()
        for number, (defined, entries) in enumerate(self._lists.values()):
            for row, entry in enumerate(entries, 1):
                sheet.write_string(row, number, fitting(clean(entry)))
            if defined:
                sheet.write_string(0, number, defined)
                column = letters(number + 1)
                book.define_name(defined, f"='{name}'!${column}$2:${column}${len(entries) + 1}")


# The limits of Excel for the message of a cell, and its title.
_TITLE, _MESSAGE = 32, 255
_WIDTHS: Final = {
    "text": 60,
    "line": 32,
    "link": 36,
    "address": 40,
    "choice": 22,
    "integer": 12,
    "decimal": 12,
    "year": 10,
}
_OWN_WIDTHS: Final = {ID: 26, VOICE: 40, CERTAINTY: 16, STATUS: 16, SUCCESSOR: 30}
_NUMBERS: Final = frozenset({"integer", "decimal", "year"})
# A line of a cell, and of so many the height is made (points).
_LINE, _MOST_LINES = 15, 6
# Without a date of the content the file has this one: a clock would give other bytes each time.
_NO_DAY: Final = "2000-01-01"
_GREY, _BLUE, _BEIGE = "#E7E6E6", "#D9E7F5", "#F6EFDD"


def write_workbook(
    base: Base,
    tables: Mapping[Iri, Table],
    target: str | Path | BinaryIO,
    *,
    language: str,
    classes: Collection[Iri] | None = None,
    things: Mapping[Iri, Collection[Iri]] | None = None,
) -> None:
    """Write the workbook of all tables, or of those of some classes; of all their things, or of ``things`` by class.

    Raises AnswerTooLarge when a table has more things than a sheet has rows.
    """
    import xlsxwriter  # noqa: PLC0415 - only who gets a workbook needs it

    chosen = [each for cls, each in tables.items() if classes is None or cls in classes]
    wanted = {each.cls: things.get(each.cls, ()) if things else things_of(base, tables, each) for each in chosen}
    filled = [(each, rows(base, each, language, wanted[each.cls])) for each in chosen]
    day, version = day_of(base), version_of(base)
    book = xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, {"strings_to_urls": False})
    title = told(base.content.dataset.title, language) or base.content.base
    created = datetime.fromisoformat(day or _NO_DAY)
    book.set_properties({"title": text("title", language, dataset=clean(title)), "created": created})
    writer = _Workbook(book, base, language)
    writer.readme(title, version, day)
    names = sheet_names(chosen, language)
    for table, listed in filled:
        if len(listed) > ROWS - FIRST:
            raise AnswerTooLarge(
                N_("The table has %(rows)d rows; a sheet of Excel has %(most)d."), rows=len(listed), most=ROWS
            )
        writer.table(table, listed, names[table.cls])
    writer.choices.write(book, text("lists", language))
    writer.hidden_base(version)
    book.close()


class _Workbook:
    """One workbook being written: its formats, its lists to choose from, and what its hidden sheet will say."""

    def __init__(self, book: Any, base: Base, language: str) -> None:
        self._book, self._base, self._language = book, base, language
        self.choices = Choices(base, language)
        self._given: list[tuple[str, str, str, Value, str]] = []
        top = {"valign": "top", "text_wrap": True}
        as_text = {**top, "num_format": "@"}
        self._text, self._number = book.add_format(as_text), book.add_format({"valign": "top"})
        self._quoted = book.add_format({**as_text, "quote_prefix": True})
        self._grey = book.add_format({**as_text, "bg_color": _GREY, "font_color": "#444444"})
        self._help = book.add_format({**top, "italic": True, "font_color": "#444444", "font_size": 9, "bottom": 1})
        self._names = {
            colour: book.add_format({**top, "bold": True, "bg_color": colour}) for colour in (_GREY, _BLUE, _BEIGE)
        }
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._prose = book.add_format(top)

    def readme(self, title: str, version: str, day: str | None) -> None:
        """Write the first sheet: what this is, how it is filled in, what it was made of."""
        sheet = self._book.add_worksheet(text("readme", self._language))
        sheet.set_column(0, 0, 110)
        sheet.hide_gridlines(2)
        _done(sheet.write_string(0, 0, fitting(clean(text("title", self._language, dataset=title))), self._title))
        made = text("made-of" if day else "made-of-undated", self._language, date=day or "", version=version)
        for number, line in enumerate([made, "", *text("explanation", self._language).split("\n")], 1):
            _done(sheet.write_string(number, 0, line, self._prose))

    def table(self, table: Table, listed: Sequence[Row], name: str) -> None:
        """Write the sheet of a table."""
        sheet = self._book.add_worksheet(name)
        columns = headings(self._base, table, self._language)
        last = FIRST - 1 + len(listed)
        for number, heading in enumerate(columns):
            self._heading(sheet, number, heading, table)
        _done(sheet.write_string(KEYS - 1, 0, first_cell(table, self._language)))
        sheet.set_row(KEYS - 1, None, None, {"hidden": True})
        sheet.set_row(HELP - 1, 4 * _LINE)
        # The arrows stand in the row of help, right above the things: what is above them is not sorted.
        _done(sheet.autofilter(HELP - 1, 0, max(last, FIRST) - 1, len(columns) - 1))
        sheet.freeze_panes(FIRST - 1, min(2, len(columns)))
        _done(sheet.ignore_errors({"number_stored_as_text": f"A{FIRST}:XFD{ROWS}"}))
        for place, row in enumerate(listed, FIRST - 1):
            self._row(sheet, place, row, table, columns)

    def _heading(self, sheet: Any, number: int, heading: Heading, table: Table) -> None:
        """Write the head of a column, and what holds for its cells, those of new rows too."""
        column = heading.column
        if heading.key != ID:
            _done(sheet.write_string(KEYS - 1, number, heading.key))
        colour = _BEIGE if column is None else _BLUE
        _done(
            sheet.write_string(
                NAMES - 1, number, fitting(clean(heading.name)), self._names[_GREY if number == 0 else colour]
            )
        )
        _done(sheet.write_string(HELP - 1, number, fitting(clean(heading.help)), self._help))
        form = self._number if column and column.kind in _NUMBERS and not column.many else self._text
        width = _WIDTHS.get(column.kind, 18) if column else _OWN_WIDTHS.get(heading.key, 30)
        _done(sheet.set_column(number, number, width, self._grey if heading.key == ID else form))
        if rule := self.choices.rule(heading, table):
            _done(sheet.data_validation(FIRST - 1, number, ROWS - 1, number, rule))

    def _row(self, sheet: Any, place: int, row: Row, table: Table, columns: Sequence[Heading]) -> None:
        assert row.id is not None  # rows of the files have one
        _done(sheet.write_string(place, 0, tail(row.id, table, self._base), self._grey))
        self._given.append((table.cls, row.id, "", "", ""))
        lines = 1
        for number, heading in enumerate(columns):
            if heading.column is None:
                continue
            # What cannot be edited whole is no cell of the row: it is shown all the same.
            locked = LOCKED if heading.key not in row.cells else ""
            value = self._whole(row.id, heading.column) if locked else row.cells[heading.key]
            if value is None or value == "":
                continue
            written = self._cell(sheet, (place, number), value, heading.column, locked=bool(locked))
            self._given.append((table.cls, row.id, heading.key, written, locked))
            if isinstance(written, str):
                width = _WIDTHS.get(heading.column.kind, 18)
                lines = max(lines, sum(1 + len(each) // width for each in written.split("\n")))
        sheet.set_row(place, _LINE * min(lines, _MOST_LINES))

    def _whole(self, thing: Iri, column: Column) -> str:
        return shown(values(self._base, thing, column), column, self._base, self._language)

    def _cell(self, sheet: Any, place: tuple[int, int], value: Value, column: Column, *, locked: bool) -> Value:
        """Write a cell, and give what stands there now."""
        if column.kind in _NUMBERS and not locked and (number := _number(value)) is not None:
            _done(sheet.write_number(*place, number, self._number))
            return number
        written = fitting(clean(str(value)))
        form = self._grey if locked else self._quoted if written.startswith(FORMULA) else self._text
        _done(sheet.write_string(*place, written, form))
        return written

    def hidden_base(self, version: str) -> None:
        """Write the hidden sheet of what stood in each cell, and the same facts into the properties of the file."""
        sheet = self._book.add_worksheet(text("base", self._language))
        sheet.very_hidden()
        sealed = seal(self._given)
        for column, fact in enumerate((BASE_MARK, version, self._language, sealed)):
            _done(sheet.write_string(0, column, fact))
        for number, line in enumerate(self._given, 1):
            for column, value in enumerate(line):
                if isinstance(value, int | float):
                    _done(sheet.write_number(number, column, value))
                elif value not in (None, ""):
                    _done(sheet.write_string(number, column, str(value)))
        for name, fact in (("version", version), ("language", self._language), ("base", sealed)):
            _done(self._book.set_custom_property(f"innherred-{name}", fact))


def _number(value: Value) -> int | float | None:
    """Give a number that a cell can hold as it is written, else None: 15 digits, no zeros in front."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"-?(0|[1-9]\d*)([.,]\d+)?", value, re.ASCII):
        return None
    if sum(each.isdigit() for each in value) > 15:
        return None
    return float(value.replace(",", ".")) if re.search("[.,]", value) else int(value)


def _cut(words: str, most: int) -> str:
    plain = clean(words)
    # Counted in UTF-16, as Excel does.
    while len(plain.encode("utf-16-le")) > 2 * most:
        plain = plain[: len(plain) - 2].rstrip() + "…"
    return plain


def _done(result: Any) -> None:
    """See that XlsxWriter did what it was asked: it gives a number below zero when it leaves something out."""
    if isinstance(result, int) and result < 0:
        raise ValueError(f"the workbook cannot hold this ({result}); most characters of a cell: {CELL}")

"""The sender's workbook with every finding at its cell: a new workbook made of values, never the sender's file again.

So no formula, macro or link of theirs travels on. It can be mended and sent in like the first one: its hidden sheets
and keys are there too, and the lists to choose from are made anew from what the content says now.
"""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.editing.base import Base
from app.editing.cells import Value
from app.editing.grids import Book, Grid, WorkbookLimits, WorkbookRefused, numbered
from app.editing.layout import BASE_MARK, FINDINGS_MARK, FIRST, HELP, KEYS, MARK, NAMES, headings, of_first_cell, told
from app.editing.messages import by_language, text
from app.editing.proposals import Finding, Severity
from app.editing.tables import Table
from app.editing.workbook_in import read_book
from app.editing.workbook_out import Choices
from app.entities.workbook import ROWS, clean, fitting
from app.terms import Iri

_COLOURS: Final[Mapping[Severity, str]] = {"error": "#F8CBAD", "warning": "#FFE699", "info": "#DDEBF7"}
_WORST: Final[tuple[Severity, ...]] = ("error", "warning", "info")
# A comment larger than this hides the sheet.
_COMMENT, _COMMENTED = 1_000, 20_000
_WIDTH, _PROSE, _LINK = 28, 110, 255
# Before this day Excel's own days are off by one: it takes 1900 for a leap year.
_FIRST_DAY: Final = date(1900, 3, 1)


def mark(
    original: bytes,
    findings: Sequence[Finding],
    target: str | Path | BinaryIO,
    *,
    base: Base,
    tables: Mapping[Iri, Table],
    language: str = "nb",
    limits: WorkbookLimits | None = None,
) -> None:
    """Write a workbook of the values of another (XLSX or ODS), with the findings at their cells and in a list.

    Of a file that cannot be read there is the list alone. ``tables`` are those of the content, to choose from.
    """
    import xlsxwriter  # noqa: PLC0415 - only who sends a workbook needs it

    try:
        book = read_book(original, limits or WorkbookLimits())
    except WorkbookRefused:
        book = Book((), {})
    made = xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target, {"strings_to_urls": False, "nan_inf_to_errors": True}
    )
    made.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a day without a place: no clock, same bytes
    _Marking(made, findings, language, base, tables).write(book)
    for name, fact in sorted(book.properties.items()):
        if name.startswith(f"{MARK}-") and fact:
            made.set_custom_property(name, fact[:_LINK])
    made.close()


def marked(
    original: bytes, findings: Sequence[Finding], base: Base, tables: Mapping[Iri, Table], *, language: str = "nb"
) -> bytes:
    """Give the bytes of what ``mark`` writes."""
    target = io.BytesIO()
    mark(original, findings, target, base=base, tables=tables, language=language)
    return target.getvalue()


class _Marking:
    """One marked workbook being written."""

    def __init__(
        self, made: Any, findings: Sequence[Finding], language: str, base: Base, tables: Mapping[Iri, Table]
    ) -> None:
        self._made, self._language = made, language
        self._base, self._tables = base, tables
        self._choices: Choices | None = None
        self._findings = sorted(findings, key=lambda each: _WORST.index(each.severity))
        self._at: dict[tuple[str, int, int], list[Finding]] = defaultdict(list)
        for each in self._findings:
            sheet, cell = _split(each.place or "")
            if cell:
                self._at[sheet, *cell].append(each)
        top = {"valign": "top", "text_wrap": True, "num_format": "@"}
        self._plain, self._bold = made.add_format(top), made.add_format({**top, "bold": True, "bg_color": "#D9E7F5"})
        self._number = made.add_format({"valign": "top"})
        self._fills = {severity: made.add_format({**top, "bg_color": colour}) for severity, colour in _COLOURS.items()}
        self._days = made.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        self._times = made.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"})

    def write(self, book: Book) -> None:
        """Write the list of findings, then the sheets."""
        # Programs take names of sheets that differ in case for the same.
        own = {name.casefold() for each in ("findings", "lists") for name in by_language(each).values()}
        grids = [
            each
            for each in book.grids
            if each.name.casefold() not in own and not each.text(1, 1).startswith(FINDINGS_MARK)
        ]
        self._list({each.name for each in grids})
        for grid in grids:
            self._sheet(grid)
        if self._choices:
            self._choices.write(self._made, text("lists", self._language))

    def _list(self, names: set[str]) -> None:
        sheet = self._made.add_worksheet(text("findings", self._language))
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.write_string(0, 0, FINDINGS_MARK)
        for column, (name, width) in enumerate((("place", 30), ("severity", 20), ("message", 110))):
            sheet.set_column(column, column, width, self._plain)
            sheet.write_string(1, column, text(name, self._language), self._bold)
        sheet.freeze_panes(2, 0)
        if not self._findings:
            sheet.write_string(2, 2, text("no-findings", self._language), self._plain)
        for row, each in enumerate(self._findings, 2):
            where = each.place or ""
            name, cell = _split(where)
            address = f"internal:'{name.replace(chr(39), chr(39) * 2)}'!{where.rpartition('!')[2]}" if cell else ""
            shown = fitting(clean(where))
            if cell and name in names and len(address) < _LINK:
                sheet.write_url(row, 0, address, string=shown)
            else:
                sheet.write_string(row, 0, shown, self._plain)
            sheet.write_string(row, 1, text(each.severity, self._language), self._fills[each.severity])
            sheet.write_string(row, 2, fitting(clean(told(each.messages, self._language))), self._plain)

    def _sheet(self, grid: Grid) -> None:
        sheet = self._made.add_worksheet(grid.name)
        ours = any(isinstance(v, str) and v.startswith(f"{MARK} ") for v in grid.rows.get(KEYS, {}).values())
        table = ours and not grid.text(1, 1).startswith(BASE_MARK)
        if grid.hidden:
            sheet.hide()
        if table:
            self._rules(sheet, grid)
            sheet.set_column(0, max(max(row) for row in grid.rows.values()) - 1, _WIDTH, self._plain)
            sheet.set_row(KEYS - 1, None, None, {"hidden": True})
            sheet.freeze_panes(HELP, 2)
        elif not grid.hidden and max(max(row) for row in grid.rows.values() or [{1: None}]) == 1:
            sheet.set_column(0, 0, _PROSE, self._plain)  # the sheet that explains
        for row, cells in sorted(grid.rows.items()):
            for column, value in sorted(cells.items()):
                form = self._bold if table and row == NAMES else None
                self._cell(sheet, (row, column), value, form, self._at.get((grid.name, row, column), ()))
        for name, row, column in [each for each in self._at if each[0] == grid.name][:_COMMENTED]:
            here = self._at[name, row, column]
            if grid.value(row, column) is None:
                sheet.write_blank(row - 1, column - 1, None, self._fills[here[0].severity])
            words = "\n".join(clean(told(each.messages, self._language)) for each in here)
            sheet.write_comment(row - 1, column - 1, words[:_COMMENT], {"x_scale": 2.5, "y_scale": 1.5, "author": ""})

    def _rules(self, sheet: Any, grid: Grid) -> None:
        """Let the cells of a table be chosen from lists, wherever its columns stand now."""
        cls, language = of_first_cell(grid.text(KEYS, 1)) or (None, "")
        table = self._tables.get(cls) if cls else None
        if table is None or language not in by_language("lists"):
            return
        # A workbook is in one language: that of its first sheet.
        self._choices = self._choices or Choices(self._base, language)
        known = {each.key: each for each in headings(self._base, table, language)}
        for column in sorted(grid.rows.get(KEYS, {})):
            heading = known.get(grid.text(KEYS, column))
            if heading and (rule := self._choices.rule(heading, table)):
                sheet.data_validation(FIRST - 1, column - 1, ROWS - 1, column - 1, rule)

    def _cell(self, sheet: Any, at: tuple[int, int], value: Value, form: Any, here: Sequence[Finding]) -> None:
        place = (at[0] - 1, at[1] - 1)
        fill = self._fills[here[0].severity] if here else form
        if isinstance(value, bool):
            sheet.write_boolean(*place, value, fill)
        elif isinstance(value, int | float):
            sheet.write_number(*place, value, fill or self._number)
        elif isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) >= _FIRST_DAY:
            timed = isinstance(value, datetime) and value.time() != datetime.min.time()
            plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            # A fill would take away how the day is shown, and it would look like a number.
            sheet.write_datetime(*place, plain, self._times if timed else self._days)
        elif value is not None:
            sheet.write_string(*place, fitting(clean(str(value))), fill or self._plain)


def _split(place: str) -> tuple[str, tuple[int, int] | None]:
    """Give the sheet and the cell of a place; of one that is a whole sheet no cell."""
    sheet, mark, cell = place.rpartition("!")
    found = numbered(cell) if mark else None
    return (sheet, found) if found else (place, None)

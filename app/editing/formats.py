"""Workbooks of Office Open XML (ISO/IEC 29500) and OpenDocument (ISO/IEC 26300) as grids.

Each sheet of Office Open XML is looked through first, as a stream, for what openpyxl does not tell while it streams:
how far it is filled (a million rows that are only formatted count as none), formulas, errors, merged cells and hidden
rows. OpenDocument is read by such a stream alone, since python-calamine, which we tried, tells none of these, and makes
room for every cell that a repetition names.
"""

import io
import re
import warnings
from datetime import date, datetime
from posixpath import join, normpath
from typing import IO, Any, Final
from xml.sax.handler import ContentHandler

import defusedxml.sax

from app.editing.cells import Value
from app.editing.grids import Area, Book, Grid, Package, Room, WorkbookLimits, numbered, too_much
from app.editing.proposals import Finding

# How the format writes characters that XML cannot hold, carriage returns among them (ISO/IEC 29500-1 §22.9.2.19).
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_HIDDEN: Final = ("1", "true")
# More merged cells than this are a picture, not a table; the first ones are told.
_MOST_MERGED: Final = 1_000
# So many formulas or errors are a model of something, and none of our tables.
_MOST_NOTED: Final = 100_000


def read_ooxml(package: Package, limits: WorkbookLimits) -> Book:
    """Read a workbook; raises WorkbookRefused, and for a damaged one what ``packages.DAMAGED`` has."""
    import openpyxl  # noqa: PLC0415 - only who sends a workbook needs it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that are not read_ooxml, such as newer drop-downs
        book = openpyxl.load_workbook(io.BytesIO(package.data), read_only=True, data_only=True, keep_links=False)
    room = Room(limits)
    room.sheets(len(book.worksheets))
    grids, findings = [], list[Finding](package.findings)
    for sheet in book.worksheets:
        # The name of a sheet's part is known to openpyxl alone.
        with package.parts.open(normpath(join("/", sheet._worksheet_path)).lstrip("/")) as part:  # noqa: SLF001
            grids.append(_read_sheet(sheet, part, room))
    properties = {each.name: str(each.value) for each in book.custom_doc_props.props if each.value is not None}
    book.close()
    return Book(tuple(grids), properties, tuple(findings))


def _read_sheet(sheet: Any, part: IO[bytes], room: Room) -> Grid:
    scan = _Scan()
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(scan)
    parser.parse(part)
    room.area(scan.bottom, scan.right)
    grid = Grid(sheet.title, hidden=sheet.sheet_state != "visible", merged=scan.merged, hidden_rows=scan.hidden_rows)
    if scan.bottom:
        filled = sheet.iter_rows(min_row=1, max_row=scan.bottom, min_col=1, max_col=scan.right, values_only=True)
        for number, row in enumerate(filled, 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    grid.put(number, column, _plain(value) if isinstance(value, str) else value)
    for cell in scan.formulas:
        grid.formulas[cell] = grid.text(*cell)
    for cell in scan.faults:
        grid.faults[cell] = grid.text(*cell)
    return grid


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value


class _Scan(ContentHandler):
    """What a sheet's part says beside values; rows and cells without a place follow on those before."""

    def __init__(self) -> None:
        super().__init__()
        self.bottom = self.right = 0
        self.formulas: list[tuple[int, int]] = []
        self.faults: list[tuple[int, int]] = []
        self.merged: list[Area] = []
        self.hidden_rows: set[int] = set()
        self._row = self._column = 0
        self._named: str | None = None

    def startElement(self, name: str, attributes: Any) -> None:  # noqa: N802 - SAX's name
        if name == "c" or name.endswith(":c"):
            if "r" in attributes:
                self._named = attributes["r"]
            else:
                self._resolve()
                self._column += 1
            if attributes.get("t") == "e":
                self._resolve()
                self._note(self.faults)
            return
        name = name.rpartition(":")[2]
        if name == "row":
            self._row, self._column, self._named = int(attributes.get("r", self._row + 1)), 0, None
            if attributes.get("hidden") in _HIDDEN:
                self.hidden_rows.add(self._row)
        elif name in ("v", "f", "is"):
            self._resolve()
            self.bottom, self.right = max(self.bottom, self._row), max(self.right, self._column)
            if name == "f":
                self._note(self.formulas)
        elif name == "mergeCell" and len(self.merged) < _MOST_MERGED:
            first, _, last = attributes.get("ref", "").replace("$", "").partition(":")
            if (start := numbered(first)) and (end := numbered(last or first)):
                self.merged.append(Area(*start, *end))

    def _note(self, found: list[tuple[int, int]]) -> None:
        if len(found) >= _MOST_NOTED:
            raise too_much("cells", len(found) + 1, _MOST_NOTED)
        found.append((self._row, self._column))

    def _resolve(self) -> None:
        """Find out the place of the present cell: most cells of a large sheet are empty, and nobody asks."""
        if self._named is not None:
            self._row, self._column = numbered(self._named) or (self._row, self._column + 1)
            self._named = None


_NUMBERS: Final = ("float", "percentage", "currency")
_CELLS: Final = ("table:table-cell", "table:covered-table-cell")
# Texts in a cell that are not its own.
_BESIDE: Final = ("office:annotation", "draw:frame", "draw:custom-shape")


def read_opendocument(package: Package, limits: WorkbookLimits) -> Book:
    """Read a workbook; raises WorkbookRefused, and for a damaged one what ``packages.DAMAGED`` has."""
    about = _Properties()
    if "meta.xml" in package.parts.namelist():
        _parse(package, "meta.xml", about)
    sheets = _Sheets(Room(limits))
    _parse(package, "content.xml", sheets)
    return Book(tuple(sheets.grids), about.found, package.findings)


def _parse(package: Package, part: str, handler: ContentHandler) -> None:
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    with package.parts.open(part) as source:
        parser.parse(source)


class _Properties(ContentHandler):
    """The properties that a workbook has of its own (``meta:user-defined``), by name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._name: str | None = None

    def startElement(self, name: str, attributes: Any) -> None:  # noqa: N802 - SAX's name
        self._name = attributes.get("meta:name") if name == "meta:user-defined" else None

    def characters(self, content: str) -> None:
        if self._name:
            self.found[self._name] = self.found.get(self._name, "") + content

    def endElement(self, _name: str) -> None:  # noqa: N802 - SAX's name
        self._name = None


class _Sheets(ContentHandler):
    """Sheets, rows and cells with their repetitions; what is repeated and empty costs nothing."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.grids: list[Grid] = []
        self._room = room
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._row = self._column = self._rows = 0
        self._cells: list[tuple[int, int, Value, str | None, bool]] = []
        self._attributes: dict[str, str] | None = None
        self._paragraphs: list[str] = []
        self._in_text = self._beside = 0

    def startElement(self, name: str, attributes: Any) -> None:  # noqa: N802 - SAX's name
        if name in _BESIDE or self._beside:
            self._beside += name in _BESIDE
        elif name == "table:table-row":
            self._row_begins(attributes)
        elif name in _CELLS:
            self._attributes, self._paragraphs = dict(attributes.items()), []
        elif name.startswith("text:") and self._attributes is not None:
            self._text_begins(name, attributes)
        elif name == "table:table":
            self._room.sheets(len(self.grids) + 1)
            hidden = attributes.get("table:style-name") in self._hidden_styles
            self.grids.append(Grid(attributes.get("table:name", ""), hidden=hidden))
            self._row = self._rows = 0
        elif name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)

    def _row_begins(self, attributes: Any) -> None:
        self._row += self._rows or 1
        self._rows, self._column, self._cells = int(attributes.get("table:number-rows-repeated", 1)), 1, []
        if attributes.get("table:visibility") in ("collapse", "filter") and self.grids:
            self._room.area(self._rows if self._rows < _TO_THE_END else 0, 1)
            if self._rows < _TO_THE_END:
                self.grids[-1].hidden_rows.update(range(self._row, self._row + self._rows))

    def _text_begins(self, name: str, attributes: Any) -> None:
        if name == "text:p":
            self._in_text += 1
            self._paragraphs.append("")
        elif self._paragraphs:
            mark = {"text:s": " ", "text:tab": "\t", "text:line-break": "\n"}.get(name, "")
            # As many spaces as a cell may have characters, whatever the file says.
            room = max(0, _CELL - len(self._paragraphs[-1]))
            self._paragraphs[-1] += mark * min(int(attributes.get("text:c", 1)), room)

    def characters(self, content: str) -> None:
        if self._in_text and not self._beside and self._paragraphs:
            self._paragraphs[-1] += content

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        if self._beside:
            self._beside -= name in _BESIDE
        elif name == "text:p" and self._in_text:
            self._in_text -= 1
        elif name in _CELLS and self._attributes is not None:
            self._cell_ends(self._attributes)
            self._attributes = None
        elif name == "table:table-row" and self._cells and self.grids:
            self._row_ends(self.grids[-1])

    def _cell_ends(self, about: dict[str, str]) -> None:
        repeated = int(about.get("table:number-columns-repeated", 1))
        value = _value(about, "\n".join(self._paragraphs))
        formula = about.get("table:formula")
        fault = about.get("calcext:value-type") == "error"
        if value is not None or formula:
            self._room.area(1, repeated)
            self._cells += [(self._column + n, repeated, value, formula, fault) for n in range(repeated)]
        down, across = (int(about.get(f"table:number-{each}-spanned", 1)) for each in ("rows", "columns"))
        if (down > 1 or across > 1) and self.grids:
            area = Area(self._row, self._column, self._row + down - 1, self._column + across - 1)
            self._room.area(1, 1)
            self.grids[-1].merged.append(area)
        self._column += repeated

    def _row_ends(self, grid: Grid) -> None:
        self._room.area(self._rows, len(self._cells))
        for row in range(self._row, self._row + self._rows):
            for column, _, value, formula, fault in self._cells:
                grid.put(row, column, value)
                if formula:
                    grid.formulas[row, column] = grid.text(row, column)
                if fault:
                    grid.faults[row, column] = grid.text(row, column)


# So many rows at a time are the rest of a sheet.
_TO_THE_END: Final = 10_000
# The characters of a cell, more than programs take.
_CELL: Final = 40_000
# Below this every whole number is exact.
_EXACT: Final = 1e15


def _value(about: dict[str, str], shown: str) -> Value:
    """Give the value of a cell by its type (ISO/IEC 26300-1 §19.385); without a type it has none."""
    kind = about.get("office:value-type")
    if about.get("calcext:value-type") == "error":
        return shown or "#N/A"
    if kind in _NUMBERS:
        number = float(about.get("office:value", "nan"))
        return int(number) if number.is_integer() and abs(number) < _EXACT else number
    if kind == "date":
        return _day(about.get("office:date-value", shown))
    if kind == "boolean":
        return about.get("office:boolean-value") == "true"
    return (about.get("office:string-value", shown) or None) if kind else None


def _day(written: str) -> Value:
    try:
        return datetime.fromisoformat(written) if "T" in written else date.fromisoformat(written)
    except ValueError:  # a day that Python's calendar does not have
        return written

"""The file of a workbook: what we take, in words why we do not take the rest, and its sheets as grids of values.

A workbook is a package (ZIP), bounded before anything is unpacked: bytes, entries, and what they say they unpack to.
Python's zipfile gives no more of an entry than its directory says, so the sum of these bounds what can come out.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any, Final, NamedTuple
from typing import Literal as OneOf
from xml.sax import SAXException

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.editing.cells import Value
from app.editing.messages import Filling, by_language, finding
from app.editing.proposals import Finding

_MEGA: Final = 1_000_000
# What begins a document type, and within so many bytes of a part it stands. NULs are those of UTF-16.
_DOCUMENT_TYPE: Final = b"<!DOCTYPE"
_PROLOG: Final = 65_536
_OLD: Final = bytes.fromhex("D0CF11E0A1B11AE1")  # [MS-CFB] §2.2
_STRICT: Final = b"http://purl.oclc.org/ooxml/spreadsheetml/main"  # ISO/IEC 29500-1, A.2
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
# Parts that are read as a stream; and those that become many objects.
_STREAMED: Final = re.compile(r"xl/worksheets/[^/]+\.xml|content\.xml")
_SMALL: Final = ("styles.xml", "workbook.xml", ".rels", "[Content_Types].xml", "custom.xml", "meta.xml", "manifest.xml")
_SHEET: Final = re.compile(rb"<(?:\w+:)?sheet\s")
# What reading a damaged file may raise, in zipfile, the parsers and openpyxl.
DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, SAXException, SyntaxError, ArithmeticError),
    *(AttributeError, AssertionError, LookupError, RuntimeError, TypeError, ValueError),
)


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """The most that is read of a workbook: bytes of the file, of its parts unpacked, parts, sheets, cells in use.

    ``strings`` are the bytes of what is read whole, ``part`` of that alone which costs most for each byte.
    """

    size: int = 20 * _MEGA
    unpacked: int = 200 * _MEGA
    strings: int = 20 * _MEGA
    part: int = 4 * _MEGA
    entries: int = 2_000
    sheets: int = 60
    cells: int = 3_000_000


class WorkbookRefused(Exception):
    """A workbook that is not read: ``finding`` says why, and what its sender can do."""

    def __init__(self, code: str, **values: Filling) -> None:
        """Keep why."""
        super().__init__(code)
        self.finding = finding("error", code, None, **values)


def too_much(what: str, count: int, most: int) -> WorkbookRefused:
    """Make the refusal of a workbook that has too many cells, sheets, parts or megabytes."""
    return WorkbookRefused("too-much", what=by_language(what, count=count, most=most))


@dataclass(frozen=True, slots=True)
class Package:
    """A workbook within bounds: its format, its parts, and what its sender should know."""

    format: OneOf["xlsx", "ods"]
    data: bytes
    parts: zipfile.ZipFile
    findings: tuple[Finding, ...] = ()


def open_package(data: bytes, limits: WorkbookLimits) -> Package:
    """Open a workbook; raises WorkbookRefused."""
    if len(data) > limits.size:
        raise WorkbookRefused("too-large", most=limits.size // _MEGA)
    if data.startswith(_OLD):
        raise WorkbookRefused("encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "old-format")
    try:
        parts = zipfile.ZipFile(io.BytesIO(data))
        _within(parts.infolist(), limits)
        if any(_declares(parts, name) for name in parts.namelist()):
            raise WorkbookRefused("declared-entities")
        return _told(data, parts, limits)
    except DefusedXmlException as error:
        raise WorkbookRefused("declared-entities") from error
    except DAMAGED as error:
        raise WorkbookRefused(_without_package(data)) from error


def _declares(parts: zipfile.ZipFile, name: str) -> bool:
    """Say whether a part begins with a document type: no workbook has one, and not every parser refuses it."""
    with parts.open(name) as part:
        return _DOCUMENT_TYPE in part.read(_PROLOG).replace(b"\0", b"").upper()


def _without_package(data: bytes) -> str:
    """Give what is wrong with bytes that are no package."""
    if data.startswith(b"PK"):
        return "damaged"
    try:
        content = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8")
    except UnicodeDecodeError:
        content = data.decode("cp1252", "replace")
    line = content.lstrip("\ufeff \r\n").split("\n", 1)[0]
    printable = not any(each < " " and each not in "\t\r" for each in line)
    return (
        "text-file"
        if printable and any(mark in line for mark in ";,\t") and not line.startswith("%")
        else "no-workbook"
    )


def _within(entries: Iterable[zipfile.ZipInfo], limits: WorkbookLimits) -> None:
    listed = list(entries)
    if len(listed) > limits.entries:
        raise too_much("parts", len(listed), limits.entries)
    if any(each.flag_bits & 1 for each in listed):
        raise WorkbookRefused("encrypted")
    for most, chosen in (
        (limits.unpacked, listed),
        (limits.strings, (each for each in listed if not _STREAMED.fullmatch(each.filename))),
        (limits.part, (each for each in listed if each.filename.endswith(_SMALL))),
    ):
        if (size := sum(each.file_size for each in chosen)) > most:
            raise too_much("megabytes", size // _MEGA, most // _MEGA)


def _told(data: bytes, parts: zipfile.ZipFile, limits: WorkbookLimits) -> Package:
    names = {each.casefold() for each in parts.namelist()}
    if "mimetype" in names and parts.read("mimetype").startswith(_ODS):
        if "meta-inf/manifest.xml" in names and b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise WorkbookRefused("encrypted")
        if any(each.startswith("basic/") for each in names):
            return Package("ods", data, parts, (finding("info", "macros"),))
        return Package("ods", data, parts)
    if "xl/workbook.bin" in names:
        raise WorkbookRefused("binary-format")
    if "xl/workbook.xml" not in names:
        raise WorkbookRefused("no-workbook")
    about = parts.read("xl/workbook.xml")
    if _STRICT in about:
        raise WorkbookRefused("strict-format")
    if (sheets := len(_SHEET.findall(about))) > limits.sheets:
        raise too_much("sheets", sheets, limits.sheets)
    for override in fromstring(parts.read("[Content_Types].xml"), forbid_dtd=True):
        # What is read whole does not hide among what is streamed.
        streamed = _STREAMED.fullmatch(override.get("PartName", "").lstrip("/"))
        if streamed and override.get("ContentType", "").endswith("sharedStrings+xml"):
            raise WorkbookRefused("damaged")
    if any(each.startswith("xl/externallinks/") for each in names):
        raise WorkbookRefused("external-links")
    macros = "xl/vbaproject.bin" in names or any(each.startswith("xl/macrosheets/") for each in names)
    return Package("xlsx", data, parts, (finding("info", "macros"),) if macros else ())


_LETTERS: Final = 26


class Area(NamedTuple):
    """Cells from a row and a column to others, counted from 1, the last ones too."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Grid:
    """A sheet: its values by row and column (from 1; only cells that have one), and what people should know of it.

    ``formulas`` and ``faults`` are cells that hold a formula, or an error (``#N/A``), with what is shown there.
    """

    name: str
    hidden: bool = False
    rows: dict[int, dict[int, Value]] = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)

    def value(self, row: int, column: int) -> Value:
        """Give what stands in a cell, None for an empty one."""
        return self.rows.get(row, {}).get(column)

    def text(self, row: int, column: int) -> str:
        """Give what stands in a cell as text without spaces around it; of a whole number without a decimal mark."""
        value = self.value(row, column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    def merged_at(self, row: int, column: int) -> Area | None:
        """Give the merged cells that a cell is in."""
        return next((a for a in self.merged if a.top <= row <= a.bottom and a.left <= column <= a.right), None)

    def put(self, row: int, column: int, value: Any) -> None:
        """Note a value as the readers of files give it; an empty one is none."""
        if value is None or value == "":
            return
        known = str(value) if isinstance(value, time | timedelta) else value
        self.rows.setdefault(row, {})[column] = known


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook that was read: its sheets in order, its own properties by name, what its sender should know."""

    grids: tuple[Grid, ...]
    properties: dict[str, str]
    findings: tuple[Finding, ...] = ()

    def grid(self, name: str) -> Grid | None:
        """Give a sheet by its name."""
        return next((each for each in self.grids if each.name == name), None)


class Room:
    """Counts what is read, over all sheets; raises WorkbookRefused when it is more than the limits."""

    def __init__(self, limits: WorkbookLimits) -> None:
        """Begin with nothing read."""
        self._limits, self._cells = limits, 0

    def sheets(self, count: int) -> None:
        """See that there are not too many sheets."""
        if count > self._limits.sheets:
            raise too_much("sheets", count, self._limits.sheets)

    def area(self, rows: int, columns: int) -> None:
        """Count the area that a sheet has in use."""
        self._cells += rows * columns
        if self._cells > self._limits.cells:
            raise too_much("cells", self._cells, self._limits.cells)


def reference(row: int, column: int) -> str:
    """Give the name of a cell, as C7."""
    return f"{letters(column)}{row}"


def letters(column: int) -> str:
    """Give the letters of a column, counted from 1."""
    found = ""
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        found = chr(ord("A") + rest) + found
    return found


def place(grid: Grid, row: int, column: int) -> str:
    """Give the place of a cell for a finding, as Sheet!C7."""
    return f"{grid.name}!{reference(row, column)}"


def numbered(name: str) -> tuple[int, int] | None:
    """Give row and column of the name of a cell; None for what is no name of one."""
    head = name.rstrip("0123456789")
    if not head or len(head) > 3 or head == name or not (head.isascii() and head.isalpha()):
        return None
    column = 0
    for letter in head.upper():
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return int(name[len(head) :]), column


def used(grid: Grid) -> Iterator[tuple[int, dict[int, Value]]]:
    """Give the rows that have values, in order."""
    yield from sorted(grid.rows.items())

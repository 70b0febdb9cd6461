"""Solutions as an Office Open XML workbook (ISO/IEC 29500): things by label and IRI, and a sheet about them.

The same solutions, labels and facts give the same bytes.
"""

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from app.entities.labels import Labels
from app.errors import N_, AnswerTooLarge
from app.store.interface import Solutions
from app.terms import XSD, BlankNode, Iri, Literal, Term

# The limits of Excel: rows and columns of a sheet, UTF-16 units of a cell, links of a sheet, characters of a link.
ROWS: Final = 1_048_576
_COLUMNS: Final = 16_384
CELL: Final = 32_767
_LINKS: Final = 65_530
_ADDRESS: Final = 2_079
# A number has 15 digits there; what has more would be changed, and stays text.
_DIGITS: Final = 15
_LEAST: Final = 2.3e-308
# Before this day its serial numbers are off by one: it takes 1900 for a leap year.
_FIRST_DAY: Final = date(1900, 3, 1)
_MARK: Final = " […]"
_SHEET_NAME: Final = 31
_WIDEST, _LOOKED_AT = 60, 200

_INTEGERS: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"),
        *("negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte"),
    )
)
# What XML 1.0 §2.2 has no place for.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What a program may take for a formula when the cell is edited, or saved as CSV and read again.
FORMULA: Final = ("=", "+", "-", "@", "\t")

Value = str | int | float | bool | date | datetime


@dataclass(frozen=True, slots=True)
class AboutSheet:
    """What goes with the rows: headings by variable, labels, where a thing links to, names of both sheets.

    ``facts`` are the lines of the second sheet; ``shortened`` names the number of cells that did not fit; ``made`` is
    the date in the properties of the file.
    """

    headings: dict[str, str]
    labels: Labels
    link: Callable[[Iri], str | None]
    sheets: tuple[str, str]
    facts: Sequence[tuple[str, str | Literal]]
    shortened: str
    made: datetime


def workbook(solutions: Solutions, about: AboutSheet) -> bytes:
    """Write a workbook; raises AnswerTooLarge for more rows or columns than a sheet has."""
    columns = _columns(solutions)
    if len(solutions.rows) >= ROWS or len(columns) > _COLUMNS:
        raise AnswerTooLarge(
            N_("The answer has %(rows)d rows and %(columns)d columns; a sheet of Excel has %(most)d and %(widest)d."),
            N_("Ask for CSV instead, or for a part of the answer."),
            rows=len(solutions.rows),
            columns=len(columns),
            most=ROWS - 1,
            widest=_COLUMNS,
            setting=None,
        )
    import xlsxwriter  # noqa: PLC0415 - few answers need it

    target = io.BytesIO()
    # Rows are written as they come, and nothing is guessed from a text: no formula, number or link.
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    title = clean(about.facts[0][1]) if about.facts else ""
    book.set_properties({"title": title, "created": about.made.astimezone(UTC).replace(tzinfo=None)})
    _Writer(book, about).write(solutions, columns)
    book.close()
    return target.getvalue()


def value(term: Literal) -> Value:
    """Give a literal as a spreadsheet keeps it without changing it: number, truth value, date, else its text."""
    text = term.value.strip()
    pattern, read = _READERS.get(term.datatype, (None, str))
    try:
        found = read(text) if pattern and re.fullmatch(pattern, text, re.ASCII) else None
    except ValueError:  # a day that is none
        found = None
    return term.value if found is None else found


def _decimal(text: str) -> float | None:
    return float(text) if len(Decimal(text).as_tuple().digits) <= _DIGITS else None


def _double(text: str) -> float | None:
    """Give a number that a cell can hold: finite, and not nearer to zero than the smallest normal one."""
    number = float(text)
    return number if number == 0 or _LEAST < abs(number) < math.inf else None


def _day(text: str) -> date | None:
    day = date.fromisoformat(text)
    return day if day >= _FIRST_DAY else None


def _moment(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return moment if moment.date() >= _FIRST_DAY else None


# By datatype: the lexical forms that are read, and how; None stays text.
_Reader = tuple[str, Callable[[str], Value | None]]
_FLOAT: Final[_Reader] = (r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", _double)
_READERS: Final[dict[str, _Reader]] = {
    **dict.fromkeys(_INTEGERS, (rf"[+-]?\d{{1,{_DIGITS}}}", int)),
    # A longer decimal may be nearer to zero than any number of Excel.
    XSD + "decimal": (r"(?=.{1,300}\Z)[+-]?(\d+\.?\d*|\.\d+)", _decimal),
    XSD + "double": _FLOAT,
    XSD + "float": _FLOAT,
    XSD + "gYear": (r"\d{4}", int),
    XSD + "boolean": (r"true|false|0|1", lambda text: text in ("true", "1")),
    # A spreadsheet knows no time zones: a day or time that has one stays as it is written.
    XSD + "date": (r"\d{4}-\d\d-\d\d", _day),
    XSD + "dateTime": (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", _moment),
}


def _columns(solutions: Solutions) -> list[tuple[str, bool]]:
    """Give the columns: each variable, and after them (True) again those that there are IRIs in."""
    names = solutions.variables
    with_iris = (name for name in names if any(isinstance(row.get(name), Iri) for row in solutions.rows))
    return [*((name, False) for name in names), *((name, True) for name in with_iris)]


def clean(text: str | Literal) -> str:
    """Give a text that XML can hold, with the ends of lines that it keeps."""
    plain = str(text)
    if _ILLEGAL.search(plain) is None and "\r" not in plain:
        return plain
    return _ILLEGAL.sub("\ufffd", plain.replace("\r\n", "\n").replace("\r", "\n"))


def sheet_name(text: str) -> str:
    """Give a name that a sheet may have."""
    units = re.sub(r"[\[\]:*?/\\]", " ", clean(text)).encode("utf-16-le")
    return units[: 2 * _SHEET_NAME].decode("utf-16-le", "ignore").strip("' \n\t")


def fitting(text: str) -> str:
    """Shorten a text to what a cell holds, with a mark."""
    if len(text) <= CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL:
        return text
    # Half of a pair of surrogates at the end is left out.
    return units[: 2 * (CELL - len(_MARK))].decode("utf-16-le", "ignore") + _MARK


class _Writer:
    """One workbook being written: its formats, and what is counted on the way."""

    def __init__(self, book: Any, about: AboutSheet) -> None:
        self._book, self._about = book, about
        self._links = self._shortened = 0
        self._link = cache(about.link)  # the same things come often
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._linked = book.get_default_url_format()
        self._times: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        # For a text as it is, and for one that a program may take for a formula.
        wrapped, quoted = {"text_wrap": True, "valign": "top"}, {"quote_prefix": True}
        self._usual = (None, book.add_format(quoted))
        self._wrapped = (book.add_format(wrapped), book.add_format(wrapped | quoted))
        self._name = book.add_format({"bold": True, "valign": "top"})

    def write(self, solutions: Solutions, columns: Sequence[tuple[str, bool]]) -> None:
        """Write both sheets."""
        sheet = self._book.add_worksheet(sheet_name(self._about.sheets[0]))
        sheet.freeze_panes(1, 0)
        if columns:
            sheet.autofilter(0, 0, len(solutions.rows), len(columns) - 1)
        for place, (name, iri) in enumerate(columns):
            heading = fitting(clean(self._about.headings.get(name, name)))[:255] + (" (IRI)" if iri else "")
            sheet.write_string(0, place, heading, self._head)
            shown = (self._shown(row.get(name), iri=iri) for row in solutions.rows[:_LOOKED_AT])
            width = max((len(str(each)) for each in shown), default=0)
            sheet.set_column(place, place, min(_WIDEST, max(width, len(heading) + 3)))
        for number, row in enumerate(solutions.rows, 1):
            for place, (name, iri) in enumerate(columns):
                self._cell(sheet, (number, place), row.get(name), iri=iri)
        self._second()

    def _second(self) -> None:
        sheet = self._book.add_worksheet(sheet_name(self._about.sheets[1]))
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 100)
        facts = list(self._about.facts)
        if self._shortened:
            facts.append((self._about.shortened, Literal(str(self._shortened), datatype=Iri(XSD + "integer"))))
        for number, (name, told) in enumerate(facts):
            sheet.write_string(number, 0, fitting(clean(name)), self._name)
            if isinstance(told, Literal):
                self._cell(sheet, (number, 1), told)
            else:
                self._text(sheet, (number, 1), told, formats=self._wrapped)

    def _shown(self, term: Term | None, *, iri: bool) -> Value | None:
        if isinstance(term, Iri):
            return str(term) if iri else self._about.labels[term].text
        if term is None or iri:
            return None
        return f"_:{term}" if isinstance(term, BlankNode) else value(term)

    def _cell(self, sheet: Any, place: tuple[int, int], term: Term | None, *, iri: bool = False) -> None:
        shown = self._shown(term, iri=iri)
        if isinstance(shown, str):
            self._text(sheet, place, shown, self._address(term) if isinstance(term, Iri) and not iri else None)
        elif shown is not None:
            sheet.write(*place, shown, self._times.get(type(shown)))

    def _address(self, iri: Iri) -> str | None:
        """Give where a thing links to, while a sheet takes more links."""
        found = self._link(iri) if self._links < _LINKS else None
        return found if found and len(found) <= _ADDRESS and found.isascii() else None

    def _text(
        self, sheet: Any, place: tuple[int, int], shown: str, address: str | None = None, formats: Any = None
    ) -> None:
        whole = clean(shown)
        text = fitting(whole)
        self._shortened += text != whole
        if address and text:
            self._links += 1
            sheet.write_url(*place, address, self._linked, text)
        else:
            sheet.write_string(*place, text, (formats or self._usual)[text.startswith(FORMULA)])

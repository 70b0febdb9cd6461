"""A cell: what people write in it as terms, and terms as what stands in it; no format of a file, no page."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final
from urllib.parse import urlsplit

from app.editing.base import Base
from app.editing.literals import (
    Quantity,
    cleaned,
    day,
    decimal_mark,
    number,
    of_number,
    period,
    period_of_day,
    plain,
    too_many_digits,
    yes_or_no,
)
from app.editing.messages import by_language, either, error, excerpt, info
from app.editing.messages import text as message_text
from app.editing.naming import NOTHING_NEW, NewThings, choice, link, link_name, name_of
from app.editing.proposals import Finding
from app.editing.tables import Column
from app.terms import RDF_LANG_STRING, XSD, XSD_STRING, Iri, Literal, Term, is_absolute_iri

# What a reader of files or forms hands on. A float that is integral came from a number cell.
Value = str | int | float | bool | date | datetime | None

_NUMBERS: Final = ("integer", "decimal")
_DATATYPES: Final = {
    "integer": ("integer",),
    "decimal": ("decimal",),
    "date": ("date",),
    "period": ("gYear", "gYearMonth", "date"),
    "year": ("gYear",),
    "boolean": ("boolean",),
}
_PRECISIONS: Final = ("gYear", "gYearMonth", "date")


@dataclass(frozen=True, slots=True)
class CellReading:
    """What a cell says: terms in order, and what is wrong with it. With an error in ``findings`` terms are not used."""

    terms: tuple[Term, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Say whether the terms may be used."""
        return not any(each.severity == "error" for each in self.findings)


def fits(term: Term, column: Column) -> bool:
    """Say whether a cell of a column can show a value so that it comes back as it was; what does not fit is kept."""
    if column.kind in ("link", "address", "choice"):
        if isinstance(term, Iri):
            return not column.choices or any(isinstance(each, Iri) for each in column.choices)
        return (
            isinstance(term, Literal)
            and term.language is None
            and column.kind != "link"
            and (term in column.choices or term.datatype in column.datatypes)
        )
    if not isinstance(term, Literal) or (term.language or "").lower() != (column.language or "").lower():
        return False
    if column.kind in ("line", "text"):
        if column.many and "\n" in plain(term.value):
            return False  # several values are one a line
        return column.language is not None or term.datatype in (column.datatypes or (XSD_STRING,))
    return term.datatype in _allowed(column)


def shown(terms: Sequence[Term], column: Column, base: Base, language: str) -> str:
    """Write terms as a person reads and edits them.

    Several values one a line, in order of text; links by name, with the IRI's tail in brackets where two things have
    that name; dates as in ISO 8601; decimals with the mark of the language.
    """
    return "\n".join(sorted({_shown(each, column, base, language) for each in terms}))


def _shown(term: Term, column: Column, base: Base, language: str) -> str:
    if isinstance(term, Iri):
        if column.kind == "link":
            return link_name(term, column, base, language)
        return name_of(term, base, language) if column.kind == "choice" else str(term)
    if column.kind in _NUMBERS:
        return str(term).replace(".", decimal_mark(language))
    if column.kind == "boolean":
        yes, no = (message_text(each, language) for each in ("yes", "no"))
        return {"true": yes, "1": yes, "false": no, "0": no}.get(str(term), str(term))
    return plain(str(term))


def read(value: Value, column: Column, base: Base, language: str, new: NewThings = NOTHING_NEW) -> CellReading:
    """Read what somebody wrote, as strictly as needed and as kindly as can be (docs/decisions: what is accepted).

    ``new`` are things of the same proposal, which links may name too.
    """
    if value is None:
        return CellReading(())
    if not isinstance(value, str):
        term, findings = _of_value(value, column)
        return CellReading(() if term is None else (term,), findings)
    text, notes = cleaned(value)
    if not text or any(each.severity == "error" for each in notes):
        return CellReading((), notes)
    lines = [each for each in text.split("\n") if each] if column.many or column.kind != "text" else [text]
    if len(lines) > 1 and not column.many:
        if column.kind != "line":
            return CellReading((), (error("one-value"),))
        lines = [" ".join(lines)]
        notes += (info("lines-joined", lines=excerpt(lines[0])),)
    terms: list[Term] = []
    for line in dict.fromkeys(lines):
        term, findings = _of_text(line, column, base, language, new)
        notes += findings
        if term is not None and term not in terms:
            terms.append(term)
    return CellReading(tuple(terms), notes)


def _of_text(
    text: str, column: Column, base: Base, language: str, new: NewThings
) -> tuple[Term | None, tuple[Finding, ...]]:
    kind = column.kind
    if kind in ("line", "text"):
        return _literal(text, column), ()
    if kind == "address":
        return _address(text, column)
    if kind in ("link", "choice"):
        term, problem = link(text, column, base, language, new) if kind == "link" else choice(text, column, base)
        return term, (problem,) if problem else ()
    if kind in _NUMBERS:
        return _typed(number(text, language, integral=kind == "integer"), column)
    return _typed(yes_or_no(text) if kind == "boolean" else period(text), column)


def _of_value(value: float | date, column: Column) -> tuple[Term | None, tuple[Finding, ...]]:
    if isinstance(value, bool):
        return _of_truth(value, column)
    if isinstance(value, date):
        return _of_date(value, column)
    kind = column.kind
    if kind in _NUMBERS:
        return _typed(of_number(value, integral=kind == "integer"), column)
    if kind in ("line", "text"):
        return _number_as_text(value, column)
    if (kind == "boolean" and value in (0, 1)) or (kind in ("year", "period") and value in range(1000, 3000)):
        text = str(int(value))
        return _typed(yes_or_no(text) if kind == "boolean" else period(text), column)
    return None, (error("number-cell", number=f"{value:g}"),)


def _of_truth(value: bool, column: Column) -> tuple[Term | None, tuple[Finding, ...]]:
    if column.kind == "boolean":
        return Literal("true" if value else "false", datatype=Iri(XSD + "boolean")), ()
    return None, (error("boolean-cell"),)


def _of_date(value: date, column: Column) -> tuple[Term | None, tuple[Finding, ...]]:
    if column.kind in ("date", "period"):
        return _typed(day(value) if column.kind == "date" else period_of_day(value), column)
    written = f"{value:%Y-%m-%d}"
    return None, (error("date-cell", written=written),)


def _number_as_text(value: float, column: Column) -> tuple[Term | None, tuple[Finding, ...]]:
    """Take a number for the text that it was written as, where there was only one way to write it."""
    integral = float(value).is_integer()
    if integral and abs(value) >= 10**15:
        return None, (too_many_digits(),)
    text = str(int(value)) if integral else repr(value)
    if integral and (column.pattern is None or re.search(column.pattern, text)):
        return _literal(text, column), ()
    ways = [text] if integral else [text.replace(".", ","), text]
    return None, (error("number-in-text", ways=either(ways)),)


def _literal(text: str, column: Column) -> Literal:
    if column.language:
        return Literal(text, column.language)
    plain_types = [each for each in column.datatypes if each != RDF_LANG_STRING]
    return Literal(text, datatype=plain_types[-1] if plain_types else XSD_STRING)


def _typed(found: Quantity, column: Column) -> tuple[Term | None, tuple[Finding, ...]]:
    """Give a literal the datatype of the column, if the column takes what was written."""
    literal, allowed = found.literal, _allowed(column)
    if literal is None:
        return None, found.findings
    if column.kind in _NUMBERS:
        integer = Iri(XSD + "integer")
        whole = integer in allowed and "." not in literal.value
        others = [each for each in allowed if each != integer] or [integer]
        return Literal(literal.value, datatype=integer if whole else others[-1]), found.findings
    if literal.datatype in allowed:
        return literal, found.findings
    ways = [by_language(f"only {name}") for each in allowed if (name := each.removeprefix(XSD)) in _PRECISIONS]
    return None, (error("precision", written=literal.value, ways=either(ways)),)


def _allowed(column: Column) -> tuple[Iri, ...]:
    """Give the datatypes that a column's literals may have."""
    return column.datatypes or tuple(Iri(XSD + each) for each in _DATATYPES[column.kind])


def _address(text: str, column: Column) -> tuple[Term | None, tuple[Finding, ...]]:
    try:
        parts = urlsplit(text)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        good = False
    if not good or not is_absolute_iri(text):
        return None, (error("no-address", text=excerpt(text)),)
    return (Literal(text, datatype=column.datatypes[-1]) if column.datatypes else Iri(text)), ()


def same(one: Value, other: Value) -> bool:
    """Say whether two contents of a cell are the same but for what programs change: NFC, line ends, spaces, NBSP.

    Lines may have another order. A number, a date and a truth value are the same as the text that they are shown as.
    """
    return _key(one, other) == _key(other, one)


def _key(value: Value, beside: Value) -> object:
    """Give what a value is compared by; a text beside another kind of value is read as that kind."""
    if isinstance(value, str):
        return _text_key(plain(value), beside)
    if isinstance(value, datetime):
        return value.date() if value.time() == value.min.time() else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    return "" if value is None else value


def _text_key(text: str, beside: Value) -> object:
    key: object = None
    if isinstance(beside, bool):
        key = {"true": True, "false": False}.get(str(yes_or_no(text).literal))
    elif isinstance(beside, date):
        with suppress(ValueError):
            key = date.fromisoformat(text)
    elif isinstance(beside, int | float) and not re.match(r"[+-]?0\d", text):
        # What begins with a nought is no number but an id that a program took for one.
        with suppress(InvalidOperation):
            key = Decimal(text.replace(",", "."))
    return "\n".join(sorted(each for each in text.split("\n") if each)) if key is None else key

"""Values as a reader of the page writes them: numbers, truth values, dates. Nothing of what the data says is lost."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from app.terms import XSD, Iri, Literal

_NUMBERS: Final = frozenset(("decimal", "double", "float", "integer"))
# The lexical forms (XSD 1.1 part 2) that are written out; all others, and what is none, stand as they are.
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]{1,3})?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")
# A number with more digits before or after its first one is not written out.
_LONGEST_NUMBER: Final = 18
# A whole number is read in groups of three figures from here on; below it may be a year.
_LARGE: Final = 10_000


def reading_locale() -> Locale:
    """Give the locale for dates and numbers: the English of this site is British."""
    found = get_locale() or Locale("en")
    return Locale("en", "GB") if found.language == "en" else found


def _date_format() -> str:
    """Give the form of dates: with the month's name where the locale has one (Southern Sámi has none), else figures."""
    names = reading_locale().months["format"]["wide"]
    return "dd.MM.y" if str(names.get(1, "M")).startswith("M0") else "long"


def value_text(value: Literal) -> str:
    """Give a literal as a reader of the page writes it: dates with the month's name, decimals with the right sign.

    Nothing of the value is lost: what is not of its datatype (RDF 1.1 Concepts §3.3), has a time zone or very many
    digits stands as it is.
    """
    text, kind = value.value, value.datatype.removeprefix(XSD)
    with suppress(ValueError):  # no such day
        if kind == "date" and _DAY.fullmatch(text):
            return format_date(date.fromisoformat(text), _date_format(), locale=reading_locale())
        if kind == "gYearMonth" and _MONTH.fullmatch(text):
            form = "LLLL y" if _date_format() == "long" else "MM.y"
            return format_date(date.fromisoformat(text + "-01"), form, locale=reading_locale())
    if kind == "boolean" and text in _BOOLEANS:
        return str(_("yes") if _BOOLEANS[text] else _("no"))
    if kind in _NUMBERS and (_WHOLE if kind == "integer" else _NUMBER).fullmatch(text):
        return _number(Decimal(text), whole=kind == "integer") or text
    return text


def _number(number: Decimal, *, whole: bool) -> str | None:
    """Write all of a number, with as many decimals as it has; None where it is better read as it stands."""
    if not -_LONGEST_NUMBER < number.adjusted() < _LONGEST_NUMBER or (whole and abs(number) < _LARGE):
        return None
    written = format_decimal(number, locale=reading_locale(), group_separator=whole, decimal_quantization=False)
    return str(written)


def figure(number: int) -> str:
    """Write a whole number as a reader of the page does."""
    return str(format_decimal(number, locale=reading_locale()))


def day(text: str) -> str:
    """Write an ISO date as a reader of the page does."""
    return value_text(Literal(text, datatype=Iri(XSD + "date")))

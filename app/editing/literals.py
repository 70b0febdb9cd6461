"""Literals as people write and read them: texts, numbers, dates and yes or no, in bokmål and English.

What no reader can see goes out of a text, what it says stays. What can mean two things is asked about: a message in
each language instead of a value. None of them has a file or a column.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import get_decimal_symbol

from app.editing import messages
from app.editing.messages import error, excerpt, info, warning
from app.editing.proposals import Finding
from app.terms import XSD, Literal, typed

# What a cell of a workbook can hold (ECMA-376 gives no number; it is the bound of Excel and LibreOffice).
LONGEST: Final = 32_767
# A carriage return as OOXML escapes it (ECMA-376, part 1, §22.9.2.19), and all other ends of lines.
_LINE_ENDS: Final = re.compile("_x000[Dd]_\n?|\r\n?|[\v\f\x85\u2028\u2029]")
_SPACES: Final = re.compile("[\t\u00a0\u2007\u202f]")
# Controls, what turns the direction of writing, the mark of byte order, and what is no character.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# What formulas give that went wrong, in English and Norwegian programs.
_FORMULA_ERROR: Final = re.compile(
    r"#(?:N/A|I/T|DIV/0!|NULL!|NUM!|TALL!|REF!|REFERANSE!|VALUE!|VERDI!|NAME\?|NAVN\?|SPILL!|CALC!|GETTING_DATA)\Z",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Give a text as two are compared: NFC, line ends and spaces of one kind, none at the edges of lines."""
    lines = _SPACES.sub(" ", _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text))).split("\n")
    return "\n".join(line.strip() for line in lines).strip("\n")


def cleaned(text: str) -> tuple[str, tuple[Finding, ...]]:
    """Give what somebody wrote, cleaned, and what was wrong with it. With an error the text is not to be used."""
    if _SURROGATE.search(text):
        return "", (error("broken-text"),)
    found = plain(text)
    findings: list[Finding] = []
    if _UNSEEN.search(found):
        found = plain(_UNSEEN.sub("", found))
        findings.append(info("unseen-characters", found=excerpt(found)))
    if len(found) > LONGEST:
        findings.append(error("too-long", count=len(found), longest=LONGEST))
    if _FORMULA_ERROR.match(found):
        findings.append(error("formula-error", found=found))
    return found, tuple(findings)


_MONTHS: Final = {
    name: number
    for names in (
        "januar februar mars april mai juni juli august september oktober november desember",
        "january february march april may june july august september october november december",
        "jan feb mar apr mai jun jul aug sep okt nov des",
        "jan feb mar apr may jun jul aug sept oct nov dec",
    )
    for number, name in enumerate(names.split(), 1)
}
_YES: Final = frozenset(("ja", "yes", "true", "1", "sann", "j", "y"))
_NO: Final = frozenset(("nei", "no", "false", "0", "usann", "n"))
# How people write years, months and days; what a form does not name is not said.
_FORMS: Final = tuple(
    re.compile(form + r"\Z", re.ASCII)
    for form in (
        r"(?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})",
        r"(?P<month>[a-z]{3,9})\.? (?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[t ]00:00(?::00(?:\.0+)?)?)?",
        r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})",
        r"(?P<day>\d{1,2})\.? ?(?P<month>[a-z]{3,9})\.?,? (?P<year>\d{4})",
        r"(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",
    )
)
# What can be read with the day or the month first, or in two centuries.
_TWO_DATES: Final = re.compile(r"(?a:\d{1,2}([/-])\d{1,2}\1\d{2,4}|\d{1,2}\.\d{1,2}\.\d{2})\Z")
_GROUPED: Final = r"[+-]?[0-9]{{1,3}}(?:{0}[0-9]{{3}})+"
# Before that day a spreadsheet's count of days is wrong by one: it has a 29 February 1900.
_FIRST_DAY: Final = date(1900, 3, 1)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A literal that was read, or None where it could not be; findings tell why, or what was done."""

    literal: Literal | None
    findings: tuple[Finding, ...] = ()


def decimal_mark(language: str) -> str:
    """Give the decimal mark of a language."""
    return "." if language.partition("-")[0] == "en" else ","


def number(text: str, language: str, *, integral: bool) -> Quantity:
    """Read a text as a number, whose datatype is xsd:integer, or xsd:decimal if it need not be integral."""
    mark = decimal_mark(language)
    bare = unicodedata.normalize("NFKC", text).replace("−", "-")
    if re.fullmatch(r"[+-]?[0-9]+", bare):
        return Quantity(typed(bare, "integer" if integral else "decimal"))
    spaced = re.sub(r"(?<=[0-9]) (?=[0-9]{3}(?:[^0-9]|$))", "", bare)
    other = "," if mark == "." else "."
    if re.fullmatch(_GROUPED.format(re.escape(other)) + re.escape(mark) + r"[0-9]+", spaced):
        spaced = spaced.replace(other, "")  # both marks are there: 1.234,50
    elif re.fullmatch(_GROUPED.format("[.,]"), spaced) and not re.fullmatch(
        rf"[0-9]+{re.escape(mark)}[0-9]{{3}}", spaced
    ):
        return Quantity(None, (_two_ways(text, mark),))
    elif spaced.count(other) == 1 and mark not in spaced:
        if mark == "." or re.fullmatch(r"[+-]?[0-9]{1,3}\.[0-9]{3}", spaced):
            return Quantity(None, (_two_ways(text, mark),))
        spaced = spaced.replace(other, mark)
    plain = spaced.replace(mark, ".")
    if not re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)", plain):
        return Quantity(None, (error("no-number", text=excerpt(text)),))
    if integral and "." in plain:
        return Quantity(None, (_not_integral(text),))
    findings = () if plain == bare else (_read_as(text, plain),)
    return Quantity(typed(plain, "integer" if integral else "decimal"), findings)


def of_number(value: float, *, integral: bool) -> Quantity:
    """Read what a number cell holds as a number."""
    if not isfinite(value):
        return Quantity(None, (error("not-finite"),))
    if float(value).is_integer():
        if abs(value) >= 10**15:
            return Quantity(None, (too_many_digits(),))
        return Quantity(typed(int(value), "integer" if integral else "decimal"))
    if integral:
        return Quantity(None, (_not_integral(repr(value)),))
    text = f"{value:.15g}"
    return Quantity(typed(text, "decimal")) if "e" not in text else Quantity(None, (too_many_digits(),))


def day(value: date | datetime) -> Quantity:
    """Read what a date cell holds: a day, if it has no time of day."""
    if isinstance(value, datetime):
        if (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0):
            return Quantity(None, (error("time-of-day", written=value.isoformat(" ")),))
        value = value.date()
    if value < _FIRST_DAY:
        return Quantity(None, (error("early-date"),))
    return Quantity(typed(value.isoformat(), "date"))


def period(text: str) -> Quantity:
    """Read a text as a year, a month or a day, never more precise than it is written."""
    small = unicodedata.normalize("NFKC", text).lower()
    match = next((found for form in _FORMS if (found := form.match(small))), None)
    if match and (literal := _period(match.groupdict())):
        return Quantity(literal)
    if _TWO_DATES.match(small):
        return Quantity(None, (error("two-dates", text=excerpt(text)),))
    return Quantity(None, (error("no-date", text=excerpt(text)),))


def _period(parts: Mapping[str, str]) -> Literal | None:
    """Give the literal of parts, None for a day or month that there is not."""
    year, written = int(parts["year"]), parts.get("month")
    if not year:
        return None
    if written is None:
        return typed(f"{year:04}", "gYear")
    month = int(written) if written.isdigit() else _MONTHS.get(written, 0)
    if not 1 <= month <= 12:
        return None
    if "day" not in parts:
        return typed(f"{year:04}-{month:02}", "gYearMonth")
    day = int(parts["day"])
    return typed(f"{year:04}-{month:02}-{day:02}", "date") if 1 <= day <= monthrange(year, month)[1] else None


def period_of_day(value: date | datetime) -> Quantity:
    """Read what a date cell holds where a year or a month would do as well."""
    found = day(value)
    if found.literal and value.day == 1:
        month, year = f"{value:%Y-%m}", f"{value:%Y}"
        return Quantity(found.literal, (warning("first-of-month", month=month, year=year),))
    return found


def yes_or_no(text: str) -> Quantity:
    """Read a text as yes or no."""
    small = text.lower()
    if small in _YES or small in _NO:
        return Quantity(typed("true" if small in _YES else "false", "boolean"))
    return Quantity(None, (error("no-boolean", text=excerpt(text)),))


def too_many_digits() -> Finding:
    """Make the finding that a number has more digits than a spreadsheet keeps."""
    return error("too-many-digits")


def _two_ways(text: str, mark: str) -> Finding:
    whole, parts = re.sub("[., ]", "", text), re.sub("[.,]", mark, text)
    return error("two-numbers", text=excerpt(text), whole=whole, parts=parts)


def _not_integral(text: str) -> Finding:
    return error("not-integral", text=excerpt(text))


def _read_as(text: str, plain: str) -> Finding:
    return info("number-read", text=excerpt(text), plain={"nb": plain.replace(".", ","), "en": plain})


_DATE: Final = re.compile(r"\d{4}-\d\d(-\d\d)?")
_DECIMAL: Final = re.compile(r"([+-]?\d+)[.](\d+)")
_DECIMALS: Final = (XSD + "decimal", XSD + "double", XSD + "float")
# Controls, what turns the direction of writing, what has no width: a reviewer must see that they are there.
_HIDDEN: Final = ("Cc", "Cf", "Zl", "Zp", "Co", "Cn")


def literal_text(literal: Literal, language: str) -> str:
    """Give a literal as a reader of a language writes it; what is not as its datatype says is given as it stands."""
    value, datatype = literal.value, literal.datatype
    if datatype in (XSD + "date", XSD + "gYearMonth") and _DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value if len(value) == 10 else f"{value}-01")
            locale = locale_of(language)
            return (
                format_date(day, "long", locale)
                if len(value) == 10
                else format_skeleton("yMMMM", day, None, locale=locale)
            )
        except ValueError:
            return visible(value)
    if datatype in _DECIMALS and (match := _DECIMAL.fullmatch(value)):
        return f"{match[1]}{get_decimal_symbol(locale_of(language))}{match[2]}"
    if datatype == XSD + "boolean" and value in ("true", "1", "false", "0"):
        return messages.text("yes" if value in ("true", "1") else "no", language)
    return visible(value)


def visible(text: str, *, spaces: bool = False) -> str:
    """Give a text with its hidden characters shown by number (⟨U+202E⟩); lines stay lines.

    With ``spaces`` also those that look like a space.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"⟨U+{ord(each):04X}⟩"
        if each not in " \n" and (unicodedata.category(each) in _HIDDEN or (spaces and each.isspace()))
        else each
        for each in text
    )


def locale_of(language: str) -> Locale:
    """Give the locale of a language; British for English, and for one that is not known."""
    try:
        return Locale.parse("en_GB" if language == "en" else language, sep="_")
    except (ValueError, UnknownLocaleError):
        return Locale.parse("en_GB")

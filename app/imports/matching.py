"""Which records concern us: by numbers of ours for certain, by names as a question; and their cells as terms.

A cell is read by the kind of its column, never by guessing.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from app.editing.base import Base, folded
from app.query.reads import Condition, ReadColumn, Reads, holds_personal
from app.terms import Iri, Literal, Term, is_absolute_iri, typed

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.(\d*))?")
_HOST: Final = re.compile(r"https?://[^/?#@\s]+\.[^/?#@\s]+", re.IGNORECASE)
_ISO: Final = "%Y-%m-%d"
# Characters of a value: no name, number or summary has more, and texts are looked through for what is personal.
_LONGEST: Final = 10_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_SINGLE_BYTE: Final = re.compile(r"(?i)iso-?8859|latin|cp125|windows")


class CellError(ValueError):
    """A cell that cannot be taken: the code of the finding and its words."""

    def __init__(self, code: str, **words: Any) -> None:
        """Keep them."""
        super().__init__(code)
        self.code, self.words = code, words


def taken(text: str, column: ReadColumn, empty: frozenset[str]) -> str:
    """Give what is taken of a cell: without edge spaces, the part that ``match`` wants, with zeros; "" for nothing.

    A cell that ``match`` does not fit gives nothing either: ``term`` tells that of a record that concerns us.
    """
    found = text.replace("\u00a0", " ").strip()
    if found in empty:
        return ""
    if column.match is not None:
        fitting = _pattern(column.match).fullmatch(found)
        found = (fitting[1] or "") if fitting else ""
    return found.rjust(column.pad, "0") if found and column.pad else found


def term(text: str, column: ReadColumn, reads: Reads) -> Term | None:
    """Give a cell as a term, None for an empty one. Raises CellError for one that does not have the form it should."""
    found = taken(text, column, reads.empty)
    written = text.replace("\u00a0", " ").strip()
    if _is_misread(written, reads.encoding):
        shown = written.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        raise CellError("encoding", written=shown[:80], encoding=reads.encoding)
    if not found:
        if written not in reads.empty:
            raise CellError("form", written=written[:80])
        if column.filled:
            raise CellError("not-filled")
        return None
    found = found.replace("\r\n", "\n")
    if len(found) > _LONGEST or _CONTROL.search(found):
        raise CellError("form", written=found[:80])
    found = unicodedata.normalize("NFC", found)
    if holds_personal(found):
        raise CellError("personal")
    match column.kind:
        case "integer" | "decimal":
            return _number(found, column)
        case "date":
            return typed(_date(found, column.date), "date")
        case "year":
            if not re.fullmatch(r"\d{4}", found):
                raise CellError("date", written=found[:80], form="%Y")
            return typed(found, "gYear")
        case "address":
            return _address(found)
        case _:
            return Literal(found)


def _number(text: str, column: ReadColumn) -> Literal:
    plain = text if column.decimal == "." else text.replace(".", "?").replace(column.decimal, ".")
    match = _NUMBER.fullmatch(plain.replace(" ", ""))
    if not match or (column.kind == "integer" and match[1]):
        raise CellError("number", written=text[:80], mark=column.decimal)
    # A decimal that is whole is written as an integer: 250000 and 250000.00 are one amount.
    whole = not (match[1] or "").strip("0")
    return typed(match[0].partition(".")[0] if whole else match[0], "integer" if whole else "decimal")


def _date(text: str, form: str) -> str:
    for each in (form, _ISO):  # a cell of a workbook that is a date is read as ISO 8601, whatever it looks like
        try:
            return datetime.strptime(text, each).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    raise CellError("date", written=text[:80], form=form)


def _address(text: str) -> Iri:
    found = text if re.match("https?://", text, re.IGNORECASE) else f"https://{text}"
    if not _HOST.match(found) or not is_absolute_iri(found):
        raise CellError("address", written=text[:80])
    return Iri(found)


def _is_misread(text: str, encoding: str) -> bool:
    """Say whether a text has bytes that are not of its encoding, or is UTF-8 that was read one byte a letter."""
    if text.isascii():
        return False
    if any("\udc80" <= each <= "\udcff" or each == "\ufffd" for each in text):
        return True
    if not _SINGLE_BYTE.match(encoding):
        return False
    try:
        text.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True


@lru_cache(maxsize=64)
def _pattern(match: str) -> re.Pattern[str]:
    return re.compile(match)


_WORD: Final = re.compile(r"\w+")
# A row by variable: what stands in the cell, and its column.
Cells = Mapping[str, tuple[str, ReadColumn]]


@dataclass(frozen=True, slots=True)
class Match:
    """What a row is about: the text that told, the things of ours that fit; ``asked`` when it is by name only."""

    text: str
    things: frozenset[Iri]
    asked: bool = False


@dataclass(slots=True)
class _Test:
    """A condition with what fulfils it: things of ours by the value of a property, and names that are confirmed."""

    condition: Condition
    base: Base
    things: dict[str, set[Iri]] = field(default_factory=dict)
    learned: dict[str, set[Iri]] = field(default_factory=dict)

    def holds(self, text: str) -> bool:
        if self.condition.named is None:
            return text in (self.condition.values or self.things)
        return folded(text) in self.learned or bool(self.named(text))

    def named(self, text: str) -> list[Iri]:
        return self.base.named(text, [self.condition.named] if self.condition.named else [])


class Keeping:
    """The conditions of an import, with the values of our own data that fulfil them looked up once."""

    def __init__(self, base: Base, reads: Reads, file: str, same: Mapping[str, Iri]) -> None:
        """Look up. ``file`` is that of the import's own graph; ``same``: names that are confirmed now, with things."""
        self._reads = reads
        confirmed = {folded(name): thing for name, thing in same.items()}
        # What is looked up in a list is asked first: of most records that is all.
        groups = (sorted(group, key=lambda each: not each.values) for group in reads.keep)
        self._groups = [[_test(base, condition, file, confirmed) for condition in group] for group in groups]
        columns = (*reads.columns, *(reads.join.columns if reads.join else ()))
        self._columns: dict[str, list[ReadColumn]] = defaultdict(list)
        for column in columns:
            self._columns[column.variable].append(column)

    def wanted(self) -> list[Literal]:
        """Give the values of ours that records are looked for by, in order."""
        found = {text for group in self._groups for test in group if test.condition.property for text in test.things}
        return [Literal(text) for text in sorted(found)]

    def match(self, row: Cells) -> Match | None:
        """Say what a row is about, by the first group of conditions that holds; None when it does not concern us."""
        for group in self._groups:
            found: Match | None = None
            for test in group:
                text = self._text(row, test.condition.variable)
                if not text or not test.holds(text):
                    break
                if not test.condition.values:
                    found = _about(test, text)
            else:
                return found
        return None

    def concerns(self, cells: Iterable[str]) -> bool:
        """Say whether a record whose cells cannot be told apart may be ours: values that we look for are among them."""
        # A quotation mark that is missing makes one cell of many records: words within are looked at too.
        texts = [text for cell in cells for text in (cell, *_WORD.findall(cell))]
        # A word of a damaged record that is a name of ours says too little: it would only be asked about.
        return any(
            all(test.condition.named is None or test.learned for test in group)
            and all(self._is_among(test, texts) for test in group)
            for group in self._groups
        )

    def _is_among(self, test: _Test, texts: Iterable[str]) -> bool:
        columns = self._columns[test.condition.variable]
        found = (taken(text, column, self._reads.empty) for text in texts for column in columns)
        known = test.condition.named is None
        return any(text and (test.holds(text) if known else folded(text) in test.learned) for text in found)

    def _text(self, row: Cells, variable: str) -> str:
        if variable not in row:
            return ""
        text, column = row[variable]
        return taken(text, column, self._reads.empty) if text else ""


def _about(test: _Test, text: str) -> Match:
    if test.condition.named is None:
        return Match(text, frozenset(test.things[text]))
    if known := test.learned.get(folded(text)):
        return Match(text, frozenset(known))
    return Match(text, frozenset(test.named(text)), asked=True)


def _test(base: Base, condition: Condition, file: str, same: Mapping[str, Iri]) -> _Test:
    test = _Test(condition, base)
    if condition.property is not None:
        for thing, said in base.statements.items():
            for stated in said.get(condition.property, ()):
                test.things.setdefault(str(stated.value), set()).add(thing)
    if condition.learned is not None:
        for thing, said in base.statements.items():
            for stated in said.get(condition.learned, ()):
                if stated.file == file:
                    test.learned.setdefault(folded(str(stated.value)), set()).add(thing)
    if condition.named is not None:
        test.learned |= {name: {thing} for name, thing in same.items()}
    return test

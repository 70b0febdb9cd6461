"""A form as somebody filled it in: rows of fields with their texts, from a request or from what the files say.

Names of fields: ``cell.<row>.<key of the column>`` (again for each value), ``was.…`` what stood there when the form was
given out, ``row.<row>.id``, ``row.<row>.table``, ``row.<row>.by`` (the column by which a part points at its whole), and
``gone.<row>`` (a part is taken out). Row ``0`` is the thing, ``s`` a new source, numbers from 1 are parts. ``status``
and ``successor``: what becomes of the thing itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from app.editing import cells
from app.editing.base import Base
from app.editing.cells import shown
from app.editing.layout import STATUSES
from app.editing.proposals import Finding
from app.editing.rows import Row, Status, rows
from app.editing.tables import Column, Part, Table
from app.namespaces import LABEL_PROPERTIES
from app.terms import Iri
from app.web.editing.session import FIELD

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

THING: Final = "0"
SOURCE: Final = "s"
# The choice "a new source" among those who may say something.
NEW_SOURCE: Final = "new"
# So much a form may hold: fields, parts, letters in a field.
MOST_FIELDS: Final = 3000
MOST_PARTS: Final = 200
LONGEST: Final = 32_767
_ONE: Final = frozenset(("voice", "certainty", "note", "name", "from", "status", "successor"))
_ROW: Final = re.compile(r"(cell|was)\.(s|\d{1,3})\.(.+)|row\.(s|\d{1,3})\.(id|table|by)|gone\.(s|\d{1,3})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A row of a form. ``by`` is the column by which a part points at the thing; ``gone``: it is to be taken out."""

    name: str
    table: Table
    id: Iri | None = None
    by: str | None = None
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False

    def is_blank(self, base: Base, language: str) -> bool:
        """Say whether nothing is written in it but what the form itself put there."""
        return self.id is None and all(
            cells.same(_joined(given), default_text(self.table.column(key), base, language))
            for key, given in self.values.items()
            if key != self.by
        )


@dataclass(frozen=True, slots=True)
class Filled:
    """All of a form: its rows, who says what is new, how sure it is, why, a word to the reviewer.

    ``name`` is that of the proposal to be, so that a form sent twice is one; ``answers`` another one that led here.
    ``status`` says what becomes of the thing itself, ``successor`` by name what takes its place.
    """

    rows: tuple[FilledRow, ...]
    name: str = ""
    voice: str = ""
    certainty: str = ""
    rationale: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    answers: str = ""
    status: Status = "keep"
    successor: str = ""

    def row(self, name: str) -> FilledRow | None:
        """Give a row by its name."""
        return next((each for each in self.rows if each.name == name), None)

    def with_row(self, row: FilledRow) -> "Filled":
        """Give the same with a row in place of the one of that name, or after all."""
        if self.row(row.name) is None:
            return replace(self, rows=(*self.rows, row))
        return replace(self, rows=tuple(row if each.name == row.name else each for each in self.rows))

    def fields(self) -> Iterator[tuple[str, str]]:
        """Give names and values as a form sends them, but for what it is asked to do."""
        for row in self.rows:
            yield f"row.{row.name}.table", row.table.cls
            yield f"row.{row.name}.id", row.id or ""
            if row.by:
                yield f"row.{row.name}.by", row.by
            if row.gone:
                yield f"gone.{row.name}", "1"
            for key, before in row.before.items():
                yield f"was.{row.name}.{key}", before
            for key, given in row.values.items():
                yield from ((f"cell.{row.name}.{key}", each) for each in given or ("",))
        yield from (("name", self.name), ("voice", self.voice), ("certainty", self.certainty))
        yield from ((f"rationale.{language}", text) for language, text in self.rationale.items())
        yield from (("note", self.note), ("from", self.answers))
        yield from (("status", self.status), ("successor", self.successor))


def blank(table: Table, base: Base, language: str, *, name: str = THING, by: str | None = None) -> FilledRow:
    """Give the empty row of a new thing, with what the shapes say is usual."""
    usual = {each.key: default_text(each, base, language) for each in table.columns}
    return FilledRow(name, table, by=by, values={key: [text] for key, text in usual.items() if text})


def default_text(column: Column | None, base: Base, language: str) -> str:
    """Give what stands in a column of a new thing."""
    return shown((column.default,), column, base, language) if column and column.default is not None else ""


def of_thing(base: Base, tables: Mapping[Iri, Table], table: Table, thing: Iri, language: str) -> Filled:
    """Give the form of a thing with its parts, as the files have it now."""
    found = [_row_of(each, table, THING) for each in rows(base, table, language, [thing])]
    for part, inner in parts_of(tables, table):
        column = inner.column(part.column)
        mine = {each for each, _property in base.pointing(thing, column.property)} if column else set()
        mine &= set(base.things(inner.cls))
        mine -= {each.id for each in found if each.id}
        for each in rows(base, inner, language, sorted(mine)) if mine else ():
            found.append(_row_of(each, inner, str(len(found)), by=part.column))
    return Filled(tuple(found))


def parts_of(tables: Mapping[Iri, Table], table: Table) -> list[tuple[Part, Table]]:
    """Give the tables whose rows are parts of the things of a table, each with its part."""
    return [(part, tables[part.table]) for part in table.parts if part.table in tables]


def _row_of(row: Row, table: Table, name: str, by: str | None = None) -> FilledRow:
    before = {key: "" if value is None else str(value) for key, value in row.cells.items()}
    many = {each.key for each in table.columns if each.many}
    values = {key: text.split("\n") if key in many else [text] for key, text in before.items()}
    return FilledRow(name, table, row.id, by, values, before)


def read(
    form: "MultiDict[str, str]", tables: Mapping[Iri, Table], main: Table, thing: Iri | None
) -> tuple[Filled, list[Finding]]:
    """Read what a form sent, and give what no form of ours would have sent or is too much, each with its field.

    The thing is the one of the address, whatever the form says.
    """
    findings: list[Finding] = []
    found: dict[str, FilledRow] = {THING: FilledRow(THING, main, thing)}
    for row in _rows(form):
        if row == THING:
            continue
        table = tables.get(Iri(form.get(f"row.{row}.table", "")))
        if table is None or (row != SOURCE and len(found) > MOST_PARTS):
            findings.append(_finding("unknown-field", f"row.{row}.table", row))
            continue
        given = form.get(f"row.{row}.id", "")
        by = form.get(f"row.{row}.by") or None
        found[row] = FilledRow(row, table, Iri(given) if given else None, by, gone=f"gone.{row}" in form)
    for number, (name, texts) in enumerate(form.lists()):
        if number >= MOST_FIELDS:
            findings.append(_finding("too-many-fields", name, str(MOST_FIELDS)))
            break
        findings += _take(found, name, texts)
    rationale = {
        name.removeprefix("rationale."): form[name][:LONGEST] for name in form if name.startswith("rationale.")
    }
    one = {name: form.get(name, "")[:LONGEST] for name in sorted(_ONE)}
    rows_ = tuple(found[name] for name in sorted(found, key=lambda each: (each == SOURCE, each.zfill(4))))
    filled = Filled(
        rows_,
        one["name"],
        one["voice"],
        one["certainty"],
        rationale,
        note=one["note"],
        answers=one["from"],
        status=next((each for each in STATUSES if thing and each == one["status"]), "keep"),
        successor=one["successor"],
    )
    return filled, findings


def _rows(form: "MultiDict[str, str]") -> list[str]:
    names = (match[4] for name in form if (match := _ROW.fullmatch(name)) and match[5] == "table")
    return sorted(set(names), key=lambda each: each.zfill(4))


def _take(found: dict[str, FilledRow], name: str, texts: Sequence[str]) -> Iterator[Finding]:
    """Put the values of a field where they belong; give what is wrong with it."""
    match = _ROW.fullmatch(name)
    if match is None:
        if not (name in _ONE or name.startswith("rationale.") or name in ("action", FIELD)):
            yield _finding("unknown-field", name, name)
        return
    what, row, key = match[1], match[2], match[3]
    if what is None:
        return
    column = found[row].table.column(key) if row in found else None
    if column is None:
        yield _finding("unknown-field", name, key)
        return
    if any(len(text) > LONGEST for text in texts):
        yield _finding("too-long", f"cell.{row}.{key}", str(LONGEST))
    texts = [text[:LONGEST] for text in texts]
    if what == "was":
        found[row] = replace(found[row], before={**found[row].before, key: texts[0]})
        return
    number = sum(bool(text.strip()) for text in texts)
    if not column.many and number > 1:
        yield _finding("one-value", name, str(number))
    found[row] = replace(found[row], values={**found[row].values, key: texts})


def to_rows(filled: Filled, base: Base, language: str) -> list[tuple[Table, list[Row]]]:
    """Give the rows of a form as tables have them; parts that nobody filled in are left out."""
    by_table: dict[Iri, tuple[Table, list[Row]]] = {}
    whole = filled.row(THING)
    for row in filled.rows:
        if row.name == SOURCE and filled.voice != NEW_SOURCE:
            continue
        if row.name != THING and row.is_blank(base, language):
            continue
        texts: dict[str, str] = {key: _joined(given) for key, given in row.values.items()}
        if row.by and row.id is None and whole:
            texts[row.by] = whole.id or label(whole)
        by_table.setdefault(row.table.cls, (row.table, []))[1].append(
            Row(
                id=row.id,
                cells=texts,
                before=row.before,
                status=filled.status if row.name == THING else "withdraw" if row.gone else "keep",
                successor=filled.successor if row.name == THING else "",
                voice=_voice(filled, row),
                certainty=Iri(filled.certainty) if filled.certainty and row.name != SOURCE else None,
                rationale={language: text for language, text in filled.rationale.items() if text.strip()},
                place=f"row.{row.name}",
                places={
                    "rationale": "certainty",
                    "successor": "successor",
                    **{each.key: f"cell.{row.name}.{each.key}" for each in row.table.columns},
                },
            )
        )
    return list(by_table.values())


def _voice(filled: Filled, row: FilledRow) -> str | None:
    if filled.voice != NEW_SOURCE:
        return filled.voice or None
    source = filled.row(SOURCE)
    return label(source) if source and row.name != SOURCE else None


def label(row: FilledRow) -> str:
    """Give the name that is written in a row: of the property that names things most strongly, first language first."""
    named = [each for each in row.table.columns if each.property in LABEL_PROPERTIES]
    for column in sorted(named, key=lambda each: LABEL_PROPERTIES.index(each.property)):
        if text := _joined(row.values.get(column.key, ())):
            return text
    return ""


def _joined(values: Sequence[str]) -> str:
    return "\n".join(text for text in values if text.strip())


_MESSAGES: Final = {
    "unknown-field": (
        "Feltet «%s» er ikke (lenger) med i skjemaet, og ble ikke lest. Åpne skjemaet på nytt.",
        "The field “%s” is not in the form (any longer) and was not read. Open the form anew.",
    ),
    "too-long": ("Teksten er for lang. Kort den ned til %s tegn.", "The text is too long. Shorten it to %s letters."),
    "one-value": ("Her er det plass til én verdi, men det kom %s.", "There is room for one value here, but %s came."),
    "too-many-fields": ("Skjemaet har flere enn %s felt.", "The form has more than %s fields."),
}


def _finding(code: str, place: str, about: str) -> Finding:
    short = about if len(about) <= 80 else about[:79] + "…"
    nb, en = (text % short for text in _MESSAGES[code])
    return Finding("error", {"nb": nb, "en": en}, code, place=place)

"""How a workbook is laid out: its sheets and columns, ids, what stood in it when it was given out, who can say what.

Row 1 is hidden and has the keys of the columns; its first cell names the table and the language. Row 2 has the names,
row 3 the help, and from row 4 on are the things. In a sheet that came back columns are found by keys, else by names.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from app.editing.base import Base, Voice, digest, folded
from app.editing.cells import Value
from app.editing.grids import Book, Grid, place
from app.editing.messages import by_language, finding, text
from app.editing.proposals import Finding
from app.editing.rows import CORRECTION, Status
from app.editing.tables import Column, Table
from app.entities.labels import best
from app.entities.workbook import sheet_name
from app.namespaces import DCTERMS_MODIFIED, DEGREES
from app.terms import Iri, Literal, is_absolute_iri

KEYS, NAMES, HELP, FIRST = 1, 2, 3, 4
# What the first cell of a sheet of ours begins with.
MARK: Final = "innherred"
BASE_MARK, FINDINGS_MARK = f"{MARK} base", f"{MARK} findings"
# Keys of the columns that are no property.
ID, VOICE, CERTAINTY, STATUS, SUCCESSOR, RATIONALE = (
    "#id",
    "#voice",
    "#certainty",
    "#status",
    "#successor",
    "#rationale@",
)
STATUSES: Final[tuple[Status, ...]] = ("keep", "withdraw", "replaced")
# What a cell of the hidden sheet says of a cell that is shown and cannot be changed.
LOCKED: Final = "locked"
_REQUIRED: Final = " *"


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a sheet: its key, name and help in the language of the workbook; the column of the table, or None."""

    key: str
    name: str
    help: str
    column: Column | None = None


def told(texts: Mapping[str, str], language: str) -> str:
    """Give a text in a language, else in English, else in any."""
    return next((texts[each] for each in (language, "en", "nb", *sorted(texts)) if texts.get(each)), "")


def headings(base: Base, table: Table, language: str) -> list[Heading]:
    """Give the columns of the sheet of a table, in order; no two have the same name."""
    found = [Heading(ID, text("id", language), text("id-help", language))]
    for column in table.columns:
        words = [told(column.help, language)]
        words += [text("required", language)] * column.required + [text("one-a-line", language)] * column.many
        name = column.heading(language) + _REQUIRED * column.required
        found.append(Heading(column.key, name, " ".join(filter(None, words)), column))
    own = [VOICE] if table.sourced else [VOICE, CERTAINTY]
    found += [Heading(key, text(key[1:], language), text(f"{key[1:]}-help", language)) for key in own]
    if not table.sourced:
        # Words of our own are written in the languages that the dataset has its title in.
        languages, titled = base.content.dataset.languages, base.content.dataset.title
        for tag in [each for each in languages if each in titled] or languages:
            found.append(
                Heading(RATIONALE + tag, text("rationale", language, tag=tag), text("rationale-help", language))
            )
    found += [Heading(key, text(key[1:], language), text(f"{key[1:]}-help", language)) for key in (STATUS, SUCCESSOR)]
    names = unique(each.name for each in found)
    return [Heading(each.key, name, each.help, each.column) for each, name in zip(found, names, strict=True)]


def plain(name: str) -> str:
    """Give the name of a column as names are compared: without the star, case and what programs change."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().removesuffix(_REQUIRED).split())


def names_of(base: Base, table: Table) -> dict[str, str]:
    """Give the keys of the columns of a table by their names in every language, for a sheet that has lost its keys."""
    return {plain(each.name): each.key for tag in ("en", "nb") for each in headings(base, table, tag)}


def sheet_names(tables: Iterable[Table], language: str) -> dict[Iri, str]:
    """Give the names of the sheets by class: at most 31 characters, no two the same."""
    listed = list(tables)
    # "History" is a name that Excel keeps for itself.
    taken = [text(each, language) for each in ("readme", "lists", "base", "findings")] + ["History"]
    named = [sheet_name(told(each.names, language)) or sheet_name(each.kind) or "x" for each in listed]
    names = list(unique((*taken, *named), longest=31))[len(taken) :]
    return {each.cls: name for each, name in zip(listed, names, strict=True)}


def unique(names: Iterable[str], longest: int = 10_000) -> Iterator[str]:
    """Give names with a number after those that came before, whatever their case."""
    seen: set[str] = set()
    for name in names:
        found, number = name, 2
        while found.casefold() in seen:
            end = f" ({number})"
            found, number = name[: longest - len(end)].rstrip() + end, number + 1
        seen.add(found.casefold())
        yield found


def first_cell(table: Table, language: str) -> str:
    """Give what the first cell of the sheet of a table says."""
    return f"{MARK} {table.cls} {language}"


def of_first_cell(said: str) -> tuple[Iri, str] | None:
    """Give the class and the language that the first cell of a sheet tells; None where it is no table of ours."""
    mark, _, rest = said.partition(" ")
    cls, _, language = rest.rpartition(" ")
    return (Iri(cls), language) if mark == MARK and cls else None


def tail(iri: Iri, table: Table, base: Base) -> str:
    """Give the id of a thing as column A has it: the last part of its IRI; more where that is not enough."""
    root = base.content.base
    own = iri.removeprefix(f"{root}id/{table.kind}/")
    if own != iri and own and "/" not in own and not is_absolute_iri(own):
        return own
    return iri.removeprefix(root) if "/" in iri.removeprefix(root) else iri


def from_tail(id_: str, table: Table, base: Base) -> Iri:
    """Give the IRI that an id of column A stands for."""
    if is_absolute_iri(id_):
        return Iri(id_)
    return Iri(base.content.base + (id_ if "/" in id_ else f"id/{table.kind}/{id_}"))


def voices(base: Base, language: str) -> dict[Iri, str]:
    """Give the names of the graphs that something new can be said in: of its source, or where that has many its own."""
    listed = base.voices()
    sources = Counter(each.source for each in listed)
    names = [_voice_name(base, each, language, own=sources[each.source] > 1) for each in listed]
    found = zip(listed, unique(names), strict=True)
    # Our own documents first, then the many lists and pages, each of one file.
    return {
        each.graph: name for each, name in sorted(found, key=lambda pair: (len(pair[0].files) == 1, pair[1].casefold()))
    }


def voices_by_name(base: Base) -> dict[str, str]:
    """Give what stands in the column of voices, folded, as what a row says: a graph, or the correction."""
    found: dict[str, str] = {folded(each): CORRECTION for each in by_language("correction").values()}
    for language in ("nb", "en"):
        for graph, name in voices(base, language).items():
            found.setdefault(folded(name), graph)
    return found


def _voice_name(base: Base, voice: Voice, language: str, *, own: bool) -> str:
    if voice.source and not own:
        return base.label(voice.source, [language, "en", "nb"]).text
    found = best(voice.names, [language, "en", "nb"])
    return found.text if found else voice.graph.removeprefix(f"{base.content.base}graph/")


def certainties(base: Base, language: str) -> dict[Iri, str]:
    """Give the names of the certainties, the surest first."""
    return {each: base.label(each, [language, "en", "nb"]).text for each in DEGREES}


def statuses(language: str) -> list[str]:
    """Give the words for the statuses, in the order of ``STATUSES``."""
    return [text(each, language) for each in STATUSES]


def status_of(word: str) -> Status | None:
    """Give the status of a word in any language, None for another word."""
    wanted = plain(word)
    return next((each for each in STATUSES if wanted in {plain(name) for name in by_language(each).values()}), None)


def version_of(base: Base) -> str:
    """Give a short name of what the files of the content say; the same files have the same."""
    lines = sorted(
        f"{subject} {predicate} {digest(each.value for each in values)}"
        for subject, about in base.statements.items()
        for predicate, values in about.items()
    )
    return digest([Literal("\n".join(lines))])


def day_of(base: Base) -> str | None:
    """Give the newest day on which something is said to have been changed, as YYYY-MM-DD; None when nothing is."""
    found = [str(o) for _, p, o in base.described if p == DCTERMS_MODIFIED]
    found += [str(each.value) for about in base.statements.values() for each in about.get(DCTERMS_MODIFIED, ())]
    return max((day for day in found if re.match(r"\d{4}-\d\d-\d\d", day)), default="")[:10] or None


def seal(lines: Iterable[Sequence[Value]]) -> str:
    """Give a digest of what the hidden sheet says, whatever programs do to spaces and numbers, and in any order."""
    found = sorted("\t".join(_plain_value(each) for each in line) for line in lines)
    return digest([Literal("\n".join(found))])


def _plain_value(value: Value) -> str:
    if isinstance(value, int | float):
        return repr(float(value))
    return " ".join(unicodedata.normalize("NFC", "" if value is None else str(value)).split())


_COLUMNS: Final = 5


@dataclass(slots=True)
class GivenOut:
    """What stood in the cells, by (class, thing) and key of column; ``whole``: the workbook still tells all of it.

    ``locked`` are cells that were shown and cannot be changed, by (class, thing, key).
    """

    whole: bool = False
    version: str | None = None
    language: str | None = None
    cells: dict[tuple[Iri, Iri], dict[str, Value]] = field(default_factory=dict)
    locked: dict[tuple[Iri, Iri, str], Value] = field(default_factory=dict)


def given_out(book: Book) -> GivenOut:
    """Read the hidden sheet; it counts only with the digest that it and, if they are left, the properties have."""
    about = {name: book.properties.get(f"innherred-{name}") for name in ("version", "language", "base")}
    found = GivenOut(version=about["version"], language=about["language"])
    grid = next((each for each in book.grids if each.text(1, 1) == BASE_MARK), None)
    if grid is None:
        return found
    found.version, found.language = grid.text(1, 2) or found.version, grid.text(1, 3) or found.language
    lines = [[row.get(each) for each in range(1, _COLUMNS + 1)] for number, row in grid.rows.items() if number > 1]
    if {grid.text(1, 4), about["base"] or grid.text(1, 4)} != {seal(lines)}:
        return found
    found.whole = True
    for cls, thing, key, value, kind in lines:
        about_thing = found.cells.setdefault((Iri(str(cls)), Iri(str(thing))), {})
        if kind == LOCKED:
            found.locked[Iri(str(cls)), Iri(str(thing)), str(key)] = value
        elif key:
            about_thing[str(key)] = value
    return found


_OWN: Final = (ID, VOICE, CERTAINTY, STATUS, SUCCESSOR)
_FIRST_CELL: Final = re.compile(rf"{MARK} (\S+:\S+) ([a-z]{{2,3}})")
# So far down the names of the columns are looked for when their keys are gone, and so many have to be known.
_TOP, _KNOWN = 12, 2


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns of a table stand in a sheet, by key; the rows that are heads, and the language, if known."""

    table: Table
    at: Mapping[str, int]
    heads: frozenset[int]
    above: int
    language: str | None

    def rows(self, grid: Grid) -> Iterator[int]:
        """Give the rows with things, in order."""
        return (row for row in sorted(grid.rows) if row > self.above and row not in self.heads)


@dataclass(slots=True)
class Placed:
    """The columns of a sheet, or None when it is no table of ours; and what is to be told of them."""

    columns: Columns | None = None
    findings: list[Finding] = field(default_factory=list)


class Places:
    """Finds the tables of a content in the sheets of a workbook."""

    def __init__(self, base: Base, tables: Mapping[Iri, Table]) -> None:
        """Prepare nothing: names are asked for only when keys are gone."""
        self._base, self._tables = base, tables

    def of(self, grid: Grid) -> Placed:
        """Find the table of a sheet, and its columns."""
        for row in sorted(grid.rows):
            for value in grid.rows[row].values():
                if isinstance(value, str) and (match := _FIRST_CELL.fullmatch(value.strip())):
                    return self._by_keys(grid, row, Iri(match[1]), match[2])
        return self._by_names(grid)

    def _by_keys(self, grid: Grid, row: int, cls: Iri, language: str) -> Placed:
        table = self._tables.get(cls)
        if table is None:
            return Placed(findings=[finding("error", "sheet-unknown", grid.name, sheet=grid.name)])
        keys = {
            column: ID if isinstance(value, str) and _FIRST_CELL.fullmatch(value.strip()) else str(value).strip()
            for column, value in sorted(grid.rows[row].items())
        }
        return self._found(grid, table, row, row + 1, keys, language)

    def _by_names(self, grid: Grid) -> Placed:
        """Take the table whose name the sheet has, else the one that most of its columns are of."""
        best: tuple[tuple[int, int], Iri, int] | None = None
        for row in [each for each in sorted(grid.rows) if each <= _TOP]:
            names = {plain(str(value)) for value in grid.rows[row].values()}
            for cls, known in self._names.items():
                count = sum(name in known for name in names)
                chosen = (int(grid.name in self._sheets[cls]), count)
                if count >= _KNOWN and 2 * count >= len(names) and (best is None or chosen > best[0]):
                    best = chosen, cls, row
        if best is None:
            return Placed()
        return self._found(grid, self._tables[best[1]], None, best[2], {}, None)

    @cached_property
    def _names(self) -> dict[Iri, dict[str, str]]:
        return {cls: names_of(self._base, table) for cls, table in self._tables.items()}

    @cached_property
    def _sheets(self) -> dict[Iri, set[str]]:
        named = [sheet_names(self._tables.values(), tag) for tag in ("nb", "en")]
        return {cls: {each[cls] for each in named} for cls in self._tables}

    def _found(
        self,
        grid: Grid,
        table: Table,
        keys_row: int | None,
        names_row: int,
        keys: Mapping[int, str],
        language: str | None,
    ) -> Placed:
        found = Placed()
        known = {*_OWN, *(each.key for each in table.columns)}
        at: dict[str, int] = {}
        # First by key, then by name for what has none.
        for column, key in keys.items():
            if key in at:
                told = grid.text(names_row, column) or key
                found.findings.append(finding("error", "column-twice", place(grid, names_row, column), column=told))
            elif key in known or key.startswith(RATIONALE):
                at[key] = column
        heads = self._heads(grid, at.get(ID), keys_row, names_row)
        filled = {column for row, values in grid.rows.items() if row not in heads for column in values}
        names = names_of(self._base, table) if filled - set(at.values()) else {}
        taken = set(at.values()) | {column for column, key in keys.items() if key in at}
        for column in sorted(filled - taken):
            known_as = names.get(plain(grid.text(names_row, column)))
            if known_as and known_as not in at:
                at[known_as] = column
            elif column_name := grid.text(names_row, column):
                where = place(grid, names_row, column)
                code = "column-twice" if known_as else "column-unread"
                found.findings.append(finding("error" if known_as else "warning", code, where, column=column_name))
        if ID not in at:
            found.findings.append(finding("error", "no-id-column", grid.name, sheet=grid.name))
            return found
        heads = self._heads(grid, at[ID], keys_row, names_row)
        # Heads that were sorted among the things have things above them.
        whole = keys_row is None or names_row in heads
        found.columns = Columns(table, at, heads, names_row if whole else 0, language)
        return found

    @staticmethod
    def _heads(grid: Grid, id_column: int | None, keys_row: int | None, names_row: int) -> frozenset[int]:
        heads = {keys_row} if keys_row else {names_row}
        if id_column:
            words = {plain(each) for name in ("id", "id-help") for each in by_language(name).values()}
            heads |= {row for row in grid.rows if plain(grid.text(row, id_column)) in words}
        return frozenset(heads)

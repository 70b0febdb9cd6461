"""Rows of tables: as the files say them, as somebody filled them in, what was done to them, and what is new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final
from typing import Literal as OneOf

from app.editing.base import Base, kind_of
from app.editing.cells import Value, fits, read, same, shown
from app.editing.literals import LONGEST, plain
from app.editing.messages import error, excerpt, warning
from app.editing.naming import NOTHING_NEW, NewThings, Relations, names_of
from app.editing.proposals import Finding
from app.editing.tables import Column, Table
from app.namespaces import LABEL_PROPERTIES, RDFS_LABEL
from app.query.library import local_name
from app.terms import Iri, Literal, Term

# Who says what is new in a row: a graph of the data (its IRI), a source that has no graph yet (the IRI of a
# source of this proposal, or its name), or this: the same source as before says it, and we had misread it.
CORRECTION: Final = "correction"
# What becomes of a thing: it stays, it goes, or another takes its place.
Status = OneOf["keep", "withdraw", "replaced"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as somebody filled it in.

    ``id`` is the thing, None for a new one. ``cells`` by key of column; a key that is not there is untouched.
    ``before`` has what stood in the cells when they were given out: a cell that is still the same is untouched, one
    that was emptied removes. ``voice`` says who says what is new. ``certainty`` and ``rationale`` (by language) hold
    for what is new where they differ from the voice's graph. ``place`` and ``places`` say where it was written.
    """

    id: Iri | None
    cells: Mapping[str, Value]
    before: Mapping[str, Value] = field(default_factory=dict)
    status: Status = "keep"
    successor: str = ""
    voice: str | None = None
    certainty: Iri | None = None
    rationale: Mapping[str, str] = field(default_factory=dict)
    place: str | None = None
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def edited(self) -> dict[str, Value]:
        """Give the cells that are not as they were given out."""
        return {key: value for key, value in self.cells.items() if not same(value, self.before.get(key))}

    def where(self, key: str) -> str | None:
        """Give the place of a cell, else of the row."""
        return self.places.get(key, self.place)


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody did to a cell: the values that they had seen in it, and which of these go and which come."""

    seen: tuple[Term, ...]
    removed: tuple[Term, ...]
    added: tuple[Term, ...]


def values(base: Base, thing: Iri, column: Column) -> list[Term]:
    """Give what a cell shows of a thing, each value once, whatever files say it."""
    return list(dict.fromkeys(each.value for each in base.values(thing, column.property) if fits(each.value, column)))


def edit(
    base: Base,
    thing: Iri | None,
    column: Column,
    before: Value,
    now: Value,
    language: str,
    new: NewThings = NOTHING_NEW,
) -> tuple[Edit, tuple[Finding, ...]]:
    """Give what was done to a cell. What it still shows as before are the very terms that it showed."""
    current = values(base, thing, column) if thing else []
    seen, _ = _terms(base, column, before, language, current, NOTHING_NEW)
    wanted, findings = _terms(
        base, column, now, language, [*current, *(each for each in seen if each not in current)], new
    )
    if any(each.severity == "error" for each in findings):
        return Edit(tuple(seen), (), ()), findings
    kept = {each: next((old for old in seen if _equal(old, each)), each) for each in wanted}
    wanted = list(dict.fromkeys(kept.values()))
    removed = tuple(each for each in seen if each not in wanted)
    return Edit(tuple(seen), removed, tuple(each for each in wanted if each not in seen)), findings


def _terms(
    base: Base, column: Column, value: Value, language: str, known: Sequence[Term], new: NewThings
) -> tuple[list[Term], tuple[Finding, ...]]:
    """Read a cell; lines that known terms are shown as are these terms."""
    written = {shown([each], column, base, language): each for each in known}
    if not isinstance(value, str) or not column.many:
        whole = next((term for text, term in written.items() if same(text, value)), None)
        if whole is not None:
            return [whole], ()
        reading = read(value, column, base, language, new)
        return list(reading.terms), reading.findings
    lines = [each for each in plain(value).split("\n") if each]
    rest = "\n".join(each for each in lines if each not in written)
    reading = read(rest, column, base, language, new)
    return list(
        dict.fromkeys([*(written[each] for each in lines if each in written), *reading.terms])
    ), reading.findings


def _equal(one: Term, other: Term) -> bool:
    """Say whether two terms are the same, or two spellings of the same number."""
    if one == other or not (isinstance(one, Literal) and isinstance(other, Literal)):
        return one == other
    try:
        return one.datatype == other.datatype and one.language is None and Decimal(one.value) == Decimal(other.value)
    except InvalidOperation:
        return False


def rows(base: Base, table: Table, language: str, things: Iterable[Iri] | None = None) -> list[Row]:
    """Give the rows of a table, of all its things or of some, with ``cells`` and ``before`` alike.

    A cell that cannot be shown whole is not there: too long a text, or several values where there is room for one.
    """
    found = []
    for thing in base.things(table.cls) if things is None else things:
        cells: dict[str, Value] = {}
        for column in table.columns:
            terms = values(base, thing, column)
            text = shown(terms, column, base, language)
            if len(text) <= LONGEST and (column.many or len(terms) < 2):
                cells[column.key] = text
        found.append(Row(thing, cells, cells))
    return found


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A new thing: the row it is filled in, its IRI, its names by language, and those labels that were made for it."""

    table: Table
    row: Row
    iri: Iri
    names: Mapping[str, str]
    made: tuple[Literal, ...] = ()
    label: Iri = RDFS_LABEL


@dataclass(slots=True)
class Newcomers:
    """The new things of a proposal. Those that have names of their own come first: others may be called after them."""

    base: Base
    language: str
    things: NewThings = field(default_factory=NewThings)
    findings: list[Finding] = field(default_factory=list)
    _found: dict[Iri, Newcomer] = field(default_factory=dict)
    _rows: dict[int, Newcomer] = field(default_factory=dict)
    _relations: dict[Iri, Relations] = field(default_factory=dict)
    _lists: dict[Iri, list[Column]] = field(default_factory=dict)

    def take(self, rows: Sequence[tuple[Table, Row]]) -> None:
        """Give each row its thing; a row that cannot have one has a finding instead."""
        named = [(table, row, self._names(table, row)) for table, row in rows]
        for table, row, names in named:
            if names and not self._joins(table, row):
                self._add(Newcomer(table, row, self._mint(table, row, names), names))
        for table, row, names in named:
            if self._joins(table, row) or not names:
                self._relate(table, row, names)

    def of(self, row: Row) -> Newcomer | None:
        """Give the new thing of a row (of that very row: two may be filled in alike)."""
        return self._rows.get(id(row))

    def called(self, thing: Iri) -> Mapping[str, str]:
        """Give the names of a new thing by language; none of any other."""
        return self._found[thing].names if thing in self._found else {}

    def _relation(self, table: Table) -> Relations:
        if table.cls not in self._relations:
            self._relations[table.cls] = Relations(self.base, table)
        return self._relations[table.cls]

    def _joins(self, table: Table, row: Row) -> bool:
        """Say whether a row tells of what joins two things, and things of its kind are called after these."""
        relation = self._relation(table)
        return relation.learnt and any(each.key in row.edited for each in relation.links)

    def _names(self, table: Table, row: Row) -> dict[str, str]:
        names: dict[str, str] = {}
        for column in label_columns(table):
            reading = read(row.cells.get(column.key), column, self.base, self.language)
            if reading.ok and reading.terms:
                names.setdefault(column.language or "", str(reading.terms[0]))
        return names

    def _mint(self, table: Table, row: Row, names: Mapping[str, str]) -> Iri:
        order = (*self.base.content.dataset.languages, *sorted(names))
        name = next(names[each] for each in order if each in names)
        return self.base.mint(self._kind(table, row), name, self._found)

    def _kind(self, table: Table, row: Row) -> str:
        """Give the kind in the IRI of a new thing: that of its list (a concept's scheme), else that of its class."""
        if table.cls not in self._lists:
            self._lists[table.cls] = [each for each in table.columns if self._is_list(table, each)]
        for column in self._lists[table.cls]:
            reading = read(row.cells.get(column.key), column, self.base, self.language)
            kinds = [kind for each in reading.terms if (kind := kind_of(str(each), self.base.content.base))]
            if reading.ok and kinds:
                return kinds[0]
        return table.kind

    def _is_list(self, table: Table, column: Column) -> bool:
        """Say whether things of a table have several kinds, and each always that of what a column links it to."""
        if column.kind != "link":
            return False
        pairs = {
            tuple(kind_of(str(each), self.base.content.base) for each in (thing, stated.value))
            for thing in self.base.things(table.cls)
            for stated in self.base.values(thing, column.property)
        }
        return len(pairs) > 1 and all(own == linked and own for own, linked in pairs)

    def _relate(self, table: Table, row: Row, names: dict[str, str]) -> None:
        relation = self._relation(table)
        joined: dict[str, Iri] = {}
        for column in relation.links:
            done, _ = edit(self.base, None, column, None, row.cells.get(column.key), self.language, self.things)
            if done.added and isinstance(done.added[0], Iri):
                joined[column.key] = done.added[0]
        called = {each: self.called(each) for each in joined.values()}
        made = [each for each in relation.labels(joined, called) if (each.language or "") not in names]
        every = names | {each.language or "": each.value for each in made}
        if not every:
            self._nameless(table, row, relation)
            return
        iri = relation.iri(joined, next(iter(every.values())), self._found)
        label = next((each.property for each in label_columns(table)), RDFS_LABEL)
        self._add(Newcomer(table, row, iri, every, tuple(made), label))
        alike = [
            each for each in self.base.things(table.cls) if len(joined) > 1 and self._same_joined(each, table, joined)
        ]
        for thing in alike[:1]:
            self._known(thing, row.place, iri)

    def _same_joined(self, thing: Iri, table: Table, joined: Mapping[str, Iri]) -> bool:
        columns = [column for key in joined if (column := table.column(key))]
        return all(joined[each.key] in values(self.base, thing, each) for each in columns)

    def _nameless(self, table: Table, row: Row, relation: Relations) -> None:
        """Ask for a name, or for what a thing is called after; what cannot be read there is told with its cell."""
        if self._joins(table, row):
            for each in relation.links:
                if same(row.cells.get(each.key), None):
                    self.findings.append(
                        error(
                            "missing",
                            row.where(each.key),
                            column={tag: each.heading(tag) for tag in ("nb", "en")},
                            predicate=each.property,
                        )
                    )
            return
        column = next(iter(label_columns(table)), None)
        place = row.where(column.key) if column else row.place
        self.findings.append(error("no-name", place=place))

    def _add(self, newcomer: Newcomer) -> None:
        row, table = newcomer.row, newcomer.table
        for column, text in self._telling(newcomer):
            twins = [each for each in self.base.named(text, [table.cls]) if column in label_columns(table)]
            twins += self._same_number(column, text, table)
            if twins:
                self._known(twins[0], row.where(column.key), newcomer.iri)
                break
            if any(table.cls in self.things.classes[each] for each in self.things.named(text)):
                self.findings.append(
                    warning("named-twice", text=excerpt(text), subject=newcomer.iri, place=row.where(column.key))
                )
                break
        self._found[newcomer.iri] = self._rows[id(row)] = newcomer
        self.things.add(newcomer.iri, self.base.superclasses(table.cls), newcomer.names.values())

    def _telling(self, newcomer: Newcomer) -> Iterator[tuple[Column, str]]:
        """Give the cells that tell one thing from another: names, and numbers of a fixed form."""
        table, row = newcomer.table, newcomer.row
        numbered = [each for each in table.columns if each.kind == "line" and each.pattern and not each.language]
        for column in [*label_columns(table), *numbered]:
            reading = read(row.cells.get(column.key), column, self.base, self.language)
            if reading.ok:
                yield from ((column, str(each)) for each in reading.terms)

    def _same_number(self, column: Column, text: str, table: Table) -> list[Iri]:
        if column.language or column.many:
            return []
        term = Literal(text, datatype=column.datatypes[-1]) if column.datatypes else Literal(text)
        pointing = (subject for subject, _ in self.base.pointing(term, column.property))
        return [each for each in pointing if table.cls in self.base.classes(each)]

    def _known(self, thing: Iri, place: str | None, iri: Iri) -> None:
        self.findings.append(
            warning(
                "is-it-this",
                id=local_name(thing),
                name=names_of(thing, self.base),
                subject=iri,
                value=thing,
                place=place,
            )
        )


def label_columns(table: Table) -> list[Column]:
    """Give the columns that name the things of a table, the strongest property first."""
    named = [each for each in table.columns if each.property in LABEL_PROPERTIES and each.kind in ("line", "text")]
    return sorted(named, key=lambda each: LABEL_PROPERTIES.index(each.property))

"""An import: the rows that concern us go through its query, and what that says becomes a proposal.

All that is told of the rest of the register comes with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, Self

from app.editing.base import Base
from app.editing.proposals import Finding, Proposal, Severity
from app.editing.statements import IdentityQuestion
from app.errors import BindingError, QueryError
from app.imports.comparison import Questions, RegisterComparison, RegisterRow
from app.imports.matching import CellError, Cells, Keeping, taken, term
from app.imports.record_tables import Layout, RecordTable, layout, tables
from app.imports.sources import Refused, finding, refused
from app.progress import Progress
from app.query.binding import bind, bind_rows
from app.query.files import QueryFile
from app.query.reads import THIS, TODAY, ReadColumn, Reads
from app.query.tokens import significant, variable_names
from app.store.embedded import EmbeddedStore
from app.terms import Iri, Literal, Term, Triple, typed

# Rows that concern us, at most: they are kept in memory, and a proposal is read by people.
MOST: Final = 100_000
_TOLD: Final = 50
_STEP: Final = 100_000
# Cells that are left out when they are wrong: nothing that is taken hangs on them.
_LEFT_OUT: Final = frozenset({"address", "personal"})


@dataclass(slots=True)
class Collected:
    """Rows that concern us by variable, those that perhaps do, and how many records were read, and damaged.

    ``broken`` counts records that are damaged and not ours.
    """

    rows: list[dict[str, Term]] = field(default_factory=list)
    asked: list[RegisterRow] = field(default_factory=list)
    table: str = ""
    findings: list[Finding] = field(default_factory=list)
    read: int = 0
    broken: int = 0


def kept(base: Base, reads: Reads, found: Sequence[RecordTable], keeping: Keeping, progress: Progress) -> Collected:
    """Read the tables, and a second one where the import joins one. Raises Refused."""
    collected = Collected()
    first = layout(found, _with_keys(reads))
    with progress.step(f"read {first.table.name}"):
        rows = list(_Reader(base, reads, first, keeping, collected).rows(progress))
    if reads.join is not None and rows:
        others = [table for table in found if table.name != first.table.name]
        second = layout(others, _keys(reads, theirs=True))
        with progress.step(f"read {second.table.name}"):
            _join(base, reads, second, keeping, collected, first.table.name, rows)
    collected.rows = [row.values for row in rows if row.is_certain]
    collected.asked = [row for row in rows if not row.is_certain]
    collected.table = first.table.name
    return collected


def _with_keys(reads: Reads) -> tuple[ReadColumn, ...]:
    return reads.columns if reads.join is None else (*reads.columns, *_keys(reads, theirs=False))


def _keys(reads: Reads, *, theirs: bool) -> tuple[ReadColumn, ...]:
    """Give the columns of a join by which records belong together, under names of their own; of the second all."""
    assert reads.join is not None
    names = dict.fromkeys(name for each in reads.join.by for pair in each.items() for name in [pair[theirs]])
    keys = tuple(ReadColumn(name, f"join {name}") for name in names)
    return (*reads.join.columns, *keys) if theirs else keys


class _Reader:
    """Reads the records of one table."""

    def __init__(self, base: Base, reads: Reads, place: Layout, keeping: Keeping, collected: Collected) -> None:
        self.base, self.reads, self.place, self.keeping, self.collected = base, reads, place, keeping, collected
        self.first_broken = 0
        # Numbers by which things are found: one in another form is of somebody else.
        self.numbers = {each.variable for group in reads.keep for each in group if each.property}

    def rows(self, progress: Progress) -> Iterator[RegisterRow]:
        count = 0
        for record in self.place.records():
            self.collected.read += 1
            if self.collected.read % _STEP == 0:
                progress.say(f"    {self.collected.read:,} records, {count} of them concern us")
            if record.broken:
                self.damaged(record.number, record.cells, ours=self.keeping.concerns(record.cells))
                continue
            for cells in self.place.rows(record.cells):
                if (match := self.keeping.match(cells)) is None:
                    continue
                count += 1
                if count > MOST:
                    self.tell("too-many", limit=MOST)
                    return
                row = RegisterRow(record.number, match, {}, self.key(cells))
                self.fill(record.number, cells, [row])
                row.values[THIS] = next(iter(match.things))
                yield row
        self.tell_of_broken()

    def tell(self, code: str, severity: Severity = "error", **words: Any) -> None:
        """Note a finding; after so many of them more of the same would help nobody."""
        if sum(each.code == code for each in self.collected.findings) < _TOLD:
            self.collected.findings.append(finding(code, severity, table=self.place.table.name, **words))

    def damaged(self, number: int, cells: Sequence[str], *, ours: bool) -> None:
        if ours:
            self.tell("broken-ours", number=number, cells=len(cells), expected=len(self.place.header))
            return
        self.collected.broken += 1
        self.first_broken = self.first_broken or number

    def tell_of_broken(self) -> None:
        if self.first_broken:
            self.tell("broken-others", "info", count=self.collected.broken, number=self.first_broken)

    def fill(self, number: int, cells: Cells, rows: Sequence[RegisterRow]) -> None:
        """Put the cells of a record into rows, as terms; what is wrong with them is told.

        What is not certain to be ours does not hinder the rest: it is not asked about then.
        """
        ours = any(row.is_certain for row in rows)
        for variable, (text, column) in cells.items():
            if variable.startswith("join "):
                continue
            try:
                value = term(text, column, self.reads)
            except CellError as error:
                is_left_out = error.code in _LEFT_OUT or (not ours and variable in self.numbers)
                self.tell(
                    error.code,
                    "error" if ours and not is_left_out else "warning",
                    number=number,
                    column=column.name,
                    **error.words,
                )
                for row in rows:
                    row.flawed |= not is_left_out
            else:
                if value is not None:
                    for row in rows:
                        row.values[variable] = value

    def key(self, cells: Cells, *, theirs: bool = False) -> tuple[int, tuple[str, ...]] | None:
        """Give by which alternative of a join a row belongs to one of the other table, and its values there."""
        return next(iter(self.keys(cells, theirs=theirs)), None)

    def keys(self, cells: Cells, *, theirs: bool) -> Iterator[tuple[int, tuple[str, ...]]]:
        for place, pairs in enumerate(self.reads.join.by if self.reads.join else ()):
            names = pairs.values() if theirs else pairs.keys()
            texts = tuple(taken(*cells[f"join {name}"], self.reads.empty) for name in names)
            if all(texts):
                yield place, texts


def _join(
    base: Base,
    reads: Reads,
    place: Layout,
    keeping: Keeping,
    collected: Collected,
    first: str,
    rows: Sequence[RegisterRow],
) -> None:
    """Put what the second table says into the rows; records that no row belongs to are passed over."""
    reader = _Reader(base, reads, place, keeping, collected)
    waiting: dict[tuple[int, tuple[str, ...]], list[RegisterRow]] = {}
    for row in rows:
        if row.key is not None:
            waiting.setdefault(row.key, []).append(row)
    joined: set[int] = set()
    for record in place.records():
        if record.broken:
            among = set(record.cells)
            reader.damaged(record.number, record.cells, ours=any(among.issuperset(key) for _, key in waiting))
            continue
        for cells in place.rows(record.cells):
            mine = [row for key in reader.keys(cells, theirs=True) for row in waiting.get(key, ())]
            if mine:
                reader.fill(record.number, cells, mine)
                joined.update(map(id, mine))
    reader.tell_of_broken()
    for row in rows:
        if id(row) not in joined:
            collected.findings.append(
                finding("not-joined", "warning", table=first, number=row.number, other=place.table.name)
            )


# Rows that go through the query at a time; all of them, where a subquery may compare them.
_BATCH: Final = 500
# Letters of what is told beside a proposal.
_NOTE: Final = 8_000


@dataclass(frozen=True, slots=True)
class ImportWish:
    """How an import is run: the name of its proposal, the day of reading, names confirmed as things of ours.

    With ``remove`` what the register no longer says is taken out; ``endpoint`` is asked in place of the import's own.
    ``earlier`` are questions by name that were asked before: who said no is not asked once more.
    """

    name: str
    today: date
    same: Mapping[str, Iri]
    remove: bool = False
    endpoint: str | None = None
    earlier: Mapping[str, IdentityQuestion] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an import: a proposal (None when nothing changes, or with an error), findings, and counts."""

    proposal: Proposal | None
    findings: tuple[Finding, ...]
    read: int = 0
    kept: int = 0
    broken: int = 0

    @property
    def failed(self) -> bool:
        """Say whether there is an error, so that nothing is taken."""
        return any(each.severity == "error" for each in self.findings)


def run(base: Base, file: QueryFile, paths: Sequence[Path], wish: ImportWish, progress: Progress) -> Outcome:
    """Read the files, ask the query, and compare with what the import's own graph says now.

    What concerns us is taken whole or, with one error, not at all.
    """
    if file.reads is None:
        raise ValueError(f"{file.name} is no import")
    reads = file.reads
    collected = Collected()
    try:
        keeping = Keeping(base, reads, f"data/{reads.graph}.ttl", wish.same)
        found = tables(reads, paths, wish.endpoint, keeping.wanted())
        collected = kept(base, reads, found, keeping, progress)
        if not collected.read:
            raise refused("nothing-read")
        if not collected.rows and not collected.asked and not collected.findings:
            collected.findings.append(finding("nothing-kept", "info", read=collected.read))
        told = tuple(collected.findings)
        if any(each.severity == "error" for each in told):
            return _outcome(None, told, collected)
        asked = Questions(file, collected.asked, collected.table)
        comparison = RegisterComparison(base, reads, wish.today, remove=wish.remove)
        with progress.step(f"{len(collected.rows)} rows into statements"), _Statements(base, file, wish.today) as say:
            triples = say(collected.rows)
            perhaps = asked.perhaps(say, collected.rows, together=say.several)
    except Refused as error:
        return _outcome(None, (*collected.findings, error.finding), collected)
    sure = comparison.difference(triples, perhaps)
    questions = asked.against(comparison, triples, sure, wish.earlier)
    told += (*asked.told, *sure.told)
    if not sure.removed and not sure.added and not questions:
        return _outcome(None, told, collected)
    proposal = Proposal(
        name=wish.name,
        door="import",
        title=file.title.get("nb") or next(iter(file.title.values())),
        removed=tuple(dict.fromkeys(sure.removed)),
        added=tuple(sure.added),
        bases=comparison.bases((*sure.removed, *sure.added)),
        note="\n".join(each.messages["nb"] for each in told)[:_NOTE],
        questions=questions,
    )
    return _outcome(proposal, told, collected)


def _outcome(proposal: Proposal | None, findings: tuple[Finding, ...], collected: Collected) -> Outcome:
    return Outcome(proposal, findings, collected.read, len(collected.rows), collected.broken)


class _Statements:
    """Asks the query of an import for rows, over what the files say; raises Refused."""

    def __init__(self, base: Base, file: QueryFile, today: date) -> None:
        assert file.reads is not None
        self._names, own = file.reads.variables(), f"data/{file.reads.graph}.ttl"
        # What the import itself said is left out, so that a second run says the same.
        graphs = {each.name: each.graph for each in base.content.rdf("data")}
        self._store = EmbeddedStore.in_memory(
            ((subject, predicate, stated.value), graph)
            for subject, said in base.statements.items()
            for predicate, values in said.items()
            for stated in values
            if stated.file != own
            for graph in (graphs.get(stated.file), None)
        )
        day = {TODAY: typed(today.isoformat(), "date")}
        self._text = bind(file.text, day) if TODAY in variable_names(file.text) else file.text
        # A subquery may compare rows with each other.
        self.several = any(token.is_word("SELECT") for token in significant(self._text))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def __call__(self, rows: Sequence[Mapping[str, Term]]) -> dict[Triple, None]:
        """Give what rows say."""
        size = max(1, len(rows)) if self.several else _BATCH
        found: dict[Triple, None] = {}
        try:
            for start in range(0, len(rows), size):
                part = ([row.get(name) for name in self._names] for row in rows[start : start + size])
                found |= dict.fromkeys(self._store.construct(bind_rows(self._text, self._names, part)))
        except (QueryError, BindingError) as error:
            raise refused("query", reason=str(error)) from error
        if any(not isinstance(term, Iri | Literal) for triple in found for term in triple):
            raise refused("blank")
        return found

"""What a register says against what its own graph says now, and questions: what holds if a name is of a thing of ours.

Statements that are certain are compared once; those of a candidate are what it brings beyond them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from app.editing.base import Base, folded
from app.editing.proposals import Finding, Statement
from app.editing.statements import (
    LONGEST_VALUE,
    MOST_CANDIDATES,
    MOST_QUESTIONS,
    MOST_VALUES,
    Evidence,
    IdentityQuestion,
    MeantThing,
)
from app.imports.matching import Match
from app.imports.sources import finding
from app.query.files import QueryFile
from app.query.reads import THIS, Reads
from app.terms import Iri, Literal, Term, Triple, n3, typed

Row = dict[str, Term]
Statements = Callable[[Sequence[Row]], dict[Triple, None]]
_Values = dict[tuple[Iri, Iri], set[Term]]


@dataclass(slots=True)
class RegisterRow:
    """A row that concerns us: the number of its record, what it is about, its values. ``flawed``: not to be taken."""

    number: int
    match: Match
    values: Row
    key: tuple[int, tuple[str, ...]] | None = None
    flawed: bool = False

    @property
    def is_certain(self) -> bool:
        """Say whether it is about one thing of ours for certain."""
        return not self.match.asked and len(self.match.things) == 1


@dataclass(slots=True)
class RegisterChange:
    """What goes and what comes; findings tell what is gone from the register."""

    removed: list[Statement] = field(default_factory=list)
    added: list[Statement] = field(default_factory=list)
    told: tuple[Finding, ...] = ()


class RegisterComparison:
    """Compares with the file of an import's graph.

    A value takes the place of another where each is the only one of its property and language. All else that is no
    longer said stays, unless it is wished away (``remove``): a register that lost a record does not say that it was
    wrong.
    """

    def __init__(self, base: Base, reads: Reads, today: date, *, remove: bool) -> None:
        """Look up what the graph says now."""
        self.base, self.reads, self.target, self.remove = base, reads, f"data/{reads.graph}.ttl", remove
        self._day = typed(today.isoformat(), "date")
        self._before = _Values()
        for subject, said in base.statements.items():
            for predicate, values in said.items():
                if own := {stated.value for stated in values if stated.file == self.target}:
                    self._before[subject, predicate] = own

    def difference(self, triples: Iterable[Triple], perhaps: Iterable[Triple] = ()) -> RegisterChange:
        """Compare triples; ``perhaps`` are those that a question asks about: they are not gone either."""
        found = self._compared(triples, perhaps)
        found.removed += self._replaced(triples)
        return found

    def _compared(self, triples: Iterable[Triple], perhaps: Iterable[Triple]) -> RegisterChange:
        after, asked = _Values(), set(perhaps)
        for thing, predicate, value in triples:
            after.setdefault((Iri(thing), predicate), set()).add(value)
        found = RegisterChange()
        gone: dict[Iri, list[Statement]] = defaultdict(list)
        for key in sorted(self._before.keys() | after.keys()):
            old, new = self._before.get(key, set()), after.get(key, set())
            found.added += [Statement(*key, value, self.target) for value in _sorted(new - old)]
            for value in _sorted(old - new):
                statement = Statement(*key, value, self.target)
                if len(_alike(value, old)) == 1 == len(_alike(value, new)):
                    found.removed.append(statement)
                elif (*key, value) not in asked:
                    (found.removed if self.remove else gone[key[0]]).append(statement)
        found.told = tuple(
            finding(
                "gone",
                "warning",
                file=self.target,
                thing=self.base.label(thing, ("nb", "en")),
                count=len(each),
                subject=thing,
            )
            for thing, each in gone.items()
            if each
        )
        places = {(each.subject, each.predicate) for each in found.added}
        dated = all(each.value == self._day for each in found.added)
        if dated and all((each.subject, each.predicate) in places for each in found.removed):
            found.removed, found.added = [], []  # that it was read once more is no news
        return found

    def _replaced(self, triples: Iterable[Triple]) -> Iterator[Statement]:
        """Give what other registers say where this one says it anew, of properties by which only the newest is said."""
        for thing, predicate in dict.fromkeys((Iri(s), p) for s, p, _ in triples if p in self.reads.replaces):
            for stated in self.base.values(thing, predicate):
                if stated.file != self.target and stated.file.startswith("data/register/"):
                    yield Statement(thing, predicate, stated.value, stated.file)

    def bases(self, statements: Iterable[Statement]) -> dict[tuple[Iri, Iri], tuple[Term, ...]]:
        """Give what is said now of what statements change."""
        places = dict.fromkeys((each.subject, each.predicate) for each in statements)
        return {place: tuple(stated.value for stated in self.base.values(*place)) for place in places}


def _alike(value: Term, among: Iterable[Term]) -> list[Term]:
    language = value.language if isinstance(value, Literal) else None
    return [each for each in among if (each.language if isinstance(each, Literal) else None) == language]


def _sorted(values: Iterable[Term]) -> list[Term]:
    return sorted(values, key=n3)


@dataclass(slots=True)
class _Asked:
    """Rows that ask the same, and what each candidate would say."""

    rows: list[RegisterRow]
    says: dict[Iri, dict[Triple, None]] = field(default_factory=dict)


class Questions:
    """The questions that rows ask which are not certain: one for each name, with the same numbers beside it."""

    def __init__(self, file: QueryFile, rows: Iterable[RegisterRow], table: str) -> None:
        """Put rows together."""
        assert file.reads is not None
        self._file, self._reads, self._table = file, file.reads, table
        conditions = [each for group in file.reads.keep for each in group]
        self._properties = {each.variable: each.property for each in conditions if each.property}
        self._asks = file.reads.asks or tuple(
            dict.fromkeys(each.variable for each in conditions if each.property or each.named)
        )
        joined = file.reads.join.columns if file.reads.join else ()
        # What a column is called in the file, where the header has no name for people.
        self._names = {each.variable: dict.fromkeys(("nb", "en"), each.name) for each in (*joined, *file.reads.columns)}
        found: dict[str, _Asked] = {}
        for row in rows:
            found.setdefault(self._name(row), _Asked([])).rows.append(row)
        self.told: list[Finding] = []
        self._found = {name: each for name, each in found.items() if self._can_be_asked(each)}
        for name in list(self._found)[MOST_QUESTIONS:]:
            del self._found[name]
        if len(found) > MOST_QUESTIONS:
            self.told.append(finding("too-many-questions", "warning", table=table, most=MOST_QUESTIONS))

    def perhaps(self, statements: Statements, certain: Sequence[Row], *, together: bool) -> set[Triple]:
        """Ask what each candidate would say, and give all of it. ``together``: a query compares rows with others."""
        for asked in self._found.values():
            for thing in sorted(asked.rows[0].match.things):
                rows = [row.values | {THIS: thing} for row in asked.rows]
                asked.says[thing] = statements([*certain, *rows] if together else rows)
        return {triple for each in self._found.values() for said in each.says.values() for triple in said}

    def against(
        self,
        comparison: RegisterComparison,
        certain: Mapping[Triple, None],
        sure: RegisterChange,
        earlier: Mapping[str, IdentityQuestion],
    ) -> tuple[IdentityQuestion, ...]:
        """Give the questions whose answer would change something, and what it would change beyond what is sure.

        What was answered with no before is answered so again.
        """
        made = []
        removed, added = set(sure.removed), set(sure.added)
        for name, asked in self._found.items():
            candidates = []
            for thing, said in asked.says.items():
                found = comparison.difference({**certain, **said})
                out = tuple(each for each in dict.fromkeys(found.removed) if each not in removed)
                new = tuple(each for each in found.added if each not in added)
                candidates.append(MeantThing(thing, out, new, comparison.bases((*out, *new))))
            if any(each.added or each.removed for each in candidates):
                made.append(self._question(name, asked, tuple(candidates), earlier.get(name)))
        return tuple(made)

    def _question(
        self, name: str, asked: _Asked, candidates: tuple[MeantThing, ...], before: IdentityQuestion | None
    ) -> IdentityQuestion:
        match = asked.rows[0].match
        numbers = list(dict.fromkeys(each.number for each in asked.rows))
        question = IdentityQuestion(
            name=name,
            written=_short(match.text),
            table=_short(self._table),
            records=tuple(numbers[:MOST_VALUES]),
            count=len(numbers),
            candidates=candidates,
            evidence=tuple(self._evidence(asked)),
            named=match.asked,
        )
        if before is not None and before.time and before.chosen is None:
            return replace(question, time=before.time, role=before.role)
        return question

    def _evidence(self, asked: _Asked) -> Iterator[Evidence]:
        """Give what the rows say of what they name, but for the name itself."""
        for variable in self._asks:
            texts = dict.fromkeys(str(row.values[variable]) for row in asked.rows if variable in row.values)
            if texts and set(texts) != {asked.rows[0].match.text}:
                labels = self._file.columns.get(variable) or self._names[variable]
                yield Evidence(labels, tuple(map(_short, texts))[:MOST_VALUES], self._properties.get(variable))

    def _can_be_asked(self, asked: _Asked) -> bool:
        first = asked.rows[0]
        if any(each.flawed for each in asked.rows):
            self.told.append(finding("not-asked", "warning", written=first.match.text, number=first.number))
            return False
        if len(first.match.things) > MOST_CANDIDATES:
            self.told.append(finding("too-common", "warning", written=first.match.text, most=MOST_CANDIDATES))
            return False
        return True

    def _name(self, row: RegisterRow) -> str:
        numbers = [str(row.values.get(each, "")) for each in self._properties]
        parts = [self._reads.graph, folded(row.match.text), *numbers, *sorted(row.match.things)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _short(text: str) -> str:
    line = "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"

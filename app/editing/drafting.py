"""Filled-in rows to a proposal: what each changes, who says it, and in which files it stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.editing.base import Base, Voice
from app.editing.cells import fits
from app.editing.literals import cleaned
from app.editing.messages import by_language, error, excerpt, info, warning
from app.editing.naming import link, name_of, names_of
from app.editing.proposals import Door, Finding, Proposal, Statement
from app.editing.rows import CORRECTION, Edit, Newcomer, Newcomers, Row, edit, values
from app.editing.tables import Column, Table
from app.editing.voices import Farewell, Voices, claim_statements, claims_about
from app.namespaces import CERTAINTY, DCTERMS_SOURCE, RATIONALE, RDF_TYPE, STATED
from app.terms import Iri, Literal, Term

_SUCCESSOR = Column(key="", property=DCTERMS_SOURCE, kind="link", names={})


@dataclass(slots=True)
class _Work:
    """A row at work: its thing, whether that is new, and what was done to which cells."""

    table: Table
    row: Row
    thing: Iri
    newcomer: Newcomer | None
    edits: dict[str, tuple[Column, Edit]] = field(default_factory=dict)

    @property
    def new(self) -> bool:
        return self.newcomer is not None

    def chosen(self, property: Iri) -> list[Term]:
        """Give what the row adds by a property."""
        return [each for column, done in self.edits.values() if column.property == property for each in done.added]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A proposal made of filled-in rows, what is wrong with these, and where things and their properties were written.

    With an error among the findings the proposal holds what could be read. It has no name yet.
    """

    proposal: Proposal
    findings: tuple[Finding, ...]
    places: Mapping[tuple[Iri, Iri | None], str]

    def judged(self, told: Iterable[Finding]) -> "Drafted":
        """Give it with findings of checks, each at the cell that it is about, else at its row."""
        return replace(self, findings=(*self.findings, *map(self._placed, told)))

    def _placed(self, finding: Finding) -> Finding:
        if (thing := finding.subject) is None or finding.place:
            return finding
        found = self.places.get((thing, finding.predicate)) or self.places.get((thing, None))
        return replace(finding, place=found)

    @property
    def wrong(self) -> bool:
        """Say whether there is an error among the findings."""
        return any(each.severity == "error" for each in self.findings)


class Proposing:
    """A proposal in the making."""

    def __init__(self, base: Base, language: str) -> None:
        """Begin with nothing changed."""
        self.findings: list[Finding] = []
        self.places: dict[tuple[Iri, Iri | None], str] = {}
        self._base = base
        self._language = language
        self._voices = Voices(base)
        self._newcomers = Newcomers(base, language)
        editable = frozenset(file for each in self._voices.known for file in each.files)
        self._going = Farewell(base, editable)
        self._added: dict[Statement, None] = {}
        self._about: dict[tuple[Iri, Iri], list[Term]] = {}
        self._broken: set[str] = set()
        self._seen: dict[tuple[Iri, Iri], tuple[Term, ...]] = {}

    def take_all(self, filled: Sequence[tuple[Table, Sequence[Row]]]) -> None:
        """Take all rows: new ones first, as others may name them."""
        rows = [(table, row) for table, rows in filled for row in rows]
        fresh = [(table, row) for table, row in rows if row.id is None and row.status == "keep" and row.edited]
        self._newcomers.take(fresh)
        self.findings += self._newcomers.findings
        for table, row in rows:
            if row.id is not None and not self._is_there(row.id, table):
                self._tell([error("unknown-id", subject=row.id)], row.place)
            elif row.status != "keep":
                self._leave(table, row)
            elif row.edited:
                self._take(table, row)

    def proposal(self, door: Door, title: str, note: str) -> Proposal:
        """Give the proposal."""
        added = dict.fromkeys([*self._voices.described, *self._added, *self._going.added])
        removed = self._going.removed
        for subject, predicate, *_ in (*removed, *added):
            self._see(subject, predicate)
        return Proposal(
            name="",
            door=door,
            title=cleaned(title)[0],
            note=cleaned(note)[0],
            removed=tuple(sorted((each for each in removed if each not in added), key=_order)),
            added=tuple(sorted((each for each in added if each not in removed), key=_order)),
            bases=dict(sorted(self._seen.items())),
        )

    def _is_there(self, thing: Iri, table: Table) -> bool:
        return table.cls in self._base.classes(thing)

    def _tell(self, findings: Iterable[Finding], place: str | None, column: Column | None = None) -> None:
        for each in findings:
            predicate = each.predicate or (column.property if column else None)
            told = replace(each, place=each.place or place, predicate=predicate)
            self.findings.append(told)
            if told.severity == "error" and told.place:
                self._broken.add(told.place)

    def _take(self, table: Table, row: Row) -> None:
        newcomer = self._newcomers.of(row)
        thing = row.id or (newcomer.iri if newcomer else None)
        work = _Work(table, row, thing or Iri(""), newcomer)
        for key, value in row.edited.items():
            column = table.column(key)
            if column is None:
                continue
            done, findings = edit(
                self._base, row.id, column, row.before.get(key), value, self._language, self._newcomers.things
            )
            self._tell((replace(each, subject=thing) for each in findings), row.where(key), column)
            work.edits[key] = column, done
            if done.removed or done.added:
                self._note_seen(work.thing, column, done)
        if thing is not None:
            self._note_places(work)
            self._write(work)
            self._ask_for_required(work)

    def _write(self, work: _Work) -> None:
        """Put what the row says into the files of who says it, and take out what it says no more."""
        row, thing = work.row, work.thing
        asked = work.new or any(done.added for _, done in work.edits.values())
        voice = self._voice(work) if asked else None
        if work.new and voice is None:  # it was asked who says it; till then it is shown somewhere
            voice = next(iter(self._voices.known), None)
        for column, done in work.edits.values():
            files = [file for value in done.removed for file in self._remove(work, column, value)]
            for value in done.added:
                file = self._file(work, voice, files, column)
                if file and self._add(Statement(thing, column.property, value, file)):
                    self._claim(work, column, Statement(thing, column.property, value, file))
        if work.newcomer and voice:
            file = self._voices.file(voice, thing, work.table.cls)
            for predicate, value in self._unasked(work, work.newcomer, voice):
                self._add(Statement(thing, predicate, value, file))
        if row.certainty and row.certainty != STATED and asked and not work.table.sourced:
            self._ask_for_rationale(work)

    def _unasked(self, work: _Work, newcomer: Newcomer, voice: Voice) -> Iterator[tuple[Iri, Term]]:
        """Give what is said of a new thing without a cell: class, labels that were made, source, how sure it is."""
        row, has = work.row, {each.property for each in work.table.columns}
        yield RDF_TYPE, work.table.cls
        yield from ((newcomer.label, each) for each in newcomer.made)
        if voice.source and voice.source != work.thing and DCTERMS_SOURCE in has and not work.chosen(DCTERMS_SOURCE):
            yield DCTERMS_SOURCE, voice.source
        certainty = row.certainty or (voice.certainty if work.table.sourced else None)
        if certainty and not work.chosen(CERTAINTY) and (work.table.sourced or certainty != voice.certainty):
            yield CERTAINTY, certainty
            if not work.chosen(RATIONALE):
                yield from ((RATIONALE, Literal(text, tag)) for tag, text in self._rationale(row).items())

    def _remove(self, work: _Work, column: Column, value: Term) -> list[str]:
        thing, place = work.thing, work.row.where(column.key)
        claimed = bool(claims_about(self._base, thing, column.property, value))
        told = len(self._going.findings)
        files = self._going.take(thing, column.property, value)
        if not files and (file := self._voices.standing(thing)):
            # Somebody took it out meanwhile: the proposal says it all the same, so that the two are seen beside.
            self._going.removed[Statement(thing, column.property, value, file)] = None
        self._tell(self._going.findings[told:], place, column)
        name = name_of(value, self._base, self._language)
        if len(files) > 1:
            voices = {tag: "; ".join(self._voices.of_files(files, tag)) for tag in ("nb", "en")}
            also = info("several-sources", name=excerpt(name), voices=voices, subject=thing, value=value)
            self._tell([also], place, column)
        if claimed:
            self._tell([info("claim-goes", name=excerpt(name), subject=thing, value=value)], place, column)
        return files

    def _add(self, statement: Statement) -> bool:
        """Add a statement, but for one that stands somewhere already. Say whether it was added."""
        if any(each.value == statement.value for each in self._base.values(statement.subject, statement.predicate)):
            return False
        if statement not in self._added:
            self._added[statement] = None
            self._about.setdefault((statement.subject, statement.predicate), []).append(statement.value)
        return True

    def _file(self, work: _Work, voice: Voice | None, replaced: Sequence[str], column: Column) -> str | None:
        if voice:
            return self._voices.file(voice, work.thing, work.table.cls)
        file = self._voices.standing(work.thing, replaced)
        if file is None:
            self._tell([error("file-not-editable", subject=work.thing)], work.row.where(column.key), column)
        return file

    def _voice(self, work: _Work) -> Voice | None:
        """Give who says what is new in a row; None: whoever says what it changes."""
        row, table = work.row, work.table
        certainty = next(iter(work.chosen(CERTAINTY)), row.certainty)
        if row.voice and row.voice != CORRECTION:
            chosen = self._chosen(row, work.thing)
            return self._voices.as_sure(chosen, certainty) if chosen else None
        if row.voice == CORRECTION and not work.new:
            return None
        if work.new and self._voices.registers(table.cls):
            return self._of_source(work.thing)
        sources = [each for each in work.chosen(DCTERMS_SOURCE) if isinstance(each, Iri)] if table.sourced else []
        if sources:
            return self._voices.as_sure(self._of_source(sources[0]), certainty)
        if work.new or not table.sourced:
            self._ask_who(work)
        return None

    def _chosen(self, row: Row, thing: Iri) -> Voice | None:
        text, _ = cleaned(row.voice or "")
        found = self._voices.named(text, self._newcomers.things)
        if len(found) == 1:
            return found[0] if isinstance(found[0], Voice) else self._of_source(found[0])
        code = "ambiguous-voice" if found else "unknown-voice"
        self._tell([error(code, text=excerpt(text), subject=thing)], row.where("voice"))
        return None

    def _of_source(self, source: Iri) -> Voice:
        names = self._newcomers.called(source)
        return self._voices.of_source(source, [Literal(text, tag or None) for tag, text in names.items()])

    def _ask_who(self, work: _Work) -> None:
        first = self._voices.known[:2]
        names = {tag: "; ".join(name_of(each.graph, self._base, tag) for each in first) for tag in ("nb", "en")}
        correction = "" if work.new else by_language("or-correct")
        told = error("who-says-it", examples=names, correction=correction, subject=work.thing)
        self._tell([told], work.row.where("voice"))

    def _claim(self, work: _Work, column: Column, statement: Statement) -> None:
        """Say how sure a statement is, where that is not what its thing and its graph say."""
        row, thing, voice = work.row, work.thing, self._voices.of_file(statement.file)
        if work.new or work.table.sourced or row.certainty is None:
            return
        files = voice.files if voice else (statement.file,)
        own = [each.value for each in self._base.values(thing, CERTAINTY) if each.file in files]
        if row.certainty in own or (not own and voice and row.certainty == voice.certainty):
            return
        names = names_of(thing, self._base)
        source = voice.source if voice else None
        why = self._rationale(row)
        for each in claim_statements(self._base, statement, row.certainty, why, source, (names, column.names)):
            self._add(each)

    def _rationale(self, row: Row) -> dict[str, str]:
        """Give why something is read so, cleaned, in those languages that the content has."""
        tags = {*self._base.content.dataset.languages, *self._base.content.dataset.title} - {""}
        texts = {tag: cleaned(text)[0] for tag, text in row.rationale.items() if tag in tags}
        return {tag: text for tag, text in sorted(texts.items()) if text}

    def _ask_for_rationale(self, work: _Work) -> None:
        row, thing, why = work.row, work.thing, self._rationale(work.row)
        missing = [each for each in sorted(self._base.content.dataset.title) if each and each not in why]
        if missing:
            self._tell([error("no-rationale", tags=", ".join(missing), subject=thing)], row.where("rationale"))

    def _leave(self, table: Table, row: Row) -> None:
        """Withdraw a thing, perhaps for another that takes its place."""
        successor: Iri | None = None
        if row.id is None:
            return
        if row.status == "replaced":
            text, _ = cleaned(row.successor)
            successor, problem = link(text, _SUCCESSOR, self._base, self._language, self._newcomers.things)
            there = successor in self._base.statements or successor in self._newcomers.things.classes
            if not there or successor == row.id:
                self._tell(
                    [problem if problem and text else error("no-successor", subject=row.id)], row.where("successor")
                )
                return
        told = len(self._going.findings)
        self._going.withdraw(row.id, table, successor)
        self._tell(self._going.findings[told:], row.place)
        if successor is None:
            self._tell([warning("withdrawn", subject=row.id)], row.place)

    def _ask_for_required(self, work: _Work) -> None:
        for column in work.table.columns:
            place = work.row.where(column.key)
            touched = column.key in work.edits
            if not column.required or (not work.new and not touched) or (touched and place in self._broken):
                continue
            gone = work.edits[column.key][1].removed if touched else ()
            old = [] if work.new else [each for each in values(self._base, work.thing, column) if each not in gone]
            came = self._about.get((work.thing, column.property), ())
            if not old and not any(fits(each, column) for each in came):
                self._tell(
                    [error("missing", column={tag: column.heading(tag) for tag in ("nb", "en")}, subject=work.thing)],
                    place,
                    column,
                )

    def _see(self, subject: Iri, predicate: Iri) -> tuple[Term, ...]:
        """Note what is said of a thing by a property, as what its editor had seen, and give it."""
        stated = dict.fromkeys(each.value for each in self._base.values(subject, predicate))
        return self._seen.setdefault((subject, predicate), tuple(stated))

    def _note_places(self, work: _Work) -> None:
        """Note where a row stands, and where each property is written: rather in a cell that was filled in."""
        row, columns = work.row, sorted(work.table.columns, key=lambda each: each.key not in work.edits)
        for about, place in ((None, row.place), *((each.property, row.where(each.key)) for each in columns)):
            if place:
                self.places.setdefault((work.thing, about), place)

    def _note_seen(self, thing: Iri, column: Column, done: Edit) -> None:
        """Note what a cell showed when it was given out, beside what other cells show of the property."""
        others = [each for each in self._see(thing, column.property) if not fits(each, column)]
        self._seen[thing, column.property] = (*others, *done.seen)


def _order(statement: Statement) -> tuple[str, str, str, str]:
    return statement.subject, statement.predicate, repr(statement.value), statement.file


def drafted(
    base: Base, filled: Sequence[tuple[Table, Sequence[Row]]], *, door: Door, title: str, note: str = "", language: str
) -> Drafted:
    """Make a proposal of filled-in rows, and tell what is wrong with them, each finding with its place.

    Rows of several tables may name each other's new things by label. New things get their IRIs by docs/iris.md.
    """
    proposing = Proposing(base, language)
    proposing.take_all(filled)
    return Drafted(proposing.proposal(door, title, note), tuple(proposing.findings), proposing.places)


def proposal(
    base: Base, filled: Sequence[tuple[Table, Sequence[Row]]], *, door: Door, title: str, note: str = "", language: str
) -> tuple[Proposal, tuple[Finding, ...]]:
    """Give the proposal and the findings of ``drafted``."""
    made = drafted(base, filled, door=door, title=title, note=note, language=language)
    return made.proposal, made.findings

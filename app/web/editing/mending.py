"""A proposal taken over into its form, to be mended: its fields hold what it wants, beside what the files say."""

from contextlib import suppress
from dataclasses import replace
from typing import Final

from app.editing.base import Base, Stated
from app.editing.cells import shown
from app.editing.conflicts import Side
from app.editing.drawer import Drawer, DrawerError
from app.editing.proposals import Proposal, Statement
from app.editing.tables import Column, Table, table_of
from app.editing.voices import REPLACED_BY
from app.namespaces import CERTAINTY, CLAIM, RATIONALE, RDF_TYPE
from app.terms import Iri, Literal, Term
from app.web import links
from app.web.editing import filled as form_of
from app.web.editing.filled import NEW_SOURCE, SOURCE, THING, Filled, FilledRow
from app.web.editing.present import Present
from app.web.editing.start import edit_address
from app.web.serving import settings

# What is decided about is mended no more.
_UNDECIDED: Final = ("open", "failed")


def led_here(name: str) -> Proposal | None:
    """Give the proposal that a form is opened from (``?from=``); None when there is none of that name."""
    with suppress(DrawerError):
        return Drawer(settings().state).get(name)
    return None


def address(now: Present, proposal: Proposal) -> str | None:
    """Give the address of the form in which a proposal is answered or mended; None when no form holds it.

    That is the form of the one thing that it is about; its parts and its new source are in that form too.
    """
    if not proposal.subjects:
        found = proposal.page and edit_address(proposal.page)
        return f"{found}?from={proposal.name}" if found else None
    base, parts = now.base, {part.table for each in now.tables.values() for part in each.parts}
    about = {each for each in proposal.subjects if now.of_thing(each)}
    inner = sorted(each for each in about if base.classes(each) & parts)
    about -= set(inner)
    made = [_made(now, each.value) for each in proposal.added if each.predicate == RDF_TYPE and not _is_old(base, each)]
    kinds = {table.kind for table in made if table and table.cls not in parts and not _is_source(now, table)}
    if inner and not about and not kinds:  # it is a part of several things perhaps: the form of one of them has it
        columns = [Iri(part.column.partition("@")[0]) for each in now.tables.values() for part in each.parts]
        values = (each.value for column in columns for each in base.values(inner[0], column))
        about = set([each for each in values if isinstance(each, Iri) and now.of_thing(each)][:1])
    found = None
    if len(about) == 1:
        found = edit_address(next(iter(about)))
    elif not about and len(kinds) == 1:
        found = links.page_link(f"/edit/new/{next(iter(kinds))}", {"version": None})
    return f"{found}?from={proposal.name}" if found else None


def _made(now: Present, cls: Term) -> Table | None:
    return now.tables.get(Iri(str(cls)))


def _is_old(base: Base, statement: Statement) -> bool:
    return statement.subject in base.statements


def _is_source(now: Present, table: Table) -> bool:
    """Say whether the things of a table are what graphs have as their source."""
    sources = [each.source for each in now.base.voices() if each.source]
    return any(table.cls in now.base.classes(each) for each in sources)


def taken_over(now: Present, proposal: Proposal, table: Table, thing: Iri | None, language: str) -> Filled | None:
    """Give the form of a thing, or of a new one of a table, as a proposal wants it; None when it is not about that."""
    if proposal.state not in _UNDECIDED:
        return None
    changed = _changed(now.base, proposal)
    if thing and thing in proposal.subjects and not changed.values(thing, RDF_TYPE):
        return _taken_away(now, changed, proposal, table, thing, language)
    main = thing or next((each for each in _new(now, changed, proposal) if _is_of(now, changed, each, table)), None)
    if main is None or main not in changed.statements or main not in _wholes(now, changed, proposal):
        return None
    wanted = form_of.of_thing(changed, now.tables, table, main, language)
    known = form_of.of_thing(now.base, now.tables, table, main, language) if thing else Filled(())
    before = {row.id: row for row in known.rows}
    rows = [_as_wanted(row, before.get(row.id)) for row in wanted.rows]
    there = {row.id for row in wanted.rows}
    gone = [row for row in known.rows if row.id not in there]
    rows += [replace(row, name=str(number), gone=True) for number, row in enumerate(gone, len(rows))]
    return _with_voice(now, changed, proposal, replace(Filled(tuple(rows)), note=proposal.note), language)


def _taken_away(now: Present, changed: Base, proposal: Proposal, table: Table, thing: Iri, language: str) -> Filled:
    """Give the form of a thing that a proposal withdraws, or puts another in the place of."""
    known = form_of.of_thing(now.base, now.tables, table, thing, language)
    by = next((each.value for each in changed.values(thing, REPLACED_BY)), None)
    if by is None:
        return replace(known, note=proposal.note, status="withdraw")
    column = Column("successor", REPLACED_BY, "link", {}, classes=(table.cls,))
    return replace(known, note=proposal.note, status="replaced", successor=shown((by,), column, changed, language))


def _changed(base: Base, proposal: Proposal) -> Base:
    """Give what the files would say after a proposal; the base itself is left alone."""
    found = Base.read(base.content)
    for each in proposal.removed:
        found.remove(each.subject, each.predicate, Stated(each.value, each.file))
    for each in proposal.added:
        found.add(each.subject, each.predicate, Stated(each.value, each.file))
    return found


def _new(now: Present, changed: Base, proposal: Proposal) -> list[Iri]:
    return [
        each
        for each in proposal.subjects
        if each not in now.base.statements and table_of(changed, now.tables, each) is not None
    ]


def _is_of(now: Present, changed: Base, thing: Iri, table: Table) -> bool:
    found = table_of(changed, now.tables, thing)
    return found is not None and found.cls == table.cls


def _wholes(now: Present, changed: Base, proposal: Proposal) -> set[Iri]:
    """Give the things that a proposal is about, and those that these are parts of."""
    found = set(proposal.subjects)
    for part in proposal.subjects:
        table = table_of(changed, now.tables, part) or table_of(now.base, now.tables, part)
        columns = [each for each in table.columns if each.kind == "link"] if table else []
        for base in (changed, now.base):
            values = (each.value for column in columns for each in base.values(part, column.property))
            found |= {each for each in values if isinstance(each, Iri)}
    return found


def _as_wanted(row: FilledRow, known: FilledRow | None) -> FilledRow:
    """Give a row with what the files say as what stood there before; a new one without a name of its own."""
    if known is not None:
        return replace(row, before=known.before)
    values = {key: given for key, given in row.values.items() if key != row.by}
    return replace(row, id=None, before={}, values=values)


def _with_voice(now: Present, changed: Base, proposal: Proposal, filled: Filled, language: str) -> Filled:
    """Say who says what is new, where all of it is said by one."""
    graphs = {voice.graph for voice in now.base.voices() for each in proposal.added if each.file in voice.files}
    unknown = [each for each in proposal.added if now.base.graph_of(each.file) is None]
    if not unknown:
        return _as_sure(proposal, now.base, replace(filled, voice=next(iter(graphs)))) if len(graphs) == 1 else filled
    fresh = [each for each in _new(now, changed, proposal) if any(each == stated.value for stated in unknown)]
    source = next(
        (each for each in fresh if (found := table_of(changed, now.tables, each)) and not found.sourced), None
    )
    table = table_of(changed, now.tables, source) if source else None
    if source is None or table is None:
        return filled
    row = form_of.of_thing(changed, {}, table, source, language).row(THING)
    if row is None:
        return filled
    filled = replace(filled.with_row(replace(row, name=SOURCE, id=None, before={})), voice=NEW_SOURCE)
    return _as_sure(proposal, now.base, filled)


def _as_sure(proposal: Proposal, base: Base, filled: Filled) -> Filled:
    """Carry how sure it is and why, where what is new has it of its own, and all of it the same."""
    side = Side.after(base, proposal)
    own = [each.subject for each in proposal.added if each.predicate == RDF_TYPE and each.value == CLAIM]
    said = {(tuple(side.terms(each, CERTAINTY)), tuple(side.terms(each, RATIONALE))) for each in own}
    if len(said) != 1:
        return filled
    certainties, reasons = next(iter(said))
    rationale = {each.language: each.value for each in reasons if isinstance(each, Literal) and each.language}
    return replace(filled, certainty=str(next(iter(certainties), "")), rationale=rationale)

"""Forms: ``/edit/new/<kind>`` for a new thing, ``/edit/<kind>/<slug>`` for one that is there.

Every button posts the whole form. Until the last step nothing is kept here: what was typed, what stood there before,
and the name of the proposal to be travel in the form, so that neither an error, nor a login that ended, nor another
server process loses a letter, and a form that is sent twice is one proposal.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from app.editing.drafting import proposal as proposal_of
from app.editing.drawer import Drawer
from app.editing.proposals import Finding, Proposal
from app.editing.tables import Table
from app.namespaces import LABEL_PROPERTIES, RDF_TYPE
from app.terms import Iri
from app.web import links
from app.web.editing import filled as form_of
from app.web.editing import session
from app.web.editing.drawn import ASKS_WHO, page
from app.web.editing.fields import Asked, placed
from app.web.editing.filled import NEW_SOURCE, SOURCE, THING, Filled
from app.web.editing.mending import led_here, taken_over
from app.web.editing.present import Present, present
from app.web.editing.sending import changes_page, judged, keep
from app.web.editing.start import edit_address
from app.web.languages import interface_language, languages
from app.web.problems import Problem
from app.web.serving import settings

blueprint = Blueprint("forms", __name__)
# The largest form (bytes): a thing with all its parts.
LONGEST: Final = 1_500_000


@blueprint.get("/new/<kind>")
@session.required("editor")
def new(kind: str) -> BaseResponse:
    """Give the empty form of a kind."""
    now = present()
    table = _table(now, kind)
    filled = _from(now, table, None) or Filled((form_of.blank(table, now.base, interface_language()),))
    return page(now, table, None, _begun(filled), (), focus=request.args.get("field", ""))


@blueprint.get("/<kind>/<slug>")
@session.required("editor")
def thing(kind: str, slug: str) -> BaseResponse:
    """Give the form of a thing, with its parts, as the files have it now."""
    now = present()
    iri, table = _thing(now, kind, slug)
    filled = _from(now, table, iri) or form_of.of_thing(now.base, now.tables, table, iri, interface_language())
    return page(now, table, iri, _begun(filled), (), focus=request.args.get("field", ""))


@blueprint.post("/new/<kind>")
@session.required("editor", longest=LONGEST)
def post_new(kind: str) -> BaseResponse:
    """Take the form of a new thing."""
    now = present()
    return _posted(now, _table(now, kind), None)


@blueprint.post("/<kind>/<slug>")
@session.required("editor", longest=LONGEST)
def post_thing(kind: str, slug: str) -> BaseResponse:
    """Take the form of a thing."""
    now = present()
    iri, table = _thing(now, kind, slug)
    return _posted(now, table, iri)


def _table(now: Present, kind: str) -> Table:
    found = now.of_kind(kind)
    if found is None:
        raise Problem(404, _("There is no form for “%(kind)s”.", kind=kind[:80]))
    return found


def _thing(now: Present, kind: str, slug: str) -> tuple[Iri, Table]:
    for iri in links.iris_of(f"id/{kind}/{slug}"):
        if iri in now.base.statements and (table := now.of_thing(iri)):
            return iri, table
    raise Problem(404, _("There is no form for this page: its data is not edited here, or it is gone."))


def address_of(table: Table, thing: Iri | None) -> str:
    """Give the address that a form is sent to."""
    return (thing and edit_address(thing)) or links.page_link(f"/edit/new/{table.kind}", {"version": None})


def _from(now: Present, table: Table, thing: Iri | None) -> Filled | None:
    """Give the form as a proposal wants it that somebody takes over to mend (``?from=``); else None."""
    led = led_here(request.args.get("from", ""))
    return taken_over(now, led, table, thing, interface_language()) if led and led.subjects else None


def _begun(filled: Filled) -> Filled:
    """Give a form the name of the proposal to be, and that of the one that it answers."""
    return replace(filled, name=Drawer(settings().state).new_name(), answers=request.args.get("from", "")[:80])


def _posted(now: Present, table: Table, thing: Iri | None) -> BaseResponse:
    """Do what the button of a form asks for."""
    language = interface_language()
    filled, findings = form_of.read(_shape(request.form, table), now.tables, table, thing)
    action, _bar, about = request.form.get("action", "check").partition("|")
    if action not in ("check", "send"):
        filled, asked = _changed(now, table, filled, action, about)
        return page(now, table, thing, filled, findings, asked=asked, focus=_focused(asked))
    proposal, found = proposal_of(
        now.base,
        form_of.to_rows(filled, now.base, language),
        door="form",
        title=_title(filled, thing, now),
        note=filled.note,
        language=language,
    )
    proposal = replace(proposal, name=filled.name, answers=filled.answers if led_here(filled.answers) else None)
    findings = _about_source(_in_form([*findings, *found], filled), filled)
    if not _wrong(findings):
        subjects = _subjects(proposal, filled)
        findings += placed(judged(now.base, proposal), filled, subjects)
    if _wrong(findings):
        return page(now, table, thing, filled, findings, status=422)
    if not (proposal.added or proposal.removed):
        nothing = Finding("info", _NOTHING, "nothing", place="form")
        return page(now, table, thing, filled, [*findings, nothing])
    proposal = replace(proposal, findings=tuple(findings))
    if action == "send":
        return redirect(links.page_link(f"/edit/proposals/{keep(proposal)}", {"version": None}), 303)
    return changes_page(now.base, proposal, back=address_of(table, thing), fields=list(filled.fields()))


_NAMELESS: Final = {
    "nb": "Skriv navnet på den nye kilden, og fyll ut det som står om den.",
    "en": "Write the name of the new source, and fill in what is asked about it.",
}
_NOTHING: Final = {
    "nb": "Ingenting er endret ennå. Endre noe i skjemaet, og prøv igjen.",
    "en": "Nothing has been changed yet. Change something in the form, and try again.",
}


def _shape(form: "MultiDict[str, str]", table: Table) -> "MultiDict[str, str]":
    """Give a form with its own row, whatever it says of it: the address settles that."""
    found = MultiDict(form)
    found[f"row.{THING}.table"] = table.cls
    return found


def _changed(now: Present, table: Table, filled: Filled, action: str, about: str) -> tuple[Filled, Asked]:
    """Change a form as a button asks: one more part or value, a name looked for or picked; else give it back."""
    language = interface_language()
    if action == "part" and about.isascii() and about.isdigit():
        parts = form_of.parts_of(now.tables, table)
        if int(about) < len(parts) and len(filled.rows) < form_of.MOST_PARTS:
            part, inner = parts[int(about)]
            number = 1 + max((int(row.name) for row in filled.rows if row.name.isdigit()), default=0)
            row = form_of.blank(inner, now.base, language, name=str(number), by=part.column)
            return filled.with_row(row), Asked(part=str(number))
    if action == "more":
        return filled, Asked(more=about)
    name, _bar, rest = about.partition("|")
    place, _bar, text = rest.partition("|")
    if action in ("find", "pick") and place.isascii() and place.isdigit() and len(place) < 5:
        if action == "find":
            return filled, Asked(find=(name, int(place)))
        return _picked(filled, name, int(place), text), Asked(picked=name)
    return filled, Asked()


def _picked(filled: Filled, name: str, place: int, text: str) -> Filled:
    """Put a name into the place of a field."""
    if name == "successor":
        return replace(filled, successor=text[: form_of.LONGEST])
    for row in filled.rows:
        key = name.removeprefix(f"cell.{row.name}.")
        if key != name and row.table.column(key):
            values = list(row.values.get(key, ()))
            values[place : place + 1] = [text[: form_of.LONGEST]]
            return filled.with_row(replace(row, values={**row.values, key: values}))
    return filled


def _focused(asked: Asked) -> str:
    return asked.find[0] or asked.more or asked.picked


def _title(filled: Filled, thing: Iri | None, now: Present) -> str:
    row = filled.row(THING)
    if thing is not None:
        return str(now.base.label(thing, languages()))
    name = form_of.label(row) if row else ""
    return str(_("New: %(name)s", name=name)) if name else str(_("Something new"))


def _wrong(findings: list[Finding]) -> bool:
    return any(each.severity == "error" for each in findings)


def _in_form(findings: list[Finding], filled: Filled) -> list[Finding]:
    """Give what has no field in the form that is seen to the row that it is in: a part's link to its whole is none."""
    hidden = {f"cell.{row.name}.{row.by}": f"row.{row.name}" for row in filled.rows if row.by}
    return [replace(each, place=hidden.get(each.place or "", each.place)) for each in findings]


def _about_source(findings: list[Finding], filled: Filled) -> list[Finding]:
    """Where a new source was chosen and has no name, ask for that alone: it is who says all that is new."""
    source = filled.row(SOURCE)
    if filled.voice != NEW_SOURCE or (source and form_of.label(source)):
        return findings
    name = next((each.key for each in source.table.columns if each.property in LABEL_PROPERTIES), "") if source else ""
    asked = Finding("error", _NAMELESS, "no-name", place=f"cell.{SOURCE}.{name}" if name else "voice")
    return [each for each in findings if each.code not in ASKS_WHO] + [asked]


def _subjects(proposal: Proposal, filled: Filled) -> Mapping[Iri, str]:
    """Give the row of each thing that a proposal is about; new things of a class are told by the order they are in."""
    found = {row.id: row.name for row in filled.rows if row.id}
    for row in filled.rows:
        if row.id is None:
            made = (
                each.subject
                for each in proposal.added
                if each.predicate == RDF_TYPE and each.value == row.table.cls and each.subject not in found
            )
            if (first := next(made, None)) is not None:
                found[first] = row.name
    return found

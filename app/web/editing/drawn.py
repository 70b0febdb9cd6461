"""The page of a form."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Response

from app.editing.proposals import Finding
from app.editing.rows import CORRECTION
from app.editing.tables import Table
from app.entities.basis import ALL
from app.entities.description import Fact, describe
from app.entities.labels import Labels
from app.namespaces import RDF_TYPE
from app.terms import Iri
from app.web import links, negotiation
from app.web.editing import filled as form_of
from app.web.editing.choices import degrees, voices
from app.web.editing.fields import Asked, Drawing
from app.web.editing.fieldsets import Shown
from app.web.editing.filled import NEW_SOURCE, SOURCE, THING, Filled, FilledRow
from app.web.editing.mending import led_here
from app.web.editing.present import Present
from app.web.editing.sending import severity_word
from app.web.editing.start import edit_address
from app.web.entity import concerning, statements
from app.web.languages import interface_language, languages
from app.web.serving import served
from app.web.texts import in_best_language, labels_for

# So many values that are not edited in the form are shown beside it.
_MOST_OTHERS: Final = 60
# The fields that are about the whole form, by their ids.
_FIELDS: Final = ("voice", "certainty", "successor")
# Findings of these codes ask who says something: there is one field for it.
ASKS_WHO: Final = frozenset(("who-says-it", "unknown-voice"))


def page(
    now: Present,
    table: Table,
    thing: Iri | None,
    filled: Filled,
    findings: Iterable[Finding],
    *,
    asked: Asked | None = None,
    focus: str = "",
    status: int = 200,
) -> Response:
    """Give the page of a form with what was typed, what was found where, and what its buttons offer."""
    asked = asked or Asked()
    language = interface_language()
    told = _told([replace(each, place="voice") if each.code in ASKS_WHO else each for each in findings])
    drawing = Drawing(now, language, languages(), told, _lacking(thing))
    source = now.source_table()
    if source and filled.row(SOURCE) is None:
        filled = filled.with_row(form_of.blank(source, now.base, language, name=SOURCE))
    shown = {row.name: drawing.row(row, asked, focus) for row in filled.rows}
    near = [row.id for row in filled.rows if row.id]
    first, others = voices(now.base, language, near)
    parts = [
        (number, inner, [shown[row.name] for row in filled.rows if _is_part(row, inner, part.column)])
        for number, (part, inner) in enumerate(form_of.parts_of(now.tables, table))
    ]
    here = (edit_address(thing) if thing else None) or links.page_link(f"/edit/new/{table.kind}", {"version": None})
    fixed, entailed, labels = _others(table, thing)
    return negotiation.answer_page(
        "edit/form.html",
        status=status,
        table=table,
        thing=thing,
        heading=str(now.base.label(thing, languages())) if thing else None,
        filled=filled,
        main=shown[THING],
        parts=parts,
        source=shown.get(SOURCE),
        new_source=NEW_SOURCE,
        correction=CORRECTION if thing else None,
        voices=(first, others),
        degrees=degrees(now.base, languages()),
        rationale_languages=now.base.content.dataset.languages,
        successor=drawing.successor(table, filled.successor, asked) if thing else None,
        lists=drawing.lists,
        drawing=drawing,
        to_mend=_summary(told, shown),
        placeless=[each for each in told if not _has_place(each, shown)],
        asked=asked,
        focus=focus,
        others=fixed,
        entailed=entailed,
        labels=labels,
        suggestion=_suggestion(filled.answers),
        here=here,
        thing_name=lambda iri: str(now.base.label(iri, languages())),
        severity_word=severity_word,
    )


def _lacking(thing: Iri | None) -> set[Iri]:
    """Give the properties that the checks of what is served miss values of."""
    found = concerning(thing) if thing else []
    return {each.path for each in found if each.focus == thing and each.path and each.value is None}


def _told(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what is said twice of one place: two shapes may say the same."""
    found: dict[tuple[Any, ...], Finding] = {}
    for each in findings:
        # Who says it is asked once, however many things it is asked of.
        what = each.code if each.code in ASKS_WHO else tuple(sorted(each.messages.items()))
        found.setdefault((each.place, each.severity, what), each)
    return list(found.values())


def _is_part(row: FilledRow, table: Table, by: str) -> bool:
    return row.name not in (THING, SOURCE) and row.table.cls == table.cls and row.by == by


def _summary(findings: Iterable[Finding], shown: Mapping[str, Shown]) -> list[tuple[Finding, str | None]]:
    """Give the errors in the order of the form, each with the id of what it is about."""
    ids = {field.name: field.id for each in shown.values() for field in each.fields()}
    ids |= {f"row.{name}": f"row-{name}" for name in shown} | {each: each for each in _FIELDS}
    order = {place: number for number, place in enumerate(ids)}
    errors = [each for each in findings if each.severity == "error"]
    errors.sort(key=lambda each: order.get(each.place or "", -1))
    return [(each, ids.get(each.place or "")) for each in errors]


def _has_place(finding: Finding, shown: Mapping[str, Shown]) -> bool:
    places = {field.name for each in shown.values() for field in each.fields()}
    return (finding.place or "") in places | {f"row.{name}" for name in shown} | set(_FIELDS)


def _others(table: Table, thing: Iri | None) -> tuple[list[Fact], list[Fact], Labels]:
    """Give what is said of a thing and has no field: what files state, and what follows from rules; with names."""
    if thing is None:
        return [], [], Labels()
    has_field = {each.property for each in table.columns} | {RDF_TYPE}
    found = describe(statements(thing), served().bases[ALL], served().notes)
    facts = in_best_language(fact for every in found.facts.values() for fact in every)
    stated = [fact for fact in facts if not fact.entailed and fact.predicate not in has_field][:_MOST_OTHERS]
    entailed = [fact for fact in facts if fact.entailed and fact.predicate != RDF_TYPE][:_MOST_OTHERS]
    return (
        stated,
        entailed,
        labels_for([term for fact in (*stated, *entailed) for term in (fact.predicate, fact.value)]),
    )


def _suggestion(name: str) -> tuple[str, str] | None:
    """Give the words of the suggestion that led to a form, if it is there, and its name."""
    found = led_here(name) if name else None
    return (name, found.note) if found and found.door == "suggestion" and found.note else None

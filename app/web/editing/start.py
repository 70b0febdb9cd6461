"""The first page of editing, ``/edit/``, and the links that lead from pages of things into it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, request

from app.editing.drawer import Drawer, DrawerError
from app.editing.foreseen import Foresight
from app.entities.labels import Label, best
from app.namespaces import VIOLATION
from app.quality.findings import ValidationResult
from app.search.folding import sort_key
from app.terms import Iri
from app.web import links, negotiation
from app.web.editing import session
from app.web.editing.present import editable, present
from app.web.editing.sending import is_own
from app.web.entity import served_kind
from app.web.languages import interface_language, languages
from app.web.problems import not_found
from app.web.serving import served, settings
from app.web.texts import by_language, labels_for

blueprint = Blueprint("start", __name__)
# So many proposals, and things of each kind of gap, are listed on the first page.
_WAITING: Final = 10
# So many of one's own, looked for among so many of the newest.
_OWN: Final = 5
_NEWEST: Final = 200
_THINGS: Final = 24
_SHAPES: Final = 12
# So many open proposals, the newest, are looked at for an overview, and so many of its rows are shown.
_PROPOSALS: Final = 20
_ROWS: Final = 500
_OPEN: Final = ("open", "accepting", "failed")


@dataclass(frozen=True, slots=True)
class KindToEdit:
    """A kind that there is a form for: its name, how many there are, whether the site has a list of them."""

    kind: str
    name: Label
    number: int
    listed: bool


@blueprint.get("/")
@session.required("editor")
def start() -> Response:
    """Show what one can do: forms, the workbook, what waits, what became of one's own, what is missing."""
    heads = Drawer(settings().state).heads()
    waiting = [each for each in heads if each.state == "open"]
    missing = _missing()
    named = [each for shape, _m, found, _n in missing for each in (shape, *(gap.focus for gap, _a in found))]
    return negotiation.answer_page(
        "edit/start.html",
        kinds=kinds_to_edit(),
        waiting=waiting[::-1][:_WAITING],
        waiting_count=len(waiting),
        own=[each for each in heads[: -_NEWEST - 1 : -1] if is_own(each.name)][:_OWN],
        missing=missing,
        labels=labels_for(named),
    )


@blueprint.get("/overview/<name>")
@session.required("editor")
def overview(name: str) -> Response:
    """Show the rows of an overview with what open proposals of imports would add to it, and how to bring more."""
    file = served().library.foreseen.get(name)
    if file is None:
        raise not_found(request.path)
    drawer, language = Drawer(settings().state), interface_language()
    heads = [each for each in drawer.heads(_OPEN) if each.door == "import"]
    proposals = []
    for head in heads[::-1][:_PROPOSALS]:
        with suppress(DrawerError):
            proposals.append(drawer.get(head.name))
    foresight = Foresight(present().base, file, proposals, language)
    rows = foresight.rows()
    return negotiation.answer_page(
        "edit/overview.html",
        name=name,
        file=file,
        columns=foresight.columns,
        rows=rows[:_ROWS],
        more=len(rows[_ROWS:]),
        left=len(heads[_PROPOSALS:]),
        imports=served().library.imports,
        link_of=_link_of,
    )


def _link_of(thing: Iri) -> str | None:
    return links.describe_link(thing) if links.document_path(thing) else None


def kinds_to_edit() -> list[KindToEdit]:
    """Give the kinds that there are forms for, in alphabetical order of their names."""
    found: dict[str, KindToEdit] = {}
    for table in present().tables.values():
        name = by_language(table.names) or Label(table.kind)
        number = served().kinds.get(table.kind, 0)
        found.setdefault(table.kind, KindToEdit(table.kind, name, number, number > 0))
    return sorted(found.values(), key=lambda each: sort_key(str(each.name), interface_language()))


def _missing() -> list[tuple[Iri | None, Label | None, list[tuple[ValidationResult, str]], int]]:
    """Give what the checks miss of things that have forms: by shape, in the order of the content, with links there."""
    by_shape: dict[Iri | None, list[tuple[ValidationResult, str]]] = {}
    for each in served().findings:
        if each.severity != VIOLATION and (address := gap_address(each)):
            by_shape.setdefault(each.shape, []).append((each, address))
    ordered = sorted(by_shape.items(), key=lambda item: (item[1][0][0].order, str(item[0])))
    return [
        (shape, best(found[0][0].messages, languages()), found[:_THINGS], len(found))
        for shape, found in ordered[:_SHAPES]
    ]


def edit_address(thing: Iri) -> str | None:
    """Give the address of the form of a thing; None where there is none."""
    kind, path = served_kind(thing), links.document_path(thing)
    if kind is None or path is None or kind not in editable():
        return None
    return links.page_link(f"/edit/{path.removeprefix('/doc/')}", {"version": None})


def gap_address(finding: ValidationResult) -> str | None:
    """Give the address of the form that a gap can be mended in, at the field where it is about one; else None."""
    if not isinstance(finding.focus, Iri) or (address := edit_address(finding.focus)) is None:
        return None
    has_field = finding.path in editable().get(served_kind(finding.focus) or "", ())
    return f"{address}?{urlencode({'field': finding.path})}" if has_field else address


def register_links(app: Flask) -> None:
    """Let the templates of public pages know that editing is on, and where it begins."""
    app.jinja_env.globals.update(editing=True, edit_address=edit_address, gap_address=gap_address)

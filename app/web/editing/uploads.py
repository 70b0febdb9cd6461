"""The workbook on the web: ``/edit/workbook.xlsx`` takes it out, ``/edit/workbook`` takes it in again."""

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.editing.drafting import drafted
from app.editing.drawer import Drawer, DrawerError
from app.editing.marked import marked
from app.editing.proposals import Finding, Proposal
from app.editing.tables import Table
from app.editing.workbook_in import read_workbook
from app.editing.workbook_out import write_workbook
from app.mediatypes import XLSX
from app.terms import Iri
from app.web import links, negotiation
from app.web.editing import session
from app.web.editing.present import Present, present
from app.web.editing.sending import SentFiles, judged, keep, message, severity_word, words_of
from app.web.editing.start import kinds_to_edit
from app.web.languages import interface_language
from app.web.problems import Problem
from app.web.serving import settings
from app.web.texts import site_title

blueprint = Blueprint("uploads", __name__)
# The largest workbook (bytes), with room for the form around it.
LONGEST: Final = 21_000_000
# So many findings a page lists; the marked copy has all of them.
_SHOWN: Final = 500


@blueprint.get("/workbook.xlsx")
@session.required("editor")
def download() -> Response:
    """Give the workbook of all that is edited in tables, or of one kind, in the language of the page or another."""
    now = present()
    kind, language = request.args.get("class", ""), request.args.get("language") or interface_language()
    if language not in ("nb", "en"):
        raise Problem(400, _("The workbook is there in Norwegian (nb) and English (en)."))
    table = now.of_kind(kind) if kind else None
    if kind and table is None:
        raise Problem(404, _("There is no form for “%(kind)s”.", kind=kind[:80]))
    target = io.BytesIO()
    write_workbook(now.base, _chosen(now, table), target, language=language)
    response = negotiation.answer(target.getvalue(), XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename={kind or 'workbook'}.xlsx"
    return response


@blueprint.get("/workbook")
@session.required("editor")
def choose() -> Response:
    """Show how to take a workbook out and hand it in."""
    return _choose(200)


@blueprint.post("/workbook")
@session.required("editor", longest=LONGEST)
def upload() -> Response:
    """Read a workbook: show what is wrong in it and what it would change, and keep that for an hour."""
    file = request.files.get("file")
    data = file.read() if file else b""
    if not data:
        return _choose(422, _("Choose a file first. It is empty, or none was sent."))
    now, language = present(), interface_language()
    sheets = read_workbook(data, now.base, now.tables)
    made = drafted(
        now.base,
        sheets.filled,
        door="workbook",
        title=_title(file.filename if file else None),
        language=sheets.language,
    )
    if not made.wrong and not any(each.severity == "error" for each in sheets.findings):
        made = made.judged(judged(now.base, made.proposal))
    findings = [*sheets.findings, *made.findings]
    wrong = sum(each.severity == "error" for each in findings)
    proposal = replace(made.proposal, name=Drawer(settings().state).new_name(), findings=tuple(findings))
    copy = marked(data, findings, now.base, now.tables, language=language) if findings else None
    try:
        name = SentFiles(settings().state).put(proposal, copy)
    except OSError as error:
        raise Problem(503, _("There is no room to keep the workbook just now. Try again later.")) from error
    return _shown(now, proposal, findings, wrong, name, has_copy=copy is not None)


@blueprint.get("/workbook/<name>.xlsx")
@session.required("editor")
def marked_copy(name: str) -> Response:
    """Give the marked copy of a workbook that was handed in within the last hour."""
    data = SentFiles(settings().state).marked(name)
    if data is None:
        raise Problem(404, _("The copy is no longer kept. Hand in the workbook again."))
    response = negotiation.answer(data, XLSX)
    response.headers["Content-Disposition"] = "attachment; filename=marked.xlsx"
    return response


@blueprint.post("/workbook/<name>")
@session.required("editor")
def send(name: str) -> BaseResponse:
    """Send what a workbook would change as a proposal; once, however often the button is pressed."""
    proposal = SentFiles(settings().state).proposal(name)
    if proposal is None:
        raise Problem(404, _("The workbook is no longer kept. Hand it in again."))
    wrong = any(each.severity == "error" for each in proposal.findings or ())
    if wrong or not (proposal.added or proposal.removed):
        raise Problem(422, _("The workbook cannot be sent as it is. Mend it and hand it in again."))
    try:
        kept = keep(replace(proposal, note=request.form.get("note", "").strip()))
    except DrawerError as error:
        raise Problem(422, message(error.messages)) from error
    return redirect(links.page_link(f"/edit/proposals/{kept}", {"version": None}), 303)


def _chosen(now: Present, table: Table | None) -> Mapping[Iri, Table]:
    """Give the tables of a workbook: one with its parts, and that of sources, since what is new needs one; or all."""
    if table is None:
        return now.tables
    sources = now.source_table()
    classes = [table.cls, *(part.table for part in table.parts), *([sources.cls] if sources else [])]
    return {cls: now.tables[cls] for cls in dict.fromkeys(classes)}


def _choose(status: int, problem: str | None = None) -> Response:
    return negotiation.answer_page("edit/upload_choose.html", status=status, problem=problem, kinds=kinds_to_edit())


def _title(name: str | None) -> str:
    short = " ".join((name or "").split())[-100:]
    return str(_("Workbook: %(name)s", name=short or site_title()))


def _shown(
    now: Present, proposal: Proposal, findings: list[Finding], wrong: int, name: str, *, has_copy: bool
) -> Response:
    order = {"error": 0, "warning": 1, "info": 2}
    shown = sorted(findings, key=lambda each: order[each.severity])[:_SHOWN]
    address = links.page_link(f"/edit/workbook/{name}", {"version": None})
    return negotiation.answer_page(
        "edit/upload.html",
        status=422 if wrong else 200,
        findings=shown,
        total=len(findings),
        wrong=wrong,
        changed=bool(proposal.added or proposal.removed),
        marked=f"{address}.xlsx" if has_copy else None,
        send=address,
        kinds=kinds_to_edit(),
        severity_word=severity_word,
        **words_of(now.base, proposal),
    )

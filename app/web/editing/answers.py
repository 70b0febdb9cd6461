"""``/edit/proposals/<name>/answer``: is what a register names this thing of ours? Asked of the reviewer, never guessed.

A proposal may have many questions: they are shown some at a time, and a form answers those that it shows.
"""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.editing.base import Base
from app.editing.drawer import Drawer, DrawerError, NoProposal
from app.editing.identities import ToldQuestion, Wording, answer, mark
from app.editing.proposals import Proposal
from app.web import links
from app.web.arguments import page_argument, pages_of
from app.web.editing import commands, session
from app.web.languages import interface_language
from app.web.problems import Problem, not_found
from app.web.serving import settings

blueprint = Blueprint("answers", __name__)
_AT_ONCE: Final = 20
# Before the name of a question in the name of its field.
_FIELD: Final = "question-"


@dataclass(frozen=True, slots=True)
class AskedPage:
    """The questions that a page shows of a proposal, and the mark of the answers that they were shown with."""

    told: list[ToldQuestion]
    total: int
    unanswered: int
    number: int
    pages: int
    mark: str


def shown(base: Base, proposal: Proposal, language: str) -> AskedPage:
    """Give the questions of the page that is asked for."""
    total, number = len(proposal.questions), page_argument()
    wording, start = Wording(base, language), (number - 1) * _AT_ONCE
    told = [wording.question(each) for each in proposal.questions[start : start + _AT_ONCE]]
    return AskedPage(told, total, proposal.unanswered, number, pages_of(total, _AT_ONCE), mark(proposal))


@blueprint.post("/proposals/<name>/answer")
@session.required("reviewer")
def keep(name: str) -> BaseResponse:
    """Keep answers: what a yes brings goes into the proposal, and it is checked anew."""
    language = "nb" if interface_language() == "nb" else "en"
    given = {key.removeprefix(_FIELD): each for key, each in request.form.items() if key.startswith(_FIELD)}
    if commands.is_running(settings(), "accept", name):
        raise Problem(409, _("This is being accepted already. Wait until it is done."))
    drawer = Drawer(settings().state)
    try:
        before = drawer.get(name)
        if answer(drawer, name, given, session.role() or "", request.form.get("answers", "")) != before:
            commands.forget(settings(), name)
    except NoProposal:
        raise not_found(name[:40]) from None
    except DrawerError as error:
        raise Problem(409, error.messages[language]) from error
    number = {"page": page} if (page := request.form.get("page", "")).isdecimal() and page != "1" else {}
    return redirect(f"{links.page_link(f'/edit/proposals/{name}', {**number, 'version': None})}#questions", 303)

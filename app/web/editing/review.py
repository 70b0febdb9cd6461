"""``/edit/proposals/``: what is proposed, what it would do, and deciding about it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.editing import telling, words, writing
from app.editing.base import Base
from app.editing.conflicts import Side, conflicts
from app.editing.drawer import Drawer, DrawerError, NoProposal, StateChanged, now
from app.editing.identities import mark
from app.editing.judging import ANSWER, CURED
from app.editing.messages import NotAccepted
from app.editing.proposals import Event, Finding, Head, Proposal, State
from app.web import links, negotiation
from app.web.arguments import page_argument, pages_of
from app.web.editing import answers, commands, mending, session, wording
from app.web.editing.present import present
from app.web.editing.sending import is_own, note_sender
from app.web.editing.suggestions import link_of
from app.web.languages import interface_language, languages
from app.web.problems import Problem, not_found
from app.web.serving import served, settings
from app.web.texts import by_language

blueprint = Blueprint("review", __name__)
# Who takes away more values than this types how many.
MANY: Final = 20
# While something runs, the page is asked for again after so many seconds.
_SOON: Final = "3"
_UNDECIDED: Final[tuple[State, ...]] = ("open", "failed")
_STATES: Final[tuple[State, ...]] = ("open", "accepting", "failed", "accepted", "refused", "withdrawn")
_WAITING: Final[tuple[State, ...]] = ("open", "accepting", "failed")
_DOORS: Final = ("form", "workbook", "suggestion", "import", "undo")
_AT_ONCE: Final = 50
_LONGEST_WORDS: Final = 2000
# So many things are told of at first.
_PARAGRAPHS: Final = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """A proposal in the list: its head, how many conflicts (None: not looked for), whether it can be accepted there."""

    head: Head
    conflicts: int | None
    choosable: bool


@blueprint.get("/proposals/")
@session.required("editor")
def listing() -> Response:
    """List proposals by state and door, the newest first."""
    state, door, number = request.args.get("state", ""), request.args.get("door", ""), page_argument()
    if state not in ("", "all", *_STATES) or door not in ("", *_DOORS):
        raise not_found(request.full_path)
    drawer = Drawer(settings().state)
    chosen = _WAITING if not state else _STATES if state == "all" else (cast("State", state),)
    heads = [each for each in reversed(drawer.heads(chosen)) if door in ("", each.door)]
    shown = heads[(number - 1) * _AT_ONCE : number * _AT_ONCE]
    started = request.args.get("started", "")
    runs = bool(started) and commands.is_running(settings(), "accept", started)
    response = negotiation.answer_page(
        "edit/proposals.html",
        listed=[_listed(drawer, each) for each in shown],
        total=len(heads),
        number=number,
        pages=pages_of(len(heads), _AT_ONCE),
        given={"state": state, "door": door},
        states=_STATES,
        doors=_DOORS,
        damaged=drawer.damaged(),
        started=_said_of(started) if started and not runs else None,
        runs=runs,
    )
    return _again(response) if runs else response


@blueprint.post("/proposals/accept")
@session.required("reviewer")
def accept() -> BaseResponse:
    """Accept one or several together: a command begins; where much is taken away its number has to be typed first."""
    names = list(dict.fromkeys(request.form.getlist("name")))[:_AT_ONCE]
    proposals, why = [_existing(each) for each in names], _words()
    if not proposals:
        raise Problem(400, _("Choose at least one proposal."))
    if any(each.state not in _UNDECIDED for each in proposals):
        raise Problem(409, _("One of these has been decided about meanwhile. Look at it again."))
    if len(names) == 1 and request.form.get("answers", mark(proposals[0])) != mark(proposals[0]):
        raise Problem(409, _("Others have answered questions of this proposal meanwhile. Look at it again."))
    taken, typed = sum(map(takes_away, proposals)), request.form.get("number", "").strip()
    if taken > MANY and typed != str(taken):
        return negotiation.answer_page(
            "edit/proposals_sure.html",
            status=400 if typed else 200,
            proposals=proposals,
            taken=taken,
            typed=typed,
            why=why,
        )
    if len(names) == 1 and proposals[0].door == "suggestion":
        _settle(names[0], "accepted", why)
        return redirect(_address(names[0]), 303)
    options = (f"--role={session.role()}", f"--words={why}")
    if not commands.start(settings(), "accept", names, options, interface_language()):
        raise Problem(409, _("This is being accepted already. Wait until it is done."))
    return redirect(_address(names[0]) if len(names) == 1 else _address("", started=names[0]), 303)


@blueprint.get("/proposals/<name>")
@session.required("editor")
def proposal(name: str) -> Response:
    """Show what a proposal changes, what the checks say of it, and what can be done with it."""
    found, language = _existing(name), interface_language()
    undecided, changes = found.state in _UNDECIDED, bool(found.added or found.removed)
    accepts = commands.is_running(settings(), "accept", name)
    if undecided and changes and not accepts:
        _judge_once(name)
    judges = commands.is_running(settings(), "judge", name)
    base = present().base
    told = telling.paragraphs(base, found, language)
    most = len(told) if request.args.get("all") else _PARAGRAPHS
    response = negotiation.answer_page(
        "edit/proposal.html",
        proposal=found,
        head=words.headline(told, language),
        paragraphs=told[:most],
        more=len(told[most:]),
        disputes=telling.disputes(base, found, language) if undecided else [],
        difference=words.turtle_difference(base, found),
        verdict=Opinion.of(found.findings, base, found) if found.findings is not None else None,
        told_by=_said_of(name, "judge") if found.findings is None and not judges else None,
        accepts=accepts or found.state == "accepting",
        judges=judges,
        undecided=undecided,
        taken=takes_away(found),
        many=MANY,
        own=is_own(name),
        address=link_of(found.page),
        link_of=link_of,
        form=mending.address(present(), found),
        questions=answers.shown(base, found, language),
        answered=[each for each in Drawer(settings().state).heads() if each.answers == name],
    )
    return _again(response) if accepts or judges or found.state == "accepting" else response


@blueprint.post("/proposals/<name>/judge")
@session.required("editor")
def judge(name: str) -> BaseResponse:
    """Have a proposal checked again: the data may have changed since."""
    if _existing(name).state not in _UNDECIDED:
        raise Problem(409, _("This has been decided about already."))
    commands.start(settings(), "judge", [name], (), interface_language())
    return redirect(_address(name), 303)


@blueprint.post("/proposals/<name>/refuse")
@session.required("reviewer")
def refuse(name: str) -> BaseResponse:
    """Refuse a proposal, with the reason."""
    return _decided(name, "refused", _words())


@blueprint.post("/proposals/<name>/withdraw")
@session.required("editor")
def withdraw(name: str) -> BaseResponse:
    """Take back one's own proposal."""
    if not is_own(name):
        raise Problem(403, _("Only who sent a proposal can take it back. A reviewer can refuse it."))
    return _decided(name, "withdrawn", _words())


@blueprint.post("/proposals/<name>/undo")
@session.required("reviewer")
def undo(name: str) -> BaseResponse:
    """Propose what takes an accepted proposal back."""
    _existing(name)
    with _telling():
        made = writing.undo(settings(), name, role=session.role() or "", words=_words())
    note_sender(made.name)
    return redirect(_address(made.name), 303)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the checks say: what has to be mended, what one should know, what is mended by it, which answers change."""

    errors: Sequence[tuple[str, str]]
    others: Sequence[tuple[str, str]]
    cured: Sequence[tuple[str, str]]
    answers: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, findings: Sequence[Finding], base: Base, proposal: Proposal) -> "Opinion":
        """Sort findings, each as its text and the name of what it is about; answers by title and address."""
        side = Side.after(base, proposal)
        told = partial(wording.told, label=lambda term: side.label(term, languages()))
        named = [(each, *told(each)) for each in findings]
        questions = served().library.questions
        aside = (CURED, ANSWER)
        return cls(
            errors=[(text, name) for each, text, name in named if each.severity == "error" and each.code not in aside],
            others=[(text, name) for each, text, name in named if each.severity != "error" and each.code not in aside],
            cured=[(text, name) for each, text, name in named if each.code == CURED],
            answers=[
                (str(by_language(questions[each.place].title)), links.page_link(f"/queries/{each.place}"))
                if each.place and each.place in questions
                else (text, "")
                for each, text, _name in named
                if each.code == ANSWER
            ],
        )


def takes_away(found: Proposal) -> int:
    """Count the values that a proposal takes out without putting others in their place."""
    put = {(each.subject, each.predicate) for each in found.added}
    return sum((each.subject, each.predicate) not in put for each in found.removed)


def _listed(drawer: Drawer, head: Head) -> Listed:
    undecided = head.state in _UNDECIDED
    found = None
    if undecided and (head.added or head.removed):
        try:
            found = len(conflicts(present().base, drawer.get(head.name)))
        except DrawerError:
            found = None
    return Listed(head, found, undecided and head.door != "suggestion" and not head.unanswered)


def _existing(name: str) -> Proposal:
    try:
        return Drawer(settings().state).get(name)
    except NoProposal:
        raise not_found(name[:40]) from None
    except DrawerError as error:
        raise Problem(503, error.messages[_own()]) from error


def _decided(name: str, state: State, why: str) -> BaseResponse:
    _existing(name)
    if state == "refused" and not why:
        raise Problem(400, _("Write why you refuse it. The sender reads it."))
    _settle(name, state, why)
    return redirect(_address(name), 303)


def _settle(name: str, state: State, why: str) -> None:
    event = Event(now(), state, session.role() or "", why)
    try:
        Drawer(settings().state).transition(name, _UNDECIDED, event)
    except StateChanged as error:
        raise Problem(409, error.messages[_own()]) from error
    except DrawerError as error:
        raise Problem(503, error.messages[_own()]) from error


def _words() -> str:
    """Give what was written with a decision; raises Problem when it is too long."""
    text = request.form.get("words", "").replace("\r\n", "\n").replace("\0", "").strip()
    if len(text) > _LONGEST_WORDS:
        raise Problem(400, _("Write at most %(most)s characters.", most=_LONGEST_WORDS))
    return text


def _judge_once(name: str) -> None:
    """Let the checks begin when they never have (to accept is to check too); one proposal after another."""
    own = settings()
    never = all(commands.said(own, what, name) is None for what in ("judge", "accept"))
    if never and not commands.any_running(own, "judge"):
        commands.start(own, "judge", [name], (), interface_language())


def _said_of(name: str, what: str = "accept") -> str | None:
    """Give what a command that has ended said."""
    return commands.said(settings(), what, name)


def _address(name: str, **more: str) -> str:
    return links.page_link(f"/edit/proposals/{name}", {**more, "version": None})


def _again(response: Response) -> Response:
    response.headers["Refresh"] = _SOON
    return response


def _own() -> str:
    return "nb" if interface_language() == "nb" else "en"


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except (NotAccepted, StateChanged) as error:
        raise Problem(409, error.messages[_own()]) from error
    except DrawerError as error:
        raise Problem(503, error.messages[_own()]) from error

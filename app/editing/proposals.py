"""A proposal: what somebody wants to be changed, in statements and words, and what became of it; and as JSON.

As JSON it is what the drawer keeps and ``innherred proposals export`` writes (docs/proposals.md). Terms are N-Triples
text. The form has a version: one that is not known is not read.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, get_args
from typing import Literal as OneOf

from app.editing.statements import (
    TIME,
    IdentityQuestion,
    Statement,
    bases_json,
    iri,
    list_of,
    maybe_text,
    object_of,
    question_json,
    statement_json,
    term,
    text_of,
    to_base,
    to_questions,
    to_statement,
    written,
)
from app.terms import Iri, Term

__all__ = ["Event", "Finding", "Head", "Proposal", "Severity", "State", "Statement", "from_json", "to_json"]

Door = OneOf["form", "workbook", "suggestion", "import", "undo"]
State = OneOf["open", "accepting", "accepted", "refused", "failed", "withdrawn"]
Severity = OneOf["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a proposal, or that its sender should know.

    ``messages`` by language say what to do. ``place`` is where the sender wrote it: "Sheet!C7", or the name of a field.
    ``code`` is the IRI of the shape, the file of the check, or a word of our own ("unknown-name").
    ``technical`` is what the shape or check says to editors of files, where ``messages`` say it in plainer words.
    """

    severity: Severity
    messages: Mapping[str, str]
    code: str = ""
    subject: Iri | None = None
    predicate: Iri | None = None
    value: Term | None = None
    place: str | None = None
    technical: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """A step in the life of a proposal: when (ISO 8601, UTC), the state that it came to, who by role, why in words."""

    time: str
    state: State
    role: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be changed: statements to take out and to put in, or only words about a page (a suggestion).

    ``bases`` has by (subject, property) the values that the sender had seen, so that a change under it is noticed.
    ``findings`` is None until it is judged. ``history`` ends with the present state. ``answers`` is the name of another
    proposal that this one answers or takes back. ``removed`` and ``added`` hold what is certain and what the answers to
    ``questions`` bring; what an answer does not bring stands with its candidate alone.
    """

    name: str
    door: Door
    title: str
    removed: tuple[Statement, ...] = ()
    added: tuple[Statement, ...] = ()
    bases: Mapping[tuple[Iri, Iri], tuple[Term, ...]] = field(default_factory=dict)
    note: str = ""
    page: Iri | None = None
    findings: tuple[Finding, ...] | None = None
    history: tuple[Event, ...] = ()
    answers: str | None = None
    version: str | None = None
    commit: str | None = None
    questions: tuple[IdentityQuestion, ...] = ()

    @property
    def unanswered(self) -> int:
        """Give how many of its questions have no answer."""
        return sum(not each.time for each in self.questions)

    @property
    def state(self) -> State:
        """Give the present state."""
        return self.history[-1].state if self.history else "open"

    @property
    def subjects(self) -> tuple[Iri, ...]:
        """Give the things that it is about, in order, each once."""
        return tuple(sorted({each.subject for each in (*self.removed, *self.added)}))


@dataclass(frozen=True, slots=True)
class Head:
    """What a list tells of a proposal: all but what it changes.

    ``removed`` and ``added`` are how many statements; ``errors`` and ``warnings`` how many findings, None until judged;
    ``unanswered`` how many questions have no answer.
    """

    name: str
    door: Door
    title: str
    page: Iri | None
    history: tuple[Event, ...]
    removed: int
    added: int
    errors: int | None
    warnings: int | None
    answers: str | None
    version: str | None
    commit: str | None
    unanswered: int = 0

    @property
    def state(self) -> State:
        """Give the present state."""
        return self.history[-1].state if self.history else "open"

    @property
    def sent(self) -> str:
        """Give when it was put here (ISO 8601, UTC)."""
        day, time = self.name.split("-")[:2]
        return f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}Z"


FORMAT: Final = "innherred proposal"
VERSION: Final = 1
# The form with questions; a proposal that has none is written in the older one, which earlier programs read.
ASKING: Final = 2
NAME: Final = re.compile(r"\d{8}-\d{6}-[a-z2-9]{4,12}")
_KEYS: Final = frozenset(("format", "formatVersion", *(each.name for each in fields(Proposal))))


def to_json(proposal: Proposal) -> str:
    """Write a proposal as one line. Raises ValueError for what no file of RDF can hold."""
    document = {
        "format": FORMAT,
        "formatVersion": VERSION,
        "name": proposal.name,
        "door": proposal.door,
        "title": proposal.title,
        "note": proposal.note,
        "page": written(proposal.page),
        "answers": proposal.answers,
        "history": [_event(each) for each in proposal.history],
        "version": proposal.version,
        "commit": proposal.commit,
        "findings": None if proposal.findings is None else [_finding(each) for each in proposal.findings],
        "removed": [statement_json(each) for each in proposal.removed],
        "added": [statement_json(each) for each in proposal.added],
        "bases": bases_json(proposal.bases),
    }
    if proposal.questions:
        document |= {"formatVersion": ASKING, "questions": [question_json(each) for each in proposal.questions]}
    text = json.dumps(document, ensure_ascii=False)
    text.encode()  # a lone surrogate is no text: UnicodeEncodeError is a ValueError
    return text


def from_json(text: str) -> Proposal:
    """Read what ``to_json`` wrote, and trust nothing in it. Raises ValueError, which says what is wrong."""
    document = _document(text)
    return Proposal(
        **_heading(document),
        removed=tuple(to_statement(each) for each in list_of(document["removed"])),
        added=tuple(to_statement(each) for each in list_of(document["added"])),
        bases=dict(to_base(each) for each in list_of(document["bases"])),
        note=text_of(document["note"]),
        findings=None
        if (found := document["findings"]) is None
        else tuple(_to_finding(each) for each in list_of(found)),
        questions=to_questions(document.get("questions", [])),
    )


def head_from_json(text: str) -> Head:
    """Read the head alone: what is to be changed and what was found is counted, not read. Raises ValueError."""
    document = _document(text)
    found = document["findings"]
    kinds = None if found is None else [each.get("severity") for each in list_of(found) if isinstance(each, dict)]
    return Head(
        **_heading(document),
        removed=len(list_of(document["removed"])),
        added=len(list_of(document["added"])),
        errors=None if kinds is None else kinds.count("error"),
        warnings=None if kinds is None else kinds.count("warning"),
        unanswered=sum(not object_of(each).get("time") for each in list_of(document.get("questions", []))),
    )


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("this is no proposal")
    version = document.get("formatVersion")
    if version not in (VERSION, ASKING) or isinstance(version, bool):
        raise ValueError(f"form {version!r} is not known here, only {VERSION} and {ASKING}")
    keys = _KEYS if version == ASKING else _KEYS - {"questions"}
    if set(document) != keys:
        raise ValueError(f"missing or not known: {', '.join(sorted(keys ^ set(document)))}")
    return document


def _heading(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": _name(document["name"]),
        "door": _one_of(document["door"], Door),
        "title": text_of(document["title"]),
        "page": None if document["page"] is None else iri(document["page"]),
        "history": tuple(_to_event(each) for each in list_of(document["history"])),
        "answers": None if document["answers"] is None else _name(document["answers"]),
        "version": maybe_text(document["version"]),
        "commit": maybe_text(document["commit"]),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "messages": dict(finding.messages),
        "code": finding.code,
        "subject": written(finding.subject),
        "predicate": written(finding.predicate),
        "value": written(finding.value),
        "place": finding.place,
        "technical": dict(finding.technical),
    }


def _event(event: Event) -> dict[str, str]:
    return {"time": event.time, "state": event.state, "role": event.role, "words": event.words}


def _to_finding(value: object) -> Finding:
    about = object_of(value, "severity messages code subject predicate value place technical")
    messages, technical = about["messages"], about["technical"]
    if not isinstance(messages, dict) or not isinstance(technical, dict):
        raise ValueError("messages of a finding are no object")  # noqa: TRY004 - of a file, no argument
    return Finding(
        severity=_one_of(about["severity"], Severity),
        messages={tag: text_of(words) for tag, words in messages.items()},
        code=text_of(about["code"]),
        subject=None if about["subject"] is None else iri(about["subject"]),
        predicate=None if about["predicate"] is None else iri(about["predicate"]),
        value=None if about["value"] is None else term(about["value"]),
        place=maybe_text(about["place"]),
        technical={tag: text_of(words) for tag, words in technical.items()},
    )


def _to_event(value: object) -> Event:
    about = object_of(value, "time state role words")
    if not TIME.fullmatch(text_of(about["time"])):
        raise ValueError(f"no time in UTC: {about['time']!r}")
    return Event(about["time"], _one_of(about["state"], State), text_of(about["role"]), text_of(about["words"]))


def _name(value: object) -> str:
    if not NAME.fullmatch(text_of(value)):
        raise ValueError(f"no name of a proposal: {value!r}"[:200])
    return text_of(value)


def _one_of(value: object, kind: Any) -> Any:
    if value not in get_args(kind):
        raise ValueError(f"{value!r} is none of {', '.join(get_args(kind))}"[:200])
    return value

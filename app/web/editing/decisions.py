"""``/edit/log``: what was decided about proposals, when, by which role and why; as JSON lines too."""

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from flask import Blueprint, Response

from app.editing.drawer import Drawer
from app.editing.proposals import Event, Head
from app.web import negotiation
from app.web.arguments import page_argument, pages_of
from app.web.editing import session
from app.web.serving import settings

blueprint = Blueprint("log", __name__)
_DECISIONS: Final = ("accepted", "refused", "failed", "withdrawn")
_AT_ONCE: Final = 100


class Decision(NamedTuple):
    """A decision, and what it was about."""

    event: Event
    head: Head


@blueprint.get("/log")
@session.required("editor")
def log() -> Response:
    """List the decisions, the newest first."""
    number, found = page_argument(), decisions()
    shown = found[(number - 1) * _AT_ONCE : number * _AT_ONCE]
    return negotiation.answer_page(
        "edit/log.html", decisions=shown, number=number, pages=pages_of(len(found), _AT_ONCE)
    )


@blueprint.get("/log.jsonl")
@session.required("editor")
def export() -> Response:
    """Give all decisions, the oldest first, one JSON object a line."""
    headers = {"Content-Disposition": 'attachment; filename="decisions.jsonl"'}
    return Response("".join(_lines()), headers=headers, content_type="application/jsonl")


def decisions() -> list[Decision]:
    """Give what was decided, the newest first; of one second by the names of proposals, and in each as it happened."""
    heads = Drawer(settings().state).heads()
    found = [Decision(event, head) for head in heads for event in head.history if event.state in _DECISIONS]
    # Sorted the oldest first and turned round: what one proposal came to within a second keeps its order.
    return sorted(found, key=lambda each: (each.event.time, each.head.name))[::-1]


def _lines() -> Iterator[str]:
    for event, head in reversed(decisions()):
        document = {
            "time": event.time,
            "state": event.state,
            "role": event.role,
            "words": event.words,
            "proposal": head.name,
            "door": head.door,
            "title": head.title,
            "version": head.version if event.state == "accepted" else None,
            "commit": head.commit if event.state == "accepted" else None,
        }
        yield json.dumps(document, ensure_ascii=False) + "\n"

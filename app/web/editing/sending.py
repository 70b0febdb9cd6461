"""The last steps of a form or a workbook: what quick checks say, what will change in words, keeping it, who sent it.

A workbook is kept between reading and sending for an hour, with its marked copy: ``<state>/uploads/<name>.json`` and
``.xlsx``, readable by nobody else; the name cannot be guessed. Who sent what is kept by opaque names beside the
proposals, so that one can take back one's own, and is exported with none.
"""

import hmac
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from flask import Response
from flask_babel import gettext as _

from app.editing.base import Base
from app.editing.drawer import Drawer, NoProposal, now
from app.editing.entrance import folder, write_private
from app.editing.judging import judge_quickly
from app.editing.proposals import NAME, Event, Finding, Proposal, from_json, to_json
from app.editing.telling import paragraphs
from app.editing.words import headline
from app.web import negotiation
from app.web.editing import session
from app.web.languages import interface_language
from app.web.serving import settings

# So long (seconds), and so many files at once.
KEPT: Final = 3600
MOST: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{22}")


class SentFiles:
    """The workbooks of a state folder that were read and not sent yet."""

    def __init__(self, state: Path) -> None:
        """Keep them below the state folder; it is made when there is one to keep."""
        self._folder = state / "uploads"

    def put(self, proposal: Proposal, marked: bytes | None) -> str:
        """Keep a proposal and the marked copy of its workbook; give the name that leads to them. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clean()
        name = secrets.token_urlsafe(16)
        self._write(name, "json", to_json(proposal).encode())
        if marked is not None:
            self._write(name, "xlsx", marked)
        return name

    def proposal(self, name: str) -> Proposal | None:
        """Give a proposal that is kept, None when it is not (any longer)."""
        data = self._read(name, "json")
        return from_json(data.decode()) if data else None

    def marked(self, name: str) -> bytes | None:
        """Give the marked copy of a workbook, None when it is not kept (any longer)."""
        return self._read(name, "xlsx")

    def _read(self, name: str, suffix: str) -> bytes | None:
        path = self._folder / f"{name}.{suffix}"
        with suppress(OSError):
            if _NAME.fullmatch(name) and time.time() - path.stat().st_mtime < KEPT:
                return path.read_bytes()
        return None

    def _write(self, name: str, suffix: str, data: bytes) -> None:
        part = self._folder / f".{name}.{suffix}"
        part.touch(mode=0o600)
        part.write_bytes(data)
        part.replace(self._folder / f"{name}.{suffix}")

    def _clean(self) -> None:
        """Take away what is too old, and the oldest of too many."""
        found = []
        for path in self._folder.iterdir():
            with suppress(OSError):
                found.append((path.stat().st_mtime, path))
        found.sort(reverse=True)
        for number, (written, path) in enumerate(found):
            if number >= 2 * MOST or time.time() - written >= KEPT:
                path.unlink(missing_ok=True)


def note_sender(name: str) -> None:
    """Note that who asks sent the proposal of a name; who is not logged in cannot be told from others."""
    if (sender := session.sender()) and NAME.fullmatch(name):
        place = folder(settings().state) / "senders"
        place.mkdir(mode=0o700, exist_ok=True)
        write_private(place / name, sender)


def is_own(name: str) -> bool:
    """Say whether who asks sent the proposal of a name."""
    sender = session.sender()
    try:
        kept = (folder(settings().state) / "senders" / name).read_text(encoding="ascii") if NAME.fullmatch(name) else ""
    except OSError:
        return False
    return bool(sender) and hmac.compare_digest(kept, sender)


def judged(base: Base, proposal: Proposal) -> list[Finding]:
    """Give what integrity shapes say of what a proposal touches; the whole verdict comes when it was sent."""
    return list(judge_quickly(base, proposal))


def keep(proposal: Proposal) -> str:
    """Keep a proposal and give the name that it has; one that was sent already is not kept again.

    A name that is taken by something else, or that is none, is replaced. Raises DrawerError.
    """
    drawer = Drawer(settings().state)
    sent = replace(proposal, history=(Event(now(), "open", session.role() or "", ""),))
    with drawer.lock():
        try:
            known = drawer.get(sent.name)
        except NoProposal:
            known = None
        if known and (known.added, known.removed, known.note) == (sent.added, sent.removed, sent.note):
            return known.name
        if known or not NAME.fullmatch(sent.name):
            sent = replace(sent, name=drawer.new_name())
        drawer.put(sent)
        note_sender(sent.name)
        return sent.name


def changes_page(base: Base, proposal: Proposal, *, back: str, fields: Sequence[tuple[str, str]]) -> Response:
    """Show what will change, in words, with a button that sends it and one that goes back to the form."""
    return negotiation.answer_page(
        "edit/form_changes.html",
        proposal=proposal,
        back=back,
        fields_sent=fields,
        severity_word=severity_word,
        **words_of(base, proposal),
    )


def words_of(base: Base, proposal: Proposal) -> dict[str, Any]:
    """Give what the template needs that tells a proposal in words."""
    found = paragraphs(base, proposal, interface_language())
    return {"told": found, "headline": headline(found, interface_language())}


def message(messages: Mapping[str, str]) -> str:
    """Give a message in the language of the page, else in the one there is."""
    return messages.get(interface_language()) or next(iter(messages.values()), "")


def severity_word(severity: str) -> str:
    """Name a severity as a message begins with it."""
    return {"error": str(_("To mend")), "warning": str(_("Look at this")), "info": str(_("Note"))}.get(severity, "")

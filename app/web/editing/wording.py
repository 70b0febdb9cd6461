"""How pages of editing tell of time, and of messages that have a text for each language."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from babel.dates import format_timedelta
from flask_babel import gettext as _

from app.editing.proposals import Finding
from app.entities.labels import Label
from app.terms import Iri
from app.web.editing.present import present
from app.web.languages import interface_language, languages
from app.web.serving import served
from app.web.values import reading_locale

_TERM: Final = re.compile(r"\b([a-z][a-z0-9-]*):([A-Za-z][A-Za-z0-9_-]*)")
_DATATYPE: Final = re.compile(r" \((xsd|rdf):\w+\)")


def ago(time: str) -> str:
    """Say how long ago a time (ISO 8601) was."""
    try:
        past = datetime.fromisoformat(time) - datetime.now(UTC)
    except (ValueError, TypeError):
        return time
    return str(format_timedelta(past, add_direction=True, locale=reading_locale()))


def by_tag(messages: Mapping[str, str], label: Callable[[Iri], Label] | None = None) -> str:
    """Give a message in the language of the page, else in English, else in any."""
    for tag in (interface_language(), "en", *messages):
        if tag in messages:
            return in_words(messages[tag], label)
    return ""


def told(finding: Finding, label: Callable[[Iri], Label]) -> tuple[str, str]:
    """Give what a finding says, and the name of what it is about; none where its text begins with that."""
    text = by_tag(finding.messages, label)
    name = str(label(finding.subject)) if finding.subject else ""
    return text, "" if text.startswith((name, f"«{name}", f"“{name}")) else name


def in_words(text: str, label: Callable[[Iri], Label] | None = None) -> str:
    """Give a message of a shape as people read it: terms by name in quotation marks, no datatypes in brackets.

    Shapes speak to who writes Turtle: "ex:endDate" is what a form calls "End date". ``label`` names other terms.
    """
    now, prefixes = present(), served().manifest.prefixes

    def named(match: re.Match[str]) -> str:
        space = prefixes.get(match[1])
        found = (now.field_name(Iri(space + match[2])) or by_label(Iri(space + match[2]))) if space else None
        return str(_("“%(name)s”", name=found)) if found else match[0]

    def by_label(term: Iri) -> str:
        found = label(term) if label else now.base.label(term, languages())
        return found.text if found.found else ""

    return _TERM.sub(named, _DATATYPE.sub("", text))

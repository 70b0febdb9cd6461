"""Messages in both languages, of ``app/defaults/messages.yaml``: texts, findings, and why something is refused."""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, Final

import yaml

from app.config import defaults
from app.editing.proposals import Finding, Severity
from app.terms import Iri, Term

# What fills a message: the same in every language, or a text by language.
Filling = Any
_NORWEGIAN: Final = ("nb", "nn", "no")
_OR: Final = {"nb": "eller", "en": "or"}


class NotAccepted(Exception):
    """Nothing was written. ``messages`` by language say why and what to do, ``findings`` what is wrong."""

    def __init__(self, messages: Mapping[str, str], findings: tuple[Finding, ...] = ()) -> None:
        """Keep what it says; as text it is English."""
        super().__init__(messages["en"])
        self.messages, self.findings = dict(messages), findings


def refused(name: str, /, **values: Filling) -> NotAccepted:
    """Make the error of a message."""
    return NotAccepted(by_language(name, **values))


def text(name: str, language: str, /, *parts: Filling, **values: Filling) -> str:
    """Give a text in a language, else in English; KeyError for one that is not there."""
    return _filled(_texts()["texts"][name], language, values, parts)


def by_language(name: str, /, **values: Filling) -> dict[str, str]:
    """Give a text, or the message of a finding, in each language that it has."""
    found = _texts()["texts"].get(name) or _texts()["findings"][name]
    return {language: _filled(found, language, values) for language in found}


def finding(
    severity: Severity,
    code: str,
    /,
    place: str | None = None,
    *,
    subject: Iri | None = None,
    predicate: Iri | None = None,
    value: Term | None = None,
    **words: Filling,
) -> Finding:
    """Make a finding; the code is the name of its message, which ``words`` fill."""
    found = _texts()["findings"][code]
    messages = {language: _filled(found, language, words) for language in found}
    return Finding(severity, messages, code, subject, predicate, value, place)


# Something could not be taken; the sender should look at something again; what was done with something.
error, warning, info = partial(finding, "error"), partial(finding, "warning"), partial(finding, "info")


def excerpt(text: object) -> str:
    """Give a text as a message quotes it: on one line, at most 60 characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= 60 else line[:59] + "…"


def quoted(text: str | Mapping[str, str]) -> dict[str, str]:
    """Give a text in the quotation marks of each language."""
    own = text if isinstance(text, Mapping) else dict.fromkeys(_OR, text)
    return {"nb": f"«{own['nb']}»", "en": f"“{own['en']}”"}


def either(texts: Sequence[str | Mapping[str, str]]) -> dict[str, str]:
    """Give texts to choose from as a part of a message: "a, b or c"."""
    found = {}
    for language, word in _OR.items():
        *first, last = (each if isinstance(each, str) else each[language] for each in texts)
        found[language] = f"{', '.join(first)} {word} {last}" if first else last
    return found


def _filled(
    found: Mapping[str, str], language: str, values: Mapping[str, Filling], parts: Sequence[Filling] = ()
) -> str:
    told = {
        name: value.get(language, value.get("en", "")) if isinstance(value, Mapping) else value
        for name, value in values.items()
    }
    own = found.get(language) or found["nb" if language.partition("-")[0] in _NORWEGIAN else "en"]
    return own.format(*parts, **told)


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return yaml.safe_load((defaults() / "messages.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]

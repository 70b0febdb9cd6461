"""A copy of a content under another base: for a trial, a test server, a fork."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.content.folders import Content
from app.content.reading import read
from app.content.turtle import format_content
from app.editing.voices import claim_name
from app.namespaces import INN, iris

if TYPE_CHECKING:
    from app.terms import Iri, Term

FOLDERS: Final = ("data", "ontology", "shapes", "queries")
# What a base may be: letters that no pattern and no query takes for something else.
BASE: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9_~.-]+)*/")
_SUBJECT, _PREDICATE, _OBJECT = iris("rdf:subject rdf:predicate rdf:object")
# A dot as it is, and as a pattern may have it, in a query or in a literal of Turtle.
_DOT: Final = r"(?:\\{0,2}\.|\[\.\])"
_DIGITS: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")


def rebase(content: Content, new: str, target: Path) -> int:
    """Write the folders of a content into a new one, with ``new`` where IRIs began with its base; give how many files.

    Patterns that spell the base go along, and claims, which are named by what they are about, get the names of what
    they are about now. The engine's own terms stay as they are. Raises ContentError for a file that cannot be read.
    """
    moved = _Moved(content.base, new)
    claims = dict(_claims(content, moved))
    count = 0
    for source in sorted(path for folder in FOLDERS for path in (content.root / folder).rglob("*") if path.is_file()):
        place = target / source.relative_to(content.root)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(_rewritten(source.read_bytes(), moved, claims))
        count += 1
    # Names in another order are another order of text.
    format_content(Content.open(target))
    return count


class _Moved:
    """Puts one base in the place of another, wherever a text spells it."""

    def __init__(self, old: str, new: str) -> None:
        own = INN.rstrip("#/").removeprefix(old)
        kept = rf"(?!{re.escape(own)}(?![\w-]))" if INN.startswith(old) else ""
        spelled = "".join(_DOT if sign == "." else re.escape(sign) for sign in old)
        self._pattern, self._new = re.compile(spelled + kept), new

    def __call__(self, text: str) -> str:
        return self._pattern.sub(self._spelled, text)

    def _spelled(self, found: re.Match[str]) -> str:
        dot = next(iter(re.findall(_DOT, found[0])), ".")
        return self._new.replace(".", dot)


def _rewritten(data: bytes, moved: _Moved, claims: Mapping[str, str]) -> bytes:
    try:
        text = moved(data.decode("utf-8"))
    except UnicodeDecodeError:  # no text: as it is
        return data
    return _DIGITS.sub(lambda found: claims.get(found[0], found[0]), text).encode()


def _claims(content: Content, moved: _Moved) -> Iterator[tuple[str, str]]:
    """Give the old and the new name of each claim that is named by what it is about."""
    said: dict[Term, dict[Iri, Term]] = {}
    for file in content.rdf():
        for (subject, predicate, value), _graph in read(file, content.base):
            if predicate in (_SUBJECT, _PREDICATE, _OBJECT):
                said.setdefault(subject, {})[predicate] = value
    for claim, about in said.items():
        if len(about) == 3:
            triple = (about[_SUBJECT], about[_PREDICATE], about[_OBJECT])
            name = claim_name(*triple)
            if str(claim) == f"{content.base}id/claim/{name}":
                yield name, claim_name(*triple, written=moved)

"""What a field may be filled with: the terms of a choice, the things that a link may lead to, who may say something."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.editing import layout
from app.editing.base import Base, folded
from app.editing.cells import shown
from app.editing.tables import Column, targets
from app.namespaces import DEGREES
from app.search.folding import sort_key
from app.terms import Iri, Term, typed

# A list of more names than this is no help to choose from: the form looks names up instead.
MOST_OPTIONS: Final = 3000
# So many names fit into a list that drops down, or are ticked one by one.
SELECTED: Final = 40
TICKED: Final = 12
_FOUND: Final = 8


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: what the field then holds, and what people read."""

    value: str
    text: str


def options(column: Column, base: Base, language: str) -> list[Option]:
    """Give the choices of a column by name, as its cell writes them; empty where there are none, or too many."""
    terms = terms_of(column, base)
    if len(terms) > MOST_OPTIONS:
        return []
    texts = {shown((term,), column, base, language) for term in terms}
    return [Option(text, text) for text in sorted(texts, key=lambda each: sort_key(each, language))]


def terms_of(column: Column, base: Base) -> list[Term]:
    """Give the terms that a column may hold, where they can be told one by one."""
    if column.kind == "boolean":
        return [typed("true", "boolean"), typed("false", "boolean")]
    if column.choices:
        return list(column.choices)
    if column.kind not in ("link", "choice"):
        return []
    return list(targets(base, column))


def search(text: str, column: Column, base: Base, language: str) -> list[Option]:
    """Give the choices whose name has the words of a text, else those with a name like it; the best first."""
    wanted = folded(text)
    if not wanted:
        return []
    names: dict[str, str] = {}
    for term in terms_of(column, base):
        name = shown((term,), column, base, language)
        names.setdefault(name, folded(name))
    words = wanted.split()
    found = [name for name, plain in names.items() if all(word in plain for word in words)]
    found.sort(key=lambda name: (not names[name].startswith(wanted), len(name), sort_key(name, language)))
    if not found:
        near = difflib.get_close_matches(wanted, sorted(set(names.values())), _FOUND, 0.6)
        found = [name for each in near for name, plain in names.items() if plain == each]
    return [Option(name, name) for name in found[:_FOUND]]


def voices(base: Base, language: str, near: Iterable[Iri]) -> tuple[list[Option], list[Option]]:
    """Give who may say something: those who say something of some things already, and the others; each by name."""
    files = {each.file for thing in near for values in base.statements.get(thing, {}).values() for each in values}
    near_by = {voice.graph for voice in base.voices() if files.intersection(voice.files)}
    names = layout.voices(base, language)
    listed = [Option(graph, names[graph]) for graph in names if graph in near_by]
    others = [Option(graph, names[graph]) for graph in names if graph not in near_by]
    return listed, others


def degrees(base: Base, languages: Sequence[str]) -> list[Option]:
    """Give the degrees of certainty, the firmest first."""
    return [Option(each, str(base.label(each, languages))) for each in DEGREES]

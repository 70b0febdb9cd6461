"""What the files of the content say now, with the tables of its classes: read again as soon as a file has changed."""

import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from flask import Flask, current_app
from flask_babel import gettext as _

from app.content.folders import Content
from app.editing.base import Base
from app.editing.tables import Column, Table, table_of, tables
from app.errors import ContentError
from app.terms import Iri
from app.web.editing.choices import Option, options
from app.web.problems import Problem
from app.web.serving import served, settings
from app.web.texts import by_language

_FOLDERS: Final = ("data", "ontology", "shapes")
_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Present:
    """The statements of the files, and the tables by class."""

    base: Base
    tables: Mapping[Iri, Table]
    _options: dict[tuple[object, ...], list[Option]] = field(default_factory=dict)

    def options(self, column: Column, language: str) -> list[Option]:
        """Give the choices of a column by name; they are made once for all forms."""
        key = (language, column.kind, column.choices, column.classes, column.pattern)
        if key not in self._options:
            self._options[key] = options(column, self.base, language)
        return self._options[key]

    def of_kind(self, kind: str) -> Table | None:
        """Give the table of a kind (``id/<kind>/…``): of several the one with most things."""
        return next((each for each in self.tables.values() if each.kind == kind), None)

    def of_thing(self, thing: Iri) -> Table | None:
        """Give the table that a thing is edited in: that of its narrowest class."""
        return table_of(self.base, self.tables, thing)

    def field_name(self, term: Iri) -> str:
        """Give what forms call a property, in the language of the page; nothing where no form has it."""
        columns = (each for table in self.tables.values() for each in table.columns if each.property == term)
        found = next((by_language(each.names) for each in columns), None)
        return found.text if found else ""

    def source_table(self) -> Table | None:
        """Give the table of what the graphs of the data have as source: the commonest class of those."""
        found = Counter(
            table.cls for voice in self.base.voices() if voice.source and (table := self.of_thing(voice.source))
        )
        return self.tables[max(found, key=lambda each: (found[each], each))] if found else None


class _Kept:
    """The last that was read, in each server process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.stamp: _Stamp = ()
        self.present: Present | None = None
        self.editable: tuple[str, Mapping[str, frozenset[Iri]]] = ("", {})


def register_present(app: Flask) -> None:
    """Keep what was read with the application."""
    app.extensions["innherred.present"] = _Kept()


def present() -> Present:
    """Give what the files say; raises Problem (503) while one of them cannot be read."""
    try:
        return _now()
    except ContentError as error:
        told = _(
            "A file of the content cannot be read just now. Ask who edits the files to look at: %(error)s", error=error
        )
        raise Problem(503, told) from error


def _now() -> Present:
    kept: _Kept = current_app.extensions["innherred.present"]
    with kept.lock:
        stamp = _stamp(settings().content)
        if kept.present is None or stamp != kept.stamp:
            base = Base.read(Content.open(settings().content, settings().base))
            kept.present, kept.stamp = Present(base, tables(base)), stamp
        return kept.present


def editable() -> Mapping[str, frozenset[Iri]]:
    """Give the kinds that there is a form for, each with its properties; empty while the files cannot be read.

    Looked up once for what is served: public pages ask for it.
    """
    kept: _Kept = current_app.extensions["innherred.present"]
    if kept.editable[0] != served().fingerprint:
        found: dict[str, frozenset[Iri]] = {}
        with suppress(ContentError):
            for each in _now().tables.values():
                found[each.kind] = found.get(each.kind, frozenset()) | {column.property for column in each.columns}
        kept.editable = served().fingerprint, found
    return kept.editable[1]


def _stamp(root: Path) -> _Stamp:
    found = []
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file():
                about = path.stat()
                found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(found)

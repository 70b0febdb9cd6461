"""Reading the search index: text search, kinds with counts, lists in alphabetical order."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.search.folding import fold, words

_KINDS: Final = "SELECT kind, count(*) FROM thing WHERE kind IS NOT NULL GROUP BY kind ORDER BY kind"
_SAMPLE: Final = "SELECT iri FROM thing WHERE kind = :kind ORDER BY id LIMIT :limit"
_COUNT_FOUND: Final = "SELECT count(*) FROM words WHERE words MATCH :words"
# Weights are those of label, other names, text, and the folded copy of all of them. What is called exactly what was
# typed goes first, then what has a page of its own.
_FOUND: Final = """
WITH found AS (
  SELECT rowid AS id, bm25(words, 10.0, 6.0, 1.0, 1.0) AS score, snippet(words, 2, '', '', '…', 16) AS excerpt
  FROM words WHERE words MATCH :words
)
SELECT thing.iri, thing.kind, shown.text, shown.language, found.excerpt
FROM found JOIN thing ON thing.id = found.id JOIN label AS shown ON shown.rowid =
  (SELECT rowid FROM label WHERE label.thing = thing.id ORDER BY place(language), text LIMIT 1)
ORDER BY
  NOT EXISTS (SELECT 1 FROM label WHERE label.thing = thing.id AND label.folded = :folded),
  thing.kind IS NULL, found.score, thing.iri
LIMIT :limit OFFSET :offset
"""
_COUNT_THINGS: Final = """
SELECT count(*) FROM thing
WHERE kind = :kind AND (:words = '' OR id IN (SELECT rowid FROM words WHERE :words <> '' AND words MATCH :words))
"""
_THINGS: Final = """
SELECT thing.iri, thing.kind, shown.text, shown.language
FROM thing JOIN label AS shown ON shown.rowid =
  (SELECT rowid FROM label WHERE label.thing = thing.id ORDER BY place(language), text LIMIT 1)
WHERE kind = :kind AND (:words = '' OR id IN (SELECT rowid FROM words WHERE :words <> '' AND words MATCH :words))
ORDER BY shown.sort, thing.iri
LIMIT :limit OFFSET :offset
"""
_MEMBERS: Final = """
SELECT thing.iri, thing.kind, shown.text, shown.language
FROM class JOIN thing ON thing.id = class.thing JOIN label AS shown ON shown.rowid =
  (SELECT rowid FROM label WHERE label.thing = thing.id ORDER BY place(language), text LIMIT 1)
WHERE class.iri = :class_
ORDER BY shown.sort, thing.iri
LIMIT :limit
"""
_MOST_WORDS: Final = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing found: IRI, kind, label with its language, a piece of text where the words are."""

    iri: str
    kind: str | None
    label: str
    language: str | None
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits and how many there are in all."""

    total: int
    hits: tuple[Hit, ...]


def match_expression(text: str) -> str:
    """Give an FTS5 expression for what a person typed: every word, or its beginning, as spelt or folded.

    Whatever the text holds, it is quoted: no sign of it is FTS5 syntax. Empty when it holds no word.
    """
    found = []
    for word in words(text)[:_MOST_WORDS]:
        # The index takes marks off letters but keeps æ and ø; the folded column has none of them.
        spellings = dict.fromkeys((word.casefold(), fold(word)))
        found.append("(" + " OR ".join(f'"{spelling}"*' for spelling in spellings) + ")")
    return " AND ".join(found)


class SearchIndex:
    """An index opened for reading. Every look-up has its own connection: they are bound to threads."""

    def __init__(self, path: Path) -> None:
        """Name the file; it never changes once written."""
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"

    def _rows(self, query: str, languages: Sequence[str] = (), **values: object) -> list[tuple[Any, ...]]:
        """Run a query; in it ``place(language)`` is the place of a language in the wanted order."""
        places = {language: place for place, language in enumerate(languages)}

        def place(language: str) -> int:
            return places.get(language.partition("-")[0], len(places) if not language else len(places) + 1)

        connection = sqlite3.connect(self._address, uri=True)
        try:
            connection.create_function("place", 1, place, deterministic=True)
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def kinds(self) -> dict[str, int]:
        """Give the kinds of the data's IRIs, with how many things each has."""
        return dict(self._rows(_KINDS))

    def sample(self, kind: str, limit: int) -> list[str]:
        """Give the IRIs of some things of a kind, always the same ones."""
        return [row[0] for row in self._rows(_SAMPLE, kind=kind, limit=limit)]

    def search(self, text: str, languages: Sequence[str], *, limit: int, offset: int = 0) -> Page:
        """Find things by words in labels, other names and texts; best first."""
        words_ = match_expression(text)
        if not words_:
            return Page(0, ())
        total = self._rows(_COUNT_FOUND, words=words_)[0][0]
        folded = fold(" ".join(words(text)))
        found = self._rows(_FOUND, languages, words=words_, folded=folded, limit=limit, offset=offset)
        return Page(total, tuple(_hit(*row) for row in found))

    def things(self, kind: str, languages: Sequence[str], *, text: str = "", limit: int, offset: int = 0) -> Page:
        """List the things of a kind in alphabetical order of the labels a page shows, those with words if any."""
        words_ = match_expression(text)
        if text.strip() and not words_:
            return Page(0, ())
        total = self._rows(_COUNT_THINGS, kind=kind, words=words_)[0][0]
        found = self._rows(_THINGS, languages, kind=kind, words=words_, limit=limit, offset=offset)
        return Page(total, tuple(_hit(*row) for row in found))

    def members(self, class_: str, languages: Sequence[str], *, limit: int) -> tuple[Hit, ...]:
        """List the things of a class, alphabetically."""
        return tuple(_hit(*row) for row in self._rows(_MEMBERS, languages, class_=class_, limit=limit))


def _hit(iri: str, kind: str | None, label: str, language: str, excerpt: str = "") -> Hit:
    return Hit(iri, kind, label, language or None, " ".join(excerpt.split()))

"""Reading the search index: text search, suggestions, kinds with counts, lists in alphabetical order."""

import json
import sqlite3
import zlib
from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from app.errors import Unreadable
from app.search.facets import KIND, Chosen, Count, Facets, Value, bits_of, unpack
from app.search.folding import LONGEST_TERM, Pieces, excerpt, place_in, signed_terms, terms, words
from app.search.index import LEVELS, ORDER
from app.search.ranking import expression, known, nearest, ranked
from app.terms import Iri

_HITS: Final = """
SELECT thing.id, thing.iri, thing.kind, shown.text, shown.language, thing.text
FROM thing JOIN label AS shown ON shown.rowid =
  (SELECT rowid FROM label WHERE label.thing = thing.id ORDER BY place(language), text LIMIT 1)
WHERE thing.id IN (SELECT value FROM json_each(:numbers))
"""
_SAMPLE: Final = "SELECT iri FROM thing WHERE kind = :kind ORDER BY id LIMIT :limit"
_IRIS: Final = "SELECT iri FROM thing WHERE kind IS NOT NULL ORDER BY iri LIMIT :limit OFFSET :offset"
_MEMBERS: Final = """
SELECT thing.iri, thing.kind, shown.text, shown.language
FROM class JOIN thing ON thing.id = class.thing JOIN label AS shown ON shown.rowid =
  (SELECT rowid FROM label WHERE label.thing = thing.id ORDER BY place(language), text LIMIT 1)
WHERE class.iri = :class_
ORDER BY shown.sort, thing.iri
LIMIT :limit
"""
_NAMED: Final = """
SELECT thing.iri, thing.kind, shown.text, shown.language
FROM words JOIN class ON class.thing = words.rowid JOIN thing ON thing.id = class.thing JOIN label AS shown
  ON shown.rowid = (SELECT rowid FROM label WHERE label.thing = thing.id ORDER BY place(language), text LIMIT 1)
WHERE words MATCH :words AND class.iri = :class_
ORDER BY length(shown.text), thing.iri
LIMIT 1
"""
# What begins with the IRI of a document and "#": "$" is the next character.
_PARTS: Final = """
SELECT iri FROM thing WHERE iri > :document || '#' AND iri < :document || '$'
UNION ALL SELECT iri FROM part WHERE iri > :document || '#' AND iri < :document || '$'
"""
_PAGE_OF_PARTS: Final = f"{_PARTS} ORDER BY iri LIMIT :limit OFFSET :offset"
_PARTS_COUNT: Final = f"SELECT count(*) FROM ({_PARTS})"  # noqa: S608 - the text above
# Values of a facet by words in the names of the things that they are; of very many that have them, some.
_CALLED: Final = """
SELECT facet.key FROM (SELECT rowid FROM words WHERE words MATCH :words LIMIT 5000) AS found
JOIN thing ON thing.id = found.rowid JOIN facet ON facet.name = :name AND facet.value = thing.iri
"""
_MOST_WORDS: Final = 12
_FEW: Final = 3
# For each suggestion so many are looked at: others may have the words in the language of another page only.
_LOOKED_AT: Final = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing found: IRI, kind, label with its language; a piece of text, with its language, where the words are.

    The piece of text is in pieces, to mark the words in it.
    """

    iri: str
    kind: str | None
    label: str
    language: str | None
    pieces: Pieces = ()
    pieces_language: str | None = None

    @property
    def excerpt(self) -> str:
        """The piece of text in one."""
        return " ".join("".join(text for text, _ in self.pieces).split())


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits, how many there are in all, and how many have each value of each facet.

    ``complete`` is False when there are more than ``total``. ``meant``: what the text was probably meant to be, when
    little is found with it; ``corrected`` says that the hits are of that, because there is none of the text itself.
    """

    total: int
    hits: tuple[Hit, ...]
    counts: Mapping[str, tuple[Count, ...]] = field(default_factory=dict)
    complete: bool = True
    meant: str | None = None
    corrected: bool = False


def searched_terms(text: str) -> list[str]:
    """Give the words that are searched for: the first few of what a person typed, as the index holds them."""
    return [term[:LONGEST_TERM] for term in signed_terms(text)[:_MOST_WORDS]]


class SearchIndex:
    """An index opened for reading. Every look-up has its own connection: they are bound to threads."""

    def __init__(self, path: Path) -> None:
        """Name the file; it never changes once written."""
        self._sequences: dict[str, Sequence[int]] = {}
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"

    @contextmanager
    def opened(self, languages: Sequence[str] = ()) -> Iterator[sqlite3.Connection]:
        """Open the file; in queries ``place(language)`` is the place of a language in the wanted order. Unreadable."""
        try:
            with closing(sqlite3.connect(self._address, uri=True)) as connection:
                connection.create_function("place", 1, place_in(languages), deterministic=True)
                connection.execute("PRAGMA temp_store = MEMORY")  # there may be no place for files
                yield connection
        except (sqlite3.Error, zlib.error) as error:
            raise Unreadable("search", error) from error

    def probe(self) -> None:
        """Raise Unreadable when the file cannot be read."""
        with self.opened() as connection:
            connection.execute("SELECT count(*) FROM facet").fetchone()

    @cached_property
    def facets(self) -> Facets:
        """All facets, the kinds first."""
        values: dict[str, dict[str, Value]] = {KIND: {}}
        with self.opened() as connection:
            for name, key, value, things in connection.execute("SELECT * FROM facet ORDER BY rowid"):
                values.setdefault(name, {})[key] = Value(key, value, unpack(things))
        return Facets(values)

    @cached_property
    def orders(self) -> dict[str, int]:
        """The orders there are beside the alphabet, each with the things it puts in order as bits."""
        query = "SELECT name FROM sequence WHERE name LIKE ? || '%' ORDER BY rowid"
        with self.opened() as connection:
            names = [row[0] for row in connection.execute(query, (ORDER,))]
        return {name.removeprefix(ORDER): bits_of(self._numbers(name)) for name in names}

    @cached_property
    def level_of(self) -> bytes:
        """The level of each thing: what comes first in a search, what last."""
        return self._sequence(LEVELS)

    @cached_property
    def _levels(self) -> tuple[int, ...]:
        """Give the things of each level."""
        of = self.level_of
        return tuple(bits_of(n for n, level in enumerate(of) if level == each) for each in range(3))

    def kinds(self) -> dict[str, int]:
        """Give the kinds of the data's IRIs, with how many things each has."""
        return {kind: len(value) for kind, value in self.facets.values[KIND].items()}

    def later_kinds(self) -> tuple[str, ...]:
        """Give the kinds of which all things come after others in a search."""
        return tuple(kind for kind, value in self.facets.values[KIND].items() if not value.things & self._levels[0])

    def values_of(self, iri: str) -> dict[str, tuple[Value, ...]]:
        """Give the values that a thing has of each facet."""
        with self.opened() as connection:
            found = connection.execute("SELECT id FROM thing WHERE iri = ?", (iri,)).fetchone()
        if found is None:
            return {}
        return self.facets.of(found[0])

    def iris(self, limit: int, offset: int = 0) -> list[str]:
        """List the things that have a kind, by IRI."""
        with self.opened() as connection:
            return [row[0] for row in connection.execute(_IRIS, {"limit": limit, "offset": offset})]

    def parts(self, document: str, limit: int, offset: int = 0) -> tuple[list[Iri], int]:
        """List the parts of a document, ``<document#…>`` (RFC 3986 §3.5), by IRI, and say how many there are."""
        if not self._has_parts or "#" in document:
            return [], 0
        with self.opened() as connection:
            values = {"document": document, "limit": limit, "offset": offset}
            found = [Iri(iri) for (iri,) in connection.execute(_PAGE_OF_PARTS, values)]
            total = connection.execute(_PARTS_COUNT, values).fetchone()[0] if found else 0
        return found, total

    @cached_property
    def _has_parts(self) -> bool:
        """Whether the index knows of parts; one of an older version of this software does not."""
        with self.opened() as connection:
            return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'part'").fetchone() is not None

    def sample(self, kind: str, limit: int) -> list[str]:
        """Give the IRIs of some things of a kind, always the same ones."""
        with self.opened() as connection:
            return [row[0] for row in connection.execute(_SAMPLE, {"kind": kind, "limit": limit})]

    def search(
        self,
        text: str,
        languages: Sequence[str],
        *,
        chosen: Chosen | None = None,
        values: Mapping[str, str] | None = None,
        limit: int,
        offset: int = 0,
    ) -> Page:
        """Find things by words in labels, other names and texts, narrowed by what is chosen of the facets; best first.

        Without a word all things that have what is chosen, in alphabetical order. ``values``: of a facet only the
        values are counted that have these words.
        """
        narrowed, given = self.facets.chosen(chosen or {}), searched_terms(text)
        part = slice(offset, offset + limit)
        with self.opened(languages) as connection:
            only = self._called(connection, values or {})
            if not given:
                everything = (1 << len(self.level_of)) - 1
                if not narrowed:  # nothing asked for: all that can be
                    return Page(0, (), self.facets.counts(narrowed, everything, only))
                return self._listed(connection, everything, narrowed, languages, part, only=only)
            found, complete = ranked(connection, given, self.level_of)
            meant = _meant(connection, text) if len(found) < _FEW else None
            corrected = bool(meant and not found)
            if meant and corrected:
                given = searched_terms(meant)
                found, complete = ranked(connection, given, self.level_of)
            bits = bits_of(found)
            counts = self.facets.counts(narrowed, bits, only)
            if narrowed:
                bits = self.facets.things(narrowed, bits)
                found = [number for number in found if bits >> number & 1] if bits else []
            hits = found_hits(connection, found[part], given, languages)
            return Page(len(found), hits, counts, complete, meant, corrected)

    def things(
        self,
        kind: str,
        languages: Sequence[str],
        *,
        text: str = "",
        chosen: Chosen | None = None,
        values: Mapping[str, str] | None = None,
        order: str | None = None,
        limit: int,
        offset: int = 0,
    ) -> Page:
        """List the things of a kind in alphabetical order of the labels a page shows, those with words if any.

        ``order``: in this order, and what it leaves out in the alphabetical one. ``values`` as for ``search``.
        """
        among = self.facets.values[KIND][kind].things if kind in self.facets.values[KIND] else 0
        narrowed, given, complete = self.facets.chosen(chosen or {}), searched_terms(text), True
        narrowed.pop(KIND, None)
        with self.opened(languages) as connection:
            if text.strip():
                found, complete = ranked(connection, given, self.level_of) if given else ([], True)
                among &= bits_of(found)
            only = self._called(connection, values or {})
            page = self._listed(connection, among, narrowed, languages, slice(offset, offset + limit), order, only)
            return replace(page, complete=complete)

    def _listed(
        self,
        connection: sqlite3.Connection,
        among: int,
        narrowed: Chosen,
        languages: Sequence[str],
        part: slice,
        order: str | None = None,
        only: Mapping[str, Collection[str]] | None = None,
    ) -> Page:
        """List things in order, those of a later level after the others."""
        bits = self.facets.things(narrowed, among)
        first = self.orders.get(order or "", 0)
        found = chain.from_iterable(
            chain(
                self._in_order(ORDER + (order or ""), bits & level & first),
                self._in_order(languages[0], bits & level & ~first),
            )
            for level in self._levels
        )
        page = list(islice(found, part.start, part.stop))
        counts = self.facets.counts(narrowed, among, only)
        return Page(bits.bit_count(), found_hits(connection, page, (), languages), counts)

    def _called(self, connection: sqlite3.Connection, values: Mapping[str, str]) -> dict[str, set[str]]:
        """Give, by facet, the keys of the values whose names, or they themselves, have some words."""
        return {
            name: self.facets.about(name, text)
            | {key for (key,) in connection.execute(_CALLED, {"name": name, "words": expression(given, "label names")})}
            for name, text in values.items()
            if (given := searched_terms(text))
        }

    def _in_order(self, name: str, bits: int) -> Iterator[int]:
        if not bits:
            return iter(())
        members = bits.to_bytes(len(self.level_of) // 8 + 1, "little")
        return (number for number in self._numbers(name) if members[number >> 3] >> (number & 7) & 1)

    def _numbers(self, name: str) -> Sequence[int]:
        if name not in self._sequences:
            self._sequences[name] = array("I", self._sequence(name))
        return self._sequences[name]

    def _sequence(self, name: str) -> bytes:
        """Give a sequence of numbers of all things; in a language there is none for, that in the first one."""
        query = "SELECT numbers FROM sequence WHERE name = ? OR name <> ? ORDER BY name <> ?, rowid LIMIT 1"
        with self.opened() as connection:
            found: bytes = zlib.decompress(connection.execute(query, (name, LEVELS, name)).fetchone()[0])
        return found

    def suggest(self, text: str, languages: Sequence[str], *, limit: int) -> tuple[Hit, ...]:
        """Give what is probably meant by the beginning of a text, best first; first what is shown by that name."""
        given = searched_terms(text)
        if not given:
            return ()
        with self.opened(languages) as connection:
            found, _ = ranked(connection, given, self.level_of, names_only=True)
            if not found and (meant := _meant(connection, text)):
                given = searched_terms(meant)
                found, _ = ranked(connection, given, self.level_of, names_only=True)
            hits = found_hits(connection, found[: limit * _LOOKED_AT], (), languages)
            return tuple(sorted(hits, key=lambda hit: not _has(hit.label, given))[:limit])

    def named(self, class_: str, text: str, languages: Sequence[str]) -> Hit | None:
        """Give the thing of a class that has all words in its name; of several the one with the shortest."""
        if not (given := searched_terms(text)):
            return None
        values = {"class_": class_, "words": expression(given, "label names")}
        with self.opened(languages) as connection:
            found = connection.execute(_NAMED, values).fetchone()
        return _hit(*found) if found else None

    def members(self, class_: str, languages: Sequence[str], *, limit: int) -> tuple[Hit, ...]:
        """List the things of a class, alphabetically."""
        with self.opened(languages) as connection:
            return tuple(_hit(*row) for row in connection.execute(_MEMBERS, {"class_": class_, "limit": limit}))


def found_hits(
    connection: sqlite3.Connection, numbers: Sequence[int], searched: Sequence[str], languages: Sequence[str]
) -> tuple[Hit, ...]:
    """Give things by their numbers, with a piece of text that has what is searched for."""
    rows = connection.execute(_HITS, {"numbers": json.dumps(numbers)})
    found = {row[0]: replace(_hit(*row[1:5]), **_excerpt(row[5], searched, languages)) for row in rows}
    return tuple(found[number] for number in numbers)


def _hit(iri: str, kind: str | None, label: str, language: str) -> Hit:
    return Hit(iri, kind, label, language or None)


def _has(label: str, given: Sequence[str]) -> bool:
    inside = signed_terms(label)
    return all(any(term.startswith(each) for term in inside) for each in given)


def _excerpt(text: str, searched: Sequence[str], languages: Sequence[str]) -> dict[str, Any]:
    """Give a piece of the first text, by wanted language, that has a word searched for."""
    place = place_in(languages)
    lines = [line.partition("\t") for line in text.split("\n")] if searched else []
    for language, _, line in sorted(lines, key=lambda each: place(each[0].lower())):
        if pieces := excerpt(line, searched):
            return {"pieces": pieces, "pieces_language": language or None}
    return {}


def _meant(connection: sqlite3.Connection, text: str) -> str | None:
    """Give a text with each word that no label has replaced by the nearest one, as labels spell it; None if none is."""
    changed, result = False, []
    for word in words(text)[:_MOST_WORDS]:
        for term in [each[:LONGEST_TERM] for each in terms(word)]:
            near = None if known(connection, term) else nearest(connection, term)
            changed |= near is not None
            result.append(_spelt(connection, near) if near else word)
    return " ".join(result) if changed else None


def _spelt(connection: sqlite3.Connection, term: str) -> str:
    """Give a word as the label of some thing spells it."""
    labels = connection.execute(
        "SELECT label.text FROM label WHERE thing = (SELECT rowid FROM words WHERE words MATCH ? LIMIT 1)"
        " ORDER BY place(language), text",
        (f'{{label}} : "{term}"',),
    )
    spelt = (word for (text,) in labels for word in words(text) if terms(word) == [term])
    return next(spelt, term)

"""The search index, written: one row for each thing of the default graph, and the values of facets."""

import json
import re
import sqlite3
import zlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from app.config import script
from app.namespaces import DCTERMS_IDENTIFIER, LABEL_PROPERTIES, PREFIXES, RDF_TYPE, shrink
from app.query.binding import bind_rows
from app.query.files import QueryFile
from app.query.library import Library, engine_query, is_facet, local_name
from app.search.facets import KIND, keys_of, pack
from app.search.folding import LONGEST_TERM, place_in, signed_terms, sort_key
from app.store.interface import Store
from app.terms import XSD_STRING, Iri, Literal, Triple, n3

_LABELS: Final = frozenset(LABEL_PROPERTIES)
_NAMES: Final = frozenset(
    (
        Iri(PREFIXES["skos"] + "altLabel"),
        Iri(PREFIXES["skos"] + "hiddenLabel"),
        Iri(PREFIXES["skos"] + "notation"),
        DCTERMS_IDENTIFIER,
    )
)
# A longer text is no value to choose: it would not fit into an address.
_LONGEST_VALUE: Final = 200
# So many facets are made of the properties of a content that has none.
_MOST_GUESSED: Final = 5
_INSERTS: Final = (
    "INSERT INTO thing VALUES (?, ?, ?, ?)",
    "INSERT INTO label VALUES (?, ?, ?, ?)",
    "INSERT INTO class VALUES (?, ?)",
    "INSERT INTO name VALUES (?, ?, ?)",
    "INSERT INTO words (rowid, label, names, text) VALUES (?, ?, ?, ?)",
)
_PART: Final = "INSERT INTO part VALUES (?)"
# So many things are written together.
_TOGETHER: Final = 1000
# All things in the order of the labels that a page in some language shows.
_ALPHABET: Final = """
SELECT thing FROM (SELECT thing, sort, row_number() OVER (PARTITION BY thing ORDER BY place(language), text) AS place
  FROM label) WHERE place = 1 ORDER BY sort, thing
"""
# What a kind may be called, so that its list has an address: no escapes, and no dots that browsers take away.
_KIND: Final = re.compile(r"(?!\.{1,2}\Z)[^/?#%]+")
# No languages' names: what comes after all others; what the name of an order begins with.
LEVELS: Final = "-"
ORDER: Final = "-order-"
LONGEST_KEY: Final = 120
# Of a longer text the beginning is searched.
_LONGEST_TEXT: Final = 100_000
# First what has a page of its own; what a query says comes last; then what only has a name.
_FIRST, _LAST, _NO_PAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A thing: its kind (the part of its IRI after ``id/``, None outside), classes, labels, other names, texts."""

    iri: str
    kind: str | None
    classes: tuple[str, ...]
    labels: tuple[Literal, ...]
    names: tuple[str, ...]
    texts: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class FacetRows:
    """A facet: its name, and pairs of a thing's IRI and a value (IRI or text)."""

    name: str
    pairs: Iterable[tuple[str, str]]


def kind_of(iri: str, base: str) -> str | None:
    """Give the kind of a thing of the base (``base/id/<kind>/<slug>``), None for any other IRI and for its parts."""
    rest = iri.removeprefix(base + "id/")
    kind, slash, slug = rest.partition("/")
    return kind if rest != iri and slash and _KIND.fullmatch(kind) and slug and "#" not in slug else None


def rows(triples: Iterable[Triple], base: str) -> Iterator[IndexRow]:
    """Give a row for each thing of the base, and for every other IRI that has a label or a fragment.

    The triples are those of the default graph sorted by subject; one may come twice.
    """
    for thing, group in groupby(triples, key=itemgetter(0)):
        if isinstance(thing, Iri):
            row = _row(str(thing), kind_of(thing, base), group)
            if row.kind or row.labels or "#" in row.iri:
                yield row


def orders(store: Store, library: Library) -> Iterator[tuple[str, list[str]]]:
    """Ask each order's query: its name and the things it puts in order, each once."""
    for name, file in library.orders.items():
        yield name, list(dict.fromkeys(str(row["thing"]) for row in store.select(file.text).rows if "thing" in row))


def last_things(store: Store, library: Library) -> Iterator[str]:
    """Ask what a search gives after all others."""
    rows_ = store.select(library.last.text).rows if library.last else []
    yield from (str(row["thing"]) for row in rows_ if "thing" in row)


def facet_rows(store: Store, library: Library) -> Iterator[FacetRows]:
    """Ask each facet's query, in order of the files."""
    for name, file in library.facets.items():
        yield FacetRows(name, _pairs(store, file))


def guessed_facets(
    store: Store, library: Library, names: Mapping[str, Sequence[Literal]], language: str
) -> dict[str, str]:
    """Give facets for a content that has none of its own: query files by their names, of properties that divide well.

    They are called as the properties are in the data, else as standard terms are (``names``), else as their IRIs end.
    ``language`` is that of a name without one. Those of the library stay.
    """
    rows_ = store.select(engine_query("engine/dividing")).rows
    properties = [each for row in rows_ if isinstance(each := row["property"], Iri)]
    labels: dict[Iri, dict[str, str]] = {each: {} for each in properties}
    for row in store.select(bind_rows(engine_query("engine/labels"), ["thing"], [[each] for each in properties])).rows:
        if isinstance(thing := row["thing"], Iri) and isinstance(text := row["text"], Literal) and text.value.strip():
            labels[thing].setdefault(text.language or language, text.value)
    for each in properties:
        labels[each] = labels[each] or {text.language or language: text.value for text in names.get(each, ())}
    found: dict[str, str] = {}
    for each in properties:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", local_name(each)).lower().split()
        name = "-".join(words)
        taken = f"{name}.rq" in found or name in library.facets
        if is_facet(f"{name}.rq") and not taken and len(found) < _MOST_GUESSED:
            # Whatever breaks a line would end the header.
            called = {tag: " ".join(text.split()) for tag, text in (labels[each] or {"en": " ".join(words)}).items()}
            title = json.dumps({tag: text[:1].upper() + text[1:] for tag, text in called.items()}, ensure_ascii=False)
            query = f"SELECT DISTINCT ?thing ?value\nWHERE {{ ?thing {n3(each)} ?value FILTER(isIRI(?value)) }}\n"
            found[f"{name}.rq"] = f"#+ title: {title}\n{query}"
    return found


def _pairs(store: Store, file: QueryFile) -> Iterator[tuple[str, str]]:
    for row in store.select(file.text).rows:
        thing, value = row.get("thing"), row.get("value")
        if isinstance(thing, Iri) and isinstance(value, (Iri, Literal)):
            text = str(value) if isinstance(value, Iri) else value.value.strip()
            if text and (isinstance(value, Iri) or len(text) <= _LONGEST_VALUE):
                yield str(thing), text


def _row(iri: str, kind: str | None, statements: Iterable[Triple]) -> IndexRow:
    labels, names, texts, classes = set[Literal](), set[str](), set[Literal](), set[str]()
    for _, predicate, value in statements:
        if isinstance(value, Literal):
            if predicate in _LABELS:
                labels.add(value)
            elif predicate in _NAMES:
                names.add(value.value)
            elif value.language or value.datatype == XSD_STRING:
                texts.add(value)
        elif isinstance(value, Iri) and predicate == RDF_TYPE:
            classes.add(str(value))
    return IndexRow(iri, kind, tuple(sorted(classes)), _sorted(labels), tuple(sorted(names)), _sorted(texts))


def _sorted(literals: Collection[Literal]) -> tuple[Literal, ...]:
    if len(literals) < 2:
        return tuple(literals)
    return tuple(sorted(literals, key=lambda each: (each.language or "", each.value)))


def build_index(
    path: Path,
    rows: Iterable[IndexRow],
    facets: Iterable[FacetRows] = (),
    languages: Iterable[Sequence[str]] = (("nb", "en"),),
    last: Iterable[str] = (),
    ordered: Iterable[tuple[str, Sequence[str]]] = (),
) -> None:
    """Write the index to a new file. ``languages``: for each of pages the wanted order of labels'.

    Facets, then ``last`` are asked for when all rows are written. ``last``: what a search gives after all others
    that have a kind. ``ordered``: things in other orders than the alphabet's, by name.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("reverse", 1, lambda text: text[::-1], deterministic=True)
        connection.executescript(script("search"))
        connection.execute("INSERT INTO words (words, rank) VALUES ('hashsize', 16777216)")
        numbers: dict[str, int] = {}
        levels = array("B")
        kinds: dict[str, array[int]] = defaultdict(lambda: array("I"))
        waiting: dict[str, list[tuple[object, ...]]] = {statement: [] for statement in _INSERTS}
        # Parts of documents without a name: nobody searches for them.
        parts: list[tuple[str]] = []
        for number, row in enumerate(_named(rows, parts)):
            levels.append(_NO_PAGE if row.kind is None else _FIRST)
            for table, added in zip(waiting.values(), _added(number, row), strict=True):
                table.extend(added)
            numbers[row.iri] = number
            if row.kind:
                kinds[row.kind].append(number)
            if number % _TOGETHER == 0:
                _insert(connection, waiting)
        _insert(connection, waiting)
        connection.executemany(_PART, parts)
        for kind in sorted(kinds):
            _add_value(connection, (KIND, kind, None), kinds[kind], len(levels))
        for facet in facets:
            _add_facet(connection, facet, numbers)
        for number in (numbers[iri] for iri in last if iri in numbers):
            levels[number] = max(levels[number], _LAST)
        _add_sequence(connection, LEVELS, levels)
        connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        connection.commit()
        connection.executescript(script("search-indexes"))
        for wanted in languages:
            _add_alphabet(connection, wanted)
        for name, things in ordered:
            _add_sequence(connection, ORDER + name, array("I", (numbers[iri] for iri in things if iri in numbers)))
        connection.commit()


def _named(rows: Iterable[IndexRow], parts: list[tuple[str]]) -> Iterator[IndexRow]:
    """Give the rows of what is searched for; the IRIs of all others are added to ``parts``."""
    for row in rows:
        if row.kind or row.labels:
            yield row
        else:
            parts.append((row.iri,))


def _insert(connection: sqlite3.Connection, waiting: dict[str, list[tuple[object, ...]]]) -> None:
    for statement, found in waiting.items():
        connection.executemany(statement, found)
        found.clear()


def _added(number: int, row: IndexRow) -> tuple[Iterable[tuple[object, ...]], ...]:
    """Give the lines of a thing for each of the tables of ``_INSERTS``."""
    labels = [(label.language or "", label.value) for label in row.labels if label.value.strip()]
    if not labels:  # as pages name a thing without label
        labels = [("", shrink(row.iri) or local_name(row.iri) or row.iri)]
    # A line for each text: its language, a tab, the text in one line.
    text = "\n".join(f"{each.language or ''}\t{' '.join(each.value.split())}" for each in row.texts)
    called, other = [_words(text) for _, text in labels], [_words(name) for name in row.names]
    keys = {each[:LONGEST_KEY]: 1 for each in other} | {each[:LONGEST_KEY]: 0 for each in called}
    searched = " ".join(_words(each.value[:_LONGEST_TEXT]) for each in row.texts)
    return (
        [(number, row.iri, row.kind, text)],
        [(number, language.lower(), text, sort_key(text, language or None)) for language, text in labels],
        [(number, iri) for iri in row.classes],
        [(key, keys[key], number) for key in keys if key],
        [(number, " ".join(called), " ".join(other), searched)],
    )


def _words(text: str) -> str:
    found = signed_terms(text)
    if not text.isascii() or len(text) > LONGEST_TERM:
        found = [term[:LONGEST_TERM] for term in found]
    return " ".join(found)


def _add_facet(connection: sqlite3.Connection, facet: FacetRows, numbers: dict[str, int]) -> None:
    values: dict[str, array[int]] = defaultdict(lambda: array("I"))
    for thing, value in facet.pairs:
        if thing in numbers:
            values[value].append(numbers[thing])
    for value, key in keys_of(sorted(values)).items():
        things = array("I", sorted({*values[value]}))
        _add_value(connection, (facet.name, key, value), things, len(numbers))


def _add_value(
    connection: sqlite3.Connection, value: tuple[str, str, str | None], things: "array[int]", all_: int
) -> None:
    connection.execute("INSERT INTO facet VALUES (?, ?, ?, ?)", (*value, pack(things, all_)))


def _add_alphabet(connection: sqlite3.Connection, languages: Sequence[str]) -> None:
    connection.create_function("place", 1, place_in(languages), deterministic=True)
    things = array("I", (thing for (thing,) in connection.execute(_ALPHABET)))
    _add_sequence(connection, languages[0], things)


def _add_sequence(connection: sqlite3.Connection, name: str, numbers: "array[int]") -> None:
    packed = zlib.compress(numbers.tobytes(), 1)
    connection.execute("INSERT OR REPLACE INTO sequence VALUES (?, ?)", (name, packed))

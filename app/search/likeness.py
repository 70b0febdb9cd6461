"""What somebody else's name for a thing probably means: things with names like it, each with how like it is."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from app.search.folding import LONGEST_TERM, plain_terms, terms
from app.search.index import LONGEST_KEY
from app.search.lookup import Hit, SearchIndex, found_hits, searched_terms
from app.search.ranking import distance, known, nearest, ranked

_NAMES: Final = "SELECT thing, key, other FROM name WHERE thing IN (SELECT value FROM json_each(?))"
_CLASSES: Final = "SELECT thing, iri FROM class WHERE thing IN (SELECT value FROM json_each(?)) ORDER BY iri"
_NUMBERS: Final = "SELECT id, iri FROM thing WHERE iri IN (SELECT value FROM json_each(?))"
_PAGED: Final = "SELECT id FROM thing WHERE kind IS NOT NULL AND id IN (SELECT value FROM json_each(?))"
_OF_CLASSES: Final = """
SELECT thing FROM class WHERE thing IN (SELECT value FROM json_each(:things))
  AND iri IN (SELECT value FROM json_each(:classes)) GROUP BY thing HAVING count(*) >= :least
"""
_HAS_PAGES: Final = """
SELECT 1 FROM class JOIN thing ON thing.id = class.thing WHERE class.iri = ? AND kind IS NOT NULL LIMIT 1
"""
_RARE: Final = "SELECT term FROM term WHERE things <= ? AND term IN (SELECT value FROM json_each(?))"
_SOME: Final = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words, 10.0, 6.0, 0.0) LIMIT 100"
# A word that more things have than this tells little by itself.
_MANY: Final = 1_000
# So many things are looked at; where fewer are found by all words, others are looked for; so many are compared.
_MOST: Final = 1_000
_ENOUGH: Final = 5
_COMPARED: Final = 100
# How like a word and its abbreviation are; names that differ in spaces alone; what is not the same name at most; and
# what another name counts beside the one that is shown.
_SHORTENED, _JOINED, _NOT_THE_SAME, _OTHER_NAME = 0.85, 0.98, 0.97, 0.98
_SHORTEST: Final = 3
_TWO_ERRORS: Final = 7
_BEGINNING: Final = 4

_Keep = Callable[[Iterable[int]], list[int]]


@dataclass(frozen=True, slots=True)
class Alike:
    """A thing with its classes; from 0 to 1, how like its likest name is; whether that is the very name.

    Capitals, marks on letters and signs between words make no difference.
    """

    hit: Hit
    classes: tuple[str, ...]
    likeness: float = 0.0
    same: bool = False


def likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """Say from 0 to 1 how like two names are, each as its folded words, in whatever order those stand."""
    if not one or not other:
        return 0.0
    if list(one) == list(other):
        return 1.0
    if "".join(one) == "".join(other):
        return _JOINED
    same = Counter(one) & Counter(other)
    left, right = set[int](), set[int]()
    for words, rest in ((one, left), (other, right)):
        seen = Counter[str]()
        for place, word in enumerate(words):
            seen[word] += 1
            if seen[word] > same[word]:
                rest.add(place)
    shared = 2.0 * sum(map(len, same.elements()))
    pairs = ((_alike(one[i], other[j]), i, j) for i, j in product(left, right))
    for like, i, j in sorted((pair for pair in pairs if pair[0]), key=lambda pair: (-pair[0], *pair[1:])):
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            shared += like * (len(one[i]) + len(other[j]))
    return min(shared / sum(map(len, (*one, *other))), _NOT_THE_SAME)


@lru_cache(maxsize=4096)
def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) < _SHORTEST:
        return 0.0
    if long.startswith(short):
        return max(_SHORTENED, len(short) / len(long))
    most = 2 if len(long) >= _TWO_ERRORS else 1
    errors = distance(one, other, most)
    return 1 - errors / len(long) if errors <= most and len(short) > _SHORTEST else 0.0


def alike(
    index: SearchIndex,
    text: str,
    languages: Sequence[str],
    *,
    classes: Sequence[str] = (),
    least: int = 1,
    limit: int = _COMPARED,
) -> list[Alike]:
    """Give the things that have a page and a name like a text, likest first; an IRI means the thing itself.

    ``classes``: only things of so many of these at the ``least``.
    """
    given = plain_terms(searched_terms(text))
    with index.opened(languages) as connection:

        def keep(numbers: Iterable[int]) -> list[int]:
            return _kept(connection, list(numbers)[:_MOST], classes, least)

        itself = keep(number for number, _ in connection.execute(_NUMBERS, (json.dumps([text.strip()]),)))
        found = itself or (_found(connection, given, index.level_of, keep) if given else [])[:_COMPARED]
        called = _called(connection, found)
        measured = {n: (1.0, True) if itself else _measured(given, called[n]) for n in found}
        best = sorted(found, key=lambda n: (-measured[n][0], index.level_of[n], n))
        return _things(connection, {n: measured[n] for n in best[:limit] if measured[n][0]}, languages)


def things(index: SearchIndex, iris: Iterable[str], languages: Sequence[str]) -> list[Alike]:
    """Give the things with these IRIs that have a page, in order of the index."""
    with index.opened(languages) as connection:
        numbers = [number for number, _ in connection.execute(_NUMBERS, (json.dumps(list(iris)),))]
        kept = _kept(connection, numbers, (), 1)
        return _things(connection, dict.fromkeys(kept, (0.0, False)), languages)


def names(index: SearchIndex, iris: Iterable[str]) -> dict[str, list[list[str]]]:
    """Give all names of things, in every language, each as its folded words."""
    with index.opened() as connection:
        numbers = dict(connection.execute(_NUMBERS, (json.dumps(list(iris)),)).fetchall())
        called = _called(connection, list(numbers))
        return {iri: [words for words, _ in called[number]] for number, iri in numbers.items()}


def with_pages(index: SearchIndex, classes: Iterable[str]) -> list[str]:
    """Give those of the classes that have things with a page."""
    with index.opened() as connection:
        return [each for each in classes if connection.execute(_HAS_PAGES, (each,)).fetchone()]


def _kept(connection: sqlite3.Connection, numbers: list[int], classes: Sequence[str], least: int) -> list[int]:
    """Keep, in their order, the things that have a page and are of the classes."""
    kept = {number for (number,) in connection.execute(_PAGED, (json.dumps(numbers),))}
    if classes:
        values = {"things": json.dumps(numbers), "classes": json.dumps(list(classes)), "least": least}
        kept &= {number for (number,) in connection.execute(_OF_CLASSES, values)}
    return [number for number in numbers if number in kept]


def _found(connection: sqlite3.Connection, given: list[str], levels: bytes, keep: _Keep) -> list[int]:
    """Find things by all words of a name, then by what these may be meant to be, then by some of them."""
    found = dict.fromkeys(keep(ranked(connection, given, levels, names_only=True)[0]))
    if len(found) < _ENOUGH:
        meant = [each if known(connection, each) else nearest(connection, each) or each for each in given]
        if meant != given:
            found |= dict.fromkeys(keep(ranked(connection, meant, levels, names_only=True)[0]))
        # Two words may be written as one.
        parts = [each[:end] for each in given for end in range(_BEGINNING, len(each))]
        rare = [term for (term,) in connection.execute(_RARE, (_MANY, json.dumps([*given, *meant, *parts])))]
        if rare:
            some = " OR ".join(f'"{term}"' for term in rare)
            found |= dict.fromkeys(keep(n for (n,) in connection.execute(_SOME, (f"{{label names}} : ({some})",))))
    return list(found)


def _called(connection: sqlite3.Connection, numbers: Sequence[int]) -> dict[int, list[tuple[list[str], int]]]:
    """Give the names of things: the folded words, and whether it is another one than labels are."""
    found: dict[int, list[tuple[list[str], int]]] = defaultdict(list)
    for number, key, other in connection.execute(_NAMES, (json.dumps(numbers),)):
        found[number].append((plain_terms(key.split()), other))
    return found


def _measured(given: Sequence[str], called: Iterable[tuple[list[str], int]]) -> tuple[float, bool]:
    key = " ".join(given)[:LONGEST_KEY]
    found = (
        (likeness(given, words) * (_OTHER_NAME if other else 1), " ".join(words) == key) for words, other in called
    )
    return max(found, default=(0.0, False))


def _things(
    connection: sqlite3.Connection, measured: dict[int, tuple[float, bool]], languages: Sequence[str]
) -> list[Alike]:
    classes: dict[int, list[str]] = defaultdict(list)
    for number, iri in connection.execute(_CLASSES, (json.dumps(list(measured)),)):
        classes[number].append(iri)
    hits = found_hits(connection, list(measured), (), languages)
    return [Alike(hit, tuple(classes[n]), *measured[n]) for hit, n in zip(hits, measured, strict=True)]


def folded(text: str) -> list[str]:
    """Give the words of a text as names have them."""
    return [term[:LONGEST_TERM] for term in terms(text)]

"""Which things have all words that are searched for, and in which order they are given."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from app.search.spelling import END

# Where the words are, best first: the whole label, the whole of another name; the beginning of the label, of another
# name; in labels and names; anywhere.
_WHOLE_LABEL, _WHOLE_NAME, _LABEL, _NAME, _IN_NAMES, _ANYWHERE = range(6)
# What a thing of a later level (app.search.index) loses: a passage that begins with the words stands beside an
# organisation that has them in its name.
_LEVEL: Final = 2
# No more things than these are looked at; of what only begins so, and of what gets a score.
MOST: Final = 5_000
_MOST_BEGINNINGS: Final = 1_000
_MOST_SCORED: Final = 1_000

_BEGINNINGS: Final = "SELECT thing, key = :key, other FROM name WHERE key >= :key AND key < :end LIMIT :most"
_FOUND: Final = "SELECT rowid FROM words WHERE words MATCH :words LIMIT :most"
_SCORED: Final = """
SELECT rowid, bm25(words, 10.0, 6.0, 1.0) FROM words WHERE words MATCH :words ORDER BY rowid LIMIT :most
"""


def expression(given: Sequence[str], columns: str = "label names text") -> str:
    """Give the FTS5 expression for all words, each the beginning of one: quoted, no sign of them is syntax."""
    return f"{{{columns}}} : (" + " AND ".join(f'"{term}" *' for term in given) + ")"


def ranked(
    connection: sqlite3.Connection, given: Sequence[str], levels: bytes, *, names_only: bool = False
) -> tuple[list[int], bool]:
    """Give the things that have all words, best first, and whether these are all there are."""
    key = " ".join(given)
    places: dict[int, int] = {}
    for thing, whole, other in connection.execute(
        _BEGINNINGS, {"key": key, "end": key + END, "most": _MOST_BEGINNINGS}
    ):
        place = (0 if whole else 2) + other
        places[thing] = min(place, places.get(thing, place))
    if not names_only or len(places) < _MOST_BEGINNINGS:
        for thing in _things(connection, expression(given, "label names"), _MOST_BEGINNINGS if names_only else MOST):
            places.setdefault(thing, _IN_NAMES)
    complete, scores = True, {}
    if not names_only:
        found = _things(connection, expression(given), MOST)
        complete = len(found) < MOST
        for thing in found:
            places.setdefault(thing, _ANYWHERE)
        if len(found) <= _MOST_SCORED:
            scores = dict(connection.execute(_SCORED, {"words": expression(given), "most": _MOST_SCORED}).fetchall())
    order = {
        thing: (place if place <= _WHOLE_NAME else place + _LEVEL * levels[thing], scores.get(thing, 0.0))
        for thing, place in places.items()
    }
    return sorted(order, key=order.__getitem__), complete


def _things(connection: sqlite3.Connection, words: str, most: int) -> list[int]:
    return [thing for (thing,) in connection.execute(_FOUND, {"words": words, "most": most})]

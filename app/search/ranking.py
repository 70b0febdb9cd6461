"""Which things have the words, best first; and what a mistyped word may mean: labels one or two errors away."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

from app.search.folding import plain_terms

# A word with one error has its first or its second half unharmed, but for two letters that changed places just there.
_NEAR: Final = """
SELECT term, things FROM term WHERE term >= :first AND term < :first || :end AND length(term) BETWEEN :least AND :most
UNION
SELECT term, things FROM term WHERE reversed >= :second AND reversed < :second || :end
  AND length(term) BETWEEN :least AND :most
ORDER BY things DESC LIMIT 800
"""
_THESE: Final = "SELECT term, things FROM term WHERE term IN (SELECT value FROM json_each(?))"
_SHORTEST: Final = 4
_TWO_ERRORS: Final = 7
END: Final = "\U0010ffff"
# Where the words are, best first: the whole label, the whole of another name; the beginning of the label, of another
# name; in labels and names; anywhere.
_WHOLE_LABEL, _WHOLE_NAME, _LABEL, _NAME, _IN_NAMES, _ANYWHERE = range(6)
# What a thing of a later level (app.search.index) loses: a passage that begins with the words stands after an
# organisation that tells of them.
_LEVEL: Final = _ANYWHERE
# No more things than these are looked at; of what only begins so, and of what gets a score.
MOST: Final = 5_000
_MOST_BEGINNINGS: Final = 1_000
_MOST_SCORED: Final = 1_000
_BEGINNINGS: Final = "SELECT thing, key = :key, other FROM name WHERE key >= :key AND key < :end LIMIT :most"
_FOUND: Final = "SELECT rowid FROM words WHERE words MATCH :words LIMIT :most"
_SCORED: Final = """
SELECT rowid, bm25(words, 10.0, 6.0, 1.0) FROM words WHERE words MATCH :words ORDER BY rowid LIMIT :most
"""


def known(connection: sqlite3.Connection, term: str) -> bool:
    """Say whether a word begins some label's word."""
    query = "SELECT 1 FROM term WHERE term >= ? AND term < ? LIMIT 1"
    return connection.execute(query, (term, term + END)).fetchone() is not None


def nearest(connection: sqlite3.Connection, term: str) -> str | None:
    """Give the word of labels that a word was probably meant to be, None when there is none near."""
    if len(term) < _SHORTEST or term.isdigit():
        return None
    errors, half = 2 if len(term) >= _TWO_ERRORS else 1, len(term) // 2
    first, second = term[:half], term[half:][::-1]
    values = {"first": first, "second": second, "end": END, "least": len(term) - errors, "most": len(term) + errors}
    found = dict(connection.execute(_NEAR, values).fetchall())
    turned = [term[:place] + term[place + 1] + term[place] + term[place + 2 :] for place in range(len(term) - 1)]
    found |= dict(connection.execute(_THESE, (json.dumps(turned),)).fetchall())
    near = ((distance(term, each, errors), -things, each) for each, things in found.items() if each != term)
    best = min((each for each in near if each[0] <= errors), default=None)
    return best[2] if best else None


def distance(one: str, other: str, most: int) -> int:
    """Count the letters to add, leave out, replace or swap with their neighbour; ``most + 1`` for more than most.

    Optimal string alignment distance.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        last, before, row = before, row, [place]
        for column, against in enumerate(other, 1):
            cost = min(before[column] + 1, row[column - 1] + 1, before[column - 1] + (letter != against))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == against:
                cost = min(cost, last[column - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def expression(given: Sequence[str], columns: str = "label names text") -> str:
    """Give the FTS5 expression for all words, each the beginning of one: quoted, no sign of them is syntax."""
    return f"{{{columns}}} : (" + " AND ".join(f'"{term}" *' for term in given) + ")"


def ranked(
    connection: sqlite3.Connection, given: Sequence[str], levels: bytes, *, names_only: bool = False
) -> tuple[list[int], bool]:
    """Give the things that have all words, best first, and whether these are all there are.

    Where none has the signs of the words too (``C++``), those that have the words.
    """
    found = _ranked(connection, given, levels, names_only=names_only)
    if not found[0] and (plain := plain_terms(given)) and plain != list(given):
        return _ranked(connection, plain, levels, names_only=names_only)
    return found


def _ranked(
    connection: sqlite3.Connection, given: Sequence[str], levels: bytes, *, names_only: bool
) -> tuple[list[int], bool]:
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

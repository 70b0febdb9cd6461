"""What a mistyped word may mean: words of labels one or two typing errors away."""

import json
import sqlite3
from typing import Final

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

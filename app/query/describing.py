"""DESCRIBE as other queries: what it gives is left to each server (SPARQL 1.1 §16.4), and some look beyond the dataset.

Ours is the concise bounded description: the statements of a thing, and those of the blank nodes they lead to.
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from app.query.prologue import Names
from app.query.tokens import significant
from app.store.interface import QuerySyntaxError
from app.terms import Iri, n3

# So deep blank nodes are followed.
DEPTH: Final = 8
_MODIFIERS: Final = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


def targets(query: str) -> tuple[list[Iri], str | None]:
    """Give what a DESCRIBE query (without FROM) describes: the IRIs it names, and a SELECT for its variables."""
    names = Names(query)
    found = significant(query)
    start = 0
    while start < len(found) and not found[start].is_word("DESCRIBE"):
        start += 1 + (names.declare(found[start], found[start + 1 : start + 3]) if found[start].kind == "word" else 0)
    described = list(takewhile(lambda token: token.text != "{" and not token.is_word(*_MODIFIERS), found[start + 1 :]))
    iris = [names.iri(token) for token in described if token.kind in ("iri", "name")]
    variables = [token.text for token in described if token.kind not in ("iri", "name")]
    if not described:
        raise QuerySyntaxError("DESCRIBE is not followed by IRIs, variables or *.")
    if not variables:  # a pattern decides nothing
        return iris, None
    rest = query[found[end].start :] if (end := start + 1 + len(described)) < len(found) else ""
    return iris, f"{query[: found[start].start]}SELECT {' '.join(variables)} {rest}"


def description(things: Iterable[Iri]) -> str:
    """Give a CONSTRUCT query for the descriptions of things."""
    names = " ".join(n3(thing) for thing in things)
    # Put together here, since no path says "through blank nodes only": a step of the pattern for each level.
    template = " . ".join(f"?n{level} ?p{level} ?n{level + 1}" for level in range(DEPTH))
    pattern = f"?n{DEPTH - 1} ?p{DEPTH - 1} ?n{DEPTH}"
    for level in range(DEPTH - 2, -1, -1):
        deeper = f"OPTIONAL {{ {pattern} FILTER(isBlank(?n{level + 1})) }}"
        pattern = f"?n{level} ?p{level} ?n{level + 1} {deeper}"
    return f"CONSTRUCT {{ {template} }} WHERE {{ VALUES ?n0 {{ {names} }} {pattern} }}"

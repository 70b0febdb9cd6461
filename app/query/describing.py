"""DESCRIBE as other queries: what it gives is left to each server (SPARQL 1.1 §16.4), and some look beyond the dataset.

Ours is the concise bounded description: the statements of a thing, and those of the blank nodes they lead to.
"""

from collections.abc import Iterable
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
    end = start + 1
    iris: list[Iri] = []
    variables: list[str] = []
    while end < len(found) and found[end].text != "{" and not found[end].is_word(*_MODIFIERS):
        token = found[end]
        if token.kind in ("iri", "name"):
            iris.append(names.iri(token))
        else:
            variables.append(token.text)
        end += 1
    if not iris and not variables:
        raise QuerySyntaxError("DESCRIBE is not followed by IRIs, variables or *.")
    if end == len(found):
        return iris, None if not variables else _select(query, found[start].start, len(query), variables)
    if not variables:  # the pattern decides nothing
        return iris, None
    return iris, _select(query, found[start].start, found[end].start, variables)


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


def _select(query: str, start: int, end: int, variables: list[str]) -> str:
    return f"{query[:start]}SELECT {' '.join(variables)} {query[end:]}"

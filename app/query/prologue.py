"""What a query says before its pattern: prefixes and dataset clause (SPARQL 1.1 §4.1, §13.2), read from its tokens.

For queries that go to another server: its dataset is sent beside the query, so that no engine reads FROM in its own
way, and what only some engine takes for SPARQL is refused.
"""

import re
from typing import Final
from urllib.parse import urljoin

from app.query.tokens import Token, form, significant
from app.store.interface import Dataset, QueryRefused, QuerySyntaxError
from app.terms import Iri

_LOCAL: Final = re.compile(r"\\(.)")
# Names by which Virtuoso calls its SQL procedures.
_CALLS: Final = ("bif:", "sql:")
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH", "DEFINE")


def take_dataset(query: str) -> tuple[str, Dataset | None]:
    """Give the query with its dataset clause blanked out, and that dataset (None: it has none).

    Raises QuerySyntaxError for what is no query or uses a prefix it does not declare, QueryRefused for names that call
    procedures of an engine, and for characters written as escapes outside of strings.
    """
    if form(query) is None:
        raise QuerySyntaxError("This is not a query: SELECT, ASK, CONSTRUCT or DESCRIBE is expected.")
    found = significant(query)
    names = Names(query)
    default: list[Iri] = []
    named: list[Iri] = []
    cuts: list[tuple[int, int]] = []
    depth = position = 0
    while position < len(found):
        token = found[position]
        position += 1
        if token.kind == "mark" and token.text in "{}":
            depth += 1 if token.text == "{" else -1
        elif token.is_word("BASE", "PREFIX") and depth == 0:
            position += names.declare(token, found[position : position + 2])
        elif token.kind in ("iri", "name"):
            names.iri(token)
        elif token.text == "\\":
            raise QueryRefused("Write characters as they are: no \\u escapes outside of strings.")
        elif depth == 0 and (token.text == ";" or token.is_word(*_UPDATES)):
            raise names.error(token, f"{token.text} has no place here: only one query is answered.")
        elif depth == 0 and token.is_word("FROM"):
            is_named = position < len(found) and found[position].is_word("NAMED")
            position += is_named + 1
            if position > len(found) or (last := found[position - 1]).kind not in ("iri", "name"):
                raise names.error(token, "FROM is not followed by the IRI of a graph.")
            (named if is_named else default).append(names.iri(last))
            cuts.append((token.start, last.start + len(last.text)))
    text = query
    for start, end in cuts:
        # As long as before, so that positions in the server's messages stay right.
        text = text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]
    return text, Dataset(tuple(default), tuple(named)) if cuts else None


class Names:
    """The names of a query, made whole by its prologue."""

    def __init__(self, query: str) -> None:
        self._query = query
        self.base = Iri("")
        self.prefixes: dict[str, str] = {}

    def declare(self, word: Token, after: list[Token]) -> int:
        """Take up BASE or PREFIX with the tokens after it; give how many of these belong to it."""
        size = 1 if word.is_word("BASE") else 2
        if len(after) < size or after[size - 1].kind != "iri":
            raise self.error(word, f"{word.text} is not followed by an IRI.")
        if size == 1:
            self.base = self.iri(after[0])
        else:
            self.prefixes[after[0].text.removesuffix(":")] = self.iri(after[1])
        return size

    def iri(self, token: Token) -> Iri:
        """Give the IRI that a token means."""
        if token.kind == "iri":
            whole = urljoin(self.base, token.text[1:-1]) if self.base else token.text[1:-1]
        else:
            prefix, _, local = token.text.partition(":")
            if prefix not in self.prefixes:
                raise self.error(token, f"The prefix {prefix}: is not declared.")
            whole = self.prefixes[prefix] + _LOCAL.sub(r"\1", local)
        if whole.lower().startswith(_CALLS):
            raise QueryRefused(f"{token.text} is not allowed here: it calls a procedure of the server.")
        return Iri(whole)

    def error(self, token: Token, message: str) -> QuerySyntaxError:
        """Make an error with the place of a token."""
        before = self._query[: token.start]
        return QuerySyntaxError(message, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)

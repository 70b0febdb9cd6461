"""What is taken out of a query's text, or written anew: its dataset, IRIs and variables, DESCRIBE as CONSTRUCT."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import Final
from urllib.parse import urljoin

from app.errors import QueryRefused, QuerySyntaxError
from app.namespaces import RDF_TYPE
from app.query.tokens import Token, form, significant
from app.terms import Dataset, Iri, is_absolute_iri, n3

_LOCAL: Final = re.compile(r"\\(.)")
# Names by which Virtuoso calls its SQL procedures.
_CALLS: Final = ("bif:", "sql:")
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH", "DEFINE")
# What asks for counts of the build: the longest such text, the most rows, and its words one space apart.
_LONGEST_COUNT: Final = 1000
_MOST_COUNTED: Final = 500
_COUNTS: Final = re.compile(
    r"SELECT (?:DISTINCT (?P<alone>\?\w+) |(?:(?P<shown>\?\w+) )?"
    r"\( COUNT \( (?P<distinct>DISTINCT )?(?P<what>\*|\?\w+) \) AS (?P<number>\?\w+) \) )"
    r"(?:WHERE )?\{ (?P<s>\?\w+) (?P<p>\?\w+|A) (?P<o>\?\w+) (?:\. )?\} (?:GROUP BY (?P<group>\?\w+) )?"
    r"(?P<rest>(?:ORDER BY (?:\?\w+ |(?:DESC|ASC) \( \?\w+ \) )+)?(?:LIMIT \d+ )?(?:OFFSET \d+ )?)"
)
# So deep blank nodes are followed.
DEPTH: Final = 8
_MODIFIERS: Final = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")


def take_dataset(query: str) -> tuple[str, Dataset | None]:
    """Give the query with its dataset clause blanked out, and that dataset (None: it has none).

    Raises QuerySyntaxError for what is no query or uses a prefix it does not declare, QueryRefused for names that call
    procedures of an engine, and for characters written as escapes outside of strings.
    """
    if form(query) is None:
        raise QuerySyntaxError("This is not a query: SELECT, ASK, CONSTRUCT or DESCRIBE is expected.")
    found = significant(query)
    prologue = Prologue(query)
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
            position += prologue.declare(token, found[position : position + 2])
        elif token.kind in ("iri", "name"):
            prologue.iri(token)
        elif token.text == "\\":
            raise QueryRefused("Write characters as they are: no \\u escapes outside of strings.")
        elif depth == 0 and (token.text == ";" or token.is_word(*_UPDATES)):
            raise prologue.error(token, f"{token.text} has no place here: only one query is answered.")
        elif depth == 0 and token.is_word("FROM"):
            is_named = position < len(found) and found[position].is_word("NAMED")
            position += is_named + 1
            if position > len(found) or (last := found[position - 1]).kind not in ("iri", "name"):
                raise prologue.error(token, "FROM is not followed by the IRI of a graph.")
            (named if is_named else default).append(prologue.iri(last))
            cuts.append((token.start, last.start + len(last.text)))
    text = query
    for start, end in cuts:
        # As long as before, so that positions in the server's messages stay right.
        text = text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]
    return text, Dataset(tuple(default), tuple(named)) if cuts else None


class Prologue:
    """BASE and PREFIX of a query, by which its names are made whole."""

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


def declared_prefixes(found: Sequence[Token]) -> dict[str, str]:
    """Give the prefixes that a query declares, of its significant tokens."""
    return {
        name.text.removesuffix(":"): iri.text[1:-1]
        for word, name, iri in zip(found, found[1:], found[2:], strict=False)
        if word.is_word("PREFIX") and name.kind == "name" and iri.kind == "iri"
    }


def mentioned(text: str, prefixes: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[Iri, int]]:
    """Give the IRIs in a query, each with its place; a prefixed name in full, when its prefix is declared or given."""
    found = significant(text)
    known = {**prefixes, **declared_prefixes(found)}
    for token in found:
        prefix, _, local = token.text.partition(":")
        if token.kind == "iri":
            yield Iri(token.text[1:-1]), token.start
        elif token.kind == "name" and prefix in known:
            yield Iri(known[prefix] + _LOCAL.sub(r"\1", local)), token.start


def projection(text: str) -> tuple[str, ...] | None:
    """Give the names of the variables a SELECT projects; None for ``*``, and for a query of another form."""
    names: list[str] = []
    depth = 0
    previous, selecting = "", False
    for token in significant(text):
        if not selecting:
            selecting = token.is_word("SELECT")
            if token.is_word("ASK", "CONSTRUCT", "DESCRIBE"):
                return None
            continue
        if depth == 0 and (token.is_word("WHERE", "FROM") or token.text in ("{", "*")):
            break
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        # In brackets stands an expression: what it is called comes after AS.
        if token.kind == "variable" and (depth == 0 or (depth == 1 and previous == "AS")):
            names.append(token.text[1:])
        previous = token.text.upper()
    return tuple(names) or None


def spelled_out(query: str, names: Sequence[str]) -> str | None:
    """Give a ``SELECT *`` with the variables it has in the order in which they appear.

    None for what is none, and where they are in that order already.
    """
    star, ordered = _of_star(query, names)
    return None if ordered == list(names) else f"{query[:star]} ?{' ?'.join(ordered)} {query[star + 1 :]}"


def in_order_of_appearance(query: str, names: Sequence[str]) -> list[str]:
    """Give the names of an answer's columns, those of a ``SELECT *`` in the order in which they appear in it."""
    return _of_star(query, names)[1]


def _of_star(query: str, names: Sequence[str]) -> tuple[int, list[str]]:
    """Give where the star of a ``SELECT *`` stands, and its columns in order; of another query both as they are."""
    if "*" not in query or len(names) < 2:
        return 0, list(names)
    found = significant(query)
    start = next((number for number, token in enumerate(found) if token.is_word("SELECT")), len(found))
    start += 2 if len(found) > start + 1 and found[start + 1].is_word("DISTINCT", "REDUCED") else 1
    if len(found) <= start or found[start].text != "*":
        return 0, list(names)
    places: dict[str, int] = {}
    for token in found[start:]:
        if token.kind == "variable":
            places.setdefault(token.text[1:], token.start)
    return found[start].start, sorted(names, key=lambda name: places.get(name, len(query)))


def counted(query: str, classes: Mapping[Iri, int], properties: Mapping[Iri, int]) -> str:
    """Give a query for what the build has counted as one that says its rows; every other query as it is.

    That is: all triples, all classes and all properties of the default graph, each with its number, their number, or
    they alone. ``classes`` has things by class, ``properties`` triples by property (VoID §4.3).
    """
    words = query.upper() if len(query) <= _LONGEST_COUNT and query.count("{") == 1 else ""
    if "COUNT" not in words and "DISTINCT" not in words:
        return query
    found = significant(query)
    start = next((number for number, token in enumerate(found) if token.is_word("SELECT")), 0)
    prefixes = declared_prefixes(found[:start])
    said = _COUNTS.fullmatch("".join(f"{_word(token, prefixes)} " for token in found[start:]))
    if said is None or len({said["s"], said["p"], said["o"], said["number"]}) < 4:
        return query
    term, numbers = (said["o"], classes) if said["p"] == "A" else (said["p"], properties)
    whole = sum(numbers.values())
    complete = said["p"] != "A" or whole == properties.get(RDF_TYPE)  # a class without an IRI is not counted
    if not complete or len(numbers) > _MOST_COUNTED or not all(map(is_absolute_iri, numbers)):
        return query
    # Each triple is there once: of a class the subjects are as many as the triples.
    every = not said["distinct"] and said["what"] in ("*", said["s"], said["p"], said["o"])
    subjects = said["p"] == "A" and said["what"] == said["s"]
    rows: Iterable[Sequence[str]]
    if said["alone"] == term and not said["group"]:
        names, rows = [term], ([n3(each)] for each in numbers)
    elif said["shown"] == said["group"] == term and (every or subjects):
        names, rows = [term, said["number"]], ([n3(each), str(number)] for each, number in numbers.items())
    elif not (said["alone"] or said["shown"] or said["group"]) and (every or said["what"] == term):
        names, rows = [said["number"]], [[str(whole if every else len(numbers))]]
    else:
        return query
    if not set(re.findall(r"\?\w+", said["rest"])) <= set(names):
        return query
    values = " ".join(f"({' '.join(row)})" for row in rows)
    shown = " ".join(names)
    return f"{query[: found[start].start]}SELECT {shown} WHERE {{ VALUES ({shown}) {{ {values} }} }} {said['rest']}"


def _word(token: Token, prefixes: Mapping[str, str]) -> str:
    """Give a token as one text for all its spellings: keywords in capitals, the property of a type as A."""
    prefix, _, local = token.text.partition(":")
    if token.text == f"<{RDF_TYPE}>" or (token.kind == "name" and prefixes.get(prefix, "") + local == RDF_TYPE):
        return "A"
    return token.text.upper() if token.kind == "word" else token.text


def targets(query: str) -> tuple[list[Iri], str | None]:
    """Give what a DESCRIBE query (without FROM) describes: the IRIs it names, and a SELECT for its variables."""
    prologue = Prologue(query)
    found = significant(query)
    start = 0
    while start < len(found) and not found[start].is_word("DESCRIBE"):
        start += 1 + (
            prologue.declare(found[start], found[start + 1 : start + 3]) if found[start].kind == "word" else 0
        )
    described = list(takewhile(lambda token: token.text != "{" and not token.is_word(*_MODIFIERS), found[start + 1 :]))
    iris = [prologue.iri(token) for token in described if token.kind in ("iri", "name")]
    variables = [token.text for token in described if token.kind not in ("iri", "name")]
    if not described:
        raise QuerySyntaxError("DESCRIBE is not followed by IRIs, variables or *.")
    if not variables:  # a pattern decides nothing
        return iris, None
    # Put together from the stranger's own text: its prefixes and its pattern, asked for the variables.
    rest = query[found[end].start :] if (end := start + 1 + len(described)) < len(found) else ""
    return iris, f"{query[: found[start].start]}SELECT {' '.join(variables)} {rest}"


def concise_description(things: Iterable[Iri]) -> str:
    """Give a CONSTRUCT query for the descriptions of things."""
    names = " ".join(n3(thing) for thing in things)
    # Put together here, since no path says "through blank nodes only": a step of the pattern for each level.
    template = " . ".join(f"?n{level} ?p{level} ?n{level + 1}" for level in range(DEPTH))
    pattern = f"?n{DEPTH - 1} ?p{DEPTH - 1} ?n{DEPTH}"
    for level in range(DEPTH - 2, -1, -1):
        deeper = f"OPTIONAL {{ {pattern} FILTER(isBlank(?n{level + 1})) }}"
        pattern = f"?n{level} ?p{level} ?n{level + 1} {deeper}"
    return f"CONSTRUCT {{ {template} }} WHERE {{ VALUES ?n0 {{ {names} }} {pattern} }}"

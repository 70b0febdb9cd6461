"""SPARQL text as tokens (SPARQL 1.1 §19.8), for what must be known before an engine sees a query.

The engine parses without a lexer: it takes ``SERVICEx:y`` for the keyword and a name, and reads ``?a<b`` as a
comparison where a lexer sees the start of an IRI. What is refused here is therefore decided conservatively.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

from app.errors import N_, QueryRefused

_NAME_START = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\uFFFD"
    r"\U00010000-\U000EFFFF"
)
_NAME = _NAME_START + r"_0-9\u00B7\u0300-\u036F\u203F\u2040\-"
_VARIABLE_NAME = _NAME.removesuffix(r"\-")

_STRING: Final = r"""(?P<string>\"\"\"(?:\\.|(?!\"\"\").)*\"\"\"|'''(?:\\.|(?!''').)*'''
        |"(?!"")(?:\\.|[^"\\\n\r])*"|'(?!'')(?:\\.|[^'\\\n\r])*')
    |"""
_PATTERN: Final = rf"""
      (?P<space>\s+)
    | (?P<comment>\#[^\n\r]*)
    | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*>)
    | %STRING% (?P<variable>[?$][{_VARIABLE_NAME}]+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<blank>_:[{_NAME}]+(?:\.+[{_NAME}]+)*)
    | (?P<name>(?:[{_NAME_START}][{_NAME}.]{{0,99}})?:
        (?:[{_NAME}:.]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
    | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[{_NAME_START}_][{_VARIABLE_NAME}]*)
    | (?P<mark>\^\^|&&|\|\||!=|<=|>=|.)
    """
_TOKEN: Final = re.compile(_PATTERN.replace("%STRING%", _STRING), re.VERBOSE | re.DOTALL)
# An opening quote without its end is looked for to the end of the text: so many times, then no string is looked for.
_UNCLOSED_LIMIT: Final = 20
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_QUOTES: Final = frozenset("\"'")
CLOSES: Final = {"(": ")", "{": "}", "[": "]"}
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
# Most queries begin so plainly that nothing has to be read token by token.
_PLAIN: Final = re.compile(
    rf"""\s*(?:PREFIX\s+(?:[A-Za-z][A-Za-z0-9]*)?:\s*<[^<>"{{}}|^`\\\x00-\x20]*>\s*)*({"|".join(_FORMS)})[\s?{{]""",
    re.IGNORECASE | re.ASCII,
)
_UNION_LIMIT: Final = 500
# Functions that give something else each time; STRUUID ends like UUID.
_CHANGING_NAMES: Final = ("NOW", "RAND", "UUID", "BNODE")


@dataclass(slots=True)
class Token:
    """One token: kind (a group name above), text, offset in the query. Not frozen: that takes twice as long to make."""

    kind: str
    text: str
    start: int

    def is_word(self, *words: str) -> bool:
        """Say whether this is one of the keywords (upper case)."""
        return self.kind == "word" and self.text.upper() in words


def tokens(text: str) -> Iterator[Token]:
    """Give all tokens of a query, white space and comments too; joined they are the text. Takes linear time."""
    unclosed = end = 0
    for match in _TOKEN.finditer(text):
        yield Token(match.lastgroup or "mark", match.group(), match.start())
        unclosed += match.group() in _QUOTES
        if unclosed > _UNCLOSED_LIMIT:
            end = match.end()
            break
    else:
        return
    for match in _without_strings().finditer(text, end):
        yield Token(match.lastgroup or "mark", match.group(), match.start())


@cache
def _without_strings() -> re.Pattern[str]:
    """Give the pattern without strings: few queries need it, and it is dear to make."""
    return re.compile(_PATTERN.replace("%STRING%", ""), re.VERBOSE | re.DOTALL)


def significant(text: str) -> list[Token]:
    """Give the tokens without white space and comments."""
    return [token for token in tokens(text) if token.kind not in ("space", "comment")]


def variable_names(text: str) -> set[str]:
    """Give the names of all variables of a query."""
    return {token.text[1:] for token in tokens(text) if token.kind == "variable"}


def form(text: str) -> str | None:
    """Give the query form: SELECT, ASK, CONSTRUCT or DESCRIBE; None when there is none (an update, or no query)."""
    if plain := _PLAIN.match(text):
        return plain[1].upper()
    waiting = 0
    for token in tokens(text):
        if token.kind in ("space", "comment"):
            continue
        if waiting:  # the words and IRIs of a prologue
            waiting -= 1
        elif token.is_word("PREFIX"):
            waiting = 2
        elif token.is_word("BASE"):
            waiting = 1
        else:
            return token.text.upper() if token.is_word(*_FORMS) else None
    return None


def is_repeatable(text: str) -> bool:
    """Say whether a query gives the same each time: it calls none of NOW, RAND, UUID, STRUUID and BNODE."""
    return not any(_is_changing(reading) for reading in _readings(text) if _has_changing(reading))


def _has_changing(text: str) -> bool:
    capitals = text.upper()
    return any(name in capitals for name in _CHANGING_NAMES)


def _is_changing(text: str) -> bool:
    # By the end of a word: the engine reads FILTERNOW() as FILTER NOW(), and may see no IRI in "?a <b&&NOW()>".
    return any(
        (after.text == "(" and token.kind == "word" and token.text.upper().endswith(_CHANGING_NAMES))
        or (token.kind == "iri" and "(" in token.text and _has_changing(token.text))
        for token, after in pairwise(significant(text))
    )


def refuse_dangerous(text: str, *, length: int, nesting: int) -> None:
    """Raise QueryRefused for a query too long (bytes), too deeply nested, or one that would call another server."""
    if (size := len(text.encode("utf-8", "surrogatepass"))) > length:
        raise QueryRefused(
            N_("The query is too long: %(size)d bytes, at most %(limit)d (INNHERRED_QUERY_LENGTH)."),
            N_("Ask in several queries, or for what many values have in common."),
            size=size,
            limit=length,
            setting="INNHERRED_QUERY_LENGTH",
        )
    _refuse_nesting(text, nesting)
    for reading in _readings(text):
        if "service" in reading.lower():
            _refuse_service(reading)


def _readings(text: str) -> set[str]:
    """Give a query as it stands, and with its escapes by number (SPARQL 1.1 §19.2) taken for what they mean."""
    return {text, _ESCAPE.sub(_character, text)} if "\\" in text else {text}


def _character(match: re.Match[str]) -> str:
    code = int(match.group(1) or match.group(2), 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _refuse_nesting(text: str, limit: int) -> None:
    # Most queries have fewer brackets than may stand in one another: then nothing has to be read.
    if sum(map(text.count, CLOSES)) <= limit and text.upper().count("UNION") <= _UNION_LIMIT:
        return
    depth = unions = 0
    for token in tokens(text):  # one by one: most that is too deep is so soon
        if token.text in CLOSES:
            depth += 1
        elif token.text in CLOSES.values():
            depth -= 1
        elif token.is_word("UNION"):
            unions += 1
        if depth > limit:
            raise QueryRefused(
                N_("The query is nested too deeply: more than %(limit)d brackets (INNHERRED_QUERY_NESTING)."),
                N_("Take brackets away that change nothing, or ask in several queries."),
                limit=limit,
                setting="INNHERRED_QUERY_NESTING",
            )
        if unions > _UNION_LIMIT:
            raise QueryRefused(
                N_("The query has more than %(limit)d UNION."), N_("Use VALUES instead."), limit=_UNION_LIMIT
            )


def _refuse_service(text: str) -> None:
    """Refuse the keyword SERVICE however it is glued to its neighbours (the word occurs somewhere in text)."""
    brackets: list[str] = []
    ambiguous = hidden = False
    before: Token | None = None
    for token in tokens(text):
        if token.kind == "space":
            continue
        bare = token.text.partition(":")[0] if token.kind == "name" else token.text
        if token.kind in ("word", "name") and "service" in bare.lower():
            raise QueryRefused(
                N_("SERVICE is not allowed here: this endpoint asks no other server."),
                N_("Ask that server yourself and join the answers."),
            )
        if token.kind in ("string", "iri", "comment"):
            hidden = hidden or "service" in token.text.lower()
        after_expression = before is not None and (before.kind != "mark" or before.text in (")", "]", "}"))
        if token.kind == "iri" and brackets[-1:] == ["("] and after_expression and re.search(r"[#)]", token.text):
            ambiguous = True  # "(?a <b#> …": the engine may read less-than and a comment
        if token.text in CLOSES and token.kind == "mark":
            brackets.append(token.text)
        elif token.kind == "mark" and token.text in CLOSES.values() and brackets:
            brackets.pop()
        if token.kind != "comment":
            before = token
    if hidden and ambiguous:
        raise QueryRefused(
            N_(
                "The word service and an IRI with # or ) inside brackets together can be read as a call to another "
                "server."
            ),
            N_("Write that IRI as a prefixed name, or bind it outside the brackets."),
        )

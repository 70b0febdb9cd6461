"""The group graph patterns of a query (SPARQL 1.1 §5), as far as advice needs them: variables, predicates, classes.

It reads tokens, not the grammar: what it does not understand it leaves out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final, NamedTuple

from app.query.tokens import Token, significant

# Deeper brackets are not looked into: such a query gets no advice.
_DEPTH: Final = 60
_CLOSING: Final = {")": "(", "}": "{", "]": "["}
_TERMS: Final = ("iri", "name")
AGGREGATES: Final = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
# The last statement ends without a dot.
_END: Final = Token("mark", ".", 0)
_TYPE: Final = ("a", "rdf:type", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>")

# A SELECT of one pattern of IRIs and variables, without anything that has to see all of its rows: what is selected, and
# the pattern.
_TERM: Final = r"""(?:\?\w+|<[^<>"{}|^`\\\x00-\x20]*>|(?:[A-Za-z][A-Za-z0-9]*)?:\w+(?:-\w+)*)"""
_ONE: Final = re.compile(
    rf"""\s*(?:PREFIX\s+(?:[A-Za-z][A-Za-z0-9]*)?:\s*<[^<>"{{}}|^`\\\x00-\x20]*>\s*)*
    SELECT\s+((?:\?\w+\s+){{1,3}})(?:WHERE\s*)?\{{\s*({_TERM})\s+(a|{_TERM})\s+({_TERM})\s*\.?\s*\}}
    \s*(?:LIMIT\s+\d+\s*)?(?:\#[^\r\n]*)?""",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_LONGEST_ONE: Final = 2000


@dataclass(slots=True)
class Brackets(Token):
    """What stands between brackets, as one token whose kind is the opening one."""

    parts: list[Token] = field(default_factory=list)


def is_one_pattern(query: str) -> bool:
    """Say whether a query is one triple pattern whose every match is a row of the answer.

    It never looks without giving, so the bytes of its answer bound what it takes: each row has values for all that is
    selected. False for what is written in an unusual way.
    """
    if len(query) > _LONGEST_ONE or (found := _ONE.fullmatch(query)) is None:
        return False
    selected, *terms = found.groups()
    variables = [each for each in terms if each.startswith("?")]
    return len(variables) == len(set(variables)) and set(selected.split()) <= set(variables)


@dataclass(slots=True)
class Element:
    """One element of a group: its variables, the groups in it, and whether alone it may have many solutions.

    Those it may have when the subject of a pattern is a variable; what filters or binds only joins variables. ``seen``
    says that variables from outside count in its groups.
    """

    variables: set[str]
    large: bool = False
    groups: list["GroupPattern"] = field(default_factory=list)
    seen: bool = True


GroupPattern = list[Element]


class Use(NamedTuple):
    """A class or property that must match for a solution to be: its token, and which of the two it is."""

    token: Token
    is_class: bool


def parts_of(text: str) -> list[Token] | None:
    """Give a query's tokens with brackets nested; None when they are not balanced or too deep."""
    stack = [Brackets("", "", 0)]
    for token in separated(text):
        if token.kind == "mark" and token.text in "({[":
            stack.append(Brackets(token.text, "", token.start))
            if len(stack) > _DEPTH:
                return None
        elif token.kind == "mark" and token.text in _CLOSING:
            closed = stack.pop()
            if closed.kind != _CLOSING[token.text]:
                return None
            stack[-1].parts.append(closed)
        else:
            stack[-1].parts.append(token)
    return stack[0].parts if len(stack) == 1 else None


def patterns_of(parts: list[Token]) -> tuple[GroupPattern, list[Use]]:
    """Give the pattern of a query, and the classes and properties that all its solutions need."""
    uses: list[Use] = []
    before = takewhile(lambda part: not part.is_word("VALUES"), parts)
    groups = [part for part in before if isinstance(part, Brackets) and part.kind == "{"]
    # The last one: before it stands a CONSTRUCT template.
    return _group(groups[-1].parts if groups else [], uses), uses


def variables(parts: list[Token]) -> set[str]:
    """Give the variables and blank node labels in parts, however deep."""
    result: set[str] = set()
    for part in parts:
        if isinstance(part, Brackets):
            result |= variables(part.parts)
        elif part.kind == "variable":
            result.add("?" + part.text[1:])
        elif part.kind == "blank":
            result.add(part.text)
    return result


def separated(text: str) -> Iterator[Token]:
    """Give the significant tokens; a dot that ends a triple does not belong to the name or number before it."""
    for token in significant(text):
        if token.kind in ("name", "number") and token.text.endswith(".") and not token.text.endswith("\\."):
            bare = token.text.rstrip(".")
            yield Token(token.kind, bare, token.start)
            yield Token("mark", ".", token.start + len(bare))
        else:
            yield token


# What is read adds to ``uses`` the classes and properties that any solution needs; for a part that a solution may do
# without that is a list which nobody reads.


def _group(parts: list[Token], uses: list[Use]) -> GroupPattern:
    if parts and parts[0].is_word("SELECT"):
        return _subquery(parts, uses)
    group: GroupPattern = []
    statement: list[Token] = []
    waiting = list(reversed(parts))
    while waiting or statement:
        part = waiting.pop() if waiting else _END
        is_clause = part.is_word("FILTER", "BIND", "VALUES", "MINUS", "OPTIONAL", "GRAPH", "SERVICE")
        if not is_clause and part.kind != "{" and not _is_mark(part, "."):
            statement.append(part)
            continue
        if statement:
            group.append(_statement(statement, uses))
            statement = []
        if isinstance(part, Brackets):
            group.append(_braces([part, *_alternatives(waiting)], uses))
        elif is_clause:
            taken = _until_brackets(waiting, part)
            # A graph's patterns have the graph in common; no advice about what stands inside.
            if part.is_word("OPTIONAL") and taken and isinstance(taken[-1], Brackets):
                group.append(_braces([taken[-1]], []))
            else:
                group.append(Element(variables(taken)))
    return group


def _alternatives(waiting: list[Token]) -> Iterator[Brackets]:
    """Take ``UNION { … }`` as often as it follows."""
    while len(waiting) > 1 and waiting[-1].is_word("UNION") and isinstance(taken := waiting[-2], Brackets):
        del waiting[-2:]
        yield taken


def _until_brackets(waiting: list[Token], word: Token) -> list[Token]:
    """Take what belongs to a keyword: up to its braces, or for an expression its first brackets."""
    ends = ("(", "[", "{") if word.is_word("FILTER", "BIND") else ("{",)
    result: list[Token] = []
    while waiting and not (result and result[-1].kind in ends):
        result.append(waiting.pop())
    return result


def _braces(alternatives: list[Brackets], uses: list[Use]) -> Element:
    groups = [_group(each.parts, uses if len(alternatives) == 1 else []) for each in alternatives]
    elements = [element for group in groups for element in group]
    shared = {name for element in elements for name in element.variables}
    return Element(shared, any(element.large for element in elements), groups)


def _subquery(parts: list[Token], uses: list[Use]) -> GroupPattern:
    """Read a subquery: outside it are the variables it selects; it is taken for a small one."""
    head = list(takewhile(lambda part: part.kind != "{", parts))
    pattern = parts[len(head) : len(head) + 1]
    if not pattern or not isinstance(pattern[0], Brackets):
        return []
    selected = variables(pattern if any(part.text == "*" for part in head) else head)
    return [Element(selected, groups=[_group(pattern[0].parts, uses)], seen=False)]


def _statement(parts: list[Token], uses: list[Use]) -> Element:
    """Read triples that have a subject in common."""
    subject = parts[0]
    _uses(parts[1:], uses)
    if isinstance(subject, Brackets) and subject.kind == "[":
        _uses(subject.parts, uses)
    return Element(variables(parts), large=isinstance(subject, Brackets) or subject.kind in ("variable", "blank"))


def _uses(parts: list[Token], uses: list[Use]) -> None:
    """Read a property list (§19.8, PropertyListPathNotEmpty): ``path object, object; path object``."""
    waiting = list(reversed(parts))
    while path := _path(waiting):
        uses += [Use(step, is_class=False) for step in _steps(path)]
        typed = len(path) == 1 and path[0].text in _TYPE
        while waiting and not _is_mark(part := waiting.pop(), ";"):
            if isinstance(part, Brackets):
                if part.kind == "[":
                    _uses(part.parts, uses)
            elif typed and part.kind in _TERMS:
                uses.append(Use(part, is_class=True))


def _path(waiting: list[Token]) -> list[Token]:
    """Take a verb or property path: steps joined by ``/`` or ``|``, each with ``^ ! * + ?``."""
    result: list[Token] = []
    while waiting:
        result.append(part := waiting.pop())
        if _is_mark(part, "^", "!"):
            continue
        if part.kind == "mark":
            return []  # also ";" without a verb after it
        while waiting and _is_mark(waiting[-1], "*", "+", "?"):
            result.append(waiting.pop())
        if not (waiting and _is_mark(waiting[-1], "/", "|")):
            break
        result.append(waiting.pop())
    return result


def _steps(path: list[Token]) -> Iterator[Token]:
    """Give the properties that each way along a path takes: none of alternatives, negations, optional steps."""
    if any(isinstance(part, Brackets) or _is_mark(part, "|", "!") for part in path):
        return
    for place, part in enumerate(path):
        optional = any(_is_mark(after, "*", "?") for after in path[place + 1 : place + 2])
        if part.kind in _TERMS and not optional:
            yield part


def _is_mark(part: Token, *marks: str) -> bool:
    return part.kind == "mark" and part.text in marks

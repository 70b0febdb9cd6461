"""The group graph patterns of a query (SPARQL 1.1 §5), as far as advice needs them: variables, predicates, classes.

It reads tokens, not the grammar: what it does not understand it leaves out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from app.query.tokens import Token, significant

# Deeper brackets are not looked into: such a query gets no advice.
_DEPTH: Final = 60
_CLOSING: Final = {")": "(", "}": "{", "]": "["}
_TERMS: Final = ("iri", "name")


@dataclass(slots=True)
class Brackets:
    """What stands between brackets: their kind (the opening one) and the parts between."""

    kind: str
    parts: list["Part"] = field(default_factory=list)


Part = Token | Brackets


@dataclass(slots=True)
class Element:
    """One element of a group: its variables, the groups in it, and whether alone it may have many solutions.

    Those it may have when the subject of a pattern is a variable; what filters or binds only joins variables.
    """

    variables: set[str]
    large: bool = False
    groups: list["GroupPattern"] = field(default_factory=list)


@dataclass(slots=True)
class GroupPattern:
    """The elements of one group; ``seen`` says that variables from outside it count inside it."""

    elements: list[Element] = field(default_factory=list)
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Use:
    """A class or property that must match for a solution to be: its token, and which of the two it is."""

    token: Token
    is_class: bool


@dataclass(slots=True)
class Patterns:
    """The groups of a query, and the classes and properties that all solutions need."""

    groups: list[GroupPattern] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)


def parts_of(text: str) -> list[Part] | None:
    """Give a query's tokens with brackets nested; None when they are not balanced or too deep."""
    stack = [Brackets("")]
    for token in _split(text):
        if token.kind == "mark" and token.text in "({[":
            stack.append(Brackets(token.text))
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


def patterns_of(parts: list[Part]) -> Patterns:
    """Give the patterns of a query."""
    found = Patterns()
    before = takewhile(lambda part: isinstance(part, Brackets) or not part.is_word("VALUES"), parts)
    groups = [part for part in before if isinstance(part, Brackets) and part.kind == "{"]
    if groups:  # the last one: before it stands a CONSTRUCT template
        found.groups.append(_group(groups[-1].parts, found, needed=True))
    return found


def variables(parts: list[Part]) -> set[str]:
    """Give the variables and blank node labels in parts, however deep."""
    result: set[str] = set()
    waiting = [parts]
    while waiting:
        for part in waiting.pop():
            if isinstance(part, Brackets):
                waiting.append(part.parts)
            elif part.kind == "variable":
                result.add("?" + part.text[1:])
            elif part.kind == "blank":
                result.add(part.text)
    return result


def _split(text: str) -> Iterator[Token]:
    """Give the significant tokens; a dot that ends a triple does not belong to the name or number before it."""
    for token in significant(text):
        if token.kind in ("name", "number") and token.text.endswith(".") and not token.text.endswith("\\."):
            bare = token.text.rstrip(".")
            yield Token(token.kind, bare, token.start)
            yield Token("mark", ".", token.start + len(bare))
        else:
            yield token


def _group(parts: list[Part], found: Patterns, *, needed: bool) -> GroupPattern:
    """Read a group; with needed, what its patterns name is needed for any solution."""
    group = GroupPattern()
    if parts and isinstance(parts[0], Token) and parts[0].is_word("SELECT"):
        return _subquery(parts, found, needed=needed)
    statement: list[Part] = []
    waiting = list(reversed(parts))

    def end() -> None:
        if statement:
            group.elements.append(_statement(statement.copy(), found, needed=needed))
            statement.clear()

    while waiting:
        part = waiting.pop()
        if isinstance(part, Brackets):
            if part.kind == "{":
                end()
                group.elements.append(_braces([part, *_alternatives(waiting)], found, needed=needed))
            else:
                statement.append(part)
        elif part.is_word("FILTER", "BIND", "VALUES", "MINUS", "OPTIONAL", "GRAPH", "SERVICE"):
            end()
            taken = _until_brackets(waiting, part)
            # A graph's patterns have the graph in common; no advice about what stands inside.
            if part.is_word("OPTIONAL") and taken and isinstance(taken[-1], Brackets):
                group.elements.append(_braces([taken[-1]], found, needed=False))
            else:
                group.elements.append(Element(variables(taken)))
        elif part.kind == "mark" and part.text == ".":
            end()
        else:
            statement.append(part)
    end()
    return group


def _alternatives(waiting: list[Part]) -> list[Brackets]:
    """Take ``UNION { … }`` as often as it follows."""
    result = []
    while len(waiting) > 1 and isinstance(waiting[-1], Token) and waiting[-1].is_word("UNION"):
        if not isinstance(taken := waiting[-2], Brackets):
            break
        del waiting[-2:]
        result.append(taken)
    return result


def _until_brackets(waiting: list[Part], word: Token) -> list[Part]:
    """Take what belongs to a keyword: up to its braces, or for an expression its first brackets."""
    result: list[Part] = []
    braces = not word.is_word("FILTER", "BIND")
    while waiting:
        part = waiting.pop()
        result.append(part)
        if isinstance(part, Brackets) and (part.kind == "{" or not braces):
            break
    return result


def _braces(alternatives: list[Brackets], found: Patterns, *, needed: bool) -> Element:
    groups = [_group(each.parts, found, needed=needed and len(alternatives) == 1) for each in alternatives]
    shared = {name for group in groups for element in group.elements for name in element.variables}
    large = any(element.large for group in groups for element in group.elements)
    return Element(shared, large, groups)


def _subquery(parts: list[Part], found: Patterns, *, needed: bool) -> GroupPattern:
    """Read a subquery: outside it are the variables it selects; it is taken for a small one."""
    head: list[Part] = []
    for part in parts:
        if isinstance(part, Brackets) and part.kind == "{":
            group = _group(part.parts, found, needed=needed)
            group.seen = False
            everything = any(isinstance(each, Token) and each.text == "*" for each in head)
            return GroupPattern([Element(variables([part] if everything else head), groups=[group])])
        head.append(part)
    return GroupPattern()


def _statement(parts: list[Part], found: Patterns, *, needed: bool) -> Element:
    """Read triples that have a subject in common."""
    subject = parts[0]
    if needed:
        _uses(parts[1:], found)
        if isinstance(subject, Brackets) and subject.kind == "[":
            _uses(subject.parts, found)
    is_open = isinstance(subject, Brackets) or subject.kind in ("variable", "blank")
    return Element(variables(parts), large=is_open)


def _uses(parts: list[Part], found: Patterns) -> None:
    """Read a property list (§19.8, PropertyListPathNotEmpty): ``path object, object; path object``."""
    waiting = list(reversed(parts))
    while waiting:
        path = _path(waiting)
        if not path:
            return
        found.uses += [Use(step, is_class=False) for step in _steps(path)]
        typed = len(path) == 1 and isinstance(path[0], Token) and _is_type(path[0])
        while waiting:
            part = waiting.pop()
            if isinstance(part, Brackets):
                if part.kind == "[":
                    _uses(part.parts, found)
            elif part.kind == "mark" and part.text == ";":
                break
            elif typed and part.kind in _TERMS:
                found.uses.append(Use(part, is_class=True))


def _is_type(token: Token) -> bool:
    """Say whether a token is the predicate ``a``, or looks like ``rdf:type``."""
    return token.text in ("a", "rdf:type") or token.text == "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def _path(waiting: list[Part]) -> list[Part]:
    """Take a verb or property path: steps joined by ``/`` or ``|``, each with ``^ ! * + ?``."""
    result: list[Part] = []
    while waiting:
        part = waiting.pop()
        result.append(part)
        if isinstance(part, Token) and part.kind == "mark":
            if part.text in ("^", "!"):
                continue
            return []  # also ";" without a verb after it
        while waiting and _is_mark(waiting[-1], "*", "+", "?"):
            result.append(waiting.pop())
        if not (waiting and _is_mark(waiting[-1], "/", "|")):
            break
        result.append(waiting.pop())
    return result


def _steps(path: list[Part]) -> Iterator[Token]:
    """Give the properties that each way along a path takes: none of alternatives, negations, optional steps."""
    if any(isinstance(part, Brackets) or _is_mark(part, "|", "!") for part in path):
        return
    for place, part in enumerate(path):
        optional = any(_is_mark(after, "*", "?") for after in path[place + 1 : place + 2])
        if isinstance(part, Token) and part.kind in _TERMS and not optional:
            yield part


def _is_mark(part: Part, *marks: str) -> bool:
    return isinstance(part, Token) and part.kind == "mark" and part.text in marks

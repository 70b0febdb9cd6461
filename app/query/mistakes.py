"""What was meant by a query that is no SPARQL 1.1: mistakes of beginners, each a line of a table with its words.

Asked only after the engine has refused a query, of its tokens. It is quiet where it is not sure.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from app.errors import N_
from app.query.patterns import AGGREGATES, Brackets, parts_of, separated, variables
from app.query.tokens import CLOSES, Token

# So much is told of a word of the query.
_LONGEST: Final = 48
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_UPDATES: Final = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH")
_CYPHER: Final = ("MATCH", "MERGE", "UNWIND", "RETURN", "OPTIONAL")
_END: Final = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
_CLAUSES: Final = ("FILTER", "BIND", "VALUES", "OPTIONAL", "MINUS", "GRAPH", "SERVICE", "UNION")
_BRACED: Final = ("OPTIONAL", "MINUS", "UNION", "EXISTS")
_MODIFIERS: Final = ("DISTINCT", "REDUCED")
_TERMS: Final = ("variable", "iri", "name", "string", "number", "blank", "word", "(", "[")
_INSTEAD: Final = {"==": "=", "<>": "!=", "AND": "&&", "OR": "||", "LIKE": 'CONTAINS(?name, "…")', "TOP": "LIMIT 10"}
_VALUES = Mapping[str, str]
_NOTHING: Final = Token("", "", 0)


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say of a query: its code, the English template of its words, and what fills it."""

    code: str
    words: str
    values: Mapping[str, str] = field(default_factory=dict)


class _RefusedQuery:
    """A refused query: its tokens, what each stands directly in, its prologue, its head, its groups."""

    def __init__(self, query: str) -> None:
        self.query, self.tokens = query, list(separated(query))
        self.within: list[str] = []
        self._opened: list[int] = []
        self._ends: dict[int, int] = {}
        self.unbalanced: Token | None = None
        self._nest()
        # The last bracket that nothing closes.
        self.open = self.tokens[self._opened[-1]] if self._opened else None
        self.begin = self._after_prologue()
        self.first = self.tokens[self.begin] if self.begin < len(self.tokens) else None
        self.parts = parts_of(query)

    def _nest(self) -> None:
        for place, token in enumerate(self.tokens):
            mark = token.text if token.kind == "mark" else ""
            if mark in CLOSES.values() and mark and self.unbalanced is None:
                if self._opened and CLOSES[self.tokens[self._opened[-1]].text] == mark:
                    self._ends[self._opened.pop()] = place
                else:
                    self.unbalanced = token
            self.within.append(self.tokens[self._opened[-1]].text if self._opened else "")
            if mark in CLOSES and self.unbalanced is None:
                self._opened.append(place)

    def _after_prologue(self) -> int:
        place = 0
        while place < len(self.tokens) and self.tokens[place].is_word("PREFIX", "BASE"):
            place += 3 if self.tokens[place].is_word("PREFIX") else 2
        return place

    def line(self, token: Token) -> str:
        """Give the line of a token, counted from 1."""
        return str(self.query.count("\n", 0, token.start) + 1)

    def text(self, place: int) -> str:
        """Give what stands at a place, with its brackets where one opens."""
        last = self.tokens[self._ends.get(place, place)]
        return self.query[self.tokens[place].start : last.start + len(last.text)]

    def after(self, place: int) -> Token:
        """Give the token after a place; an empty one at the end."""
        return self.tokens[place + 1] if place + 1 < len(self.tokens) else Token("", "", len(self.query))

    def heads(self) -> Iterator[tuple[int, Token]]:
        """Give what stands between SELECT and its group, not within brackets, however deep that SELECT is."""
        head: str | None = None
        for place, token in enumerate(self.tokens):
            if token.is_word("SELECT"):
                head = self.within[place]
            elif head is not None and self.within[place] == head:
                if token.is_word("WHERE", "FROM") or token.text == "{":
                    head = None
                else:
                    yield place, token

    def groups(self) -> Iterator[list[Token]]:
        """Give the parts of every group of patterns, outer ones first; none while brackets have no other half."""
        waiting = list(reversed(self.parts or ()))
        before: list[Token] = [_NOTHING] * 2
        while waiting:
            part = waiting.pop()
            if isinstance(part, Brackets) and not any(each.is_word("VALUES") for each in before):
                if part.kind == "{":
                    yield part.parts
                waiting += [_NOTHING, _NOTHING, *reversed(part.parts)]
            before = [before[1], part]


def _prefix(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, token in enumerate(reading.tokens):
        if token.is_word("PREFIX"):
            name, address = reading.after(place), reading.after(place + 1)
            if not (name.kind == "name" and name.text.endswith(":") and address.kind == "iri"):
                bare = re.match(r"[^\s:<]*", name.text)
                yield {"prefix": f"{bare.group()[:_LONGEST] if bare else ''}:", "line": reading.line(token)}


def _update(reading: _RefusedQuery) -> Iterator[_VALUES]:
    if reading.first is not None and reading.first.is_word(*_UPDATES):
        yield {"word": reading.first.text.upper()}


def _other_language(reading: _RefusedQuery) -> Iterator[_VALUES]:
    """Look for the words of Cypher, and for FROM with a bare word (SQL): a graph has an IRI or a prefixed name."""
    node = reading.after(reading.begin).text == "("
    if reading.first is not None and (reading.first.is_word(*_CYPHER) or (node and reading.first.is_word("CREATE"))):
        yield {"word": reading.first.text.upper()}
    for place, token in enumerate(reading.tokens):
        after = reading.after(place)
        if token.is_word("FROM") and after.kind == "word" and not after.is_word("NAMED"):
            yield {"word": f"FROM {after.text[:_LONGEST]}"}


def _no_form(reading: _RefusedQuery) -> Iterator[_VALUES]:
    if reading.first is None or not reading.first.is_word(*_FORMS):
        yield {}


def _missing_bracket(reading: _RefusedQuery) -> Iterator[_VALUES]:
    if opened := reading.open:
        yield {"bracket": CLOSES[opened.text], "line": reading.line(opened)}


def _stray_bracket(reading: _RefusedQuery) -> Iterator[_VALUES]:
    if (found := reading.unbalanced) and not reading.open:
        yield {"bracket": found.text, "line": reading.line(found)}


def _sign(signs: str) -> Callable[[_RefusedQuery], Iterator[_VALUES]]:
    def find(reading: _RefusedQuery) -> Iterator[_VALUES]:
        for token in reading.tokens:
            if token.kind == "mark" and token.text in signs:
                yield {"quote": token.text, "line": reading.line(token)}

    return find


def _bare_address(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, token in enumerate(reading.tokens):
        if token.text in ("http:", "https:") and reading.after(place).text == "/":
            written = re.match(r"[^\s{}<>()\"]*", reading.query[token.start :])
            yield {"address": written.group()[:_LONGEST] if written else token.text}


def _unnamed_expression(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, token in reading.heads():
        before, written = reading.tokens[place - 1], reading.text(place)
        alone = before.kind != "word" or before.is_word("SELECT", *_MODIFIERS)
        if token.kind == "word" and reading.after(place).text == "(" and not token.is_word(*_MODIFIERS):
            yield {"expression": (token.text + reading.text(place + 1))[:_LONGEST]}
        elif written[0] == "(" and written[-1] == ")" and alone and not re.search(r"\bAS\b", written, re.IGNORECASE):
            yield {"expression": written[1:-1].strip()[:_LONGEST]}


def _comma(reading: _RefusedQuery) -> Iterator[_VALUES]:
    if any(token.text == "," for _, token in reading.heads()):
        yield {}


def _bare_column(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, token in reading.heads():
        known = token.is_word(*_MODIFIERS, "AS", "TOP", *_END, "BY")
        if token.kind == "word" and not known and reading.after(place).text != "(":
            yield {"word": token.text[:_LONGEST]}


def _ungrouped(reading: _RefusedQuery) -> Iterator[_VALUES]:
    """Look in the outermost SELECT for variables beside aggregates, or GROUP BY, that are not grouped by."""
    parts = reading.parts or []
    at = next((place for place, part in enumerate(parts) if isinstance(part, Brackets) and part.kind == "{"), None)
    if at is None or reading.first is None or not reading.first.is_word("SELECT"):
        return
    head, end = parts[:at], parts[at + 1 :]
    grouped = any(part.is_word("GROUP") for part in end)
    counted = any(each.is_word(*AGGREGATES) for part in head if isinstance(part, Brackets) for each in part.parts)
    by = variables(end)
    for part in head:
        if part.kind == "variable" and (grouped or counted) and "?" + part.text[1:] not in by:
            yield {"variable": part.text[:_LONGEST]}


def _no_braces(reading: _RefusedQuery) -> Iterator[_VALUES]:
    form = reading.first
    if form is not None and form.is_word("SELECT", "ASK") and not any(each.text == "{" for each in reading.tokens):
        yield {"word": "WHERE"}
    for place, token in enumerate(reading.tokens):
        if token.is_word(*_BRACED) and reading.after(place).text != "{":
            yield {"word": token.text.upper()}


def _condition(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, token in enumerate(reading.tokens):
        after = reading.after(place)
        if token.is_word("FILTER", "BIND") and (after.kind in ("variable", "string", "number") or after.text == "!"):
            example = "FILTER (?x > 3)" if token.is_word("FILTER") else "BIND (?x + 3 AS ?y)"
            yield {"word": token.text.upper(), "example": example, "line": reading.line(token)}


def _instead(reading: _RefusedQuery) -> Iterator[_VALUES]:
    """Words and signs of other languages; a word only where one may be taken for it."""
    for place, (token, after) in enumerate(pairwise(reading.tokens)):
        double = token.text == after.text == "=" and token.kind == "mark"
        written = "==" if double else token.text.upper() if token.kind in ("word", "iri") else ""
        inside = reading.within[place] not in ("", "{") if written in ("AND", "OR", "LIKE") else True
        if written in _INSTEAD and inside:
            yield {"written": written, "instead": _INSTEAD[written]}


def _comparison(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, (left, sign) in enumerate(pairwise(reading.tokens)):
        compares = sign.kind == "mark" and sign.text in ("=", "!=", ">", ">=", "<=")
        if compares and left.kind == "variable" and reading.within[place] == "{":
            yield {"example": f"{left.text[:_LONGEST]} {sign.text} …"}


def _bare_word(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, token in enumerate(reading.tokens):
        known = token.is_word(*_CLAUSES, *_FORMS, *_BRACED, *_END, *_INSTEAD, "NOT", "WHERE", "NAMED", "FROM", "BY")
        known = known or token.text == "a" or token.is_word("TRUE", "FALSE", "UNDEF", "ASC", "DESC", "AS", "SILENT")
        known = known or token.is_word(*_MODIFIERS, "LATERAL") or reading.after(place).text == "("
        if token.kind == "word" and reading.within[place] == "{" and not known:
            yield {"word": token.text[:_LONGEST], "line": reading.line(token)}


def _of_terms(whole: Callable[[int], bool]) -> Callable[[_RefusedQuery], Iterator[_VALUES]]:
    def find(reading: _RefusedQuery) -> Iterator[_VALUES]:
        yield from ({"line": reading.line(token)} for token, count in _statements(reading) if not whole(count))

    return find


def _statements(reading: _RefusedQuery) -> Iterator[tuple[Token, int]]:
    """Give statements that are not of three terms: the last term, and their number (4: a dot is missing after it)."""
    for parts in reading.groups():
        if not (parts and parts[0].is_word("SELECT")) and not any(each.text in ("|}", "~", "<<") for each in parts):
            yield from _of_group(parts)


def _of_group(parts: list[Token]) -> Iterator[tuple[Token, int]]:
    count, joined, last = 0, False, _NOTHING
    waits: tuple[str, ...] = ()
    for part in [*parts, Token("mark", ".", 0)]:
        if waits:  # what belongs to a keyword, up to its brackets
            waits = () if part.kind in waits else waits
        elif part.kind == "{" or part.is_word(*_CLAUSES) or part.text == ".":
            if count in (1, 2) and not (count == 1 and last.kind == "["):
                yield last, count
            count, joined = 0, False
            if part.is_word(*_CLAUSES):
                waits = ("(", "{") if part.is_word("FILTER", "BIND") else ("{",)
        elif part.kind == "mark":
            count = {";": 1, ",": 2}.get(part.text, count) if count == 3 else count
            joined = joined or part.text in ("/", "|", "^^")
        elif part.kind in _TERMS:
            if count == 3 and not joined:
                yield last, 4
                count = 0
            count, joined, last = count if joined else count + 1, False, part


def _order(reading: _RefusedQuery) -> Iterator[_VALUES]:
    """Look for what stands after the group in another order than that of the grammar, or before the group."""
    end = (token.text.upper() for token, inside in zip(reading.tokens, reading.within, strict=True) if not inside)
    ranks = [min(_END.index(each), 3) for each in end if each in _END[:5]]  # LIMIT and OFFSET stand in any order
    if ranks != sorted(ranks) or any(token.is_word(*_END) for _, token in reading.heads()):
        yield {}


def _number(reading: _RefusedQuery) -> Iterator[_VALUES]:
    for place, token in enumerate(reading.tokens):
        if token.is_word("LIMIT", "OFFSET") and not reading.after(place).text.isdigit():
            yield {"word": token.text.upper()}


def _semicolon(reading: _RefusedQuery) -> Iterator[_VALUES]:
    if reading.tokens and reading.tokens[-1].text == ";":
        yield {}


_Find = Callable[[_RefusedQuery], Iterable[_VALUES]]
# First what explains most. Only one is told: what follows from it would be told too.
_TABLE: Final[tuple[tuple[str, str, _Find], ...]] = (
    (
        "prefix_form",
        N_("Write a prefix like this: PREFIX %(prefix)s <http://example.org/>. See line %(line)s."),
        _prefix,
    ),
    (
        "other_language",
        N_(
            "%(word)s is of another query language; here it is SPARQL. Begin with: SELECT * WHERE { ?thing "
            "?property ?value } LIMIT 10"
        ),
        _other_language,
    ),
    (
        "read_only",
        N_(
            "%(word)s would change data, and queries only read here. Facts are changed in the files of the content, or "
            "by the forms of this site where editing is open."
        ),
        _update,
    ),
    (
        "no_form",
        N_(
            "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE. Begin with: SELECT * WHERE { ?thing ?property "
            "?value } LIMIT 10. To look for words, use the search."
        ),
        _no_form,
    ),
    ("quotes", N_('Write straight quotation marks (") instead of %(quote)s on line %(line)s.'), _sign("“”„‟«»‘’‚")),
    ("unclosed_string", N_("The quotation mark %(quote)s on line %(line)s has no other half."), _sign("\"'")),
    (
        "missing_bracket",
        N_("A %(bracket)s is missing: what is opened on line %(line)s is not closed."),
        _missing_bracket,
    ),
    (
        "stray_bracket",
        N_("The %(bracket)s on line %(line)s closes nothing. Take it away, or write its other half."),
        _stray_bracket,
    ),
    ("bare_address", N_("Put an address in angle brackets: <%(address)s>"), _bare_address),
    (
        "unnamed_expression",
        N_("Put what is computed in SELECT in brackets, with a name: (%(expression)s AS ?result)"),
        _unnamed_expression,
    ),
    ("comma", N_("Write the variables of SELECT without commas: SELECT ?a ?b"), _comma),
    ("instead", N_("SPARQL has no %(written)s. Write: %(instead)s"), _instead),
    ("bare_column", N_("A variable begins with a question mark: ?%(word)s"), _bare_column),
    (
        "ungrouped",
        N_(
            "%(variable)s is not one value for a whole group. Write at the end, after the last }: GROUP BY %(variable)s"
        ),
        _ungrouped,
    ),
    ("no_braces", N_("Put the patterns after %(word)s in braces: %(word)s { ?thing ?property ?value }"), _no_braces),
    ("condition", N_("Put what follows %(word)s on line %(line)s in brackets: %(example)s"), _condition),
    ("comparison", N_("Put a comparison in a filter: FILTER (%(example)s)"), _comparison),
    (
        "bare_word",
        N_(
            "%(word)s on line %(line)s cannot stand like this. A variable begins with a question mark, a name has "
            'a prefix and a colon, a text is in quotation marks: ?x, ex:x, "x"'
        ),
        _bare_word,
    ),
    (
        "missing_dot",
        N_("A dot is missing on line %(line)s: a pattern is subject, property, value, and a dot before the next one."),
        _of_terms(lambda count: count <= 3),
    ),
    (
        "incomplete",
        N_("The pattern on line %(line)s is not complete. It needs a subject, a property and a value."),
        _of_terms(lambda count: count >= 3),
    ),
    ("order", N_("After the last } write, in this order: GROUP BY, HAVING, ORDER BY, LIMIT and OFFSET."), _order),
    ("number", N_("Write a whole number after %(word)s: %(word)s 10"), _number),
    ("semicolon", N_("A query does not end with a semicolon. Take it away."), _semicolon),
)


def mistake(query: str) -> Remark | None:
    """Give what likely makes a refused query no SPARQL: the first that is found of what is looked for."""
    reading = _RefusedQuery(query)
    found = (Remark(code, words, values) for code, words, find in _TABLE for values in find(reading))
    return next(found, None)

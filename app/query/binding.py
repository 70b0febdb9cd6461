"""The one place where values enter queries: as serialised RDF terms in place of the variable's tokens.

A parameter is an ordinary variable, so a file runs unmodified in any SPARQL editor. Binding replaces every use of the
variable by the term; where the grammar wants a variable it is kept (``SELECT ?x`` becomes ``SELECT (<iri> AS ?x)``).
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from app.errors import BindingError
from app.query.tokens import Token, tokens
from app.terms import BlankNode, Iri, Term, is_absolute_iri, n3

_CLAUSE_WORDS = {"SELECT": "SELECT", "GROUP": "LIST", "ORDER": "LIST", "VALUES": "VALUES"}
_CLAUSE_ENDS = ("WHERE", "FROM", "HAVING", "LIMIT", "OFFSET")


def bind(text: str, values: Mapping[str, Term]) -> str:
    """Give the query with each variable of values (named without ``?``) replaced by its term.

    Raises BindingError when a value is a blank node or no RDF term, or when the query assigns the variable itself
    (``AS ?x``, ``VALUES ?x``).
    """
    terms = {name: _serialised(name, term) for name, term in values.items()}
    if not terms:
        return text
    parts, places = _places(text, frozenset(terms))
    found = list(parts)
    for position, before, name, after in places:
        found[position] = before + terms[name] + after
    return "".join(found)


@lru_cache(maxsize=256)
def _places(text: str, names: frozenset[str]) -> tuple[list[str], list[tuple[int, str, str, str]]]:
    """Give the parts of a query, and which of them each variable's term takes, with what stands around it there."""
    found = _tokens(text)
    parts, places = [token.text for token in found], []
    positions = [i for i, token in enumerate(found) if token.kind not in ("space", "comment")]
    clause, depth, braces = "", 0, 0
    for order, position in enumerate(positions):
        token = found[position]
        clause, depth = _clause(token, clause, depth)
        braces += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "mark" else 0
        name = token.text[1:] if token.kind == "variable" else ""
        if name not in names:
            continue
        before = [found[i] for i in positions[max(order - 2, 0) : order]]
        if clause == "VALUES" or (before and before[-1].is_word("AS")):
            raise BindingError(f"The query assigns ?{name} itself, so no value can be given for it.")
        if len(before) == 2 and before[0].is_word("BOUND") and before[1].text == "(":
            # BOUND takes a variable only; a value that is given is bound.
            parts[positions[order - 2]] = "true"
            parts[positions[order - 1]] = parts[position] = parts[positions[order + 1]] = ""
        elif clause == "SELECT" and depth == 0:
            # In a subquery under another name: the outer query may project the variable itself.
            places.append((position, "(", name, f" AS ?{name if braces == 0 else '_' + name})"))
        elif clause == "LIST" and depth == 0:
            places.append((position, "(", name, ")"))
        else:
            # Spaces, so that the term cannot grow together with what stands beside the variable.
            places.append((position, " ", name, " "))
    return parts, places


def bind_rows(text: str, names: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> str:
    """Give the query with rows in its ``VALUES`` blocks of these variables, in place of what stands there.

    So that the file is valid SPARQL as it stands it has ``VALUES ?thing { UNDEF }`` or, for several variables,
    ``VALUES (?thing ?property) { (UNDEF UNDEF) }``. None in a row is no value. A row with an IRI that a query cannot
    write is left out. Raises BindingError for a blank node and when there is no such block.
    """
    wanted = [f"?{name}" for name in names]
    found = _tokens(text)
    positions = [i for i, token in enumerate(found) if token.kind not in ("space", "comment")]
    block = " ".join(_row(names, row) for row in rows if all(map(_can_be_written, row)))
    parts: list[str] = []
    last = 0
    for order, position in enumerate(positions):
        if not found[position].is_word("VALUES"):
            continue
        opening = next((i for i in positions[order:] if found[i].text == "{"), None)
        closing = next((i for i in positions[order:] if found[i].text == "}"), None)
        if opening is None or closing is None:
            break
        if [found[i].text for i in positions[order:] if i < opening and found[i].kind == "variable"] == wanted:
            parts += [*(token.text for token in found[last : opening + 1]), f" {block} "]
            last = closing
    if not parts:
        raise BindingError(f"The query has no VALUES block of {' '.join(wanted)}.")
    return "".join([*parts, *(token.text for token in found[last:])])


def _row(names: Sequence[str], row: Sequence[Term | None]) -> str:
    terms = ["UNDEF" if term is None else _serialised(name, term) for name, term in zip(names, row, strict=True)]
    return terms[0] if len(terms) == 1 else f"({' '.join(terms)})"


def _can_be_written(term: Term | None) -> bool:
    return not isinstance(term, Iri) or is_absolute_iri(term)


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[Token, ...]:
    """Give the tokens of a query of ours, read once: pages ask the same ones over and over."""
    return tuple(tokens(text))


def _serialised(name: str, term: Term) -> str:
    if isinstance(term, BlankNode):
        raise BindingError(f"?{name}: a blank node has no name outside its document.")
    try:
        return n3(term)
    except ValueError as error:
        raise BindingError(f"?{name}: {error}") from error


def _clause(token: Token, clause: str, depth: int) -> tuple[str, int]:
    """Follow the clause a token stands in and its bracket depth; LIST is GROUP BY or ORDER BY, empty is any other."""
    if token.kind == "word":
        word = token.text.upper()
        if word in _CLAUSE_WORDS and depth == 0:
            return _CLAUSE_WORDS[word], 0
        if word in _CLAUSE_ENDS and depth == 0:
            return "", 0
    elif token.kind == "mark":
        if token.text in "{}":
            return "", 0
        if clause and token.text in "()":
            return clause, depth + (1 if token.text == "(" else -1)
    return clause, depth

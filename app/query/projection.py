"""What a SELECT query gives: the variables after the word, in order (SPARQL 1.1 §16.1)."""

from app.query.tokens import significant


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

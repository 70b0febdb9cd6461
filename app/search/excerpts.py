"""A piece of a text around the words that were searched for, these told apart."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from app.search.folding import terms

_WORD: Final = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_BEFORE: Final = 60
_LENGTH: Final = 220
# Of a longer text the beginning is looked through.
_LONGEST: Final = 20_000

Pieces = tuple[tuple[str, bool], ...]


def excerpt(text: str, searched: Sequence[str]) -> Pieces:
    """Give a piece of text as (piece, whether it is a word searched for); empty when none of the words is there."""
    wanted = tuple(searched)
    found = [
        match.span()  # a word is marked as a whole
        for match in _WORD.finditer(text[:_LONGEST])
        if any(each.startswith(wanted) for each in terms(match.group()))
    ]
    if not found:
        return ()
    start = max(0, found[0][0] - _BEFORE)
    if start:  # at a word
        start = text.find(" ", start, found[0][0]) + 1 or found[0][0]
    end = min(len(text), start + _LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", start, end), found[0][1])
    cuts = [start, *(place for span in found if span[1] <= end for place in span), end]
    # Every second piece is a word; two beside each other have nothing between them.
    pieces = [(text[a:b], number % 2 == 1) for number, (a, b) in enumerate(pairwise(cuts)) if a < b]
    return (*((("… ", False),) if start else ()), *pieces, *(((" …", False),) if end < len(text) else ()))

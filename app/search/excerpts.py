"""A piece of a text around the words that were searched for, these told apart."""

import re
from collections.abc import Sequence
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
    pieces = _marked(text[start:end], [(a - start, b - start) for a, b in found if b <= end])
    return (*((("… ", False),) if start else ()), *pieces, *(((" …", False),) if end < len(text) else ()))


def _marked(text: str, places: Sequence[tuple[int, int]]) -> Pieces:
    pieces, before = [], 0
    for start, end in places:
        if start > before:
            pieces.append((text[before:start], False))
        pieces.append((text[start:end], True))
        before = end
    if before < len(text):
        pieces.append((text[before:], False))
    return tuple(pieces)

"""Texts as a page has room for them: any literal may be a million letters long, or hold what is no letter."""

import re
from typing import Final

from flask import g

from app.entities.labels import NAME_LETTERS

# A text that is read, not a name: a quote, a description. All of them together, on one page.
_TEXT: Final = 4_000
_PAGE: Final = 60_000
# What HTML does not allow in text: control characters but tab and line ends, noncharacters, lone surrogates.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
# Letters written from right to left, and characters that turn the direction.
_TURNS: Final = re.compile(
    "[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]"
)


def brief(text: str, most: int | None = None) -> str:
    """Give as much of a text as there is room for, what HTML forbids replaced.

    ``most`` letters; without it a text that is read, which may take what the page's other long texts have left.
    """
    if len(text) > (most or NAME_LETTERS):
        if most is None:
            room: int = g.setdefault("room", _PAGE)
            most = max(NAME_LETTERS, min(_TEXT, room))
            g.room = room - min(most, len(text))
        text = text if len(text) <= most else text[: most - 1].rstrip() + "…"
    return _FORBIDDEN.sub("\ufffd", text)


def turns(text: str) -> bool:
    """Say whether a text may change the direction of what stands beside it, so that it has to be isolated (bdi)."""
    return not text.isascii() and bool(_TURNS.search(text))

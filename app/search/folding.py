"""Text as searches need it: words as people without the right keyboard type them, order of lists, excerpts."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

# Letters that Unicode does not take apart, so that SQLite's unicode61 keeps them: Norwegian, Sámi, Icelandic, German.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "ø": "o", "đ": "d", "ŧ": "t", "ŋ": "n", "ð": "d", "þ": "th", "ß": "ss", "œ": "oe", "ł": "l"}
)
_WORD: Final = re.compile(r"\w+")
_TERM: Final = re.compile(r"[^\W_]+")
# How æ, ø, å, ä, ö are spelt without their keys. The first letter stands for both, in the index and in what is typed:
# "Blaaoy", "Blaoey" and "Blåøy" are one, and the beginning of a word stays the beginning of what it becomes.
_DIGRAPH: Final = re.compile("aa|ae|oe")
LONGEST_TERM: Final = 64
# After z, in the order of the Norwegian alphabet; Swedish and Danish spellings beside their neighbours.
_AFTER_Z: Final = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"})
_NORDIC: Final = frozenset(("nb", "nn", "no", "da", "sma", "sme", "smj", "se"))
_DIGITS: Final = re.compile(r"\d+")
_LETTERS_KEPT: Final = 4096
# An excerpt: its words with their marks, so many letters before the first one found, so many in all.
_EXCERPT_WORD: Final = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_EXCERPT_BEFORE: Final = 60
_EXCERPT_LENGTH: Final = 220
# Of a longer text the beginning is looked through.
_LONGEST: Final = 20_000
Pieces = tuple[tuple[str, bool], ...]


class _Letters(dict[int, str]):
    """What each character becomes, found out when it is first met; so many are kept."""

    def __init__(self, become: Callable[[str], str]) -> None:
        self._become = become

    def __missing__(self, code: int) -> str:
        found = self._become(chr(code))
        if len(self) < _LETTERS_KEPT:
            self[code] = found
        return found


def _without_marks(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


# Case folding and decomposition look at one character at a time; what they reorder are marks, and these go.
# Compatibility caseless form (Unicode §3.13, D146), then without marks.
_FOLDED: Final = _Letters(
    lambda character: _without_marks(unicodedata.normalize("NFKD", character.casefold()).casefold()).translate(_LETTERS)
)
_PLAIN: Final = _Letters(_without_marks)
_PLAIN_NORDIC: Final = _Letters(lambda character: _without_marks(character.translate(_AFTER_Z)))


def fold(text: str) -> str:
    """Give text in small letters without marks: ``Blåøy`` becomes ``blaoy``."""
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def terms(text: str) -> list[str]:
    """Give the words of a text as the index holds them: folded, each spelling of a letter the same, no other signs."""
    folded = fold(text)
    if "aa" in folded or "ae" in folded or "oe" in folded:
        folded = _DIGRAPH.sub(lambda match: match.group()[0], folded)
    return _TERM.findall(folded)


def words(text: str) -> list[str]:
    """Give the words of what a person typed; signs that FTS5 takes for syntax are no part of words."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def place_in(languages: Sequence[str]) -> Callable[[str], int]:
    """Give what tells the place of a language tag (or "") in the wanted order; no tag comes after all named."""
    places = {language: place for place, language in enumerate(languages)}

    def place(language: str) -> int:
        return places.get(language.partition("-")[0], len(places) if not language else len(places) + 1)

    return place


def sort_key(text: str, language: str | None) -> str:
    """Give a key that sorts text as a reader of the language expects; numbers by size."""
    small = text.lower()
    if not text.isascii():
        nordic = language is None or language.split("-")[0] in _NORDIC
        small = unicodedata.normalize("NFC", text.casefold()).translate(_PLAIN_NORDIC if nordic else _PLAIN)
    return _DIGITS.sub(lambda match: match.group().zfill(12), small)


def excerpt(text: str, searched: Sequence[str]) -> Pieces:
    """Give a piece of text as (piece, whether it is a word searched for); empty when none of the words is there."""
    wanted = tuple(searched)
    found = [
        match.span()  # a word is marked as a whole
        for match in _EXCERPT_WORD.finditer(text[:_LONGEST])
        if any(each.startswith(wanted) for each in terms(match.group()))
    ]
    if not found:
        return ()
    start = max(0, found[0][0] - _EXCERPT_BEFORE)
    if start:  # at a word
        start = text.find(" ", start, found[0][0]) + 1 or found[0][0]
    end = min(len(text), start + _EXCERPT_LENGTH)
    if end < len(text):
        end = max(text.rfind(" ", start, end), found[0][1])
    cuts = [start, *(place for span in found if span[1] <= end for place in span), end]
    # Every second piece is a word; two beside each other have nothing between them.
    pieces = [(text[a:b], number % 2 == 1) for number, (a, b) in enumerate(pairwise(cuts)) if a < b]
    return (*((("… ", False),) if start else ()), *pieces, *(((" …", False),) if end < len(text) else ()))

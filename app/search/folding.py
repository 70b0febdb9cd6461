"""Letters as people without the right keyboard type them, and the alphabet's order for lists."""

import re
import unicodedata
from typing import Final

# Letters that Unicode does not take apart, so that SQLite's unicode61 keeps them: Norwegian, Sámi, Icelandic, German.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "ø": "o", "đ": "d", "ŧ": "t", "ŋ": "n", "ð": "d", "þ": "th", "ß": "ss", "œ": "oe", "ł": "l"}
)
_WORD: Final = re.compile(r"\w+")
# After z, in the order of the Norwegian alphabet; Swedish and Danish spellings beside their neighbours.
_AFTER_Z: Final = str.maketrans({"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}"})
_NORDIC: Final = frozenset(("nb", "nn", "no", "da", "sma", "sme", "smj", "se"))
_DIGITS: Final = re.compile(r"\d+")


def fold(text: str) -> str:
    """Give text in small letters without marks: ``Blåøy`` becomes ``blaoy``."""
    if text.isascii():
        return text.lower()
    # Compatibility caseless form (Unicode §3.13, D146), then without marks.
    small = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    return "".join(character for character in small if not unicodedata.combining(character)).translate(_LETTERS)


def folded_words(text: str) -> str:
    """Give the words of a text that folding may change by more than case, folded: what an index of words lacks."""
    return "" if text.isascii() else " ".join(fold(word) for word in _WORD.findall(text) if not word.isascii())


def words(text: str) -> list[str]:
    """Give the words of what a person typed; signs that FTS5 takes for syntax are no part of words."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def sort_key(text: str, language: str | None) -> str:
    """Give a key that sorts text as a reader of the language expects; numbers by size."""
    if text.isascii():
        return _DIGITS.sub(lambda match: match.group().zfill(12), text.lower())
    small = unicodedata.normalize("NFC", text.casefold())
    if language is None or language.split("-")[0] in _NORDIC:
        small = small.translate(_AFTER_Z)
    plain = "".join(c for c in unicodedata.normalize("NFKD", small) if not unicodedata.combining(c))
    return _DIGITS.sub(lambda match: match.group().zfill(12), plain)

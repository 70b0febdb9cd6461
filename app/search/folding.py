"""Text as searches need it: words as people without the right keyboard type them, order of lists, excerpts."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

# Letters that Unicode does not take apart, so that SQLite's unicode61 keeps them: Norwegian, Sámi, Icelandic, German.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "ø": "o", "đ": "d", "ŧ": "t", "ŋ": "n", "ð": "d", "þ": "th", "ß": "ss", "œ": "oe", "ł": "l"}
    | {"\u0640": ""}  # the Arabic stroke that makes a word longer
)
_WORD: Final = re.compile(r"\w+")
_TERM: Final = re.compile(r"[^\W_]+")
# Scripts without spaces between words: Han, Kana, Thai, Lao, Tibetan, Burmese, Khmer (letters, vowel signs, figures).
_SPACELESS: Final = (
    "\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0ece\u0ed0-\u0edf\u0f00\u0f20-\u0f33"
    "\u0f40-\u0fbc\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u17e0-\u17e9"
)
# Vowel signs of Indic scripts stand in words, though they are no letters (the marks that combine are folded away).
_INDIC: Final = "\u0900-\u0963\u0966-\u0dff"
# Signs that are searched for: §, currencies, arrows, mathematical and other symbols, pictures.
_SYMBOL: Final = "§¶©®°±€£¥₠-⃀←-⏿■-➿⤀-⯿\U0001f000-\U0001faff"
# A word with the signs of its name: C++, C#, .NET.
_SIGNED: Final = re.compile(
    rf"([{_SPACELESS}]+)|((?<![^ (])\.)?((?:[^\W_{_SPACELESS}]|[{_INDIC}])+)(\+\++|[+#]+(?![^\W_]))?|([{_SYMBOL}])"
)
_SPECIAL: Final = re.compile(rf"[{_SPACELESS}{_INDIC}{_SYMBOL}]")
# In the index such signs stand behind the word, whose beginning stays its beginning, in a form where SQLite's tokenizer
# does not split ("ascii": at ASCII signs).
_WIDE: Final = str.maketrans("+#.", "＋＃．")
SIGNS: Final = "＋＃．"
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
_EXCERPT_WORD: Final = re.compile(
    rf"[{_SPACELESS}]|(?:(?<!\S)\.)?[^\W_{_SPACELESS}]+(?:[\u0300-\u036f\u0590-\u06ed{_INDIC}]+[^\W_{_SPACELESS}]*)*[+#]*|[{_SYMBOL}]"
)
_SPACELESS_LETTER: Final = re.compile(f"[{_SPACELESS}]")
_SYMBOLS: Final = re.compile(f"[{_SYMBOL}]")
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
    """Give the words of a text as names are compared: folded, each spelling of a letter the same, no other signs."""
    return plain_terms(signed_terms(text))


def plain_terms(given: Iterable[str]) -> list[str]:
    """Give terms without the signs of names; what is nothing but a sign goes."""
    return [term for each in given if (term := each.rstrip(SIGNS)) and not _SYMBOLS.match(term)]


def signed_terms(text: str) -> list[str]:
    """Give the words of a text as the index holds them: folded, with the signs of their names (``C++``), and symbols.

    What is written without spaces is cut into every two letters beside each other, and the last one: all words that all
    terms of a part of it begin are in the whole.
    """
    folded = fold(text)
    if "aa" in folded or "ae" in folded or "oe" in folded:
        folded = _DIGRAPH.sub(lambda match: match.group()[0], folded)
    signs = "+" in folded or "#" in folded or folded.startswith(".") or " ." in folded or "(." in folded
    if not signs and (folded.isascii() or not _SPECIAL.search(folded)):
        return _TERM.findall(folded)
    found: list[str] = []
    for run, dot, word, signs, symbol in _SIGNED.findall(folded):
        if run:
            found += [run[place : place + 2] for place in range(len(run))]
        elif word and (dot or signs):
            found.append(word + (signs + dot).translate(_WIDE))
        else:
            found.append(word or symbol)
    return found


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
    found = list(_found(text[:_LONGEST], searched))
    if not found:
        return ()
    start = max(0, found[0][0] - _EXCERPT_BEFORE)
    if start and not _SPACELESS_LETTER.match(text, start):  # at a word
        start = text.find(" ", start, found[0][0]) + 1 or found[0][0]
    end = min(len(text), start + _EXCERPT_LENGTH)
    if end < len(text) and not _SPACELESS_LETTER.match(text, end):
        end = max(text.rfind(" ", start, end), found[0][1])
    cuts = [start, *(place for span in found if span[1] <= end for place in span), end]
    # Every second piece is a word; two beside each other have nothing between them.
    pieces = [(text[a:b], number % 2 == 1) for number, (a, b) in enumerate(pairwise(cuts)) if a < b]
    return (*((("… ", False),) if start else ()), *pieces, *(((" …", False),) if end < len(text) else ()))


def _found(text: str, searched: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Give where the words are that begin so, each as a whole; of what has no spaces, the letters searched for."""
    # The last letter of a run that is searched for belongs to the two that end in it.
    ends = {each[1] for each in searched if len(each) == 2 and _SPACELESS_LETTER.match(each)}
    wanted = tuple(each for each in searched if each not in ends)
    start = end = -1
    for match in _EXCERPT_WORD.finditer(text):
        here, past = match.span()
        if _SPACELESS_LETTER.match(text, here):
            both = signed_terms(text[here : here + 2])[:1]
            hit = next((each for each in wanted if both and both[0].startswith(each)), None)
            past = here + len(hit) if hit else past
        else:
            hit = next((each for each in signed_terms(match.group()) if each.startswith(wanted)), None)
        if hit is None:
            continue
        if here > end:
            if end > 0:
                yield start, end
            start = here
        end = max(end, past)
    if end > 0:
        yield start, end

"""Which questions somebody who searches may mean: those that have all the words, but for the name of a thing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.query.files import QueryFile
from app.search.folding import terms
from app.search.lookup import Hit

# A word of so many letters also means what it is the beginning of, and what begins with it: "medlemmer", "medlem".
_STEM: Final = 5
# One word alone means a question only if it is so long.
_TELLING: Final = 6
MOST: Final = 3


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question, with the parameter that a word of the text fills in, and the thing it names."""

    file: QueryFile
    parameter: str | None = None
    thing: Hit | None = None


def asked(text: str, files: Iterable[QueryFile], named: Callable[[str, str], Hit | None]) -> list[AskedQuestion]:
    """Give the questions that a text may mean, the likeliest first.

    ``named`` gives a thing of a class that has all of some words in its name.
    """
    given = terms(text)
    found: list[tuple[tuple[int, int, int, str], AskedQuestion]] = []
    for file in files if given else ():
        for title in file.title.values():
            words = terms(title)
            rest = [each for each in given if not _has(words, each)]
            said = [each for each in given if each not in rest]
            if not said or (len(given) == 1 and len(given[0]) < _TELLING) or (rest and len(said) < 2):
                continue
            meant = _filled(file, " ".join(rest), named) if rest else AskedQuestion(file)
            if meant is not None:
                found.append(((len(rest), len(words), file.order, file.name), meant))
    best: dict[str, AskedQuestion] = {}
    for _, each in sorted(found, key=lambda pair: pair[0]):
        best.setdefault(each.file.name, each)
    return list(best.values())[:MOST]


def _filled(file: QueryFile, rest: str, named: Callable[[str, str], Hit | None]) -> AskedQuestion | None:
    for each in file.parameters:
        if each.kind == "class" and (thing := named(each.target, rest)):
            return AskedQuestion(file, each.name, thing)
    return None


def _has(words: Sequence[str], given: str) -> bool:
    return any(_alike(word, given) for word in words)


def _alike(word: str, given: str) -> bool:
    return (
        word == given
        or (len(given) >= _STEM and word.startswith(given))
        or (len(word) >= _STEM and given.startswith(word))
    )

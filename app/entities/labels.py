"""Labels of many IRIs in one query, in the language asked for or the nearest there is."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from app.config import defaults
from app.content.reading import InputFile, read
from app.namespaces import LABEL_PROPERTIES, PREFIXES, RDF_TYPE, shrink
from app.query.binding import bind_rows
from app.query.library import engine_query, local_name
from app.store.interface import Store
from app.terms import Iri, Literal, Term

_NEIGHBOURS: Final = {"nb": ("nb", "no", "nn"), "nn": ("nn", "no", "nb"), "no": ("no", "nb", "nn")}
_BATCH: Final = 500
# A name is shown up to so many letters: a label may be of any length.
NAME_LETTERS: Final = 300
# What turns the direction of writing or cannot be seen: in a title or an option there is nothing to isolate it with.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Label:
    """A text to show for a thing.

    ``language`` is the text's own (None when it has none); ``foreign`` says that it is not the one asked for;
    ``found`` is False when the data has no label and the text is made from the IRI; ``described`` says that
    it has a class there all the same.
    """

    text: str
    language: str | None = None
    foreign: bool = False
    found: bool = True
    described: bool = False

    def __str__(self) -> str:
        """Give the text as a title has it: at most so long, without characters that turn the direction of writing."""
        short = self.text if len(self.text) <= NAME_LETTERS else self.text[: NAME_LETTERS - 1].rstrip() + "…"
        return short if short.isascii() and short.isprintable() else _UNSEEN.sub(" ", short)


@cache
def preferred_languages(requested: str, content: tuple[str, ...]) -> tuple[str, ...]:
    """Give the order of languages for a page: the requested and its neighbours, the content's own, English."""
    order: list[str] = []
    for language in (requested, *content, "nb", "en"):
        order += [each for each in _NEIGHBOURS.get(language, (language,)) if each not in order]
    return tuple(order)


def rank(language: str | None, languages: Sequence[str]) -> int:
    """Give the place of a language tag in the order; ``nb-NO`` counts as ``nb``, no tag comes after all named."""
    if language is None:
        return len(languages)
    main = language.lower().split("-")[0]
    return languages.index(main) if main in languages else len(languages) + 1


def best(literals: Iterable[Literal], languages: Sequence[str]) -> Label | None:
    """Choose the literal of the most wanted language; equal ones by text, so that the choice is stable."""
    found = min(literals, key=lambda each: (rank(each.language, languages), each.value), default=None)
    return label_of(found, languages) if found else None


def label_of(literal: Literal, languages: Sequence[str]) -> Label:
    """Give a literal as a label, marked when its language is not the wanted one."""
    foreign = literal.language is not None and literal.language.lower().split("-")[0] != languages[0]
    return Label(literal.value, literal.language, foreign)


def from_iri(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> Label:
    """Give a text for a thing without label: its prefixed name, else the last part of its IRI, else all of it."""
    return Label(shrink(iri, prefixes) or local_name(iri) or iri, found=False)


@cache
def standard_names() -> dict[str, list[Literal]]:
    """Give the names of terms of RDF, SKOS, DCTERMS … from ``app/defaults/labels.ttl``: few contents have them."""
    path = defaults() / "labels.ttl"
    file = InputFile(path, path.name, None, "defaults")
    names: dict[str, list[Literal]] = {}
    for (subject, _, value), _ in read(file, "http://localhost/"):
        if isinstance(value, Literal):
            names.setdefault(str(subject), []).append(value)
    return names


class Labels(dict[str, Label]):
    """Labels by IRI; an IRI that was not looked up has the label made from it."""

    def __missing__(self, iri: str) -> Label:
        """Make the label from the IRI."""
        return from_iri(iri)


class Remembered:
    """Labels that were looked up in a store that does not change: the terms of the model are on every page.

    So many are kept; when there are more it begins anew.
    """

    def __init__(self, most: int = 10_000) -> None:
        """Remember nothing yet."""
        self._most = most
        self._labels: dict[tuple[str, Sequence[str]], Label] = {}

    def of(self, iris: Iterable[Iri], languages: Sequence[str]) -> Labels:
        """Give the labels that are remembered."""
        found = ((iri, self._labels.get((iri, languages))) for iri in iris)
        return Labels((iri, label) for iri, label in found if label)

    def keep(self, labels: Mapping[str, Label], languages: Sequence[str]) -> None:
        """Remember labels, but for long ones."""
        short = {(iri, languages): label for iri, label in labels.items() if len(label.text) <= NAME_LETTERS}
        if len(self._labels) + len(short) > self._most:
            self._labels.clear()
        if len(short) <= self._most:
            self._labels.update(short)


def look_up(
    store: Store, terms: Iterable[Term | None], languages: Sequence[str], remembered: Remembered | None = None
) -> Labels:
    """Give the labels of all IRIs among terms. Labels do not depend on the basis: the whole store is asked.

    What is ``remembered`` is not asked for again.
    """
    every = sorted({term for term in terms if isinstance(term, Iri)})
    known = remembered.of(every, tuple(languages)) if remembered else Labels()
    iris = [iri for iri in every if iri not in known]
    found: dict[str, list[tuple[Term, Literal]]] = defaultdict(list)
    typed: set[str] = set()
    for start in range(0, len(iris), _BATCH):
        query = bind_rows(engine_query("engine/labels"), ("thing",), [(iri,) for iri in iris[start : start + _BATCH]])
        for row in store.select(query).rows:
            if row["property"] == RDF_TYPE:
                typed.add(str(row["thing"]))
            elif isinstance(text := row["text"], Literal) and text.value.strip():
                found[str(row["thing"])].append((row["property"], text))

    def order(candidate: tuple[Term, Literal]) -> tuple[int, int, str]:
        # By language first, then by property: a title in the wanted language beats a label in another.
        by, text = candidate
        return rank(text.language, languages), LABEL_PROPERTIES.index(by), text.value

    labels = Labels()
    for iri in iris:
        if iri in found:
            labels[iri] = label_of(min(found[iri], key=order)[1], languages)
        else:
            made = replace(from_iri(iri), described=iri in typed)
            labels[iri] = best(standard_names().get(iri, ()), languages) or made
    if remembered:
        remembered.keep(labels, tuple(languages))
    labels.update(known)
    return labels

"""Pitfalls in what people read: names, labels and definitions."""

import re
from collections import defaultdict
from collections.abc import Iterator

from rdflib import RDFS, SKOS, Literal, URIRef

from .vocabulary import Problem, Vocabulary

LANGUAGES = ("nb", "en")
ANNOTATIONS = (RDFS.label, SKOS.definition)
FEWEST_WORDS = 4


def missing_annotations(v: Vocabulary) -> Iterator[Problem]:
    """P08: a term without exactly one label and one definition in each language."""
    for term in v.terms:
        for annotation in ANNOTATIONS:
            for language in LANGUAGES:
                if len(texts := _texts(v, term, annotation, language)) != 1:
                    yield Problem(term, f"has {len(texts)} of {annotation.fragment} in {language}")


def misused_annotations(v: Vocabulary) -> Iterator[Problem]:
    """P20: a definition that is the label again, is no sentence, or is the same in both languages."""
    for term in v.terms:
        for language in LANGUAGES:
            labels = {_plain(text) for text in _texts(v, term, RDFS.label, language)}
            for text in _texts(v, term, SKOS.definition, language):
                if _plain(text) in labels:
                    yield Problem(term, f"has its label as definition in {language}")
                elif not (text[0].isupper() and text.endswith(".") and len(text.split()) >= FEWEST_WORDS):
                    yield Problem(term, f"has a definition that is no sentence: {text}")
        norwegian, english = (set(_texts(v, term, SKOS.definition, language)) for language in LANGUAGES)
        if norwegian & english:
            yield Problem(term, "has the same definition in both languages")


def mixed_naming(v: Vocabulary) -> Iterator[Problem]:
    """P22: a class not in UpperCamelCase, another term not in lowerCamelCase, or a name that is not English.

    A name counts as English when it shares a word with the English label.
    """
    for term in v.terms:
        name = v.name(term)
        style = r"[A-Z][A-Za-z0-9]*" if term in v.classes else r"[a-z][A-Za-z0-9]*"
        if not re.fullmatch(style, name):
            yield Problem(term, "is written in another style than the rest")
        words = {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)}
        for label in _texts(v, term, RDFS.label, "en"):
            if not words & set(_plain(label).split()):
                yield Problem(term, f"shares no word with its label “{label}”")


def circular_wording(v: Vocabulary) -> Iterator[Problem]:
    """P24, in words: a definition that uses the very label it is to explain."""
    for term in v.terms:
        for language in LANGUAGES:
            for label in _texts(v, term, RDFS.label, language):
                for text in _texts(v, term, SKOS.definition, language):
                    if re.search(rf"\b{re.escape(_plain(label))}\b", text.casefold()):
                        yield Problem(term, f"is explained by “{label}”")


def same_label(v: Vocabulary) -> Iterator[Problem]:
    """P32: two terms with one label."""
    terms: defaultdict[tuple[str, str], set[URIRef]] = defaultdict(set)
    for term in v.terms:
        for language in LANGUAGES:
            for label in _texts(v, term, RDFS.label, language):
                terms[_plain(label), language].add(term)
    for (label, language), sharing in terms.items():
        if len(sharing) > 1:
            yield from (Problem(term, f"shares the label “{label}” ({language})") for term in sharing)


def _texts(v: Vocabulary, term: URIRef, annotation: URIRef, language: str) -> list[str]:
    values = v.graph.objects(term, annotation)
    return [str(value) for value in values if isinstance(value, Literal) and value.language == language]


def _plain(text: str) -> str:
    return text.casefold().strip(" .")

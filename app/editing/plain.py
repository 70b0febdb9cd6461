"""What shapes and checks say, as people read it who write no Turtle: fields and things by name, values as values.

A shape speaks to whoever edits files: *Write inn:rationale at most once, as "2023"^^xsd:gYear*. In a form, a workbook
or a review the same is said as *Write “Rationale” at most once, as 2023*. The words of the shape stay beside it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError

from app.editing.base import Base
from app.editing.conflicts import Side
from app.editing.messages import by_language
from app.editing.proposals import Finding, Proposal
from app.entities.labels import best, preferred_languages
from app.namespaces import PREFIXES, RDF_TYPE, iris
from app.terms import XSD, Iri, Literal

_PATH, _NAME, _PROPERTY = iris("sh:path sh:name sh:property")
_QUOTES: Final = {"nb": ("«", "»"), "nn": ("«", "»"), "en": ("“", "”")}
# In words of English “an” stands before a vowel; a term in a message is with its article replaced.
_TERM: Final = re.compile(
    r"""(?P<article>\b[Aa]n?\ )?(?:
    "(?P<value>[^"\n]*)"\^\^(?:[A-Za-z][\w-]*:\w+|<[^<>\s]+>)
    | <(?P<iri>[A-Za-z][\w+.-]*:[^<>\s"]+)>
    | (?P<bare>https?://[^\s<>"«»“”]*[\w/#])
    | (?<![\w:/.#@-])(?P<name>[A-Za-z][\w-]*:\w[\w-]*)(?!/|:\w)
    )""",
    re.VERBOSE,
)


# What a language tag is for who fills in a field.
_TAGGED: Final = re.compile(r"(?:med språkmerket|with the language tag) @([a-z]{2,3})\b")
# A term by itself in brackets, behind the word for it.
_ASIDE: Final = re.compile(r" \(([A-Za-z][\w-]*:\w[\w-]*)\)")


class Plain:
    """Tells findings by the names that a content, with proposals for it, has for fields, terms and things."""

    def __init__(self, base: Base, proposals: Sequence[Proposal] = ()) -> None:
        """Look at what the files say with the proposals; nothing is changed."""
        without, plus = ([each for p in proposals for each in getattr(p, part)] for part in ("removed", "added"))
        self._side = Side(base, without, plus)
        self._content = base.content
        self._prefixes = {**PREFIXES, **base.content.prefixes}
        self._types: dict[Iri, set[str]] = defaultdict(set)
        self._names: dict[Iri, list[tuple[frozenset[Iri], Literal]]] = defaultdict(list)
        self._told: dict[tuple[str, str, Iri], str] = {}
        for subject, predicate, value in base.model:
            if predicate == RDF_TYPE:
                self._types[Iri(subject)].add(str(value))
        self._read_fields(base)

    def finding(self, found: Finding) -> Finding:
        """Give a finding as people read it; what the shape or the check itself says is then its ``technical``."""
        told = {language: self.text(words, language, Iri(found.code)) for language, words in found.messages.items()}
        return found if told == found.messages else replace(found, messages=told, technical=found.messages)

    def text(self, words: str, language: str, shape: Iri | None = None) -> str:
        """Give a message in plain words of its language; of fields with several names the shape's own is taken."""
        key = words, language, shape or Iri("")
        if key not in self._told:
            without = _ASIDE.sub(lambda found: "" if self._says_nothing(found[1], language) else found[0], words)
            named = _TERM.sub(lambda found: self._said(found, language, key[2]), without)
            self._told[key] = _TAGGED.sub(lambda found: _in_language(found, language), named)
        return self._told[key]

    def _read_fields(self, base: Base) -> None:
        """Note what the fields of properties are called, each with the shapes that have the field."""
        paths = {Iri(s): o for s, p, o in base.shapes if p == _PATH and isinstance(o, Iri)}
        holders: dict[str, set[Iri]] = defaultdict(set)
        for subject, predicate, value in base.shapes:
            if predicate == _PROPERTY:
                holders[str(value)].add(Iri(subject))
        beside = {
            each: {Iri(own) for own, of in holders.items() if each in of} for of in holders.values() for each in of
        }
        for subject, predicate, value in base.shapes:
            if predicate == _NAME and isinstance(value, Literal) and (path := paths.get(Iri(subject))):
                around = (beside[holder] for holder in holders[subject])
                self._names[path].append((frozenset({Iri(subject), *holders[subject]}.union(*around)), value))

    def _said(self, found: re.Match[str], language: str, shape: Iri) -> str:
        article = found["article"] or ""
        if found["value"] is not None:
            return article + found["value"]
        term = found["iri"] or found["bare"] or self._expanded(found["name"])
        name = self._name(Iri(term), language, shape) if term else None
        if name is None:
            return article + (found["iri"] or found[0][len(article) :])
        if article and language == "en":
            first = name.lstrip("“")[:1].lower()
            article = f"{article[0]}{'n' if first in 'aeiou' else ''} "
        return article + name

    def _says_nothing(self, name: str, language: str) -> bool:
        """Say whether a term in brackets tells people no more than the word before it."""
        term = self._expanded(name)
        return term is not None and (term.startswith(XSD) or self._name(Iri(term), language, Iri("")) is None)

    def _expanded(self, name: str) -> str | None:
        prefix, _, local = name.partition(":")
        return self._prefixes[prefix] + local if prefix in self._prefixes else None

    def _name(self, term: Iri, language: str, shape: Iri) -> str | None:
        """Give the name of a term, in quotation marks where it is that of a field or a thing; None without one."""
        languages = preferred_languages(language, self._content.dataset.languages)
        if term in self._names:
            return _quoted(self._field(self._names[term], languages, shape), language)
        if term.startswith(XSD):
            return _datatypes().get(term.removeprefix(XSD), {}).get(language)
        label = self._side.label(term, languages)
        if not label.found:
            return None
        types = self._types.get(term)
        if types and not any(each.endswith("Property") for each in types):
            return str(label)
        local = re.split(r"[/#]", term)[-1]
        plain = not types and local[:1].isupper() and not term.startswith(self._content.base)
        return str(label) if plain else _quoted(str(label), language)

    @staticmethod
    def _field(names: Sequence[tuple[frozenset[Iri], Literal]], languages: Sequence[str], shape: Iri) -> str:
        own = [name for shapes, name in names if shape in shapes] or [name for _, name in names]
        common = Counter(own)
        label = best(sorted(common, key=lambda each: (-common[each], each.value)), languages)
        return str(label) if label else own[0].value


def _in_language(found: re.Match[str], language: str) -> str:
    try:
        name = Locale.parse(found[1]).get_display_name(language)
    except (UnknownLocaleError, ValueError):
        return found[0]
    return f"{'in' if language == 'en' else 'på'} {name}" if name else found[0]


def _quoted(text: str, language: str) -> str:
    opening, closing = _QUOTES.get(language, _QUOTES["en"])
    return f"{opening}{text}{closing}"


@cache
def _datatypes() -> Mapping[str, Mapping[str, str]]:
    names = ("gYear", "gYearMonth", "date", "integer", "decimal", "string", "boolean", "anyURI")
    return {each: by_language(f"datatype-{each}") for each in names}

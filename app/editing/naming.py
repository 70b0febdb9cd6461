"""Names to things, never a guess: what somebody calls a thing that is there or new, and how new ones are called."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from app.editing.base import Base, folded
from app.editing.literals import plain
from app.editing.messages import by_language, either, error, excerpt, quoted
from app.editing.proposals import Finding
from app.editing.tables import Column, Table
from app.entities.labels import preferred_languages
from app.namespaces import RDF_TYPE
from app.query.library import local_name
from app.terms import Iri, Literal, Term, is_absolute_iri

_WITH_TAIL = re.compile(r"(.+) \(([^()\s]+)\)\Z")


@dataclass(slots=True)
class NewThings:
    """The things that are new in a proposal, by their names: cells may name them like those that are there."""

    classes: dict[Iri, frozenset[Iri]] = field(default_factory=dict)
    names: dict[str, list[Iri]] = field(default_factory=dict)

    def add(self, iri: Iri, classes: frozenset[Iri], names: Iterable[str]) -> None:
        """Note a new thing: its class with all above it, and its names."""
        self.classes[iri] = classes
        for name in dict.fromkeys(map(folded, names)):
            self.names.setdefault(name, []).append(iri)

    def named(self, text: str) -> list[Iri]:
        """Give the new things of a name, however it is spelt."""
        return self.names.get(folded(text), [])


NOTHING_NEW: Final = NewThings()


def name_of(term: Term, base: Base, language: str) -> str:
    """Give the name of a term on one line, an IRI itself where it has none."""
    label = base.label(term, preferred_languages(language, base.content.dataset.languages))
    text = " ".join(plain(label.text).split())
    return text if label.found and text else str(term)


def names_of(term: Term, base: Base) -> dict[str, str]:
    """Give the names of a term in the languages of messages."""
    return {tag: name_of(term, base, tag) for tag in ("nb", "en")}


def may_be(iri: Iri, column: Column, base: Base, new: NewThings = NOTHING_NEW) -> bool:
    """Say whether a link of a column may lead to a thing: one of its classes, and of its pattern."""
    if column.pattern and not re.search(column.pattern, iri):
        return False
    classes = base.classes(iri) or new.classes.get(iri, frozenset())
    return not classes.isdisjoint(column.classes) if column.classes else bool(classes)


def link_name(iri: Iri, column: Column, base: Base, language: str) -> str:
    """Give what a cell shows of a link: its name, with the tail of the IRI where another thing has the same name."""
    name = name_of(iri, base, language)
    if name == iri or found(name, column, base) == [iri]:
        return name
    for written in (f"{name} ({local_name(iri)})", f"{name} ({'/'.join(iri.rsplit('/', 2)[-2:])})"):
        if found(written, column, base) == [iri]:
            return written
    return str(iri)


def found(text: str, column: Column, base: Base, new: NewThings = NOTHING_NEW) -> list[Iri]:
    """Give the things that a text may mean in a column: one, or those that it cannot tell apart.

    By label as it is spelt, else by label however it is spelt, else by other names and ids, else by the tail of the
    IRI, the IRI, or a name with the tail in brackets. Where any thing may stand, that may be an IRI of somebody else.
    """
    wanted = plain(text)
    key = folded(wanted)
    own = [each for each in new.named(wanted) if may_be(each, column, base, new)]
    named = [each for each in base.named(wanted) if may_be(each, column, base)]
    labels = {each: [label.value for label in base.labels(each)] for each in named}
    tiers = (
        [each for each in named if any(plain(label) == wanted for label in labels[each])],
        [each for each in named if any(folded(label) == key for label in labels[each])],
        named,
    )
    if chosen := next((each for each in tiers if each), []):
        return sorted({*chosen, *own})
    if own:
        return sorted(own)
    return _by_iri(wanted, column, base, new)


def _by_iri(text: str, column: Column, base: Base, new: NewThings) -> list[Iri]:
    known = {*base.statements, *new.classes}
    if is_absolute_iri(text):
        theirs = (
            not column.classes and text.startswith(("http://", "https://")) and not text.startswith(base.content.base)
        )
        fitting = theirs and (not column.pattern or re.search(column.pattern, text))
        return [Iri(text)] if fitting or (text in known and may_be(Iri(text), column, base, new)) else []
    if match := _WITH_TAIL.match(text):
        named = {*base.named(match[1]), *new.named(match[1])}
        inside = [each for each in named if _ends(each, match[2])]
    else:
        inside = [each for each in known if _ends(each, text)] if " " not in text else []
    return sorted(each for each in inside if may_be(each, column, base, new))


def _ends(iri: str, text: str) -> bool:
    return iri.endswith((f"/{text}", f"#{text}"))


def link(
    text: str, column: Column, base: Base, language: str, new: NewThings = NOTHING_NEW
) -> tuple[Iri | None, Finding | None]:
    """Read what somebody wrote as a link: the thing, or what is wrong and what to write."""
    candidates = found(text, column, base, new)
    if len(candidates) == 1:
        return candidates[0], None
    quoted_text = excerpt(text)
    if candidates:
        ways = [f"{excerpt(_called(each, base, new, language))} ({local_name(each)})" for each in candidates[:5]]
        return None, error("ambiguous-name", quoted=quoted_text, ways=either(ways))
    others = [each for each in base.named(text) if each in base.statements]
    if not others and is_absolute_iri(text) and text in base.statements:
        others = [Iri(text)]
    if others:
        kinds = [names_of(each, base) for each in column.classes]
        wanted = by_language("write-name-of", kinds=either(kinds)) if kinds else ""
        return None, error("wrong-class", quoted=quoted_text, kind=_are(others[0], base), wanted=wanted)
    near = [quoted(each) for each in _near(text, column, base, new)]
    nearest = by_language("nearest", names=either(near)) if near else ""
    return None, error("unknown-name", quoted=quoted_text, nearest=nearest)


def choice(text: str, column: Column, base: Base) -> tuple[Term | None, Finding | None]:
    """Read what somebody wrote as one of the choices of a column: by label in any language, by its tail or IRI."""
    key = folded(text)

    def names(term: Term) -> Iterable[str]:
        if isinstance(term, Iri):
            yield from (label.value for label in base.labels(term))
            yield local_name(term)
        yield str(term)

    fitting = [each for each in column.choices if any(folded(name) == key for name in names(each))]
    if len(fitting) == 1:
        return fitting[0], None
    choices = either([quoted(names_of(each, base)) for each in column.choices[:12]])
    return None, error("no-choice", text=excerpt(text), choices=choices)


def _are(thing: Iri, base: Base) -> dict[str, str]:
    """Give the names of the classes of a thing by language."""
    kinds = [names_of(Iri(str(each.value)), base) for each in base.values(thing, RDF_TYPE)]
    return {tag: " / ".join(sorted({each[tag] for each in kinds})) for tag in ("nb", "en")}


def _called(iri: Iri, base: Base, new: NewThings, language: str) -> str:
    own = (name for name, things in new.names.items() if iri in things)
    return name_of(iri, base, language) if iri in base.statements else next(own, str(iri))


def _near(text: str, column: Column, base: Base, new: NewThings) -> list[str]:
    """Give the names of up to three things that a text is nearly the name of."""
    things = {each for each in base.statements if may_be(each, column, base)}
    own = [name for name, named in new.names.items() if any(may_be(each, column, base, new) for each in named)]
    near = difflib.get_close_matches(folded(text), [*base.names(things), *own], n=3, cutoff=0.7)

    def spelt(name: str) -> str:
        labels = (label.value for thing in base.named(name) for label in base.labels(thing))
        return next((each for each in labels if folded(each) == name), name)

    return [excerpt(spelt(each)) for each in near]


# Of so many things it is learnt how things of a class are called.
_EXAMPLES = 200
# What two links of a thing are joined by in a text, with the links' keys: "{participant} i {activity}".
Pattern = tuple[str, ...]


class Relations:
    """How things of a table are called by what they join, learnt from those that are there."""

    def __init__(self, base: Base, table: Table) -> None:
        """Learn it. Without things to learn from there is no way to call them."""
        self._base = base
        self.links = [each for each in table.columns if each.kind == "link" and each.required and not each.many]
        self._things = base.things(table.cls)[:_EXAMPLES] if len(self.links) > 1 else []
        self._slugs = self._commonest(
            (_iri_pattern(joined, thing) for thing, joined in self._joined()), len(self._things)
        )
        self._labels: dict[str, Pattern | None] = {}
        self._kind = table.kind

    @property
    def learnt(self) -> bool:
        """Say whether things of the table are called after what they join."""
        return self._slugs is not None

    def labels(self, joined: Mapping[str, Iri], names: Mapping[Iri, Mapping[str, str]]) -> list[Literal]:
        """Give the labels of a new thing by what it joins (by column); ``names`` has things' names by language."""
        found = []
        for language in self._base.content.dataset.languages:
            if language not in self._labels:
                self._labels[language] = self._label_pattern(language)
            pattern = self._labels[language]
            texts = {key: self._name(thing, language, names) for key, thing in joined.items()}
            if pattern and (text := _filled(pattern, texts)):
                found.append(Literal(text, language))
        return found

    def iri(self, joined: Mapping[str, Iri], name: str, taken: Collection[Iri]) -> Iri:
        """Give the IRI of a new thing by what it joins, else by its name."""
        tails = {key: local_name(thing) for key, thing in joined.items()}
        text = _filled(self._slugs, tails) if self._slugs else None
        return self._base.mint(self._kind, text or name, taken)

    def _joined(self) -> Iterator[tuple[Iri, dict[str, Iri]]]:
        for thing in self._things:
            values = {each.key: self._base.values(thing, each.property) for each in self.links}
            yield (
                thing,
                {
                    key: Iri(found[0].value)
                    for key, found in values.items()
                    if found and isinstance(found[0].value, Iri)
                },
            )

    def _label_pattern(self, language: str) -> Pattern | None:
        def patterns() -> Iterator[Pattern | None]:
            for thing, joined in self._joined():
                texts = {key: self._name(each, language, {}) for key, each in joined.items()}
                own = [each.value for each in self._base.labels(thing) if each.language == language]
                yield _pattern(own[0], texts) if own else None

        return self._commonest(patterns(), 0)

    def _name(self, thing: Iri, language: str, names: Mapping[Iri, Mapping[str, str]]) -> str:
        known = names.get(thing) or {each.language or "": each.value for each in reversed(self._base.labels(thing))}
        return known.get(language) or next((known[e] for e in self._base.content.dataset.languages if e in known), "")

    @staticmethod
    def _commonest(patterns: Iterator[Pattern | None], of: int) -> Pattern | None:
        """Give the commonest pattern; ``of``: only if at least a third of so many have it."""
        counts = Counter(each for each in patterns if each)
        found = min(counts, key=lambda each: (-counts[each], each), default=None)
        return found if found and counts[found] * 3 >= of else None


def _iri_pattern(joined: Mapping[str, Iri], thing: Iri) -> Pattern | None:
    return _pattern(local_name(thing), {key: local_name(each) for key, each in joined.items()})


def _pattern(text: str, parts: Mapping[str, str]) -> Pattern | None:
    """Give a text as (key, what stands between, key) when it is two of the parts with something between."""
    for first, start in parts.items():
        for last, end in parts.items():
            if first != last and start and end and text.startswith(start) and text.endswith(end):
                between = text[len(start) : len(text) - len(end)]
                if len(start) + len(end) < len(text) and len(between) <= 20:
                    return first, between, last
    return None


def _filled(pattern: Pattern, texts: Mapping[str, str]) -> str | None:
    first, between, last = pattern
    return f"{texts[first]}{between}{texts[last]}" if texts.get(first) and texts.get(last) else None

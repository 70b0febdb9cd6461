"""A proposal in words: paragraphs of sentences of values, as plain text, and as lines of Turtle.

No text here is HTML: whoever renders it escapes it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from typing import Literal as OneOf

from app.editing.base import Base
from app.editing.conflicts import Kind
from app.editing.literals import visible
from app.editing.messages import text
from app.editing.proposals import Proposal, Statement
from app.namespaces import shrink
from app.terms import Iri, Literal, Term, n3

Deed = OneOf["changed", "new", "withdrawn"]
DEEDS: Final[tuple[Deed, ...]] = ("changed", "new", "withdrawn")


@dataclass(frozen=True, slots=True)
class ToldValue:
    """A value as people read it, and who says it: ``voice``, ``certainty``, ``sources``, ``rationale`` in words.

    ``language`` is the tag of a text that has one. ``alternatives`` are what it may be instead.
    """

    term: Term
    text: str
    language: str | None = None
    voice: str = ""
    certainty: str = ""
    sources: tuple[str, ...] = ()
    rationale: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """What becomes of a property of a thing, in a language when its values have one: values that go, values that come.

    ``statements`` are those that it tells of.
    """

    thing: Iri
    name: str
    kind: str
    deed: Deed
    predicate: Iri
    property_name: str
    before: tuple[ToldValue, ...]
    after: tuple[ToldValue, ...]
    statements: tuple[Statement, ...]

    @property
    def told(self) -> tuple[ToldValue, ...]:
        """Give the values that say who says it: those that come, else those that go."""
        return self.after or self.before

    @property
    def voices(self) -> tuple[str, ...]:
        """Give who says it, each once."""
        return tuple(dict.fromkeys(each.voice for each in self.told if each.voice))

    @property
    def certainties(self) -> tuple[str, ...]:
        """Give how sure it is, each degree once."""
        return tuple(dict.fromkeys(each.certainty for each in self.told if each.certainty))


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What becomes of a thing: ``text`` says it in one sentence, ``sentences`` the rest.

    ``voices`` and ``certainties`` are those of all that is said here. ``statements`` are all that it tells of, also
    those that stand in its text (a relation, a source) or with a value (a claim).
    """

    thing: Iri
    name: str
    kind: str
    deed: Deed
    text: str
    sentences: tuple[Sentence, ...]
    voices: tuple[str, ...]
    certainties: tuple[str, ...]
    statements: tuple[Statement, ...]
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict in words: ``text`` says what has happened; the values that the sender saw, those now, those wanted."""

    kind: Kind
    thing: Iri
    name: str
    predicate: Iri
    property_name: str
    text: str
    base: tuple[ToldValue, ...]
    theirs: tuple[ToldValue, ...]
    mine: tuple[ToldValue, ...]


@dataclass(frozen=True, slots=True)
class FileDifference:
    """What a proposal takes out of a file ("-") and puts into it ("+"): lines of Turtle without its prefixes."""

    file: str
    lines: tuple[tuple[str, str], ...]


def phrase(name: str, language: str, *parts: object) -> str:
    """Give a phrase that proposals are told with, in a language."""
    return text(f"told {name}", language, *parts)


def headline(told: Iterable[Paragraph], language: str) -> str:
    """Say in one line how many things are changed, new and withdrawn."""
    counts = Counter(each.deed for each in told if each.counted)
    said = [phrase(f"{min(counts[each], 2)} {each}", language, counts[each]) for each in DEEDS if counts[each]]
    return ", ".join(said) or phrase("nothing", language)


def as_text(told: Iterable[Paragraph], language: str) -> str:
    """Give paragraphs as plain text, each with its sentences indented below it."""
    lines = []
    for paragraph in told:
        lines.append(paragraph.text)
        alike = len(paragraph.voices) == 1 and len(paragraph.certainties) <= 1
        if alike:
            lines += [f"  {each}" for each in _said(paragraph, language)]
        for sentence in paragraph.sentences:
            first, *others = f"{sentence.property_name}: {change(sentence, language)}".split("\n")
            lines += [f"  {first}", *(f"    {each}" for each in others)]
            lines += [f"    {each}" for each in ([] if alike else _said(sentence, language))]
            lines += [f"    {each}" for each in _reasons(sentence.told, language)]
    return "\n".join(lines)


def dispute_text(dispute: Dispute, language: str) -> str:
    """Give a conflict as plain text: what has happened, and the three values below it."""
    lines = [dispute.text]
    if dispute.kind == "changed":
        sides = (("seen", dispute.base), ("now", dispute.theirs), ("wanted", dispute.mine))
        lines.append(f"  {dispute.property_name}")
        for name, values in sides:
            text = "; ".join(each.text for each in values) or phrase("none", language)
            lines.append("    " + phrase(name, language, text).replace("\n", "\n      "))
    return "\n".join(lines)


def change(sentence: Sentence, language: str) -> str:
    """Say what becomes of a property: old → new; of what is new or withdrawn the values alone.

    Where another says it now, or it is less or more sure, that stands behind the values.
    """
    before, after = sentence.before, sentence.after
    if before and after:
        telling = [
            name
            for name in ("voice", "certainty")
            if {getattr(each, name) for each in before} != {getattr(each, name) for each in after}
        ]
        return " → ".join("; ".join(_with(each, telling) for each in side) for side in (before, after))
    texts = "; ".join(each.text for each in (after or before))
    if sentence.deed == "changed":
        return phrase("added" if after else "removed", language, texts)
    return texts


def turtle_difference(base: Base, proposal: Proposal) -> list[FileDifference]:
    """Give what changes in each file, in order, as lines of Turtle in the prefixes of the content."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for sign, statements in (("-", proposal.removed), ("+", proposal.added)):
        for *terms, file in statements:
            line = " ".join(_written(each, base) for each in terms if isinstance(each, (Iri, Literal)))
            found[file].append((sign, f"{line} ."))
    return [
        FileDifference(file, tuple(sorted(lines, key=lambda each: (each[1].split(" ")[:2], each[0] == "+", each[1]))))
        for file, lines in sorted(found.items())
    ]


def _with(value: ToldValue, telling: Iterable[str]) -> str:
    said = ", ".join(each for name in telling if (each := getattr(value, name)) and each != value.text)
    return f"{value.text} ({said})" if said else value.text


def _said(told: Paragraph | Sentence, language: str) -> Iterator[str]:
    parts = (("says", told.voices), ("certainty", told.certainties))
    said = [phrase(name, language, ", ".join(texts)) for name, texts in parts if texts]
    if said:
        yield f"{'. '.join(said)}."


def _reasons(values: Iterable[ToldValue], language: str) -> Iterator[str]:
    for value in values:
        if value.rationale:
            yield phrase("reason", language, value.rationale)
        if value.alternatives:
            yield phrase("instead", language, ", ".join(value.alternatives))


def _written(term: Term, base: Base) -> str:
    prefixes = base.content.prefixes
    if isinstance(term, Literal) and not term.language and (kind := shrink(term.datatype, prefixes)):
        plain = n3(Literal(term.value))
        return visible(plain if kind == "xsd:string" else f"{plain}^^{kind}")
    try:
        return visible((shrink(term, prefixes) if isinstance(term, Iri) else None) or n3(term))
    except ValueError:  # no file can hold it: whoever keeps the proposal tells
        return visible(repr(str(term)))

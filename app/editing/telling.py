"""Telling a proposal thing by thing: old and new values by name, who says it, how sure it is and why.

Nothing of a proposal is left out: every statement of it is in one of the paragraphs.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from app.editing.base import Base
from app.editing.conflicts import ABOUT_CLAIMS, Attribution, Conflict, Side, conflicts
from app.editing.literals import literal_text, visible
from app.editing.proposals import Proposal, Statement
from app.editing.tables import Column, Table, tables
from app.editing.words import DEEDS, Deed, Dispute, Paragraph, Sentence, ToldValue, phrase
from app.entities.labels import Label, best, from_iri, preferred_languages
from app.namespaces import (
    CERTAINTY,
    DCTERMS_SOURCE,
    LABEL_PROPERTIES,
    RDF_OBJECT,
    RDF_PREDICATE,
    RDF_SUBJECT,
    RDF_TYPE,
    STATED,
    shrink,
)
from app.terms import Iri, Literal, Term, n3

# What is longer has a line of its own.
_SHORT: Final = 80
# What a claim is, and what it is about: told by the words of the sentence.
_FRAME: Final = (RDF_TYPE, RDF_SUBJECT, RDF_PREDICATE, RDF_OBJECT, *LABEL_PROPERTIES)


class Telling:
    """Tells a proposal in a language."""

    def __init__(self, base: Base, proposal: Proposal, language: str) -> None:
        """Look at the files before and after."""
        self._base, self._proposal, self._language = base, proposal, language
        self._languages = preferred_languages(language, base.content.dataset.languages)
        self._before, self._after = Side.before(base, proposal), Side.after(base, proposal)
        self._tables: Mapping[Iri, Table] = tables(base)
        self._relations = {part.table for table in self._tables.values() for part in table.parts}
        self._graphs = f"{base.content.base}graph/"
        self._removed, self._added = frozenset(proposal.removed), frozenset(proposal.added)
        # Our reading has the same source as what it reads: who states it is named by it.
        voices = base.voices()
        self._speakers = Counter(each.source for each in voices)
        self._stating = Counter(each.source for each in voices if each.certainty == STATED)

    def paragraphs(self) -> list[Paragraph]:
        """Give the paragraphs: what is changed, then what is new, then what is withdrawn."""
        about: dict[Iri, list[Statement]] = defaultdict(list)
        folded: dict[Statement, list[Statement]] = defaultdict(list)
        for statement in dict.fromkeys((*self._proposal.removed, *self._proposal.added)):
            thing, carrier = self._place(statement)
            if carrier is None:
                about[thing].append(statement)
            else:
                folded[carrier].append(statement)
        found = [self._paragraph(thing, statements, folded) for thing, statements in about.items()]
        return sorted(
            found, key=lambda each: (not each.counted, DEEDS.index(each.deed), each.kind, each.name, each.thing)
        )

    def dispute(self, conflict: Conflict) -> Dispute:
        """Give a conflict with names and texts."""
        thing, predicate = conflict.subject, conflict.predicate
        sides = (conflict.base, conflict.theirs, conflict.mine)
        every = dict.fromkeys(each for side in sides for each in side)
        texts = _distinct({each: self._text(each) for each in every}, self._base.content.prefixes)
        base, theirs, mine = (
            tuple(ToldValue(each, texts[each], getattr(each, "language", None)) for each in side) for side in sides
        )
        first = next(iter(every), None)
        name = self._name(thing)
        return Dispute(
            kind=conflict.kind,
            thing=thing,
            name=name,
            predicate=predicate,
            property_name=self._property_name(thing, predicate, first),
            text=phrase(f"conflict {conflict.kind}", self._language, name),
            base=base,
            theirs=theirs,
            mine=mine,
        )

    def _place(self, statement: Statement) -> tuple[Iri, Statement | None]:
        """Give the thing that a statement is told of, and of a claim the statement of the proposal that carries it."""
        for side, own in ((self._after, self._added), (self._before, self._removed)):
            if about := side.claimed(statement.subject):
                graph = side.graph(statement.file)
                same = (each for each in own if each[:3] == about and side.graph(each.file) == graph)
                folded = statement.predicate in (*_FRAME, *ABOUT_CLAIMS)
                return about[0], next(same, None) if folded else None
        return statement.subject, None

    def _paragraph(
        self, thing: Iri, statements: Sequence[Statement], folded: Mapping[Statement, list[Statement]]
    ) -> Paragraph:
        deed = self._deed(thing)
        side = self._before if deed == "withdrawn" else self._after
        types = [] if thing.startswith(self._graphs) else side.types(thing)
        kind = ", ".join(self._name(each) for each in types)
        is_graph = thing.startswith(self._graphs)
        kind = kind or phrase("graph" if is_graph else "thing", self._language)
        name = self._name(thing)
        groups: dict[tuple[Iri, str | None, Iri | None], list[Statement]] = defaultdict(list)
        for each in statements:
            claim = each.subject if each.subject != thing else None
            tag = each.value.language if isinstance(each.value, Literal) else None
            groups[each.predicate, tag, claim].append(each)
        every = [
            self._sentence((thing, name, kind, deed), predicate, claim, own)
            for (predicate, _, claim), own in groups.items()
        ]
        every = [each for each in every if not self._is_frame(each, every)]
        every.sort(key=self._order)
        aside = self._aside(thing, deed, types, is_graph=is_graph)
        shown, brackets = [], []
        for sentence in every:
            words = self._in_brackets(sentence, aside, name)
            if words is None:
                shown.append(sentence)
            elif words:
                brackets.append(words)
        text = f"{kind[:1].upper()}{kind[1:]} {phrase(deed, self._language)}: {name}"
        carried = [each for own in statements for each in folded.get(own, ())]
        return Paragraph(
            thing=thing,
            name=name,
            kind=kind,
            deed=deed,
            text=f"{text} ({', '.join(dict.fromkeys(brackets))})" if brackets else text,
            sentences=tuple(shown),
            voices=tuple(dict.fromkeys(voice for each in every for voice in each.voices)),
            certainties=tuple(dict.fromkeys(degree for each in every for degree in each.certainties)),
            statements=(*statements, *carried),
            counted=not is_graph,
        )

    def _deed(self, thing: Iri) -> Deed:
        if not self._before.is_there(thing):
            return "new"
        gone = self._before.types(thing) and not self._after.types(thing)
        return "withdrawn" if gone or not self._after.is_there(thing) else "changed"

    def _is_frame(self, sentence: Sentence, every: Sequence[Sentence]) -> bool:
        """Say whether a sentence only says what a new or withdrawn claim is about, while others tell of it."""
        subject, predicate, *_ = sentence.statements[0]
        if subject == sentence.thing or predicate not in _FRAME:
            return False
        whole = not (self._before.is_there(subject) and self._after.is_there(subject))
        return whole and any(
            each.statements[0].subject == subject and each.statements[0].predicate in ABOUT_CLAIMS for each in every
        )

    def _aside(self, thing: Iri, deed: Deed, types: Sequence[Iri], *, is_graph: bool) -> str:
        """Say what of a thing stands in its text: of what is changed "nothing", else its "name" and kind at least.

        Of a "relation" also what it relates, of a "source" (or the description of a graph) all that is short.
        """
        if deed == "changed":
            return "nothing"
        side = self._before if deed == "withdrawn" else self._after
        if any(self._base.superclasses(each) & self._relations for each in types):
            return "relation"
        is_source = any(self._base.pointing(thing, DCTERMS_SOURCE)) or any(
            each.value == thing and each.predicate == DCTERMS_SOURCE for each in (*self._removed, *self._added)
        )
        return "source" if is_graph or (is_source and side.types(thing) and deed == "new") else "name"

    def _in_brackets(self, sentence: Sentence, aside: str, name: str) -> str | None:
        """Give what of a sentence stands in the text of its thing; nothing when its text says it; None: not there."""
        predicate, values = sentence.predicate, sentence.told
        texts = [each.text for each in values]
        named = f"{_lower(sentence.property_name)}: {'; '.join(texts)}"
        both = sentence.before and sentence.after
        if aside == "nothing" or sentence.statements[0].subject != sentence.thing or both:
            return None
        if sentence.deed == "withdrawn" and sentence.after:
            return None  # what is said of it from now on
        if predicate == RDF_TYPE or (predicate in LABEL_PROPERTIES and texts == [name]):
            return ""
        if predicate == CERTAINTY and aside != "name" and texts == list(sentence.certainties):
            return ""  # told with who says it
        if aside == "relation" and predicate != DCTERMS_SOURCE and all(isinstance(each.term, Iri) for each in values):
            return ", ".join(each for each in texts if each not in name)
        short = not any(each.language for each in values) and sum(map(len, texts)) <= _SHORT
        return named if aside == "source" and short else None

    def _sentence(
        self, about: tuple[Iri, str, str, Deed], predicate: Iri, claim: Iri | None, own: Sequence[Statement]
    ) -> Sentence:
        before = [(each, self._before) for each in own if each in self._removed]
        after = [(each, self._after) for each in own if each in self._added]
        texts = _distinct({each.value: self._text(each.value) for each in own}, self._base.content.prefixes)
        thing = about[0]
        property_name = self._property_name(thing, predicate, own[0].value)
        told = predicate
        if claim and (claimed := self._after.claimed(claim) or self._before.claimed(claim)):
            _, told, value = claimed
            property_name = f"{self._property_name(thing, told, value)}: {self._text(value)} – {property_name}"
        return Sentence(
            *about,
            told,
            property_name,
            tuple(self._value(each, side, texts) for each, side in before),
            tuple(self._value(each, side, texts) for each, side in after),
            tuple(own),
        )

    def _value(self, statement: Statement, side: Side, texts: Mapping[Term, str]) -> ToldValue:
        said = side.attribution(statement)
        voice = self._voice(side, said)
        value = statement.value
        reason = best(said.rationale, self._languages)
        return ToldValue(
            term=value,
            text=texts[value],
            language=value.language if isinstance(value, Literal) else None,
            voice=voice,
            certainty=self._name(said.certainty) if said.certainty else "",
            sources=tuple(self._text(each) for each in said.sources),
            rationale=visible(reason.text) if reason else "",
            alternatives=tuple(self._text(each) for each in said.alternatives),
        )

    def _voice(self, side: Side, said: Attribution) -> str:
        """Name who says it: the source of a graph that is alone in having it, or in stating it, else the graph."""
        if said.graph is None:
            return ""
        sources = side.of_graph(said.graph, DCTERMS_SOURCE)
        stating = STATED in side.of_graph(said.graph, CERTAINTY)
        speakers = self._stating if stating else self._speakers
        if len(sources) == 1 and isinstance(sources[0], Iri) and speakers[sources[0]] <= 1:
            return self._name(sources[0])
        return self._name(said.graph)

    def _label(self, term: Iri) -> Label | None:
        found = (side.label(term, self._languages) for side in (self._after, self._before))
        return next((each for each in found if each.found), None)

    def _name(self, term: Iri) -> str:
        if found := self._label(term):
            return str(found)
        owner, mark, part = term.partition("#")
        if mark and (found := self._label(Iri(owner))):
            return f"{found}: {visible(part)}"  # a part of a thing, such as its geometry
        return visible(str(from_iri(term, self._base.content.prefixes)))

    def _text(self, term: Term) -> str:
        if isinstance(term, Literal):
            return literal_text(term, self._language)
        found = self._label(Iri(term))
        # An address has no name: all of it is shown, for the end of it may be like another's.
        return str(found) if found else visible(shrink(term, self._base.content.prefixes) or term)

    def _property_name(self, thing: Iri, predicate: Iri, value: Term | None) -> str:
        tag = value.language if isinstance(value, Literal) else None
        column = self._column(thing, predicate, tag)
        if column:
            return column.heading(self._language)
        name = self._name(predicate)
        return f"{name} ({tag})" if tag else name

    def _column(self, thing: Iri, predicate: Iri, tag: str | None) -> Column | None:
        types = (*self._after.types(thing), *self._before.types(thing))
        above = sorted(
            {cls for each in types for cls in self._base.superclasses(each) if cls in self._tables},
            key=lambda cls: (-len(self._base.superclasses(cls)), cls),
        )
        key = f"{predicate}@{tag}" if tag else str(predicate)
        columns = (self._tables[cls].column(key) for cls in above)
        return next((each for each in columns if each), None)

    def _order(self, sentence: Sentence) -> tuple[bool, bool, float, str, str]:
        first = sentence.statements[0].value
        tag = first.language if isinstance(first, Literal) else None
        column = self._column(sentence.thing, sentence.predicate, tag)
        return (
            sentence.predicate not in LABEL_PROPERTIES,
            sentence.predicate in (CERTAINTY, DCTERMS_SOURCE),
            column.order if column else float("inf"),
            sentence.property_name,
            str(first),
        )


def _distinct(texts: Mapping[Term, str], prefixes: Mapping[str, str]) -> Mapping[Term, str]:
    """Make the texts of different terms differ: what looks alike is shown with what it differs in."""
    often = Counter(texts.values())
    if max(often.values(), default=0) < 2:
        return texts
    return {
        term: text if often[text] < 2 else f"{text} [{visible(_technical(term, prefixes), spaces=True)}]"
        for term, text in texts.items()
    }


def _technical(term: Term, prefixes: Mapping[str, str]) -> str:
    if isinstance(term, Literal):
        kind = shrink(term.datatype, prefixes) or term.datatype
        return f"{term.value} @{term.language}" if term.language else f"{term.value} {kind}"
    return shrink(term, prefixes) or n3(term)


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def paragraphs(base: Base, proposal: Proposal, language: str) -> list[Paragraph]:
    """Tell a proposal thing by thing in a language: what is changed, then what is new, then what is withdrawn.

    It may be accepted already: what it took out of the files is told as well as what it is still to take out.
    """
    return Telling(base, proposal, language).paragraphs()


def sentences(base: Base, proposal: Proposal, language: str) -> list[Sentence]:
    """Give the sentences of all paragraphs."""
    return [sentence for each in paragraphs(base, proposal, language) for sentence in each.sentences]


def disputes(base: Base, proposal: Proposal, language: str) -> list[Dispute]:
    """Tell the conflicts of a proposal with the files as they are (``conflicts``)."""
    found = conflicts(base, proposal)
    telling = Telling(base, proposal, language) if found else None
    return [telling.dispute(each) for each in found] if telling else []

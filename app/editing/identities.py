"""Answering the questions of a proposal: what an answer brings goes in, what no answer brings stays out; in words.

An answer may be changed until the proposal is decided about. What was found by the checks before is found anew.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from typing import Literal as OneOf

from app.editing.base import Base, folded
from app.editing.drawer import Drawer, DrawerError, StateChanged, now
from app.editing.literals import visible
from app.editing.messages import text
from app.editing.proposals import Proposal
from app.editing.statements import Evidence, IdentityQuestion, MeantThing, Statement
from app.entities.labels import best, preferred_languages
from app.namespaces import DCTERMS_SOURCE, LABEL_PROPERTIES, RDF_TYPE
from app.terms import Iri, Literal

# Answers that are no thing: none of the candidates, and none yet.
NONE: Final = "none"
LATER: Final = ""
_UNDECIDED: Final = ("open", "failed")
# So many new things are named by what they are.
_NAMED: Final = 8


def answer(drawer: Drawer, name: str, answers: Mapping[str, str], role: str, seen: str | None = None) -> Proposal:
    """Answer questions by name: with the IRI of a candidate, NONE or LATER; give the proposal as it is then.

    ``seen`` is the mark of the answers that were there when these were given. Raises DrawerError for what is no
    question or answer of this proposal, StateChanged when it is decided about.
    """
    with drawer.lock():
        proposal = drawer.get(name)
        if proposal.state not in _UNDECIDED:
            raise StateChanged(proposal)
        if seen is not None and seen != mark(proposal):
            raise DrawerError("answered-meanwhile")
        known = {each.name: each for each in proposal.questions}
        for question, given in answers.items():
            if question not in known:
                raise DrawerError("question-unknown", name=name, question=visible(question[:40]))
            if given not in (NONE, LATER, *(each.thing for each in known[question].candidates)):
                raise DrawerError("answer-unknown", question=question, answer=visible(given[:200]))
        questions = tuple(
            _answered(each, answers[each.name], role) if each.name in answers else each for each in proposal.questions
        )
        if questions == proposal.questions:
            return proposal
        answered = replace(_with(proposal, questions), findings=None)
        drawer.put(answered)
        return answered


def mark(proposal: Proposal) -> str:
    """Give a mark of the answers of a proposal: another as soon as one of them is another."""
    given = "\n".join(f"{each.name} {_given(each)}" for each in proposal.questions)
    return hashlib.sha256(given.encode()).hexdigest()[:12]


def _given(question: IdentityQuestion) -> str:
    """Give an answer as a form sends it: an IRI, NONE or LATER."""
    return (question.chosen or NONE) if question.time else LATER


def _answered(question: IdentityQuestion, given: str, role: str) -> IdentityQuestion:
    chosen = None if given in (NONE, LATER) else Iri(given)
    if given == _given(question):
        return question
    if given == LATER:
        return replace(question, time="", role="", chosen=None)
    return replace(question, time=now(), role=role, chosen=chosen)


def _with(proposal: Proposal, questions: tuple[IdentityQuestion, ...]) -> Proposal:
    """Give a proposal with answers in the place of others.

    What is certain is what no candidate brings: candidates were compared with it, and repeat nothing of it.
    """
    every = [each for question in proposal.questions for each in question.candidates]
    chosen = [each for question in questions if (each := question.choice)]

    def side(own: Iterable[Statement], perhaps: Iterable[Statement], wanted: Iterable[Statement]) -> list[Statement]:
        hung = frozenset(perhaps)
        return list(dict.fromkeys([*(each for each in own if each not in hung), *wanted]))

    removed = side(
        proposal.removed, (s for each in every for s in each.removed), (s for each in chosen for s in each.removed)
    )
    added = side(proposal.added, (s for each in every for s in each.added), (s for each in chosen for s in each.added))
    seen = {
        place: values for bases in (*(each.bases for each in every), proposal.bases) for place, values in bases.items()
    }
    places = dict.fromkeys((each.subject, each.predicate) for each in (*removed, *added))
    return replace(
        proposal,
        removed=tuple(removed),
        added=tuple(added),
        bases={place: seen[place] for place in places if place in seen},
        questions=questions,
    )


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a register says of what it names, beside what we say: does it speak for it, against it, or is it unknown."""

    text: str
    speaks: OneOf["for", "against", "unknown"]


@dataclass(frozen=True, slots=True)
class ToldCandidate:
    """A candidate in words: its name and kind, what speaks for it and against it, what a yes would bring."""

    thing: Iri
    name: str
    kind: str
    reasons: tuple[Likeness, ...]
    brings: tuple[str, ...]
    more: int
    count: int


@dataclass(frozen=True, slots=True)
class ToldQuestion:
    """A question in words, where the register says it, and its candidates; ``answer`` is as a form sends it."""

    question: IdentityQuestion
    text: str
    records: str
    candidates: tuple[ToldCandidate, ...]

    @property
    def answer(self) -> str:
        """Give the answer: an IRI, NONE or LATER."""
        return _given(self.question)


class Wording:
    """Tells questions in a language."""

    def __init__(self, base: Base, language: str) -> None:
        """Look at the files."""
        self._base, self._language = base, language
        self._languages = preferred_languages(language, base.content.dataset.languages)

    def question(self, question: IdentityQuestion) -> ToldQuestion:
        """Tell a question."""
        candidates = tuple(self._candidate(question, each) for each in question.candidates)
        single = len(candidates) == 1
        numbers, rest = ", ".join(map(str, question.records)), question.count - len(question.records)
        return ToldQuestion(
            question,
            text(
                "asked one" if single else "asked several",
                self._language,
                written=visible(question.written),
                name=candidates[0].name,
            ),
            text(
                "asked more records" if rest > 0 else "asked records",
                self._language,
                numbers=numbers,
                more=rest,
                table=visible(question.table),
            ),
            candidates,
        )

    def _candidate(self, question: IdentityQuestion, candidate: MeantThing) -> ToldCandidate:
        thing = candidate.thing
        kinds = [value for stated in self._base.values(thing, RDF_TYPE) if isinstance(value := stated.value, Iri)]
        reasons = [reason for each in question.evidence for reason in self._reasons(thing, each)]
        if question.named and (ours := self._own_name(thing, question.written)):
            reasons.insert(0, Likeness(self._text("asked name", ours=visible(ours)), "for"))
        brings = list(self._brings(candidate))
        return ToldCandidate(
            thing,
            self._name(thing),
            ", ".join(self._name(each) for each in kinds),
            tuple(reasons),
            tuple(brings[:_NAMED]),
            max(0, len(brings) - _NAMED),
            len(candidate.added) + len(candidate.removed),
        )

    def _reasons(self, thing: Iri, evidence: Evidence) -> Iterator[Likeness]:
        label = evidence.labels.get(self._language) or next(iter(evidence.labels.values()), "")
        for value in evidence.values:
            said = {"label": visible(label), "value": visible(value)}
            if evidence.property is not None:
                ours = [str(stated.value) for stated in self._base.values(thing, evidence.property)]
                if value in ours:
                    yield Likeness(self._text("asked same", **said), "for")
                elif ours:
                    yield Likeness(self._text("asked other", **said, ours=visible(", ".join(ours))), "against")
                else:
                    yield Likeness(self._text("asked unknown", **said), "unknown")
            elif found := self._beside(thing, value):
                yield Likeness(self._text("asked beside", **said, ours=found), "for")
            else:
                yield Likeness(self._text("asked unknown", **said), "unknown")

    def _own_name(self, thing: Iri, written: str) -> str:
        values = (stated.value for said in self._base.statements.get(thing, {}).values() for stated in said)
        wanted = folded(written)
        return next((str(each) for each in values if isinstance(each, Literal) and folded(str(each)) == wanted), "")

    def _beside(self, thing: Iri, value: str) -> str:
        """Give the thing, or one that it is said to belong with, in whose name there are these words."""
        said = self._base.statements.get(thing, {})
        near = (
            stated.value
            for predicate, values in said.items()
            for stated in values
            if isinstance(stated.value, Iri) and predicate not in (RDF_TYPE, DCTERMS_SOURCE)
        )
        wanted = set(folded(value).split())
        for each in (thing, *near):
            if any(wanted <= set(folded(str(label)).split()) for label in self._base.labels(each)):
                return self._name(each)
        return ""

    def _brings(self, candidate: MeantThing) -> Iterator[str]:
        """Name the new things that a yes would bring, with their kinds; those of the register itself are left out."""
        sources = {each.value for each in candidate.added if each.predicate == DCTERMS_SOURCE}
        kinds: dict[Iri, list[str]] = {}
        labels: dict[Iri, list[Literal]] = {}
        for subject, predicate, value, _file in candidate.added:
            if predicate == RDF_TYPE and isinstance(value, Iri) and subject not in sources:
                kinds.setdefault(subject, []).append(self._name(value))
            elif predicate in LABEL_PROPERTIES and isinstance(value, Literal):
                labels.setdefault(subject, []).append(value)
        for subject, named in kinds.items():
            yield f"{', '.join(named)}: {visible(str(best(labels.get(subject, ()), self._languages) or subject))}"

    def _name(self, term: Iri) -> str:
        return visible(str(self._base.label(term, self._languages)))

    def _text(self, name: str, **values: str) -> str:
        return text(name, self._language, **values)

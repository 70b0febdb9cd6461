"""A proposal against the files: both sides of it without a file being written, conflicts three ways, and its inverse.

Compared is by thing, property and language: who changed another property or language is in nobody's way.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from typing import Literal as OneOf

from app.content.folders import graph_of
from app.editing.base import Base, Stated
from app.editing.proposals import Proposal, Statement
from app.editing.voices import REPLACED_BY
from app.entities.labels import Label, best, standard_names
from app.errors import ContentError
from app.namespaces import (
    ALTERNATIVE,
    CERTAINTY,
    CLAIM,
    DCTERMS_SOURCE,
    LABEL_PROPERTIES,
    RATIONALE,
    RDF_OBJECT,
    RDF_PREDICATE,
    RDF_SUBJECT,
    RDF_TYPE,
    iris,
)
from app.terms import Iri, Literal, Term

# What is said of a claim: who, how sure, why. All else in it says what it is about.
ABOUT_CLAIMS: Final = (CERTAINTY, RATIONALE, DCTERMS_SOURCE, ALTERNATIVE)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who says a statement (a graph), how sure it is, by what sources, why, and what it may be instead.

    Of certainty and sources, each for itself, the nearest word counts: the claim's, the subject's, the graph's.
    """

    graph: Iri | None
    certainty: Iri | None = None
    sources: tuple[Term, ...] = ()
    rationale: tuple[Literal, ...] = ()
    alternatives: tuple[Term, ...] = ()


class Side:
    """What the files say without some statements and with others."""

    def __init__(self, base: Base, without: Iterable[Statement], plus: Iterable[Statement]) -> None:
        """Look at what a base says; it is not changed."""
        self.base = base
        self._without = frozenset(without)
        self._plus: dict[Iri, dict[Iri, list[Stated]]] = defaultdict(lambda: defaultdict(list))
        self._claims: dict[tuple[Term, Term, Term], list[Iri]] = defaultdict(list)
        self._graphs = {file.name: file.graph for file in base.content.rdf("data")}
        self._types: dict[Iri, list[Iri]] = {}
        self._described: dict[tuple[Iri, Iri], list[Term]] = {}
        self._labels: dict[tuple[Term, Sequence[str]], Label] = {}
        for subject, predicate, value, file in plus:
            self._plus[subject][predicate].append(Stated(value, file))
        for subject in self._plus:
            self._note_claim(subject)

    @classmethod
    def before(cls, base: Base, proposal: Proposal) -> "Side":
        """Look at what the files say without a proposal, also when it has been accepted since."""
        return cls(base, proposal.added, proposal.removed)

    @classmethod
    def after(cls, base: Base, proposal: Proposal) -> "Side":
        """Look at what the files say with a proposal."""
        return cls(base, proposal.removed, proposal.added)

    def values(self, subject: Iri, predicate: Iri) -> list[Stated]:
        """Give what is stated of a thing by a property, each once."""
        there = self.base.values(subject, predicate)
        kept = (each for each in there if Statement(subject, predicate, *each) not in self._without)
        plus = self._plus[subject][predicate] if subject in self._plus else ()
        return list(dict.fromkeys((*kept, *plus)))

    def terms(self, subject: Iri, predicate: Iri, graph: Iri | None = None) -> list[Term]:
        """Give the values of a property, of all graphs or of one."""
        stated = self.values(subject, predicate)
        return list(dict.fromkeys(each.value for each in stated if graph in (None, self.graph(each.file))))

    def is_there(self, thing: Iri) -> bool:
        """Say whether anything is stated of a thing."""
        return any(self.values(thing, each) for each in {*self.base.statements.get(thing, ()), *self._of(thing)})

    def types(self, thing: Iri) -> list[Iri]:
        """Give the classes that are stated of a thing."""
        if thing not in self._types:
            self._types[thing] = [each for each in self.terms(thing, RDF_TYPE) if isinstance(each, Iri)]
        return self._types[thing]

    def graph(self, file: str) -> Iri | None:
        """Give the graph of a file of the data, be it there already or not."""
        if file not in self._graphs:
            try:
                self._graphs[file] = graph_of(file, self.base.content.base)
            except ContentError:  # no such file can be written; whoever writes it tells
                self._graphs[file] = None
        return self._graphs[file]

    def of_graph(self, graph: Iri, predicate: Iri) -> list[Term]:
        """Give what is said of a graph by a property: in the description of the dataset, else in the files."""
        if (graph, predicate) not in self._described:
            told = [o for s, p, o in self.base.described if s == graph and p == predicate]
            self._described[graph, predicate] = told or self.terms(graph, predicate)
        return self._described[graph, predicate]

    def label(self, term: Term, languages: Sequence[str]) -> Label:
        """Give the name of a term in the most wanted language, as ``Base.label`` does; of a standard its own name."""
        key = term, tuple(languages)
        if key not in self._labels:
            self._labels[key] = self._label(term, languages)
        return self._labels[key]

    def attribution(self, statement: Statement) -> Attribution:
        """Give who says a statement, and how sure it is."""
        subject, predicate, value, file = statement
        graph = self.graph(file)
        claim = self.claim(subject, predicate, value, graph)
        near = [each for each in (claim, subject) if each]
        certainties = [self.terms(each, CERTAINTY, graph) for each in near]
        sources = [self.terms(each, DCTERMS_SOURCE, graph) for each in near]
        if graph:
            certainties.append(self.of_graph(graph, CERTAINTY))
            sources.append(self.of_graph(graph, DCTERMS_SOURCE))
        reasons = self.terms(claim, RATIONALE) if claim else []
        return Attribution(
            graph,
            next((each for found in certainties for each in found if isinstance(each, Iri)), None),
            tuple(next((found for found in sources if found), ())),
            tuple(each for each in reasons if isinstance(each, Literal)),
            tuple(self.terms(claim, ALTERNATIVE)) if claim else (),
        )

    def claim(self, subject: Iri, predicate: Iri, value: Term, graph: Iri | None) -> Iri | None:
        """Give the claim of a graph about a statement."""
        there = [each for each, _ in self.base.pointing(subject, RDF_SUBJECT)]
        for claim in (*self._claims[subject, predicate, value], *there):
            wanted = ((RDF_SUBJECT, subject), (RDF_PREDICATE, predicate), (RDF_OBJECT, value))
            if all(each in self.terms(claim, by, graph) for by, each in wanted):
                return claim
        return None

    def claimed(self, claim: Iri) -> tuple[Iri, Iri, Term] | None:
        """Give what a claim is about; None for what is no claim, or none that can be read."""
        if CLAIM not in self.types(claim):
            return None
        subject, predicate, value = (
            next(iter(self.terms(claim, each)), None) for each in (RDF_SUBJECT, RDF_PREDICATE, RDF_OBJECT)
        )
        if isinstance(subject, Iri) and isinstance(predicate, Iri) and value is not None:
            return subject, predicate, value
        return None

    def _of(self, thing: Iri) -> Iterable[Iri]:
        return list(self._plus[thing]) if thing in self._plus else ()

    def _note_claim(self, subject: Iri) -> None:
        if about := self.claimed(subject):
            self._claims[about].append(subject)

    def _label(self, term: Term, languages: Sequence[str]) -> Label:
        if isinstance(term, Iri):
            own = [each for by in LABEL_PROPERTIES for each in self.terms(term, by) if isinstance(each, Literal)]
            if named := best(own, languages):
                return named
            found = self.base.label(term, languages)  # of the model; or of a thing that is withdrawn
            return found if found.found else best(standard_names().get(term, ()), languages) or found
        return self.base.label(term, languages)


_PATH, _MAX_COUNT, _UNIQUE_LANG = iris("sh:path sh:maxCount sh:uniqueLang")
# By these doors people name new things; an import may add to a thing that is there.
_NAMING: Final = ("form", "workbook")

Kind = OneOf["changed", "withdrawn", "taken"]
_Key = tuple[Iri, Iri, str | None]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where two want something else: what the sender had seen (``base``), what is there now, what the sender wants.

    ``kind``: the values have *changed*; the thing has been *withdrawn*; the name of the new thing has been *taken* by
    another (of these two ``predicate`` is ``rdf:type``). ``base`` is empty too where it is not known.
    """

    kind: Kind
    subject: Iri
    predicate: Iri
    base: tuple[Term, ...] = ()
    theirs: tuple[Term, ...] = ()
    mine: tuple[Term, ...] = ()


@dataclass(slots=True)
class _Wish:
    """What is wanted of a thing's property in a language."""

    removed: list[Stated] = field(default_factory=list)
    added: list[Stated] = field(default_factory=list)


def conflicts(base: Base, proposal: Proposal) -> list[Conflict]:
    """Give the conflicts of a proposal with the files, in order of thing and property.

    There is none where the files are as the sender saw them, where what is wanted is there already, or where a
    property may have many values and what is to go is still there.
    """
    wishes = _wishes(proposal)
    withdrawn = _withdrawn(base, proposal)
    found = [_of_thing("withdrawn", thing, base, proposal) for thing in withdrawn]
    found += [_of_thing("taken", thing, base, proposal) for thing in _taken(base, proposal)]
    about = {each.subject for each in found}
    single = _single(base)
    for (subject, predicate, language), wish in wishes.items():
        if subject in about:
            continue
        now = [each for each in base.values(subject, predicate) if _language(each.value) == language]
        whole = proposal.bases.get((subject, predicate))
        seen = None if whole is None else [each for each in whole if _language(each) == language]
        if _conflicting(wish, now, seen, many=(predicate, language is not None) not in single):
            going = {each.value for each in wish.removed}
            kept = [each for each in (seen if seen is not None else ()) if each not in going]
            found.append(
                Conflict(
                    "changed",
                    subject,
                    predicate,
                    tuple(dict.fromkeys(seen if seen is not None else (each.value for each in wish.removed))),
                    tuple(dict.fromkeys(each.value for each in now)),
                    tuple(dict.fromkeys([*kept, *(each.value for each in wish.added)])),
                )
            )
    return sorted(found, key=lambda each: (each.subject, each.predicate, str(each.mine)))


def rebased(base: Base, proposal: Proposal) -> Proposal:
    """Give a proposal against the files as they are: without what is so already, and with what is seen there now.

    What is accepted has to be kept in this form: its inverse then takes back what was done, and nothing else.
    """
    removed = dict.fromkeys(proposal.removed)
    added = dict.fromkeys(proposal.added)
    here = [each for each in removed if each not in added and _is_there(base, each)]
    new = [each for each in added if each not in removed and not _is_there(base, each)]
    keys = dict.fromkeys((each.subject, each.predicate) for each in (*here, *new))
    # A value that two files state is there twice: when it goes from one of them it stays.
    bases = {key: tuple(each.value for each in base.values(*key)) for key in keys}
    return replace(proposal, removed=tuple(here), added=tuple(new), bases=bases)


def inverse(proposal: Proposal, name: str = "") -> Proposal:
    """Give the proposal that takes an accepted one back: a new one of a new name, by the door "undo"."""
    left = {key: Counter(values) for key, values in proposal.bases.items()}
    for sign, statements in ((-1, proposal.removed), (1, proposal.added)):
        for subject, predicate, value, _ in statements:
            if (subject, predicate) in left:
                left[subject, predicate][value] += sign
    bases = {key: tuple((+counts).elements()) for key, counts in left.items()}
    return Proposal(
        name=name,
        door="undo",
        title=proposal.title,
        removed=proposal.added,
        added=proposal.removed,
        bases=bases,
        answers=proposal.name,
    )


def _wishes(proposal: Proposal) -> Mapping[_Key, _Wish]:
    found: dict[_Key, _Wish] = defaultdict(_Wish)
    both = set(proposal.removed) & set(proposal.added)
    for each in (each for each in proposal.removed if each not in both):
        found[_key(each)].removed.append(Stated(each.value, each.file))
    for each in (each for each in proposal.added if each not in both):
        found[_key(each)].added.append(Stated(each.value, each.file))
    return found


def _key(statement: Statement) -> _Key:
    return statement.subject, statement.predicate, _language(statement.value)


def _language(value: Term) -> str | None:
    return value.language if isinstance(value, Literal) else None


def _conflicting(wish: _Wish, now: Sequence[Stated], seen: Sequence[Term] | None, *, many: bool) -> bool:
    values, there, going = {each.value for each in now}, set(now), set(wish.removed)
    gone = [each for each in wish.removed if each not in there]
    staying = {each.value for each in now if each not in going}
    if any(each.value in staying for each in gone):
        return True  # another file says it now: who says it has changed
    lacking = [each for each in wish.added if each.value not in values]
    if len(gone) == len(wish.removed) and not lacking:
        return False  # it is as wanted
    if seen is not None and set(seen) == values:
        return False
    replaced_by_both = bool(gone and lacking)
    return replaced_by_both or (seen is not None and not many)


def _single(base: Base) -> set[tuple[Iri, bool]]:
    """Give the properties that some shape gives one value at most, in a language (True) or at all."""
    paths = {s: o for s, p, o in base.shapes if p == _PATH and isinstance(o, Iri)}
    found = set()
    for shape, predicate, value in base.shapes:
        if shape in paths and predicate == _MAX_COUNT and str(value) == "1":
            found |= {(paths[shape], False), (paths[shape], True)}
        elif shape in paths and predicate == _UNIQUE_LANG and str(value) in ("true", "1"):
            found.add((paths[shape], True))
    return found


def _withdrawn(base: Base, proposal: Proposal) -> Iterable[Iri]:
    """Give the things that the sender saw and that are gone, of which something is still wanted."""
    seen = {subject for (subject, _), values in proposal.bases.items() if values}
    seen |= {each.subject for each in proposal.removed}
    new = {each.subject for each in proposal.added if each.predicate == RDF_TYPE}
    wanted = {each.subject for each in proposal.added if not _is_there(base, each)}
    return sorted(each for each in (seen & wanted) - new if not _said(base, each) - {REPLACED_BY})


def _taken(base: Base, proposal: Proposal) -> Iterable[Iri]:
    """Give the things that are new in the proposal, while another thing of that name has come meanwhile."""
    if proposal.door not in _NAMING:
        return []
    seen = {subject for subject, _ in proposal.bases} | {each.subject for each in proposal.removed}
    new = {each.subject for each in proposal.added if each.predicate == RDF_TYPE} - seen
    wanted = {each.subject for each in proposal.added if not _is_there(base, each)}
    return sorted(each for each in new & wanted if _said(base, each))


def _said(base: Base, thing: Iri) -> set[Iri]:
    return {predicate for predicate, values in base.statements.get(thing, {}).items() if values}


def _of_thing(kind: Kind, thing: Iri, base: Base, proposal: Proposal) -> Conflict:
    return Conflict(
        kind,
        thing,
        RDF_TYPE,
        tuple(dict.fromkeys(proposal.bases.get((thing, RDF_TYPE), ()))),
        tuple(dict.fromkeys(each.value for each in base.values(thing, RDF_TYPE))),
        tuple(dict.fromkeys(each.value for each in proposal.added if each[:2] == (thing, RDF_TYPE))),
    )


def _is_there(base: Base, statement: Statement) -> bool:
    return base.says(statement.subject, statement.predicate, Stated(statement.value, statement.file))

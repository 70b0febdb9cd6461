"""Who says what: the graph that is added to, claims about statements, and what goes with a thing withdrawn."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.editing.base import Base, Voice, folded, slug
from app.editing.messages import by_language, error, info, text
from app.editing.naming import NewThings, name_of, names_of
from app.editing.proposals import Finding, Statement
from app.editing.tables import Table
from app.namespaces import (
    CERTAINTY,
    CLAIM,
    DCTERMS_DESCRIPTION,
    DCTERMS_SOURCE,
    INTERPRETED,
    LABEL_PROPERTIES,
    RATIONALE,
    RDF_OBJECT,
    RDF_PREDICATE,
    RDF_SUBJECT,
    RDF_TYPE,
    RDFS_LABEL,
    STATED,
    iris,
)
from app.query.library import local_name
from app.terms import Iri, Literal, Term, n3


@dataclass(slots=True)
class Voices:
    """The voices of a base, and those of sources that get a graph by this proposal, with what describes these."""

    base: Base
    known: list[Voice] = field(init=False)
    described: list[Statement] = field(default_factory=list)
    _new: dict[Iri, Voice] = field(default_factory=dict)
    _kinds: frozenset[Iri] = field(init=False)
    _found: dict[Iri, Voice | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the voices of the base once."""
        self.known = self.base.voices()
        cited: set[Term] = {each.source for each in self.known if each.source}
        for about in self.base.statements.values():
            cited.update(each.value for each in about.get(DCTERMS_SOURCE, ()))
        self._kinds = frozenset().union(*(self.base.classes(each) for each in cited if isinstance(each, Iri)))

    def named(self, text: str, new: NewThings) -> list[Voice | Iri]:
        """Give what a voice that somebody chose may mean: graphs by IRI or name, sources by IRI, name or tail."""
        graphs = [each for each in self.known if text == each.graph]
        if graphs:
            return [graphs[0]]
        sources = {*new.named(text), *(each for each in new.classes if text in (each, local_name(each)))}
        sources |= {*self.base.named(text), *([Iri(text)] if text in self.base.statements else [])}
        named = [each for each in self.known if any(folded(name.value) == folded(text) for name in each.names)]
        return [*named, *sorted(each for each in sources if self._may_speak(each, new))]

    def _may_speak(self, thing: Iri, new: NewThings) -> bool:
        """Say whether a thing is of a class of sources that are cited; where none is cited, any may be the first."""
        classes = self.base.classes(thing) or new.classes.get(thing, frozenset())
        return not self._kinds or not classes.isdisjoint(self._kinds)

    def of_file(self, file: str) -> Voice | None:
        """Give the voice whose file it is."""
        return next((each for each in (*self.known, *self._new.values()) if file in each.files), None)

    def of_source(self, source: Iri, names: Collection[Literal] = ()) -> Voice:
        """Give the voice of a source: the graph that is about it, or where such sources are cited, or a new one.

        ``names`` are those of a source that is new itself.
        """
        own = [each for each in self.known if each.source == source]
        if own:
            return min(own, key=lambda each: (each.certainty != STATED, len(each.files), each.graph))
        if source not in self._found:
            self._found[source] = self._cited_where_it_stands(source)
        return self._found[source] or self._opened(source, names)

    def as_sure(self, voice: Voice, certainty: Term | None) -> Voice:
        """Give the voice of the same source for what is as sure: our reading of a document has a graph of its own."""
        if certainty in (None, voice.certainty) or voice.source is None:
            return voice
        wanted = (certainty, *(() if certainty == STATED else (INTERPRETED,)))
        fitting = [each for each in self.known if each.source == voice.source and each.certainty in wanted]
        return min(fitting, key=lambda each: (wanted.index(each.certainty), each.graph), default=voice)

    def file(self, voice: Voice, subject: Iri, cls: Iri | None) -> str:
        """Give the file in which a voice says something of a thing."""
        return voice.files[0] if voice.graph not in self._graphs() else self.base.file_for(voice.graph, subject, cls)

    def standing(self, thing: Iri, stated: Iterable[str] = ()) -> str | None:
        """Give the file where a value stood (``stated``: files), else the one where most of a thing is said."""
        files = {file for each in self.known for file in each.files}
        counts = Counter(each for each in stated if each in files)
        for values in () if counts else self.base.statements.get(thing, {}).values():
            counts.update(each.file for each in values if each.file in files)
        return min(counts, key=lambda name: (-counts[name], name), default=None)

    def registers(self, cls: Iri) -> bool:
        """Say whether things of a class are sources with graphs of their own, so that a new one tells of itself."""
        space = self.base.content.graph("register")
        sources = [each.source for each in self.known if each.graph.startswith(f"{space}/") and each.source]
        return any(cls in self.base.classes(each) for each in sources)

    def of_files(self, files: Iterable[str], language: str) -> list[str]:
        """Give the names of the voices whose files these are: of the source where there is one, else of the graph."""
        voices = dict.fromkeys((self.of_file(each) or each) for each in files)
        return [each if isinstance(each, str) else self._spoken(each, language) for each in voices]

    def _spoken(self, voice: Voice, language: str) -> str:
        alone = sum(each.source == voice.source for each in self.known) == 1
        return name_of(voice.source if voice.source and alone else voice.graph, self.base, language)

    def _graphs(self) -> set[Iri]:
        return {each.graph for each in self.known}

    def _cited_where_it_stands(self, source: Iri) -> Voice | None:
        """Give the graph that describes a source, if things of that graph cite such sources: passages of a document."""
        place = self.standing(source)
        voice = self.of_file(place) if place else None
        if voice is None:
            return None
        classes = {each.value for each in self.base.values(source, RDF_TYPE)}
        for about in self.base.statements.values():
            for cited in about.get(DCTERMS_SOURCE, ()):
                kinds = {each.value for each in self.base.values(Iri(str(cited.value)), RDF_TYPE)}
                if cited.file in voice.files and kinds & classes:
                    return voice
        return None

    def _opened(self, source: Iri, names: Collection[Literal]) -> Voice:
        if source not in self._new:
            content = self.base.content
            taken = {each.name for each in content.files} | {each.files[0] for each in self._new.values()}
            stem = slug(local_name(source))
            number = next(n for n in range(1, 100_000) if _file(stem, n) not in taken)
            name = stem if number == 1 else f"{stem}-{number}"
            voice = Voice(content.graph(f"register/{name}"), tuple(names), source, STATED, (_file(stem, number),))
            self._new[source] = voice
            self.described += self._description(voice, source, names)
        return self._new[source]

    def _description(self, voice: Voice, source: Iri, names: Collection[Literal]) -> Iterable[Statement]:
        file = voice.files[0]
        for language in _written(self.base):
            said = {each.language: each.value for each in names}
            name = said.get(language) or next(iter(said.values()), None) or name_of(source, self.base, language)
            for predicate, code in ((RDFS_LABEL, "graph-name"), (DCTERMS_DESCRIPTION, "graph-description")):
                yield Statement(voice.graph, predicate, Literal(text(code, language, name=name), language), file)
        yield Statement(voice.graph, DCTERMS_SOURCE, source, file)
        yield Statement(voice.graph, CERTAINTY, STATED, file)


def _file(stem: str, number: int) -> str:
    return f"data/register/{stem}.ttl" if number == 1 else f"data/register/{stem}-{number}.ttl"


def _written(base: Base) -> list[str]:
    """Give the languages of a dataset in which we can describe graphs and claims."""
    return [each for each in base.content.dataset.languages if each in by_language("claim", about="")] or ["en"]


def claim_iri(base: Base, subject: Iri, predicate: Iri, value: Term) -> Iri:
    """Give the IRI of the claim about a triple: the first 16 hex digits of the SHA-256 of its N-Triples line."""
    return Iri(f"{base.content.base}id/claim/{claim_name(subject, predicate, value)}")


def claim_name(subject: Term, predicate: Term, value: Term, written: Callable[[str], str] = str) -> str:
    """Give the name of the claim about a triple; ``written`` may change the line that it is made of."""
    line = written(f"{n3(subject)} {n3(predicate)} {n3(value)} .")
    return hashlib.sha256(line.encode()).hexdigest()[:16]


def claims_about(base: Base, subject: Iri, predicate: Iri, value: Term) -> list[Iri]:
    """Give the claims about a triple that the files have, whatever they are called."""

    def says(claim: Iri, about: Iri, term: Term) -> bool:
        return any(each.value == term for each in base.values(claim, about))

    pointing = (claim for claim, _ in base.pointing(subject, RDF_SUBJECT))
    return [each for each in pointing if says(each, RDF_PREDICATE, predicate) and says(each, RDF_OBJECT, value)]


def claim_statements(
    base: Base,
    statement: Statement,
    certainty: Iri,
    rationale: Mapping[str, str],
    source: Iri | None,
    names: tuple[Mapping[str, str], Mapping[str, str]],
) -> Iterator[Statement]:
    """Give the statements of a claim about a statement; ``names`` by language of its thing, and of its property."""
    subject, predicate, value, file = statement
    claim = claim_iri(base, subject, predicate, value)
    yield Statement(claim, RDF_TYPE, CLAIM, file)
    for language in _written(base):
        thing, column = (each.get(language) or next(iter(each.values()), "") for each in names)
        about = f"{thing} – {column}: {name_of(value, base, language)}"
        about = about if len(about) <= 200 else about[:199].rstrip() + "…"
        yield Statement(claim, RDFS_LABEL, Literal(text("claim", language, about=about), language), file)
    yield Statement(claim, RDF_SUBJECT, subject, file)
    yield Statement(claim, RDF_PREDICATE, predicate, file)
    yield Statement(claim, RDF_OBJECT, value, file)
    yield Statement(claim, CERTAINTY, certainty, file)
    for language, why in sorted(rationale.items()):
        yield Statement(claim, RATIONALE, Literal(why, language), file)
    if source:
        yield Statement(claim, DCTERMS_SOURCE, source, file)


(REPLACED_BY,) = iris("dcterms:isReplacedBy")
_ABOUT = (RDF_SUBJECT, RDF_PREDICATE, RDF_OBJECT)


@dataclass(slots=True)
class Farewell:
    """What goes and what comes when things are withdrawn, each statement once, and what there is to tell of it."""

    base: Base
    editable: frozenset[str]
    removed: dict[Statement, None] = field(default_factory=dict)
    added: dict[Statement, None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    gone: set[Iri] = field(default_factory=set)

    def withdraw(self, thing: Iri, table: Table, successor: Iri | None = None) -> None:
        """Take a thing out: what is said of it, its parts, and what points to it.

        With a successor, what points to the thing points to that afterwards, and one statement tells who it is.
        """
        if thing in self.gone:
            return
        self.gone.add(thing)
        place = next((s.file for s in self._said(thing) if s.predicate == RDF_TYPE), None)
        for statement in self._said(thing):
            self._remove(statement)
        for subject, predicate in self.base.pointing(thing):
            if predicate not in _ABOUT and subject not in self.gone:
                if successor is None and self._is_part(subject, predicate, table):
                    self._tell_part(subject)
                    self.withdraw(subject, table)
                else:
                    self._point(subject, predicate, thing, successor)
        if successor and place:
            self.added[Statement(thing, REPLACED_BY, successor, place)] = None

    def take(self, subject: Iri, predicate: Iri, value: Term) -> list[str]:
        """Take a statement out of all files where it can be, with the claims about it. Give the files."""
        files = [each.file for each in self.base.values(subject, predicate) if each.value == value]
        for file in files:
            self._remove(Statement(subject, predicate, value, file))
        return files

    def _said(self, thing: Iri) -> Iterator[Statement]:
        for predicate, stated in self.base.statements.get(thing, {}).items():
            yield from (Statement(thing, predicate, each.value, each.file) for each in stated)

    def _remove(self, statement: Statement) -> None:
        subject, predicate, value, file = statement
        if file not in self.editable:
            self.findings.append(
                error("stands-elsewhere", file=file, subject=subject, predicate=predicate, value=value)
            )
            return
        self.removed[statement] = None
        others = [each for each in self.base.values(subject, predicate) if each.value == value]
        if all(Statement(subject, predicate, value, each.file) in self.removed for each in others):
            for claim in claims_about(self.base, subject, predicate, value):
                for each in self._said(claim):
                    self.removed[each] = None

    def _is_part(self, subject: Iri, predicate: Iri, table: Table) -> bool:
        classes = self.base.classes(subject)
        return any(each.table in classes and each.column == predicate for each in table.parts)

    def _point(self, subject: Iri, predicate: Iri, thing: Iri, successor: Iri | None) -> None:
        stated = [each for each in self.base.values(subject, predicate) if each.value == thing]
        claims = claims_about(self.base, subject, predicate, thing)
        for each in stated:
            self._remove(Statement(subject, predicate, thing, each.file))
            if successor and each.file in self.editable and not self._says(subject, predicate, successor):
                self.added[Statement(subject, predicate, successor, each.file)] = None
        if successor:
            for claim in claims:
                self._claim_anew(claim, subject, predicate, thing, successor)
        code, name = "points-anew" if successor else "pointed-here", names_of(subject, self.base)
        self.findings.append(info(code, name=name, subject=subject, predicate=predicate))

    def _claim_anew(self, claim: Iri, subject: Iri, predicate: Iri, thing: Iri, successor: Iri) -> None:
        """Say of a statement with the successor what was claimed of it before: certainty, rationale, source.

        What is claimed of the successor already stays as it is.
        """
        anew = claim_iri(self.base, subject, predicate, successor)
        if claims_about(self.base, subject, predicate, successor):
            return
        for statement in self._said(claim):
            value = successor if statement.predicate == RDF_OBJECT else statement.value
            if isinstance(value, Literal) and value.language and statement.predicate in LABEL_PROPERTIES:
                old, new = (name_of(each, self.base, value.language) for each in (thing, successor))
                value = Literal(value.value.replace(old, new), value.language)
            if statement.file in self.editable:
                self.added[Statement(anew, statement.predicate, value, statement.file)] = None

    def _says(self, subject: Iri, predicate: Iri, value: Term) -> bool:
        return any(each.value == value for each in self.base.values(subject, predicate))

    def _tell_part(self, part: Iri) -> None:
        self.findings.append(info("part-goes", name=names_of(part, self.base), subject=part))

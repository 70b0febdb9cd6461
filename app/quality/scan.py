"""One reading of all files of a content: its quads, and what can be seen while they pass."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date
from typing import Final

from app.graph.content import RESERVED, Content
from app.graph.reading import ContentError, InputFile, lines, read
from app.namespaces import DCTERMS_MODIFIED, PREFIXES, RDF_TYPE, RDFS_LABEL, SKOS_PREF_LABEL
from app.quality.location import Locator
from app.quality.problems import Problem, of_error, problem
from app.terms import RDF_LANG_STRING, XSD, XSD_STRING, Iri, Literal, Subject, Term, Triple

_DATES: Final = (XSD + "date", XSD + "dateTime")
# What is looked at in any triple.
_WATCHED: Final = frozenset((DCTERMS_MODIFIED, RDFS_LABEL, SKOS_PREF_LABEL))
# Triples in which an own term is used as part of the model, not as a thing it may be described as in data.
_SCHEMA: Final = {RDF_TYPE} | {Iri(PREFIXES["sh"] + name) for name in ("path", "class", "targetClass", "datatype")}


class Scan:
    """Reads every RDF file once. Read ``quads()`` to its end, then ask for the rest.

    ``modified`` is the newest ``dcterms:modified`` (its date part), ``merged`` the named graphs that make up
    the default graph, ``described`` the triples of ``data/dataset.ttl``, ``complete`` whether all was read.
    """

    def __init__(self, content: Content) -> None:
        """Start with nothing read."""
        self._content = content
        self._locator = Locator(content)
        self.complete = True
        self.modified: date | None = None
        self.merged: set[Iri] = set()
        self.described: list[Triple] = []
        self._problems: list[Problem] = []
        self._defined: set[Iri] = set()
        self._things: set[Iri] = set()
        self._used: dict[tuple[Iri, bool], InputFile] = {}
        self._reserved = tuple(content.graph(name) for name in (*RESERVED, "shapes"))

    def quads(self) -> Iterator[tuple[Triple, Iri]]:
        """Give every triple with its graph; a file with an error ends early and becomes a problem."""
        return (quad for quad in self._pass(read) if isinstance(quad, tuple))

    def lines(self) -> Iterator[tuple[Triple, Iri] | list[str]]:
        """Give the same, as lists of canonical N-Quads lines where nothing in a triple has to be looked at."""
        if self._content.namespaces:  # then every term may be one that is not defined
            return self._pass(read)
        return self._pass(lambda file, base: lines(file, base, _WATCHED))

    def _pass(
        self, read_file: Callable[[InputFile, str], Iterable[tuple[Triple, Iri | None] | list[str]]]
    ) -> Iterator[tuple[Triple, Iri] | list[str]]:
        for file in self._content.rdf():
            try:
                for quad in read_file(file, self._content.base):
                    if isinstance(quad, list):
                        yield quad
                        continue
                    triple, graph = quad
                    self._see(file, triple)
                    if graph is None:
                        self.described.append(triple)
                        continue
                    if graph != file.graph:
                        self._refuse_reserved(file, graph)
                    if file.folder in ("data", "ontology"):
                        self.merged.add(graph)
                    yield triple, graph
            except ContentError as error:
                self.complete = False
                self._problems.append(of_error(error))

    def _refuse_reserved(self, file: InputFile, graph: Iri) -> None:
        if any(graph == name or graph.startswith(f"{name}/") for name in self._reserved):
            raise ContentError(
                file.name,
                f"graph <{graph}> is made by the build; give it another name",
                f"grafen <{graph}> lages av byggingen; gi den et annet navn",
            )

    def problems(self) -> list[Problem]:
        """Give what was wrong: files that cannot be read, undefined terms, labels without language."""
        return self._problems + list(self._undefined())

    def _see(self, file: InputFile, triple: Triple) -> None:
        subject, predicate, value = triple
        if isinstance(value, Literal):
            self._see_literal(file, subject, predicate, value)
        if not self._content.namespaces:
            return
        if self._own(subject):
            (self._defined if file.folder == "ontology" else self._things).add(Iri(subject))
        if self._own(predicate):
            self._used.setdefault((predicate, True), file)
        target = value.datatype if isinstance(value, Literal) else value
        if self._own(target):
            schema = isinstance(value, Literal) or predicate in _SCHEMA
            self._used.setdefault((Iri(target), schema), file)

    def _see_literal(self, file: InputFile, subject: Subject, predicate: Iri, value: Literal) -> None:
        if predicate == DCTERMS_MODIFIED and value.datatype in _DATES:
            with suppress(ValueError):  # a malformed date is for a shape to tell
                day = date.fromisoformat(value.value[:10])
                self.modified = max(self.modified or day, day)
        is_text = value.datatype in (XSD_STRING, RDF_LANG_STRING) and value.language is None
        if is_text and predicate in (RDFS_LABEL, SKOS_PREF_LABEL):
            line = self._locator.line(file, (subject, value))
            about = subject if isinstance(subject, Iri) else None
            self._problems.append(
                problem(self._content, file.name, "label-without-language", "warning", line, entity=about, label=value)
            )

    def _own(self, term: Term) -> bool:
        return isinstance(term, Iri) and any(
            term.startswith(namespace) and term != namespace.rstrip("#/") and term != namespace
            for namespace in self._content.namespaces
        )

    def _undefined(self) -> Iterator[Problem]:
        for (term, schema), file in sorted(self._used.items(), key=lambda item: (item[1].name, item[0])):
            if term in self._defined or (not schema and term in self._things):
                continue
            line = self._locator.line(file, (term,))
            yield problem(self._content, file.name, "undefined", "error", line, entity=term, term=term)

    @property
    def defined(self) -> frozenset[Iri]:
        """The own terms that the ontology defines."""
        return frozenset(self._defined)

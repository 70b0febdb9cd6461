"""One reading of all files of a content: its quads, and what can be seen while they pass."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Final

from app.content.folders import RESERVED, Content
from app.content.reading import InputFile, lines, read
from app.errors import ContentError
from app.namespaces import CERTAINTY, DCTERMS_MODIFIED, DCTERMS_SOURCE, RDFS_LABEL, SKOS_PREF_LABEL, iris
from app.quality.diagnostics import Diagnostic, Locator, diagnostic, of_error
from app.terms import RDF_LANG_STRING, XSD, XSD_STRING, Iri, Literal, Subject, Term, Triple

_DATES: Final = (XSD + "date", XSD + "dateTime")
# What is looked at in any triple.
_WATCHED: Final = frozenset((DCTERMS_MODIFIED, RDFS_LABEL, SKOS_PREF_LABEL))
# Triples in which an own term is used as part of the model, not as a thing it may be described as in data.
_SCHEMA: Final = iris("rdf:type sh:path sh:class sh:targetClass sh:datatype")


class Scan:
    """Reads every RDF file once. Read ``lines()`` to its end, then ask for the rest.

    ``modified`` is the newest ``dcterms:modified`` (its date part), ``merged`` the named graphs that make up
    the default graph, ``described`` the triples of ``data/dataset.ttl``, ``defined`` the own terms that the ontology
    defines, ``complete`` whether all was read.
    """

    def __init__(self, content: Content) -> None:
        """Start with nothing read."""
        self._content = content
        self._locator = Locator(content)
        self.complete = True
        self.modified: date | None = None
        self.merged: set[Iri] = set()
        self.described: list[Triple] = []
        self._problems: list[Diagnostic] = []
        self.defined: set[Iri] = set()
        self._things: set[Iri] = set()
        self._used: dict[tuple[Iri, bool], InputFile] = {}
        self._reserved = tuple(content.graph(name) for name in (*RESERVED, "shapes"))

    def lines(self) -> Iterator[tuple[Triple, Iri] | list[str]]:
        """Give every triple with its graph; a file with an error ends early and becomes a problem.

        Where nothing in a triple has to be looked at, it comes in a list of canonical N-Quads lines.
        """
        base, own = self._content.base, self._content.namespaces
        for file in self._content.rdf():
            try:
                # With own namespaces every term may be one that is not defined.
                for quad in read(file, base) if own else lines(file, base, _WATCHED):
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

    def provenance(self) -> Iterator[tuple[Triple, Iri]]:
        """Give how sure the graphs are and where they come from by ``data/dataset.ttl``, each in the graph itself."""
        for triple in self.described:
            if (
                isinstance(graph := triple[0], Iri)
                and graph in self.merged
                and triple[1] in (CERTAINTY, DCTERMS_SOURCE)
            ):
                yield triple, graph

    def _refuse_reserved(self, file: InputFile, graph: Iri) -> None:
        if any(graph == name or graph.startswith(f"{name}/") for name in self._reserved):
            en = f"graph <{graph}> is made by the build; give it another name"
            raise ContentError(file.name, en, f"grafen <{graph}> lages av byggingen; gi den et annet navn")

    def problems(self) -> list[Diagnostic]:
        """Give what was wrong: files that cannot be read, undefined terms, labels without language."""
        found = list(self._problems)
        for term, file in sorted(self._undefined(), key=lambda item: (item[1].name, item[0])):
            line = self._locator.line(file, (term,))
            found.append(diagnostic(self._content, file.name, "undefined", "error", line, entity=term, term=term))
        return found

    def refuse_base(self) -> None:
        """Note that nothing has a name below the base that a setting gives."""
        base, space = self._content.base, self._content.dataset.space
        known = space if space != base else "-"
        place = self._content.root.name if self._content.root.is_file() else "data/dataset.ttl"
        self._problems.append(diagnostic(self._content, place, "base-of-nothing", base=base, space=known))

    def undefined(self) -> set[Iri]:
        """Give the own terms that are used, but neither defined by the ontology nor described as things."""
        return {term for term, _ in self._undefined()}

    def _undefined(self) -> Iterator[tuple[Iri, InputFile]]:
        for (term, schema), file in self._used.items():
            if term not in self.defined and (schema or term not in self._things):
                yield term, file

    def _see(self, file: InputFile, triple: Triple) -> None:
        subject, predicate, value = triple
        if isinstance(value, Literal):
            self._see_literal(file, subject, predicate, value)
        if not self._content.namespaces:
            return
        if self._own(subject):
            (self.defined if file.folder == "ontology" else self._things).add(Iri(subject))
        if self._own(predicate):
            self._used.setdefault((predicate, True), file)
        target = value.datatype if isinstance(value, Literal) else value
        if self._own(target):
            self._used.setdefault((Iri(target), isinstance(value, Literal) or predicate in _SCHEMA), file)

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
                diagnostic(
                    self._content, file.name, "label-without-language", "warning", line, entity=about, label=value
                )
            )

    def _own(self, term: Term) -> bool:
        return isinstance(term, Iri) and any(
            term.startswith(namespace) and term != namespace.rstrip("#/") and term != namespace
            for namespace in self._content.namespaces
        )

"""SHACL validation by pySHACL; the report as rows and as RDF whose results have IRIs of their own."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyshacl
import rdflib
from rdflib.namespace import RDF, SH

from app.namespaces import PREFIXES, RDF_TYPE
from app.terms import XSD, BlankNode, Iri, Literal, Term, Triple, n3

_SH: Final = PREFIXES["sh"]
VIOLATION: Final = Iri(_SH + "Violation")
WARNING: Final = Iri(_SH + "Warning")
INFO: Final = Iri(_SH + "Info")


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result (SHACL §3.6.2): the shape is the nearest one with an IRI; messages by language.

    ``path`` is None for complex paths; a message without a language stands under "".
    """

    focus: Term
    path: Iri | None
    value: Term | None
    severity: Iri
    messages: dict[str, str]
    shape: Iri | None
    component: Iri | None

    @property
    def key(self) -> str:
        """16 hex digits that are the same whenever the same thing is found again."""
        terms = (self.focus, self.path, self.value, self.severity, self.shape, self.component)
        facts = [n3(term) if term is not None else "-" for term in terms]
        facts += [f"{language}:{text}" for language, text in sorted(self.messages.items())]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Report:
    """A validation report: whether the data conform (SHACL §3.5), and the results, worst first."""

    conforms: bool
    results: tuple[Result, ...]

    def triples(self, base: str) -> Iterator[Triple]:
        """Give the report as RDF: ``quality#report`` and a ``quality#<key>`` for each result."""
        report = Iri(f"{base}quality#report")
        yield report, RDF_TYPE, Iri(_SH + "ValidationReport")
        yield report, Iri(_SH + "conforms"), _boolean(self.conforms)
        for result in self.results:
            node = Iri(f"{base}quality#{result.key}")
            yield report, Iri(_SH + "result"), node
            yield node, RDF_TYPE, Iri(_SH + "ValidationResult")
            facts = {
                "focusNode": result.focus,
                "resultPath": result.path,
                "value": result.value,
                "resultSeverity": result.severity,
                "sourceShape": result.shape,
                "sourceConstraintComponent": result.component,
            }
            for name, term in facts.items():
                if term is not None:
                    yield node, Iri(_SH + name), term
            for language, text in sorted(result.messages.items()):
                yield node, Iri(_SH + "resultMessage"), Literal(text, language or None)


def validate(data: Iterable[Triple], shapes: Iterable[Triple]) -> Report:
    """Validate data against shapes; no inference but the subclass reasoning that SHACL §1.3 asks for.

    The data must hold the ontology's subclass triples. Nothing is fetched; SHACL-AF rules do not run.
    """
    shape_graph = _graph(shapes)
    _, found, _ = pyshacl.validate(
        _graph(data),
        shacl_graph=shape_graph,
        inference="none",
        advanced=False,
        do_owl_imports=False,
    )
    if not isinstance(found, rdflib.Graph):
        raise TypeError(f"no report: {found}")
    nodes = found.subjects(RDF.type, SH.ValidationResult)
    results = {r.key: r for r in (_result(found, node, shape_graph) for node in nodes)}
    rank = {VIOLATION: 0, WARNING: 1, INFO: 2}
    ordered = sorted(results.values(), key=lambda r: (rank.get(r.severity, 3), str(r.focus), r.key))
    return Report(not ordered, tuple(ordered))


def _result(found: rdflib.Graph, node: Any, shapes: rdflib.Graph) -> Result:
    path = found.value(node, SH.resultPath)
    value = found.value(node, SH.value)
    return Result(
        focus=_term(found.value(node, SH.focusNode)),
        path=Iri(path) if isinstance(path, rdflib.URIRef) else None,
        value=None if value is None else _term(value),
        severity=_iri(found.value(node, SH.resultSeverity)) or VIOLATION,
        messages=_messages(found, node, shapes),
        shape=_named_shape(found.value(node, SH.sourceShape), shapes),
        component=_iri(found.value(node, SH.sourceConstraintComponent)),
    )


def _messages(found: rdflib.Graph, node: Any, shapes: rdflib.Graph) -> dict[str, str]:
    texts: dict[str, str] = {}
    sources = [found.value(node, SH.sourceConstraint), found.value(node, SH.sourceShape)]
    templates = [m for source in sources if source is not None for m in shapes.objects(source, SH.message)]
    for message in sorted(found.objects(node, SH.resultMessage), key=str):
        language = message.language if isinstance(message, rdflib.Literal) else None
        language = language or _language(str(message), templates)
        texts[language] = f"{texts[language]} {message}" if language in texts else str(message)
    return texts


def _language(message: str, templates: Iterable[Any]) -> str:
    """Find the language of a message by its template: pySHACL loses it in those of SPARQL constraints."""
    for template in templates:
        parts = re.split(r"\{[?$]\w+\}", str(template))
        pattern = ".*".join(re.escape(part) for part in parts)
        language = template.language if isinstance(template, rdflib.Literal) else None
        if language and re.fullmatch(pattern, message, re.DOTALL):
            return language
    return ""


def _named_shape(shape: Any, shapes: rdflib.Graph) -> Iri | None:
    """Climb from an anonymous property shape to the shape that holds it."""
    seen = set()
    while isinstance(shape, rdflib.BNode) and shape not in seen:
        seen.add(shape)
        shape = min(shapes.subjects(None, shape), key=str, default=None)
    return _iri(shape)


def _iri(node: Any) -> Iri | None:
    return Iri(node) if isinstance(node, rdflib.URIRef) else None


def _term(node: Any) -> Term:
    if isinstance(node, rdflib.URIRef):
        return Iri(node)
    if isinstance(node, rdflib.BNode):
        return BlankNode(node)
    if node.language:
        return Literal(str(node), node.language)
    return Literal(str(node), datatype=Iri(node.datatype or XSD + "string"))


def _boolean(value: bool) -> Literal:
    return Literal(str(value).lower(), datatype=Iri(XSD + "boolean"))


class _Graph(rdflib.Graph):
    """Triples in memory, where pySHACL walks them, and in Oxigraph, which answers SPARQL: each where it is quick."""

    def __init__(self) -> None:
        super().__init__("Memory", bind_namespaces="none")
        self.engine = rdflib.Graph("Oxigraph", bind_namespaces="none")

    def query(self, *arguments: Any, **options: Any) -> rdflib.query.Result:
        """Answer by the engine that answers all other queries."""
        return self.engine.query(*arguments, **options)


def _graph(triples: Iterable[Triple]) -> _Graph:
    graph = _Graph()
    for subject, predicate, value in triples:
        triple = (_node(subject), rdflib.URIRef(predicate), _node(value))
        graph.add(triple)
        graph.engine.add(triple)
    return graph


def _node(term: Term) -> Any:
    if isinstance(term, Iri):
        return rdflib.URIRef(term)
    if isinstance(term, BlankNode):
        return rdflib.BNode(term)
    if term.language is not None:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = rdflib.URIRef(term.datatype)
    return rdflib.Literal(term.value, datatype=datatype, normalize=False)

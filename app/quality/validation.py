"""SHACL validation by pySHACL; the report as rows and as RDF whose results have IRIs of their own."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import rdflib
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from rdflib.namespace import RDF, SH

from app.content.turtle import to_rdflib
from app.errors import ContentError
from app.namespaces import INFO, PREFIXES, RDF_TYPE, VIOLATION, WARNING, iris
from app.quality.findings import rank
from app.terms import XSD_STRING, BlankNode, Iri, Literal, Term, Triple, n3, typed

_SH: Final = PREFIXES["sh"]
_SEVERITY, _FILE_NAME = iris("sh:severity spdx:fileName")
_TARGETS: Final = iris("sh:targetClass sh:targetNode sh:targetSubjectsOf sh:targetObjectsOf sh:target")
_IMPLICIT: Final = iris("rdfs:Class owl:Class")
# An xsd:date or xsd:gYearMonth by itself, not in an address or a longer number.
_DATE: Final = re.compile(r"(?<![\w/.-])\d{4}-(?:0[1-9]|1[0-2])(-\d\d)?(?![\w/-]|\.\d)")


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result (SHACL §3.6.2): the shape is the nearest one with an IRI; messages by language.

    Of what a check has found the shape is the check's path in ``queries/``.

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

    def __add__(self, other: "Report") -> "Report":
        """Give both reports as one."""
        return report_of((*self.results, *other.results))

    def triples(self, base: str, files: Mapping[str, str]) -> Iterator[Triple]:
        """Give the report as RDF: ``quality#report`` and a ``quality#<key>`` for each result.

        ``files`` has by key the file that speaks of the focus node (``spdx:fileName``: relative to the content).
        """
        report = Iri(f"{base}quality#report")
        yield report, RDF_TYPE, Iri(_SH + "ValidationReport")
        yield report, Iri(_SH + "conforms"), typed(str(self.conforms).lower(), "boolean")
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
            yield from ((node, Iri(_SH + name), term) for name, term in facts.items() if term is not None)
            for language, text in sorted(result.messages.items()):
                yield node, Iri(_SH + "resultMessage"), Literal(text, language or None)
            if result.key in files:
                yield node, _FILE_NAME, Literal(files[result.key])


def report_of(results: Iterable[Result]) -> Report:
    """Put results into a report, each once, worst first."""
    found = {result.key: result for result in results}.values()
    ordered = sorted(found, key=lambda r: (rank(r.severity), str(r.focus), r.key))
    return Report(not ordered, tuple(ordered))


def layers(shapes: Iterable[Triple]) -> tuple[list[Triple], list[Triple]]:
    """Give the shapes graph twice: with the targets of integrity shapes alone, and with those of the others.

    A shape that says of itself that it warns or informs (``sh:severity``) is no integrity shape. All else stays in
    both, so that shapes which others name are there.
    """
    given = list(shapes)
    soft = {subject for subject, predicate, value in given if predicate == _SEVERITY and value in (WARNING, INFO)}

    def aims(triple: Triple) -> bool:
        return triple[1] in _TARGETS or (triple[1] == RDF_TYPE and triple[2] in _IMPLICIT)

    return (
        [triple for triple in given if not (aims(triple) and triple[0] in soft)],
        [triple for triple in given if not aims(triple) or triple[0] in soft],
    )


def validate(data: Iterable[Triple], shapes: Iterable[Triple]) -> Report:
    """Validate data against shapes; no inference but the subclass reasoning that SHACL §1.3 asks for.

    The data must hold the ontology's subclass triples. Nothing is fetched; SHACL-AF rules do not run.
    Raises ContentError when the shapes are no SHACL.
    """
    shape_graph = _Graph(shapes)
    import pyshacl  # noqa: PLC0415 - a third of a second that the server, which only reads reports, need not spend

    try:
        _, found, _ = pyshacl.validate(
            _Graph(data), shacl_graph=shape_graph, inference="none", advanced=False, do_owl_imports=False
        )
    except (pyshacl.errors.ReportableRuntimeError, SyntaxError) as error:  # the latter: SPARQL in a constraint
        raise ContentError("shapes", f"the shapes are no SHACL: {error}", f"formene er ikke SHACL: {error}") from error
    if not isinstance(found, rdflib.Graph):
        raise TypeError(f"no report: {found}")
    nodes = found.subjects(RDF.type, SH.ValidationResult)
    return report_of(_result(found, node, shape_graph) for node in nodes)


def _result(found: rdflib.Graph, node: Any, shapes: rdflib.Graph) -> Result:
    value = found.value(node, SH.value)
    return Result(
        focus=_term(found.value(node, SH.focusNode)),
        path=_iri(found.value(node, SH.resultPath)),
        value=None if value is None else _term(value),
        severity=_iri(found.value(node, SH.resultSeverity)) or VIOLATION,
        messages=_messages(found, node, shapes),
        shape=_named_shape(found.value(node, SH.sourceShape), shapes),
        component=_iri(found.value(node, SH.sourceConstraintComponent)),
    )


def _messages(found: rdflib.Graph, node: Any, shapes: rdflib.Graph) -> dict[str, str]:
    """Give the messages by language; those of a SPARQL constraint replace its shape's (SHACL §5.2.1)."""
    texts: dict[str, str] = {}
    sources = [found.value(node, SH.sourceConstraint), found.value(node, SH.sourceShape)]
    own, of_shape = ([*shapes.objects(source, SH.message)] if source is not None else [] for source in sources)
    for message in sorted(found.objects(node, SH.resultMessage), key=str):
        language = message.language if isinstance(message, rdflib.Literal) else None
        matched = _language(str(message), own or of_shape)
        if own and not matched and any(getattr(template, "language", None) for template in own):
            continue
        language = language or matched
        text = with_dates(str(message), language)
        texts[language] = f"{texts[language]} {text}" if language in texts else text
    return texts


def with_dates(text: str, language: str) -> str:
    """Write out the dates that were filled into a message, as its language does; English is British here."""
    try:
        locale = Locale.parse("en-GB" if language == "en" else language, sep="-")
    except (UnknownLocaleError, ValueError):
        return text

    def written(found: re.Match[str]) -> str:
        try:
            day = date.fromisoformat(found[0] if found[1] else f"{found[0]}-01")
        except ValueError:  # no such day
            return found[0]
        return format_date(day, "long", locale) if found[1] else format_skeleton("yMMMM", day, locale=locale)

    return _DATE.sub(written, text)


def _language(message: str, templates: Iterable[Any]) -> str:
    """Find the language of a message by its template: pySHACL loses it in those of SPARQL constraints."""
    for template in templates:
        pattern = ".*".join(map(re.escape, re.split(r"\{[?$]\w+\}", str(template))))
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
    return Literal(str(node), node.language or None, Iri(node.datatype or XSD_STRING))


class _Graph(rdflib.Graph):
    """Triples in memory, where pySHACL walks them, and in Oxigraph, which answers SPARQL: each where it is quick."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        super().__init__("Memory", bind_namespaces="none")
        self.engine = rdflib.Graph("Oxigraph", bind_namespaces="none")
        for subject, predicate, value in triples:
            triple = (to_rdflib(subject), rdflib.URIRef(predicate), to_rdflib(value))
            self.add(triple)
            self.engine.add(triple)

    def query(self, *arguments: Any, **options: Any) -> rdflib.query.Result:
        """Answer by the engine that answers all other queries."""
        return self.engine.query(*arguments, **options)

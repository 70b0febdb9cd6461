"""SHACL validation by pySHACL; the report as rows and as RDF whose results have IRIs of their own."""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from traceback import walk_tb
from typing import Any, Final

import rdflib
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from rdflib.namespace import SH

from app.content.turtle import to_rdflib
from app.errors import ShapesRefused
from app.namespaces import INFO, PREFIXES, RDF_TYPE, VIOLATION, WARNING, iris
from app.quality.findings import rank
from app.quality.graphs import ShapesGraph, WalkedGraph, from_rdflib, rdflib_triple
from app.quality.suspects import Suspects
from app.terms import Iri, Literal, Term, Triple, n3, typed

_SH: Final = PREFIXES["sh"]
_SEVERITY, _FILE_NAME = iris("sh:severity spdx:fileName")
_TARGETS: Final = iris("sh:targetClass sh:targetNode sh:targetSubjectsOf sh:targetObjectsOf sh:target")
_IMPLICIT: Final = iris("rdfs:Class owl:Class")
# So many nodes are validated together.
_TOGETHER: Final = 20
# What is said where neither a SPARQL constraint nor its shape has a message.
_SILENT: Final = {"en": "does not conform to the shape", "nb": "er ikke i samsvar med formen"}
# A node without an IRI, as a message of pySHACL's names it: by a name of ours for one build.
_UNNAMED: Final = re.compile(r"'f[0-9a-f]+\w*' ")
# An xsd:date or xsd:gYearMonth by itself, not in an address, a longer number or a literal as Turtle writes it.
_DATE: Final = re.compile(r"""(?<![\w/.-])\d{4}-(?:0[1-9]|1[0-2])(-\d\d)?(?![\w/-]|\.\d|"\^\^)""")


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
    return Kept(data, shapes).validate()


class Kept:
    """Data and shapes kept in memory, so that it can be asked again and again what is wrong with some nodes.

    The data may change between the questions. Not for several threads at once.
    """

    def __init__(self, data: Iterable[Triple], shapes: Iterable[Triple]) -> None:
        """Read both. Raises ContentError when the shapes are no SHACL."""
        import pyshacl  # noqa: PLC0415 - a third of a second that the server, which only reads reports, need not spend
        from pyshacl.graph_abstraction import DataGraph  # noqa: PLC0415

        self._data, self._shapes = WalkedGraph(data), ShapesGraph(shapes)
        options = {"inplace": True, "inference": "none"}
        graph = DataGraph.from_rdflib(self._data)
        with _told(self._shapes):
            self._validator = pyshacl.Validator(graph, shacl_graph=self._shapes, options=options)
            self._all = list(self._validator.shacl_graph.shapes)
        self._suspects = Suspects(self._data, self._validator.shacl_graph)

    def change(self, removed: Iterable[Triple], added: Iterable[Triple]) -> None:
        """Take triples out of the data, and put others in."""
        for triple in removed:
            self._data.remove(rdflib_triple(triple))
        for triple in added:
            self._data.add(rdflib_triple(triple))

    def validate(self, nodes: Collection[Term] | None = None, most: int | None = None) -> Report:
        """Validate all nodes, or some only, each against the shapes that target it. Raises ContentError.

        After ``most`` results no further node is looked at. pySHACL's own choice of focus nodes would pass over what
        shapes say of the values of a node.
        """
        wanted = None if nodes is None else {to_rdflib(node) for node in nodes}
        reports: list[Any] = []
        with _told(self._shapes):
            graph, executor = self._validator.data_graph, self._validator.make_executor()
            for shape in self._all:
                targets = shape.focus_nodes(graph)
                chosen = sorted(self._suspects.of(shape, targets if wanted is None else targets & wanted))
                for start in range(0, len(chosen), _TOGETHER):
                    if most is None or len(reports) < most:
                        reports += shape.validate(executor, graph, chosen[start : start + _TOGETHER])[1]
            found, _ = self._validator.create_validation_report(self._validator.shacl_graph, not reports, reports)
        return report_of(_result(found, node, self._shapes) for node in found.objects(None, SH.result))


@contextmanager
def _told(shapes: rdflib.Graph) -> Iterator[None]:
    """Tell an error of pySHACL's as one of the content, with the shape; SyntaxError is for SPARQL in a constraint."""
    import pyshacl  # noqa: PLC0415 - as in Kept

    try:
        yield
    except RecursionError as error:
        raise ShapesRefused("its parts are nested too deeply, or in a circle", shape_at(error, shapes)) from error
    except MemoryError:  # says nothing of the shapes
        raise
    except Exception as error:  # where a shape is not what it expects, pySHACL raises any kind
        told = isinstance(error, pyshacl.errors.ReportableRuntimeError | NotImplementedError | SyntaxError | ValueError)
        lines = str(error).strip().splitlines() if told or isinstance(error, re.error) else []
        text = next(iter(lines), "it has a value that cannot stand there")
        shape = shape_at(error, shapes) or _shape_in(text, shapes)
        raise ShapesRefused(_UNNAMED.sub("a part of it ", text), shape) from error


def _shape_in(text: str, shapes: rdflib.Graph) -> Iri | None:
    """Give the shape with an IRI that a message of pySHACL's names: itself, or by a node without one that it holds."""
    for node in shapes.all_nodes():
        if f"'{node}'" in text or f"<{node}>" in text:
            return _named_shape(node, shapes)
    return None


def shape_at(error: BaseException, shapes: rdflib.Graph | None = None) -> Iri | None:
    """Give the shape that was being checked when an error came from outside, by the frames that it passed.

    Of one without an IRI, where the shapes graph is given, that which holds it.
    """
    names = ("shape", "self", "list")  # the last is that of a list which rdflib goes through
    passed = [frame.f_locals.get(name) for frame, _ in walk_tb(error.__traceback__) for name in names]
    nodes = [
        each if isinstance(each, rdflib.BNode) else getattr(getattr(each, "shape", each), "node", None)
        for each in passed
    ]
    named = (_iri(node) if shapes is None else _named_shape(node, shapes) for node in reversed(nodes) if node)
    return next((shape for shape in named if shape), None)


def _result(found: rdflib.Graph, node: Any, shapes: rdflib.Graph) -> Result:
    value = found.value(node, SH.value)
    return Result(
        focus=from_rdflib(found.value(node, SH.focusNode)),
        path=_iri(found.value(node, SH.resultPath)),
        value=None if value is None else from_rdflib(value),
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
    return texts or _SILENT


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
        shape = min((above for above in shapes.subjects(None, shape) if above not in seen), key=str, default=None)
    return _iri(shape)


def _iri(node: Any) -> Iri | None:
    return Iri(node) if isinstance(node, rdflib.URIRef) else None

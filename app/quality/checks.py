"""What is wrong with a content as it is written: every problem in one run, each with its file and what to do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Final

from app.config import Settings, defaults
from app.content.folders import DEFAULT_BASE, Content
from app.content.reading import READABLE, InputFile, read
from app.content.turtle import format_content
from app.errors import ContentError, OutOfTime, QueryError, QueryRefused, QuerySyntaxError, ShapesRefused
from app.mediatypes import N_TRIPLES, RESULTS_JSON
from app.namespaces import DCTERMS_VALID, RDF_TYPE, iris
from app.progress import Progress, note
from app.quality.diagnostics import Diagnostic, Locator, diagnostic, of_error, of_result
from app.quality.scan import Scan
from app.quality.validation import Report, Result, layers, shape_at, validate
from app.query.files import QueryFile
from app.query.library import Library
from app.query.rewriting import mentioned
from app.query.tokens import refuse_dangerous
from app.store.embedded import EmbeddedStore
from app.store.interface import Limits
from app.terms import BlankNode, Iri, Literal, Term, Triple, n3, typed

_ANSWER_BYTES: Final = 1 << 20
_SPARQL, _SD_NAME = iris("sh:SPARQLConstraintComponent sd:name")
# What ``innherred new`` writes where words or a name belong, in texts and at the end of IRIs.
_PLACEHOLDER: Final = re.compile(rb"(?:FILL IN:|FYLL INN:)[^\"}\n]*|(?<=[/:])fill-in\b")
_SHAPE_QUERIES: Final = iris("sh:select sh:ask sh:construct")
_CONFORMS: Final = Report(True, ())
_Clue = tuple[str, Term | None, Term | None]


def written_problems(content: Content, scan: Scan, progress: Progress, *, texts: bool = True) -> list[Diagnostic]:
    """Find what is wrong with the files of a content that ``scan`` has read. Writes nothing.

    Without ``texts`` it is not asked whether the files are in canonical form, nor in which lines results are.
    """
    left = list(_left_to_fill_in(content))
    problems = [*scan.problems(), *dataset_problems(content), *_unread(content), *left]
    with progress.step("canonical text"):
        problems += [
            diagnostic(content, name, "not-canonical", "warning")
            for name in (format_content(content, check=True).changed if texts and not content.root.is_file() else ())
        ]
    with progress.step("integrity shapes"):
        if scan.complete:
            try:
                # What is still to be written, or not defined, is told as that, not also as wrong.
                unknown = scan.undefined()
                results = tuple(each for each in integrity_report(content).results if each.value not in unknown)
                unfinished = {(each.path, each.line) for each in left}
                found = shape_problems(content, Report(not results, results), lines=texts or bool(left))
                problems += [each for each in found if (each.path, each.line) not in unfinished]
                problems += view_problems(content, scan.described, scan.merged)
            except ContentError as error:
                problems.append(of_error(error))
        elif not content.root.is_file():
            problems.append(diagnostic(content, None, "waits-for-files", "info"))
    return problems


def dataset_problems(content: Content) -> list[Diagnostic]:
    """Tell when nothing says what the content's IRIs begin with, or what it is called: its site would be empty.

    Of one file it is told what was guessed.
    """
    about = content.dataset
    if content.root.is_file():
        texts = (n3(Literal(text, tag or None)) for tag, text in sorted(about.title.items()))
        title, languages = " , ".join(texts), ", ".join(about.languages)
        values: dict[str, Any] = {"base": content.base, "title": title, "languages": languages}
        return [diagnostic(content, content.root.name, "guessed", "info", **values)]
    if about.title and content.base != DEFAULT_BASE:
        return []
    return [diagnostic(content, "data/dataset.ttl", "dataset-undescribed", "warning")]


def integrity_report(content: Content) -> Report:
    """Validate against the integrity shapes: data and ontology as they are written; raises ContentError.

    The names of the graphs of ``data/`` stand in the validated graph as ``sd:name`` (SPARQL 1.1 Service Description
    §3.4.1), where a shape can ask for the description of each.
    """
    return _validated(content, written(content), integrity_shapes(content))


def integrity_shapes(content: Content) -> list[Triple]:
    """Give the shapes graph with the targets of integrity shapes alone; raises ContentError."""
    return layers(_triples(content, "shapes"))[0]


def view_problems(content: Content, described: Iterable[Triple], graphs: Iterable[Iri]) -> list[Diagnostic]:
    """Find what is wrong with the views of the data, by what is said in ``data/dataset.ttl`` and the data's graphs."""
    views = content.dataset.views
    if not views:
        return []
    made = {content.graph(f"entailed/{name}") for name in ("stated", "interpreted", "uncertain")}
    made |= {own for view in views if (own := content.graph(f"entailed/{view.name}")) in view.includes}
    there = {graph.replace(content.base, content.dataset.space, 1) for graph in (*graphs, *made)}
    named = ((content.dataset.iri, _SD_NAME, Iri(graph)) for graph in sorted(there))
    path = defaults() / "shapes" / "views.ttl"
    shapes = [triple for triple, _ in read(InputFile(path, path.name, None, "defaults"), content.base)]
    return shape_problems(content, validate([*described, *named], shapes))


def gap_report(content: Content, data: Iterable[Triple], as_of: date | None) -> Report:
    """Validate against the shapes that warn and inform; raises ContentError.

    The date that the data is as of stands in the validated graph as ``dcterms:valid`` of the dataset, where a
    shape's query can compare with it.
    """
    _, shapes = layers(_triples(content, "shapes"))
    known = [(content.dataset.iri, DCTERMS_VALID, typed(as_of.isoformat(), "date"))] if as_of else []
    return _validated(content, chain(data, known), shapes)


def _validated(content: Content, data: Iterable[Triple], shapes: list[Triple]) -> Report:
    try:
        return validate(data, shapes) if shapes else _CONFORMS
    except OutOfTime as error:
        if (shape := shape_at(error)) is not None:
            files = (f.name for f in content.rdf("shapes") if any(t[0] == shape for t, _ in read(f, content.base)))
            note(step=f"check the shape <{shape}>", file=next(files, ""))
        raise
    except ShapesRefused as error:
        shape = Iri(error.shape or "")
        for file in content.rdf("shapes"):
            if any(triple[0] == shape for triple, _ in read(file, content.base)):
                line = Locator(content).line(file, (shape,))
                raise ShapesRefused(error.problem, error.shape, file.name, line) from error
        raise


def shape_problems(content: Content, report: Report, *, lines: bool = True) -> list[Diagnostic]:
    """Give the results of a report with the file and line that speak of the focus node, or only the file."""
    results = [about(content, result) for result in report.results]
    files = places(content, results)
    locator = Locator(content)
    problems = []
    for result in results:
        file = files.get(result.key)
        line = locator.line(file, (result.focus, result.path, result.value)) if file and lines else None
        problems.append(of_result(result, Path(file.name) if file else None, line))
    return problems


def about(content: Content, result: Result) -> Result:
    """Give what a query over all the data found, with the dataset as its focus node, as a result of the thing found."""
    found = result.value
    if result.focus != content.dataset.iri or result.component != _SPARQL or not isinstance(found, Iri | BlankNode):
        return result
    return replace(result, focus=found, value=None)


def query_problems(
    content: Content, settings: Settings, defined: Iterable[Iri], library: Library | None = None
) -> list[Diagnostic]:
    """Find query files with a bad header, bad SPARQL, or own terms that the ontology does not define; shapes' too.

    ``library`` are the query files of the content where they are read already.
    """
    library = library or Library.load([content.root / "queries"], content.prefixes)
    problems = [
        diagnostic(content, error.path, "told", line=error.line, message=error.message) for error in library.errors
    ]
    store = EmbeddedStore.in_memory([])
    limits = Limits(settings.query_length, settings.query_nesting, _ANSWER_BYTES)
    known = set(defined)
    for file in library.files():
        graph = file.form in ("CONSTRUCT", "DESCRIBE")
        try:
            store.answer(file.text, None, N_TRIPLES if graph else RESULTS_JSON, limits)
        except QuerySyntaxError as error:
            place = error.line, error.column
            problems.append(diagnostic(content, file.path, "told", "error", *place, message=error.message))
        except QueryError as error:
            problems.append(diagnostic(content, file.path, "told", message=error))
        else:
            problems += _undefined_in_query(content, file, known)
    return [*problems, *_shape_query_problems(content, known, limits)]


def _triples(content: Content, *folders: str) -> Iterator[Triple]:
    for file in content.rdf(*folders):
        if file.graph is not None:
            yield from (triple for triple, _ in read(file, content.base))


def written(content: Content) -> Iterator[Triple]:
    """Give what integrity shapes are asked of: data and ontology as written, and the names of the data's graphs."""
    graphs = set()
    for file in content.rdf("data", "ontology"):
        for triple, graph in read(file, content.base):
            yield triple
            if graph is not None and file.folder == "data":
                graphs.add(graph)
    yield from ((content.dataset.iri, _SD_NAME, graph) for graph in sorted(graphs))


def _unread(content: Content) -> Iterator[Diagnostic]:
    for name in content.unread:
        kinds = ".rq" if name.startswith("queries/") else " ".join(READABLE)
        yield diagnostic(content, name, "unread", "warning", kinds=kinds)


def _left_to_fill_in(content: Content) -> Iterator[Diagnostic]:
    for file in content.files:
        for line, words in () if file.packed else placeholders(file.path):
            yield diagnostic(
                content, file.name, "left-to-fill-in", "error", line, words=words.partition(": ")[2] or words
            )


def placeholders(path: Path) -> Iterator[tuple[int, str]]:
    """Give the places of a file that ``innherred new`` left to fill in: the line (from 1) and what belongs there."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            for match in _PLACEHOLDER.finditer(line):
                yield number, match.group().decode("utf-8", "replace").strip()


def _undefined_in_query(content: Content, file: QueryFile, known: set[Iri]) -> Iterator[Diagnostic]:
    for term, place in _own_terms(content, file.text, {}).items():
        if term not in known:
            line = file.text.count("\n", 0, place) + 1
            yield diagnostic(content, file.path, "undefined", "error", line, entity=term, term=term)


def _shape_query_problems(content: Content, known: set[Iri], limits: Limits) -> Iterator[Diagnostic]:
    """Look into the queries of shapes, whose prefixes are declared elsewhere (SHACL §5.2.1)."""
    locator = Locator(content)
    for file in content.rdf("shapes"):
        with suppress(ContentError):  # told by the scan
            for (subject, predicate, text), _ in read(file, content.base):
                if predicate in _SHAPE_QUERIES:
                    try:
                        refuse_dangerous(str(text), length=limits.query_length, nesting=limits.query_nesting)
                    except QueryRefused as error:
                        line = locator.line(file, (subject, predicate))
                        yield diagnostic(content, file.name, "told", "error", line, message=error)
                    for term in _own_terms(content, str(text), content.prefixes).keys() - known:
                        line = locator.line(file, (subject, predicate))
                        yield diagnostic(content, file.name, "undefined", "error", line, entity=term, term=term)


def _own_terms(content: Content, text: str, prefixes: Mapping[str, str]) -> dict[Iri, int]:
    """Give the terms of the content's own namespaces in a query, each with the place where it stands first."""
    found: dict[Iri, int] = {}
    for term, place in mentioned(text, prefixes) if content.namespaces else ():
        if term.startswith(content.namespaces) and term not in content.namespaces:
            found.setdefault(term, place)
    return found


def places(content: Content, results: Iterable[Result]) -> dict[str, InputFile]:
    """Give the file of each result: the one that says most of focus node, path and value, or whose graph it is of.

    Of a focus node that nothing is said of it is the first file that mentions it.
    """
    found = list(results)
    # Looked up by what a triple has of a result, so that a thing with thousands of results is read once.
    wanted = {key for result in found for key in _clues(result.focus, result.path, result.value)}
    best: dict[_Clue, tuple[int, int, InputFile]] = {}
    focuses = {result.focus for result in found}
    mentioned: dict[Term, InputFile] = {}
    for number, file in enumerate(content.rdf("data", "ontology", "shapes") if found else ()):
        for (subject, predicate, value), _ in read(file, content.base):
            for term in (predicate, value):
                if term in focuses:
                    mentioned.setdefault(term, file)
            for clue in _clues(subject, predicate, value):
                if clue in wanted:
                    score = 1 + (predicate == RDF_TYPE) + 2 * (clue[1] is not None) + 2 * (clue[2] is not None)
                    if score > best.get(clue, (0, 0, file))[0]:
                        best[clue] = score, -number, file
    places: dict[str, InputFile] = {}
    for result in found:
        if known := [best[each] for each in _clues(result.focus, result.path, result.value) if each in best]:
            places[result.key] = max(known, key=lambda each: each[:2])[2]
        elif of_graph := next((file for file in content.rdf("data") if file.graph == result.focus), None):
            places[result.key] = of_graph
        elif result.focus in mentioned:
            places[result.key] = mentioned[result.focus]
    return places


def _clues(focus: Term, path: Term | None, value: Term | None) -> set[_Clue]:
    """Give what of a focus node, a path and a value may be in a triple: all of it, or less."""
    return {(str(focus), path, value), (str(focus), path, None), (str(focus), None, value), (str(focus), None, None)}

"""What is wrong with the query files of a content, beside their syntax: words that are missing, answers that changed.

The words are checked in the languages of the dataset's own title. Queries run over what visitors see: the data with
what follows from it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

from app.content.folders import APPROVED, Content
from app.content.reading import read
from app.errors import BindingError, QueryError
from app.mediatypes import N_TRIPLES, RESULTS_TSV
from app.namespaces import RDF_TYPE
from app.progress import note
from app.quality.diagnostics import Diagnostic, Locator, Severity, below, diagnostic
from app.query.binding import bind_rows
from app.query.files import QueryFile
from app.query.library import Library, engine_query, local_name
from app.query.rewriting import mentioned
from app.query.tokens import refuse_dangerous, significant, variable_names
from app.store.embedded import EmbeddedStore
from app.store.interface import Limits, Solutions, Store
from app.terms import Dataset, Iri, Triple

_LIMITS: Final = Limits(query_length=1 << 20, query_nesting=1000, answer_bytes=1 << 26)
_ANYTHING: Final = Iri("urn:example:thing")
_ONCE, _AGAIN = Iri("urn:example:once"), Iri("urn:example:again")
# More is not read into memory to see whether questions count right.
_MOST_TRIPLES: Final = 200_000
_SHOWN: Final = 100
# What may give another answer when solutions are there twice, or each time; COUNT(DISTINCT …) does not.
_GAP: Final = r"(?:\s|#[^\n]*\n)*"
_COUNTING: Final = re.compile(
    rf"COUNT{_GAP}\((?!{_GAP}DISTINCT\b)|(?:SUM|AVG|MIN|MAX|SAMPLE|GROUP_CONCAT|RAND|UUID|BNODE|NOW){_GAP}\("
    rf"|(?:LIMIT|OFFSET){_GAP}[0-9]|REDUCED",
    re.IGNORECASE,
)
_SHOWN_IN: Final = ("pages", "questions", "front", "overviews")


def word_problems(content: Content, library: Library) -> Iterator[Diagnostic]:
    """Find titles, descriptions and labels that a query file lacks, and columns without one label each.

    What nine of ten texts say in a language of the dataset's title, the others must say; what half of them do is a
    warning.
    """
    files = list(library.files())
    told = [(file, key, text) for file in files for key, text in _texts(content, file).items()]
    for language in filter(None, content.dataset.title):
        lacking = [(file, key) for file, key, text in told if language not in text]
        if len(lacking) <= len(told) / 2:
            for file, key in lacking:
                severity: Severity = "error" if len(lacking) <= len(told) / 10 else "warning"
                line = _header_line(file, key)
                yield diagnostic(content, file.path, "text-missing", severity, line, key=key, language=language)
    selects = (file for file in files if _place(content, file) in _SHOWN_IN and file.form == "SELECT")
    yield from _column_problems(content, selects)


def _place(content: Content, file: QueryFile) -> str:
    return file.path.relative_to(content.root / "queries").parts[0]


def _texts(content: Content, file: QueryFile) -> dict[str, Mapping[str, str]]:
    """Give the texts of a header by their keys, with those that it must have."""
    texts = {"title": file.title, **{f"columns: {name}": text for name, text in file.columns.items()}}
    texts |= {f"parameters: {each.name}: label": each.label for each in file.parameters}
    if file.description or _place(content, file) in (*_SHOWN_IN, "rules"):
        texts["description"] = file.description
    return texts | ({"message": file.message} if file.message else {})


def _column_problems(content: Content, files: Iterable[QueryFile]) -> Iterator[Diagnostic]:
    """Find columns without a label, where nine of ten have one, and labels of no column."""
    store = EmbeddedStore.in_memory([])
    shown = 0
    unnamed: list[tuple[QueryFile, str]] = []
    for file in files:
        try:
            variables = _select(
                store, file.bound({"this": _ANYTHING} if "this" in variable_names(file.text) else {})
            ).variables
        except (BindingError, QueryError):  # told of the query itself
            continue
        companions = {f"{name}{suffix}" for name in variables for suffix in ("Label", "About")}
        columns = [name for name in variables if name != "this" and name not in companions]
        shown += len(columns)
        unnamed += [(file, name) for name in columns if name not in file.columns]
        for name in file.columns:
            if name not in columns:
                line = _header_line(file, f"columns: {name}")
                yield diagnostic(content, file.path, "no-column", "error", line, name=name)
    severity: Severity = "error" if len(unnamed) <= shown / 10 else "warning"
    for file, name in unnamed:
        line = _header_line(file, "columns")
        yield diagnostic(content, file.path, "column-without-label", severity, line, name=name)


def answer_problems(
    content: Content, library: Library, store: Store, answers: dict[str, str] | None = None
) -> Iterator[Diagnostic]:
    """Find panels that show nothing, answers that are not the approved ones, and properties nobody asks for.

    What is answered is put into ``answers``, as it would be approved, by the name of its file.
    """
    yield from _panel_problems(content, library, store)
    folder = content.root / APPROVED
    for question in _askable(library):
        note(file=str(below(content.root, question.path)))
        try:
            lines = answer_lines(store, question)
        except QueryError as error:
            yield diagnostic(content, question.path, "told", message=error)
            continue
        if answers is not None:
            answers[approved_file(content, question).relative_to(content.root).as_posix()] = approved_text(lines)
        if folder.is_dir():
            yield from _approval_problems(content, question, lines)
        elif len(lines) < 2 and question.form == "SELECT":
            yield diagnostic(content, question.path, "no-answer", "warning")
    names = {approved_file(content, question).name for question in _askable(library)}
    for path in sorted(folder.glob("*.*")):
        if path.name not in names:
            yield diagnostic(content, path, "approved-without-question")
    yield from _unasked(content, library, store)


def _panel_problems(content: Content, library: Library, store: Store) -> Iterator[Diagnostic]:
    classes: dict[str, list[Iri]] = {}
    for row in store.select(engine_query("engine/classes-with-things")).rows:
        classes.setdefault(local_name(str(row["class"])), []).append(Iri(str(row["class"])))
    things: dict[str, list[Iri]] = {}
    for folder, panels in library.pages.items():
        name = folder.partition("/")[0]
        if name not in classes:
            yield diagnostic(content, panels[0].path.parent, "no-thing-of-class", name=name)
            continue
        if name not in things:
            query = bind_rows(engine_query("engine/things-of-class"), ["class"], [[each] for each in classes[name]])
            things[name] = [Iri(str(row["thing"])) for row in store.select(query).rows]
        for panel in panels:
            note(file=str(below(content.root, panel.path)))
            try:
                shows = panel.form != "SELECT" or any(
                    _select(store, panel.bound({"this": thing})).rows for thing in things[name]
                )
            except (BindingError, QueryError) as error:
                yield diagnostic(content, panel.path, "told", message=error)
                continue
            if not shows:
                yield diagnostic(content, panel.path, "panel-shows-nothing", number=len(things[name]))


def answer_lines(store: Store, question: QueryFile) -> list[str]:
    """Give the answer of a question with its default values: a line for each row after the names, or triples."""
    graph = question.form in ("CONSTRUCT", "DESCRIBE")
    answer = store.answer(question.bound({}), None, N_TRIPLES if graph else RESULTS_TSV, _LIMITS)
    lines = answer.body.decode().replace("\r\n", "\n").rstrip("\n").split("\n")
    if graph:
        return sorted(lines)
    # Rows that nobody ordered may come in another order from the next store.
    ordered = any(token.is_word("ORDER") for token in significant(question.text))
    return lines if ordered else [*lines[:1], *sorted(lines[1:])]


def _askable(library: Library) -> list[QueryFile]:
    """Give the questions that have an answer without somebody choosing a value."""
    return [
        question
        for question in library.questions.values()
        if not any(each.required and each.default is None for each in question.parameters)
    ]


def approved_file(content: Content, question: QueryFile) -> Path:
    """Give the file of the approved answer."""
    suffix = ".nt" if question.form in ("CONSTRUCT", "DESCRIBE") else ".tsv"
    return content.root / APPROVED / f"{question.name}{suffix}"


def approved_text(lines: list[str]) -> str:
    """Give an answer as it stands in the file of the approved one."""
    return "\n".join(lines) + "\n"


def approve_answers(content: Content, library: Library, store: Store, names: Iterable[str] = ()) -> list[str]:
    """Write the present answers as the approved ones, all or those of some questions; give the files that changed.

    When all are approved, files without a question are removed.
    """
    chosen = [library.questions[name] for name in names]
    every = not chosen
    files = {approved_file(content, question): question for question in chosen or _askable(library)}
    changed = []
    for path, question in files.items():
        text = approved_text(answer_lines(store, question))
        if not path.is_file() or path.read_bytes() != text.encode():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    if every:
        for path in sorted({*(content.root / APPROVED).glob("*.*")} - files.keys()):
            path.unlink()
            changed.append(path)
    return [path.relative_to(content.root).as_posix() for path in changed]


def _approval_problems(content: Content, question: QueryFile, lines: list[str]) -> Iterator[Diagnostic]:
    path = approved_file(content, question)
    if not path.is_file():
        yield diagnostic(content, question.path, "not-approved", name=question.name)
        return
    approved = path.read_text(encoding="utf-8", errors="replace").rstrip("\n").split("\n")
    for number, (old, new) in enumerate(zip([*approved, ""], [*lines, ""], strict=False), 1):
        if old != new:
            now, before = _short(new), _short(old)
            yield diagnostic(content, path, "answer-changed", line=number, new=now, old=before, name=question.name)
            return


def counting_problems(content: Content, library: Library, graphs: Iterable[Iri]) -> Iterator[Diagnostic]:
    """Find questions that count a triple twice when two of the graphs of the data hold it; raises ContentError.

    On a part of the data, such as what is asserted, the engine gives a triple once for each graph.
    """
    merged, first, again = set(graphs), dict[Triple, Iri](), set[Triple]()
    for file in content.rdf("data", "ontology") if library.questions else ():
        for triple, graph in read(file, content.base):
            if graph in merged and first.setdefault(triple, graph) != graph:
                again.add(triple)
        if len(first) > _MOST_TRIPLES:
            return
    if not again:
        return
    store = EmbeddedStore.in_memory([*((each, _ONCE) for each in first), *((each, _AGAIN) for each in again)])
    for question in _askable(library):
        by_graph = any(token.is_word("GRAPH") for token in significant(question.text))
        if question.form != "SELECT" or by_graph or counts_alike(question.text):
            continue
        try:
            text = question.bound({})
            once, twice = (
                Counter(str(sorted(row.items())) for row in _select(store, text, Dataset(default=default)).rows)
                for default in ((_ONCE,), (_ONCE, _AGAIN))
            )
        except QueryError:  # told where its answer is asked for
            continue
        if once != twice:
            yield diagnostic(content, question.path, "counts-twice")


def counts_alike(text: str) -> bool:
    """Say whether a SELECT surely has the same rows however often its data has each triple, by its text alone.

    Its rows are a set (DISTINCT, or one for each group), and nothing in it counts solutions, chooses among them or
    gives something else each time. Of what is not sure it says no.
    """
    query = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    if "\\" in query or _COUNTING.search(query):
        return False
    depth, outer = 0, []
    for token in significant(query):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.kind == "word":
            outer.append(token.text.upper())
    return any(pair in (("SELECT", "DISTINCT"), ("GROUP", "BY")) for pair in pairwise(outer))


def _unasked(content: Content, library: Library, store: Store) -> Iterator[Diagnostic]:
    if not content.namespaces or not library.questions:
        return
    asked = {term for file in library.files() for term, _ in mentioned(file.text)}
    kept = (condition for file in library.files() if file.reads for group in file.reads.keep for condition in group)
    asked |= {term for each in kept for term in (each.property, each.learned) if term}
    locator = Locator(content)
    for row in store.select(engine_query("engine/properties-to-ask-for")).rows:
        term = Iri(str(row["property"]))
        if term in asked or not term.startswith(content.namespaces):
            continue
        triples = ((file, triple) for file in content.rdf("ontology") for triple, _ in read(file, content.base))
        file = next((file for file, (s, p, _) in triples if (s, p) == (term, RDF_TYPE)), None)
        name, line = (file.name, locator.line(file, (term,))) if file else (None, None)
        yield diagnostic(content, name, "nobody-asks", "warning", line, entity=term)


def _select(store: Store, query: str, dataset: Dataset | None = None) -> Solutions:
    """Answer a query of a content, which is refused what a query from outside is refused: other servers."""
    refuse_dangerous(query, length=_LIMITS.query_length, nesting=_LIMITS.query_nesting)
    return store.select(query, dataset)


def _header_line(file: QueryFile, key: str) -> int:
    """Give the line of the last word of a key of the header, looked for after the words before it."""
    lines = file.text.splitlines()
    number = 0
    for word in key.split(": "):
        pattern = re.compile(rf"^#\+.*\b{re.escape(word)}:")
        number = next((n for n in range(number, len(lines)) if pattern.match(lines[n])), number)
    return number + 1


def _short(line: str) -> str:
    text = line.replace("\t", " ") if len(line) <= _SHOWN else line[:_SHOWN].replace("\t", " ") + "…"
    return f'"{text}"'

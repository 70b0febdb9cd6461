"""``query``, ``describe`` and ``why``: what is asked of the current generation, or of another endpoint, as text."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from app import mediatypes
from app.cli.options import (
    Failure,
    Misuse,
    dataset_of,
    ensure_generation,
    failing,
    format_of,
    in_language,
    language,
    open_content,
    store_of,
    term_of,
)
from app.config import Settings, defaults
from app.content.folders import Content
from app.entities.basis import ALL, bases, data_graphs
from app.entities.document import statements
from app.entities.labels import Labels, look_up, preferred_languages
from app.entities.reasons import Premise, Reason, of_thing
from app.entities.workbook import AboutSheet, workbook
from app.errors import BindingError, QueryError
from app.generation import Generation, Manifest
from app.mediatypes import XLSX
from app.namespaces import RDF_TYPE, shrink
from app.progress import Progress
from app.query.binding import bind
from app.query.files import QueryFile
from app.query.library import Library, engine_query, without_header
from app.query.tokens import form
from app.store.engine import serialize
from app.store.interface import Limits, Solutions, Store
from app.store.remote import RemoteStore
from app.store.transport import Endpoint
from app.terms import XSD, BlankNode, Dataset, Iri, Literal, Term, Triple, n3, parse_term

_ENGLISH: Final = (
    "asserted in",
    "from",
    "explained above",
    "certainty",
    "nobody had to entail this: it is asserted in",
)
_NORWEGIAN: Final = ("står i", "fra", "forklart ovenfor", "sikkerhet", "dette er ikke sluttet: det står i")
_NO_LIMITS: Final = Limits(query_length=2**31, query_nesting=1000, answer_bytes=2**62)


class Explanation:
    """Tells reasons as indented text: what follows, the rules, the premises down to what is asserted."""

    def __init__(self, store: Store, base: str, languages: Sequence[str], prefixes: Mapping[str, str]) -> None:
        """Tell nothing yet."""
        self._store, self._base, self._languages, self._prefixes = store, base, tuple(languages), prefixes
        self._seen: set[Triple] = set()
        self._words = _ENGLISH

    def text(self, triple: Triple, reasons: Sequence[Reason], *, norwegian: bool) -> str:
        """Give the reasons of a statement; of one that is asserted only, where."""
        self._words = _NORWEGIAN if norwegian else _ENGLISH
        lines = [self._said(triple)]
        if not reasons:
            return "\n".join([*lines, f"  {self._words[4]} {self._graphs(triple)}"])
        for reason in reasons:
            lines += self._reason(reason, 1)
        return "\n".join(lines)

    def _reason(self, reason: Reason, depth: int) -> Iterator[str]:
        self._seen.add(reason.triple)
        names = look_up(self._store, reason.rules, self._languages)
        rules = "; ".join(f"{names[rule]} [{rule.rpartition('/')[2]}]" for rule in reason.rules)
        yield f"{'  ' * depth}← {rules} ({self._words[3]}: {self._name(reason.certainty)})"
        for premise in reason.premises:
            yield from self._premise(premise, depth + 1)

    def _premise(self, premise: Premise, depth: int) -> Iterator[str]:
        indent = "  " * depth
        yield f"{indent}· {self._said(premise.triple)}"
        if premise.entailed:
            if premise.triple in self._seen:
                yield f"{indent}    ({self._words[2]})"
                return
            thing = premise.triple[0]
            about = of_thing(self._store, thing, self._base) if isinstance(thing, Iri) else {}
            for reason in about.get(premise.triple, ()):
                if reason.iri == premise.iri:
                    yield from self._reason(reason, depth + 1)
            return
        where = self._graphs(premise.triple)
        sources = premise.sources or (self._sources(premise.iri) if isinstance(premise.iri, Iri) else ())
        given = ", ".join(self._name(source) for source in sources)
        told = f" {self._words[1]} {given}" if given else ""
        yield f"{indent}    {self._words[0]} {where} ({self._name(premise.certainty)}){told}"
        if premise.rationale:
            yield f"{indent}    {self._text(premise.rationale)}"

    def _text(self, texts: Sequence[Literal]) -> str:
        order = {language: place for place, language in enumerate(self._languages)}
        return min(texts, key=lambda each: order.get(each.language or "", len(order))).value

    def _said(self, triple: Triple) -> str:
        return " ".join(self._name(term) for term in triple)

    def _name(self, term: Term | None) -> str:
        if term is None:
            return "–"
        if not isinstance(term, Iri):
            return n3(term) if isinstance(term, Literal) else "[…]"
        label = look_up(self._store, [term], self._languages)[term]
        name = shrink(term, self._prefixes) or f"<{term}>"
        return f"“{label}” {name}" if label.found else name

    def _graphs(self, triple: Triple) -> str:
        try:
            query = bind(engine_query("engine/graphs-with"), named(triple))
        except BindingError:
            return "–"
        rows = self._store.select(query).rows
        names = dict.fromkeys(str(row["graph"]).removeprefix(self._base) for row in rows)
        return ", ".join(name for name in names if not name.startswith("graph/entailed")) or ", ".join(names)

    def _sources(self, node: Iri) -> tuple[Term, ...]:
        rows = self._store.select(bind(engine_query("engine/sources-of"), {"this": node})).rows
        return tuple(row["source"] for row in rows)


def named(triple: Triple) -> dict[str, Term]:
    """Give the terms of a statement that have a name, as values for ?s, ?p and ?o of a query."""
    return {name: term for name, term in zip("spo", triple, strict=True) if not isinstance(term, BlankNode)}


def questions(settings: Settings, lang: str | None) -> str:
    """Give the list of questions: name, title, parameters."""
    _, library = _library(settings)
    lines = []
    for name, file in library.questions.items():
        takes = " ".join(f"{p.name}=…" if p.required else f"[{p.name}=…]" for p in file.parameters)
        lines.append(f"{name:<32} {in_language(file.title, lang)}" + (f"  ({takes})" if takes else ""))
    return "\n".join(lines) if lines else "This content has no questions (queries/questions/*.rq)."


def _library(settings: Settings) -> tuple[Content, Library]:
    content = open_content(settings)
    return content, Library.load([defaults() / "queries", content.root / "queries"], content.prefixes)


@dataclass(frozen=True, slots=True)
class Wish:
    """How a question is to be answered: values given, format, basis, language, another endpoint."""

    given: Sequence[str]
    format: str
    basis: str
    language: str | None
    endpoint: str | None


def answer_question(settings: Settings, name: str, wish: Wish) -> str | bytes:
    """Answer a question or a query from a file, a workbook as bytes; a Failure tells what to mend."""
    content, library = _library(settings)
    file = library.questions.get(name)
    text = file.text if file else _read(name, library)
    values = _values(file, wish.given, content.prefixes)
    store: Store
    manifest = None
    if wish.endpoint:
        store = RemoteStore(Endpoint(wish.endpoint))
    else:
        generation = ensure_generation(settings, Progress())
        store, manifest = store_of(settings, generation), generation.manifest
    with failing(QueryError, BindingError):
        bound = file.bound(values) if file else bind(text, values)
        dataset = None
        if wish.basis != ALL:
            data = data_graphs(store.graphs(), content.base)
            dataset = dataset_of(wish.basis, bases(manifest.views if manifest else content.views(data), data))
        if wish.format == XLSX.name and form(bound) == "SELECT":
            wanted = wish.language or language()
            labels = partial(look_up, store, languages=preferred_languages(wanted, content.dataset.languages))
            return _spreadsheet(store.select(bound, dataset), labels, bound, file, manifest, wanted)
        return _answered(store, bound, dataset, wish, content, file)


def _answered(
    store: Store, query: str, dataset: Dataset | None, wish: Wish, content: Content, file: QueryFile | None
) -> str:
    query_form = form(query)
    if wish.format == "table" and query_form == "SELECT":
        solutions = store.select(query, dataset)
        languages = preferred_languages(wish.language or language(), content.dataset.languages)
        labels = look_up(store, (term for row in solutions.rows for term in row.values()), languages)
        return _table(solutions, labels, file, wish.language)
    offered = [each for each in mediatypes.of_form(query_form) if each != mediatypes.PARQUET]
    chosen = offered[0] if wish.format == "table" else format_of(wish.format, offered)
    if chosen in mediatypes.GRAPH_FORMATS:
        return serialize(store.construct(query, dataset), chosen, content.prefixes).decode()
    return store.answer(query, dataset, chosen, _NO_LIMITS).body.decode()


def _read(name: str, library: Library) -> str:
    if name == "-":
        return sys.stdin.read()
    path = Path(name)
    if not path.is_file():
        known = ", ".join(library.questions) or "none"
        raise Misuse(f"There is no question and no file {name!r}. Questions: {known}.")
    return path.read_text(encoding="utf-8")


def _values(file: QueryFile | None, given: Sequence[str], prefixes: Mapping[str, str]) -> dict[str, Term]:
    """Read NAME=VALUE by the kind of the parameter: a text for datatypes, an IRI for things."""
    kinds = {parameter.name: parameter for parameter in file.parameters} if file else {}
    values: dict[str, Term] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals or (file and name not in kinds):
            raise Misuse(f"-p {pair}: write NAME=VALUE, NAME one of: {', '.join(kinds) or 'the variables'}.")
        if name in kinds and kinds[name].kind == "datatype":
            values[name] = Literal(text, datatype=kinds[name].target)
        else:
            values[name] = term_of(text, prefixes, before=f"-p {pair}: ")
    missing = [p.name for p in kinds.values() if p.required and p.name not in values]
    if missing:
        raise Misuse(f"Missing: -p {missing[0]}=… ({in_language(kinds[missing[0]].label)})")
    return values


def _table(solutions: Solutions, labels: Labels, file: QueryFile | None, lang: str | None) -> str:
    """Write rows as aligned text; things by their label."""
    columns = file.columns if file else {}
    heads = [in_language(columns[name], lang) if name in columns else name for name in solutions.variables]
    rows = [[_cell(row.get(name), labels) for name in solutions.variables] for row in solutions.rows]
    widths = [min(60, max(len(row[i]) for row in [heads, *rows])) for i in range(len(heads))]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in [heads, *rows]
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines) + f"\n({len(rows)} rows)\n"


def _cell(term: Term | None, labels: Labels) -> str:
    if term is None:
        return ""
    return " ".join((labels[term].text if isinstance(term, Iri) else str(term)).split())


def describe_thing(settings: Settings, thing: str, format_name: str, basis_name: str) -> str:
    """Describe a thing in RDF; a Failure when it is not in the data."""
    generation = ensure_generation(settings, Progress())
    store = store_of(settings, generation)
    chosen = format_of(format_name, mediatypes.GRAPH_FORMATS)
    iri = _thing(store, generation, thing)
    manifest = generation.manifest
    dataset = dataset_of(basis_name, bases(manifest.views, data_graphs(store.graphs(), manifest.base)))
    found, more, number = *statements(store, iri, dataset, 1), 1
    while more:
        number += 1
        following, more = statements(store, iri, dataset, number)
        found |= following
    if not found:
        raise Failure(f"Nothing is said of <{iri}> here.")
    return serialize(found, chosen, generation.manifest.prefixes).decode()


def reason(settings: Settings, given: tuple[str, str, str], lang: str | None) -> str:
    """Say why a statement is there, premise by premise; a Failure when it is not in the data."""
    generation = ensure_generation(settings, Progress())
    store = store_of(settings, generation)
    manifest = generation.manifest
    triple = _statement(given, manifest.prefixes)
    if not store.ask(bind(engine_query("engine/holds"), named(triple))):
        raise Failure("This statement is not in the data.")
    subject, wanted = triple[0], lang or language()
    found = of_thing(store, subject, manifest.base).get(triple, []) if isinstance(subject, Iri) else []
    told = Explanation(store, manifest.base, preferred_languages(wanted, manifest.languages), manifest.prefixes)
    return told.text(triple, found, norwegian=wanted.startswith(("nb", "nn", "no")))


def _statement(given: tuple[str, str, str], prefixes: Mapping[str, str]) -> Triple:
    subject, predicate, value = (
        RDF_TYPE if text == "a" and place == 1 else term_of(text, prefixes) for place, text in enumerate(given)
    )
    if not isinstance(subject, Iri) or not isinstance(predicate, Iri):
        raise Misuse("SUBJECT and PREDICATE are IRIs.")
    return subject, predicate, value


def _thing(store: Store, generation: Generation, text: str) -> Iri:
    base = generation.manifest.base
    if text.startswith(("id/", "/id/")):
        return Iri(base + text.lstrip("/"))
    rows = store.select(bind(engine_query("engine/identified"), {"identifier": Literal(text)})).rows
    if rows and isinstance(rows[0]["thing"], Iri):
        return rows[0]["thing"]
    try:
        term = parse_term(text, generation.manifest.prefixes)
    except ValueError as error:
        raise Misuse(f"{text!r} is no IRI, prefixed name or identifier of this data.") from error
    if not isinstance(term, Iri):
        raise Misuse(f"{text!r} is not a thing.")
    return term


# Words of a workbook.
_WORDS: Final = {
    "answer": {"nb": "Svar", "en": "Answer"},
    "about": {"nb": "Om svaret", "en": "About"},
    "title": {"nb": "Tittel", "en": "Title"},
    "description": {"nb": "Beskrivelse", "en": "Description"},
    "query": {"nb": "Spørring", "en": "Query"},
    "rows": {"nb": "Rader", "en": "Rows"},
    "dataset": {"nb": "Datasett", "en": "Dataset"},
    "version": {"nb": "Versjon av dataene", "en": "Version of the data"},
    "as_of": {"nb": "Data per", "en": "Data as of"},
    "licence": {"nb": "Lisens", "en": "Licence"},
    "shortened": {"nb": "Celler som var for lange og er kortet", "en": "Cells that were too long and are shortened"},
}


def _spreadsheet(
    solutions: Solutions,
    labels: Callable[[Iterable[Term]], Labels],
    query: str,
    file: QueryFile | None,
    manifest: Manifest | None,
    lang: str,
) -> bytes:
    """Write an answer as a workbook; raises AnswerTooLarge when it has more rows than a sheet.

    ``file`` is the question's, ``manifest`` that of the generation; there is none of another endpoint.
    """
    word = {name: in_language(texts, lang) for name, texts in _WORDS.items()}
    columns = file.columns if file else {}
    headings = {name: in_language(columns[name], lang) for name in solutions.variables if name in columns}
    facts: list[tuple[str, str | Literal]] = []
    if file:
        facts = [(word["title"], in_language(file.title, lang))]
        facts += [(word["description"], in_language(file.description, lang))]
    facts.append((word["query"], without_header(query)))
    facts.append((word["rows"], Literal(str(len(solutions.rows)), datatype=Iri(XSD + "integer"))))
    made = datetime(1980, 1, 1, tzinfo=UTC)  # as the parts of the file have it
    if manifest is not None:
        facts += [
            (word["dataset"], in_language(manifest.title, lang)),
            (word["version"], manifest.version),
            (word["as_of"], Literal(manifest.as_of, datatype=Iri(XSD + "date"))),
            (word["licence"], manifest.licence or ""),
        ]
        made = datetime.fromisoformat(manifest.built)
    about = AboutSheet(
        headings=headings,
        labels=labels(term for row in solutions.rows for term in row.values()),
        link=_link,
        sheets=(word["answer"], word["about"]),
        facts=facts,
        shortened=word["shortened"],
        made=made,
    )
    return workbook(solutions, about)


def _link(iri: Iri) -> str | None:
    """Give the address of a thing: its IRI, where it is one of the web."""
    return quote(iri, safe="/:@!$&'()*+,;=~-._%?#[]") if iri.startswith(("http://", "https://")) else None

"""``query --format xlsx``: the answer as a workbook, its own words in Norwegian where they are wanted so."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from app.cli.options import in_language
from app.entities.labels import Labels
from app.entities.workbook import AboutSheet, workbook
from app.generation import Manifest
from app.query.files import QueryFile
from app.query.library import without_header
from app.store.interface import Solutions
from app.terms import XSD, Iri, Literal, Term

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


def spreadsheet(
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

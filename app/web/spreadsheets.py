"""Answers as XLSX: rows within the limits, headings and labels in the language of the request, facts about them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import Response
from flask_babel import gettext as _

from app.entities.workbook import AboutSheet, workbook
from app.errors import N_, AnswerTooLarge
from app.mediatypes import RESULTS_JSON, XLSX
from app.query.files import QueryFile
from app.query.library import without_header
from app.store.interface import Solutions
from app.store.results import parse_results
from app.terms import XSD, Dataset, Iri, Literal, Term
from app.web import answering, links, negotiation
from app.web.arguments import basis_argument
from app.web.serving import served, settings
from app.web.texts import basis_name, by_language, column, labels_for, site_title


def respond_with_workbook(
    query: str, dataset: Dataset | None, file: QueryFile | None = None, values: Mapping[str, Term] | None = None
) -> Response:
    """Answer a SELECT query with a workbook: of a question, asked with values, or any other.

    Raises QueryError, also for an answer that is too large for a workbook.
    """
    found = parse_results(answering.run_query(query, dataset, RESULTS_JSON).body)
    solutions = Solutions((), []) if isinstance(found, bool) else found
    headings = {name: column(file, name).text for name in solutions.variables}
    rows = Literal(str(len(solutions.rows)), datatype=Iri(XSD + "integer"))
    facts = [
        *(_of_question(file, values or {}) if file else [(_("Title"), _("Answer to a SPARQL query"))]),
        (_("Query"), without_header(query)),
        *_of_dataset(dataset),
        (_("Rows"), rows),
        *about_data(),
    ]
    return table(solutions, headings, facts, file.name if file else "sparql")


def table(
    solutions: Solutions, headings: dict[str, str], facts: Sequence[tuple[str, str | Literal]], name: str
) -> Response:
    """Give rows as a workbook with that name; raises QueryError when they are too many."""
    cells, most = len(solutions.rows) * len(solutions.variables), settings().spreadsheet_cells
    if cells > most:
        raise AnswerTooLarge(
            N_("The answer has %(cells)d cells, as XLSX at most %(limit)d (INNHERRED_SPREADSHEET_CELLS)."),
            N_("Ask for CSV instead, or for a part of the answer."),
            cells=cells,
            limit=most,
            setting="INNHERRED_SPREADSHEET_CELLS",
        )
    with answering.place():
        labels = labels_for(term for row in solutions.rows for term in row.values())
        about = AboutSheet(
            headings=headings,
            labels=labels,
            link=lambda iri: (address := links.href(iri, labels)) and links.absolute(address),
            sheets=(_("Answer"), _("About the answer")),
            facts=facts,
            shortened=_("Cells that were too long and are shortened"),
            made=datetime.fromisoformat(served().manifest.built),
        )
        body = workbook(solutions, about)
    response = negotiation.answer(body, XLSX)
    filename = f"{name}-{served().manifest.version}.{XLSX.suffix}"
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def about_data() -> list[tuple[str, str | Literal]]:
    """Tell which data it is: dataset, version, date, licence."""
    manifest = served().manifest
    return [
        (_("Dataset"), site_title().text),
        (_("Version of the data"), manifest.version),
        (_("Data as of"), Literal(manifest.as_of, datatype=Iri(XSD + "date"))),
        (_("Licence"), manifest.licence or ""),
    ]


def _of_question(file: QueryFile, values: Mapping[str, Term]) -> list[tuple[str, str | Literal]]:
    labels = labels_for(values.values())
    given = {name: str(value) for name, value in values.items()}
    if (basis := basis_argument().name) != "all":
        given["basis"] = basis
    told: list[tuple[str, str | Literal]] = [(_("Title"), str(by_language(file.title)))]
    if file.description:
        told.append((_("Description"), str(by_language(file.description))))
    for each in file.parameters:
        if (value := values.get(each.name)) is not None:
            name = str(by_language(each.label))
            told.append((name, f"{labels[value].text} <{value}>" if isinstance(value, Iri) else str(value)))
    return [*told, (_("Address"), links.absolute(links.page_link(f"/queries/{file.name}", given)))]


def _of_dataset(dataset: Dataset | None) -> list[tuple[str, str | Literal]]:
    if name := served().basis_of(dataset):
        return [(_("Basis"), basis_name(name))]
    graphs = (dataset.default, dataset.named) if dataset else ()
    return [(_("Graphs"), "\n".join(each)) for each in graphs if each]

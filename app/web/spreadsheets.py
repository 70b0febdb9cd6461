"""Answers as files of other programs, within the limits.

XLSX has headings and labels in the language of the request and facts about the answer; Parquet has typed columns.
"""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Response
from flask_babel import gettext as _

from app.entities.workbook import AboutSheet, value, workbook
from app.errors import N_, AnswerTooLarge
from app.mediatypes import PARQUET, RESULTS_JSON, XLSX
from app.query.files import QueryFile
from app.query.library import without_header
from app.store.interface import Solutions
from app.store.results import parse_results
from app.terms import XSD, BlankNode, Dataset, Iri, Literal, Term
from app.web import answering, links, negotiation
from app.web.arguments import basis_argument
from app.web.beside import labels_argument, named
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


def respond_with_parquet(query: str, dataset: Dataset | None) -> Response:
    """Answer a SELECT query with Parquet, with names where the request asks for them; raises QueryError, Problem."""
    document = answering.run_query(query, dataset, RESULTS_JSON).body
    if (language := labels_argument()) is not None:
        document = named(document, language)
    found = parse_results(document)
    with answering.place():
        return negotiation.answer(parquet(Solutions((), []) if isinstance(found, bool) else found), PARQUET)


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


def parquet(solutions: Solutions) -> bytes:
    """Write rows as Parquet: a column whose values are all of one kind is typed, any other has texts.

    Kinds are those of a workbook: numbers, truth values, days, times without a zone. Things are their IRIs.
    """
    import pyarrow as pa  # noqa: PLC0415 - large, and few answers need it

    columns = {}
    for name in solutions.variables:
        terms = [row.get(name) for row in solutions.rows]
        values = [value(each) if isinstance(each, Literal) else each and str(each) for each in terms]
        kinds = {type(each) for each in values if each is not None}
        if len(kinds) != 1 or kinds & {str, Iri, BlankNode}:
            columns[name] = pa.array([None if each is None else str(each) for each in terms], pa.string())
        else:
            columns[name] = pa.array(values)
    return _parquet(pa.table(columns))


def parquet_of_csv(body: bytes, datatypes: Mapping[str, str]) -> bytes:
    """Write a CSV file with a head as Parquet: numbers, truth values and dates typed, by the datatypes of CSVW.

    All other columns are texts; every column is, when a value is not of its column's datatype.
    """
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    types = {"integer": pa.int64(), "decimal": pa.float64(), "double": pa.float64()}
    types |= {"boolean": pa.bool_(), "date": pa.date32()}
    names = body.decode().partition("\r\n")[0].split(",")
    known = {name: types[datatype] for name, datatype in datatypes.items() if datatype in types}
    for given in (known, {}):
        read = csv.ConvertOptions(
            column_types={name: given.get(name, pa.string()) for name in names},
            null_values=[""],
            strings_can_be_null=True,
        )
        with suppress(pa.ArrowInvalid):
            parsing = csv.ParseOptions(newlines_in_values=True)
            return _parquet(csv.read_csv(io.BytesIO(body), parse_options=parsing, convert_options=read))
    raise AssertionError("any text is a text")


def _parquet(table: Any) -> bytes:
    from pyarrow import parquet as files  # noqa: PLC0415

    target = io.BytesIO()
    files.write_table(table, target, compression="zstd")
    return target.getvalue()


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
        return [(_("Basis"), str(basis_name(name)))]
    graphs = (dataset.default, dataset.named) if dataset else ()
    return [(_("Graphs"), "\n".join(each)) for each in graphs if each]

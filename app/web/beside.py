"""``?labels=<language>``: a table with the names of things beside their IRIs, in any format of results."""

import json
from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _

from app.entities.labels import look_up, preferred_languages
from app.errors import N_, AnswerTooLarge
from app.mediatypes import RESULT_FORMATS, RESULTS_JSON, Format
from app.store.results import results_json, results_table
from app.terms import Dataset, Iri
from app.web import answering, negotiation
from app.web.problems import Problem
from app.web.serving import served, settings

# The column of names beside a column, as others who ask SPARQL servers know it.
LABEL: Final = "Label"
ARGUMENT: Final = "labels"


def labels_argument() -> str | None:
    """Give the language that ``?labels=`` asks names in; raises Problem (400)."""
    language = request.args.get(ARGUMENT)
    if not language:
        return None
    if language not in (known := served().manifest.languages):
        raise Problem(400, _("labels is one of %(names)s, not %(name)s.", names=", ".join(known), name=language[:100]))
    return language


def respond_with_names(query: str, dataset: Dataset | None, found: Format) -> Response | None:
    """Answer a SELECT with names, when the request asks for them and the format is one of results.

    Raises Problem, and QueryError, also where there is more to name than a workbook may hold.
    """
    language = labels_argument()
    if language is None or found not in RESULT_FORMATS:
        return None
    body = answering.run_query(query, dataset, RESULTS_JSON).body
    if "results" not in results_json(body):  # yes or no
        return None
    with answering.place():
        return negotiation.answer(results_table(named(body, language), found), found)


def named(body: bytes, language: str) -> bytes:
    """Give rows (SPARQL results in JSON) with names; raises AnswerTooLarge."""
    document = results_json(body)
    _name(document, language)
    return json.dumps(document).encode()


def _name(document: dict[str, Any], language: str) -> None:
    """Put a column of names behind each column that has things with names."""
    rows: list[dict[str, dict[str, str]]] = document["results"]["bindings"]
    columns: list[str] = document["head"]["vars"]
    if (cells := len(rows) * len(columns)) > (most := settings().spreadsheet_cells):
        raise AnswerTooLarge(
            N_("The answer has %(cells)d cells, with names at most %(limit)d (INNHERRED_SPREADSHEET_CELLS)."),
            N_("Ask without labels=, or for a part of the answer."),
            cells=cells,
            limit=most,
            setting="INNHERRED_SPREADSHEET_CELLS",
        )
    now = served()
    things = {Iri(value["value"]) for row in rows for value in row.values() if value["type"] == "uri"}
    wanted = preferred_languages(language, now.manifest.languages)
    labels = look_up(now.store, things, wanted, now.labels if now.keeps_answers else None)
    names = {str(each): labels[each] for each in things if labels[each].found}
    taken = set(columns)
    for column in [each for each in columns if each + LABEL not in taken]:
        named = False
        for row in rows:
            value = row.get(column)
            if value is not None and value["type"] == "uri" and (label := names.get(value["value"])):
                tag = {"xml:lang": label.language} if label.language else {}
                row[column + LABEL], named = {"type": "literal", "value": label.text, **tag}, True
        if named:
            columns.insert(columns.index(column) + 1, column + LABEL)

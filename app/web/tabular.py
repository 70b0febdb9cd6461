"""``/table/``: what is said of the things of each class as a table, described as CSV on the Web (W3C)."""

import codecs
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app.editing.base import Base
from app.editing.csvw import METADATA, asserted, base_of, files, names
from app.editing.tables import tables
from app.entities.labels import Label
from app.errors import N_, AnswerTooLarge
from app.mediatypes import CSV, LIST_FORMATS, PARQUET, Format
from app.terms import Iri
from app.web import answering, negotiation
from app.web.languages import languages
from app.web.negotiation import HTML
from app.web.problems import Problem, not_found
from app.web.serving import served, settings
from app.web.spreadsheets import parquet_of_csv
from app.web.texts import by_language

# The media type of a description (Metadata Vocabulary for Tabular Data, §11).
_DESCRIPTION: Final = Format("csvm", "application/csvm+json", "json", "table", ("application/json",))
_FORMATS: Final = tuple(each for each in LIST_FORMATS if each in (CSV, PARQUET))
# What a table begins with when it is asked for with ``?bom=1``: without it Excel takes UTF-8 for something else.
_MARKED: Final = "bom"

blueprint = Blueprint("tabular", __name__)


@blueprint.get("/table/")
def table_list() -> Response:
    """List the tables that there are, for people; for programs the description of them all."""
    found = negotiation.choose_format((HTML, _DESCRIPTION))
    made, titles = _tables()
    if found != HTML:
        return negotiation.answer(_described(made[METADATA]), found)
    shown = [(by_language(title) or Label(name), name) for name, title in titles.items() if name in made]
    return negotiation.answer_page("tables.html", tables=shown, description=METADATA, parquet=PARQUET in _FORMATS)


@blueprint.get("/table/<name>")
def table(name: str) -> Response:
    """Give a table as CSV or Parquet, by suffix, or the description of all; raises Problem (404, 400)."""
    made, _titles = _tables()
    if name == METADATA:
        found = negotiation.choose_format((_DESCRIPTION,))
        return negotiation.answer(_described(made[name]), found)
    stem, suffix = negotiation.split_suffix(name, (CSV, PARQUET))
    found = negotiation.choose_format(_FORMATS, suffix)
    body = made.get(f"{stem}.csv")
    if suffix is None or body is None:
        raise not_found(request.path)
    if (marked := request.args.get(_MARKED, "")) not in ("", "1"):
        raise Problem(400, _("bom is 1, or it is left out."))
    if found == PARQUET:
        body = parquet_of_csv(body, _datatypes(made[METADATA], f"{stem}.csv"))
    answer = negotiation.answer((codecs.BOM_UTF8 if marked and found == CSV else b"") + body, found)
    answer.headers.add("Link", f'<{_of_version(METADATA)}>; rel="describedby"; type="{_DESCRIPTION.media_type}"')
    return answer


def _datatypes(metadata: bytes, name: str) -> dict[str, str]:
    """Give the datatypes of the columns of a table that have one value in a cell, by name of the column."""
    described = next(each for each in json.loads(metadata)["tables"] if each["url"] == name)
    columns = described["tableSchema"]["columns"]
    return {e["name"]: e["datatype"] for e in columns if isinstance(e.get("datatype"), str) and "separator" not in e}


def _of_version(address: str) -> str:
    """Give the address of a file beside this one, in the version that was asked for."""
    version = request.args.get("version")
    return f"{address}?{urlencode({'version': version})}" if version else address


def _described(metadata: bytes) -> bytes:
    """Give the description of the tables; who asked for a version finds those of that version."""
    if not request.args.get("version"):
        return metadata
    document: dict[str, Any] = json.loads(metadata)
    document["@id"] = _of_version(document["@id"])
    for each in document["tables"]:
        each["url"] = _of_version(each["url"])
        for key in each["tableSchema"].get("foreignKeys", ()):
            key["reference"]["resource"] = _of_version(key["reference"]["resource"])
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _tables() -> tuple[Mapping[str, bytes], Mapping[str, Mapping[str, str]]]:
    """Give the files of the served data, and the titles of tables by name; raises QueryError for too much data."""
    now, most = served(), settings().spreadsheet_cells
    graphs = asserted(now.manifest)
    if (size := sum(graphs.values())) > most:
        raise AnswerTooLarge(
            N_("The data has %(triples)d statements, as tables at most %(limit)d (INNHERRED_SPREADSHEET_CELLS)."),
            N_("Ask for a part of it at /sparql, or take a file at /dump/."),
            triples=size,
            limit=most,
            setting="INNHERRED_SPREADSHEET_CELLS",
        )
    return _made(now.fingerprint, tuple(graphs), languages())


@lru_cache(maxsize=4)
def _made(
    fingerprint: str,  # noqa: ARG001  # what is kept is of this data
    graphs: tuple[Iri, ...],
    wanted: tuple[str, ...],
) -> tuple[Mapping[str, bytes], Mapping[str, Mapping[str, str]]]:
    with answering.place():
        base = base_of(served().manifest, served().triples_of, graphs)
        found = tables(base)
        named = names(found)
        return files(base, found, wanted), {named[cls]: each.names for cls, each in found.items()}


def model_base() -> Base:
    """Read the model and the shapes, and nothing that is said of things."""
    return base_of(served().manifest, served().triples_of, ())

"""``/api/openapi.json``: the interface and its questions as OpenAPI 3.1, their answers as JSON Schema (2020-12)."""

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

import yaml
from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app import __version__
from app.config import defaults
from app.entities.basis import ALL
from app.entities.labels import Labels
from app.mediatypes import (
    FILE_FORMATS,
    GRAPH_FORMATS,
    JSON,
    JSON_LD,
    LIST_FORMATS,
    PARQUET,
    RESULTS_JSON,
    TABLE_FORMATS,
    XLSX,
    Format,
)
from app.query.files import Parameter, QueryFile
from app.query.rewriting import projection
from app.terms import XSD
from app.web import links, negotiation
from app.web.beside import ARGUMENT, LABEL
from app.web.graphml import formats_of
from app.web.languages import alternatives
from app.web.negotiation import HTML
from app.web.serving import served
from app.web.texts import basis_name, by_language, column, labels_for, own_language_name, site_title

blueprint = Blueprint("openapi", __name__)
OPENAPI: Final = Format("openapi", JSON.media_type, "json", "table", ("application/openapi+json",))
PATH: Final = "/api/openapi.json"
_JSON_VALUES: Final = {"integer": (int,), "number": (int, float), "boolean": (bool,)}


def reference(name: str) -> dict[str, str]:
    """Give the reference to a schema of ``app/defaults/openapi.yaml``."""
    return {"$ref": f"#/components/schemas/{name}"}


def results_schema(columns: Mapping[str, str], form: str) -> dict[str, Any]:
    """Give the schema of the answer to a query, SPARQL 1.1 Query Results JSON Format, with its columns by heading."""
    if form == "ASK":
        return reference("Truth")
    row = {
        "type": "object",
        "properties": {name: {**reference("Term"), "title": heading} for name, heading in columns.items()},
        "additionalProperties": False if columns else reference("Term"),
    }
    names = {"type": "array", "items": {"enum": list(columns)} if columns else {"type": "string"}}
    rows = {"type": "array", "items": row}
    head = {"type": "object", "required": ["vars"], "properties": {"vars": names}}
    results = {"type": "object", "required": ["bindings"], "properties": {"bindings": rows}}
    return {"type": "object", "required": ["head", "results"], "properties": {"head": head, "results": results}}


@blueprint.get(PATH)
def openapi() -> Response:
    """Describe the interface in the language of the address, at the host that was asked."""
    found = negotiation.choose_format((OPENAPI,))
    return negotiation.answer_json(openapi_document(), found, separators=(",", ":"))


def openapi_document() -> dict[str, Any]:
    """Give the description (OpenAPI 3.1.1): what is the same for every content, with its questions and facets."""
    questions, manifest = served().library.questions, served().manifest
    labels = labels_for(p.target for file in questions.values() for p in file.parameters)
    fixed = _in_language(_fixed())
    paths, components = fixed["paths"], fixed["components"]
    listing, search, sparql = (paths[path]["get"] for path in ("/queries/", "/search", "/sparql"))
    search["parameters"][2:2] = [  # after the kind
        _argument(name, {"type": "array", "items": {"type": "string"}}, str(by_language(file.title)))
        for name, file in served().library.facets.items()
    ]
    search["parameters"].append(_format(LIST_FORMATS))
    search["responses"]["200"]["content"] |= {each.media_type: {} for each in FILE_FORMATS}
    formats = (*TABLE_FORMATS, *GRAPH_FORMATS)
    sparql["parameters"].insert(1, _format(formats))
    sparql["responses"]["200"]["content"] = _content(formats, reference("Results"))
    problem = components["responses"]["400"]
    paths["/sparql"]["post"] |= {
        "parameters": sparql["parameters"][1:],
        "responses": {**sparql["responses"], "413": problem, "415": problem},
    }
    version, named = ({"$ref": f"#/components/parameters/{each}"} for each in ("version", ARGUMENT))
    for operation in (sparql, paths["/sparql"]["post"]):
        operation["parameters"].append(named)
    for operation in (search, sparql, paths["/sparql"]["post"]):
        operation["parameters"].append(version)
    asked = {
        f"/queries/{quote(name, safe='')}": {"get": _question(file, labels, sparql["responses"])}
        for name, file in questions.items()
    }
    return {
        "openapi": fixed["openapi"],
        "info": {
            "title": _("Questions: %(site)s", site=site_title().text),
            **fixed["info"],
            # The interface changes with data and software.
            "version": f"{__version__}+{manifest.version}",
            **({"license": {"name": manifest.licence, "url": manifest.licence}} if manifest.licence else {}),
        },
        "servers": [
            {"url": (request.host_url.rstrip("/") + path).rstrip("/"), "description": own_language_name(tag)}
            # The language of this address first.
            for tag, path in sorted(alternatives(""), key=lambda each: each[1] != request.script_root)
        ],
        "externalDocs": {"url": links.absolute(links.page_link("/queries/")), **fixed["externalDocs"]},
        "paths": {"/queries/": {"get": listing}, **asked, **paths},
        "components": {**components, "parameters": {"basis": _basis(), ARGUMENT: _labels(), "version": _version()}},
    }


@cache
def _fixed() -> Any:
    return yaml.safe_load((defaults() / "openapi.yaml").read_text(encoding="utf-8"))


@cache
def datatypes() -> dict[str, dict[str, Any]]:
    """Give what is known of the datatypes of parameters: ``app/defaults/datatypes.yaml`` by IRI."""
    known = yaml.safe_load((defaults() / "datatypes.yaml").read_text(encoding="utf-8"))
    return {XSD + name: each for name, each in known.items()}


def _in_language(part: Any) -> Any:
    """Give a part of the description with its summaries and descriptions in the language of the address."""
    if isinstance(part, list):
        return [_in_language(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: _(each) if key in ("summary", "description") else _in_language(each) for key, each in part.items()}


def _question(file: QueryFile, labels: Labels, responses: Mapping[str, Any]) -> dict[str, Any]:
    formats = formats_of(file)
    taken = {each.name for each in file.parameters}
    common = {
        "format": _format(formats),
        "basis": {"$ref": "#/components/parameters/basis"},
        **({ARGUMENT: {"$ref": f"#/components/parameters/{ARGUMENT}"}} if file.form == "SELECT" else {}),
        "version": {"$ref": "#/components/parameters/version"},
    }
    told = by_language(file.description)
    variables = projection(file.text) or tuple(file.columns)
    columns = {name: column(file, name).text for name in variables}
    if file.form == "SELECT":  # with ?labels=
        columns |= {name + LABEL: _("%(heading)s (name)", heading=heading) for name, heading in columns.items()}
    content = _content(formats, results_schema(columns, file.form))
    return {
        "operationId": file.name,
        "summary": str(by_language(file.title)),
        **({"description": told.text} if told else {}),
        **({"tags": list(dict.fromkeys(file.tags))} if file.tags else {}),
        "parameters": [
            *(_parameter(each, labels) for each in file.parameters),
            *(each for name, each in common.items() if name not in taken),
        ],
        "responses": {**responses, "200": {**responses["200"], "content": content}},
    }


def _parameter(parameter: Parameter, labels: Labels) -> dict[str, Any]:
    """Describe a parameter: by its datatype, or as the IRI of a thing of a class."""
    label = str(by_language(parameter.label))
    if parameter.kind == "datatype":
        schema = dict(datatypes().get(parameter.target, {}).get("schema", {"type": "string"}))
        more = {"x-datatype": parameter.target}
    else:
        schema = {"type": "string", "format": "iri"}
        kind = labels[parameter.target].text
        label = _("%(label)s: IRI or prefixed name of a thing (%(kind)s)", label=label, kind=kind)
        more = {f"x-{parameter.kind}": parameter.target}
    if parameter.default is not None:
        schema |= _default(str(parameter.default), schema)
    required = parameter.required and parameter.default is None
    return _argument(parameter.name, schema, label, required=required) | more


def _argument(name: str, schema: Mapping[str, Any], description_: str = "", **more: Any) -> dict[str, Any]:
    told = {"description": description_} if description_ else {}
    return {"name": name, "in": "query", **told, **more, "schema": schema}


def _default(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give a default as JSON has it; nothing for what is no value of its type, as nobody is helped by that."""
    if schema["type"] == "string":
        return {"default": text}
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    kinds = _JSON_VALUES[schema["type"]]
    return {"default": found} if type(found) in kinds and math.isfinite(found) else {}


def _format(formats: Iterable[Format]) -> dict[str, Any]:
    schema = {"type": "string", "enum": [*(each.name for each in (*formats, HTML)), ""]}  # a form sends it empty
    return _argument("format", schema, _("The format; without it a suffix or Accept decides."))


def _basis() -> dict[str, Any]:
    told = "; ".join(f"{name}: {basis_name(name)}" for name in served().bases)
    schema = {"type": "string", "enum": list(served().bases), "default": ALL}
    return _argument("basis", schema, _("What the answer rests on. %(names)s", names=told))


def _labels() -> dict[str, Any]:
    schema = {"type": "string", "enum": [*served().manifest.languages, ""]}
    return _argument(ARGUMENT, schema, _("A language: tables then have the names of things beside their IRIs."))


def _version() -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^([0-9a-f]{12})?$"}
    return _argument("version", schema, _("An older version of the data, of those that are kept; else the newest."))


def _content(formats: Iterable[Format], json_schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the media types of an answer: JSON by its schema, a workbook as bytes, all else as text."""
    told: dict[Format, dict[str, Any]] = {
        RESULTS_JSON: {"schema": json_schema},
        JSON: {"schema": json_schema},
        XLSX: {},
        PARQUET: {},
        JSON_LD: {"schema": {"type": ["object", "array"]}},
    }
    # Who asks for JSON gets results as JSON too.
    every = (known for each in (*formats, HTML) for known in ((each, JSON) if each == RESULTS_JSON else (each,)))
    return {each.media_type: told.get(each, {"schema": {"type": "string"}}) for each in every}

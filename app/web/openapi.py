"""``/api/openapi.json``: the questions as an interface for programs (OpenAPI 3.1), made from the query files."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from app import __version__
from app.entities.basis import ALL
from app.entities.labels import Labels
from app.mediatypes import GRAPH_FORMATS, JSON, JSON_LD, RESULTS_JSON, TABLE_FORMATS, XLSX, Format, of_form
from app.query.files import Parameter, QueryFile
from app.query.projection import projection
from app.terms import XSD
from app.web import links, negotiation
from app.web.languages import alternatives
from app.web.negotiation import HTML
from app.web.schemas import SCHEMAS, reference, results_schema
from app.web.serving import served
from app.web.texts import basis_name, by_language, column, labels_for, own_language_name, site_title

blueprint = Blueprint("openapi", __name__)

OPENAPI: Final = Format("openapi", JSON.media_type, "json", "table", ("application/openapi+json",))
PATH: Final = "/api/openapi.json"

# Datatypes that JSON Schema has a type or format for; all others are text.
_TYPES: Final[dict[str, dict[str, Any]]] = {
    XSD + "integer": {"type": "integer"},
    XSD + "nonNegativeInteger": {"type": "integer", "minimum": 0},
    XSD + "decimal": {"type": "number"},
    XSD + "double": {"type": "number"},
    XSD + "gYear": {"type": "string", "pattern": r"^-?[0-9]{4,}(Z|[+-][0-9]{2}:[0-9]{2})?$"},
    XSD + "boolean": {"type": "boolean"},
    XSD + "date": {"type": "string", "format": "date"},
}
_JSON_VALUES: Final = {"integer": (int,), "number": (int, float), "boolean": (bool,)}


@blueprint.get(PATH)
def description() -> Response:
    """Describe the interface in the language of the address, at the host that was asked."""
    found = negotiation.choose((OPENAPI,))
    return negotiation.answer(json.dumps(document(), ensure_ascii=False, separators=(",", ":")), found)


def document() -> dict[str, Any]:
    """Give the description (OpenAPI 3.1.1)."""
    questions = served().library.questions
    labels = labels_for(p.target for file in questions.values() for p in file.parameters)
    manifest = served().manifest
    paths: dict[str, Any] = {"/queries/": {"get": _listing()}}
    paths |= {f"/queries/{quote(name, safe='')}": {"get": _question(file, labels)} for name, file in questions.items()}
    paths |= {"/search": {"get": _search()}, "/search/suggest": {"get": _suggest()}, "/sparql": {"get": _sparql()}}
    licence = {"license": {"name": manifest.licence, "url": manifest.licence}} if manifest.licence else {}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": _("Questions: %(site)s", site=site_title().text),
            "description": _(
                "Answers to ready-made questions about the data, each at its own address, without a key. The format is "
                "chosen by ?format=, by a suffix (/queries/<name>.csv) or by Accept, in that order of weight. Errors "
                "are problem documents (RFC 9457); where a query can be mended, “advice” says how."
            ),
            # The interface changes with data and software.
            "version": f"{__version__}+{manifest.version}",
            **licence,
        },
        "servers": [
            {"url": (request.host_url.rstrip("/") + path).rstrip("/"), "description": own_language_name(tag)}
            for tag, path in _languages()
        ],
        "externalDocs": {"url": links.absolute(links.page("/queries/")), "description": _("The questions as pages")},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "parameters": {"basis": _basis()},
            "responses": {status: _problem(words) for status, words in _errors().items()},
        },
    }


def _languages() -> list[tuple[str, str]]:
    """Give language and path of the site in each of its languages, that of this address first."""
    here = request.script_root
    return sorted(alternatives(""), key=lambda each: each[1] != here)


def _listing() -> dict[str, Any]:
    content = {HTML.media_type: {"schema": {"type": "string"}}}
    return {"operationId": "site.queries", "summary": _("All questions, as a page"), "responses": _responses(content)}


def _question(file: QueryFile, labels: Labels) -> dict[str, Any]:
    formats = of_form(file.form)
    taken = {each.name for each in file.parameters}
    common = [
        each for each in (_format(formats), {"$ref": "#/components/parameters/basis"}) if _name(each) not in taken
    ]
    told = by_language(dict(file.description))
    variables = projection(file.text) or tuple(file.columns)
    columns = {name: column(file, name).text for name in variables}
    return {
        "operationId": file.name,
        "summary": str(by_language(dict(file.title))),
        **({"description": told.text} if told else {}),
        **({"tags": list(dict.fromkeys(file.tags))} if file.tags else {}),
        "parameters": [*(_parameter(each, labels) for each in file.parameters), *common],
        "responses": _responses(_content(formats, results_schema(columns, file.form)), "400", "422", "429", "503"),
    }


def _name(parameter: Mapping[str, Any]) -> str:
    return str(parameter.get("name") or parameter["$ref"].rpartition("/")[2])


def _parameter(parameter: Parameter, labels: Labels) -> dict[str, Any]:
    """Describe a parameter: by its datatype, or as the IRI of a thing of a class."""
    label = str(by_language(dict(parameter.label)))
    if parameter.kind == "datatype":
        schema = dict(_TYPES.get(parameter.target, {"type": "string"}))
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
    schema = {"type": "string", "enum": [each.name for each in (*formats, HTML)]}
    return _argument("format", schema, _("The format; without it a suffix or Accept decides."))


def _basis() -> dict[str, Any]:
    told = "; ".join(f"{name}: {basis_name(name)}" for name in served().bases)
    return {
        "name": "basis",
        "in": "query",
        "description": _("What the answer rests on. %(names)s", names=told),
        "schema": {"type": "string", "enum": list(served().bases), "default": ALL},
    }


def _content(formats: Iterable[Format], json_schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the media types of an answer: JSON by its schema, a workbook as bytes, all else as text."""
    result: dict[str, Any] = {}
    for each in formats:
        if each == RESULTS_JSON:
            result |= {name: {"schema": json_schema} for name in (each.media_type, JSON.media_type)}
        elif each == XLSX:
            result[each.media_type] = {}
        elif each == JSON_LD:
            result[each.media_type] = {"schema": {"type": ["object", "array"]}}
        else:
            result[each.media_type] = {"schema": {"type": "string"}}
    return result | {HTML.media_type: {"schema": {"type": "string"}}}


def _search() -> dict[str, Any]:
    words = _argument("q", {"type": "string"}, _("Words to look for"))
    kinds = _argument("kind", {"type": "string"}, _("Kind of thing"))
    several = {"type": "array", "items": {"type": "string"}}
    facets = served().library.facets.items()
    chosen = [_argument(name, several, str(by_language(dict(file.title)))) for name, file in facets]
    page = _argument("page", {"type": "integer", "minimum": 1, "default": 1})
    formats = _argument("format", {"type": "string", "enum": [JSON.name, HTML.name]})
    content = {JSON.media_type: {"schema": reference("SearchResult")}, HTML.media_type: {"schema": {"type": "string"}}}
    return {
        "operationId": "site.search",
        "summary": _("Find things by words and facets"),
        "parameters": [words, kinds, *chosen, page, formats],
        "responses": _responses(content, "400", "404"),
    }


def _suggest() -> dict[str, Any]:
    return {
        "operationId": "site.suggest",
        "summary": _("Things whose names go on as what is typed"),
        "parameters": [_argument("q", {"type": "string"}, _("What is typed so far"))],
        "responses": _responses({JSON.media_type: {"schema": reference("Suggestions")}}),
    }


def _sparql() -> dict[str, Any]:
    content = _content((*TABLE_FORMATS, *GRAPH_FORMATS), reference("Results"))
    # A client without a query of its own has one that always works.
    schema = {"type": "string", "default": "SELECT * WHERE { ?s ?p ?o } LIMIT 1"}
    return {
        "operationId": "site.sparql",
        "summary": _("Any query in SPARQL 1.1 (Protocol: by POST too)"),
        "parameters": [
            _argument("query", schema, required=True),
            _format((*TABLE_FORMATS, *GRAPH_FORMATS)),
            {"$ref": "#/components/parameters/basis"},
        ],
        "responses": _responses(content, "400", "422", "429", "503"),
    }


def _errors() -> dict[str, str]:
    return {
        "400": _("The request or the query cannot be understood."),
        "404": _("There is nothing here."),
        "406": _("Not on offer in the format asked for; “formats” lists those there are."),
        "422": _("The answer takes more than it may; “limit” names the setting, “advice” what mends it."),
        "429": _("Too many queries of this client at once; ask again after Retry-After seconds."),
        "503": _("Busy, or the query took too long; ask again after Retry-After seconds where it is given."),
    }


def _problem(words: str) -> dict[str, Any]:
    retry = {"Retry-After": {"schema": {"type": "integer"}}}
    content = {"application/problem+json": {"schema": reference("Problem")}, HTML.media_type: {}}
    return {"description": words, "headers": retry, "content": content}


def _responses(content: Mapping[str, Any], *errors: str) -> dict[str, Any]:
    told = {status: {"$ref": f"#/components/responses/{status}"} for status in sorted((*errors, "406"))}
    return {"200": {"description": _("The answer"), "content": dict(content)}, **told}

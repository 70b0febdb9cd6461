"""What answers in JSON look like, as JSON Schema (2020-12): SPARQL results, found things, problem documents."""

from collections.abc import Mapping
from typing import Any, Final

_TEXT: Final = {"type": "string"}
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}


def reference(name: str) -> dict[str, str]:
    """Give the reference to a schema of SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": {**required, **others}}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(items)}


def results_schema(columns: Mapping[str, str], form: str) -> dict[str, Any]:
    """Give the schema of the answer to a query, SPARQL 1.1 Query Results JSON Format, with its columns by heading."""
    if form == "ASK":
        return reference("Truth")
    terms = {name: {**reference("Term"), "title": heading} for name, heading in columns.items()}
    row: dict[str, Any] = {"type": "object", "properties": terms, "additionalProperties": reference("Term")}
    names: dict[str, Any] = {"type": "array", "items": {"enum": list(columns)} if columns else _TEXT}
    if columns:
        row["additionalProperties"] = False
    return _object({"head": _object({"vars": names}), "results": _object({"bindings": _list(row)})})


_HIT: Final = {
    "iri": {"type": "string", "format": "iri"},
    "label": _TEXT,
    "language": _TEXT_OR_NONE,
    "kind": _TEXT_OR_NONE,
    "page": _TEXT,
}

SCHEMAS: Final[dict[str, Any]] = {
    "Term": _object(
        {"type": {"enum": ["uri", "literal", "bnode"]}, "value": _TEXT},
        **{"xml:lang": _TEXT, "datatype": {"type": "string", "format": "iri"}},
    ),
    "Truth": _object({"head": {"type": "object"}, "boolean": {"type": "boolean"}}),
    "Solutions": _object(
        {
            "head": _object({"vars": _list(_TEXT)}),
            "results": _object(
                {"bindings": _list({"type": "object", "additionalProperties": reference("Term")})},
            ),
        }
    ),
    "Results": {"oneOf": [reference("Solutions"), reference("Truth")]},
    "SearchResult": _object(
        {
            "query": _TEXT,
            "total": {"type": "integer"},
            "complete": {"type": "boolean"},
            "results": _list(_object(_HIT, excerpt={})),
            "facets": _list({"type": "object"}),
        }
    ),
    "Suggestions": _object({"query": _TEXT, "results": _list(_object(_HIT, kind_label=_TEXT_OR_NONE))}),
    "Advice": _object({"code": _TEXT, "message": _TEXT}),
    "Problem": _object(
        {"type": {"type": "string", "format": "uri-reference"}, "title": _TEXT, "status": {"type": "integer"}},
        detail=_TEXT,
        advice=_list(reference("Advice")),
        limit=_TEXT,
        value={"type": "number"},
        line={"type": "integer"},
        column={"type": "integer"},
        formats=_list(_object({"format": _TEXT, "mediaType": _TEXT})),
    ),
}

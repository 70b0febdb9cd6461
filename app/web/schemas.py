"""What the answers of questions look like, as JSON Schema (2020-12)."""

from collections.abc import Mapping
from typing import Any


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

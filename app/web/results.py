"""SPARQL results (JSON, W3C 2013) back into terms, for pages that show what a query from outside answered."""

import json
from typing import Any

from app.store.interface import Solutions
from app.terms import XSD_STRING, BlankNode, Iri, Literal, Term


def parse(body: bytes) -> Solutions | bool:
    """Give the solutions, or the truth value of an ASK."""
    document = json.loads(body)
    if "boolean" in document:
        return bool(document["boolean"])
    rows = [{name: _term(value) for name, value in binding.items()} for binding in document["results"]["bindings"]]
    return Solutions(tuple(document["head"]["vars"]), rows)


def _term(value: dict[str, Any]) -> Term:
    text = str(value["value"])
    if value["type"] == "uri":
        return Iri(text)
    if value["type"] == "bnode":
        return BlankNode(text)
    return Literal(text, value.get("xml:lang"), Iri(value.get("datatype", XSD_STRING)))

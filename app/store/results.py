"""SPARQL 1.1 Query Results JSON (W3C 2013) back into terms."""

import json
from typing import Any

from app.store.interface import Solutions
from app.terms import XSD_STRING, BlankNode, Iri, Literal, Term


def parse(body: bytes) -> Solutions | bool:
    """Give the solutions, or the truth value of an ASK; ValueError for what is no such document."""
    document = json.loads(body)
    try:
        if "boolean" in document:
            return bool(document["boolean"])
        bindings = document["results"]["bindings"]
        rows = [{name: _term(value) for name, value in binding.items()} for binding in bindings]
        return Solutions(tuple(document["head"]["vars"]), rows)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no SPARQL results in JSON") from error


def _term(value: dict[str, Any]) -> Term:
    """Read a term (§3.2.2; Virtuoso writes ``typed-literal`` for ``literal``)."""
    text = str(value["value"])
    if value["type"] == "uri":
        return Iri(text)
    if value["type"] == "bnode":
        return BlankNode(text)
    return Literal(text, value.get("xml:lang"), Iri(value.get("datatype", XSD_STRING)))

"""SPARQL 1.1 Query Results JSON (W3C 2013) back into terms, mended where a server writes it in a way of its own."""

import json
import re
import struct
from typing import Any, Final

from app.namespaces import PREFIXES
from app.store.interface import Solutions
from app.terms import XSD, XSD_STRING, BlankNode, Iri, Literal, Term

# Virtuoso: the variable that stands for the truth value of an ASK; the datatype it gives to geometries.
_ASKED: Final = "__ASK_RETVAL"
GEOMETRY: Final = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
WKT: Final = PREFIXES["geo"] + "wktLiteral"
_NUMBER: Final = re.compile(r"-?\d+\.\d+")
_LABEL: Final = re.compile(r"[A-Za-z0-9]+\Z")
_BOOLEANS: Final = {"0": "false", "1": "true"}


def parse(body: bytes) -> Solutions | bool:
    """Give the solutions, or the truth value of an ASK; ValueError for what is no such document."""
    found = document(body)
    if "boolean" in found:
        return bool(found["boolean"])
    rows = [{name: _term(value) for name, value in each.items()} for each in found["results"]["bindings"]]
    return Solutions(tuple(found["head"]["vars"]), rows)


def document(body: bytes) -> dict[str, Any]:
    """Give the document as the recommendation has it; ValueError for what is no such document."""
    try:
        found = json.loads(body)
        if "boolean" in found:
            if not isinstance(found["boolean"], bool):
                raise ValueError("the truth value is none")
            return {"head": {}, "boolean": found["boolean"]}
        names, bindings = found["head"]["vars"], found["results"]["bindings"]
        if names == [_ASKED]:
            return {"head": {}, "boolean": any(each[_ASKED]["value"] == "1" for each in bindings)}
        rows = [{name: _mended(value) for name, value in each.items()} for each in bindings]
        return {"head": {"vars": [str(name) for name in names]}, "results": {"bindings": rows}}
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no SPARQL results in JSON") from error


def _mended(value: dict[str, Any]) -> dict[str, str]:
    """Write a term as §3.2.2 has it.

    Virtuoso writes ``typed-literal`` for ``literal``, ``nodeID://b1`` for the label of a blank node, 1 for true.
    """
    kind, text = value["type"], value["value"]
    if not isinstance(text, str):
        raise TypeError(kind)
    if kind == "uri":
        return {"type": "uri", "value": text}
    if kind == "bnode":
        label = text.removeprefix("nodeID://").removeprefix("_:")
        return {"type": "bnode", "value": label if _LABEL.match(label) else "x" + label.encode().hex()}
    if kind not in ("literal", "typed-literal"):
        raise ValueError(f"no term of RDF 1.1: {kind}")
    if language := value.get("xml:lang"):
        return {"type": "literal", "value": text, "xml:lang": str(language)}
    datatype = str(value.get("datatype", XSD_STRING))
    if datatype == XSD_STRING:
        return {"type": "literal", "value": text}
    if datatype == GEOMETRY:
        return {"type": "literal", "value": geometry(text), "datatype": WKT}
    if datatype == XSD + "boolean":
        text = _BOOLEANS.get(text, text)
    return {"type": "literal", "value": text, "datatype": datatype}


def geometry(text: str) -> str:
    """Give the text of a geometry as it was written: Virtuoso keeps coordinates in single precision only."""
    return _NUMBER.sub(_shortest, text)


def _shortest(match: re.Match[str]) -> str:
    """Give the shortest number that is the same in single precision."""
    number = float(match[0])
    single = struct.pack("f", number)
    tries = (f"{number:.{digits}f}" for digits in range(1, 10))
    found = next((each for each in tries if struct.pack("f", float(each)) == single), match[0])
    return found.removesuffix(".0")


def _term(value: dict[str, str]) -> Term:
    if value["type"] == "uri":
        return Iri(value["value"])
    if value["type"] == "bnode":
        return BlankNode(value["value"])
    return Literal(value["value"], value.get("xml:lang"), Iri(value.get("datatype", XSD_STRING)))

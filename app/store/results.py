"""What a SPARQL server answers: SPARQL 1.1 Query Results JSON back into terms, whole and right, or an error."""

import hashlib
import json
import re
import struct
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from app.errors import AnswerTooLarge, DeadlineExceeded, QueryError, QuerySyntaxError, Unavailable
from app.mediatypes import N_TRIPLES, RESULTS_JSON, RESULTS_TSV, Format
from app.namespaces import PREFIXES
from app.query.rewriting import in_order_of_appearance
from app.query.tokens import form
from app.store.engine import RESULT_FORMATS
from app.store.interface import Solutions
from app.terms import XSD, XSD_STRING, BlankNode, Iri, Literal, Term

if TYPE_CHECKING:  # a server over the embedded store does without the client of another server
    from app.store.transport import Reply


# Virtuoso: the variable that stands for the truth value of an ASK; the datatype it gives to geometries.
_ASKED: Final = "__ASK_RETVAL"
GEOMETRY: Final = "http://www.openlinksw.com/schemas/virtrdf#Geometry"
WKT: Final = PREFIXES["geo"] + "wktLiteral"
_NUMBER: Final = re.compile(r"-?\d+\.\d+")
_LABEL: Final = re.compile(r"[A-Za-z0-9]+\Z")
_BOOLEANS: Final = {"0": "false", "1": "true"}
# Virtuoso ends every answer at so many rows and does not say so.
_SILENT_CUT: Final = 1_048_576
_GEOMETRY: Final = f'"^^<{GEOMETRY}>'.encode()
_WKT: Final = f'"^^<{WKT}>'.encode()
_MESSAGE: Final = 300
# The end of results without a row, or of a no, in JSON and XML; CSV and TSV have a line of names alone.
_TAIL: Final = 100
_EMPTY: Final = re.compile(
    rb'"bindings"\s*:\s*\[\s*\]\s*\}\s*\}\s*$|"boolean"\s*:\s*false\s*\}\s*$'
    rb"|<results>\s*</results>\s*</sparql>\s*$|<results\s*/>\s*</sparql>\s*$|<boolean>false</boolean>\s*</sparql>\s*$"
)
_NO_RESULTS: Final = "The SPARQL server did not answer with results in JSON."


def is_empty(body: bytes) -> bool:
    """Say whether results in any of their formats, as an engine writes them, hold no row, or a no."""
    return body == b"false" or _EMPTY.search(body[-_TAIL:]) is not None or (body.count(b"\n") == 1 and body[:1] != b"<")


def parse_results(body: bytes) -> Solutions | bool:
    """Give the solutions, or the truth value of an ASK; ValueError for what is no such document."""
    found = results_json(body)
    if "boolean" in found:
        return bool(found["boolean"])
    rows = [{name: _term(value) for name, value in each.items()} for each in found["results"]["bindings"]]
    return Solutions(tuple(found["head"]["vars"]), rows)


def results_json(body: bytes) -> dict[str, Any]:
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


def check_reply(reply: "Reply") -> None:
    """Raise the QueryError that a reply is, if it is one."""
    if reply.status in (200, 201, 204):
        return
    said = _said(reply)
    if reply.status == 400:
        raise QuerySyntaxError(f"The SPARQL server does not take the query. {said}".strip())
    if reply.status in (401, 403):
        raise QueryError("The SPARQL server does not let us in (INNHERRED_STORE_USER, INNHERRED_STORE_PASSWORD).")
    if reply.status in (408, 504) or (reply.status == 503 and "time" in said.lower()):
        raise DeadlineExceeded(f"The SPARQL server ended the query: it took too long there. {said}".strip())
    if reply.status in (429, 502, 503):
        raise Unavailable("The SPARQL server is busy or cannot be reached. Ask again in a little while.")
    if 300 <= reply.status < 400:
        raise QueryError("The SPARQL server sends us to another address; that is not followed.")
    raise QueryError(f"The SPARQL server answered with status {reply.status}. {said}".strip())


def _said(reply: "Reply") -> str:
    """Give the first words of an error in plain text; pages are left out."""
    if reply.media_type != "text/plain":
        return ""
    text = " ".join(reply.body[: 4 * _MESSAGE].decode("utf-8", "replace").partition("\n\n")[0].split())
    text = "".join(character for character in text if character.isprintable())
    return text if len(text) <= _MESSAGE else text[:_MESSAGE] + " …"


def results(body: bytes, query: str = "") -> Solutions | bool:
    """Read the results of a query, or the truth value of an ASK; raises QueryError.

    Each server has the columns of ``SELECT *`` in an order of its own: here they are as the query has them.
    """
    try:
        found = parse_results(body)
    except ValueError as error:
        raise QueryError(_NO_RESULTS) from error
    if isinstance(found, bool):
        return found
    _refuse_cut(len(found.rows))
    return Solutions(tuple(in_order_of_appearance(query, found.variables)), found.rows)


def _refuse_cut(rows: int) -> None:
    """Raise AnswerTooLarge for as many rows as an answer has that was cut silently."""
    if rows == _SILENT_CUT:
        raise AnswerTooLarge(
            f"The answer has {rows} rows, where some SPARQL servers silently end an answer. Ask for fewer rows: "
            "LIMIT and OFFSET."
        )


def triples(body: bytes) -> list[ox.Triple]:
    """Read triples, each once, in order: some engines mix the subjects, and Turtle is shorter when they are not."""
    try:
        lines = sorted({_line(line) for line in body.split(b"\n")})
        parsed = ox.parse(b"\n".join(lines), format=ox.RdfFormat.N_TRIPLES)
        found = list(dict.fromkeys(ox.Triple(quad.subject, quad.predicate, quad.object) for quad in parsed))
    except (SyntaxError, ValueError) as error:
        raise QueryError("The SPARQL server did not answer in N-Triples.") from error
    _refuse_cut(len(found))
    return found


def _line(line: bytes) -> bytes:
    """Give a line of N-Triples with a geometry of Virtuoso as the standard has it."""
    head, mark, rest = line.rpartition(_GEOMETRY)
    if not mark or rest.strip() != b".":
        return line
    start = head.rindex(b'"') + 1
    return head[:start] + geometry(head[start:].decode()).encode() + _WKT + rest


def results_table(body: bytes, format: Format, query: str = "") -> bytes:
    """Write the results of a query anew in a format, the columns as by ``results``; raises QueryError."""
    try:
        found = results_json(body)
        if "results" in found:
            _refuse_cut(len(found["results"]["bindings"]))
            found["head"]["vars"] = in_order_of_appearance(query, found["head"]["vars"])
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
        if format is RESULTS_JSON:
            return text
        parsed = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
        return parsed.serialize(format=RESULT_FORMATS[format]) or b""
    except (ValueError, SyntaxError) as error:
        raise QueryError(_NO_RESULTS) from error


# After an answer in ``format_of_receipt``: what prints its hash.
RECIPE: Final = "LC_ALL=C sed 's/_:[^[:space:]]*/_:/g' | LC_ALL=C sort | sha256sum"
_BLANK: Final = re.compile(rb"_:[^ \t\n\r\f\v]*")


def format_of_receipt(query: str) -> Format:
    """Give the format of the answer that is hashed."""
    return N_TRIPLES if form(query) in ("CONSTRUCT", "DESCRIBE") else RESULTS_TSV


def answer_hash(body: bytes) -> str:
    """Give the SHA-256 (hex) of an answer in that format, with its lines sorted by byte, as ``RECIPE`` does.

    Blank nodes are without their labels: neither these nor the order say anything.
    """
    lines = _BLANK.sub(b"_:", body).split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    lines.sort()
    return hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()

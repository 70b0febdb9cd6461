"""What a SPARQL server answered: whole and right, or an error that says what is wrong."""

import json
from typing import Final

import pyoxigraph as ox

from app.mediatypes import RESULTS_JSON, Format
from app.store.engine import RESULT_FORMATS
from app.store.interface import AnswerTooLarge, DeadlineExceeded, QueryError, QuerySyntaxError, Solutions, Unavailable
from app.store.results import GEOMETRY, WKT, document, geometry, parse
from app.store.transport import Reply

# Virtuoso ends every answer at so many rows and does not say so.
_SILENT_CUT: Final = 1_048_576
_GEOMETRY: Final = f'"^^<{GEOMETRY}>'.encode()
_WKT: Final = f'"^^<{WKT}>'.encode()
_MESSAGE: Final = 300
_NO_RESULTS: Final = "The SPARQL server did not answer with results in JSON."


def check(reply: Reply) -> None:
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


def _said(reply: Reply) -> str:
    """Give the first words of an error in plain text; pages are left out."""
    if reply.media_type != "text/plain":
        return ""
    text = " ".join(reply.body[: 4 * _MESSAGE].decode("utf-8", "replace").partition("\n\n")[0].split())
    text = "".join(character for character in text if character.isprintable())
    return text if len(text) <= _MESSAGE else text[:_MESSAGE] + " …"


def results(body: bytes) -> Solutions | bool:
    """Read results, or the truth value of an ASK; raises QueryError."""
    try:
        found = parse(body)
    except ValueError as error:
        raise QueryError(_NO_RESULTS) from error
    if not isinstance(found, bool):
        _refuse_cut(len(found.rows))
    return found


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


def table(body: bytes, format: Format) -> bytes:
    """Write results anew in a format; raises QueryError."""
    try:
        found = document(body)
        if "results" in found:
            _refuse_cut(len(found["results"]["bindings"]))
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()
        if format is RESULTS_JSON:
            return text
        parsed = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
        return parsed.serialize(format=RESULT_FORMATS[format]) or b""
    except (ValueError, SyntaxError) as error:
        raise QueryError(_NO_RESULTS) from error

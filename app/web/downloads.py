"""``/dump/``: the files to download, with size and checksum; ``/context.jsonld``."""

import gzip
from collections.abc import Iterator
from typing import Final

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from app.catalog.dumps import CHECKSUMS, Dump, read_dumps
from app.mediatypes import JSON_LD, Format
from app.query.binding import bind
from app.query.library import engine_query
from app.store.jsonld import context, terms, with_context
from app.terms import Iri
from app.web import links, negotiation
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.problems import not_found
from app.web.serving import served

blueprint = Blueprint("downloads", __name__)
# So much of a file is unpacked at once.
_PART: Final = 262_144


@blueprint.get("/context.jsonld")
def published() -> Response:
    """Give the JSON-LD context: the prefixes, of which every JSON-LD answer carries those it uses, and terms."""
    negotiation.choose_format((JSON_LD,))
    prefixes, base = served().manifest.prefixes, served().base
    query = bind(engine_query("engine/context-terms"), {"graph": Iri(f"{base}graph/shapes")})
    values: dict[str, set[str]] = {}
    for row in served().store.select(query).rows:
        values.setdefault(str(row["term"]), set()).update({str(row["values"])} if "values" in row else ())
    found = {"@context": context(prefixes) | terms(values, prefixes, base)}
    return negotiation.answer_json(found, JSON_LD, indent=1)


def in_context(body: bytes, found: Format) -> bytes:
    """Put the context into an answer of the query engine, when it is JSON-LD."""
    return with_context(body, served().manifest.prefixes) if found == JSON_LD else body


def dumps() -> list[Dump]:
    """Give the dumps of the served generation."""
    return read_dumps(served().generation.dumps)


@blueprint.get("/dump/")
def dump_list() -> Response:
    """List the dumps, as a page and as JSON."""
    found = negotiation.choose_format(PAGE_OR_JSON)
    files = dumps()
    if found == HTML:
        return negotiation.answer_page("dumps.html", dumps=files, checksums=CHECKSUMS)
    rows = [
        {
            "name": dump.name,
            "url": links.page_link(f"/dump/{dump.name}"),
            "load": links.page_link(f"/dump/{dump.plain}"),
            "bytes": dump.size,
            "sha256": dump.sha256,
        }
        for dump in files
    ]
    return negotiation.answer_json({"dumps": rows}, found)


@blueprint.get("/dump/<name>")
def file(name: str) -> BaseResponse:
    """Give one file; its checksum is its ETag. A client may ask for a part of it.

    Without ``.gz`` its name is that of what is in it: the same bytes with gzip as their coding (RFC 9110 §8.4), for who
    loads data by address; unpacked on the way for who takes no gzip.
    """
    files = dumps()
    if (inside := next((dump for dump in files if dump.plain == name != dump.name), None)) is not None:
        return _unpacked(inside)
    checksum = next((dump.sha256 for dump in files if dump.name == name), None)
    if checksum is None and not (name == CHECKSUMS and files):
        raise not_found(request.path)
    response = send_from_directory(
        served().generation.dumps,
        name,
        mimetype="application/gzip" if name.endswith(".gz") else "text/plain",
        etag=checksum or served().manifest.digest,
    )
    response.headers["Cache-Control"] = "no-cache"
    return response


def _unpacked(dump: Dump) -> BaseResponse:
    path, kind = served().generation.dumps / dump.name, dump.format.content_type
    coded = request.accept_encodings.quality("gzip") > 0
    if coded:
        response = send_from_directory(path.parent, path.name, mimetype=kind, etag=f"{dump.sha256}.gz")
        response.headers["Content-Encoding"] = "gzip"
        del response.headers["Content-Disposition"]
    else:
        unpacked = gzip.open(path)  # noqa: SIM115 - closed with the answer
        response = Response(_parts(unpacked), content_type=kind, headers={"Accept-Ranges": "none"})
        response.call_on_close(unpacked.close)
        response.set_etag(dump.sha256)
        response.make_conditional(request)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Encoding")
    return response


def _parts(file: gzip.GzipFile) -> Iterator[bytes]:
    while part := file.read(_PART):
        yield part

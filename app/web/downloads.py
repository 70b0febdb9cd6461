"""``/dump/``: the files to download, with size and checksum; ``/context.jsonld``."""

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from app.catalog.dumps import CHECKSUMS, Dump, read_dumps
from app.mediatypes import JSON_LD, Format
from app.store.jsonld import context, with_context
from app.web import links, negotiation
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.problems import not_found
from app.web.serving import served

blueprint = Blueprint("downloads", __name__)


@blueprint.get("/context.jsonld")
def published() -> Response:
    """Give the JSON-LD context: the prefixes of the dataset, of which every JSON-LD answer carries those it uses."""
    negotiation.choose_format((JSON_LD,))
    found = {"@context": context(served().manifest.prefixes)}
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
        {"name": dump.name, "url": links.page_link(f"/dump/{dump.name}"), "bytes": dump.size, "sha256": dump.sha256}
        for dump in files
    ]
    return negotiation.answer_json({"dumps": rows}, found)


@blueprint.get("/dump/<name>")
def file(name: str) -> BaseResponse:
    """Give one file; its checksum is its ETag. A client may ask for a part of it."""
    checksum = next((dump.sha256 for dump in dumps() if dump.name == name), None)
    if checksum is None and not (name == CHECKSUMS and dumps()):
        raise not_found(request.path)
    response = send_from_directory(
        served().generation.dumps,
        name,
        mimetype="application/gzip" if name.endswith(".gz") else "text/plain",
        etag=checksum or served().manifest.digest,
    )
    response.headers["Cache-Control"] = "no-cache"
    return response

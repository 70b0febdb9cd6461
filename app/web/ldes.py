"""``/ldes``: the change feed as a Linked Data Event Stream, in pages that a client may keep."""

from collections.abc import Iterable
from typing import Final

from flask import Blueprint, Response, g, request

from app import __version__, mediatypes
from app.changes import stream
from app.changes.stream import SIZE, STREAM_PREFIXES, Addresses
from app.store.engine import serialize
from app.terms import Triple, is_absolute_iri
from app.web import negotiation
from app.web.problems import not_found
from app.web.serving import served

blueprint = Blueprint("ldes", __name__)

FORMATS: Final = (
    *(mediatypes.TURTLE, mediatypes.JSON_LD, mediatypes.N_TRIPLES, mediatypes.N_QUADS, mediatypes.TRIG),
    mediatypes.RDF_XML,
)
# How long a client may keep a page: one that is full for good, the others for a minute.
_FULL: Final = "public, max-age=31536000, immutable"
_GROWING: Final = "public, max-age=60"


@blueprint.get("/ldes")
def view() -> Response:
    """Describe the stream, and lead to its first page."""
    changes = served().changes
    first = changes.page(1, 1)
    licence = served().manifest.licence
    if licence and not is_absolute_iri(licence):
        licence = None
    g.cache_control = _GROWING
    g.fingerprint = f"{__version__} {first[0].id if first else ''} {licence}"
    return _answer(stream.root(addresses(), first[0] if first else None, licence))


@blueprint.get("/ldes/<int:number>")
def page(number: int) -> Response:
    """Give a page."""
    changes = served().changes
    if not 1 <= number <= stream.pages(changes.last):
        raise not_found(request.path)
    entries = changes.page((number - 1) * SIZE + 1, SIZE)
    g.cache_control = _FULL if len(entries) == SIZE else _GROWING
    g.fingerprint = f"{__version__} {entries[-1].id if entries else ''}"
    return _answer(stream.page(addresses(), number, entries))


def addresses() -> Addresses:
    """Give the addresses that this server has for the view."""
    return Addresses(served().base, f"{request.host_url.rstrip('/')}{request.script_root}/ldes")


def _answer(triples: Iterable[Triple]) -> Response:
    found = negotiation.choose(FORMATS)
    return negotiation.answer(serialize(triples, found, STREAM_PREFIXES), found)

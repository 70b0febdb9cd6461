"""``/ldes``: the change feed as a Linked Data Event Stream, in pages that a client may keep."""

from collections.abc import Iterable
from typing import Final

from flask import Blueprint, Response, g, request

from app import __version__, mediatypes
from app.changes import stream
from app.changes.stream import SIZE, STREAM_PREFIXES, Addresses
from app.mediatypes import Format
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
    first = changes.name(1)
    licence = served().manifest.licence
    if licence and not is_absolute_iri(licence):
        licence = None
    g.cache_control = _GROWING
    g.fingerprint = f"{__version__} {first} {licence}"
    found = negotiation.choose(FORMATS)
    entries = changes.page(1, 1)
    return _answer(stream.root(addresses(), entries[0] if entries else None, licence), found)


@blueprint.get("/ldes/<int:number>")
def page(number: int) -> Response:
    """Give a page."""
    changes = served().changes
    if not 1 <= number <= stream.pages(changes.last):
        raise not_found(request.path)
    first, full = (number - 1) * SIZE + 1, number * SIZE
    g.cache_control = _FULL if full <= changes.last else _GROWING
    # Its last entry settles what is on it.
    g.fingerprint = f"{__version__} {changes.name(min(full, changes.last)) if first <= changes.last else None}"
    found = negotiation.choose(FORMATS)
    return _answer(stream.page(addresses(), number, changes.page(first, SIZE)), found)


def addresses() -> Addresses:
    """Give the addresses that this server has for the view."""
    return Addresses(served().base, f"{request.host_url.rstrip('/')}{request.script_root}/ldes")


def _answer(triples: Iterable[Triple], found: Format) -> Response:
    return negotiation.answer(serialize(triples, found, STREAM_PREFIXES), found)

"""The format of an answer, for all routes: ``?format=``, suffix, Accept (app.mediatypes decides)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from flask import Response, g, request

from app import mediatypes
from app.mediatypes import Format, negotiate
from app.web.caching import raise_if_unchanged

# Our pages are HTML, not XML: who takes XHTML only is told that there is none.
HTML: Final = replace(mediatypes.HTML, aliases=())
GRAPH: Final = (HTML, *mediatypes.GRAPH_FORMATS)
# The typed links of a document (RFC 9264); only who names it gets it.
LINKSET: Final = Format("linkset", "application/linkset+json", "linkset", "table")
ENTITY: Final = (*GRAPH, mediatypes.JSON, LINKSET)
PAGE_OR_JSON: Final = (HTML, mediatypes.JSON)


def choose(offered: Sequence[Format], suffix: str | None = None) -> Format:
    """Choose the format of this answer; raises NotAcceptable (406), or NotModified when the client has it (304)."""
    g.negotiated = True
    found = negotiate(request.headers.get("Accept"), offered, suffix=suffix, requested=request.args.get("format"))
    g.content_type = content_type(found)
    raise_if_unchanged(g.content_type)
    return found


def expected(offered: Sequence[Format], suffix: str | None = None) -> Format | None:
    """Give the format that ``choose`` will choose, without settling on it; None where it will refuse."""
    try:
        return negotiate(request.headers.get("Accept"), offered, suffix=suffix, requested=request.args.get("format"))
    except ValueError:
        return None


def split_suffix(name: str, offered: Sequence[Format]) -> tuple[str, str | None]:
    """Split ``snasa.ttl`` into ``snasa`` and ``ttl`` when that is a suffix on offer."""
    stem, dot, suffix = name.rpartition(".")
    if dot and stem and any(suffix in (each.suffix, each.name) for each in offered):
        return stem, suffix
    return name, None


def content_type(found: Format) -> str:
    """Give the content type: the media type the client named, where it means this format by another name."""
    return found.content_type if request.args.get("format") else found.named(request.headers.get("Accept"))


def answer(body: bytes | str, found: Format, status: int = 200) -> Response:
    """Make an answer in a format."""
    return Response(body, status, content_type=content_type(found))

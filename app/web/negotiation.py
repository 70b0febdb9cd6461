"""The format of an answer, for all routes (RFC 9110 §12): by ``?format=``, by suffix, by Accept."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from flask import Response, g, render_template, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from app import mediatypes
from app.mediatypes import Format, by_name, with_charset
from app.store.engine import serialize
from app.terms import Triple
from app.web import links
from app.web.headers import raise_if_unchanged
from app.web.serving import served

# Our pages are HTML, not XML: who takes XHTML only is told that there is none.
HTML: Final = replace(mediatypes.HTML, aliases=())
GRAPH: Final = (HTML, *mediatypes.GRAPH_FORMATS)
# The typed links of a document (RFC 9264); only who names it gets it.
LINKSET: Final = Format("linkset", "application/linkset+json", "linkset", "table")
ENTITY: Final = (*GRAPH, mediatypes.JSON, LINKSET, *mediatypes.CITATION_FORMATS)
# What describes a dataset or a version of it.
DESCRIBED: Final = (*GRAPH, *mediatypes.CITATION_FORMATS)
PAGE_OR_JSON: Final = (HTML, mediatypes.JSON)
# What a list or a search is offered in.
LISTED: Final = (HTML, *mediatypes.LIST_FORMATS)

# An Accept header longer than this (characters) is not kept.
_LONG: Final = 400
_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class NotAcceptable(ValueError):
    """No offered format is acceptable; ``offered`` lists those there are."""

    def __init__(self, offered: Sequence[Format]) -> None:
        """Keep the list for the answer."""
        super().__init__("none of the formats on offer is acceptable")
        self.offered = tuple(offered)


def negotiate(
    accept: str | None, offered: Sequence[Format], *, suffix: str | None = None, requested: str | None = None
) -> Format:
    """Choose a format; an explicit request wins over a suffix, a suffix over Accept; no Accept takes the first.

    Raises NotAcceptable when what is asked for is not offered.
    """
    if explicit := requested or suffix:
        found = by_name(explicit, offered)
    else:
        found = _best(accept, tuple(offered)) if (accept := (accept or "").strip()) else offered[0]
    if found is None:
        raise NotAcceptable(offered)
    return found


def _remembered(function: Callable[[str, _K], _V]) -> Callable[[str, _K], _V]:
    """Remember what an Accept header means: clients send the same with each request. Long ones are worked out anew."""
    kept = lru_cache(maxsize=512)(function)
    return lambda accept, other: (kept if len(accept) <= _LONG else function)(accept, other)


@_remembered
def _best(accept: str, offered: tuple[Format, ...]) -> Format | None:
    header = _parsed(accept)
    named = set(header.values())
    types: dict[str, Format] = {}
    for offer in offered:
        # An alias counts only when it is named; a wildcard means the format's own type.
        for media_type in (offer.media_type, *named.intersection(offer.aliases)):
            types.setdefault(media_type, offer)
    best = header.best_match(types)
    return None if best is None else types[best]


@_remembered
def named(accept: str, found: Format) -> str:
    """Give the content type by the name that an Accept header has for a format: an alias, when it is that."""
    header = _parsed(accept)
    if accept and not header.quality(found.media_type):
        return next((with_charset(each) for each in found.aliases if header.quality(each)), found.content_type)
    return found.content_type


def _parsed(accept: str) -> MIMEAccept:
    """Read a header; parameters do not tell our formats apart, and some clients write * for */*."""
    ranges = ((value.partition(";")[0].strip().lower(), quality) for value, quality in parse_accept_header(accept))
    return MIMEAccept([("*/*" if value == "*" else value, quality) for value, quality in ranges])


def wanted(offered: Sequence[Format], suffix: str | None = None) -> Format:
    """Give the format that this request asks for; raises NotAcceptable."""
    return negotiate(request.headers.get("Accept"), offered, suffix=suffix, requested=request.args.get("format"))


def choose_format(offered: Sequence[Format], *suffix: str | None) -> Format:
    """Choose the format of this answer; raises NotAcceptable (406), or NotModified when the client has it (304).

    Where a suffix may stand in the address, it is given (None: this one has none): what is chosen by other means has
    the address with the suffix as its Content-Location (RFC 9110 §8.7).
    """
    g.negotiated = True
    found = wanted(offered, *suffix)
    if suffix == (None,):
        given = {name: request.args.getlist(name) for name in request.args if name != "format"}
        g.content_location = links.page_link(f"{links.here()}.{found.suffix}", given)
    g.content_type = content_type(found)
    raise_if_unchanged(g.content_type)
    return found


def expected(offered: Sequence[Format], suffix: str | None = None) -> Format | None:
    """Give the format that ``choose_format`` will choose, without settling on it; None where it will refuse."""
    try:
        return wanted(offered, suffix)
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
    return found.content_type if request.args.get("format") else named(request.headers.get("Accept", ""), found)


def answer(body: bytes | str, found: Format, status: int = 200) -> Response:
    """Make an answer in a format."""
    return Response(body, status, content_type=content_type(found))


def answer_page(template: str, /, *, status: int = 200, **names: Any) -> Response:
    """Make an answer of a template."""
    return answer(render_template(template, **names), HTML, status)


def answer_json(document: Any, found: Format, **layout: Any) -> Response:
    """Make an answer of what JSON can hold; ``layout`` is that of json.dumps."""
    return answer(json.dumps(document, ensure_ascii=False, **layout), found)


def answer_graph(
    triples: Iterable[Triple], found: Format, prefixes: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Make an answer of triples, with the prefixes of the dataset unless others are given."""
    return answer(serialize(triples, found, prefixes or served().manifest.prefixes), found, status)

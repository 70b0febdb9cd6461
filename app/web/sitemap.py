"""For robots: ``/robots.txt`` (RFC 9309) and ``/sitemap.xml`` (sitemaps.org 0.9)."""

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response

from app.mediatypes import Format
from app.web import links, negotiation
from app.web.languages import alternatives, root
from app.web.problems import not_found
from app.web.serving import served

blueprint = Blueprint("sitemap", __name__)

# So many addresses a file may hold by the protocol; each thing is there once in every language of the site.
ADDRESSES: Final = 50_000
_XML: Final = Format("xml", "application/xml", "xml", "table", ("text/xml",))
_TEXT: Final = Format("text", "text/plain", "txt", "table")
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Pages that lead on to everything else.
_FIXED: Final = ("/", "/catalog", "/queries/", "/dump/")
_ROBOTS: Final = """\
User-agent: *
Allow: /*?page=
Disallow: /*?
Disallow: {root}/search
Disallow: {root}/en/search
Sitemap: {place}sitemap.xml
"""


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep robots from searches, filters and queries, which are without end; pages of a list they may follow."""
    negotiation.choose((_TEXT,))
    place = links.place()
    return negotiation.answer(_ROBOTS.format(root=root(), place=place), _TEXT)


@blueprint.get("/sitemap.xml")
def index() -> Response:
    """List the files of the sitemap."""
    negotiation.choose((_XML,))
    entries = (f"<sitemap><loc>{escape(links.place())}sitemap-{n}.xml</loc>{_modified()}</sitemap>" for n in _numbers())
    return negotiation.answer(_document("sitemapindex", entries), _XML)


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap(number: int) -> Response:
    """List the pages of the fixed routes and of every thing, in each language of the site."""
    negotiation.choose((_XML,))
    if number not in _numbers():
        raise not_found(f"/sitemap-{number}.xml")
    size = _things_in_a_file()
    paths = [path for iri in served().index.iris(size, (number - 1) * size) if (path := links.path_of(iri))]
    if number == 1:
        paths = [*_FIXED, *(f"/{kind}/" for kind in served().kinds), *paths]
    return negotiation.answer(_document("urlset", (_page(path) for path in paths)), _XML)


def _things_in_a_file() -> int:
    # The first file holds the fixed pages too.
    return (ADDRESSES // len(alternatives("/"))) - len(_FIXED) - len(served().kinds)


def _numbers() -> range:
    things = sum(served().kinds.values())
    return range(1, 2 + max(0, things - 1) // _things_in_a_file())


def _page(path: str) -> str:
    tags = [(tag, links.absolute(address)) for tag, address in alternatives(path)]
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(tag)} href={quoteattr(address)}/>' for tag, address in tags
    )
    return "\n".join(f"<url><loc>{escape(address)}</loc>{_modified()}{others}</url>" for _, address in tags)


def _modified() -> str:
    return f"<lastmod>{escape(served().manifest.as_of)}</lastmod>"


def _document(element: str, entries: Iterable[str]) -> str:
    spaces = f'xmlns="{_NAMESPACE}" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    body = "\n".join(entries)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{element} {spaces}>\n{body}\n</{element}>\n'

"""The pages of the site: front, privacy, lists of things, any other path; what robots read of them.

That is ``/robots.txt`` (RFC 9309) and ``/sitemap.xml`` (sitemaps.org 0.9).
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from app.entities import panels
from app.mediatypes import Format
from app.namespaces import SEVERITIES, VIOLATION, WARNING
from app.search.facets import KIND
from app.web import documents, links, negotiation, search
from app.web.arguments import page_argument
from app.web.languages import alternatives, languages, root
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.problems import not_found
from app.web.representations import Signpost
from app.web.rows import plural
from app.web.serving import served, settings
from app.web.texts import by_language, kind_labels, labels_for

blueprint = Blueprint("pages", __name__)

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
# Where a machine that has only the address of the site goes on: the catalog leads to all else.
_FROM_FRONT: Final = (
    ("describedby", "/catalog", "text/turtle"),
    ("describedby", "/.well-known/void", "text/turtle"),
    ("service-desc", "/sparql", "text/turtle"),
    ("search", "/search", "text/html"),
)
# A question with this tag is proposed on the front page; where none has it, the first few are.
_PROPOSED: Final = "front"
_QUESTIONS: Final = 3
_GAPS: Final = 6


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep robots from searches, filters and queries, which are without end; pages of a list they may follow."""
    negotiation.choose_format((_TEXT,))
    place = links.place()
    return negotiation.answer(_ROBOTS.format(root=root(), place=place), _TEXT)


@blueprint.get("/sitemap.xml")
def index() -> Response:
    """List the files of the sitemap."""
    negotiation.choose_format((_XML,))
    entries = (f"<sitemap><loc>{escape(links.place())}sitemap-{n}.xml</loc>{_modified()}</sitemap>" for n in _numbers())
    return negotiation.answer(_document("sitemapindex", entries), _XML)


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap(number: int) -> Response:
    """List the pages of the fixed routes and of every thing, in each language of the site."""
    negotiation.choose_format((_XML,))
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


@blueprint.get("/")
def front() -> Response:
    """Give the front page: what the dataset is, what there is in it, what can be asked."""
    negotiation.choose_format((HTML,))
    questions = served().library.questions.values()
    proposed = [file for file in questions if _PROPOSED in file.tags] or list(questions)[:_QUESTIONS]
    shown = [panels.run_panel(served().store, file, None, None) for file in served().library.front]
    found = [each.severity for each in served().findings if each.severity != VIOLATION]
    # Those that somebody can mend, the commonest first.
    worst = Counter(each.shape for each in served().findings if each.severity == WARNING and each.shape)
    response = negotiation.answer_page(
        "front.html",
        description=by_language(served().manifest.description),
        kinds=kind_labels(),
        kind_counts=served().kinds,
        questions=proposed,
        question_count=len(questions),
        panels=shown,
        labels=labels_for([*worst, *panels.terms(shown)]),
        worst=worst.most_common(_GAPS),
        gaps={each: found.count(each) for each in SEVERITIES if each in found},
    )
    for rel, path, media_type in _FROM_FRONT:
        response.headers.add("Link", Signpost(rel, links.page_link(path), media_type).header())
    return response


@blueprint.get("/privacy")
def privacy() -> Response:
    """Tell what becomes known of a visitor."""
    negotiation.choose_format((HTML,))
    return negotiation.answer_page("privacy.html")


@blueprint.get("/<kind>/", strict_slashes=False)
def kind_page(kind: str) -> BaseResponse:
    """List the things of a kind in alphabetical order, all or those with some words or values, in pages; JSON too."""
    slash = request.path.endswith("/")
    if kind not in served().kinds:
        return other(kind + "/" if slash else kind)
    if not slash:
        return redirect(links.page_link(f"/{kind}/", request.args), 308)
    found = negotiation.choose_format(PAGE_OR_JSON)
    text, number, size = search.text_argument(), page_argument(), settings().page_size
    chosen = {name: keys for name, keys in search.chosen_arguments().items() if name != KIND}
    index, order = served().index, request.args.get("sort", "")
    orders = search.orders_of(kind)
    if order and order not in orders:
        raise not_found(request.full_path)
    place = {"limit": size, "offset": (number - 1) * size}
    result = index.things(kind, languages(), text=text, chosen=chosen, order=order, **place)
    shown = search.listing(f"/{kind}/", text, chosen, result, number, without=KIND, order=order)
    if found != HTML:
        rows = [{"iri": hit.iri, "label": hit.label, "language": hit.language} for hit in result.hits]
        facets = search.facets_json(shown["facets"])
        document = {"kind": kind, "total": result.total, "results": rows, "facets": facets}
        return negotiation.answer_json(document, found)
    heading = plural(kind, kind_labels()[kind])
    return negotiation.answer_page("list.html", **shown, kind=kind, heading=heading, orders=orders, order=order)


@blueprint.get("/<path:path>")
def other(path: str) -> BaseResponse:
    """Describe an IRI of the base that is not under ``id/``, at its own path."""
    return documents.respond_with_document(*documents.find(path))

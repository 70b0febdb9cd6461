"""The pages of the site: front, overviews, data, privacy, lists, any other path; menu; what robots read of them.

That is ``/robots.txt`` (RFC 9309) and ``/sitemap.xml`` (sitemaps.org 0.9).
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from babel.core import get_global
from flask import Blueprint, Response, current_app, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.entities import panels
from app.entities.labels import Label, best
from app.mediatypes import Format
from app.namespaces import VIOLATION
from app.query.binding import bind
from app.query.files import QueryFile
from app.query.library import engine_query
from app.search.facets import KIND
from app.terms import Iri, Literal
from app.web import documents, gaps, links, negotiation, search
from app.web.arguments import page_argument
from app.web.headers import SEE_OTHER
from app.web.languages import ENGLISH, alternatives, interface_language, languages
from app.web.listed import plural, respond_with_table, values_json
from app.web.negotiation import HTML, LISTED, PAGE_OR_JSON
from app.web.problems import not_found
from app.web.representations import Signpost
from app.web.serving import served
from app.web.texts import by_language, kind_labels, labels_for

blueprint = Blueprint("pages", __name__)

# So many addresses a file may hold by the protocol; each thing is there once in every language of the site.
ADDRESSES: Final = 50_000
_XML: Final = Format("xml", "application/xml", "xml", "table", ("text/xml",))
_TEXT: Final = Format("text", "text/plain", "txt", "table")
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Pages that lead on to everything else.
_FIXED: Final = ("/", "/about", "/catalog", "/data", "/queries/", "/dump/")
# What has no end, or is there elsewhere, in every language: comparisons, older versions, packed files.
_NOT_FOR_ROBOTS: Final = ("/search", "/compare", "/version/", "/dump/*.gz", "/receipt")
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
_GAPS: Final = 5
# So many kinds, those with most things, stand in the menu of a content that has none of its own.
_KINDS: Final = 4
# So many classes, those with most things, stand on the front page of a content without kinds.
_CLASSES: Final = 30
# So many things of each kind or class stand there as examples (``engine/class-sample`` gives as many).
_EXAMPLES: Final = 3
# So many things are proposed for an address that leads nowhere; so much of it is looked at.
_NEAR: Final = 3
_LONGEST: Final = 80


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep robots from searches, filters and queries, which are without end; pages of a list they may follow."""
    negotiation.choose_format((_TEXT,))
    lines = ["User-agent: *", "Crawl-delay: 1", "Allow: /*?page=", "Disallow: /*?"]
    lines += [f"Disallow: {below}" for path in _NOT_FOR_ROBOTS for _language, below in alternatives(path)]
    return negotiation.answer("\n".join([*lines, f"Sitemap: {links.place()}sitemap.xml", ""]), _TEXT)


@blueprint.get("/llms.txt")
def for_assistants() -> Response:
    """Tell programs that read for people what this is, where to ask, and how sure it is (llmstxt.org)."""
    negotiation.choose_format((_TEXT,))
    now = served()
    body = render_template(
        "llms.html",
        description=by_language(now.manifest.description),
        tagline=by_language(now.manifest.site.get("tagline", {})),
        degrees=[(labels_for([each])[each], best(texts, languages())) for each, texts in now.meanings.items()],
        address=lambda path: links.absolute(links.page_link(path)),
        questions=now.library.questions.values(),
        bases=now.bases,
    )
    return negotiation.answer(body, _TEXT)


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
        paths = [*_fixed(), *paths]
    return negotiation.answer(_document("urlset", (_page(path) for path in paths)), _XML)


def _things_in_a_file() -> int:
    # The first file holds the fixed pages too.
    return (ADDRESSES // len(alternatives("/"))) - len(_fixed())


def _fixed() -> list[str]:
    overviews = (f"/overview/{name}" for name in served().library.overviews)
    return [*_FIXED, *overviews, *(f"/{kind}/" for kind in served().kinds)]


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
def front() -> BaseResponse:
    """Give the front page: what the dataset is, what there is in it, what can be asked; programs go to the catalog."""
    if negotiation.choose_format(negotiation.GRAPH) != HTML:
        response = redirect(links.page_link("/catalog", request.args.to_dict(flat=False)), 303)
        response.headers["Cache-Control"] = SEE_OTHER
        return response
    questions = served().library.questions.values()
    proposed = [file for file in questions if _PROPOSED in file.tags] or list(questions)[:_QUESTIONS]
    shown = _run(served().library.front)
    found = [each for each in served().findings if each.severity != VIOLATION]
    first, classes = gaps.for_leaders(_GAPS), {} if served().kinds else _classes()
    kinds = {} if served().menu else _plurals()
    examples = {**_of_kinds(kinds), **_of_classes(classes)}
    response = negotiation.answer_page(
        "front.html",
        kinds=kinds,
        kind_counts=served().kinds,
        examples=examples,
        tagline=by_language(served().manifest.site.get("tagline", {})),
        lead=by_language(served().manifest.site.get("lead") or served().manifest.description),
        questions=sorted(proposed, key=lambda file: file.order),
        question_count=len(questions),
        panels=shown,
        classes=classes,
        labels=labels_for(
            [*(each.shape for each in first), *panels.terms(shown), *classes, *chain.from_iterable(examples.values())]
        ),
        first=first,
        gap_count=len(found),
    )
    for rel, path, media_type in _FROM_FRONT:
        response.headers.add("Link", Signpost(rel, links.page_link(path), media_type).header())
    return response


@blueprint.get("/overview/<name>")
def overview(name: str) -> Response:
    """Give a page of panels that are about no one thing; the first one's title and description are the page's."""
    negotiation.choose_format((HTML,))
    files = served().library.overviews.get(name)
    if files is None:
        raise not_found(request.path)
    shown = _run(files)
    return negotiation.answer_page("overview.html", name=name, panels=shown, labels=labels_for(panels.terms(shown)))


def _run(files: Iterable[QueryFile]) -> list[panels.Panel]:
    return [panels.run_panel(served().store, file, None, None, served().panels) for file in files]


@blueprint.get("/data")
def data() -> Response:
    """Lead to all that is for those who work with the data."""
    negotiation.choose_format((HTML,))
    return negotiation.answer_page(
        "data.html",
        description=by_language(served().manifest.description),
        kinds=_plurals(),
        kind_counts=served().kinds,
    )


@blueprint.app_template_global()
def menu() -> list[tuple[str, Label, bool]]:
    """Give what the main menu leads to: path, label, whether this page is it.

    A content has it in ``queries/menu.rq``; else there are its overviews, its largest kinds and what each site has.
    """
    now = served()
    found = {path: by_language(texts) or Label(path) for path, texts in now.menu.items()}
    if not found:
        labels = _plurals()
        overviews = now.library.overviews.items()
        found = {f"/overview/{name}": by_language(files[0].title) or Label(name) for name, files in overviews}
        found |= {f"/{kind}/": labels[kind] for kind, _number in Counter(dict(now.kinds)).most_common(_KINDS)}
        own = {
            "/gaps": _("To follow up") if f"{now.base}graph/shapes" in now.graphs else "",
            "/queries/": _("Questions") if now.library.questions else "",
            "/data": _("Data"),
        }
        found |= {path: Label(text, interface_language()) for path, text in own.items() if text}
    return [(path, label, path == request.path) for path, label in found.items()]


@blueprint.app_template_global()
def foreseen() -> list[tuple[str, Label]]:
    """Give the overviews of what proposals of imports add to: path and title."""
    found = served().library.foreseen
    return [(f"/overview/{name}", by_language(file.title) or Label(name)) for name, file in found.items()]


@blueprint.app_template_global()
def summary(given: Iterable[object]) -> str:
    """Give the first sentence that a page says of its thing, else what the site is about in a line."""
    for panel in given:
        if isinstance(panel, panels.Panel) and panel.file.view == "sentence":
            for row in panels.in_language(panel.table, languages()).rows:
                return str(Label(" ".join(cell.value.value for cell in row if isinstance(cell.value, Literal))))
    manifest = served().manifest
    found = by_language(manifest.site.get("tagline") or manifest.description)
    return str(found or "")


@blueprint.app_template_global()
def own_address() -> str:
    """Give the whole address of this page."""
    return links.absolute(links.page_link(links.here()))


@blueprint.app_template_global()
def og_locale() -> str:
    """Give the language of the page with a land, as Open Graph wants it."""
    parts = str(get_global("likely_subtags").get(g.language, g.language)).split("_")
    return "en_GB" if g.language == ENGLISH else "_".join(dict.fromkeys((parts[0], parts[-1])))


@blueprint.app_template_global()
def near() -> list[tuple[Label, str]]:
    """Give the things that were perhaps meant by an address that leads nowhere: by its last part, in its kind first."""
    parts = request.path.strip("/").split("/")
    text, kinds = parts[-1].replace("-", " ")[:_LONGEST], [each for each in parts[:-1] if each in served().kinds]
    for chosen in ({KIND: tuple(kinds)}, {}) if kinds else ({},):
        with suppress(OSError):
            if found := served().index.search(text, languages(), chosen=chosen, limit=_NEAR).hits:
                return [(Label(hit.label, hit.language), links.describe_link(hit.iri)) for hit in found]
    return []


def _classes() -> dict[Iri, int]:
    """Give the classes with most things, for data whose things are of no kind: no IRI has its form from the base."""
    counts = Counter({Iri(term): number for term, number in served().manifest.classes.items()})
    return dict(counts.most_common(_CLASSES))


def _of_kinds(kinds: Iterable[str]) -> dict[str, list[Iri]]:
    """Give some things of each kind, none where the search index cannot be read."""
    with suppress(OSError):
        return {kind: [Iri(iri) for iri in served().index.sample(kind, _EXAMPLES)] for kind in kinds}
    return {}


def _of_classes(classes: Iterable[Iri]) -> dict[str, list[Iri]]:
    query, store = engine_query("engine/class-sample"), served().store
    rows = {class_: store.select(bind(query, {"class": class_})).rows for class_ in classes}
    return {class_: [each for row in found if isinstance(each := row["thing"], Iri)] for class_, found in rows.items()}


def _plurals() -> dict[str, Label]:
    return {kind: plural(kind, label) for kind, label in kind_labels().items()}


@blueprint.get("/privacy")
def privacy() -> Response:
    """Tell what becomes known of a visitor."""
    negotiation.choose_format((HTML,))
    return negotiation.answer_page("privacy.html")


@blueprint.get("/<kind>/", strict_slashes=False)
def kind_page(kind: str) -> BaseResponse:
    """List the things of a kind in alphabetical order, all or those with some words or values, in pages; JSON too.

    The whole list as CSV, XLSX, Parquet; with ``?page=`` that page of it.
    """
    slash = request.path.endswith("/")
    if kind not in served().kinds:
        if slash and any(rule.rule == f"/{kind}" for rule in current_app.url_map.iter_rules()):
            return redirect(links.page_link(f"/{kind}", request.args.to_dict(flat=False)), 308)
        return other(kind + "/" if slash else kind)
    if not slash:
        return redirect(links.page_link(f"/{kind}/", request.args.to_dict(flat=False)), 308)
    found = negotiation.choose_format(LISTED)
    text, number = search.text_argument(), page_argument()
    chosen = {name: keys for name, keys in search.chosen_arguments().items() if name != KIND}
    index, order = served().index, request.args.get("sort", "")
    orders = search.orders_of(kind)
    if order and order not in orders:
        raise not_found(request.full_path)
    values = search.words_of_values()
    part = search.place(found, number)
    result = index.things(kind, languages(), text=text, chosen=chosen, values=values, order=order, **part)
    heading = plural(kind, kind_labels()[kind])
    if found not in PAGE_OR_JSON:
        return respond_with_table(result, found, kind, kind, heading.text)
    shown = search.listing(f"/{kind}/", text, chosen, result, number, without=KIND, order=order)
    if found != HTML:
        said = values_json(result.hits, kind)
        rows = [
            {"iri": hit.iri, "label": hit.label, "language": hit.language, "values": values}
            for hit, values in zip(result.hits, said, strict=True)
        ]
        facets = search.facets_json(shown["facets"])
        document = {"kind": kind, "total": result.total, "results": rows, "facets": facets}
        return negotiation.answer_json(document, found)
    return negotiation.answer_page("list.html", **shown, kind=kind, heading=heading, orders=orders, order=order)


@blueprint.get("/<path:path>")
def other(path: str) -> BaseResponse:
    """Describe an IRI of the base that is not under ``id/``, at its own path."""
    return documents.respond_with_document(*documents.find(path))

"""``/search?q=``: text search, as a page and as JSON."""

import json

from flask import Blueprint, Response, render_template, request

from app.web import links, negotiation
from app.web.arguments import page_argument
from app.web.languages import languages
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.serving import served
from app.web.texts import kind_labels, settings

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def search() -> Response:
    """Find things by words, best first. JSON: ``total`` and a list ``results``."""
    found = negotiation.choose(PAGE_OR_JSON)
    text, number, size = request.args.get("q", "").strip(), page_argument(), settings().page_size
    result = served().index.search(text, languages(), limit=size, offset=(number - 1) * size)
    if found != HTML:
        rows = [
            {
                "iri": hit.iri,
                "label": hit.label,
                "language": hit.language,
                "kind": hit.kind,
                "page": links.describe(hit.iri),
                "excerpt": hit.excerpt,
            }
            for hit in result.hits
        ]
        document = {"query": text, "total": result.total, "results": rows}
        return negotiation.answer(json.dumps(document, ensure_ascii=False), found)
    page = render_template(
        "search.html",
        text=text,
        result=result,
        kinds=kind_labels(),
        number=number,
        pages=max(1, -(-result.total // size)),
        parameters={"q": text or None},
    )
    return negotiation.answer(page, HTML)

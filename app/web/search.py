"""``/search?q=``: text search with facets, as a page and as JSON; ``/search/suggest?q=``: what is being typed."""

import json
from typing import Any

from flask import Blueprint, Response, render_template

from app.mediatypes import JSON
from app.search.lookup import Hit
from app.web import filtering, links, negotiation
from app.web.arguments import page_argument
from app.web.languages import languages
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.serving import served, settings
from app.web.texts import kind_labels

blueprint = Blueprint("search", __name__)
# Pages about things link to the lists of what has them as a value.
blueprint.add_app_template_global(filtering.lists_of)

SUGGESTIONS = 8


@blueprint.get("/search")
def search() -> Response:
    """Find things by words and by what is chosen of the facets, best first.

    JSON: ``total``, a list ``results``, and ``facets`` with counts; ``complete`` is false when there are more.
    """
    found = negotiation.choose(PAGE_OR_JSON)
    text, number, size = filtering.text_argument(), page_argument(), settings().page_size
    chosen = filtering.chosen_arguments()
    result = served().index.search(text, languages(), chosen=chosen, limit=size, offset=(number - 1) * size)
    shown = filtering.shown("/search", text, chosen, result, number)
    if found != HTML:
        document = {
            "query": text,
            "total": result.total,
            "complete": result.complete,
            "meant": result.meant,
            "corrected": result.corrected,
            "results": [{**_named(hit), "excerpt": hit.excerpt} for hit in result.hits],
            "facets": filtering.as_json(shown["facets"]),
        }
        return negotiation.answer(json.dumps(document, ensure_ascii=False), found)
    return negotiation.answer(render_template("search.html", **shown, kinds=kind_labels()), HTML)


@blueprint.get("/search/suggest")
def suggest() -> Response:
    """Give the few things whose names go on as what is typed, best first, as JSON."""
    found = negotiation.choose((JSON,))
    text = filtering.text_argument()
    hits = served().index.suggest(text, languages(), limit=SUGGESTIONS)
    kinds = kind_labels()
    results = [{**_named(hit), "kind_label": kinds[hit.kind].text if hit.kind in kinds else None} for hit in hits]
    return negotiation.answer(json.dumps({"query": text, "results": results}, ensure_ascii=False), found)


def _named(hit: Hit) -> dict[str, Any]:
    return {
        "iri": hit.iri,
        "label": hit.label,
        "language": hit.language,
        "kind": hit.kind,
        "page": links.describe(hit.iri),
    }

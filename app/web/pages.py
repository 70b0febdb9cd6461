"""The front page, the lists of kinds, and whatever else of the base has a path."""

import json
from collections import Counter
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.entities import panels
from app.namespaces import SEVERITIES, VIOLATION, WARNING
from app.search.facets import KIND
from app.web import entities, filtering, links, negotiation
from app.web.arguments import page_argument
from app.web.languages import languages
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.serving import served, settings
from app.web.signposts import Signpost
from app.web.texts import by_language, kind_labels, labels_for

blueprint = Blueprint("pages", __name__)

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


@blueprint.get("/")
def front() -> Response:
    """Give the front page: what the dataset is, what there is in it, what can be asked."""
    negotiation.choose((HTML,))
    questions = served().library.questions.values()
    proposed = [file for file in questions if _PROPOSED in file.tags] or list(questions)[:_QUESTIONS]
    shown = [panels.run(served().store, file, None, None) for file in served().library.front]
    found = [each.severity for each in served().findings if each.severity != VIOLATION]
    # Those that somebody can mend, the commonest first.
    worst = Counter(each.shape for each in served().findings if each.severity == WARNING and each.shape)
    page = render_template(
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
    response = negotiation.answer(page, HTML)
    for rel, path, media_type in _FROM_FRONT:
        response.headers.add("Link", Signpost(rel, links.page(path), media_type).header())
    return response


@blueprint.get("/privacy")
def privacy() -> Response:
    """Tell what becomes known of a visitor."""
    negotiation.choose((HTML,))
    return negotiation.answer(render_template("privacy.html"), HTML)


@blueprint.get("/<kind>/", strict_slashes=False)
def listing(kind: str) -> BaseResponse:
    """List the things of a kind in alphabetical order, all or those with some words or values, in pages; JSON too."""
    slash = request.path.endswith("/")
    if kind not in served().kinds:
        return other(kind + "/" if slash else kind)
    if not slash:
        return redirect(links.page(f"/{kind}/", request.args), 308)
    found = negotiation.choose(PAGE_OR_JSON)
    text, number, size = filtering.text_argument(), page_argument(), settings().page_size
    chosen = {name: keys for name, keys in filtering.chosen_arguments().items() if name != KIND}
    result = served().index.things(kind, languages(), text=text, chosen=chosen, limit=size, offset=(number - 1) * size)
    shown = filtering.shown(f"/{kind}/", text, chosen, result, number, without=KIND)
    if found != HTML:
        rows = [{"iri": hit.iri, "label": hit.label, "language": hit.language} for hit in result.hits]
        facets = filtering.as_json(shown["facets"])
        document = {"kind": kind, "total": result.total, "results": rows, "facets": facets}
        return negotiation.answer(json.dumps(document, ensure_ascii=False), found)
    page = render_template("list.html", **shown, kind=kind, heading=kind_labels()[kind])
    return negotiation.answer(page, HTML)


@blueprint.get("/<path:path>")
def other(path: str) -> BaseResponse:
    """Describe an IRI of the base that is not under ``id/``, at its own path."""
    return entities.respond(*entities.find(path))

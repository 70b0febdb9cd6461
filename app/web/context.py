"""``/context.jsonld``, and its use in answers that the engine writes."""

import json

from flask import Blueprint, Response

from app.mediatypes import JSON_LD, Format
from app.store.jsonld import context, with_context
from app.web import negotiation
from app.web.serving import served

blueprint = Blueprint("context", __name__)


@blueprint.get("/context.jsonld")
def published() -> Response:
    """Give the JSON-LD context: the prefixes of the dataset, of which every JSON-LD answer carries those it uses."""
    negotiation.choose((JSON_LD,))
    found = {"@context": context(served().manifest.prefixes)}
    return negotiation.answer(json.dumps(found, ensure_ascii=False, indent=1), JSON_LD)


def in_context(body: bytes, found: Format) -> bytes:
    """Put the context into an answer of the query engine, when it is JSON-LD."""
    return with_context(body, served().manifest.prefixes) if found == JSON_LD else body

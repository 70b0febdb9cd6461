"""``/health``: whether there is something to serve, and what."""

import json

from flask import Blueprint, Response, g

from app import __version__
from app.web.serving import served

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Say as JSON what is served; 503 while nothing is."""
    if "served" not in g:
        return _answer({"status": "nothing to serve", "software": __version__}, 503)
    now = served()
    manifest = now.manifest
    return _answer(
        {
            "status": "ok",
            "version": manifest.version,
            "digest": manifest.digest,
            "asOf": manifest.as_of,
            "built": manifest.built,
            "triples": manifest.triples,
            "software": __version__,
            "errors": [str(error.message) for error in now.library.errors],
        },
        200,
    )


def _answer(document: dict[str, object], status: int) -> Response:
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status, content_type="application/json", headers={"Cache-Control": "no-store"})

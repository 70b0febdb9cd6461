"""``/health``: whether there is something to serve, and what."""

import json

from flask import Blueprint, Response, g

from app import __version__
from app.store.interface import Store
from app.store.isolated import IsolatedStore
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
            "queries": _confinement(now.store),
            "errors": [str(error.message) for error in now.library.errors],
        },
        200,
    )


def _confinement(store: Store) -> dict[str, object]:
    """Say how queries from outside are held: seccomp is unknown until the first process has started."""
    workers = store.workers if isinstance(store, IsolatedStore) else None
    return {"isolated": workers is not None, "seccomp": workers.seccomp if workers else None}


def _answer(document: dict[str, object], status: int) -> Response:
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status, content_type="application/json", headers={"Cache-Control": "no-store"})

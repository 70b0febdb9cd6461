"""``/health``: whether there is something to serve, and what."""

import json

from flask import Blueprint, Response, g

from app import __version__
from app.store.interface import QueryError, Store
from app.store.isolated import IsolatedStore
from app.web.serving import Served, served

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Say as JSON what is served; 503 while nothing is, or the store does not answer."""
    if "served" not in g and "store_error" in g:
        return _answer({"status": "degraded", "store": _silent(g.store_error), "software": __version__}, 503)
    if "served" not in g:
        return _answer({"status": "nothing to serve", "software": __version__}, 503)
    now = served()
    manifest = now.manifest
    store, status = _store(now)
    return _answer(
        {
            "status": "ok" if store["matches"] else "degraded",
            "store": store,
            "version": manifest.version,
            "digest": manifest.digest,
            "asOf": manifest.as_of,
            "built": manifest.built,
            "triples": manifest.triples,
            "software": __version__,
            "queries": _confinement(now.store),
            "errors": [str(error.message) for error in now.library.errors],
        },
        status,
    )


def _store(now: Served) -> tuple[dict[str, object], int]:
    """Say whether the store holds this generation; 503 when it does not answer."""
    if now.published is None:
        return {"remote": False, "matches": True}, 200
    try:
        marker = now.published.read()
    except QueryError as error:
        return _silent(error), 503
    matches = now.matches and marker == now.marker
    return {"remote": True, "answers": True, "matches": matches, "digest": marker.digest}, 200


def _silent(error: QueryError) -> dict[str, object]:
    return {"remote": True, "answers": False, "matches": False, "error": str(error)}


def _confinement(store: Store) -> dict[str, object]:
    """Say how queries from outside are held: seccomp is unknown until the first process has started."""
    workers = store.workers if isinstance(store, IsolatedStore) else None
    return {"isolated": workers is not None, "seccomp": workers.seccomp if workers else None}


def _answer(document: dict[str, object], status: int) -> Response:
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status, content_type="application/json", headers={"Cache-Control": "no-store"})

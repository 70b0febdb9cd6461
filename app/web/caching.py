"""Answers that a client may keep: an ETag for each representation (RFC 9110 §8.8.3, §13.1.2)."""

import hashlib

from flask import Response, g, request

from app.web.serving import served


class NotModified(Exception):
    """The client has this very representation."""


def etag(content_type: str) -> str:
    """Give the tag of a representation: what is served, path, language, format and parameters settle it.

    An answer that rests on less than all that is served says on what (``g.fingerprint``).
    """
    parts = (
        g.get("fingerprint") or served().fingerprint,
        request.script_root + request.path,
        content_type,
        request.query_string.decode("latin-1"),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def raise_if_unchanged(content_type: str) -> None:
    """End the request with 304 when the client's tag is still the right one."""
    known = request.if_none_match
    if request.method in ("GET", "HEAD") and not known.star_tag and known.contains_weak(etag(content_type)):
        raise NotModified


def add_validators(response: Response) -> Response:
    """Put ETag, Vary and Cache-Control on an answer."""
    content_type: str | None = g.get("content_type")
    if content_type is not None and response.status_code in (200, 304) and request.method in ("GET", "HEAD"):
        response.set_etag(etag(content_type))
        response.headers["Cache-Control"] = g.get("cache_control", "no-cache")
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if g.get("negotiated"):
        response.vary.add("Accept")
    return response

"""Headers that every answer carries: what a page may load, who may read data, and how long an answer holds."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from flask import Response, g, request

from app.web.serving import served

POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALL: Final = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
# A page needs none of a browser's devices, and no other page shares its process; what is data anybody may embed.
PAGE: Final = (
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
DATA: Final = (
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Allow, ETag, Link, Location, Retry-After"),
)
# Kept, but asked for again each time.
CACHED: Final = "no-cache"


def add_headers(response: Response) -> Response:
    """Put the headers on an answer. Data may be read from any origin (CORS); pages need not be."""
    response.headers.extend(ALL)
    preflight = request.method == "OPTIONS"
    if preflight:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    if preflight or response.mimetype != "text/html":
        response.headers.extend(DATA)
    elif response.status_code != HTTPStatus.NOT_MODIFIED:  # that has the headers of what it is about
        response.headers.extend(PAGE)
    return response


class NotModified(Exception):
    """The client has this very representation."""


def etag(content_type: str) -> str:
    """Give the tag of a representation: what is served, address, language, format and parameters settle it.

    An answer that rests on less than all that is served says on what (``g.fingerprint``).
    """
    return tag(request.environ, g.get("fingerprint") or served().fingerprint, content_type)


def tag(asked: Mapping[str, Any], fingerprint: str, content_type: str) -> str:
    """Give the tag of what is served under a fingerprint, for a request (its WSGI environment)."""
    parts = (
        fingerprint,
        asked["wsgi.url_scheme"],
        asked.get("HTTP_HOST") or f"{asked['SERVER_NAME']}:{asked['SERVER_PORT']}",
        asked.get("SCRIPT_NAME", "") + asked["PATH_INFO"],
        content_type,
        asked.get("QUERY_STRING", ""),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def raise_if_unchanged(content_type: str) -> None:
    """End the request with 304 when the client's tag is still the right one."""
    known = request.if_none_match
    if not g.get("repeatable", True) or not known or request.method not in ("GET", "HEAD") or known.star_tag:
        return
    if known.contains_weak(etag(content_type)) and served().is_stable():
        g.stable = True  # as of now: what was made before would have to be looked at again
        raise NotModified


def add_validators(response: Response) -> Response:
    """Put ETag, Vary and Cache-Control on an answer; without ETag when the store may have changed under it."""
    content_type: str | None = g.get("content_type")
    plain = response.status_code in (200, 304) and request.method in ("GET", "HEAD")
    tagged = plain and g.get("repeatable", True)
    if content_type is not None and tagged and (g.get("stable") or served().is_stable()):
        # Another server may give the same triples in another order next time: equal, but not byte by byte.
        response.set_etag(etag(content_type), weak=served().published is not None)
        response.headers["Cache-Control"] = g.get("cache_control", CACHED)
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if g.get("negotiated"):
        response.vary.add("Accept")
    return response

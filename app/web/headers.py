"""Headers that every answer carries: what a page may load, who may read data, and how long an answer holds."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from flask import Response, g, request
from werkzeug.http import http_date

from app.web.serving import Served, served

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
    (
        "Access-Control-Expose-Headers",
        "Allow, Content-Location, Dataset-Version, ETag, Link, Location, Memento-Datetime, Retry-After",
    ),
)
# The version of the data that an answer is of: the first characters of its digest.
VERSION: Final = "Dataset-Version"
# An address in a header is no longer (characters): servers and proxies take so much.
LONGEST: Final = 2000
_PATH_SIGNS: Final = "/:@!$&'()*+,;=~-._"
_QUERY_SIGNS: Final = f"{_PATH_SIGNS}?%"
# What other sites may show in a frame: it only reads, runs no script, and its links open elsewhere.
EMBEDDED: Final = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
    "script-src 'self'", "script-src 'none'"
)
# Redirects and pages: a script from elsewhere may follow names and read what anybody reads, as anybody (no cookies).
_SHARED: Final = DATA[1:]
# A redirect from a name to its document holds as long as the thing is there.
SEE_OTHER: Final = "public, max-age=300"
# Kept, but asked for again each time.
CACHED: Final = "no-cache"


def add_headers(response: Response) -> Response:
    """Put the headers on an answer. What is public may be read from any origin (CORS); what is for editing may not."""
    embedded = g.get("embedded") and response.status_code < HTTPStatus.BAD_REQUEST
    if embedded:
        response.headers["Content-Security-Policy"] = EMBEDDED
    for name, value in ALL:
        response.headers.setdefault(name, value)
    parts = response.status_code == HTTPStatus.OK and request.args.keys() - {"page"}
    if response.mimetype == "text/html" and (parts or response.status_code >= HTTPStatus.BAD_REQUEST):
        # Filters, orders, reasons, older versions, errors: the pages without them are what is to be found.
        response.headers.setdefault("X-Robots-Tag", "noindex")
    preflight = request.method == "OPTIONS"
    if preflight:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Accept-Language, Content-Type, If-None-Match, Range"
        response.headers["Access-Control-Max-Age"] = "86400"
    if "edit" in request.blueprints:
        response.headers.extend(PAGE)
    elif preflight or embedded or response.mimetype != "text/html":
        response.headers.extend(DATA)
    elif response.status_code == HTTPStatus.NOT_MODIFIED or response.location:  # the rest is said by what it is about
        response.headers.extend(_SHARED)
    else:
        response.headers.extend((*PAGE, *_SHARED))
    return response


def of_version(
    asked: Mapping[str, Any], now: Served, named: str | None = None, *, cite: bool = True
) -> Iterator[tuple[str, str]]:
    """Give the headers that say of which version an answer is, for a request (its WSGI environment).

    ``cite``: with the address that asks this version for the same (cite-as: RFC 8574 §3.2), as long as it is no longer
    than addresses are. What was asked of a version by name is a memento (RFC 7089) of what it is now.
    """
    yield VERSION, now.manifest.version
    given = [part for part in asked.get("QUERY_STRING", "").split("&") if part and not part.startswith("version=")]
    if named:
        yield "Memento-Datetime", http_date(datetime.fromisoformat(now.manifest.built))
        yield "Link", f'<{_address(asked, given)}>; rel="original latest-version"'
    if cite and len(address := _address(asked, [*given, f"version={now.manifest.version}"])) <= LONGEST:
        yield "Link", f'<{address}>; rel="cite-as"'


def _address(asked: Mapping[str, Any], given: list[str]) -> str:
    """Give the address of a request with other parameters, as a reference below the host that was asked."""
    path = "/" + (asked.get("SCRIPT_NAME", "") + asked["PATH_INFO"]).lstrip("/")
    return _quoted(path, safe=_PATH_SIGNS) + ("?" + _quoted("&".join(given), safe=_QUERY_SIGNS) if given else "")


def _quoted(text: str, safe: str) -> str:
    """Escape what no reference holds; WSGI gives bytes as Latin-1."""
    return quote(text.encode("latin-1", "replace"), safe=safe)


def add_version(response: Response, *, own: bool) -> Response:
    """Say of which version an answer is; ``own`` tells that it is the same whichever is asked for."""
    if "served" not in g:
        return response
    plain = response.status_code == HTTPStatus.OK and request.method in ("GET", "HEAD") and not own
    cite = plain and not any('rel="cite-as"' in value for value in response.headers.getlist("Link"))
    for name, value in of_version(request.environ, served(), g.get("version") if plain else None, cite=cite):
        response.headers.add(name, value)
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
    if request.if_none_match.star_tag and response.status_code == 200 and request.method in ("GET", "HEAD"):
        # Whatever there is, the client has (RFC 9110 §13.1.2).
        response = Response(status=304, headers=response.headers)
        del response.headers["Content-Type"]
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
    if plain and (place := g.get("content_location")):
        response.headers["Content-Location"] = place
    return response

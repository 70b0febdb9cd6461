"""Headers that every answer carries: what a page may load, and who may read data."""

from typing import Final

from flask import Response, request

POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALL: Final = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
DATA: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Allow, ETag, Link, Location, Retry-After"),
)


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
    return response

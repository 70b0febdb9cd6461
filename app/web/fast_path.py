"""The plainest request of a program, answered without the framework, with less than half the work.

It is a GET of ``/sparql`` with a query and perhaps a format, of a client that has nothing yet or has this very answer.
Everything else, and every error, is left to the application behind, which answers such a request in the same words:
the tests ask both.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from app.errors import QueryError
from app.mediatypes import JSON_LD, PARQUET, XLSX, Format, of_form
from app.query.tokens import form, is_repeatable
from app.store.results import is_empty
from app.web.answering import FAILED, Asking
from app.web.doorway import LONGEST_QUERY_STRING
from app.web.headers import ALL, CACHED, DATA, of_version, tag
from app.web.negotiation import HTML, named, negotiate
from app.web.serving import NothingServed, Serving

_PATH: Final = "/sparql"
_FIELDS: Final = frozenset(("query", "format"))
# These are not the engine's own answers.
_MADE: Final = (HTML, XLSX, PARQUET, JSON_LD)


class Direct:
    """WSGI middleware around the application."""

    def __init__(self, application: Callable[..., Iterable[bytes]], serving: Serving, asking: Asking) -> None:
        """Wrap an application that serves and asks the same."""
        self._application, self._serving, self._asking = application, serving, asking

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request, or let the application do it."""
        plain = environ["PATH_INFO"] == _PATH and environ["REQUEST_METHOD"] == "GET"
        if not plain or (answer := self._answer(environ)) is None:
            return self._application(environ, start_response)
        status, headers, body = answer
        start_response(status, headers)
        return (body,)

    def _answer(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes] | None:
        asked = _plain(environ)
        if asked is None:
            return None
        query, found, named = asked
        try:
            generation = self._serving.get()
        except (NothingServed, QueryError):
            return None
        if generation.published is not None:  # what another server says is tagged in another way
            return None
        etag = f'"{tag(environ, generation.fingerprint, named)}"'
        own = [("ETag", etag), ("Cache-Control", CACHED), ("Vary", "Accept")]
        if (known := environ.get("HTTP_IF_NONE_MATCH")) is not None:
            own += of_version(environ, generation, cite=False)
            return ("304 NOT MODIFIED", [*own, *ALL, *DATA[1:]], b"") if known == etag else None
        own += of_version(environ, generation)
        body = b""
        try:
            body = self._asking.run(environ, generation, query, None, found).body
        except QueryError as error:
            environ[FAILED] = error
        if not body or is_empty(body):  # there is something to say of it
            return None
        return "200 OK", [("Content-Type", named), ("Content-Length", str(len(body))), *own, *ALL, *DATA], body


def _plain(environ: dict[str, Any]) -> tuple[str, Format, str] | None:
    """Give the query, the format and the content type of a request that is plain, else None."""
    if "HTTP_CONTENT_ENCODING" in environ or len(environ.get("QUERY_STRING", "")) > LONGEST_QUERY_STRING:
        return None
    accept = environ.get("HTTP_ACCEPT")
    try:
        fields = _fields(environ.get("QUERY_STRING", ""))
        asked = form(query := fields.get("query", ""))
        requested = fields.get("format")
        found = negotiate(accept, (*of_form(asked), HTML), requested=requested)
    except ValueError:  # NotAcceptable is one
        return None
    if asked is None or found in _MADE or not is_repeatable(query):
        return None
    return query, found, found.content_type if requested else named(accept or "", found)


def _fields(text: str) -> dict[str, str]:
    """Give the fields of a query string; raises ValueError when they are not UTF-8, or others than ours, each once."""
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    fields = dict(pairs)
    if len(fields) != len(pairs) or not fields.keys() <= _FIELDS:
        raise ValueError
    return fields

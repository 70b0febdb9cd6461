"""The plainest request of a program, answered without the framework, with less than half the work.

It is a GET of ``/sparql`` with a query, perhaps a format, and no condition. Everything else, and every error, is left
to the application behind, which answers this request in the same words: the tests ask both.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qsl

from app.mediatypes import JSON_LD, XLSX, Format, negotiate, of_form
from app.query.tokens import form
from app.store.interface import QueryError
from app.web.asking import FAILED, Asking
from app.web.caching import CACHED, tag
from app.web.headers import ALL, DATA
from app.web.negotiation import HTML
from app.web.serving import NothingServed, Serving

_PATH: Final = "/sparql"
_FIELDS: Final = frozenset(("query", "format"))
# A request with one of these headers asks for more than the answer.
_CONDITIONS: Final = ("HTTP_IF_NONE_MATCH", "HTTP_CONTENT_ENCODING")
# These are not the engine's own answers.
_MADE: Final = (HTML, XLSX, JSON_LD)


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
        headers, body = answer
        start_response("200 OK", headers)
        return (body,)

    def _answer(self, environ: dict[str, Any]) -> tuple[list[tuple[str, str]], bytes] | None:
        asked = _plain(environ)
        if asked is None:
            return None
        query, found, named = asked
        try:
            generation = self._serving.get()
            if generation.published is not None:  # its tags are others
                return None
            body = self._asking.run(environ, generation, query, None, found).body
        except NothingServed:
            return None
        except QueryError as error:
            environ[FAILED] = error
            return None
        own = [
            ("Content-Type", named),
            ("Content-Length", str(len(body))),
            ("ETag", f'"{tag(environ, generation.fingerprint, named)}"'),
            ("Cache-Control", CACHED),
            ("Vary", "Accept"),
        ]
        return [*own, *ALL, *DATA], body


def _plain(environ: dict[str, Any]) -> tuple[str, Format, str] | None:
    """Give the query, the format and the content type of a request that is plain, else None."""
    if any(name in environ for name in _CONDITIONS):
        return None
    accept = environ.get("HTTP_ACCEPT")
    try:
        fields = _fields(environ.get("QUERY_STRING", ""))
        asked = form(query := fields.get("query", ""))
        requested = fields.get("format")
        found = negotiate(accept, (*of_form(asked), HTML), requested=requested)
    except ValueError:  # NotAcceptable is one
        return None
    if asked is None or found in _MADE:
        return None
    return query, found, found.content_type if requested else found.named(accept)


def _fields(text: str) -> dict[str, str]:
    """Give the fields of a query string; raises ValueError when they are not UTF-8, or others than ours, each once."""
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    fields = dict(pairs)
    if len(fields) != len(pairs) or not fields.keys() <= _FIELDS:
        raise ValueError
    return fields

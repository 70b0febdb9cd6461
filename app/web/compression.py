"""Answers in a coding that the client takes (RFC 9110 §8.4): zstd, br or gzip, by the libraries of each.

It stands before the framework, so that the plainest requests pass it too. Compressed is what is text, whole and neither
small nor huge; an answer with a tag is kept, and not compressed again. Pages of editing are not: they hold a token, and
what people send stands beside it (BREACH).
"""

import gzip
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

import brotli
from backports import zstd
from werkzeug.datastructures import Accept, Headers
from werkzeug.http import parse_accept_header

from app.mediatypes import HTML
from app.store.interface import Answer
from app.web.answering import ResultsCache

# Smaller answers go in one packet anyhow. Larger ones are not held twice; from _LONG on the quickest level is taken.
_LEAST, _LONG, _MOST = 1024, 1_048_576, 67_108_864
_TEXTS: Final = ("+json", "+xml", "/json", "/xml", "/javascript", "/n-triples", "/n-quads", "/trig", "-javascript")
# Best first; the levels for usual and for long answers.
_CODINGS: Final[dict[str, Callable[[bytes, bool], bytes]]] = {
    "zstd": lambda body, long: zstd.compress(body, 1 if long else 6),
    "br": lambda body, long: brotli.compress(body, quality=1 if long else 5),
    "gzip": lambda body, long: gzip.compress(body, 1 if long else 6, mtime=0),
}
_PRIVATE: Final = "/edit"
_ENTRIES: Final = 4096
# A header longer than this (characters) is no browser's.
_LONGEST: Final = 200
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Compressed:
    """WSGI middleware: compresses answers, and knows its tags again."""

    def __init__(self, application: Wsgi, kept: int) -> None:
        """Wrap an application; so many bytes of compressed answers are kept."""
        self._application = application
        self._kept = ResultsCache(kept, _ENTRIES, lambda _event: None)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request; the tag of what was compressed ends in the name of the coding."""
        coding = chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
        path: str = environ.get("PATH_INFO", "")
        if f"{path}/".startswith(f"{_PRIVATE}/"):
            return self._application(environ, start_response)
        sent = environ.get("HTTP_IF_NONE_MATCH", "")
        if ours := coding is not None and f'-{coding}"' in sent:
            environ["HTTP_IF_NONE_MATCH"] = sent.replace(f'-{coding}"', '"')
        begun: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[[bytes], object]:
            begun[:] = status, headers, more
            return lambda _data: None

        body = self._application(environ, note)
        status, given, more = begun
        if not status.startswith("304") and not _is_long(given):
            start_response(status, given, *more)
            return body
        headers = Headers(given)
        if status.startswith("304"):
            _vary(headers)
            if ours:
                _mark(headers, coding)
        elif _is_text(status, headers):
            _vary(headers)
            if coding is not None:
                body = self._coded(body, headers, coding, whole=environ.get("REQUEST_METHOD") != "HEAD")
        start_response(status, list(headers), *more)
        return body

    def _coded(self, body: Iterable[bytes], headers: Headers, coding: str, *, whole: bool) -> Iterable[bytes]:
        key = f"{headers.get('ETag', '')} {headers['Content-Length']} {coding}".encode()
        tagged = headers.get("ETag", "").startswith('"')
        _mark(headers, coding)
        headers["Content-Encoding"] = coding
        del headers["Content-Length"]
        headers.remove("Accept-Ranges")
        if not whole:
            return body
        answer = self._kept.get(key) if tagged else None
        try:
            if answer is None:
                text = b"".join(body)
                answer = Answer(_CODINGS[coding](text, len(text) > _LONG), HTML, 0.0)
                if tagged:
                    self._kept.put(key, answer)
        finally:
            if hasattr(body, "close"):
                body.close()
        headers["Content-Length"] = str(len(answer.body))
        return (answer.body,)


@lru_cache(maxsize=256)
def _chosen(header: str) -> str | None:
    accepted = parse_accept_header(header, Accept)
    best = max(_CODINGS, key=accepted.quality)  # of equal ones the first
    identity = accepted["identity"] if any(name.lower() == "identity" for name, _ in accepted) else 0
    return best if accepted.quality(best) > 0 and accepted.quality(best) >= identity else None


def chosen(header: str) -> str | None:
    """Give the coding that an Accept-Encoding header likes best of ours, None where it likes none, or plain better."""
    return _chosen(header) if header and len(header) <= _LONGEST else None


def _is_long(headers: list[tuple[str, str]]) -> bool:
    """Say whether an answer has a known length, and is not small."""
    length = next((value for name, value in headers if name.lower() == "content-length"), "")
    return length.isdigit() and _LEAST <= int(length) <= _MOST


def _is_text(status: str, headers: Headers) -> bool:
    """Say whether an answer that is long enough is worth compressing: text, whole, and in no coding yet."""
    if status.startswith("206") or "Content-Encoding" in headers or "no-transform" in headers.get("Cache-Control", ""):
        return False
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return media_type.startswith("text/") or media_type.endswith(_TEXTS)


def _vary(headers: Headers) -> None:
    headers["Vary"] = ", ".join([*headers.getlist("Vary"), "Accept-Encoding"])


def _mark(headers: Headers, coding: str | None) -> None:
    """Tell the compressed answer's tag from that of the plain one: they are not the same bytes."""
    if (tag := headers.get("ETag", "")).endswith('"'):
        headers["ETag"] = f'{tag[:-1]}-{coding}"'

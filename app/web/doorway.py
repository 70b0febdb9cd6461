"""What a request says of how it came here, checked before anything reads it: host, scheme, path."""

import json
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final

_HOST: Final = re.compile(r"([\w.~%-]+|\[[0-9A-Fa-f:.]+\])(:\d*)?", re.ASCII)
# So long a query string (bytes) is answered in words. granian answers an address of more than 65,534 without any.
LONGEST_QUERY_STRING: Final = 32_768
# HTTP/1.0 knows no hosts.
_OLD: Final = ("HTTP/1.0", "HTTP/1")


class Doorway:
    """WSGI middleware around all others."""

    def __init__(self, application: Callable[..., Iterable[bytes]], prefix: str, *, proxied: bool) -> None:
        """Wrap an application that a proxy puts below a path; ``proxied`` says that one in front tells the scheme."""
        self._application, self._prefix, self._proxied = application, prefix, proxied

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request; 400 for one without a host, with two, or one that is none (RFC 9112 §3.2).

        404 for a path that begins with two slashes: in a link or redirect it would be the address of another host, and
        a proxy may take it for another path than it leads to.
        """
        if not _HOST.fullmatch(environ.get("HTTP_HOST", "")) and environ.get("SERVER_PROTOCOL") not in _OLD:
            return _refuse(start_response, HTTPStatus.BAD_REQUEST, "Send one Host header.")
        if self._proxied:
            # Of several the nearest proxy's, which is the last one.
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        path = environ.get("PATH_INFO", "")
        if self._prefix:
            environ["SCRIPT_NAME"] = self._prefix
            if f"{path}/".startswith(f"{self._prefix}/"):
                environ["PATH_INFO"] = path = path[len(self._prefix) :] or "/"
        if path.startswith(("//", "/\\")):
            return _refuse(start_response, HTTPStatus.NOT_FOUND, "There is no page with this address.")
        return self._application(environ, start_response)


def _refuse(start_response: Callable[..., Any], status: HTTPStatus, detail: str) -> tuple[bytes]:
    document = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    body = json.dumps(document).encode()
    headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(body)))]
    start_response(f"{status} {status.phrase}", headers)
    return (body,)

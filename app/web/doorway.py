"""What a request says of how it came here, checked before anything reads it: host, scheme, path."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

_HOST: Final = re.compile(r"[^\s,]+")
# HTTP/1.0 knows no hosts.
_OLD: Final = ("HTTP/1.0", "HTTP/1")
_REFUSAL: Final = b'{"type": "about:blank", "title": "Bad Request", "status": 400, "detail": "Send one Host header."}'


def one_slash(path: str) -> str:
    """Give a path that begins with one slash: in a link or redirect ``//name/`` would be another host."""
    return "/" + path.lstrip("/\\")


class Doorway:
    """WSGI middleware around all others."""

    def __init__(self, application: Callable[..., Iterable[bytes]], prefix: str, *, proxied: bool) -> None:
        """Wrap an application that a proxy puts below a path; ``proxied`` says that one in front tells the scheme."""
        self._application, self._prefix, self._proxied = application, prefix, proxied

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request; 400 for one without a host, or with two (RFC 9112 §3.2)."""
        if not _HOST.fullmatch(environ.get("HTTP_HOST", "")) and environ.get("SERVER_PROTOCOL") not in _OLD:
            headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(_REFUSAL)))]
            start_response("400 BAD REQUEST", headers)
            return (_REFUSAL,)
        if self._proxied:
            # Of several the nearest proxy's, which is the last one.
            scheme = environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
            if scheme in ("http", "https"):
                environ["wsgi.url_scheme"] = scheme
        path = environ.get("PATH_INFO", "")
        if self._prefix:
            environ["SCRIPT_NAME"] = self._prefix
            if f"{path}/".startswith(f"{self._prefix}/"):
                path = path[len(self._prefix) :]
        environ["PATH_INFO"] = one_slash(path)
        return self._application(environ, start_response)

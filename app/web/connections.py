"""Connections of a server process: slow clients hold nothing that others need, and are cut off.

granian closes a connection whose request does not begin or whose headers do not end in time. It sets no time for a
body, nor for a reader, and each holds a thread: there are many threads, of which only some may work at once.
"""

import io
import socket
import stat
import struct
import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, Final

from app.config import Settings
from app.web.admission import PageTurns, TooManyPages
from app.web.answering import REFUSED, client_address

_LOOK: Final = 5.0
_FREE: Final = ("/sparql", "/static/", "/health", "/metrics")
_OWN: Final = ("127.0.0.1", "::/64")
# Where struct tcp_info has the milliseconds since data was last sent (linux/tcp.h).
_LAST_SENT: Final = 44
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Turns:
    """WSGI middleware: reads what is sent, then lets so many requests work at once, and of each client some.

    The client is not looked at for queries, which have bounds of their own, for styles and scripts, and for who watches
    the server; nor where requests come from this machine and no proxy is told of: then one may speak for everybody.
    What is refused goes on to the application with the error.
    """

    def __init__(self, application: Wsgi, places: int, pages: PageTurns, settings: Settings) -> None:
        """Wrap an application that reads no body of more than four times the longest query."""
        self._application, self._longest = application, 4 * settings.query_length
        self._places = threading.Semaphore(places)
        self._pages, self._proxies = pages, settings.proxies
        self._free = tuple(prefix + path for prefix in {"", settings.prefix} for path in _FREE)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        length = environ.get("CONTENT_LENGTH")
        if "HTTP_TRANSFER_ENCODING" in environ or (length and int(length) <= self._longest):
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(self._longest + 1))
        client = client_address(environ, self._proxies)
        free = environ.get("PATH_INFO", "").startswith(self._free) or (not self._proxies and client in _OWN)
        try:
            with nullcontext() if free else self._pages.enter(client), self._places:
                return self._application(environ, start_response)
        except TooManyPages as error:
            environ[REFUSED] = error
        with self._places:
            return self._application(environ, start_response)


def cut_stalled(port: int, seconds: float) -> int:
    """Cut connections to a port of this process to which nothing was sent for so long; give how many.

    Their client sends its request for too long, or takes nothing of the answer: every request is answered sooner.
    """
    found = 0
    for path in Path("/proc/self/fd").glob("*"):
        # OSError: it listens, or it has just been closed. What is no socket fromfd would duplicate and leave open.
        with suppress(OSError):
            if not stat.S_ISSOCK(path.stat().st_mode):
                continue
        with suppress(OSError), socket.fromfd(int(path.name), socket.AF_INET, socket.SOCK_STREAM) as each:
            if each.getsockname()[1:2] == (port,) and each.getpeername():
                told = each.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LAST_SENT + 4)
                if struct.unpack_from("=I", told, _LAST_SENT)[0] > seconds * 1000:
                    each.shutdown(socket.SHUT_RDWR)
                    found += 1
    return found


def keep_cutting(port: int, seconds: float) -> None:
    """Cut such connections from now on, in a thread."""

    def look() -> None:
        while not ended.wait(min(_LOOK, seconds / 2)):
            cut_stalled(port, seconds)

    ended = threading.Event()
    threading.Thread(target=look, daemon=True).start()

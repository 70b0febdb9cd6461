"""Requests to a SPARQL server: deadline, cap and retries, and credentials (Digest, RFC 7616, or Basic, RFC 7617)."""

import base64
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    Request,
    parse_http_list,
    parse_keqv_list,
)

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPHeaderDict, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from app.errors import AnswerTooLarge, DeadlineExceeded, QueryError, Unavailable

_CHUNK: Final = 65_536
_CONNECT: Final = 5.0
# Waits before the second and the third try to connect.
_PAUSES: Final = (0.1, 0.4)
# Connections kept for later; a server process has few threads.
_KEPT: Final = 16
_UNREACHED: Final = (NewConnectionError, ConnectTimeoutError, SSLError)


class Credentials:
    """A user and a password, sent only when the server asks for them; threads may share them."""

    def __init__(self, address: str, user: str, password: str | None) -> None:
        """Keep them for the server of an address."""
        self._pair = f"{user}:{password or ''}"
        passwords = HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, address, user, password or "")
        self._digest = HTTPDigestAuthHandler(passwords)
        self._challenge: dict[str, str] | None = None
        self._basic = False
        self._lock = threading.Lock()

    def accept(self, challenges: Iterable[str]) -> bool:
        """Take up a challenge (RFC 9110 §11.6.1); say whether there is one that can be answered."""
        given = {scheme.lower(): rest for scheme, _, rest in (each.partition(" ") for each in challenges)}
        with self._lock:
            if "digest" in given:
                self._challenge = parse_keqv_list([part for part in parse_http_list(given["digest"]) if part])
            self._basic = "basic" in given
            return self._challenge is not None or self._basic

    def headers(self, request: Request) -> dict[str, str]:
        """Give the header that answers the last challenge; none before the first, or for an unknown algorithm."""
        with self._lock:
            if self._challenge is not None:
                try:
                    found = self._digest.get_authorization(request, self._challenge)
                except ValueError:
                    return {}
                return {"Authorization": f"Digest {found}"} if found else {}
            if self._basic:
                return {"Authorization": "Basic " + base64.b64encode(self._pair.encode()).decode("ascii")}
        return {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is and how it is asked: seconds for queries of our own and for those from outside.

    ``update`` is its address for updates (None: the same), ``data`` that of its Graph Store Protocol (None: unknown).
    """

    address: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    deadline: float = 30.0
    update: str | None = None
    data: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: status, headers, body."""

    status: int
    headers: HTTPHeaderDict
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get("Content-Type", "text/plain").partition(";")[0].strip().lower()


class _Deadline(socket.socket):
    """A socket whose timeout is for all that follows until it is set again, not for each read anew."""

    _until: float | None = None

    def settimeout(self, value: float | None) -> None:
        self._until = None if value is None else time.monotonic() + value
        super().settimeout(value)

    def recv_into(self, *arguments: Any) -> int:
        self._limit()
        return super().recv_into(*arguments)

    def sendall(self, *arguments: Any) -> None:
        self._limit()
        super().sendall(*arguments)

    def _limit(self) -> None:
        if self._until is not None:
            super().settimeout(_left(self._until))


class _SecureDeadline(_Deadline, ssl.SSLSocket):
    """The same by TLS."""


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock: Any = _Deadline(fileno=self.sock.detach())
        self.sock.settimeout(self.timeout)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class Transport:
    """Requests to the server of one address; threads may share it."""

    def __init__(self, address: str, user: str | None = None, password: str | None = None) -> None:
        """Connect to nothing yet."""
        self._address, self._pool = address, _pool(address)
        self._credentials = Credentials(address, user, password) if user else None

    def send(self, request: Request, *, seconds: float, cap: int, safe: bool = True) -> Reply:
        """Send a request and give the whole answer; raises QueryError.

        A connection that fails is tried again, a request that changes something (not safe) only when it was not sent.
        """
        until = time.monotonic() + seconds
        try:
            reply = self._exchange(request, until, cap, safe=safe)
            asked = reply.headers.getlist("WWW-Authenticate")
            if reply.status == 401 and self._credentials is not None and self._credentials.accept(asked):
                reply = self._exchange(request, until, cap, safe=safe)
        except (TimeoutError, HTTPError) as error:
            late = time.monotonic() >= until
            # With time left, a read that took too long was one of TLS's handshake.
            if isinstance(error, _UNREACHED) or (isinstance(error, ReadTimeoutError) and not late):
                raise Unavailable(f"The SPARQL server cannot be reached: {_reason(error)}.") from error
            if not late:
                raise QueryError("The SPARQL server broke off its answer or does not speak HTTP.") from error
            raise DeadlineExceeded(
                f"The query took longer than {seconds:g} seconds. Check that its patterns share variables, make them "
                "more specific, or ask for a part with LIMIT."
            ) from error
        return reply

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    def _exchange(self, request: Request, until: float, cap: int, *, safe: bool) -> Reply:
        with self._open(request, until, safe=safe) as response:
            return Reply(response.status, response.headers, _body(response, cap))

    def _open(self, request: Request, until: float, *, safe: bool) -> BaseHTTPResponse:
        """Send a request and read the head of the answer."""
        body: Any = request.data
        headers = dict(request.header_items())
        if self._credentials is not None:
            headers |= self._credentials.headers(request)
        # A kept connection may end while it is used, and nobody knows then what the server did.
        pool = self._pool if safe else _pool(self._address)
        for pause in (*_PAUSES, None):
            left = _left(until)
            timeout = Timeout(connect=min(_CONNECT, left), total=left)
            try:
                return pool.urlopen(
                    request.get_method(),
                    request.selector,
                    body,
                    headers,
                    retries=False,
                    redirect=False,
                    timeout=timeout,
                    preload_content=False,
                    decode_content=False,
                )
            except NewConnectionError:
                if pause is None or pause >= until - time.monotonic():
                    raise
                time.sleep(pause)
            except ProtocolError:
                if not safe:
                    raise
                safe = False  # once more
        raise AssertionError  # the last try returns or raises


def _pool(address: str) -> HTTPConnectionPool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return _Pool(host, parts.port, maxsize=_KEPT)
    return HTTPSConnectionPool(host, parts.port, maxsize=_KEPT, ssl_context=_context())


@cache
def _context() -> ssl.SSLContext:
    """Give what all TLS connections have in common: the certificates of the system, which take time to read."""
    context = ssl.create_default_context()
    context.sslsocket_class = _SecureDeadline
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError) and not isinstance(error, NewConnectionError):
        return "no answer in time"
    cause = error.__cause__ or (error.args[0] if error.args else None)
    return getattr(cause, "strerror", None) or type(error).__name__


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _body(response: BaseHTTPResponse, cap: int) -> bytes:
    """Read a body whole; one over the cap, or cut off, is an error."""
    length = response.length_remaining
    if length is None and not response.chunked:
        # Its end is the end of the connection: a whole answer and half of one look the same.
        raise QueryError("The SPARQL server does not tell the length of its answer.")
    body = bytearray()
    while True:
        if max(len(body), length or 0) > cap:
            raise AnswerTooLarge.over(cap)
        part = response.read(_CHUNK)
        if not part:
            return bytes(body)
        body += part

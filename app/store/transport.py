"""HTTP to one SPARQL server: kept connections, one deadline for the whole exchange, a cap on what is read.

``urlopen`` has none of these: its timeout starts anew with each byte, it follows redirects (and sends credentials
along) and opens a connection for each request.
"""

import io
import socket
import threading
import time
import weakref
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, RemoteDisconnected
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import Request

from app.store.credentials import Credentials
from app.store.interface import AnswerTooLarge, DeadlineExceeded, QueryError, Unavailable

_CHUNK: Final = 65_536
_CONNECT: Final = 5.0
# Waits before the second and the third try to connect.
_PAUSES: Final = (0.1, 0.4)
# Connections kept for later; a server process has few threads.
_KEPT: Final = 16


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is and how it is asked: seconds for queries of our own and for those from outside."""

    address: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    deadline: float = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: status, headers, body."""

    status: int
    headers: Message
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get_content_type()


class _Raw(io.RawIOBase):
    """What is read from a socket, until a moment (time.monotonic()) and no longer."""

    def __init__(self, connected: socket.socket, until: float) -> None:
        # The socket's own file keeps it open when the connection lets go of it before the body is read.
        self._socket, self._file, self._until = connected, connected.makefile("rb", buffering=0), until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(_left(self._until))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Timed:
    """A socket as http.client uses it, with a moment after which nothing is read or written."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket, self.until = connected, 0.0

    def sendall(self, data: bytes) -> None:
        self.socket.settimeout(_left(self.until))
        self.socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self.socket, self.until), _CHUNK)

    def close(self) -> None:
        self.socket.close()


class Transport:
    """Requests to the server of one address; threads may share it."""

    def __init__(self, address: str, user: str | None = None, password: str | None = None) -> None:
        """Connect to nothing yet. Credentials are sent only when the server asks for them, Digest rather than Basic."""
        parts = urlsplit(address)
        self._host, self._port, self._tls = parts.hostname or "", parts.port, parts.scheme == "https"
        self._credentials = Credentials(address, user, password) if user else None
        self._lock = threading.Lock()
        self._idle: list[HTTPConnection] = []
        weakref.finalize(self, _close_all, self._idle)

    def send(self, request: Request, *, seconds: float, cap: int, safe: bool = True) -> Reply:
        """Send a request and give the whole answer; raises QueryError.

        A connection that fails is tried again, a request that changes something (not safe) only when it was not sent.
        """
        until = time.monotonic() + seconds
        try:
            reply = self._send(request, until, cap, safe=safe)
            asked = reply.headers.get_all("WWW-Authenticate", [])
            if reply.status == 401 and self._credentials is not None and self._credentials.accept(asked):
                reply = self._send(request, until, cap, safe=safe)
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"The query took longer than {seconds:g} seconds. Check that its patterns share variables, make them "
                "more specific, or ask for a part with LIMIT."
            ) from error
        except HTTPException as error:
            raise QueryError("The SPARQL server broke off its answer or does not speak HTTP.") from error
        except OSError as error:
            raise Unavailable(f"The SPARQL server did not answer: {_reason(error)}.") from error
        return reply

    def close(self) -> None:
        """Close the connections that are kept."""
        with self._lock:
            _close_all(self._idle)

    def _send(self, request: Request, until: float, cap: int, *, safe: bool) -> Reply:
        kept = self._kept() if safe else None
        if kept is not None:
            try:
                return self._exchange(kept, request, until, cap)
            except (RemoteDisconnected, ConnectionError):
                pass  # the server closed it meanwhile: all kept ones are as old or older
            self.close()
        connection = self._connect(until)
        try:
            return self._exchange(connection, request, until, cap)
        except (RemoteDisconnected, ConnectionError):
            if not safe:
                raise
        return self._exchange(self._connect(until), request, until, cap)

    def _kept(self) -> HTTPConnection | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _connect(self, until: float) -> HTTPConnection:
        for pause in (*_PAUSES, None):
            kind = HTTPSConnection if self._tls else HTTPConnection
            connection = kind(self._host, self._port, timeout=min(_CONNECT, _left(until)))
            try:
                connection.connect()
            except OSError as error:
                connection.close()
                if isinstance(error, ConnectionError) and pause is not None and pause < until - time.monotonic():
                    time.sleep(pause)
                    continue
                raise Unavailable(f"The SPARQL server cannot be reached: {_reason(error)}.") from error
            connection.sock = _Timed(connection.sock)
            return connection
        raise AssertionError  # the last try returns or raises

    def _exchange(self, connection: HTTPConnection, request: Request, until: float, cap: int) -> Reply:
        done = False
        try:
            timed: Any = connection.sock
            timed.until = until
            own = self._credentials.headers(request) if self._credentials is not None else {}
            headers = {**dict(request.header_items()), **own}
            connection.request(request.get_method(), request.selector, request.data, headers)
            response = connection.getresponse()
            reply = Reply(response.status, response.headers, _body(response, cap))
            done = not response.will_close
            return reply
        finally:
            with self._lock:
                keep = done and len(self._idle) < _KEPT
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()


def _close_all(connections: list[HTTPConnection]) -> None:
    while connections:
        connections.pop().close()


def _reason(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else error.strerror or type(error).__name__


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _body(response: HTTPResponse, cap: int) -> bytes:
    """Read a body whole; one over the cap, or cut off, is an error."""
    if response.length is None and not response.chunked:
        # Its end is the end of the connection: a whole answer and half of one look the same.
        raise QueryError("The SPARQL server does not tell the length of its answer.")
    body = bytearray()
    while True:
        if len(body) + (response.length or 0) > cap:
            raise AnswerTooLarge(
                f"The answer is larger than {cap} bytes (INNHERRED_ANSWER_BYTES). Ask for less: fewer variables, "
                "a FILTER, or LIMIT and OFFSET."
            )
        part = response.read(_CHUNK)
        if not part:
            break
        body += part
    if response.length:
        raise QueryError("The SPARQL server broke off its answer.")
    return bytes(body)

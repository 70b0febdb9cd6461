"""A SPARQL server that is broken or means harm: a clean error, before the deadline, and no credentials for others."""

import contextlib
import socket
import threading

import pytest

from app.errors import AnswerTooLarge, DeadlineExceeded, QueryError, QuerySyntaxError, Unavailable
from app.mediatypes import RESULTS_JSON, TURTLE
from app.store import results
from app.store.interface import Limits
from app.store.remote import RemoteStore
from app.store.transport import Endpoint
from app.terms import Iri
from tests.store.servers import free_ports

LIMITS = Limits(10_000, 50, 100_000)
OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"Content-Type: application/sparql-results+json\r\n"
EMPTY = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'


def message(body=EMPTY, status=OK, headers=JSON):
    return status + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Broken:
    """A server that answers each request with what ``say`` sends."""

    def __init__(self, say):
        self.requests = []
        self._say = say
        self._ended = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}/sparql"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with contextlib.suppress(OSError), connection:
            while request := self._request(connection):
                self.requests.append(request)
                if self._say(connection.sendall, len(self.requests), self._ended) is False:
                    return

    def _request(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            if not (part := connection.recv(65536)):
                return b""
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self):
        self._ended.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture
def broken():
    servers, stores = [], []

    def start(say, seconds=60, **options):
        servers.append(Broken(say if callable(say) else lambda send, _number, _ended: send(say)))
        stores.append(RemoteStore(Endpoint(servers[-1].address, timeout=seconds, deadline=seconds, **options)))
        stores[-1].server = servers[-1]
        return stores[-1]

    yield start
    for each in [*stores, *servers]:
        each.close()


def endless(send, _number, ended):
    send(OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n")
    while not ended.is_set():
        send(b"8000\r\n" + b" " * 0x8000 + b"\r\n")


def drip_body(send, _number, ended):
    send(OK + JSON + b"Content-Length: 1000\r\n\r\n")
    while not ended.wait(0.05):
        send(b" ")


def drip_head(send, _number, ended):
    send(OK)
    while not ended.wait(0.05):
        send(b"X-More: x\r\n")


def silent(_send, _number, ended):
    ended.wait()


@pytest.mark.parametrize(
    ("say", "error"),
    [
        (endless, AnswerTooLarge),
        (drip_body, DeadlineExceeded),
        (drip_head, DeadlineExceeded),
        (silent, DeadlineExceeded),
        (OK + JSON + b"Content-Length: 99999999999999\r\n\r\n", AnswerTooLarge),
        (message(headers=b"Content-Type: text/html\r\n", body=b"<h1>Welcome</h1>"), QueryError),
        (message(b"{"), QueryError),
        (message(b"[]"), QueryError),
        (message(b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"triple","value":{}}}]}}'), QueryError),
        (message(b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"quoted","value":"x"}}]}}'), QueryError),
        (message(b'{"boolean":"true"}'), QueryError),
        (message(b"[" * 100_000), QueryError),
        (message(headers=JSON + b"X-SQL-State: S1TAT\r\n"), DeadlineExceeded),
        (message(status=b"HTTP/1.1 206 Partial Content\r\n"), QueryError),
        (message(status=b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n"), QueryError),
        (message(status=b"HTTP/1.1 500 Oops\r\n", headers=b"Content-Type: text/html\r\n"), QueryError),
        (message(b"Bad query\n\nat length", b"HTTP/1.1 400 No\r\n", b"Content-Type: text/plain\r\n"), QuerySyntaxError),
        (message(b"Query timed out", b"HTTP/1.1 503 No\r\n", b"Content-Type: text/plain\r\n"), DeadlineExceeded),
        (message(b"", b"HTTP/1.1 503 No\r\n"), Unavailable),
        (message(b"", b"HTTP/1.1 401 No\r\n"), QueryError),
        (b"SSH-2.0-OpenSSH\r\n", QueryError),
        (b"\xff" * 70_000, QueryError),
    ],
)
def test_an_answer_that_is_none_is_an_error(broken, say, error):
    store = broken(say, 0.5 if error is DeadlineExceeded else 60)
    with pytest.raises(error) as raised:
        store.answer("SELECT ?s { ?s ?p ?o }", None, RESULTS_JSON, LIMITS)
    assert store.server.address not in str(raised.value)
    assert len(str(raised.value)) < 500


def test_an_answer_broken_off_is_an_error(broken):
    def half(send, _number, _ended):
        send(OK + JSON + b"Content-Length: 1000\r\n\r\n" + EMPTY)
        return False

    def unsaid(send, _number, _ended):
        send(OK + b"Content-Type: application/n-triples\r\n\r\n<a:b> <a:b> <a:b> .\n")
        return False

    with pytest.raises(QueryError, match="broke off"):
        broken(half).select("SELECT ?s { ?s ?p ?o }")
    with pytest.raises(QueryError, match="length"):
        broken(unsaid).construct("DESCRIBE <a:b>")


def test_a_graph_that_is_none_is_an_error(broken):
    store = broken(message(b"<a:b> <a:b>", headers=b"Content-Type: application/n-triples\r\n"))
    with pytest.raises(QueryError, match="N-Triples"):
        store.answer("DESCRIBE <a:b>", None, TURTLE, LIMITS)


def test_a_silent_cut_is_an_error(broken, monkeypatch):
    monkeypatch.setattr(results, "_SILENT_CUT", 3)  # as with the 1,048,576 rows of Virtuoso
    row = b'{"s":{"type":"uri","value":"a:b"}}'
    body = b'{"head":{"vars":["s"]},"results":{"bindings":[' + b",".join([row] * 3) + b"]}}"
    store = broken(message(body))
    with pytest.raises(AnswerTooLarge, match="3 rows"):
        store.select("SELECT ?s { ?s ?p ?o }")
    with pytest.raises(AnswerTooLarge, match="3 rows"):
        store.answer("SELECT ?s { ?s ?p ?o }", None, RESULTS_JSON, LIMITS)


def test_a_connection_closed_meanwhile_is_tried_again_and_a_kept_one_is_used(broken):
    def once(send, number, _ended):
        send(message())
        return number != 2  # the second time it closes the connection after its answer

    store = broken(once)
    for _ in range(4):
        assert store.select("SELECT ?s { ?s ?p ?o }").rows == []
    assert len(store.server.requests) == 4


def test_a_server_that_is_not_there_is_unavailable():
    (port,) = free_ports(1)
    store = RemoteStore(Endpoint(f"http://127.0.0.1:{port}/sparql", timeout=2))
    with pytest.raises(Unavailable, match="cannot be reached"):
        store.ask("ASK { ?s ?p ?o }")


def test_credentials_go_only_to_who_asks_for_them(broken):
    def asks(send, number, _ended):
        challenge = b'WWW-Authenticate: Basic realm="x"\r\n'
        send(message() if number > 1 else message(b"", b"HTTP/1.1 401 No\r\n" + challenge))

    store = broken(asks, user="me", password="secret")
    assert store.select("SELECT ?s { ?s ?p ?o }").rows == []
    first, second = store.server.requests
    assert b"Authorization" not in first
    assert b"Authorization: Basic bWU6c2VjcmV0" in second
    assert "secret" not in repr(store._endpoint)

    def never(send, _number, _ended):
        send(
            message(
                b"", b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="1", qop="auth", algorithm="X"\r\n'
            )
        )

    with pytest.raises(QueryError, match="INNHERRED_STORE_PASSWORD") as raised:
        broken(never, user="me", password="secret").select("SELECT ?s { ?s ?p ?o }")
    assert "secret" not in str(raised.value)


def test_each_query_names_its_graphs(broken):
    store = broken(message())
    named = RemoteStore(Endpoint(store.server.address), Iri("http://e.org/default"), [Iri("http://e.org/g")])
    named.answer("SELECT ?s FROM <http://e.org/private> { ?s ?p ?o }", None, RESULTS_JSON, LIMITS)
    named.close()
    sent = store.server.requests[0].partition(b"\r\n\r\n")[2]
    assert b"private" not in sent
    assert b"default-graph-uri=urn%3Ax-innherred%3Ano-graph" in sent

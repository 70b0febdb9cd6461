"""nginx and Caddy, configured by the very texts of docs/deployment.md, in front of a started server.

INNHERRED_NGINX and INNHERRED_CADDY name the programs (.ci/run fetches Debian's); without them those on the path are
taken.
"""

import gzip
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import pytest

from tests.conftest import EXAMPLE, SHIPPED, started
from tests.store.servers import free_ports
from tests.waiting import until

HOST = "data.example.org"
SITE = f"https://{HOST}"
DOCUMENTED = (SHIPPED / "docs" / "deployment.md").read_text(encoding="utf-8")
TEXT = re.search(r"```nginx\n(.*?)```", DOCUMENTED, re.DOTALL)
CADDY = re.search(r"```caddyfile\n(.*?)```", DOCUMENTED, re.DOTALL)
MAIN = """
{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    types {{ }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@dataclass(frozen=True)
class Proxy:
    """A started proxy: its ports, and that of the server behind it."""

    https: int
    http: int
    behind: int

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", self.https), timeout=60)
        return context.wrap_socket(raw, server_hostname=HOST)

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(HOST)
        connection.sock = self.connect()
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            names = {name.lower() for name, _ in answer.getheaders()}
            return answer.status, {name: ", ".join(answer.headers.get_all(name)) for name in names}, answer.read()
        finally:
            connection.close()

    def connections(self) -> int:
        """Count the connections that the server behind has open."""
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        return sum(line.split()[1].endswith(f":{self.behind:04X}") and line.split()[3] == "01" for line in lines)


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def program_of(name: str) -> str:
    """Give the program of a proxy; skip where there is none, or no openssl to make a certificate."""
    found = os.environ.get(f"INNHERRED_{name.upper()}") or shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if found is None or shutil.which("openssl") is None:
        pytest.skip(f"there is no {name} (.ci/run fetches it), or no openssl to make a certificate")
    return found


def certified(folder: Path) -> tuple[Path, Path]:
    """Give a certificate and its key."""
    key, certificate = folder / "key", folder / "certificate"
    made = ["-keyout", str(key), "-out", str(certificate), "-subj", f"/CN={HOST}", "-days", "2"]
    made += ["-addext", f"subjectAltName=DNS:{HOST}"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made], check=True, capture_output=True)
    return certificate, key


@contextmanager
def running(found: Proxy, command: list[str], errors: Path) -> Iterator[Proxy]:
    """Run a proxy until the block ends."""
    with errors.open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=log, env={**os.environ, "HOME": str(errors.parent)}
        )

    def answers() -> bool:
        assert process.poll() is None, errors.read_text()
        try:
            found.connect().close()
        except OSError:
            return False
        return True

    try:
        until(answers)
        yield found
    finally:
        process.terminate()
        process.wait()


@contextmanager
def nginx(folder: Path, address: str, changes: dict[str, str]) -> Iterator[Proxy]:
    """Start nginx with the documented text: other ports and files, and what else is said to be changed."""
    program, (certificate, key) = program_of("nginx"), certified(folder)
    secure, plain = free_ports(2)
    places = {
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "/etc/ssl/data.example.org.pem": str(certificate),
        "/etc/ssl/private/data.example.org.key": str(key),
        "127.0.0.1:8000": urlsplit(address).netloc,
    }
    assert TEXT is not None
    (folder / "site.conf").write_text(replaced(TEXT[1], {**places, **changes}))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "main.conf").write_text(MAIN.format(folder=folder, user=user))
    errors = folder / "errors"
    command = [program, "-p", str(folder), "-e", str(errors), "-c", str(folder / "main.conf")]
    with running(Proxy(secure, plain, urlsplit(address).port or 0), command, errors) as found:
        yield found


@contextmanager
def caddy(folder: Path, address: str) -> Iterator[Proxy]:
    """Start Caddy with the documented text: other ports, and a certificate of ours, for it can get none here."""
    program, (certificate, key) = program_of("caddy"), certified(folder)
    secure, plain = free_ports(2)
    places = {
        f"{HOST} {{": f"{SITE}:{secure} {{\n    bind 127.0.0.1\n    tls {certificate} {key}",
        "127.0.0.1:8000": urlsplit(address).netloc,
    }
    own = f"{{\n    admin off\n    http_port {plain}\n    https_port {secure}\n    auto_https disable_redirects\n}}\n"
    assert CADDY is not None
    (folder / "Caddyfile").write_text(own + replaced(CADDY[1], places))
    command = [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    with running(Proxy(secure, plain, urlsplit(address).port or 0), command, folder / "errors") as found:
        yield found


@pytest.fixture(scope="module")
def state(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("proxy-state")


@pytest.fixture(scope="module")
def proxy(tmp_path_factory, state) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    with started(EXAMPLE, folder, state, proxies="1") as address, nginx(folder, address, {}) as found:
        yield found


@pytest.fixture(scope="module")
def behind_caddy(tmp_path_factory, state) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy-caddy")
    with started(EXAMPLE, folder, state, proxies="1") as address, caddy(folder, address) as found:
        yield found


@pytest.fixture(params=["proxy", "behind_caddy"])
def either(request) -> Proxy:
    """Give nginx, then Caddy."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def below(tmp_path_factory, state, proxy) -> Iterator[Proxy]:
    """Give a site below /graph; the state is built by then."""
    folder = tmp_path_factory.mktemp("proxy-below")
    changes = {"location / {": "location /graph/ {", "location = /metrics {": "location = /graph/metrics {"}
    server = started(EXAMPLE, folder, state, proxies="1", prefix="/graph")
    with server as address, nginx(folder, address, changes) as found:
        yield found


class Links(HTMLParser):
    """The addresses that a page leads to or loads."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page.decode())

    def handle_starttag(self, tag, attrs):  # noqa: ARG002 - as the parser calls it
        self.found |= {text for name, text in attrs if name in ("href", "src", "action") and text}


def test_plain_http_is_sent_to_https(proxy):
    connection = http.client.HTTPConnection("127.0.0.1", proxy.http)
    connection.request("GET", "/catalog?x=1", headers={"Host": HOST})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, f"{SITE}/catalog?x=1")
    connection.close()


@pytest.mark.parametrize("path", ["/catalog.ttl", "/changes.atom", "/sparql", "/api/openapi.json"])
def test_addresses_are_https_whatever_the_client_says(either, path):
    status, _, body = either.get(path, Accept="text/turtle, */*;q=0.1", X_Forwarded_Proto="javascript")
    assert status == 200
    assert f"{SITE}/".encode() in body
    assert f"http://{HOST}".encode() not in body


def test_an_answer_is_kept_and_asked_for_again(either):
    for path, accept in (("/", "text/html"), (f"/sparql?query={quote('SELECT * { ?s ?p ?o } LIMIT 300')}", "text/csv")):
        for encoding in ("identity", "gzip"):
            status, headers, body = either.get(path, Accept=accept, Accept_Encoding=encoding)
            assert (status, headers.get("content-encoding", "identity")) == (200, encoding)
            assert headers["cache-control"] == "no-cache"
            assert {"accept", "accept-encoding"} <= set(re.split(r", *", headers["vary"].lower()))
            known = headers["etag"]
            status, headers, _ = either.get(path, Accept=accept, Accept_Encoding=encoding, If_None_Match=known)
            assert (status, headers["etag"].removeprefix("W/")) == (304, known.removeprefix("W/"))
        assert gzip.decompress(body)


@pytest.mark.parametrize(
    ("length", "status"), [(8_500, 200), (32_000, 200), (36_000, 414), (60_000, 414), (100_000, 414)]
)
def test_an_address_is_as_long_as_the_application_takes_it_or_told(proxy, length, status):
    found, headers, body = proxy.get(f"/sparql?query=ASK%7B%7D%23{'a' * length}", Accept="application/json")
    assert (found, b"POST" in body) == (status, status == 414)
    assert "json" in headers["content-type"]


def test_metrics_are_shut_at_every_path(proxy, below):
    # 127.0.0.1 is let in, so the test is another client: nginx knows clients by the address they come from.
    for site, root in ((proxy, ""), (below, "/graph")):
        assert site.get(f"{root}/metrics")[0] == 200
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for path in (
            "/metrics",
            "/en/metrics",
            "//metrics",
            "/%6Detrics",
            "/%2Fmetrics",
            "/%5Cmetrics",
            "/en//metrics",
        ):
            raw = socket.create_connection(("127.0.0.1", site.https), source_address=("127.0.0.2", 0))
            with context.wrap_socket(raw) as connection:
                connection.sendall(f"GET {root}{path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
                status = int(connection.recv(4096).split()[1])
            assert status in (403, 404), path


def test_a_site_below_a_path_leads_nowhere_else(below):
    seen, waiting = set[str](), ["/graph/", "/graph/en/"]
    while waiting and len(seen) < 60:
        page = waiting.pop(0)
        status, headers, body = below.get(page, Accept="text/html, */*;q=0.1")
        assert status in (200, 303, 308), page
        seen.add(page)
        if not headers["content-type"].startswith("text/html"):
            continue
        links = [headers["location"]] if status != 200 else sorted(Links(body).found)
        own = [urljoin(page, link).partition("#")[0] for link in links]
        own = [link.removeprefix(SITE) for link in own if link.startswith(("/", SITE))]
        assert not [link for link in own if not link.startswith("/graph/")], page
        waiting += [link for link in own if link not in (*seen, *waiting)]
    thing = next(link for link in (*seen, *waiting) if re.match(r"/graph/doc/[a-z]+/[a-z]", link))
    thing = thing.removeprefix("/graph/doc/")
    status, headers, _ = below.get(f"/graph/id/{thing}")
    assert (status, headers["location"]) == (303, f"/graph/doc/{thing}")
    assert f"{SITE}/graph/sparql".encode() in below.get("/graph/catalog.ttl")[2]
    assert below.get("/")[0] == 404


def test_slow_clients_are_held_off(proxy):
    """Forty that send no end of their request, and eight that do not read: the server behind has none of them open."""
    large = f"/sparql?query={quote('SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 20000')}&format=csv"
    with ExitStack() as stack:
        for number in range(40):
            connection = stack.enter_context(proxy.connect())
            part = "GET / HTTP/1.1\r\nHost:" if number % 2 else f"POST /sparql HTTP/1.1\r\nHost: {HOST}\r\n"
            connection.sendall((part if number % 2 else part + "Content-Length: 999\r\n\r\nquery").encode())
        for _ in range(8):
            connection = stack.enter_context(proxy.connect())
            connection.sendall(f"GET {large} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            assert connection.recv(1)
        until(lambda: proxy.connections() == 0)
        assert proxy.get("/health")[0] == 200


def test_no_address_is_more_than_one_client_by_what_it_says(either):
    """X-Forwarded-For of a client is nothing: proxies append or write the address they were asked from."""
    status, _, body = either.get("/sparql?query=ASK%7B%7D&format=json", X_Forwarded_For="192.0.2.1, javascript:x")
    assert (status, body.startswith(b"{")) == (200, True)


def test_caddy_shuts_metrics_at_every_path(behind_caddy):
    for path in ("/metrics", "/en/metrics", "//metrics", "/%6Detrics", "/%2Fmetrics", "/METRICS", "/en//metrics"):
        assert behind_caddy.get(path)[0] in (404, 308), path


def test_caddy_passes_on_addresses_as_long_as_the_application_takes_them(behind_caddy):
    for length, status in ((32_000, 200), (36_000, 414)):
        assert behind_caddy.get(f"/sparql?query=ASK%7B%7D%23{'a' * length}", Accept="application/json")[0] == status

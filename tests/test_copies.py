"""A source and two copies behind HAProxy, by the very text of docs/deployment.md: killed and switched under load.

INNHERRED_HAPROXY names the program (.ci/run fetches Debian's); without it haproxy on the path is taken.
"""

import gzip
import hashlib
import http.client
import json
import logging
import os
import re
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote

import pytest

from app.changes.transfer import log_lines
from app.generation import current
from tests.conftest import SHIPPED
from tests.store.servers import free_ports
from tests.test_steady import BUILD, Server
from tests.waiting import until

CONTENT = Path(__file__).parent / "web" / "content"
DOCUMENTED = (SHIPPED / "docs" / "deployment.md").read_text(encoding="utf-8")
TEXT = re.search(r"```haproxy\n(.*?)```", DOCUMENTED, re.DOTALL)
QUERY = "SELECT ?n { GRAPH ?g { <http://example.org/more> <http://example.org/is> ?n } } # "
SETTINGS = {
    "INNHERRED_PROXIES": "1",
    "INNHERRED_FOLLOW_INTERVAL": "0.2",
    "INNHERRED_QUERY_DEADLINE": "60",
    "INNHERRED_QUERY_WORKERS": "1",
}
CLIENTS = 3
# Requests in each phase of the drill.
EACH = 150


@contextmanager
def haproxy(folder: Path, ports: list[int]) -> Iterator[int]:
    """Start HAProxy with the documented text before servers at these ports; give its own port."""
    program = os.environ.get("INNHERRED_HAPROXY") or shutil.which("haproxy") or shutil.which("/usr/sbin/haproxy")
    if program is None:
        pytest.skip("there is no haproxy (.ci/run fetches it)")
    assert TEXT is not None
    text, (own,) = TEXT[1], free_ports(1)
    for old, new in {
        "0.0.0.0:80\n": f"127.0.0.1:{own}\n",
        **{f":{8000 + n}": f":{port}" for n, port in enumerate(ports)},
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "haproxy.cfg").write_text(text)
    with (folder / "haproxy.log").open("w") as log:
        process = subprocess.Popen([program, "-db", "-f", str(folder / "haproxy.cfg")], stdout=log, stderr=log)

    def answers() -> bool:
        assert process.poll() is None, (folder / "haproxy.log").read_text()
        try:
            return get(own, "/health")[0] == 200
        except OSError:
            return False

    try:
        until(answers)
        yield own
    finally:
        process.terminate()
        process.wait()


def get(port: int, path: str) -> tuple[int, str, bytes]:
    """Give status, version and body."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        connection.request("GET", path, headers={"Accept": "*/*"})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Dataset-Version", ""), answer.read()


class Load:
    """Clients that ask until the block ends; what is wrong with an answer is noted."""

    def __init__(self, port: int) -> None:
        self._port, self._ended = port, threading.Event()
        self.asked, self.wrong, self.said = 0, Counter[str](), set[tuple[str, str]]()

    def _ask(self, number: int) -> None:
        while not self._ended.is_set():
            self.asked += 1
            kind = self.asked % 3
            query = f"/sparql?format=csv&query={quote(QUERY)}{number}-{self.asked}"
            try:
                status, version, body = get(self._port, ("/en/", "/dump/all.nq.gz", query)[kind])
            except (OSError, http.client.HTTPException) as error:
                self.wrong[type(error).__name__] += 1
                continue
            if status != 200:
                self.wrong[str(status)] += 1
            elif kind == 1:
                self.wrong["mixed"] += not digest(body).startswith(version)
            elif kind == 2:
                self.said.add((version, body.decode().split()[1]))

    def more(self) -> None:
        """Wait until so many requests were begun and answered."""
        wanted = self.asked + EACH
        until(lambda: self.asked > wanted)

    def __enter__(self) -> Self:
        self._threads = ThreadPoolExecutor(CLIENTS)
        self._clients = [self._threads.submit(self._ask, number) for number in range(CLIENTS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._threads.shutdown()
        for client in self._clients:
            client.result()


def digest(dump: bytes) -> str:
    return hashlib.sha256(b"2025-06-01\n" + gzip.decompress(dump)).hexdigest()


class Site:
    """The source, its copies, and what is built."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self._stack, self.ports = folder, stack, free_ports(3)
        self.servers: dict[str, Server] = {}
        shutil.copytree(CONTENT, folder / "content")
        self.build(0)

    def state(self, name: str) -> Path:
        return self.folder / name / "state"

    def build(self, number: int) -> str:
        text = f'<http://example.org/more> <http://example.org/is> "{number}" .'
        (self.folder / "content" / "data" / "more.ttl").write_text(text)
        places = ["--content", str(self.folder / "content"), "--state", str(self.state("source"))]
        subprocess.run([*BUILD, *places], check=True, capture_output=True)
        return current(self.state("source")).manifest.version

    def start(self, name: str, **settings: str) -> None:
        number = ("source", "one", "two").index(name)
        how = ["--follow", f"http://127.0.0.1:{self.ports[0]}/"] if number else ["--no-build"]
        (self.folder / name).mkdir(exist_ok=True)
        found = Server(
            self.folder / name, self.state(name), *how, "--port", str(self.ports[number]), **SETTINGS, **settings
        )
        self.servers[name] = found
        self._stack.callback(found.end)

    def kill(self, name: str) -> None:
        self.servers[name].process.kill()

    def serves(self, name: str, version: str) -> bool:
        try:
            return self.servers[name].health().get("version") == version
        except (OSError, http.client.HTTPException):
            return False


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(tmp_path, stack)


def test_no_request_fails_and_no_answer_is_mixed_while_servers_are_killed(site):
    for name in ("source", "one", "two"):
        site.start(name)
    versions = [current(site.state("source")).manifest.version]
    for name in ("one", "two"):
        until(lambda name=name: site.serves(name, versions[0]))
    with haproxy(site.folder, site.ports) as port, Load(port) as load:
        load.more()
        site.kill("one")
        load.more()
        site.start("one")
        until(lambda: site.serves("one", versions[0]))
        versions.append(site.build(1))
        for name in ("one", "two"):
            until(lambda name=name: site.serves(name, versions[1]))
        load.more()
        site.kill("source")
        load.more()
        until(lambda: "does not answer" in site.servers["two"].health()["missing"].get("source", ""))
        assert site.servers["two"].health()["following"]["age"] >= 0
        site.start("source")
        versions.append(site.build(2))
        for name in ("one", "two"):
            until(lambda name=name: site.serves(name, versions[2]))
        load.more()
    logging.getLogger(__name__).info("%d requests, wrong: %s", load.asked, dict(load.wrong))
    assert +load.wrong == Counter()
    assert load.said == {(version, str(number)) for number, version in enumerate(versions)}
    for name in ("one", "two"):
        assert list(log_lines(site.state(name))) == list(log_lines(site.state("source")))


def test_a_copy_that_has_nothing_yet_serves_as_soon_as_it_has(site):
    site.start("one")
    status, _, body = get(site.ports[1], "/health")
    assert (status, json.loads(body)["status"]) == (503, "nothing to serve")
    assert get(site.ports[1], "/")[0] == 503
    site.start("source")
    until(lambda: site.serves("one", current(site.state("source")).manifest.version))
    assert get(site.ports[1], "/")[0] == 200


def test_the_proxy_of_the_compose_file_has_the_text_of_the_page():
    assert TEXT is not None
    text = TEXT[1].replace("0.0.0.0:80\n", "0.0.0.0:8080\n").replace("127.0.0.1:8000", "source:8000")
    text = text.replace("127.0.0.1:8001", "one:8000").replace("127.0.0.1:8002", "two:8000")
    assert (SHIPPED / "docs" / "examples" / "copies" / "haproxy.cfg").read_text() == text

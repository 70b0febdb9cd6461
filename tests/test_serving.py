"""A started server under attack, and its end."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.conftest import EXAMPLE
from tests.waiting import is_running, until

HOG = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(9)) + " }"


class Server:
    """A server process and a way to ask it."""

    def __init__(self, folder: Path, deadline: float, content: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "app.cli", "serve", "--port", "0", "--workers", "1"]
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--content", str(content), "--state", str(folder / "state")],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    "INNHERRED_QUERY_DEADLINE": str(deadline),
                    "INNHERRED_RESULT_CACHE_ENTRIES": "0",
                    "TMPDIR": str(folder),
                },
            )
        line = next((text for text in self.process.stdout if text.startswith("Serving at ")), "")
        assert line, (folder / "log").read_text()
        self.address = urlsplit(line.split()[2]).netloc
        until(self.is_up)

    def is_up(self) -> bool:
        assert self.process.poll() is None, "the server ended"
        try:
            return self.get("/health")[0] == 200
        except OSError:
            return False

    def get(self, path: str, **parameters: str) -> tuple[int, str]:
        connection = self.send(path, **parameters)
        try:
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def send(self, path: str, **parameters: str) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request("GET", f"{path}?{urlencode(parameters)}")
        return connection

    def counts(self) -> dict[str, float]:
        lines = [line.rpartition(" ") for line in self.get("/metrics")[1].splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in lines}

    def descendants(self) -> set[int]:
        """Give the processes that the server started, and those that they did."""
        parents = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
        found, new = set(), {self.process.pid}
        while new:
            found |= new
            new = {process for process, parent in parents.items() if parent in new} - found
        return found - {self.process.pid}

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def start(example_state: Path, tmp_path: Path) -> Iterator[object]:
    shutil.copytree(example_state, tmp_path / "state", symlinks=True)
    servers = []

    def start_server(deadline: float, content: Path = EXAMPLE) -> Server:
        servers.append(Server(tmp_path, deadline, content))
        return servers[-1]

    yield start_server
    for server in servers:
        server.end()


def test_twenty_runaway_queries_end_and_the_next_query_is_as_it_was(start):
    server = start(1.0)
    until(lambda: server.get("/sparql", query="ASK {}")[0] == 200)
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: server.get("/sparql", query=HOG), range(20)))
    assert {status for status, _ in answers} == {503, 429}
    assert any(json.loads(body).get("limit") == "INNHERRED_QUERY_DEADLINE" for _, body in answers)
    until(lambda: server.get("/sparql", query="ASK {}")[0] == 200)
    counts = server.counts()
    assert counts["innherred_query_workers_killed_total"] >= 2
    assert counts["innherred_processes_started_total"] == 1
    assert (counts["innherred_queries_running"], counts["innherred_queries_waiting"]) == (0, 0)


def test_pages_do_not_wait_for_runaway_queries(start):
    server = start(300.0)
    connections = [server.send("/sparql", query=HOG) for _ in range(20)]
    until(lambda: server.counts()["innherred_queries_running"] > 1)
    assert {server.get(path)[0] for path in ("/", "/search", "/health") for _ in range(5)} == {200}
    counts = server.counts()
    assert counts["innherred_queries_running"] > 1
    assert counts['innherred_queries_total{outcome="deadline"}'] == 0
    for connection in connections:
        connection.close()


def test_the_query_of_a_client_that_leaves_ends_at_the_deadline(start):
    server = start(1.0)
    connection = server.send("/sparql", query=HOG)
    name, running = 'innherred_queries_total{outcome="deadline"}', "innherred_queries_running"
    # A query whose client leaves before it runs is not run; on a busy machine it may have ended when we look.
    until(lambda: any(server.counts()[each] == 1 for each in (name, running)))
    connection.close()
    until(lambda: (server.counts()[name], server.counts()[running]) == (1, 0))
    # The next query may find its process still starting, and be refused for that.
    until(lambda: server.get("/sparql", query="ASK {}")[0] == 200)


def test_what_a_process_counted_stays_counted_when_it_has_ended(start):
    server = start(300.0)
    name = 'innherred_queries_total{outcome="answered"}'
    assert server.get("/sparql", query="ASK {}")[0] == 200
    connection = server.send("/sparql", query=HOG)
    until(lambda: server.counts()["innherred_queries_running"] == 1)
    (folder,) = server.folder.glob("innherred-metrics-*")
    (process,) = {int(path.stem.rpartition("_")[2]) for path in folder.iterdir()}
    os.kill(process, signal.SIGKILL)
    connection.close()

    def is_back() -> bool:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return server.counts()["innherred_processes_started_total"] == 2
        return False

    until(is_back)
    assert (server.counts()[name], server.counts()["innherred_queries_running"]) == (1, 0)
    assert server.get("/sparql", query="ASK {}")[0] == 200
    assert server.counts()[name] == 2
    server.end()
    assert not folder.exists()


def test_a_killed_server_leaves_no_process(start):
    server = start(300.0)
    connection = server.send("/sparql", query=HOG)
    until(lambda: server.counts()["innherred_queries_running"] == 1)
    processes = server.descendants()
    server.process.kill()
    until(lambda: not any(map(is_running, processes)))
    connection.close()


def test_new_generations_are_served_without_a_failed_request(start, tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "content")
    server = start(60.0, tmp_path / "content")
    ended = threading.Event()
    etags: set[str] = set()
    statuses: set[int] = set()

    def ask(number: int) -> int:
        asked = 0
        while not ended.is_set():
            query = f"SELECT * {{ ?s ?p ?o }} LIMIT 5 # {number} {asked}"
            connection = server.send("/sparql", query=query) if number % 2 else server.send("/")
            response = connection.getresponse()
            response.read()
            connection.close()
            statuses.add(response.status)
            etags.add(str(response.headers["ETag"]) if number % 2 == 0 else "")
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as threads:
        clients = [threads.submit(ask, number) for number in range(4)]
        try:
            for number in range(3):
                seen = len(etags)
                (tmp_path / "content/data/more.ttl").write_text(
                    f"<http://example.org/{number}> a <http://example.org/T> ."
                )
                command = [sys.executable, "-m", "app.cli", "build", "--content", str(tmp_path / "content")]
                subprocess.run([*command, "--state", str(tmp_path / "state")], check=True, capture_output=True)
                until(lambda seen=seen: len(etags) > seen)
        finally:
            ended.set()
        assert all(client.result() for client in clients)
    assert statuses == {200}


def test_who_reads_slowly_gets_the_whole_answer_while_generations_switch(start, tmp_path):
    """The sockets between hold some megabytes: what is read is far from the end until the last switch."""
    shutil.copytree(EXAMPLE, tmp_path / "content")
    server = start(60.0, tmp_path / "content")
    query = f"SELECT * {{ ?s ?p ?o . ?a ?b ?c VALUES ?number {{ {' '.join(map(str, range(80)))} }} }}"
    whole = server.get("/sparql", query=query, format="tsv")[1].encode()
    assert len(whole) > 32 << 20
    connection = server.send("/sparql", query=query, format="tsv")
    response = connection.getresponse()
    taken = bytearray()

    def taking(condition) -> bool:
        taken.extend(response.read(1024))
        return condition()

    def version() -> str:
        return json.loads(server.get("/health")[1])["version"]

    for number in range(3):
        before = version()
        (tmp_path / "content/data/more.ttl").write_text(f"<http://example.org/{number}> a <http://example.org/T> .")
        command = [sys.executable, "-m", "app.cli", "build", "--content", str(tmp_path / "content"), "--quiet"]
        build = subprocess.Popen([*command, "--state", str(tmp_path / "state")])
        until(lambda build=build: taking(lambda: build.poll() is not None))
        assert build.returncode == 0
        until(lambda before=before: taking(lambda: version() != before))
    assert len(taken) < len(whole) >> 1
    while part := response.read(1 << 16):
        taken.extend(part)
    connection.close()
    assert sorted(taken.splitlines()) == sorted(whole.splitlines())


def test_sigterm_ends_everything_long_before_the_deadline_of_a_query(start):
    server = start(300.0)
    assert server.get("/sparql", query="ASK {}")[0] == 200
    connections = [server.send("/sparql", query=HOG) for _ in range(2)]
    until(lambda: server.counts()["innherred_queries_running"] == 2)
    processes = server.descendants()
    assert len(processes) >= 4
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(200)
    until(lambda: not any(map(is_running, processes)))
    for connection in connections:
        connection.close()

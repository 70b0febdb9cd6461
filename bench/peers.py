"""What queries that run away do to SPARQL servers, ours among them: what is answered, and what the next client notices.

    python bench/peers.py [--triples 300000] [--deadline 2] [--patience 15] [--memory 6]

The servers are those of ``compare.py``, named by the same variables, each with the time limit that it has a setting for
(rdflib-endpoint has none). A server that takes more memory (GB) than it may is ended by us, for the sake of others.
Prints a table in Markdown.
"""

import argparse
import contextlib
import http.client
import json
import socket
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import graph
import servers
from abuse import QUERIES
from servers import Server

CASES: Final = (
    "cross product of four",
    "sort of a cross product",
    "distinct cross product",
    "paths from everywhere",
    "CONCAT that doubles forty times",
    "GROUP_CONCAT of everything",
    "VALUES of 3,000, cubed",
    "brackets, 100,000 deep",
    "groups, 5,000 deep",
    "whole graph, no limit",
)
AT_ONCE: Final = 16
# The next client takes a server for deaf when it has waited so long (seconds).
DEAF: Final = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status (0: nothing), seconds, the body."""

    status: int
    seconds: float
    body: bytes = b""


def ask(server: Server, query: str, patience: float) -> Answer:
    """Post a query as a form."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": servers.JSON}
        connection.request("POST", server.path, urllib.parse.urlencode({"query": query}), headers)
        with connection.getresponse() as answer:
            status, body = answer.status, b""
            # A long answer is read for as long as a client would wait, in all.
            while (part := answer.read1(1 << 20)) and time.perf_counter() - begun < patience:
                body += part
            if part:
                status = 0
    except (OSError, http.client.HTTPException):
        return Answer(0, time.perf_counter() - begun)
    finally:
        connection.close()
    return Answer(status, time.perf_counter() - begun, body)


def told(answer: Answer) -> str:
    """Say in short what came back."""
    if not answer.status:
        return f"none in {answer.seconds:.1f} s"
    text = f"{answer.status} in {answer.seconds:.1f} s"
    if answer.status == 200:
        try:
            json.loads(answer.body)
        except ValueError:
            text += ", **broken**"
    return text


class Memory:
    """The memory of a server (bytes) while it is watched; one that takes more than it may is ended."""

    def __init__(self, server: Server, most: float) -> None:
        """Say which server, and how much it may take."""
        self.highest, self.ended = 0, False
        self._server, self._most, self._over = server, most, threading.Event()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Watch until the end of the ``with`` block."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.highest = max(self.highest, self._server.memory())
            if self.highest > self._most:
                self.ended = True
                self._server.kill()
                return


def light(number: int) -> str:
    """Give a query that costs nothing, each time another."""
    return f"SELECT ?p ?o {{ <{graph.BASE}id/activity/a-{number}> ?p ?o }} # {number}"


def tried(server: Server, name: str, patience: float, most: float, number: int) -> str:
    """Send a query, or sixteen of the first kind at once; say what came of it. The server runs afterwards."""
    answers: list[Answer] = []
    query = QUERIES.get(name, QUERIES[CASES[0]])
    memory = Memory(server, most)
    with memory.watched():
        clients = [
            threading.Thread(target=lambda: answers.append(ask(server, query, patience)))
            for _ in range(1 if name in QUERIES else AT_ONCE)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    worst = max(answers, key=lambda answer: answer.seconds)
    text = told(worst)
    if memory.ended:
        text += f", **ended by us** at {memory.highest / 1e9:.0f} GB"
    elif not server.runs():
        text += ", **it ended**"
    else:
        after = ask(server, light(number), DEAF)
        text += f"; next {1000 * after.seconds:.0f} ms" if after.status == 200 else "; next **none**"
        if memory.highest > 1e9:
            text += f"; {memory.highest / 1e9:.1f} GB"
    return text


def reached(server: Server) -> str:
    """Say whether a query can make a server call another (``SERVICE``), and read a file of the machine (``FROM``)."""
    calls = []
    with socket.socket() as listener, tempfile.TemporaryDirectory() as folder:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(3)
        where = listener.getsockname()[1]
        secret = Path(folder) / "secret.ttl"
        secret.write_text('<http://example.org/s> <http://example.org/p> "secret" .', encoding="ascii")
        service = f"SELECT * {{ SERVICE <http://127.0.0.1:{where}/> {{ ?s ?p ?o }} }}"
        client = threading.Thread(target=ask, args=(server, service, 2.0))
        client.start()
        with contextlib.suppress(OSError):
            connection, _ = listener.accept()
            connection.close()
            calls.append("calls out for SERVICE")
        client.join()
        if b"secret" in ask(server, "SELECT ?o FROM <FILE> { ?s ?p ?o }".replace("FILE", secret.as_uri()), DEAF).body:
            calls.append("reads a file for FROM")
    return ", ".join(calls) or "neither"


def main() -> None:
    """Run it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--triples", type=int, default=300_000)
    arguments.add_argument("--deadline", type=float, default=2.0)
    arguments.add_argument("--patience", type=float, default=15.0)
    arguments.add_argument("--memory", type=float, default=6.0)
    given = arguments.parse_args()
    lines = {name: f"| {name} |" for name in (*CASES, f"{AT_ONCE} cross products at once", "SERVICE and FROM")}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        data = graph.write(work / "content", given.triples)
        ours = servers.innherred(work / "content", work, query_deadline=str(given.deadline))
        found = [ours, *servers.others(data, work, given.deadline)]
        for server in found:
            try:
                for number, name in enumerate(lines):
                    server.ready(work / f"{server.name}.log", DEAF)
                    if name == "SERVICE and FROM":
                        text = reached(server)
                    else:
                        text = tried(server, name, given.patience, given.memory * 1e9, number)
                    print(f"{server.name}, {name}: {text}", flush=True)
                    lines[name] += f" {text} |"
            finally:
                server.stop()
    names = [f"{server.name} {server.version}" for server in found]
    print("\n| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    print("\n".join(lines.values()))


if __name__ == "__main__":
    main()

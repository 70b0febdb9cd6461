"""Thousands of connections that hold on to a server, and what ordinary clients get meanwhile.

    python bench/connections.py [--silent 3000] [--senders 300] [--readers 300] [--clients 50] [--seconds 60]

Silent ones never ask; slow senders post a query byte by byte; slow readers ask for the largest dump and take a byte
at a time. Whoever is cut off connects again at once. Ordinary clients ask for pages and short queries, each from an
address of its own (INNHERRED_PROXIES=1). Prints a table in Markdown.
"""

import argparse
import contextlib
import http.client
import itertools
import multiprocessing
import multiprocessing.connection
import multiprocessing.synchronize
import socket
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import graph
import servers

POST: Final = (
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\n"
)
DUMP: Final = b"GET /dump/all.nq.gz HTTP/1.1\r\nHost: x\r\n\r\n"
_PAUSE: Final = 1.0


@dataclass(slots=True)
class Holders:
    """Connections that hold on; ``cut``: how often one was cut off, by kind."""

    port: int
    numbers: dict[str, int]
    held: dict[str, list[socket.socket | None]] = field(default_factory=dict)
    cut: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def run(self, ended: multiprocessing.synchronize.Event, told: multiprocessing.connection.Connection) -> None:
        """Open them all, go round until it is over, then tell; in a process of its own."""
        self.held = {kind: [None] * number for kind, number in self.numbers.items()}
        while not ended.is_set():
            begun = time.perf_counter()
            for kind, each in self.held.items():
                for number, connection in enumerate(each):
                    if ended.is_set():
                        break
                    each[number] = self._go_on(kind, connection)
            ended.wait(max(0.0, _PAUSE - (time.perf_counter() - begun)))
        still = sum(connection is not None for connection in itertools.chain.from_iterable(self.held.values()))
        told.send((dict(self.cut), sum(self.refused.values()), still))

    def _go_on(self, kind: str, connection: socket.socket | None) -> socket.socket | None:
        try:
            if connection is None:
                return self._open(kind)
            if kind == "slow senders":
                connection.send(b" ")
            with contextlib.suppress(BlockingIOError):
                if connection.recv(1) == b"":
                    raise ConnectionResetError
        except OSError:
            self.cut[kind] += 1
            if connection is not None:
                connection.close()
            return None
        return connection

    def _open(self, kind: str) -> socket.socket | None:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(0.5)
        try:
            connection.connect(("127.0.0.1", self.port))
            if kind != "silent":
                connection.sendall(POST if kind == "slow senders" else DUMP)
        except OSError:
            self.refused[kind] += 1
            connection.close()
            return None
        connection.setblocking(False)
        return connection


@dataclass(slots=True)
class Clients:
    """Ordinary clients, one after the other's answer: how long each request took, and what failed."""

    port: int
    seconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def run(self, number: int, lasting: float, things: int) -> None:
        """Ask for so many seconds."""
        threads = [threading.Thread(target=self._ask, args=(each, lasting, things)) for each in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _ask(self, client: int, lasting: float, things: int) -> None:
        end = time.perf_counter() + lasting
        for number in itertools.count():
            if time.perf_counter() > end:
                return
            query = f"SELECT ?p ?o {{ <{graph.BASE}id/activity/a-{(client + number) % things}> ?p ?o }} # {client}"
            light = "/sparql?" + urllib.parse.urlencode({"query": query})
            path = ("/en/", "/en/search?q=a", light)[number % 3]
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            begun = time.perf_counter()
            try:
                connection.request("GET", path, headers={"X-Forwarded-For": f"192.0.2.{client}"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failed[str(answer.status)] += 1
            except OSError as error:
                self.failed[type(error).__name__] += 1
            finally:
                connection.close()
            self.seconds.append(time.perf_counter() - begun)
            time.sleep(0.2)

    def row(self) -> str:
        """Give requests, failures, median, p99 and the longest as cells of a table."""
        took = sorted(self.seconds)
        told = ", ".join(f"{count} × {what}" for what, count in self.failed.items()) or "0"
        middle, late = took[len(took) // 2], took[int(len(took) * 0.99)]
        return f"{len(took):,} | {told} | {middle:.3f} | {late:.3f} | {took[-1]:.3f}"


def main() -> None:
    """Run it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, number in {"silent": 3000, "senders": 300, "readers": 300, "clients": 50, "triples": 20_000}.items():
        arguments.add_argument(f"--{name}", type=int, default=number)
    arguments.add_argument("--seconds", type=float, default=60.0)
    given = arguments.parse_args()
    numbers = {"silent": given.silent, "slow senders": given.senders, "slow readers": given.readers}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        graph.write(work / "content", given.triples)
        server = servers.innherred(work / "content", work, proxies="1")
        try:
            server.run(work / "log")
            print("| meanwhile | requests | failed | median s | p99 s | longest s | memory MB |")
            print("|---|---:|---:|---:|---:|---:|---:|")
            for told, holding in (
                ("nothing else", {}),
                (", ".join(f"{n} {kind}" for kind, n in numbers.items()), numbers),
            ):
                ours, theirs = multiprocessing.Pipe()
                ended, clients = multiprocessing.Event(), Clients(server.port)
                process = multiprocessing.Process(target=Holders(server.port, holding).run, args=(ended, theirs))
                process.start()
                clients.run(given.clients, given.seconds, graph.activities(given.triples))
                print(f"| {told} | {clients.row()} | {server.memory() / 1e6:.0f} |", flush=True)
                ended.set()
                cut, refused, still = ours.recv()
                process.join()
            print(f"\nCut off: {cut}; not let in: {refused}; open at the end: {still:,}.")
        finally:
            server.stop()


if __name__ == "__main__":
    main()

"""Heavy queries from many addresses at once, and what light queries and pages of others take meanwhile.

    python bench/crowd.py [--triples 300000] [--deadline 10] [--seconds 30] [--addresses 0 6 12] [--each 4]

Each address sends so many runaway queries at once, and the next one when one is answered; with ``--fresh`` each query
comes from an address never seen before. Prints a table in Markdown: medians and maxima in seconds, and how many were
not answered.
"""

import argparse
import contextlib
import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import quote

import graph
import servers
from abuse import QUERIES

HEAVY: Final = QUERIES["cross product of four"]
# What a light client does between two requests (seconds).
PAUSE: Final = 0.1


def get(server: servers.Server, path: str, client: str, accept: str = servers.JSON) -> tuple[int, float]:
    """Give the status (0: none) and the seconds of a request."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    begun = time.perf_counter()
    status = 0
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path, headers={"Accept": accept, "X-Forwarded-For": client})
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    return status, time.perf_counter() - begun


class Crowd:
    """So many addresses that send heavy queries until the end of the ``with`` block."""

    def __init__(self, server: servers.Server, addresses: int, each: int, *, fresh: bool) -> None:
        self._server, self._ended, self._number, self._fresh = server, threading.Event(), count(), fresh
        self._threads = [
            threading.Thread(target=self._send, args=(number % addresses,)) for number in range(addresses * each)
        ]

    def _send(self, address: int) -> None:
        while not self._ended.is_set():
            number = next(self._number)
            client = f"10.{number // 250}.{number % 250}.1" if self._fresh else f"198.51.100.{address + 1}"
            status, _ = get(self._server, f"/sparql?query={quote(f'{HEAVY} # {number}')}", client)
            if status in (429, 503):
                self._ended.wait(1)

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


def measured(seconds: float, work: Callable[[int], tuple[int, float]]) -> str:
    """Do something again and again; give median, maximum and how many of how many were not answered."""
    until = time.monotonic() + seconds
    found = []
    for number in count():
        if time.monotonic() > until and number >= 5:
            break
        found.append(work(number))
        time.sleep(PAUSE)
    times = [each for _, each in found]
    failed = sum(status != 200 for status, _ in found)
    return f"{statistics.median(times):.3f} | {max(times):.2f} | {failed} of {len(found)}"


def main() -> None:
    """Run it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--triples", type=int, default=300_000)
    arguments.add_argument("--deadline", type=float, default=10.0)
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--addresses", type=int, nargs="*", default=[0, 6, 12])
    arguments.add_argument("--each", type=int, default=4)
    arguments.add_argument("--fresh", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        graph.write(work / "content", given.triples)
        server = servers.innherred(work / "content", work, query_deadline=str(given.deadline), proxies="1")
        server.run(work / "log")
        things = graph.activities(given.triples)

        def light(number: int) -> tuple[int, float]:
            query = f"SELECT ?p ?o {{ <{graph.BASE}id/activity/a-{number % things}> ?p ?o }} # {number} {time.time()}"
            return get(server, f"/sparql?query={quote(query)}", "192.0.2.2")

        def page(number: int) -> tuple[int, float]:
            return get(server, f"/doc/activity/a-{number % things}", "192.0.2.3", "text/html")

        print("| heavy addresses | what | median (s) | longest (s) | not answered |\n|---:|---|---:|---:|---:|")
        try:
            for number in given.addresses:
                with Crowd(server, number, given.each, fresh=given.fresh):
                    time.sleep(2)
                    for what, work_ in (("light query", light), ("page", page)):
                        print(f"| {number} | {what} | {measured(given.seconds, work_)} |", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    main()

"""Runaway queries against this product as it is served: what they meet, and what light queries and pages notice.

    python bench/runaway.py [--triples 300000] [--hogs 100] [--deadline 2]

One client sends runaway queries one after the other, another light queries, a third pages. The light queries come from
another address (INNHERRED_PROXIES=1, X-Forwarded-For), as they would.
"""

import argparse
import statistics
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import graph
import servers

HOGS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c",
    "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>)* ?b . ?c (!<x:z>)* ?d }",
    'SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(REGEX(CONCAT(STR(?a), STR(?d)), "(x+x+)+y")) }',
)


def asked(address: str, client: str) -> tuple[int, float]:
    """Give the status of an answer, 0 for none, and how long it took (seconds)."""
    request = urllib.request.Request(address, headers={"X-Forwarded-For": client})  # noqa: S310 - loopback
    begun = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            response.read()
            status = response.status
    except urllib.error.HTTPError as error:
        error.read()
        status = error.code
    except OSError:
        status = 0
    return status, time.perf_counter() - begun


def told(name: str, taken: list[tuple[int, float]]) -> None:
    """Print statuses and latencies."""
    times = sorted(seconds for _, seconds in taken)
    statuses = {status: sum(1 for s, _ in taken if s == status) for status in {s for s, _ in taken}}
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    print(
        f"{name:30} {len(times):6} asked, p50 {statistics.median(times) * 1000:7.1f} ms, p99 {p99 * 1000:7.1f} ms, "
        f"worst {times[-1] * 1000:7.1f} ms, {statuses}",
        flush=True,
    )


def main() -> None:
    """Run it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--triples", type=int, default=300_000)
    arguments.add_argument("--hogs", type=int, default=100)
    arguments.add_argument("--deadline", type=float, default=2.0)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        graph.write(work / "content", given.triples)
        server = servers.innherred(work / "content", work, query_deadline=str(given.deadline), proxies="1")
        try:
            server.run(work / "log")
            attack(server, given.triples, given.hogs, given.deadline)
        finally:
            server.stop()


def attack(server: servers.Server, triples: int, hogs: int, deadline: float) -> None:
    """Send runaway queries and measure."""
    ended = threading.Event()
    most = graph.activities(triples)

    def light(number: int) -> str:
        return server.url(f"SELECT ?p ?o {{ <{graph.BASE}id/activity/a-{number % most}> ?p ?o }} # {number}")

    def page(number: int) -> str:
        return f"{server.address}/doc/activity/a-{number % most}.html"

    def repeat(address: Callable[[int], str], client: str, found: list[tuple[int, float]]) -> None:
        number = 0
        while not ended.is_set():
            number += 1
            found.append(asked(address(number), client))
            ended.wait(0.01)

    def measured(seconds: float, work: Callable[[], None]) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
        ended.clear()
        queries: list[tuple[int, float]] = []
        pages: list[tuple[int, float]] = []
        threads = [
            threading.Thread(target=repeat, args=(light, "192.0.2.2", queries)),
            threading.Thread(target=repeat, args=(page, "192.0.2.3", pages)),
        ]
        for thread in threads:
            thread.start()
        work()
        ended.wait(seconds)
        ended.set()
        for thread in threads:
            thread.join()
        return queries, pages

    queries, pages = measured(5, lambda: None)
    told("light queries, before", queries)
    told("pages, before", pages)
    before, highest, late, after = server.memory(), [0], list[tuple[int, float]](), list[tuple[int, float]]()

    def run() -> None:
        for number in range(hogs):
            late.append(asked(server.url(f"{HOGS[number % len(HOGS)]} # {number}"), "192.0.2.1"))
            after.append(asked(light(number + 1_000_000), "192.0.2.1"))
            highest[0] = max(highest[0], server.memory())

    queries, pages = measured(0, run)
    told(f"runaway (deadline {deadline:g} s)", late)
    told("the next query", after)
    told("light queries, meanwhile", queries)
    told("pages, meanwhile", pages)
    queries, pages = measured(5, lambda: None)
    told("light queries, after", queries)
    told("pages, after", pages)
    print(f"memory: {before / 1e6:.0f} MB before, {highest[0] / 1e6:.0f} MB seen, {server.memory() / 1e6:.0f} MB after")


if __name__ == "__main__":
    main()

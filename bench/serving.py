"""Start, pages and queries over the folder that ``build.py`` wrote, of any size.

    python bench/serving.py FOLDER [TRIPLES]

Pages are of another thing each time: by one client, a new connection each, and with wrk at four connections.
"""

import http.client
import statistics
import sys
import tempfile
import time
from pathlib import Path

import compare
import graph
import servers

SECONDS = 4


def main() -> None:
    """Run it."""
    folder, triples = Path(sys.argv[1]).absolute(), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000
    server = servers.innherred(folder / "content", folder)
    server.load = ()
    server.start = [str(folder / "state") if part == str(folder / "innherred") else part for part in server.start]
    with tempfile.TemporaryDirectory() as work:
        try:
            server.run(Path(work) / "log")
            measure(server, triples)
        finally:
            server.stop()


def measure(server: servers.Server, triples: int) -> None:
    """Print start, latencies, rates and memory."""
    print(f"start to the first answer {server.started:.2f} s")
    for kind, number in (("activity/a", graph.activities(triples)), ("organisation/o", graph.organisations(triples))):
        times = sorted(page(server, f"/doc/{kind}-{turn * 7919 % number}") for turn in range(100))
        print(f"page of {kind}, one client: p50 {statistics.median(times):.1f} ms, worst {times[-1]:.0f} ms")
    path = "/doc/activity/a-NUMBER"
    found = compare.pressed(server, path, triples, SECONDS, accept="text/html", fixed=False)
    told("page, four connections", found)
    for name, query in compare.LOADS.items():
        told(name, compare.load(server, query, triples, SECONDS))
    print(f"memory {server.memory() / 1e6:.0f} MB")


def page(server: servers.Server, path: str) -> float:
    """Get a page; give the milliseconds it took."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Accept": "text/html"})
    answer = connection.getresponse()
    answer.read()
    taken = 1000 * (time.perf_counter() - begun)
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return taken


def told(name: str, found: compare.Load) -> None:
    """Print what a server did under load."""
    print(f"{name}: {found.rate:.0f}/s, p50 {found.p50:.1f} ms, p99 {found.p99:.0f} ms, {found.failed} failed")


if __name__ == "__main__":
    main()

"""A crawler that asks for many pages at once without end, and what 50 ordinary readers wait meanwhile.

    python bench/crawler.py [--content .] [--seconds 30] [--readers 50] [--at-once 200] [--pause 2]

Each reader opens a page, reads for a while (``--pause``, on average), opens another one. The crawler has one address
and sends the next request when one is answered, whatever the answer; it asks for no page twice before it has had all.
Prints a table in Markdown for no crawler, a crawler without bounds (everybody comes from the machine itself, and no
proxy is told of) and one with bounds: median, 99 of 100, not answered; the answers that the crawler got, by status.
"""

import argparse
import contextlib
import http.client
import multiprocessing
import random
import re
import statistics
import tempfile
import threading
import time
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any, Final

import servers

_LOC: Final = re.compile(r"<loc>([^<]+)</loc>")


def get(port: int, path: str, client: str) -> tuple[int, float]:
    """Give the status (0: none) and the seconds of a request for a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun, status = time.perf_counter(), 0
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path, headers={"Accept": "text/html", "X-Forwarded-For": client})
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    return status, time.perf_counter() - begun


def crawl(port: int, paths: list[str], at_once: int, ended: Any, told: Any) -> None:
    """Ask for so many pages at once until the end; tell the statuses."""
    numbers, found = count(), Counter[int]()

    def ask() -> None:
        while not ended.is_set():
            number = next(numbers)
            # Filters and reasons too: they have no end.
            path = paths[number % len(paths)] + ("" if number < len(paths) else f"?why=1&n={number}")
            found[get(port, path, "198.51.100.1")[0]] += 1

    threads = [threading.Thread(target=ask) for _ in range(at_once)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    told.put(dict(found))


def read(port: int, paths: list[str], readers: int, pause: float, seconds: float) -> list[tuple[int, float]]:
    """Let readers read; give what each page took."""
    found: list[tuple[int, float]] = []
    until = time.monotonic() + seconds

    def visit(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - the same each time
        while time.monotonic() < until:
            time.sleep(chance.uniform(0, 2 * pause))
            found.append(get(port, chance.choice(paths), f"192.0.2.{number + 1}"))

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(readers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def main() -> None:
    """Run it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--content", type=Path, default=servers.ROOT)
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--readers", type=int, default=50)
    arguments.add_argument("--at-once", type=int, default=200)
    arguments.add_argument("--pause", type=float, default=2.0)
    given = arguments.parse_args()
    print(
        "| crawler | bounds | median (s) | p99 (s) | readers not answered | crawler got |\n|---|---|---:|---:|---:|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for at_once, proxies in ((0, "1"), (given.at_once, "0"), (given.at_once, "1")):
            server = servers.innherred(given.content, Path(folder), proxies=proxies)
            server.run(Path(folder, "log"))
            try:
                connection = http.client.HTTPConnection("127.0.0.1", server.port)
                connection.request("GET", "/sitemap-1.xml")
                addresses = _LOC.findall(connection.getresponse().read().decode())
                paths = [each.removeprefix(server.address) for each in addresses]
                ended, told = multiprocessing.Event(), multiprocessing.Queue()
                crawler = multiprocessing.Process(target=crawl, args=(server.port, paths, at_once, ended, told))
                crawler.start()
                found = read(server.port, paths, given.readers, given.pause, given.seconds)
                ended.set()
                got = told.get()
                crawler.join()
                connection.close()
            finally:
                server.stop()
            times = [each for _, each in found]
            failed = sum(status != 200 for status, _ in found)
            middle, late = statistics.median(times), statistics.quantiles(times, n=100)[98]
            bounds = "–" if not at_once else "yes" if proxies == "1" else "no"
            row = f"| {at_once or 'none'} | {bounds} | {middle:.3f} | {late:.2f} | {failed} of {len(found)} | {got} |"
            print(row, flush=True)


if __name__ == "__main__":
    main()

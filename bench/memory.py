"""Memory of a server over many requests: python bench/memory.py STATE [REQUESTS], the state folder of a build.

Four clients ask for things in turn, each time another: short queries, pages, searches. Prints a table in Markdown:
after how many requests how many MB each server process holds alone (without the processes of queries).
"""

import http.client
import itertools
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

ROWS = 12
THINGS = "SELECT DISTINCT ?s { ?s a ?c FILTER(CONTAINS(STR(?s), '/id/')) } ORDER BY ?s LIMIT 500"
QUERY = "SELECT ?p ?o { ?s ?p ?o FILTER(STR(?s) != 'NUMBER') } LIMIT 30"


def private(process: int) -> float:
    """Give the megabytes that a process shares with no other."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def servers_of(process: int) -> list[int]:
    """Give the server processes among the children of the command."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


def get(address: str, path: str, accept: str) -> bytes:
    """Give the body of an answer; wait for a server that is not there yet."""
    for _ in range(600):
        with suppress(ConnectionRefusedError), closing(http.client.HTTPConnection(address, timeout=120)) as connection:
            connection.request("GET", path, headers={"Accept": accept})
            return connection.getresponse().read()
        time.sleep(0.1)
    raise ConnectionRefusedError(address)


def main() -> None:
    """Start the server, ask, and print."""
    state, wanted = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "serve",
        "--no-build",
        "--port",
        "0",
        "--workers",
        "2",
        "--state",
        state,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = urlsplit(next(line for line in server.stdout if "Serving at" in line).split()[2]).netloc
            found = json.loads(get(address, f"/sparql?query={quote(THINGS)}&format=json", "*/*"))["results"]["bindings"]
            things = ["/doc/" + row["s"]["value"].partition("/id/")[2] for row in found]

            def ask(number: int) -> None:
                query = f"/sparql?query={quote(QUERY.replace('NUMBER', str(number)))}"
                paths = query, things[number % len(things)], f"/search?q=a{number}", query + "&format=csv"
                get(address, paths[number % 4], "text/html" if number % 4 in (1, 2) else "*/*")

            print("| requests | seconds | MB of each process |\n|---:|---:|---|")
            asked, begun = itertools.count(), time.perf_counter()
            with ThreadPoolExecutor(4) as clients:
                for row in range(ROWS + 1):
                    held = " ".join(f"{private(each):.0f}" for each in servers_of(server.pid))
                    print(f"| {row * wanted // ROWS:,} | {time.perf_counter() - begun:.0f} | {held} |", flush=True)
                    if row < ROWS:
                        list(clients.map(ask, itertools.islice(asked, wanted // ROWS)))
        finally:
            server.terminate()


if __name__ == "__main__":
    main()

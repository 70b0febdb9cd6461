"""What strangers can send to ``/sparql``, one after the other, and what they get: status, time, and the next query.

    python bench/abuse.py [--triples 300000] [--deadline 2]

Prints a table in Markdown. Queries are abuse by themselves; the rest is abuse of the protocol over bare sockets. The
next query comes from another address (INNHERRED_PROXIES=1, X-Forwarded-For), as it would; some abuse goes on meanwhile.
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
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import graph
import servers

CROSS: Final = "?a ?b ?c . ?d ?e ?f"
_DOUBLED: Final = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
_VALUES: Final = " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(3000)))} }}" for name in "abc")
_LIMITED: Final = " ".join(f"{{ SELECT ?s{n} {{ ?s{n} ?p{n} ?o{n} }} LIMIT 100000 }}" for n in range(6))
QUERIES: Final = {
    "cross product of four": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} . ?g ?h ?i . ?j ?k ?l }}",
    "sort of a cross product": f"SELECT * {{ {CROSS} }} ORDER BY ?c",
    "group of a cross product": f"SELECT ?a ?d (COUNT(*) AS ?n) {{ {CROSS} }} GROUP BY ?a ?d",
    "distinct cross product": f"SELECT DISTINCT ?a ?d {{ {CROSS} }}",
    "paths from everywhere": "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>)* ?b . ?c (!<x:z>)* ?d }",
    "regular expression that backtracks": f'SELECT * {{ {CROSS} FILTER(REGEX(STR(?a), "(x+x+)+y")) }}',
    "regular expression that counts far": f'SELECT * {{ {CROSS} FILTER(REGEX(STR(?a), "(x{{1,1000}}){{1,1000}}")) }}',
    "CONCAT that doubles forty times": f"SELECT (STRLEN(?x40) AS ?n) {{ BIND('xxxxxxxx' AS ?x0) {_DOUBLED} }}",
    "GROUP_CONCAT of everything": f"SELECT (GROUP_CONCAT(STR(?a)) AS ?t) {{ {CROSS} }}",
    "VALUES of 3,000, cubed": f"SELECT (COUNT(*) AS ?n) {{ {_VALUES} }}",
    "brackets, 100,000 deep": "SELECT * { FILTER" + "(" * 100_000 + "1" + ")" * 100_000 + " }",
    "groups, 5,000 deep": "SELECT *" + "{" * 5000 + "}" * 5000,
    "UNION of 20,000": "SELECT * { " + " UNION ".join(["{ ?s ?p ?o }"] * 20_000) + " }",
    "literal of 2 MB": f'SELECT ("{"x" * 2_000_000}" AS ?t) {{}}',
    "quotes, none closed": "SELECT " + "'''\"\"\" " * 5000,
    "whole graph, no limit": "SELECT * { ?s ?p ?o . ?s ?q ?r }",
    "six subqueries with LIMIT, joined": f"SELECT (COUNT(*) AS ?n) {{ {_LIMITED} }}",
    "SERVICE": "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SERVICE, spelled with escapes": "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "FROM a file": "SELECT * FROM <file:secret.ttl> { ?s ?p ?o }",
    "LOAD": "LOAD <file:secret.ttl>",
    "DELETE": "DELETE WHERE { ?s ?p ?o }",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stranger got: status (0: none), seconds, what was said."""

    status: int
    seconds: float
    told: str = ""


def asked(server: servers.Server, query: str, client: str = "192.0.2.1") -> Outcome:
    """Post a query."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    begun = time.perf_counter()
    try:
        headers = {"Content-Type": "application/sparql-query", "Accept": servers.JSON, "X-Forwarded-For": client}
        with contextlib.suppress(BrokenPipeError):  # the answer may come before all was read
            connection.request("POST", "/en/sparql", query.encode(), headers)
        answer = connection.getresponse()
        body = answer.read()
    except OSError as error:
        return Outcome(0, time.perf_counter() - begun, type(error).__name__)
    finally:
        connection.close()
    seconds = time.perf_counter() - begun
    told = f"{len(body):,} bytes" if answer.status == 200 else str(json.loads(body).get("detail", ""))
    return Outcome(answer.status, seconds, told)


def raw(server: servers.Server, *parts: bytes, pause: float = 0.0, wait: bool = True) -> Outcome:
    """Send bytes as they are, and give the status line of what comes back."""
    begun = time.perf_counter()
    told = b""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        with contextlib.suppress(OSError):  # the server may have answered before it has read everything
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        if wait:
            told = connection.recv(65_536)
    status = int(told.split(b" ", 2)[1]) if told.startswith(b"HTTP/1.1 ") else 0
    said = "closed" if wait and not told else ""
    if b"<script>alert" in told or b"\r\nX-Evil" in told:
        said = "**passed on**"
    return Outcome(status, time.perf_counter() - begun, said)


def at_once(number: int, work: Callable[[], Outcome]) -> Outcome:
    """Do something so often at the same time; give the worst, and all statuses."""
    found: list[Outcome] = []
    threads = [threading.Thread(target=lambda: found.append(work())) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted({each.status for each in found})
    counted = ", ".join(f"{sum(each.status == status for each in found)} × {status or 'gone'}" for status in statuses)
    return Outcome(statuses[-1], max(each.seconds for each in found), counted)


def protocol(server: servers.Server) -> dict[str, Callable[[], Outcome]]:
    """Give what can be done to the protocol."""
    cross = urllib.parse.quote(QUERIES["cross product of four"])
    get = f"GET /sparql?query={cross} HTTP/1.1\r\nHost: x\r\n".encode()
    ask = b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.4\r\nConnection: close\r\n"
    post = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    markup = urllib.parse.quote("SELECT ('<script>alert(1)</script>' AS ?t) {}")

    def held() -> Outcome:
        """Hold forty connections open that never end their request."""
        begun = time.perf_counter()
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
                connection.sendall(b"GET /sparql?query=ASK HTTP/1.1\r\nHost:")
            other = asked(server, "ASK {}", "192.0.2.3")
        return Outcome(other.status, time.perf_counter() - begun, "another client meanwhile")

    return {
        "sixteen runaway queries at once, one client": lambda: at_once(
            16, lambda: asked(server, f"{QUERIES['cross product of four']}")
        ),
        "a runaway query, client gone, twenty times": lambda: at_once(
            20, lambda: raw(server, get + b"\r\n", wait=False)
        ),
        "a query byte by byte": lambda: raw(server, *(bytes((each,)) for each in ask + b"\r\n"), pause=0.01),
        "forty connections that never ask": held,
        "a line break in the format": lambda: raw(
            server, b"GET /sparql?query=ASK%20%7B%7D&format=json%0D%0AX-Evil:%201 HTTP/1.1\r\nHost: x\r\n\r\n"
        ),
        "a line break in Accept": lambda: raw(server, ask + b"Accept: text/csv\r X-Evil: 1\r\n\r\n"),
        "a header of 1 MB": lambda: raw(server, ask + b"Accept: " + b"x" * 1_000_000 + b"\r\n\r\n"),
        "an address of 1 MB": lambda: raw(
            server, b"GET /sparql?query=" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        ),
        "a body of 20 MB": lambda: raw(server, post + b"Content-Length: 20000000\r\n\r\n", b"x" * 20_000_000),
        "a body shorter than it says, then gone": lambda: raw(
            server, post + b"Content-Length: 100\r\n\r\nASK", wait=False
        ),
        "no HTTP": lambda: raw(server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20),
        "markup in a literal, as a page": lambda: raw(
            server, ask.replace(b"ASK%20%7B%7D", markup.encode()) + b"Accept: text/html\r\n\r\n"
        ),
    }


def main() -> None:
    """Run it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--triples", type=int, default=300_000)
    arguments.add_argument("--deadline", type=float, default=2.0)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        graph.write(work / "content", given.triples)
        server = servers.innherred(work / "content", work, query_deadline=str(given.deadline), proxies="1")
        try:
            server.run(work / "log")
            table(server, graph.activities(given.triples))
        finally:
            server.stop()


def table(server: servers.Server, things: int) -> None:
    """Send everything; print a line for each."""
    before = highest = server.memory()
    print("| sent | status | seconds | the next query (ms) | said |\n|---|---:|---:|---:|---|")
    cases: dict[str, Callable[[], Outcome]] = {name: partial(asked, server, query) for name, query in QUERIES.items()}
    for number, (name, work) in enumerate([*cases.items(), *protocol(server).items()]):
        found = work()
        highest = max(highest, server.memory())
        light = f"SELECT ?p ?o {{ <{graph.BASE}id/activity/a-{number % things}> ?p ?o }} # {number}"
        after = asked(server, light, "192.0.2.2")
        follow = f"{after.seconds * 1000:.0f}" if after.status == 200 else f"**{after.status}**"
        told = found.told if len(found.told) < 90 else found.told[:88] + " …"
        print(f"| {name} | {found.status or '–'} | {found.seconds:.2f} | {follow} | {told} |", flush=True)
    print(f"\nMemory: {before / 1e6:.0f} MB before, {highest / 1e6:.0f} MB seen, {server.memory() / 1e6:.0f} MB after.")


if __name__ == "__main__":
    main()

"""This product beside other SPARQL servers, over the same data, in turns in one run.

    python bench/compare.py [--triples 300000] [--rounds 3] [--seconds 2] [--out docs/benchmarks.md] [--work FOLDER]

What is measured is printed as it comes, and after each round the tables so far are written to ``--out``. What failed is
listed below them; it ends nothing but itself.

Needs wrk (a Debian package; or its path in INNHERRED_WRK). Compared with are those that are found: the folder of the
commands oxigraph and rdflib-endpoint (both on PyPI; a virtual environment of their own) in INNHERRED_OXIGRAPH and
INNHERRED_RDFLIB_ENDPOINT, the jar of Fuseki in INNHERRED_FUSEKI, the folder into which the packages of Virtuoso were
unpacked in INNHERRED_VIRTUOSO.
A machine is never the same twice: read the ratios, not the figures.
"""

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import graph
import servers
from servers import Server

BASE, INN = graph.BASE, graph.INN
HEAD: Final = f"PREFIX inn: <{INN}> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
TURTLE: Final = "text/turtle"
CONNECTIONS: Final = 4
# What a query may take (seconds) before it counts as not answered.
PATIENCE: Final = 60.0
# What the lines of queries that are asked again are called.
AGAIN: Final = ", again"
# A query is asked so often in a round, unless that takes longer than so many seconds; the best time counts.
MOST_TIMES: Final = 15
SHORT: Final = 0.6

QUERIES: Final = {
    "look-up": "SELECT ?p ?o { <%activity> ?p ?o }",
    "reverse": "SELECT ?s ?p { ?s ?p <%organisation> }",
    "star": "SELECT * { ?a a inn:Activity ; rdfs:label ?l ; inn:topic <%topic> ; inn:startDate ?d ; "
    "inn:underProgramme <%programme> FILTER(LANG(?l) = 'nb') }",
    "3 hops": "SELECT DISTINCT ?o { <%organisation> ^inn:participant ?p . ?p inn:inActivity ?a . "
    "?q inn:inActivity ?a ; inn:participant ?o }",
    "aggregate": "SELECT ?t (COUNT(?a) AS ?n) { ?a inn:topic ?t } GROUP BY ?t ORDER BY DESC(?n) ?t",
    "COUNT(*)": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "OPTIONAL": "SELECT * { ?p inn:participant <%organisation> OPTIONAL { ?p inn:inActivity ?a . ?a rdfs:label ?l "
    "FILTER(LANG(?l) = 'en') } }",
    "path +": "SELECT ?q { <%programme> inn:partOfProgramme+ ?q }",
    "CONTAINS": "SELECT ?a ?l { ?a a inn:Activity ; rdfs:label ?l FILTER(CONTAINS(?l, '777')) }",
    "ORDER BY LIMIT": "SELECT ?a ?d { ?a inn:startDate ?d } ORDER BY DESC(?d) ?a LIMIT 20",
    "CONSTRUCT": "CONSTRUCT { ?a rdfs:label ?l } { ?a inn:underProgramme <%programme> ; rdfs:label ?l }",
    "10,000 rows": "SELECT * { ?s inn:role ?r ; inn:participant ?o } LIMIT 10000",
}
LOADS: Final = {
    "1 row": f"SELECT ?o {{ <{BASE}id/activity/a-NUMBER> inn:underProgramme ?o }} #ONCE",
    "100 rows": "SELECT ?s ?l { ?s a inn:Participation ; rdfs:label ?l } LIMIT 100 #ONCE",
    "10,000 rows": "SELECT ?s ?l { ?s a inn:Participation ; rdfs:label ?l } LIMIT 10000 #ONCE",
}


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did under load: answers in a second, latency of half and of all but one in a hundred (ms)."""

    rate: float
    p50: float
    p99: float
    failed: int


def filled(query: str, triples: int) -> str:
    """Put things of the graph into a query."""
    things = {
        "%activity": f"activity/a-{graph.activities(triples) // 2}",
        "%organisation": f"organisation/o-{graph.organisations(triples) // 2}",
        "%programme": "programme/p-3",
        "%topic": "topic/school",
    }
    for name, thing in things.items():
        query = query.replace(name, f"{BASE}id/{thing}")
    return HEAD + query


def load(server: Server, query: str, triples: int, seconds: float, *, fixed: bool = False, tag: str = "") -> Load:
    """Put load on a server with wrk."""
    return pressed(server, path_of(server, query), triples, seconds, fixed=fixed, tag=tag)


def path_of(server: Server, query: str) -> str:
    """Give path and query string of a query, always spelled the same: tags depend on it."""
    return server.path + "?query=" + urllib.parse.quote(HEAD + query, safe="")


def pressed(
    server: Server, path: str, triples: int, seconds: float, *, accept: str = servers.JSON, fixed: bool, tag: str = ""
) -> Load:
    """Put load on one path of a server."""
    wrk = os.environ.get("INNHERRED_WRK") or shutil.which("wrk")
    if not wrk:
        raise SystemExit("wrk is not here: install the Debian package, or give its path in INNHERRED_WRK")
    environment = {
        **os.environ,
        "BENCH_PATH": path,
        "BENCH_FIXED": "1" if fixed else "",
        "BENCH_ETAG": tag,
        "BENCH_THINGS": str(graph.activities(triples)),
        "BENCH_ACCEPT": accept,
    }
    script = str(Path(__file__).with_name("load.lua"))
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", f"{PATIENCE:g}s", "-s", script]
    done = subprocess.run([wrk, *options, server.address], env=environment, check=True, capture_output=True, text=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    requests, duration, failed, p50, p99 = map(float, line.split()[1:])
    return Load(requests / duration * 1e6, p50 / 1000, p99 / 1000, int(failed))


def etag(server: Server, query: str) -> str:
    """Give the ETag of an answer."""
    address = server.address + path_of(server, query)
    request = urllib.request.Request(address, headers={"Accept": servers.JSON})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310
        return str(response.headers["ETag"] or "")


def rows(query: str, body: bytes) -> int | str:
    """Give the number of rows of an answer, or of triples (one a line; Turtle of these graphs has one each)."""
    if "CONSTRUCT" in query:
        return "graph"
    return len(json.loads(body)["results"]["bindings"])


@dataclass(slots=True)
class Found:
    """What was measured, by line and server the values of each round, and what was not."""

    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def note(self, line: str, server: Server, value: float) -> None:
        """Note a value, and show it."""
        self.values.setdefault(line, {}).setdefault(server.name, []).append(value)
        print(f"{server.name}: {line}: {_short(value)}", flush=True)

    def fail(self, line: str, server: Server, why: object) -> None:
        """Note that something was not measured, and why."""
        self.failed.append(f"{server.name}, {line}: {why}")
        print(f"NOT MEASURED: {self.failed[-1]}", flush=True)

    def load(self, line: str, server: Server, measure: Callable[[], Load]) -> None:
        """Put load on a server and note what it did; an answer that failed, or none at all, is not counted."""
        try:
            measured = measure()
        except (OSError, ValueError, subprocess.SubprocessError, StopIteration) as error:
            self.fail(line, server, repr(error))
            return
        if measured.failed or not measured.rate:
            self.fail(line, server, f"{measured.failed} failed, {measured.rate:g} a second were answered")
            return
        self.note(f"{line} (/s)", server, measured.rate)
        self.note(f"{line} p50 (ms)", server, measured.p50)
        self.note(f"{line} p99 (ms)", server, measured.p99)


def compare(
    all_servers: list[Server],
    triples: int,
    rounds: int,
    seconds: float,
    found: Found,
    after_round: Callable[[], None] = lambda: None,
) -> None:
    """Measure in turns: ms of queries, answers a second of loads; the first server is ours."""
    sizes: dict[str, set[object]] = {}
    given_up: set[tuple[str, str]] = set()
    ours, same = all_servers[0], LOADS["10,000 rows"].replace("ONCE", "same")

    def known_answer() -> Load:
        return load(ours, same, triples, seconds, fixed=True, tag=etag(ours, same))

    for turn in range(rounds):
        for name, text in QUERIES.items():
            query = f"{filled(text, triples)} #{turn}"
            for server, again in ((server, again) for again in (False, True) for server in all_servers):
                known = (name, server.name) in given_up
                if not known and not _timed(found, name, query, server, sizes, again=again):
                    given_up.add((name, server.name))
        for name, text in LOADS.items():
            for server in all_servers:
                found.load(name, server, partial(load, server, text, triples, seconds))
        for server in all_servers:
            found.load("10,000 rows again", server, partial(load, server, same, triples, seconds, fixed=True))
        found.load("304", ours, known_answer)
        thing = f"/doc/activity/a-{graph.activities(triples) // 2}"
        found.load("page", ours, partial(pressed, ours, thing, triples, seconds, accept="text/html", fixed=True))
        after_round()
    for server in all_servers:
        found.note("memory (MB)", server, server.memory() / 1e6)
        found.note("load (s)", server, server.loaded)
        found.note("start (s)", server, server.started)
    for name, different in sizes.items():
        if len(different) > 1:
            found.failed.append(f"answers differ: {name}: {sorted(map(str, different))} rows")
    after_round()


def _timed(
    found: Found, name: str, query: str, server: Server, sizes: dict[str, set[object]], *, again: bool = False
) -> bool:
    """Time one query, the best of some times while they are short; say whether it was answered.

    Each time it is another text, or with ``again`` the same one, which a server may have kept the answer of.
    """
    best, begun, number = math.inf, time.perf_counter(), 0
    size: int | str = 0
    while number < MOST_TIMES and time.perf_counter() - begun < SHORT:
        number += 1
        asked = time.perf_counter()
        try:
            text = f"{query}.{AGAIN if again else number}"
            body = server.ask(text, TURTLE if "CONSTRUCT" in query else servers.JSON, PATIENCE)
            seconds = time.perf_counter() - asked
            size = rows(query, body) if number == 1 else size
        except (OSError, ValueError, LookupError) as error:
            found.fail(name, server, repr(error))
            return False
        best = min(best, seconds)
    found.note(f"{name}{AGAIN if again else ''} (ms)", server, 1000 * best)
    sizes.setdefault(name, set()).add(size)
    return True


def table(found: dict[str, dict[str, list[float]]], names: list[str]) -> str:
    """Write best times of queries and medians of the rest as a Markdown table, with our ratio to each other server."""
    others = names[1:]
    lines = [
        "| | " + " | ".join([*names, *(f"innherred : {name}" for name in others)]) + " |",
        "|---|" + "---:|" * (len(names) + len(others)),
    ]
    for line, values in found.items():
        settle = min if line.removesuffix(" (ms)").removesuffix(AGAIN) in QUERIES else statistics.median
        medians = {name: settle(values[name]) for name in values}
        cells = [_short(medians.get(name)) for name in names]
        more = "/s" in line
        for name in others:
            ours, theirs = medians.get(names[0]), medians.get(name)
            if not ours or not theirs:
                cells.append("")
            else:
                cells.append(f"{_short(ours / theirs if more else theirs / ours)} ×")
        lines.append(f"| {line} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def means(found: dict[str, dict[str, list[float]]], names: list[str]) -> str:
    """Give the geometric means of how many times as fast we are: over the queries, and over the answers a second."""
    told = []
    kinds = (
        ("queries", [f"{query} (ms)" for query in QUERIES], lambda values: 1 / min(values)),
        ("queries asked again", [f"{query}{AGAIN} (ms)" for query in QUERIES], lambda values: 1 / min(values)),
        ("loads", [f"{load} (/s)" for load in (*LOADS, "10,000 rows again")], statistics.median),
    )
    for which, wanted, speed in kinds:
        for name in names[1:]:
            both = [values for line in wanted if {name, names[0]} <= (values := found.get(line, {})).keys()]
            if ratios := [speed(values[names[0]]) / speed(values[name]) for values in both]:
                mean = statistics.geometric_mean(ratios)
                told.append(f"{_short(mean)} × as fast as {name} over {len(ratios)} {which}")
    return "Geometric mean: " + "; ".join(told) + "." if told else ""


def _short(value: float | None) -> str:
    if value is None:
        return "–"
    digits = max(0, 1 - math.floor(math.log10(abs(value)))) if 0 < abs(value) < 10 else 0
    return f"{value:,.{min(digits, 2)}f}"


def main() -> None:
    """Run it; print the table and write it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--triples", type=int, default=300_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=2.0)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--work", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.work) as folder:
        work = Path(folder).absolute()
        data = graph.write(work / "content", given.triples)
        chosen = [servers.innherred(work / "content", work), *servers.others(data, work)]
        found, running = Found(), list[Server]()

        def write() -> None:
            if given.out:
                given.out.write_text(report(found, running, given.triples, given.rounds), encoding="utf-8")

        try:
            for server in chosen:
                try:
                    server.run(work / f"{server.name}.log")
                except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                    found.fail("start", server, repr(error))
                    continue
                print(f"{server.name} {server.version}: loaded {server.loaded:.1f} s, started {server.started:.1f} s")
                running.append(server)
            if running[:1] == chosen[:1]:
                compare(running, given.triples, given.rounds, given.seconds, found, write)
        finally:
            for server in chosen:
                server.stop()
            write()
            print(report(found, running, given.triples, given.rounds))


def report(found: Found, running: list[Server], triples: int, rounds: int) -> str:
    """Write what was measured so far, and what was not, as a part of a Markdown page."""
    names = [server.name for server in running]
    versions = ", ".join(f"{server.name} {server.version}" for server in running)
    return (
        f"## {triples:,} triples, {datetime.now(UTC).date().isoformat()}\n\n"
        f"{versions}; Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; "
        f"{CONNECTIONS} connections; {rounds} rounds in turns: best times of the queries, medians of the rest.\n\n"
        f"{table(found.values, names)}\n{means(found.values, names)}\n"
        + "".join(f"\nNot measured: {each}\n" for each in found.failed)
    )


if __name__ == "__main__":
    main()

"""Ten data sets of other kinds, each at two sizes: time and memory of check and build, then ten pages of each.

    python bench/large.py [--small] [--part 0.25] [--only hub] [--without-pages]

The sets are those of ``sets.py``, at a quarter of their full size (1×) and at the full size (4×); ``--part`` takes a
part of both, ``--small`` some twenty things; ``--keep`` names a folder to work in. Times are of the processor, summed
over all processes, since a busy machine changes the clock; memory is that of all processes at a time, what they share
counted once. Two Markdown tables.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import servers
import sets

# A page is asked for so often, so many times together: the processor is counted in hundredths of a second.
ROUNDS: Final = 3
TOGETHER: Final = 5
_TICK: Final = 1000 / os.sysconf("SC_CLK_TCK")
TIMES: Final = 4
# So often memory is looked at (seconds).
_EVERY: Final = 0.2
PAGES: Final = ("front", "list", "far back", "facet", "search", "1", "2", "3", "4", "5")


@dataclass(slots=True)
class Run:
    """A command that was run: processor seconds, the most memory (bytes) of all its processes, by the clock."""

    processor: float = 0.0
    memory: int = 0
    clock: float = 0.0


@dataclass(slots=True)
class Measured:
    """What was measured of a set: by size its triples and runs; by page milliseconds of the server, status, bytes."""

    triples: list[int] = field(default_factory=list)
    runs: list[dict[str, Run]] = field(default_factory=list)
    pages: dict[str, tuple[str, float, int, int]] = field(default_factory=dict)

    def ratio(self, command: str) -> float:
        """Give how much longer a triple takes at the larger size."""
        one, four = (run[command].processor / triples for run, triples in zip(self.runs, self.triples, strict=True))
        return four / one


def run(*arguments: str) -> Run:
    """Run a command of this product to its end; raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun, found = time.perf_counter(), Run()
    environment = {**os.environ, "PYTHONPATH": str(servers.ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY):
            found.memory = max(found.memory, servers.memory_of(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        status = process.wait()
    finally:
        ended.set()
        watcher.join()
    if status:
        raise subprocess.CalledProcessError(status, arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found.clock = time.perf_counter() - begun
    found.processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return found


def triples_of(state: Path) -> int:
    """Give how many triples the current generation has."""
    return int(json.loads((state / "current" / "manifest.json").read_text())["triples"])


class Visitor:
    """Asks a server for pages, and its processes what they spent on them."""

    def __init__(self, server: servers.Server) -> None:
        self._server = server

    def get(self, path: str) -> tuple[str, int, bytes]:
        """Give where a page is at last, its status and bytes."""
        request = urllib.request.Request(self._server.address + path, headers={"Accept": "text/html"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310 - loopback
                return answer.url.removeprefix(self._server.address), answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return path, error.code, error.read()

    def measure(self, path: str) -> tuple[str, float, int, int]:
        """Give the address, milliseconds of the processor in the median of some rounds, status and bytes of a page."""
        path, status, body = self.get(path)
        times = []
        for _ in range(ROUNDS):
            before = self._spent()
            for _ in range(TOGETHER):
                self.get(path)
            times.append((self._spent() - before) * _TICK / TOGETHER)
        return path, statistics.median(times), status, len(body)

    def settle(self) -> None:
        """Wait until the processes have nothing left to do by themselves: some read the data into memory."""
        before = -1
        while before != (spent := self._spent()):
            before = spent
            time.sleep(1)

    def _spent(self) -> int:
        """Give the clock ticks that all processes have had of the processor, threads that ended too."""
        assert self._server.process is not None
        found = 0
        for process in servers.descendants(self._server.process.pid):
            with suppress(OSError):  # it has ended
                fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
                found += int(fields[11]) + int(fields[12])
        return found


def addresses(given: sets.DataSet, size: int, visitor: Visitor, page_size: int = 100) -> Iterator[tuple[str, str]]:
    """Give the ten pages of a set by name: what no set has of itself is found on the pages before."""
    yield "front", "/"
    if given.whole:
        one = visitor.get(f"/{given.kind}/?format=json")[2]
        listed, last = f"/{given.kind}/", -(-_total(one) // page_size)
        yield "list", listed
        yield "far back", f"{listed}?page={last}"
        value = _common(one, given.facet[0])
        yield "facet", f"{listed}?{urllib.parse.urlencode({given.facet[0]: value})}"
    else:
        class_ = given.kind if ":" in given.kind else given.space + given.kind
        type_ = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        yield "list", "/describe?" + urllib.parse.urlencode({"iri": class_})
        group = {"iri": class_, "predicate": type_, "class": class_}
        last = 1
        while visitor.get("/describe/incoming?" + urllib.parse.urlencode({**group, "page": last * 2}))[1] == 200:
            last *= 2
        yield "far back", "/describe/incoming?" + urllib.parse.urlencode({**group, "page": last})
        yield "facet", "/search?" + urllib.parse.urlencode({"q": given.word[:1]})
    yield "search", "/search?" + urllib.parse.urlencode({"q": given.word})
    for number, name in enumerate(given.things, 1):
        iri = given.space + name.format(last=size - 1)
        yield str(number), "/describe?" + urllib.parse.urlencode({"iri": iri})


def _total(document: bytes) -> int:
    return int(json.loads(document)["total"])


def _common(document: bytes, name: str) -> str:
    facets = {each["name"]: each["values"] for each in json.loads(document)["facets"]}
    return str(facets[name][0]["value"])


def serve(
    given: sets.DataSet, content: Path, state: Path, size: int, log: Path
) -> dict[str, tuple[str, float, int, int]]:
    """Serve what was built; give what each page took."""
    server = servers.innherred(content, state.parent, address_requests="1000000")
    server.load = ()
    server.start = [*server.start, "--no-build", "--workers", "1"]
    try:
        server.run(log)
        visitor = Visitor(server)
        visitor.settle()
        return {name: visitor.measure(path) for name, path in addresses(given, size, visitor)}
    finally:
        server.stop()


def measure(given: sets.DataSet, folder: Path, arguments: argparse.Namespace) -> Measured:
    """Measure a set at both sizes; the larger one is served."""
    found, full = Measured(), max(given.smallest, round(given.size * arguments.part))
    for size in (max(given.smallest // TIMES, full // TIMES), full):
        place = folder / f"{given.name}-{size}"
        content, state = given.write(place / "content", size), place / "innherred"
        where = ["--content", str(content), "--state", str(state)]
        runs = {} if arguments.without_check else {"check": run("check", "--errors-only", *where)}
        found.runs.append(runs | {"build": run("build", "--quiet", *where)})
        found.triples.append(triples_of(state))
    if not arguments.without_pages:
        found.pages = serve(given, content, state, size, place / "log")
    return found


def rows(found: dict[str, Measured]) -> Iterator[str]:
    """Give both tables as Markdown."""
    commands = list(next(iter(found.values())).runs[0])
    yield "| set | triples | " + " | ".join(f"{c}, s | µs a triple | MB | 4× to 1×" for c in commands) + " |"
    yield "|---|---:|" + "---:|---:|---:|---:|" * len(commands)
    for name, each in found.items():
        cells = []
        for command in commands:
            runs = [of[command] for of in each.runs]
            cells += [
                " → ".join(f"{of.processor:.1f}" for of in runs),
                " → ".join(f"{1e6 * of.processor / n:.0f}" for of, n in zip(runs, each.triples, strict=True)),
                " → ".join(f"{of.memory / 1e6:.0f}" for of in runs),
                f"{each.ratio(command):.2f}",
            ]
        yield f"| {name} | {' → '.join(f'{n:,}' for n in each.triples)} | " + " | ".join(cells) + " |"
    if all(each.pages for each in found.values()):
        yield ""
        yield "| set | " + " | ".join(PAGES) + " | largest, kB |"
        yield "|---|" + "---:|" * (len(PAGES) + 1)
        for name, each in found.items():
            told = [
                f"{ms:.0f}" if status == 200 else f"**{status}**" for _, ms, status, _ in map(each.pages.get, PAGES)
            ]
            yield f"| {name} | {' | '.join(told)} | {max(page[3] for page in each.pages.values()) / 1000:.0f} |"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", type=float, default=1.0)
    parser.add_argument("--small", action="store_const", dest="part", const=0.0)
    parser.add_argument("--only", default=",".join(sets.SETS))
    parser.add_argument("--without-pages", action="store_true")
    parser.add_argument("--without-check", action="store_true")
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    found: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.only.split(","):
            found[name] = measure(sets.SETS[name], arguments.keep or Path(scratch), arguments)
            print(*rows({name: found[name]}), *found[name].pages.values(), sep="\n", file=sys.stderr, flush=True)
    print(*rows(found), sep="\n")


if __name__ == "__main__":
    main()

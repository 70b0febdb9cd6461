"""SPARQL servers started on loopback with the same file of data: how each loads, starts, and what memory it takes."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

JSON: Final = "application/sparql-results+json"
LONGEST: Final = 1800.0
# The servers work elsewhere: the program that is measured is the one beside this file.
ROOT: Final = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Server:
    """One server: commands that load (none: it loads when it starts) and start it, and the path of its endpoint."""

    name: str
    start: Sequence[str]
    path: str
    port: int
    load: Sequence[str] = ()
    version: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    loaded: float = 0.0
    started: float = 0.0
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def url(self, query: str) -> str:
        """Give the address of a query."""
        return f"{self.address}{self.path}?{urllib.parse.urlencode({'query': query})}"

    def run(self, log: Path) -> None:
        """Load and start it in the folder of its log, for some write files where they are; both are timed (seconds)."""
        environment, folder = {**os.environ, **self.environment}, log.parent
        with log.open("wb") as output:
            if self.load:
                begun = time.perf_counter()
                subprocess.run(self.load, check=True, cwd=folder, stdout=output, stderr=output, env=environment)
                self.loaded = time.perf_counter() - begun
            begun = time.perf_counter()
            self.process = subprocess.Popen(
                self.start, cwd=folder, stdout=output, stderr=output, env=environment, start_new_session=True
            )
        while True:
            try:
                self.ask("ASK { ?s ?p ?o }")
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - begun > LONGEST:
                    raise RuntimeError(f"{self.name} did not start: see {log}") from None
                time.sleep(0.02)
        self.started = time.perf_counter() - begun

    def ready(self, log: Path, seconds: float) -> None:
        """Start it, or start it again when it has ended or answers nothing in so many seconds; it loads once."""
        if self.runs():
            try:
                self.ask("ASK { ?s ?p ?o }", seconds=seconds)
            except OSError:
                self.kill()
            else:
                return
        self.run(log)
        self.load = ()

    def runs(self) -> bool:
        """Say whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it with all its processes, whatever they are doing."""
        if self.process is not None:
            for process in descendants(self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self.process.wait()

    def ask(self, query: str, accept: str = JSON, seconds: float = 120.0) -> bytes:
        """Give the answer to a query; OSError when there is none."""
        request = urllib.request.Request(self.url(query), headers={"Accept": accept})  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=seconds) as response:  # noqa: S310
            answer: bytes = response.read()
        return answer

    def memory(self) -> int:
        """Give the memory of its processes in bytes, what they share counted once (proportional set size)."""
        assert self.process is not None
        return memory_of(self.process.pid)

    def stop(self) -> None:
        """End it with all its processes."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


def memory_of(process: int) -> int:
    """Give the memory of a process and those that it started in bytes, what they share counted once."""
    total = 0
    for each in descendants(process):
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total * 1024


def descendants(process: int) -> set[int]:
    """Give a process and those that it and they started."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text(encoding="ascii").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: set[int] = set()
    new = {process}
    while new:
        found |= new
        new = {each for each, parent in parents.items() if parent in new} - found
    return found


def innherred(content: Path, work: Path, **settings: str) -> Server:
    """Give this product over a content folder; keyword arguments are settings (``query_deadline="1"``)."""
    port, state = free_port(), work / "innherred"
    command = [sys.executable, "-m", "app.cli"]
    where = ["--content", str(content), "--state", str(state)]
    return Server(
        "innherred",
        [*command, "serve", *where, "--port", str(port)],
        "/sparql",
        port,
        [*command, "build", *where],
        _version("innherred"),
        {"PYTHONPATH": str(ROOT), **{f"INNHERRED_{name.upper()}": value for name, value in settings.items()}},
    )


def oxigraph(data: Path, work: Path, folder: Path, deadline: float | None = None) -> Server:
    """Give ``oxigraph serve-read-only``; its binary is in a folder (PyPI has it as oxigraph)."""
    port, store, binary = free_port(), work / "oxigraph", str(folder / "oxigraph")
    limit = [] if deadline is None else ["--timeout-s", f"{deadline:g}"]
    return Server(
        "oxigraph",
        [binary, "serve-read-only", "--location", str(store), "--bind", f"127.0.0.1:{port}", *limit],
        "/query",
        port,
        [binary, "load", "--location", str(store), "--file", str(data)],
        subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1],
    )


def rdflib_endpoint(data: Path, folder: Path) -> Server:
    """Give rdflib-endpoint; its command is in a folder."""
    port, command = free_port(), str(folder / "rdflib-endpoint")
    shown = subprocess.run(
        [str(folder / "python"), "-c", "from importlib.metadata import version; print(version('rdflib-endpoint'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    start = [command, "serve", "--host", "127.0.0.1", "--port", str(port), str(data)]
    return Server("rdflib-endpoint", start, "/", port, version=shown)


def fuseki(data: Path, work: Path, jar: Path, deadline: float | None = None) -> Server:
    """Give Apache Jena Fuseki; jar is jena-fuseki-server-<version>.jar."""
    port, store = free_port(), work / "fuseki"
    limit = [] if deadline is None else [f"--timeout={round(1000 * deadline)}"]
    return Server(
        "fuseki",
        ["java", "-jar", str(jar), "--localhost", "--port", str(port), *limit, "--loc", str(store), "/ds"],
        "/ds/query",
        port,
        ["java", "-cp", str(jar), "tdb2.tdbloader", "--loc", str(store), str(data)],
        jar.stem.rpartition("-")[2],
    )


def virtuoso(data: Path, work: Path, folder: Path, deadline: float | None = None) -> Server:
    """Give Virtuoso; its Debian packages were unpacked into a folder. Its default graph is the union of all graphs."""
    port, sql, store = free_port(), free_port(), work / "virtuoso"
    store.mkdir(parents=True, exist_ok=True)
    (store / "virtuoso.ini").write_text(
        f"[Database]\nDatabaseFile={store}/virtuoso.db\nErrorLogFile={store}/virtuoso.log\nLockFile={store}/virtuoso.lck\n"
        f"TransactionFile={store}/virtuoso.trx\nxa_persistent_file={store}/virtuoso.pxa\n"
        f"[TempDatabase]\nDatabaseFile={store}/temporary.db\nTransactionFile={store}/temporary.trx\n"
        f"[Parameters]\nServerPort=127.0.0.1:{sql}\nDirsAllowed={data.parent}\nNumberOfBuffers=100000\n"
        f"MaxDirtyBuffers=75000\nServerThreads=20\n"
        f"[HTTPServer]\nServerPort=127.0.0.1:{port}\nServerThreads=10\n[SPARQL]\nResultSetMaxRows=100000\n"
        + ("" if deadline is None else f"MaxQueryExecutionTime={deadline:g}\nMaxQueryCostEstimationTime=-1\n"),
        encoding="ascii",
    )
    libraries = sorted({str(path.parent) for path in folder.rglob("*.so*")})
    server = f"{folder}/usr/bin/virtuoso-t -c {store}/virtuoso.ini"
    connect = f"{folder}/usr/bin/isql-vt 127.0.0.1:{sql} dba dba"
    load = f"DB.DBA.TTLP_MT(file_open('{data}'), '', 'http://example.org/bench/graph/data', 512)"
    script = (
        f'{server} +wait && {connect} ERRORS=STDOUT exec="{load}; checkpoint;" && {connect} exec="shutdown;"; '
        f"while [ -e {store}/virtuoso.lck ]; do sleep 0.1; done"
    )
    environment = {"LD_LIBRARY_PATH": ":".join([*libraries, os.environ.get("LD_LIBRARY_PATH", "")])}
    return Server("virtuoso", [*server.split(), "-f"], "/sparql", port, ["sh", "-c", script], "7", environment)


def others(data: Path, work: Path, deadline: float | None = None) -> list[Server]:
    """Give the other servers that are here, as the environment names them; deadline: their limit of a query (s)."""
    found = []
    if place := os.environ.get("INNHERRED_OXIGRAPH"):
        found.append(oxigraph(data, work, Path(place).absolute(), deadline))
    if place := os.environ.get("INNHERRED_RDFLIB_ENDPOINT"):  # it has no limit
        found.append(rdflib_endpoint(data, Path(place).absolute()))
    if place := os.environ.get("INNHERRED_FUSEKI"):
        found.append(fuseki(data, work, Path(place).absolute(), deadline))
    if place := os.environ.get("INNHERRED_VIRTUOSO"):
        found.append(virtuoso(data, work, Path(place).absolute(), deadline))
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "as checked out"

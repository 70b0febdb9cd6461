"""Servers and builds when the clock jumps, a build is killed, or requests are made to exhaust whoever takes them."""

import gzip
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from app.generation import current
from tests.conftest import EXAMPLE, SHIPPED
from tests.test_steady import BUILD, Server
from tests.waiting import until


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start_server(name: str, *options: str, **settings: str) -> Server:
        (tmp_path / name).mkdir(exist_ok=True)
        servers.append(Server(tmp_path / name, tmp_path / name / "state", *options, **settings))
        return servers[-1]

    yield start_server
    for server in servers:
        server.end()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "content"))


def build(content: Path, state: Path, *options: str, **settings: str) -> str:
    """Build a content; give the version."""
    command = [*BUILD, "--content", str(content), "--state", str(state), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, **settings})
    assert done.returncode == 0, done.stderr
    found = current(state)
    assert found is not None
    return found.manifest.version


def more(content: Path, number: int) -> Path:
    """Give a content with another statement than before."""
    (content / "data" / "more.ttl").write_text(f'<http://example.org/more> <http://example.org/is> "{number}" .')
    return content


# Stands before the C library: the time of day alone is another one, not what deadlines and waits are measured by.
SHIM = """
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long jump(void) {
    char text[32] = "";
    int file = open(getenv("CLOCK"), O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, text, sizeof text - 1) < 0) abort();
    close(file);
    return atol(text);
}
int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += jump();
    return failed;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec real;
    if (clock_gettime(CLOCK_REALTIME, &real)) return -1;
    now->tv_sec = real.tv_sec;
    now->tv_usec = real.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *now) {
    struct timespec real;
    clock_gettime(CLOCK_REALTIME, &real);
    if (now) *now = real.tv_sec;
    return real.tv_sec;
}
"""


class Clock:
    """The clock of what is started with its ``settings``, which may be set to another year."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("there is no C compiler")
        (folder / "clock.c").write_text(SHIM)
        library = str(folder / "clock.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, str(folder / "clock.c")], check=True)
        self._path = folder / "clock"
        self.settings = {"LD_PRELOAD": library, "CLOCK": str(self._path)}
        self.jump(0)

    def jump(self, years: int) -> None:
        """Let it say a time so many years after the machine's, or before."""
        new = self._path.with_suffix(".new")
        new.write_text(str(years * 366 * 24 * 3600))
        new.replace(self._path)


def test_a_clock_that_jumps_stops_neither_server_nor_copy(start, content, tmp_path):
    clock = Clock(tmp_path)
    build(content, tmp_path / "source" / "state")
    source = start("source", "--no-build", INNHERRED_QUERY_DEADLINE="1", **clock.settings)
    follow = ("--follow", str(tmp_path / "source" / "state"))
    copy = start("copy", *follow, INNHERRED_FOLLOW_INTERVAL="0.2", **clock.settings)
    until(lambda: copy.health()["status"] == "ok")
    slow = "/sparql?query=" + quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }")
    for to, number in ((20, 1), (-5, 2), (0, 3)):
        clock.jump(to)
        assert source.failing() == copy.failing() == set(), to
        # Deadlines are not of the wall clock: a query that runs is ended as ever.
        assert source.get(slow)[0] == 503
        # Built by a machine whose clock is right.
        version = build(more(content, number), tmp_path / "source" / "state")
        until(lambda version=version: source.health()["version"] == version)
        if to < 0:
            # To a copy whose clock is slow it comes from the future: it says so, and serves what it has.
            until(lambda: "clock" in copy.health()["missing"].get("source", ""))
            assert copy.health()["following"]["age"] >= 0
        else:
            until(lambda version=version: copy.health()["version"] == version)
    until(lambda: copy.health()["status"] == "ok")
    for server in (source, copy):
        assert "Traceback" not in server.log.read_text()


def test_builds_of_a_clock_that_jumps_are_served_and_told_in_their_order(start, content, tmp_path):
    clock, state = Clock(tmp_path), tmp_path / "source" / "state"
    versions = [build(content, state)]
    server = start("source", "--no-build")
    for number, to in enumerate((-5, 20, -1, 0), 1):
        clock.jump(to)
        versions.append(build(more(content, number), state, INNHERRED_KEEP="2", **clock.settings))
        until(lambda: server.health()["version"] == versions[-1])
        assert server.failing() == set()
        assert len(list((state / "generations").iterdir())) == 2
    told = json.loads(server.get("/version/?format=json")[1])["versions"]
    assert [each["version"] for each in told] == versions[::-1]
    verified = [sys.executable, "-m", "app.cli", "verify", "--state", str(state)]
    assert subprocess.run(verified, check=False, capture_output=True).returncode == 0


def killed(state: Path, step: str, *options: str) -> None:
    """Begin a build of the shipped content and kill it, and what it started, when it says that a step is done."""
    command = [*BUILD[:-1], "--content", str(SHIPPED), "--state", str(state), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        assert any(step in line for line in process.stderr)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait(120) == -signal.SIGKILL


def test_a_killed_build_of_the_shipped_content_changes_nothing(start, tmp_path):
    state, other = tmp_path / "source" / "state", ("--as-of", "2026-01-31")
    first = build(SHIPPED, state, "--as-of", "2026-01-30")
    server = start("source", "--no-build")
    for step in ("load store", "dumps", "manifest"):
        killed(state, step, *other)
        health = server.health()
        assert (health["version"], health["status"]) == (first, "ok")
        assert server.failing() == set()
        found = current(state)
        assert found is not None
        assert found.manifest.version == first
    second = build(SHIPPED, state, *other)
    until(lambda: server.health()["version"] == second)
    assert server.failing() == set()
    # What the killed ones left is gone.
    assert {path.name for path in (state / "generations").iterdir()} == {first, second}
    told = json.loads(server.get("/version/?format=json")[1])["versions"]
    assert [each["version"] for each in told] == [second, first]


def peak(server: Server) -> int:
    """Give the most bytes that the processes of a server have held at once, each for itself."""
    found = 0
    for process in server.children():
        status = Path(f"/proc/{process}/status").read_text()
        found = max(found, *(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return found


def test_a_body_that_unpacks_to_much_is_not_unpacked(start, content, tmp_path):
    build(content, tmp_path / "source" / "state")
    server = start("source", "--no-build")
    bomb = gzip.compress(b"query=ASK{}#" + bytes(1 << 28))
    forms = "application/x-www-form-urlencoded"
    assert server.get("/reconcile")[0] == 200
    before = peak(server)
    for path, kind, statuses in (
        ("/sparql", "application/sparql-query", {413, 415}),
        ("/sparql", forms, {413, 415}),
        ("/reconcile", forms, {400, 413, 415}),
        ("/reconcile/1.0-draft/match", "application/json", {400, 413, 415}),
    ):
        for coding in ("gzip", "GZIP", "gzip, gzip", "br"):
            with closing(http.client.HTTPConnection(server.address, timeout=120)) as connection:
                connection.request("POST", path, bomb, {"Content-Type": kind, "Content-Encoding": coding})
                answer = connection.getresponse()
                answer.read()
                assert answer.status in statuses, (path, kind, coding)
    assert peak(server) < before + (1 << 27)
    assert server.failing() == set()


SLOW = (
    "a" * 20_000,
    "ab" * 100,
    " ".join("abcdefghijklmnop"),
    "* " * 500,
    '"' + "a* " * 60,
    " OR ".join(f"{letter}*" for letter in "abcdefghijkl"),
    "NEAR(" * 50,
    "(" * 200,
    "(a+)+$" * 30,
    "%" * 200,
    "_" * 200,
    "\\" * 200,
    "é" + "\u0301" * 5_000,
    "\ufdfa" * 200,
    "kommmmmmmmmmmmmmmmmmmmmmmmmmmune " * 12,
    "æøå" * 60,
    "\u202e" * 300,
)


def test_what_is_typed_to_keep_search_busy_is_answered(shipped_server):
    address = shipped_server.removeprefix("http://").rstrip("/")
    with closing(http.client.HTTPConnection(address, timeout=300)) as connection:
        for text in SLOW:
            typed = quote(text)
            given = json.dumps({"q": {"query": text}})
            for path in (
                f"/search?q={typed}",
                f"/search?q={typed}&format=json",
                f"/search/suggest?q={typed}",
                f"/organisation/?q={typed}",
            ):
                connection.request("GET", path, headers={"Accept": "*/*"})
                answer = connection.getresponse()
                answer.read()
                assert answer.status in ({414} if len(path) > 32_000 else {200, 404}), path[:80]
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/reconcile", f"queries={quote(given)}", form)
            answer = connection.getresponse()
            assert b'"result"' in answer.read(), text[:80]

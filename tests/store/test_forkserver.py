"""Query processes forked from one that has the data in memory."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.mediatypes import N_TRIPLES, RESULTS_CSV
from app.store.embedded import EmbeddedStore
from app.store.forked import Forked, Forks
from app.store.forkserver import read_in, spread
from app.store.loading import StoreWriter
from app.store.workers import Confinement, Workers, environment
from app.terms import BlankNode, Iri, Literal
from tests.store.conftest import LIMITS, are_forked
from tests.waiting import is_running, until

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
P = Iri("http://example.org/p")


@pytest.fixture
def pool(folder, tmp_path):
    """Give a pool over a fork server of its own."""
    forks = Forks(folder, str(tmp_path), environment())
    found = Workers(folder, Confinement(1, 30.0, 1_300_000_000, 67_108_864), LIMITS, lambda _event: None, forks)
    found.forks = forks
    yield found
    found.close()


def forkserver(pool):
    return pool.forks._started[0].pid


def test_queries_are_answered_before_and_after_the_data_is_in_memory(pool):
    before = pool.answer(COUNT, None, RESULTS_CSV).body
    until(lambda: are_forked(pool))
    assert pool.answer(COUNT, None, RESULTS_CSV).body == before
    assert {parent(each) for each in pool.processes()} == {forkserver(pool)}


def test_those_that_answered_are_replaced_when_nothing_is_asked(pool, monkeypatch):
    until(lambda: are_forked(pool))
    unused = set(pool.processes())
    monkeypatch.setattr("app.store.workers.REST", 0.1)
    pool.answer(COUNT, None, RESULTS_CSV)
    until(lambda: len(unused - set(pool.processes())) == 1 and are_forked(pool))
    before = set(pool.processes())
    pool.answer(COUNT, None, RESULTS_CSV)
    until(lambda: len(before - set(pool.processes())) == 1 and are_forked(pool))
    assert pool.answer(COUNT, None, RESULTS_CSV).body.split() == [b"n", b"3000"]


def parent(process):
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize(("here", "there"), [(0, 0), (5, 0), (0, 5), (7, 3), (3, 700), (400, 401)])
def test_all_quads_are_in_memory_those_of_the_default_graph_among_the_others(tmp_path, here, there):
    named = [
        ((Iri(f"http://example.org/{n}"), P, Literal("a\nb .\n")), Iri(f"http://example.org/g{n % 3}"))
        for n in range(there)
    ]
    with StoreWriter(tmp_path / "store") as writer:
        writer.add(named)
        writer.add(((Iri(f"http://example.org/{n}"), P, BlankNode(f"b{n}")), None) for n in range(here))
    store = EmbeddedStore(read_in(tmp_path / "store"))
    found = list(store.quads())
    assert sorted(map(str, found)) == sorted(map(str, EmbeddedStore.open(tmp_path / "store").quads()))
    assert (len(found), sum(graph is None for _, graph in found)) == (here + there, here)


@pytest.mark.parametrize(("size", "others"), [(0, 4), (4, 0), (1000, 1000), (300, 10_000), (10_000, 300), (700, 900)])
def test_two_rows_are_spread_over_each_other(size, others):
    given = list(spread(["a"] * size, size, ["b"] * others, others))
    assert (given.count("a"), given.count("b")) == (size, others)
    for end in range(0, size + others, 37):  # nowhere more of one than its part, but for a block
        part = given[:end]
        assert abs(part.count("a") * others - part.count("b") * size) <= 64 * (size + others)


def test_a_row_of_another_size_than_was_said_is_whole():
    assert sorted(spread("aaa", 2, "bbbbb", 1)) == list("aaabbbbb")
    assert sorted(spread("a", 9, "bb", 50)) == list("abb")


def test_blank_nodes_keep_their_names(tmp_path):
    graph = Iri("http://example.org/graph")
    with StoreWriter(tmp_path / "store") as writer:
        writer.add([((BlankNode("one"), P, BlankNode("two")), graph), ((BlankNode("two"), P, Literal("x")), graph)])
        writer.merge_into_default([graph])
    forks = Forks(tmp_path / "store", str(tmp_path), environment())
    confinement = Confinement(1, 30.0, 1_300_000_000, 67_108_864)
    pool = Workers(tmp_path / "store", confinement, LIMITS, lambda _event: None, forks)
    try:
        asked = "CONSTRUCT WHERE { ?s ?p ?o }"
        before = sorted(pool.answer(asked, None, N_TRIPLES).body.splitlines())
        until(lambda: are_forked(pool))
        assert sorted(pool.answer(asked, None, N_TRIPLES).body.splitlines()) == before
        assert before[0].startswith(b"_:one ")
    finally:
        pool.close()


def test_one_that_ends_leaves_a_pool_that_reads_from_disk(pool):
    until(lambda: are_forked(pool))
    killed = [forkserver(pool), *pool.processes()]
    for process in killed:
        os.kill(process, signal.SIGKILL)
    until(lambda: not any(map(is_running, killed)))
    assert pool.answer(COUNT, None, RESULTS_CSV).body
    until(lambda: not pool.forks.ready)
    assert not all(isinstance(each.process, Forked) for each in pool._all)


def test_its_end_is_noticed_while_forked_processes_live(pool):
    until(lambda: are_forked(pool))
    os.kill(forkserver(pool), signal.SIGKILL)
    until(lambda: not pool.forks.ready)
    assert pool.answer(COUNT, None, RESULTS_CSV).body


def test_a_store_that_cannot_be_read_leaves_a_pool_that_reads_from_disk(folder, tmp_path):
    forks = Forks(tmp_path / "none", str(tmp_path), environment())
    pool = Workers(folder, Confinement(1, 30.0, 1_300_000_000, 67_108_864), LIMITS, lambda _event: None, forks)
    try:
        assert pool.answer(COUNT, None, RESULTS_CSV).body
        until(lambda: forks._started and forks._started[0].poll() is not None)
        assert not forks.ready
        assert pool.answer(COUNT, None, RESULTS_CSV).body
    finally:
        pool.close()


def test_a_store_that_cannot_be_read_is_told_in_a_line(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        options = json.dumps({"store": str(tmp_path / "none"), "listening": listening.fileno()})
        command = [sys.executable, "-P", "-m", "app.store.forkserver", options]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(listening.fileno(),)
        ) as process:
            told = process.stderr.read().decode()
    assert process.returncode == 1
    assert told == f"Not read into memory: {tmp_path / 'none'} cannot be read\n"


def test_two_pools_share_one(folder, tmp_path):
    found = [Forks(folder, str(tmp_path), environment()) for _ in range(2)]
    confinement = Confinement(1, 30.0, 1_300_000_000, 67_108_864)
    pools = [Workers(folder, confinement, LIMITS, lambda _event: None, each) for each in found]
    try:
        until(lambda: all(map(are_forked, pools)))
        assert len([process for each in found for process in each._started if process.poll() is None]) == 1
        assert len({parent(process) for pool in pools for process in pool.processes()}) == 1
    finally:
        for pool in pools:
            pool.close()


@pytest.mark.parametrize("ready", [False, True])
def test_all_end_when_the_server_is_killed_while_loading_and_later(folder, ready):
    code = f"""
import time
from pathlib import Path
from app.store.forked import Forks
from app.store.interface import Limits
from app.store.workers import Confinement, Workers, environment
forks = Forks(Path({str(folder)!r}), str(time.time()), environment())
pool = Workers(Path({str(folder)!r}), Confinement(1, 300, 1_300_000_000, 67_108_864), {LIMITS!r}, lambda _: None, forks)
while not forks._started or {ready} and not (forks.ready and len(pool.processes()) == 3):
    time.sleep(0.001)
print(forks._started[0].pid, *pool.processes(), flush=True)
time.sleep(300)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        try:
            processes = [int(number) for number in server.stdout.readline().split()]
        finally:
            server.kill()
        assert len(processes) > 1
        until(lambda: not any(map(is_running, processes)))


def test_no_descriptor_is_left(pool):
    until(lambda: are_forked(pool))
    before = len(list(Path("/proc/self/fd").iterdir()))
    killed = pool.processes()
    for process in killed:
        os.kill(process, signal.SIGKILL)
    until(lambda: not any(map(is_running, killed)))
    pool.answer(COUNT, None, RESULTS_CSV)
    until(lambda: are_forked(pool))
    until(lambda: len(list(Path("/proc/self/fd").iterdir())) <= before)


def test_a_forked_process_has_the_descriptors_of_its_own_only(pool):
    until(lambda: are_forked(pool))
    pool.answer(COUNT, None, RESULTS_CSV)
    for process in pool.processes():
        assert len(list(Path(f"/proc/{process}/fd").iterdir())) <= 5
        assert os.getsid(process) == process

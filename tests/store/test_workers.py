"""Queries that would take a server down, and the processes that take the blow."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app import errors
from app.errors import QueryError
from app.mediatypes import N_TRIPLES, RESULTS_CSV, RESULTS_JSON, TURTLE
from app.store.engine import SMALL
from app.store.workers import Confinement, Worker, Workers
from app.terms import Dataset, Iri
from tests.store.conftest import GRAPH, LIMITS, TRIPLES
from tests.waiting import is_running, until

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c"
GROW = (
    'SELECT (STRLEN(?y8) AS ?n) { BIND("aaaaaaaaaaaaaaaa" AS ?y0) '
    + " ".join(f'BIND(REPLACE(?y{i}, "a", "aaaaaaaaaaaaaaaa") AS ?y{i + 1})' for i in range(8))
    + " }"
)
CONCAT = "SELECT (GROUP_CONCAT(?c) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def ask(pool, query, format=RESULTS_CSV):
    return pool.answer(query, None, format).body


def test_answers_are_those_of_the_store(start):
    pool = start()
    assert ask(pool, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") == f"n\r\n{TRIPLES}\r\n".encode()
    named = Dataset((), (GRAPH,))
    answer = pool.answer("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", named, RESULTS_CSV)
    assert answer.body.split()[1] == str(TRIPLES).encode()
    absent = Dataset((Iri("http://example.org/none"),))
    assert b"false" in pool.answer("ASK { ?s ?p ?o }", absent, RESULTS_JSON).body
    assert ask(pool, "CONSTRUCT { <http://example.org/a> ?p 1 } { ?s ?p ?o }", N_TRIPLES).count(b"\n") == 1


def test_a_large_answer_is_whole_and_comes_as_a_file(start):
    pool = start()
    until(lambda: len(pool.processes()) == 5)
    body = ask(pool, "SELECT ?s ?o { ?s ?p ?o }", RESULTS_CSV)
    assert len(body) > SMALL
    assert body.count(b"\n") == TRIPLES + 1
    assert len(set(body.splitlines())) == TRIPLES + 1
    files = len(list(Path("/proc/self/fd").iterdir()))
    ask(pool, "CONSTRUCT WHERE { ?s ?p ?o }", TURTLE)
    assert len(list(Path("/proc/self/fd").iterdir())) == files


@pytest.mark.parametrize(
    ("query", "format", "kind"),
    [
        ("SELECT * { ?s ?p", RESULTS_JSON, errors.QuerySyntaxError),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", RESULTS_JSON, errors.QueryRefused),
        ("ASK {}", TURTLE, QueryError),
        ("CONSTRUCT WHERE { ?s ?p ?o }", RESULTS_JSON, QueryError),
        ("SELECT * " + "{" * 101 + "}" * 101, RESULTS_JSON, errors.QueryRefused),
        ("SELECT * { ?s ?p ?o } #" + "x" * 262_144, RESULTS_JSON, errors.QueryRefused),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f }", RESULTS_JSON, errors.AnswerTooLarge),
    ],
)
def test_errors_arrive_as_they_are_and_the_process_stays(start, query, format, kind):
    pool = start(size=1, memory=1_600_000_000)
    with pytest.raises(kind) as raised:
        ask(pool, query, format)
    assert str(raised.value)
    assert ask(pool, "ASK {}", RESULTS_JSON)


def test_a_graph_over_the_cap_is_refused_too(start):
    pool = start(limits=replace(LIMITS, answer_bytes=10_000))
    with pytest.raises(errors.AnswerTooLarge, match=r"10000 bytes \(INNHERRED_ANSWER_BYTES\)"):
        ask(pool, "CONSTRUCT WHERE { ?s ?p ?o }", TURTLE)


def test_the_position_of_a_syntax_error_arrives(start):
    with pytest.raises(errors.QuerySyntaxError) as raised:
        ask(start(), "SELECT *\nWHERE { ?s ?p }")
    assert (raised.value.line, raised.value.column) == (2, 16)


def test_a_cross_product_ends_at_its_deadline(start):
    pool = start(deadline=1.0)
    with pytest.raises(errors.DeadlineExceeded, match="INNHERRED_QUERY_DEADLINE"):
        ask(pool, CROSS)
    assert pool.events.count("worker_killed") == 1
    until(lambda: len(pool.processes()) == 5)


def test_others_do_not_wait_for_a_cross_product(start):
    pool = start(deadline=300.0)
    with ThreadPoolExecutor() as threads:
        hog = threads.submit(ask, pool, CROSS)
        until(lambda: any(map(is_busy, pool.processes())))
        for number in range(20):
            ask(pool, f"SELECT * {{ <http://example.org/{number}> ?p ?o }}")
        assert not hog.done()
        pool.close()
        assert isinstance(hog.exception(), QueryError)


@pytest.mark.parametrize("query", [GROW, SORT])
def test_a_query_that_eats_memory_is_ended_and_named(start, query):
    pool = start(size=1)
    with pytest.raises(errors.MemoryExceeded, match="INNHERRED_QUERY_MEMORY"):
        ask(pool, query)
    assert ask(pool, "ASK {}", RESULTS_JSON)
    until(lambda: len(pool.processes()) == 3)


def test_a_query_that_makes_one_long_string_ends_by_one_limit_or_another(start):
    pool = start(size=1, deadline=2.0)
    with pytest.raises((errors.MemoryExceeded, errors.DeadlineExceeded, errors.AnswerTooLarge)):
        ask(pool, CONCAT)
    until(lambda: is_answered(pool))


def test_a_query_that_needs_too_deep_a_stack_is_ended_and_named(start):
    pool = start(size=1, stack=1_048_576, limits=replace(LIMITS, query_nesting=100_000))
    with pytest.raises(errors.StackExceeded, match="INNHERRED_QUERY_STACK"):
        ask(pool, "SELECT * {" + "{" * 20_000 + "?a ?b ?c" + "}" * 20_000 + "}")
    assert ask(pool, "ASK {}", RESULTS_JSON)


def test_twenty_hogs_at_once_leave_a_pool_that_answers(start):
    pool = start(deadline=0.3)
    with ThreadPoolExecutor(20) as threads:
        hogs = [threads.submit(ask, pool, query) for query in (CROSS, SORT, GROW, CONCAT) * 5]
        kinds = {type(hog.exception()) for hog in hogs}
    assert kinds <= {errors.DeadlineExceeded, errors.MemoryExceeded, errors.AnswerTooLarge}
    until(lambda: is_answered(pool))
    until(lambda: len(pool.processes()) == 5)


def test_a_process_killed_from_outside_is_replaced_unnoticed(start):
    pool = start()
    until(lambda: len(pool.processes()) == 5)
    killed = pool.processes()
    for process in killed:
        os.kill(process, signal.SIGKILL)
    until(lambda: not any(map(is_running, killed)))
    assert ask(pool, "ASK {}", RESULTS_JSON)
    until(lambda: len(set(pool.processes()) - set(killed)) == 5)


@pytest.mark.parametrize(
    ("times", "deadline", "error"), [(1, 4.0, errors.DeadlineExceeded), (2, 120.0, errors.Unavailable)]
)
def test_a_query_whose_process_is_killed_in_the_middle_is_asked_once_more(start, times, deadline, error):
    pool = start(size=1, deadline=deadline)
    until(lambda: len(pool.processes()) == 3)
    with ThreadPoolExecutor() as threads:
        hog = threads.submit(ask, pool, CROSS)
        for _ in range(times):
            until(lambda: hog.done() or any(map(is_busy, pool.processes())))
            killed = [process for process in pool.processes() if is_busy(process)]
            for process in killed:
                os.kill(process, signal.SIGKILL)
            until(lambda killed=killed: not any(map(is_running, killed)))
        with pytest.raises(error):
            hog.result()
    until(lambda: is_answered(pool))


def is_answered(pool):
    """Ask once more; when the machine is busy, a process may take longer to start than the deadline is."""
    with contextlib.suppress(QueryError):
        return bool(ask(pool, "ASK {}", RESULTS_JSON))
    return False


def is_busy(process):
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] == "R" and int(fields[11]) > 50  # half a second of its own


def test_the_kernel_ends_a_query_that_the_server_forgot(folder):
    worker = Worker(folder, Confinement(1, 0.1, 1_300_000_000, 67_108_864), LIMITS)
    try:
        worker.wait()
        with pytest.raises(EOFError):
            worker.ask({"query": CROSS, "dataset": (None, None), "format": RESULTS_CSV.media_type}, 30)
        assert worker.exit_code() == -signal.SIGALRM
    finally:
        worker.end()


def test_too_little_memory_to_start_is_told(start):
    pool = start(memory=100_000_000)
    with pytest.raises(errors.Unavailable, match="INNHERRED_QUERY_MEMORY"):
        ask(pool, "ASK {}", RESULTS_JSON)


def started(folder):
    """Start a pool, forget it, and give the numbers of its processes."""
    pool = Workers(folder, Confinement(1, 30, 1_300_000_000, 67_108_864), LIMITS, lambda _event: None)
    until(lambda: len(pool.processes()) == 3)
    return pool.processes()


def test_the_processes_end_with_the_last_reference(folder):
    processes = started(folder)
    assert len(processes) == 3
    until(lambda: not any(map(is_running, processes)))


def test_the_processes_end_when_the_server_is_killed_even_in_a_query(folder):
    code = f"""
import threading, time
from pathlib import Path
from app.mediatypes import RESULTS_CSV
from app.store.interface import Limits
from app.store.workers import Confinement
from app.store.workers import Workers
pool = Workers(Path({str(folder)!r}), Confinement(1, 300, 1_300_000_000, 67_108_864), {LIMITS!r}, lambda event: None)
while len(pool.processes()) < 3:
    time.sleep(0.01)
threading.Thread(target=pool.answer, args=({CROSS!r}, None, RESULTS_CSV), daemon=True).start()
print(*pool.processes(), flush=True)
time.sleep(300)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        try:
            processes = [int(number) for number in server.stdout.readline().split()]
            until(lambda: any(map(is_busy, processes)))
        finally:
            server.kill()
        until(lambda: not any(map(is_running, processes)))
    assert len(processes) == 3


def test_a_worker_sees_little_of_the_environment(start, monkeypatch):
    monkeypatch.setenv("INNHERRED_PASSWORD", "secret")
    pool = start()
    until(lambda: len(pool.processes()) == 5)
    for process in pool.processes():
        assert "secret" not in Path(f"/proc/{process}/environ").read_text()
        assert os.getsid(process) == process


def test_many_threads_share_a_pool(start):
    pool = start()

    def look_up(number):
        return ask(pool, f"SELECT ?o {{ <http://example.org/{number}> ?p ?o }}").split(b"\r\n")[1]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(look_up, range(300)))
    assert found == [f"value {number}".encode() for number in range(300)]
    assert threading.active_count() < 20


def test_a_process_that_is_busy_for_long_gives_way_and_is_replaced(start):
    pool = start(size=1, deadline=60.0)
    until(lambda: len(pool.processes()) == 3)
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(ask, pool, CROSS)
        until(lambda: any(os.getpriority(os.PRIO_PROCESS, each) > 0 for each in pool.processes()))
        assert ask(pool, "ASK {}", RESULTS_JSON)
        pool.close()
        with pytest.raises(QueryError):
            asked.result()

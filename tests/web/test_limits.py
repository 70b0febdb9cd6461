"""Limits as a client meets them: status, problem document, Retry-After; what is counted."""

import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.errors import AnswerTooLarge, DeadlineExceeded
from app.generation import current
from app.mediatypes import RESULTS_JSON
from app.web import create_app
from app.web.problems import query_problem
from app.web.serving import Serving
from tests.waiting import is_running, until
from tests.web.conftest import Client

HOG = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(9)) + " }"
GROW = 'SELECT (STRLEN(?y8) AS ?n) { BIND("aaaaaaaaaaaaaaaa" AS ?y0) ' + (
    " ".join(f'BIND(REPLACE(?y{i}, "a", "aaaaaaaaaaaaaaaa") AS ?y{i + 1})' for i in range(8)) + " }"
)
PEOPLE = {"Accept": "text/html"}


def make(settings, state, deadline):
    """Make an application with room for one query of two clients."""
    for name in ("current", "generations"):
        (state / name).symlink_to(settings.state / name)
    app = create_app(
        replace(
            settings,
            state=state,
            query_deadline=deadline,
            query_memory=1_300_000_000,
            answer_bytes=20_000,
            query_workers=1,
            query_waiting=1,
            query_per_client=1,
            proxies=1,
            result_cache_entries=0,  # the same query is asked again to see whether there is room for it
        )
    )
    app.test_client_class = Client
    return app


@pytest.fixture(scope="module")
def limited(settings, tmp_path_factory):
    """Give an application whose deadline comes soon."""
    return make(settings, tmp_path_factory.mktemp("limited"), 1.5)


@pytest.fixture(scope="module")
def patient(settings, tmp_path_factory):
    """Give an application whose other limits are met long before its deadline, on a slow machine too."""
    return make(settings, tmp_path_factory.mktemp("patient"), 120.0)


def ask(app, query, client="192.0.2.1", **headers):
    forwarded = {"X-Forwarded-For": f"198.51.100.1, {client}"}
    return app.test_client().get("/sparql", query_string={"query": query}, headers={**forwarded, **headers})


def counts(app):
    text = app.test_client().get("/metrics").text
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


@pytest.mark.parametrize(
    ("query", "status", "limit", "outcome"),
    [
        (HOG, 503, "INNHERRED_QUERY_DEADLINE", "deadline"),
        (GROW, 422, "INNHERRED_QUERY_MEMORY", "memory"),
        ("SELECT * { ?a ?b ?c . ?d ?e ?f }", 422, "INNHERRED_ANSWER_BYTES", "too_large"),
    ],
)
def test_a_limit_is_told_with_its_setting_and_counted(limited, patient, query, status, limit, outcome):
    app = limited if outcome == "deadline" else patient
    until(lambda: ask(app, "ASK {}").status_code == 200)
    before = counts(app)
    answer = ask(app, query)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["limit"] == limit
    assert limit in answer.json["detail"]
    assert "Retry-After" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    name = f'innherred_queries_total{{outcome="{outcome}"}}'
    assert counts(app)[name] == before[name] + 1
    until(lambda: ask(app, "ASK {}").status_code == 200)
    page = ask(app, query, **PEOPLE)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert limit in page.text


def test_who_asks_too_much_at_once_is_told_when_to_come_back(patient):
    queue = patient.extensions["asking"].admission
    with ThreadPoolExecutor() as threads:
        with queue.enter("192.0.2.1"):
            waiting = threads.submit(ask, patient, "ASK {}", "192.0.2.2")
            until(lambda: (queue.running, queue.waiting) == (1, 1))
            refused = [ask(patient, "ASK {}", "192.0.2.2"), ask(patient, "ASK {}", "192.0.2.3")]
            page = ask(patient, "ASK {}", "192.0.2.3", **PEOPLE)
        assert waiting.result().status_code == 200
    assert [answer.status_code for answer in refused] == [429, 503]
    assert [answer.headers["Retry-After"] for answer in (*refused, page)] == ["120", "120", "120"]
    assert page.status_code == 503
    assert ask(patient, "ASK {}").status_code == 200
    assert counts(patient)["innherred_queries_running"] == 0


def test_the_header_of_a_proxy_counts_only_when_a_setting_says_so(app, limited):
    from app.web.answering import client_address

    forwarded = {"HTTP_X_FORWARDED_FOR": "10.0.0.1, 192.0.2.7", "REMOTE_ADDR": "203.0.113.9"}
    for proxies, address in ((0, "203.0.113.9"), (1, "192.0.2.7"), (2, "10.0.0.1"), (3, "10.0.0.1")):
        assert client_address(forwarded, proxies) == address
    for given, address in (
        ("203.0.113.9:5000", "203.0.113.9"),
        ("2001:db8:0:1:2::3", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1:9::9]:5000", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::1", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("[::ffff:203.0.113.9]:5000", "203.0.113.9"),
        ("::ffff:cb00:7109", "203.0.113.9"),
        ("no address", "no address"),
    ):
        assert client_address({"REMOTE_ADDR": given}, 0) == address
        assert client_address({"HTTP_X_FORWARDED_FOR": given}, 1) == address


def test_a_network_of_ipv6_is_one_client(patient):
    queue = patient.extensions["asking"].admission
    with queue.enter("2001:db8:0:1::/64"):
        assert ask(patient, "ASK {}", "2001:db8:0:1::7").status_code == 429


def test_an_unknown_function_is_told_and_not_logged(client, caplog):
    for query in (
        "SELECT (<http://e.example/f>(1) AS ?x) {}",
        "PREFIX e: <http://e.example/> SELECT * { ?s ?p ?o FILTER(e:f(?o)) }",
    ):
        answer = client.get("/en/sparql", query_string={"query": query}, headers={"Accept": "application/json"})
        assert answer.status_code == 400
        assert answer.json["detail"] == "The function <http://e.example/f> is not known here."
        assert [each["code"] for each in answer.json["advice"]] == ["refused"]
        page = client.get("/sparql", query_string={"query": query}, headers=PEOPLE)
        assert (page.status_code, "Funksjonen" in page.text) == (400, True)
    assert not caplog.records


def test_health_says_how_queries_are_held(client):
    assert client.get("/sparql", query_string={"query": "ASK {}"}).status_code == 200
    queries = client.get("/health").json["queries"]
    assert queries["isolated"] is True
    assert queries["seccomp"] in (True, False)


def test_metrics_are_in_the_text_format(client):
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE innherred_queries_total counter\n" in answer.text
    assert 'innherred_queries_total{outcome="answered"} ' in answer.text


def test_a_generation_that_is_replaced_keeps_its_processes_until_its_last_request(settings, tmp_path):
    link = tmp_path / "current"
    shutil.copytree(current(settings.state).path, tmp_path / "copy")
    link.symlink_to(current(settings.state).path)
    serving = Serving(replace(settings, state=tmp_path, query_deadline=30))
    held = [serving.get()]
    until(lambda: len(held[0].store.workers.processes()) == 2 * settings.query_workers + 1)
    processes = held[0].store.workers.processes()
    link.unlink()
    link.symlink_to(tmp_path / "copy")
    until(lambda: serving.get() is not held[0])
    assert b"true" in held[0].store.answer("ASK { ?s ?p ?o }", None, RESULTS_JSON, held[0].limits).body
    assert set(held[0].store.workers.processes()) == set(processes)
    assert not set(serving.get().store.workers.processes()) & set(processes)
    held.clear()
    until(lambda: not any(map(is_running, processes)))
    serving.get().store.close()


def test_a_killed_process_is_not_noticed_by_who_asks(limited):
    until(lambda: ask(limited, "ASK {}").status_code == 200)
    before = counts(limited)["innherred_query_workers_started_total"]
    ask(limited, HOG)
    assert ask(limited, "ASK {}").status_code == 200
    until(lambda: counts(limited)["innherred_query_workers_started_total"] > before)
    assert threading.active_count() < 20
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


@pytest.mark.parametrize(("kind", "status"), [(AnswerTooLarge, 422), (DeadlineExceeded, 503)])
def test_a_limit_that_another_server_met_is_told_without_one_of_ours(app, kind, status):
    with app.test_request_context("/sparql"):
        found = query_problem(kind("The SPARQL server ended it."))
    assert (found.status, found.detail) == (status, "The SPARQL server ended it.")
    assert found.members.keys() == set()

"""Answers that are kept: the right one is given, bounds hold, errors are never kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.mediatypes import RESULTS_CSV, RESULTS_JSON
from app.store.interface import Answer
from app.terms import Dataset, Iri
from app.web import create_app
from app.web.answering import ResultsCache, cache_key
from tests.web.conftest import Client

G = Iri("http://example.org/g")


def answer(size=10):
    return Answer(b"x" * size, RESULTS_JSON, 0.1)


@pytest.fixture
def counted():
    return []


def test_the_key_tells_apart_whatever_changes_an_answer():
    asked = [
        ("f", "ASK {}", None, RESULTS_JSON),
        ("g", "ASK {}", None, RESULTS_JSON),
        ("f", "ASK { }", None, RESULTS_JSON),
        ("f", "ASK {}", Dataset(default=(G,)), RESULTS_JSON),
        ("f", "ASK {}", Dataset(named=(G,)), RESULTS_JSON),
        ("f", "ASK {}", Dataset(default=()), RESULTS_JSON),
        ("f", "ASK {}", None, RESULTS_CSV),
    ]
    assert len({cache_key(*each) for each in asked}) == len(asked)
    assert cache_key("f", "ASK {}", None, RESULTS_JSON) == cache_key("f", "ASK {}", Dataset(), RESULTS_JSON)
    assert cache_key("f", "\ud800", None, RESULTS_JSON)


def test_the_one_asked_for_longest_ago_makes_room(counted):
    cache = ResultsCache(1_000_000, 2, counted.append)
    for name in (b"a", b"b"):
        cache.put(name, answer())
    assert cache.get(b"a") is not None
    cache.put(b"c", answer())
    assert (cache.get(b"b"), cache.peek(b"a") is None, cache.peek(b"c") is None) == (None, False, False)
    assert counted == ["cache_hit", "cache_evicted", "cache_miss"]


def test_bytes_are_bounded_and_one_answer_never_takes_all(counted):
    cache = ResultsCache(40_000, 1000, counted.append)
    cache.put(b"large", answer(10_001))
    assert cache.get(b"large") is None
    for number in range(100):
        cache.put(b"%d" % number, answer(5_000))
        assert cache.bytes <= 40_000
    assert cache.peek(b"99") is not None
    assert counted.count("cache_evicted") > 90


@pytest.mark.parametrize(("size", "entries"), [(0, 10), (10_000, 0)])
def test_nothing_is_kept_where_nothing_may_be(size, entries, counted):
    cache = ResultsCache(size, entries, counted.append)
    cache.put(b"a", answer())
    assert cache.get(b"a") is None
    assert cache.bytes == 0


def test_many_threads_leave_the_count_of_bytes_right(counted):
    cache = ResultsCache(100_000, 7, counted.append)
    with ThreadPoolExecutor(8) as threads:
        list(
            threads.map(
                lambda n: (cache.get(b"%d" % (n % 20)), cache.put(b"%d" % (n % 20), answer(n % 20))), range(4000)
            )
        )
    kept = [found for n in range(20) if (found := cache.peek(b"%d" % n))]
    assert len(kept) == 7
    assert cache.bytes == sum(len(each.body) + 1024 for each in kept)


@pytest.fixture(scope="module")
def cached(settings, tmp_path_factory):
    state = tmp_path_factory.mktemp("cached")
    for name in ("current", "generations"):
        (state / name).symlink_to(settings.state / name)
    app = create_app(replace(settings, state=state, answer_bytes=20_000))
    app.test_client_class = Client
    return app


def ask(app, query, **parameters):
    return app.test_client().get("/sparql", query_string={"query": query, **parameters})


def counts(app):
    lines = [line.rpartition(" ") for line in app.test_client().get("/metrics").text.splitlines() if line[0] != "#"]
    return {name.removeprefix("innherred_result_cache_"): float(value) for name, _, value in lines}


def test_a_query_asked_again_is_answered_without_the_store(cached, monkeypatch):
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s LIMIT 7"
    first, before = ask(cached, query), counts(cached)
    with monkeypatch.context() as patch:
        patch.setattr(type(cached.extensions["asking"].admission), "enter", None)
        again = ask(cached, query)
    assert first.status_code == again.status_code == 200
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    after = counts(cached)
    assert after["hits_total"] == before["hits_total"] + 1
    assert after["bytes"] > len(first.data)
    assert ask(cached, query, format="csv").mimetype == "text/csv"
    assert counts(cached)["misses_total"] == after["misses_total"] + 1


def test_questions_are_kept_too(cached):
    before = counts(cached)["hits_total"]
    for _ in range(2):
        assert cached.test_client().get("/queries/said.csv").status_code == 200
    assert counts(cached)["hits_total"] == before + 1


def test_errors_are_not_kept(cached):
    for query in ("SELECT", "SELECT * { ?a ?b ?c . ?d ?e ?f }"):
        before = counts(cached)
        assert [ask(cached, query).status_code for _ in range(2)] in ([400, 400], [422, 422])
        assert counts(cached)["hits_total"] == before["hits_total"]
        assert counts(cached)["bytes"] == before["bytes"]


def test_a_generation_that_may_not_be_trusted_keeps_nothing(cached, monkeypatch):
    serving = cached.extensions["serving"]
    found = serving.get()
    monkeypatch.setattr(serving, "get", lambda: replace(found, keeps_answers=False))
    before = counts(cached)
    for _ in range(2):
        assert ask(cached, "SELECT * { ?s ?p ?o } LIMIT 3").status_code == 200
    assert counts(cached)["hits_total"] == before["hits_total"]


CHANGING = ("NOW()", "RAND()", "UUID()", "STRUUID()", "BNODE()")


@pytest.mark.parametrize("call", CHANGING)
@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json", "text/html"])
def test_what_changes_by_itself_is_neither_kept_nor_tagged(client, call, accept):
    asked = {"query_string": {"query": f"SELECT ({call} AS ?x) {{}}"}, "headers": {"Accept": accept}}
    first, second = client.get("/sparql", **asked), client.get("/sparql", **asked)
    assert (first.status_code, second.status_code) == (200, 200)
    # A page does not show the name of a blank node.
    assert first.data != second.data or (accept, call) == ("text/html", "BNODE()")
    for answer in (first, second):
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_only_names_it_is_kept_and_tagged(client):
    asked = {"query_string": {"query": "SELECT ('NOW()' AS ?now) {}"}, "headers": {"Accept": "text/csv"}}
    first = client.get("/sparql", **asked)
    assert client.get("/sparql", **asked).headers["ETag"] == first.headers["ETag"]

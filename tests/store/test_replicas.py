"""Several servers with the same data: reads fail over, and what is published is seen whole or not at all."""

import shutil
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.build.builder import build
from app.cli.exporting import publish_generation
from app.cli.options import Failure, Misuse
from app.config import Settings
from app.content.folders import Content
from app.errors import QueryError, QuerySyntaxError
from app.progress import Progress
from app.store.opening import replicated
from app.store.remote import RemoteStore
from app.store.replication import Publisher
from app.terms import Iri
from app.web import create_app, serving
from tests.store import servers
from tests.waiting import until

QUIET = Progress(quiet=True)
COUNT = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
START = {"fuseki": servers.fuseki, "oxigraph": servers.oxigraph}
FOLDER = Path(__file__).parents[1] / "web" / "content"


@contextmanager
def two(kind, tmp_path):
    with ExitStack() as stack:
        folders = [tmp_path / f"{kind}-{number}" for number in (1, 2)]
        for folder in folders:
            folder.mkdir()
        yield [stack.enter_context(START[kind](folder)) for folder in folders]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Give settings, and two generations in one state folder: the second has five triples more."""
    folder = tmp_path_factory.mktemp("replicas")
    shutil.copytree(FOLDER, folder / "content")
    settings = Settings(content=folder / "content", state=folder / "state")

    def built():
        return build(Content.open(settings.content), settings, as_of=date(2026, 11, 22), progress=QUIET)

    first = built()
    town, note = "http://example.org/havdal/id/town/bekk", "http://www.w3.org/2004/02/skos/core#note"
    lines = [f'<{town}> <{note}> "note {number}"@en .\n' for number in range(5)]
    (folder / "content" / "data" / "interpretation" / "more.ttl").write_text("".join(lines))
    return settings, first, built()


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """Look for what is new at each request."""
    monkeypatch.setattr(serving, "_LOOK", 0.0)


def switch(settings, generation):
    """Make a generation the current one, as ``build`` does with a new one."""
    link = settings.state / "next"
    link.symlink_to(generation.path)
    link.replace(settings.state / "current")


def over(settings, *all_servers):
    """Give settings with the addresses of servers."""
    queries, updates = (" ".join(each) for each in zip(*((s.query, s.update) for s in all_servers), strict=True))
    return replace(settings, store=queries, store_update=updates)


def count(app):
    answer = app.test_client().get("/sparql", query_string=COUNT)
    assert answer.status_code == 200, answer.text
    return int(answer.json["results"]["bindings"][0]["n"]["value"])


def health(app):
    return app.test_client().get("/health").json


@contextmanager
def asking(ask):
    """Ask all the time in two threads; give the answers so far, and raise what one of them raised."""
    found, ended = [], threading.Event()

    def go():
        while not ended.is_set():
            found.append(ask())

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(go) for _ in range(2)]
        try:
            yield found
        finally:
            ended.set()
        for each in running:
            each.result()


def test_what_one_put_replaces_is_seen_whole_or_not_at_all(place, tmp_path):
    settings, first, second = place
    with servers.fuseki(tmp_path) as server:
        settings = over(settings, server)
        switch(settings, first)
        publish_generation(settings, QUIET, again=False)
        app = create_app(settings)
        before = count(app)
        assert health(app)["status"] == "ok"
        switch(settings, second)
        assert health(app)["version"] == first.manifest.version  # until it is published
        with asking(lambda: count(app)) as seen:
            until(lambda: len(seen) > 4)
            publish_generation(settings, QUIET, again=False)
            until(lambda: seen[-1] != before)
        assert set(seen) == {before, count(app)}
        assert count(app) > before
        assert (health(app)["version"], health(app)["status"]) == (second.manifest.version, "ok")


@pytest.mark.parametrize("kind", ["oxigraph", "fuseki"])
def test_one_after_another_is_written_while_the_other_answers(place, tmp_path, kind):
    settings, first, second = place
    with two(kind, tmp_path) as both:
        settings = over(settings, *both)
        switch(settings, first)
        publish_generation(settings, QUIET, again=False)
        app = create_app(settings)
        before = count(app)
        switch(settings, second)
        with asking(lambda: count(app)) as seen:
            until(lambda: len(seen) > 4)
            told = publish_generation(settings, QUIET, again=False)
            until(lambda: seen[-1] != before)
        assert set(seen) == {before, count(app)}
        assert told.count("is in the store") == 2
        assert (health(app)["version"], health(app)["status"]) == (second.manifest.version, "ok")
        page = app.test_client().get("/doc/town/bekk", headers={"Accept": "text/html"})
        assert (page.status_code, "note 4" in page.text) == (200, True)


def test_a_killed_server_is_not_felt_and_one_that_is_behind_is_left_out(place, tmp_path):
    settings, first, second = place
    with two("fuseki", tmp_path) as (one, other):
        settings = over(settings, one, other)
        switch(settings, first)
        publish_generation(over(settings, one), QUIET, again=False)
        switch(settings, second)
        publish_generation(over(settings, other), QUIET, again=False)
        app = create_app(settings)
        number = count(app)
        assert [each["matches"] for each in health(app)["store"]["servers"]] == [False, True]
        assert health(app)["status"] == "degraded"
        publish_generation(settings, QUIET, again=False)
        until(lambda: health(app)["status"] == "ok")
        with asking(lambda: count(app)) as seen:
            until(lambda: len(seen) > 10)
            one.process.kill()
            one.process.wait()
            already = len(seen)
            until(lambda: len(seen) > already + 20)
        assert set(seen) == {number}
        assert app.test_client().get("/doc/town/bekk").status_code == 200
        report = health(app)
        assert (report["status"], report["store"]["answers"]) == ("degraded", True)
        assert [each["answers"] for each in report["store"]["servers"]] == [False, True]
        assert all(each.rpartition(":")[2] not in str(report) for each in (one.query, other.query))
        # Who publishes hears of it, and the one that is there has it already.
        with pytest.raises(Failure, match=r"(?s)Server 2 of 2: .*there already.*Server 1 of 2: Not published"):
            publish_generation(settings, QUIET, again=False)


def test_a_query_is_to_blame_for_its_own_faults_and_a_hung_server_is_not(place, oxigraph):
    settings, _, second = place
    switch(settings, second)
    settings = over(settings, oxigraph)
    publish_generation(settings, QUIET, again=True)
    with socket.socket() as silent, closing(replicated(_with_silent(settings, silent), second.manifest)) as store:
        assert store.ask("ASK { ?s ?p ?o }")
        assert [each["answers"] for each in store.told()] == [False, True]
        with pytest.raises(QuerySyntaxError):
            store.select("SELECT * { ?s ?p }")
        with pytest.raises(QueryError, match="not an ASK"):
            store.ask("SELECT * {}")


def _with_silent(settings, listening):
    """Give settings with a server in front that takes connections and never answers."""
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/sparql"
    return replace(
        settings,
        store=f"{address} {settings.store}",
        store_update=f"{address} {settings.store_update}",
        store_timeout=1,
    )


def test_what_others_keep_on_a_server_stays(place, oxigraph):
    settings, first, second = place
    theirs = "INSERT DATA { GRAPH <http://example.org/theirs> { <http://example.org/s> <http://example.org/p> 1 } }"
    publisher = Publisher(oxigraph.endpoint, "http://example.org/havdal/")
    publisher._change(theirs)
    publisher.close()
    settings = over(settings, oxigraph)
    for generation in (first, second):
        switch(settings, generation)
        publish_generation(settings, QUIET, again=True)
    with closing(RemoteStore(oxigraph.endpoint)) as store:
        assert store.graphs()[Iri("http://example.org/theirs")] == 1
        assert Iri("http://example.org/havdal/graph/publishing") not in store.graphs()


def test_a_graph_store_is_found_only_where_it_is_of_the_same_dataset(oxigraph, fuseki, virtuoso):
    for server, ends in ((oxigraph, "/store?no_transaction"), (fuseki, "/ds/data"), (virtuoso, None)):
        publisher = Publisher(server.endpoint, "http://example.org/found/")
        publisher.begin([])
        assert (publisher._data[0].endswith(ends) if publisher._data else None) is (True if ends else None)
        publisher.close()
    elsewhere = replace(oxigraph.endpoint, data=fuseki.query + "/data")
    publisher = Publisher(elsewhere, "http://example.org/found/")
    publisher.begin([])
    assert publisher._data is None
    publisher.close()


def test_addresses_that_do_not_go_together_are_refused(place):
    settings, _, _ = place
    with pytest.raises(Misuse, match="as many addresses"):
        publish_generation(
            replace(settings, store="http://a.example/ http://b.example/", store_update="http://a.example/"),
            QUIET,
            again=False,
        )

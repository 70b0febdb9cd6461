"""A store on disk, pools of processes over it, and servers of others."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.build.builder import build
from app.cli.exporting import publish_generation
from app.config import Settings
from app.content.folders import Content
from app.generation import current
from app.progress import Progress
from app.store.forked import Forked, Forks
from app.store.interface import Limits
from app.store.loading import StoreWriter
from app.store.workers import Confinement, Workers, environment
from app.terms import Iri, Literal
from tests.store import servers
from tests.waiting import until

LIMITS = Limits(query_length=262_144, query_nesting=100, answer_bytes=1_000_000)
GRAPH = Iri("http://example.org/graph")
TRIPLES = 3000
RUN = f"tests {os.getpid()}"


def are_forked(pool):
    """Say whether all processes of a pool were forked from the one that has the data in memory."""
    with pool._changed:
        every = 2 * pool._confinement.size + 1
        return len(pool._all) == every and all(isinstance(each.process, Forked) for each in pool._all)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("isolated") / "store"
    with StoreWriter(found) as writer:
        predicate = Iri("http://example.org/p")
        triples = ((Iri(f"http://example.org/{n}"), predicate, Literal(f"value {n}")) for n in range(TRIPLES))
        writer.add((triple, GRAPH) for triple in triples)
        writer.merge_into_default([GRAPH])
    return found


@pytest.fixture(scope="session")
def forks(folder):
    """Give the fork server that those of pools find."""
    found = Forks(folder, RUN, environment())
    found.keep(lambda: None)
    until(lambda: found.ready)
    yield found
    found.close()


@pytest.fixture(params=["disk", "memory"])
def start(folder, request):
    """Give a function that starts a pool; its events are in ``pool.events``."""
    pools = []
    if request.param == "memory":
        request.getfixturevalue("forks")

    def start_pool(*, size=2, deadline=30.0, memory=1_300_000_000, stack=67_108_864, limits=LIMITS):
        events = []
        forks = Forks(folder, RUN, environment()) if request.param == "memory" else None
        pool = Workers(folder, Confinement(size, deadline, memory, stack), limits, events.append, forks)
        pool.events = events
        pools.append(pool)
        if forks is not None and memory > 500_000_000:
            until(lambda: are_forked(pool))
            events.clear()
        return pool

    yield start_pool
    for pool in pools:
        pool.close()


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory):
    with servers.virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


@pytest.fixture(scope="session")
def fuseki(tmp_path_factory):
    with servers.fuseki(tmp_path_factory.mktemp("fuseki")) as server:
        yield server


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory):
    with servers.oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(scope="session")
def shards(tmp_path_factory):
    """Give the front over two shards, and these."""
    with ExitStack() as stack:
        folders = [tmp_path_factory.mktemp("shards") for _ in range(3)]
        both = [stack.enter_context(servers.oxigraph(folder)) for folder in folders[:2]]
        addresses = [each.query for each in both]
        yield stack.enter_context(servers.front(folders[2], addresses, "--seconds", "600")), both


@pytest.fixture(scope="session", params=["virtuoso", "fuseki"])
def server_of_others(request):
    return request.getfixturevalue(request.param)


def _build(content, tmp_path_factory):
    settings = Settings(content=content, state=tmp_path_factory.mktemp("state"))
    return build(Content.open(settings.content), settings, as_of=None, progress=Progress(quiet=True))


def _publish(generation, server):
    """Give the settings of an application over a server that holds a generation."""
    found = Settings(
        content=generation.path,
        state=generation.path.parents[1],
        store=server.query,
        store_update=server.update,
        store_user=server.user,
        store_password=server.password,
    )
    assert "is in the store" in publish_generation(found, Progress(quiet=True), again=False)
    return found


@pytest.fixture(scope="session")
def generation(shipped_state, tmp_path_factory):
    """Give the built shipped content, in a state folder of these tests."""
    state = tmp_path_factory.mktemp("state") / "shipped"
    shutil.copytree(shipped_state, state, symlinks=True)
    return current(state)


@pytest.fixture(scope="session")
def published(server_of_others, generation):
    return _publish(generation, server_of_others)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Build a content of a few triples."""
    return _build(Path(__file__).parents[1] / "web" / "content", tmp_path_factory)


@pytest.fixture(scope="session")
def small_published(server_of_others, small):
    return _publish(small, server_of_others)

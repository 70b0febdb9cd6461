"""A store on disk, and pools of processes over it."""

import pytest

from app.store.interface import Limits
from app.store.loading import StoreWriter
from app.store.process import Confinement
from app.store.workers import Workers
from app.terms import Iri, Literal

LIMITS = Limits(query_length=262_144, query_nesting=100, answer_bytes=1_000_000)
GRAPH = Iri("http://example.org/graph")
TRIPLES = 3000


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("isolated") / "store"
    with StoreWriter(found) as writer:
        predicate = Iri("http://example.org/p")
        triples = ((Iri(f"http://example.org/{n}"), predicate, Literal(f"value {n}")) for n in range(TRIPLES))
        writer.add((triple, GRAPH) for triple in triples)
        writer.merge_into_default([GRAPH])
    return found


@pytest.fixture
def start(folder):
    """Give a function that starts a pool; its events are in ``pool.events``."""
    pools = []

    def start_pool(*, size=2, deadline=30.0, memory=1_300_000_000, stack=67_108_864, limits=LIMITS):
        events = []
        pool = Workers(folder, Confinement(size, deadline, memory, stack), limits, events.append)
        pool.events = events
        pools.append(pool)
        return pool

    yield start_pool
    for pool in pools:
        pool.close()

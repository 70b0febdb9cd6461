"""The shipped content in a store: as the build puts it together, without checks and without what is entailed."""

from pathlib import Path

import pytest

from app.content.folders import Content
from app.quality.scan import Scan
from app.store.embedded import EmbeddedStore
from tests.scanned import scanned

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def store() -> EmbeddedStore:
    """Give the named graphs of the content, and their merge as the default graph."""
    scan = Scan(Content.open(ROOT))
    quads = list(scanned(scan))
    assert scan.complete, [str(problem.message) for problem in scan.problems()]
    merged = {(triple, None) for triple, graph in quads if graph in scan.merged}
    return EmbeddedStore.in_memory([*quads, *merged])

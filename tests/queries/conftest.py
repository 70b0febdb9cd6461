"""The shipped content in a store: as the build puts it together, without checks and without what is entailed."""

from pathlib import Path

import pytest

from app.content.folders import Content
from app.namespaces import DCTERMS_VALID
from app.quality.scan import Scan
from app.store.embedded import EmbeddedStore
from app.terms import Iri, typed
from tests.scanned import scanned

ROOT = Path(__file__).parents[2]
BASE = "https://w3id.org/innherred/"


@pytest.fixture(scope="session")
def store() -> EmbeddedStore:
    """Give the named graphs of the content, and their merge as the default graph."""
    scan = Scan(Content.open(ROOT))
    quads = list(scanned(scan))
    assert scan.complete, [str(problem.message) for problem in scan.problems()]
    # As the build notes it.
    quads.append(
        ((Iri(BASE + "catalog#dataset"), DCTERMS_VALID, typed("2026-11-22", "date")), Iri(BASE + "graph/catalog"))
    )
    merged = {(triple, None) for triple, graph in quads if graph in scan.merged}
    return EmbeddedStore.in_memory([*quads, *merged])

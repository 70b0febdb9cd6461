"""The queries that the engine asks are files: each runs as it stands, and says what it gives in both languages."""

import pytest

from app.catalog.statistics import SAMPLE
from app.config import defaults
from app.mediatypes import N_TRIPLES, RESULTS_JSON
from app.query.files import load
from app.query.library import ENGINE, engine_query
from app.store.embedded import EmbeddedStore
from app.store.interface import Limits

FOLDER = defaults() / "queries"
PATHS = sorted(path for name in ENGINE for path in (FOLDER / name).glob("*.rq"))
LIMITS = Limits(query_length=100_000, query_nesting=50, answer_bytes=100_000)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_engine_query_runs_as_it_stands(path):
    file = load(path)
    assert set(file.title) == {"nb", "en"}
    graph = file.form in ("CONSTRUCT", "DESCRIBE")
    EmbeddedStore.in_memory([]).answer(file.text, None, N_TRIPLES if graph else RESULTS_JSON, LIMITS)
    assert "#+" not in engine_query(path.relative_to(FOLDER).with_suffix("").as_posix())


def test_the_sample_that_is_told_is_the_one_that_is_asked_for():
    assert f"LIMIT {SAMPLE} " in engine_query("engine/class-properties")

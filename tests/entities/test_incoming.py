"""Parts of a long answer fit together, sorted or not."""

import pyoxigraph as ox
import pytest

from app.entities import incoming
from app.store.embedded import EmbeddedStore
from app.terms import Iri

HUB = Iri("http://example.org/hub")
QUERY, ORDER = "SELECT DISTINCT ?s ?p WHERE { ?s ?p ?this }", "ORDER BY ?p ?s"


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    made = ox.Store()
    link, hub = ox.NamedNode("http://example.org/link"), ox.NamedNode(HUB)
    made.extend(ox.Quad(ox.NamedNode(f"http://example.org/{n:03}"), link, hub) for n in range(250))
    return EmbeddedStore(made)


def parts(store: EmbeddedStore) -> list[str]:
    values = {"this": HUB}
    return [
        str(row["s"])
        for start in range(0, 300, 50)
        for row in incoming.window(store, QUERY, ORDER, values, None, (50, start))
    ]


def test_few_rows_are_sorted(store: EmbeddedStore) -> None:
    found = parts(store)
    assert found == sorted(found)
    assert len(found) == 250


def test_many_rows_come_each_once_in_the_order_of_the_store(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "SORTED", 100)
    found = parts(store)
    assert len(set(found)) == len(found) == 250
    assert found == parts(store)
    assert found != sorted(found)


def test_a_store_that_keeps_no_order_sorts_all(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "SORTED", 100)
    monkeypatch.setattr(store, "keeps_order", False)
    found = parts(store)
    assert found == sorted(found)


def test_who_has_counted_the_rows_need_not_count_again(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        store, "select", lambda query, *given: asked.append(query) or type(store).select(store, query, *given)
    )
    monkeypatch.setattr(incoming, "SORTED", 100)
    values = {"this": HUB}
    incoming.window(store, QUERY, ORDER, values, None, (50, 0), 100)
    incoming.window(store, QUERY, ORDER, values, None, (50, 0), 101)
    assert [ORDER in query for query in asked] == [True, False]

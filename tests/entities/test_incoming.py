"""Parts of a long answer fit together, sorted or not."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from app.entities import incoming, panels
from app.entities.classes import Classes
from app.namespaces import RDF_TYPE, RDFS_SUBCLASS_OF
from app.query.files import load
from app.store.embedded import EmbeddedStore
from app.store.interface import AnswersKept
from app.terms import Iri

HUB, LINK = Iri("http://example.org/hub"), Iri("http://example.org/link")
QUERY, ORDER = "SELECT DISTINCT ?s ?p WHERE { ?s ?p ?this }", "ORDER BY ?p ?s"


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    made = ox.Store()
    link, hub = ox.NamedNode(LINK), ox.NamedNode(HUB)
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


@pytest.fixture
def asked(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that the store is asked."""
    found: list[str] = []
    monkeypatch.setattr(
        store, "select", lambda query, *given: found.append(query) or type(store).select(store, query, *given)
    )
    return found


@pytest.mark.parametrize("keeps_order", [True, False])
def test_what_very_many_point_to_is_counted_once_where_the_store_does_not_change(
    store: EmbeddedStore, asked: list[str], monkeypatch: pytest.MonkeyPatch, keeps_order: bool
) -> None:
    monkeypatch.setattr(incoming, "_READ", 100)
    monkeypatch.setattr(store, "keeps_order", keeps_order)
    kept: AnswersKept[list[incoming.IncomingGroup]] = AnswersKept()
    first = incoming.groups(store, HUB, None, Classes({}), kept)
    assert [each.count for each in first] == [250]
    before = len(asked)
    own = incoming.engine_query("pages/Thing/pointing")
    assert incoming.groups(store, HUB, None, Classes({}), kept) == first
    assert incoming.mentions(store, HUB, None, Classes({}), own, kept) == first
    assert (len(asked) == before) is keeps_order


@pytest.mark.parametrize("keeps_order", [True, False])
def test_what_many_point_to_is_read_once_where_the_store_does_not_change(
    store: EmbeddedStore, asked: list[str], monkeypatch: pytest.MonkeyPatch, keeps_order: bool
) -> None:
    monkeypatch.setattr(store, "keeps_order", keeps_order)
    kept: AnswersKept[list[incoming.IncomingGroup]] = AnswersKept()
    own = incoming.engine_query("pages/Thing/pointing")
    first = incoming.mentions(store, HUB, None, Classes({}), own, kept)
    assert [each.count for each in first] == [250]
    before = len(asked)
    assert incoming.mentions(store, HUB, None, Classes({}), own, kept) == first
    assert (len(asked) == before) is keeps_order
    # By predicate and class it is another answer.
    assert [each.predicate for each in incoming.groups(store, HUB, None, Classes({}), kept)] == [LINK]


@pytest.mark.parametrize("related", [True, False])
def test_very_many_are_counted_under_their_narrowest_class(monkeypatch: pytest.MonkeyPatch, related: bool) -> None:
    wide, narrow = (Iri(f"http://example.org/{name}") for name in ("Wide", "Narrow"))
    made = [((Iri(f"http://example.org/{n}"), LINK, HUB), None) for n in range(15)]
    made += [((Iri(f"http://example.org/{n}"), RDF_TYPE, narrow), None) for n in range(10)]
    made += [((Iri(f"http://example.org/{n}"), RDF_TYPE, wide), None) for n in range(15) if related or n >= 10]
    made += [((narrow, RDFS_SUBCLASS_OF, wide), None)] if related else []
    store = EmbeddedStore.in_memory(made)
    classes = Classes.read(store)
    few = incoming.groups(store, HUB, None, classes)
    asked: list[str] = []
    monkeypatch.setattr(
        store, "select", lambda query, *given: asked.append(query) or EmbeddedStore.select(store, query, *given)
    )
    monkeypatch.setattr(incoming, "_READ", 3)
    many = incoming.groups(store, HUB, None, classes)
    assert many == few
    assert {(each.class_, each.count) for each in many} == {(narrow, 10), (wide, 5)}
    assert sum("COUNT(DISTINCT ?subject)" in query for query in asked) == (2 if related else 1)


def test_a_panel_with_more_rows_than_are_shown_is_asked_once_unless_it_may_change_by_itself(
    store: EmbeddedStore, asked: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(panels, "MOST_ROWS", 200)
    kept: AnswersKept[panels.Panel] = AnswersKept()
    for text, times in (
        ("SELECT ?s WHERE { ?s ?p ?this }", 1),
        ("SELECT ?s WHERE { ?s ?p ?this FILTER(NOW() = NOW()) }", 2),
        ("SELECT ?s WHERE { { SELECT ?s ?this WHERE { ?s ?p ?this } LIMIT 150 } }", 2),
    ):
        path = tmp_path / "10-panel.rq"
        path.write_text(f"#+ title: {{nb: Ting, en: Things}}\n{text}\n", encoding="utf-8")
        file = load(path)
        asked.clear()
        one, other = (panels.run_panel(store, file, HUB, None, kept) for _ in range(2))
        assert one.total == other.total == len(set(one.table.rows)) + max(0, one.total - 200)
        assert len(asked) == times, text


def test_panels_about_no_one_thing_are_asked_once_each_file_by_itself(
    store: EmbeddedStore, asked: list[str], tmp_path: Path
) -> None:
    kept: AnswersKept[panels.Panel] = AnswersKept()
    for name, view in (("10-map", "map"), ("20-table", "table")):
        path = tmp_path / f"{name}.rq"
        path.write_text(
            f"#+ title: {{nb: Ting, en: Things}}\n#+ view: {view}\nSELECT ?s {{ ?s ?p ?o }} LIMIT 3\n", "utf-8"
        )
        file = load(path)
        asked.clear()
        found = [panels.run_panel(store, file, None, None, kept) for _ in range(2)]
        assert [(each.file.name, each.file.view, each.total) for each in found] == 2 * [(name, view, 3)]
        assert len(asked) == 1


def test_no_more_than_so_many_answers_are_kept() -> None:
    kept: AnswersKept[int] = AnswersKept(2)
    for number in range(3):
        kept.keep(number, number)
    assert [kept.get(number) for number in range(3)] == [None, None, 2]

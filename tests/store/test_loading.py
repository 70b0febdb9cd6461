"""Loading large files: beside other work and in parts; errors are told, blank nodes keep their labels."""

import shutil
import threading
from pathlib import Path

import pytest

from app.store import loading
from app.store.embedded import EmbeddedStore
from app.store.loading import BulkLoad, StoreWriter
from app.terms import BlankNode, Iri, Literal

E = "https://example.org/"
G, H = E + "g", E + "h"
ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@pytest.mark.parametrize("small", [0, 1 << 20])
def test_a_default_graph_is_loaded_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    monkeypatch.setattr(loading, "_SMALL", small)
    monkeypatch.setattr(loading, "_BLOCK", 500)
    values = [f'"{n} <{G}> ."' for n in range(100)]
    lines = sorted(f"<{E}a> <{E}p> {value} <{graph}> .\n" for value in values for graph in (G, H))
    lines += [f'<{E}a> <{E}p> "only in other" <{E}other> .\n', f"_:c14n0 <{E}p> _:c14n1 <{G}> .\n"]
    path = tmp_path / "all.nq"
    path.write_text("".join(lines), encoding="utf-8")
    with StoreWriter(tmp_path / "store") as writer:
        writer.load_default(path, {Iri(G), Iri(H)})
        writer.settle()
        assert sorted(each.name for each in tmp_path.iterdir()) == ["all.nq", "store"]
        found = set(writer.store.construct(ALL))
    assert {str(o) for s, _, o in found if s == E + "a"} == {value[1:-1] for value in values}
    assert (BlankNode("c14n0"), Iri(E + "p"), BlankNode("c14n1")) in found
    assert len(found) == 101


def runs(folder: Path) -> list[Path]:
    paths = [folder / f"{number}.nq" for number in range(60)]
    for number, path in enumerate(paths):
        path.write_text("".join(f"<{E}a> <{E}p> <{E}{n}> <{E}{number}> .\n" for n in range(2000)))
    return paths


def test_files_are_one_load(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "store") as writer:
        for path in runs(tmp_path):
            writer.load_beside(path)
        writer.settle()
        assert set(writer.store.graphs().values()) == {2000}
        writer.load_beside(tmp_path / "1.nq")
    store = EmbeddedStore.open(tmp_path / "store")
    assert len(store.graphs()) == 60
    store.close()


@pytest.mark.parametrize("length", [1, 1_000_000])
def test_what_cannot_be_loaded_beside_is_told(tmp_path: Path, length: int) -> None:
    bad = tmp_path / "bad.nq"
    bad.write_text("no quad\n" * length)
    writer = StoreWriter(tmp_path / "store")
    writer.load_beside(bad)
    with pytest.raises(SyntaxError):
        writer.settle()
    writer = StoreWriter(tmp_path / "other")
    writer.load_beside(bad)
    with pytest.raises(SyntaxError):
        writer.__exit__(None, None, None)


def test_who_is_interrupted_while_waiting_leaves_no_load_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_feed: BulkLoad) -> None:
        raise KeyboardInterrupt

    writer = StoreWriter(tmp_path / "store")
    for path in runs(tmp_path):
        writer.load_beside(path)
    monkeypatch.setattr(BulkLoad, "close", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.settle()
    assert "bulk-load" in {thread.name for thread in threading.enumerate()}
    writer.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "bulk-load" not in {thread.name for thread in threading.enumerate()}
    shutil.rmtree(tmp_path / "store")


def test_after_an_error_what_was_given_is_not_loaded(tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path / "store")
    for path in runs(tmp_path):
        writer.load_beside(path)
    writer.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    with pytest.raises(ValueError, match="closed"):
        writer.add([])
    store = EmbeddedStore.open(tmp_path / "store")
    assert store.graphs() == {}
    store.close()


def test_the_copy_to_ask_has_some_graphs_and_their_merge_and_no_other(tmp_path):
    one, two, other = (Iri(f"http://example.org/graph/{name}") for name in ("one", "two", "other"))
    said = (Iri("http://example.org/a"), Iri("http://example.org/p"), Literal("said"))
    with StoreWriter(tmp_path / "store") as writer:
        writer.add([(said, one), (said, two), ((said[0], said[1], Literal("made")), other)])
        store, dataset = writer.beside([one, two])
        assert dataset is None
        assert [row["o"] for row in store.select("SELECT ?o WHERE { ?s ?p ?o }").rows] == [said[2]]
        assert {row["g"] for row in store.select("SELECT ?g WHERE { GRAPH ?g { ?s ?p ?o } }").rows} == {one, two}
        assert set(writer.store.graphs()) == {one, two, other}

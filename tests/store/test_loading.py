"""Loading large files: beside other work and in parts; errors are told, blank nodes keep their labels."""

from functools import partial
from pathlib import Path

import pytest

from app.store import defaults, loading
from app.store.defaults import default_parts
from app.store.embedded import EmbeddedStore
from app.store.loading import StoreWriter
from app.terms import BlankNode, Iri

E = "https://example.org/"
G, H = E + "g", E + "h"
ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def test_a_large_default_graph_is_loaded_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "default_parts", partial(default_parts, size=30))
    monkeypatch.setattr(defaults, "_BLOCK", 500)
    values = [f'"{n} <{G}> ."' for n in range(100)]
    lines = sorted(f"<{E}a> <{E}p> {value} <{graph}> .\n" for value in values for graph in (G, H))
    lines += [f'<{E}a> <{E}p> "only in other" <{E}other> .\n', f"_:c14n0 <{E}p> _:c14n1 <{G}> .\n"]
    path = tmp_path / "all.nq"
    path.write_text("".join(lines), encoding="utf-8")
    with StoreWriter(tmp_path / "store") as writer:
        writer.load_default(path, {Iri(G), Iri(H)})
        writer.settle()
        assert list(tmp_path.glob("*.nt")) == []
        found = set(writer.store.construct(ALL))
    assert {str(o) for s, _, o in found if s == E + "a"} == {value[1:-1] for value in values}
    assert (BlankNode("c14n0"), Iri(E + "p"), BlankNode("c14n1")) in found
    assert len(found) == 101


def test_what_cannot_be_loaded_beside_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.nq"
    bad.write_text("no quad\n")
    writer = StoreWriter(tmp_path / "store")
    writer.load_beside(bad)
    with pytest.raises(SyntaxError):
        writer.settle()
    with pytest.raises(SyntaxError):
        writer.load_beside(bad)
    with pytest.raises(SyntaxError):
        writer.__exit__(None, None, None)


def test_after_an_error_what_waits_is_not_loaded(tmp_path: Path) -> None:
    writer = StoreWriter(tmp_path / "store")
    for number in range(60):
        path = tmp_path / f"{number}.nq"
        path.write_text("".join(f"<{E}a> <{E}p> <{E}{n}> <{E}{number}> .\n" for n in range(2000)))
        writer.load_beside(path)
    writer.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    with pytest.raises(ValueError, match="closed"):
        writer.add([])
    store = EmbeddedStore.open(tmp_path / "store")
    assert len(store.graphs()) < 60
    store.close()

"""Writing a store: named graphs as they are read, then the default graph as their merge."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import pyoxigraph as ox

from app.store.embedded import EmbeddedStore
from app.store.engine import quad_to_engine
from app.terms import Iri, Triple

Quad = tuple[Triple, Iri | None]


class StoreWriter:
    """Writes a new store into a folder that does not exist yet. Use it in a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        """Create the store."""
        self._store: ox.Store | None = ox.Store(str(folder))

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store; what was written is on disk."""
        if self._store is not None and error is None:
            self._store.flush()
            self._store.optimize()
        self._store = None

    @property
    def store(self) -> EmbeddedStore:
        """The same store for reading, for the steps of a build that ask questions."""
        return EmbeddedStore(self._engine)

    @property
    def _engine(self) -> ox.Store:
        if self._store is None:
            raise ValueError("the store is closed")
        return self._store

    def add(self, quads: Iterable[Quad]) -> None:
        """Add triples to their named graphs (None: the default graph); each once per graph."""
        self._engine.bulk_extend(quad_to_engine(triple, graph) for triple, graph in quads)

    def merge_into_default(self, graphs: Iterable[Iri]) -> None:
        """Write the set merge of named graphs into the default graph."""
        engine = self._engine
        for graph in graphs:
            quads = engine.quads_for_pattern(None, None, None, ox.NamedNode(str(graph)))
            engine.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)

"""Writing a store: named graphs as they are read, then the default graph as their merge."""

import os
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox

from app.store.defaults import default_parts
from app.store.embedded import EmbeddedStore
from app.store.engine import quad_to_engine, triple_from_engine
from app.terms import Iri, Triple

# So many quads at a time are not few.
_FEW: Final = 20_000
# A file of so many bytes has not few.
_SMALL: Final = 4 << 20
# As of nice(1): what Python does takes longest, since it does one thing at a time.
_PRIORITY: Final = 10

Quad = tuple[Triple, Iri | None]


def _give_way() -> None:
    """Let this thread, and those that it starts, use what Python's own threads leave of the processor."""
    if sys.platform == "linux":  # elsewhere threads have no priority of their own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PRIORITY)


class StoreWriter:
    """Writes a new store into a folder that does not exist yet. Use it in a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        """Create the store."""
        self._store: ox.Store | None = ox.Store(str(folder))
        self._optimized = False
        self._beside = ThreadPoolExecutor(1, initializer=_give_way)
        self._loading: list[Future[None]] = []

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store; what was written is on disk. After an error what is not being loaded yet is left out."""
        try:
            if error is None:
                self.settle()
                self.optimize()
        finally:
            self._beside.shutdown(cancel_futures=True)
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
        self._write(quad_to_engine(triple, graph) for triple, graph in quads)

    def _write(self, quads: Iterable[ox.Quad]) -> None:
        """Write few quads in one transaction, more into files of their own: each file makes later look-ups slower."""
        self._optimized = False
        waiting = iter(quads)
        first = list(islice(waiting, _FEW))
        if len(first) < _FEW:
            self._engine.extend(first)
        else:
            self._engine.bulk_extend(chain(first, waiting))

    def load(self, path: Path) -> None:
        """Add the quads of a file of N-Quads. Blank labels stay.

        This is far faster than ``add``: no term passes through Python.
        """
        self._write(ox.parse(path=path, format=ox.RdfFormat.N_QUADS, lenient=True))

    def load_default(self, path: Path, graphs: Iterable[Iri]) -> None:
        """Add the quads in some graphs of a file of canonical N-Quads to the default graph. Blank labels stay.

        Many are loaded beside: ``settle`` waits for them.
        """
        blank: list[bytes] = []
        parts = default_parts(path, graphs, blank)
        first, second = next(parts), next(parts, None)
        if second is None and first.stat().st_size < _SMALL:
            self.load(first)
            first.unlink()
        else:
            for part in chain((first, second) if second else (first,), parts):
                self.load_beside(part, remove=True)
        self.load_lines(line.decode() for line in blank)

    def load_lines(self, lines: Iterable[str]) -> None:
        """Add lines of N-Quads; blank labels stay."""
        self._write(ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS, lenient=True))

    def load_beside(self, path: Path, *, remove: bool = False) -> None:
        """Begin to add a file of N-Quads without blank nodes, which the engine would give other labels.

        The engine reads the file in a thread of its own and needs no lock of Python's meanwhile. An error of an earlier
        file is raised here or by ``settle``.
        """
        self._finished(each for each in self._loading if each.done())
        self._optimized = False
        self._loading.append(self._beside.submit(self._load_file, self._engine, path, remove))

    def settle(self) -> None:
        """Wait until all that is loaded beside is there. Raises OSError."""
        self._finished(list(self._loading))

    def _finished(self, loading: Iterable[Future[None]]) -> None:
        for each in loading:
            each.result()

    @staticmethod
    def _load_file(engine: ox.Store, path: Path, remove: bool) -> None:
        engine.bulk_load(path=path, format=ox.RdfFormat.N_QUADS, lenient=True)
        if remove:
            path.unlink()

    def optimize(self) -> None:
        """Put the engine's files in order for reading, if anything was written since."""
        if not self._optimized:
            self._engine.flush()
            self._engine.optimize()
            self._optimized = True

    def remove_from_default(self, triples: Iterable[Triple]) -> None:
        """Take triples out of the default graph; what is not there is passed over."""
        for triple in triples:
            self._engine.remove(quad_to_engine(triple, None))

    def graphs_with(self, triple: Triple) -> list[Iri]:
        """Give the named graphs that hold a triple, in order of name; blank nodes are those of this store."""
        quad = quad_to_engine(triple, None)
        found = self._engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        return sorted(Iri(each.graph_name.value) for each in found if isinstance(each.graph_name, ox.NamedNode))

    def merge_into_default(self, graphs: Iterable[Iri], *, only: Callable[[Triple], bool] | None = None) -> None:
        """Write the set merge of named graphs into the default graph; with ``only``, of the triples it is true of."""
        engine = self._engine
        for graph in graphs:
            quads: Iterable[ox.Quad] = engine.quads_for_pattern(None, None, None, ox.NamedNode(str(graph)))
            if only is not None:
                quads = (quad for quad in quads if only(triple_from_engine(quad)))
            self._write(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)

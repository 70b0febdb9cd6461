"""Writing a store: named graphs as they are read, then the default graph as their merge."""

from collections.abc import Callable, Iterable
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox

from app.store.embedded import EmbeddedStore
from app.store.engine import quad_to_engine, triple_from_engine
from app.terms import Iri, Triple

# So many quads at a time are not few.
_FEW: Final = 20_000

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
        self._write(quad_to_engine(triple, graph) for triple, graph in quads)

    def _write(self, quads: Iterable[ox.Quad]) -> None:
        """Write few quads in one transaction, more into files of their own: each file makes later look-ups slower."""
        waiting = iter(quads)
        first = list(islice(waiting, _FEW))
        if len(first) < _FEW:
            self._engine.extend(first)
        else:
            self._engine.bulk_extend(chain(first, waiting))

    def load(self, path: Path, graphs: Iterable[Iri] | None = None) -> None:
        """Add the quads of a file of N-Quads; with graphs only those in them, to the default graph. Blank labels stay.

        This is far faster than ``add``: no term passes through Python. The file has one space between terms, as
        canonical N-Quads have.
        """
        if graphs is None:
            self._write(ox.parse(path=path, format=ox.RdfFormat.N_QUADS, lenient=True))
            return
        ends = {f" <{graph}> .\n" for graph in graphs}
        with TemporaryDirectory(dir=path.parent) as folder:
            triples = Path(folder) / "default.nt"
            with (
                path.open(encoding="utf-8", newline="\n") as source,
                triples.open("w", encoding="utf-8", newline="\n") as target,
            ):
                # What stands after the last " <" is the graph: no IRI and no escape holds that.
                target.writelines(line[:at] + " .\n" for line in source if line[(at := line.rindex(" <")) :] in ends)
            self._write(ox.parse(path=triples, format=ox.RdfFormat.N_TRIPLES, lenient=True))

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

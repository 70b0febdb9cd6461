"""A new store: quads and whole files are written into it, large files by a load that goes on meanwhile."""

import contextlib
import fcntl
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pyoxigraph as ox

from app.store.embedded import EmbeddedStore
from app.store.engine import quad_to_engine, triple_from_engine
from app.terms import Dataset, Iri, Quad, Triple

# Bytes of lines that are looked at, or given to the engine, together.
_BLOCK: Final = 1 << 20
_END: Final = b" .\n"
# As of nice(1): what Python does takes longest, since it does one thing at a time.
_PRIORITY: Final = 10
# Bytes that wait in the pipe: enough for the engine to do while other threads have Python's lock.
_ROOM: Final = 1 << 20
# No statement: the load ends without adding anything.
_BROKEN: Final = b"\n!\n"
# So many quads at a time are not few.
_FEW: Final = 20_000
# A file of so many bytes has not few.
_SMALL: Final = 4 << 20
# More quads are not copied into memory to be asked about (some 400 bytes each).
_MOST_COPIED: Final = 300_000


def default_lines(path: Path, graphs: Iterable[Iri], blank: list[bytes]) -> Iterator[bytes]:
    """Give the lines of canonical N-Quads that are in some graphs as N-Triples, in blocks.

    Those with blank nodes are in ``blank`` at the end instead.
    """
    ends = {f" <{graph}> .\n".encode() for graph in graphs}
    with path.open("rb") as source:
        while block := source.readlines(_BLOCK):
            yield _triples(block, ends, blank)


def _triples(block: list[bytes], ends: set[bytes], blank: list[bytes]) -> bytes:
    text = b"".join(block)
    end = _end(block[0])
    if end in ends and b"_:" not in text and text.count(end) == len(block):  # in one graph: nothing to look at by line
        return text.replace(end, _END)
    found = []
    for line in block:
        if (end := _end(line)) in ends:
            triple = line.removesuffix(end) + _END
            if triple.startswith(b"_:") or triple.split(b" ", 2)[2].startswith(b"_:"):
                blank.append(triple)
            else:
                found.append(triple)
    return b"".join(found)


def _end(line: bytes) -> bytes:
    # What stands after the last " <" is the graph: no IRI and no escape holds that.
    return line[line.rindex(b" <") :]


class BulkLoad:
    """Lines of N-Quads without blank nodes, which the engine would give other labels; ``close`` or ``stop`` it."""

    def __init__(self, engine: ox.Store, path: Path) -> None:
        """Begin the load, in a thread of its own that needs no lock of Python's; path is for a pipe between them."""
        self._error: Exception | None = None
        os.mkfifo(path)
        self._thread = threading.Thread(target=self._load, args=(engine, path), name="bulk-load", daemon=True)
        self._thread.start()
        try:
            self._pipe = os.open(path, os.O_WRONLY)  # waits until the engine has opened it
        finally:
            path.unlink()
        if sys.platform == "linux":
            with contextlib.suppress(OSError):  # a system that allows less leaves it as it is
                fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _ROOM)

    def write(self, lines: bytes) -> None:
        """Give whole lines; waits for the engine. Raises what the load met."""
        rest = memoryview(lines)
        try:
            while rest:
                rest = rest[os.write(self._pipe, rest) :]
        except BrokenPipeError:
            self.close()
            raise

    def close(self) -> None:
        """Say that this is all, and wait until it is in the store. Raises what the load met."""
        self._end()
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Give up: what was given is not added."""
        with contextlib.suppress(OSError):
            os.write(self._pipe, _BROKEN)
        self._end()

    def _end(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        self._thread.join()

    def _load(self, engine: ox.Store, path: Path) -> None:
        if sys.platform == "linux":  # elsewhere threads, and those that they start, have no priority of their own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PRIORITY)
        try:
            engine.bulk_load(path=path, format=ox.RdfFormat.N_QUADS, lenient=True)
        except Exception as error:  # noqa: BLE001 - raised where somebody waits for it
            self._error = error
            # Should the engine not have come to opening the pipe, the other side still waits for that.
            with contextlib.suppress(OSError):
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))


class StoreWriter:
    """Writes a new store into a folder that does not exist yet. Use it in a ``with`` block."""

    def __init__(self, folder: Path) -> None:
        """Create the store."""
        self._store: ox.Store | None = ox.Store(str(folder))
        self._pipe = folder.with_name(f"{folder.name}.pipe")
        # Whether its files are in order for reading, and whether they are large.
        self._optimized = self._many = False
        self._beside = ThreadPoolExecutor(1)
        self._bulk: BulkLoad | None = None
        self._given: list[Future[None]] = []
        self._failed = False

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store; what was written is on disk. After an error what is being loaded is given up."""
        try:
            if error is None:
                self.settle()
                self.optimize()
                self._engine.flush()
        finally:
            self._failed = True
            self._beside.shutdown(cancel_futures=True)
            if self._bulk is not None:
                self._bulk.stop()
            self._store = None

    @property
    def store(self) -> EmbeddedStore:
        """The same store for reading, for the steps of a build that ask questions."""
        return EmbeddedStore(self._engine)

    def beside(self, graphs: Sequence[Iri]) -> tuple[EmbeddedStore, Dataset | None]:
        """Give what is written so far in some graphs for reading, and the dataset to ask: they and their merge.

        That is a copy in memory, ten times as quick to ask, unless it is large. The merge is its default graph: of ten
        thousand graphs the engine would look into each for each thing.
        """
        if len(self._engine) > _MOST_COPIED:
            return self.store, Dataset(tuple(graphs), tuple(graphs))
        copy = ox.Store()
        copy.extend(self._engine)
        chosen = frozenset(map(str, graphs))
        for graph in [each for each in copy.named_graphs() if each.value not in chosen]:
            copy.remove_graph(graph)
        copy.update("CLEAR DEFAULT; INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
        return EmbeddedStore(copy), None

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
            # A few more are not worth putting many in order again.
            self._optimized = self._optimized and self._many
            self._engine.extend(first)
        else:
            self._optimized = False
            self._engine.bulk_extend(chain(first, waiting))

    def load(self, path: Path) -> None:
        """Add the quads of a file of N-Quads. Blank labels stay.

        This is far faster than ``add``: no term passes through Python.
        """
        self._write(ox.parse(path=path, format=ox.RdfFormat.N_QUADS, lenient=True))

    def load_default(self, path: Path, graphs: Iterable[Iri]) -> None:
        """Add the quads in some graphs of a file of canonical N-Quads to the default graph. Blank labels stay.

        Of many the load may still go on afterwards: ``settle`` waits for it.
        """
        blank: list[bytes] = []
        blocks = default_lines(path, graphs, blank)
        first: list[bytes] = []
        while sum(map(len, first)) < _SMALL and (block := next(blocks, None)) is not None:
            first.append(block)
        if sum(map(len, first)) < _SMALL:
            self._write(ox.parse(b"".join(first), format=ox.RdfFormat.N_TRIPLES, lenient=True))
        else:
            bulk = self._bulk_load()
            for block in chain(first, blocks):
                bulk.write(block)
        self.load_lines(line.decode() for line in blank)

    def load_lines(self, lines: Iterable[str]) -> None:
        """Add lines of N-Quads; blank labels stay."""
        self._write(ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS, lenient=True))

    def load_beside(self, path: Path) -> None:
        """Begin to add a file of N-Quads without blank nodes; all such files until ``settle`` are one load.

        An error of an earlier file is raised here or by ``settle``.
        """
        for each in self._given:
            if each.done():
                each.result()
        self._given.append(self._beside.submit(self._give, self._bulk_load(), path))

    def settle(self) -> None:
        """Wait until all that is loaded beside is there. Raises OSError, or SyntaxError for what is no N-Quads."""
        for each in self._given:
            each.result()
        self._given.clear()
        if self._bulk is not None:
            self._bulk.close()
            # Not before: who is interrupted while waiting has to wait for its end before the folder can go.
            self._bulk = None

    def _bulk_load(self) -> BulkLoad:
        """Give the load that goes on beside, begun when there is none."""
        self._optimized, self._many = False, True
        if self._bulk is None:
            self._bulk = BulkLoad(self._engine, self._pipe)
        return self._bulk

    def _give(self, bulk: BulkLoad, path: Path) -> None:
        with path.open("rb") as file:
            while not self._failed and (part := file.read(_BLOCK)):
                bulk.write(part)

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

    def remove_graph(self, graph: Iri) -> None:
        """Take a named graph out, if it is there."""
        self._engine.remove_graph(ox.NamedNode(str(graph)))

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

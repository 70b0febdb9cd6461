"""The embedded store: Oxigraph, opened for reading from a generation's folder."""

import re
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from app.errors import FAILED, N_, AnswerTooLarge, QueryError, QueryRefused, StoreBroken
from app.mediatypes import Format
from app.query.rewriting import spelled_out
from app.query.tokens import refuse_dangerous
from app.store.engine import (
    RDF_FORMATS,
    RESULT_FORMATS,
    SMALL,
    Spool,
    from_engine,
    quad_from_engine,
    quad_to_engine,
    refuse_format,
    syntax_error,
    triple_from_engine,
)
from app.store.interface import Answer, Limits, Solutions
from app.terms import Dataset, Iri, Quad, Term, Triple

_UNKNOWN: Final = re.compile(r"The custom function (<.*>) is not supported", re.DOTALL)
# How RocksDB begins what it says of its files.
_BROKEN: Final = ("Corruption", "IO error")
# So long (seconds) a query that is answered at once waits for another.
PATIENCE: Final = 0.5
_Results = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class _PlainTerms(dict[object, Term]):
    """Plain values by the engine's terms: in an answer the same terms come over and over."""

    def __missing__(self, term: object) -> Term:
        found = self[term] = from_engine(term)
        return found


class EmbeddedStore:
    """An Oxigraph store. Results are consumed before they are returned: the engine binds them to their thread."""

    keeps_order = True

    def __init__(self, store: ox.Store) -> None:
        """Wrap an opened store; use ``open`` or ``in_memory``."""
        self._store: ox.Store | None = store
        self._turn = threading.Lock()

    @classmethod
    def open(cls, folder: Path) -> "EmbeddedStore":
        """Open the store in folder for reading; raises OSError when there is none."""
        return cls(opened(folder))

    @classmethod
    def in_memory(cls, quads: Iterable[Quad]) -> "EmbeddedStore":
        """Make a store that lives in memory; a graph of None is the default graph."""
        store = ox.Store()
        for triple, graph in quads:
            store.add(quad_to_engine(triple, graph))
        return cls(store)

    @property
    def engine(self) -> ox.Store:
        """The engine's store, for the modules beside this one."""
        if self._store is None:
            raise QueryError("The store is closed.")
        return self._store

    @property
    def source(self) -> str:
        """Where answers come from."""
        return "disk"

    def select(self, query: str, dataset: Dataset | None = None) -> Solutions:
        """Answer a SELECT query."""
        results = self._query(query, dataset)
        if not isinstance(results, ox.QuerySolutions):
            raise QueryError("This is not a SELECT query.")
        names = tuple(variable.value for variable in results.variables)
        plain = _PlainTerms()
        with _reading():
            rows = [
                {name: plain[term] for name, term in zip(names, solution, strict=True) if term is not None}
                for solution in results
            ]
        return Solutions(names, rows)

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """Answer an ASK query."""
        results = self._query(query, dataset)
        if not isinstance(results, ox.QueryBoolean):
            raise QueryError("This is not an ASK query.")
        with _reading():
            return bool(results)

    def construct(self, query: str, dataset: Dataset | None = None) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE query, each triple once."""
        results = self._query(query, dataset)
        if not isinstance(results, ox.QueryTriples):
            raise QueryError("This is not a CONSTRUCT or DESCRIBE query.")
        with _reading():
            return [triple_from_engine(triple) for triple in dict.fromkeys(results)]

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query from outside; refuses SERVICE, too long, too deep, and answers over the cap."""
        started = time.perf_counter()
        spool = Spool(limits.answer_bytes)
        self.write(query, dataset, format, limits, spool)
        return Answer(spool.body, format, time.perf_counter() - started)

    def at_once(self, query: str, format: Format, limits: Limits) -> Answer | None:
        """Answer here and now a query that is known to take no more than its answer is large, if that is small.

        One at a time, that of damaged files no more than one thread hangs.
        """
        if not self._turn.acquire(timeout=PATIENCE):
            return None
        try:
            small = Limits(limits.query_length, limits.query_nesting, SMALL)
            return EmbeddedStore.answer(self, query, None, format, small)
        except AnswerTooLarge:
            return None
        finally:
            self._turn.release()

    def write(self, query: str, dataset: Dataset | None, format: Format, limits: Limits, spool: Spool) -> None:
        """Write the answer to a query from outside into a spool."""
        refuse_dangerous(query, length=limits.query_length, nesting=limits.query_nesting)
        results = self._query(query, dataset)
        output = cast("IO[bytes]", spool)  # the engine calls write and flush only
        refuse_format(format, is_graph=isinstance(results, ox.QueryTriples))
        try:
            if isinstance(results, ox.QueryTriples):
                ox.serialize(dict.fromkeys(results), output, RDF_FORMATS[format])
            else:
                results.serialize(output, RESULT_FORMATS[format])
        except (OSError, RuntimeError) as error:
            raise _failed(error) from error

    def graphs(self) -> dict[Iri, int]:
        """Give each named graph with its number of triples."""
        names = sorted(name.value for name in self.engine.named_graphs() if isinstance(name, ox.NamedNode))
        # Imported here: the query workers, which do not ask this, start the sooner.
        from app.query.binding import bind  # noqa: PLC0415
        from app.query.library import engine_query  # noqa: PLC0415

        rows = (self.select(bind(engine_query("engine/graph-size"), {"graph": Iri(name)})).rows for name in names)
        return {Iri(name): int(str(found[0]["number"])) for name, found in zip(names, rows, strict=True)}

    def quads(self) -> Iterator[Quad]:
        """Give all there is, each triple with its graph (None: the default graph)."""
        return map(quad_from_engine, self.engine.quads_for_pattern(None, None, None, None))

    def write_quads(self, output: IO[bytes], default: Iri) -> int:
        """Write all there is as N-Quads, with a name for the default graph; give the number of lines."""
        name = ox.NamedNode(str(default))
        quads = (
            quad
            if isinstance(quad.graph_name, ox.NamedNode)
            else ox.Quad(quad.subject, quad.predicate, quad.object, name)
            for quad in self.engine.quads_for_pattern(None, None, None, None)
        )
        ox.serialize(quads, output, ox.RdfFormat.N_QUADS)
        return len(self.engine)

    def close(self) -> None:
        """Let go of the engine's files."""
        self._store = None

    def _query(self, query: str, dataset: Dataset | None) -> _Results:
        chosen = dataset or Dataset()
        # An empty choice of default graphs beside named ones is an empty default graph (Protocol §2.1.4).
        default = chosen.default if chosen.default is not None or chosen.named is None else ()
        named = chosen.named if chosen.named is not None or chosen.default is None else ()
        graphs: dict[str, Any] = {
            "default_graph": None if default is None else [ox.NamedNode(str(graph)) for graph in default],
            "named_graphs": None if named is None else [ox.NamedNode(str(graph)) for graph in named],
        }
        try:
            results = self.engine.query(query, **graphs)
            # The engine has the columns of SELECT * in order of name; nothing is worked out before rows are taken.
            if isinstance(results, ox.QuerySolutions) and (
                again := spelled_out(query, [variable.value for variable in results.variables])
            ):
                results = self.engine.query(again, **graphs)
        except SyntaxError as error:
            raise syntax_error(error) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise _failed(error) from error
        return results


def opened(folder: Path) -> ox.Store:
    """Open the engine's store in folder for reading; raises OSError when there is none, or it is damaged."""
    try:
        return ox.Store.read_only(str(folder))
    except RuntimeError as error:
        raise OSError(str(error)) from error


@contextmanager
def _reading() -> Iterator[None]:
    """Tell what the engine meets while results are taken from it."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise _failed(error) from error


def _failed(error: Exception) -> QueryError:
    """Tell what the engine could not do; that its files cannot be read says nothing about the query."""
    if isinstance(error, OSError) or str(error).startswith(_BROKEN):
        return StoreBroken(N_("The store cannot be read: %(error)s"), error=str(error))
    if match := _UNKNOWN.match(str(error)):
        return QueryRefused(
            N_("The function %(name)s is not known here."),
            N_("Use the functions of SPARQL 1.1, and those of XML Schema that make a value of another datatype."),
            name=match[1],
        )
    return QueryError(FAILED, error=str(error))

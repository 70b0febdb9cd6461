"""A generation in a SPARQL server, with a marker that says what is there.

The marker is a graph of its own: the digest, the name of the run that wrote it, the graphs. Its digest is removed
before anything else is touched and written after everything else: what is half there has none.

Where the server has a Graph Store Protocol (SPARQL 1.1) that takes datasets, as Fuseki and Oxigraph have, all is one
request: a PUT, which replaces what was there, or a POST beside what others keep there. Elsewhere it is SPARQL Update.

Several servers may have a share each. The names of their runs then tell how many belong together, so that one who asks
all of them sees a digest while all are there, and of one run.
"""

import gzip
import tempfile
import time
import uuid
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, Final, cast
from urllib.parse import urlsplit
from urllib.request import Request

from app.errors import PublicationError, QueryError
from app.mediatypes import N_QUADS
from app.namespaces import DCTERMS_IDENTIFIER, iris
from app.query.library import engine_query
from app.store.embedded import EmbeddedStore
from app.store.remote import Form, RemoteStore
from app.store.results import check_reply
from app.store.transport import Endpoint, Transport
from app.terms import BlankNode, Dataset, Iri, Literal, Quad, n3

# Triples and characters of one update. Virtuoso compiles each as one program, and has a limit for those.
_TRIPLES: Final = 500
_CHARACTERS: Final = 400_000
# Seconds for one update: emptying a large graph is one.
_TIMEOUT: Final = 600.0
# Seconds for a whole dataset in one request, and for finding out whether there is a place for it.
_UPLOAD: Final = 7200.0
_PROBE: Final = 30.0
_CAP: Final = 1 << 20
# Seconds for reading the marker: it is asked at each answer that a client may keep.
_MARKER_TIMEOUT: Final = 5.0
_CHECKSUM, _PART = iris("spdx:checksumValue dcterms:hasPart")
# Blank nodes of shards: with a name one is the same, whichever shard it is asked for (RDF 1.1 Concepts §3.5).
BLANK: Final = "urn:x-innherred:blank:"


@dataclass(frozen=True, slots=True)
class Marker:
    """What a server says of the generation in it: digest and run (None while it is written), graphs."""

    digest: str | None
    run: str | None
    graphs: frozenset[Iri]


def default_graph(base: str) -> Iri:
    """Give the graph that holds the default graph in a remote store."""
    return Iri(base + "graph/default")


def marker_graph(base: str) -> Iri:
    """Give the graph of the marker."""
    return Iri(base + "graph/published")


class Published:
    """Reads the marker of a base in a server."""

    def __init__(self, endpoint: Endpoint, base: str) -> None:
        """Ask nothing yet."""
        self._store = RemoteStore(replace(endpoint, timeout=min(endpoint.timeout, _MARKER_TIMEOUT)))
        self._graph = marker_graph(base)

    def read(self) -> Marker:
        """Give the marker as it is now, one without graphs when there is none; raises QueryError."""
        rows = self._store.select(engine_query("engine/published"), Dataset(default=(self._graph,))).rows
        digests = {str(row["digest"]) for row in rows if "digest" in row}
        runs = {str(row["run"]) for row in rows if "run" in row}
        graphs = frozenset(graph for row in rows if isinstance(graph := row["graph"], Iri))
        run = min(runs, default="").partition(" ")[0]
        whole = {run}, {run_of_shard(run, number, len(runs)) for number in range(1, len(runs) + 1)}
        if len(digests) != 1 or runs not in whole:  # none, two that published at once, or a shard that is missing
            return Marker(None, None, graphs)
        return Marker(digests.pop(), run, graphs)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._store.close()


def run_of_shard(run: str, number: int, count: int) -> str:
    """Give the name of a run in one of the shards that it writes."""
    return f"{run} {number}/{count}"


class Shard:
    """The share of a store that one of several servers has: all triples of a subject, with names for blank nodes."""

    def __init__(self, store: EmbeddedStore, number: int, count: int) -> None:
        """Take a number from 1 to the count of shards; ``sizes`` are those of the graphs that were read last."""
        self._store, self._number, self._count = store, number, count
        self.sizes: Counter[Iri | None] = Counter()

    def quads(self) -> Iterator[Quad]:
        """Give the quads of this share."""
        self.sizes.clear()
        for (subject, predicate, value), graph in self._store.quads():
            named = Iri(BLANK + subject) if isinstance(subject, BlankNode) else subject
            if zlib.crc32(named.encode()) % self._count == self._number - 1:
                self.sizes[graph] += 1
                yield (named, predicate, Iri(BLANK + value) if isinstance(value, BlankNode) else value), graph

    def write_quads(self, output: IO[bytes], default: Iri) -> int:
        """Write them as N-Quads, with a name for the default graph; give the number of lines."""
        for (subject, predicate, value), graph in self.quads():
            output.write(f"{n3(subject)} {n3(predicate)} {n3(value)} {n3(graph or default)} .\n".encode())
        return self.sizes.total()


class Publisher:
    """Writes a generation into a server, in steps that the caller takes in order: begin, write, finish."""

    def __init__(self, endpoint: Endpoint, base: str, run: str | None = None) -> None:
        """Ask nothing yet; the run gets a name of its own if none is given."""
        self._endpoint, self._update = endpoint, endpoint.update or endpoint.address
        self._transport = Transport(self._update, endpoint.user, endpoint.password)
        self._default, self._marker = default_graph(base), marker_graph(base)
        self._trial, self._run = Iri(base + "graph/publishing"), run or uuid.uuid4().hex
        self._data: tuple[str, Transport] | None = None
        self._method = "POST"
        self.published = Published(endpoint, base)

    def begin(self, graphs: Iterable[Iri], *, drain: float = 0.0) -> None:
        """Take the digest out of the marker, then empty all graphs that this generation has or an earlier one had.

        With one request that replaces all there is, nothing is emptied. ``drain`` are seconds between the two in which
        all who read see that the digest is gone.
        """
        given = {*graphs, self._default}
        own = {self._marker, self._trial}
        if own & given or self._default in graphs:
            names = ", ".join(f"<{graph}>" for graph in sorted({self._default, *own}))
            raise PublicationError(f"The content has a graph named like one of {names}: rename it.")
        old = self.published.read().graphs
        parts = sorted(given | old)
        self._data = next(filter(None, map(self._probed, self._places())), None)
        self._method = "PUT" if self._data is not None and self._is_alone({*parts, *own}) else "POST"
        if self._method == "POST" or drain:
            self._clear(self._marker)
            self._insert([((self._marker, _PART, graph), self._marker) for graph in parts])
        time.sleep(drain)
        if self._method == "POST":
            for graph in parts:
                self._clear(graph)

    def write(self, store: EmbeddedStore | Shard) -> Iterator[int]:
        """Write all that a store holds and give, after each request, how many quads are there."""
        if self._data is not None:
            yield self._upload(store)
            return
        quads = store.quads()
        done = 0
        held: list[Quad] = []

        def ground() -> Iterator[list[Quad]]:
            """Give quads without blank nodes; hold back the others."""
            for quad in quads:
                if _blank(quad):
                    held.append(quad)
                else:
                    yield [quad]

        for batch in chain(_batches(ground()), _batches(_components(held))):
            self._insert(batch)
            done += len(batch)
            yield done

    def finish(self, digest: str, expected: Mapping[Iri, int], triples: int) -> None:
        """Count what is there and, when it is all, write the digest; raises PublicationError."""
        with closing(RemoteStore(self._endpoint, self._default, [*expected, self._default])) as store:
            counted = store.graphs()
        for graph, number in {**expected, self._default: triples}.items():
            if counted.get(graph, 0) != number:
                raise PublicationError(
                    f"Of the {number} triples of <{graph}> the server has {counted.get(graph, 0)}. It may know "
                    "only one form of a value that is written in two; compare with “innherred export”."
                )
        self._clear(self._trial)
        self._clear(self._marker)
        self._insert([((self._marker, _PART, graph), self._marker) for graph in sorted({*expected, self._default})])
        end = (self._marker, _CHECKSUM, Literal(digest)), (self._marker, DCTERMS_IDENTIFIER, Literal(self._run))
        self._insert([(triple, self._marker) for triple in end])

    def close(self) -> None:
        """Close the connections that are kept."""
        self._transport.close()
        self.published.close()
        if self._data is not None:
            self._data[1].close()

    def _places(self) -> list[str]:
        """Give the addresses where a Graph Store Protocol may be: that of the setting, else Fuseki's and Oxigraph's."""
        if self._endpoint.data is not None:
            return [self._endpoint.data]
        parts = urlsplit(self._update)
        path, _, last = parts.path.rstrip("/").rpartition("/")
        root = path if last in ("query", "sparql", "update") else parts.path.rstrip("/")
        return [parts._replace(path=root, query="").geturl() + each for each in ("/data", "/store?no_transaction")]

    def _probed(self, place: str) -> tuple[str, Transport] | None:
        """Give the address and its connections if a triple that is put there is in this very dataset."""
        transport = Transport(place, self._endpoint.user, self._endpoint.password)
        trial = self._trial, DCTERMS_IDENTIFIER, Literal(self._run)
        line = f"{n3(self._trial)} {n3(trial[1])} {n3(trial[2])} {n3(self._trial)} .\n"
        store = RemoteStore(self._endpoint)
        try:
            _send(transport, place, "POST", gzip.compress(line.encode()), _PROBE)
            found = store.construct(engine_query("engine/triples"), Dataset(default=(self._trial,)))
        except QueryError:
            found = []
        finally:
            store.close()
        if trial in found:
            return place, transport
        transport.close()
        return None

    def _is_alone(self, graphs: set[Iri]) -> bool:
        """Say whether the server has nothing but these graphs: only then may all there is be replaced."""
        with closing(RemoteStore(self._endpoint)) as store:
            return store.graphs().keys() <= graphs and not store.ask(engine_query("engine/anything"))

    def _upload(self, store: EmbeddedStore | Shard) -> int:
        """Write quads in one request, so that a blank node is one in all graphs; give their number."""
        assert self._data is not None
        place, transport = self._data
        with tempfile.TemporaryFile() as file:
            with gzip.GzipFile("", "wb", compresslevel=1, fileobj=file, mtime=0) as stream:
                count = store.write_quads(cast("IO[bytes]", stream), self._default)
            size = file.tell()
            file.seek(0)
            _send(transport, place, self._method, file, _UPLOAD, size)
        return count

    def _clear(self, graph: Iri) -> None:
        # Written here as what follows is: an update takes no variable in this place.
        self._change(f"CLEAR SILENT GRAPH {n3(graph)}")

    def _insert(self, quads: list[Quad]) -> None:
        by_graph: dict[Iri, list[str]] = defaultdict(list)
        for (subject, predicate, value), graph in quads:
            by_graph[graph or self._default].append(f"{n3(subject)} {n3(predicate)} {n3(value)} .")
        text = "\n".join(f"GRAPH {n3(graph)} {{\n" + "\n".join(lines) + "\n}" for graph, lines in by_graph.items())
        # An update is written here: it is triples, as many as fit, and nothing that a file could hold.
        # Not every engine takes blank nodes in INSERT DATA (Virtuoso); all take them as new ones for the one solution.
        self._change(
            f"INSERT {{ {text} }} WHERE {{ SELECT (1 AS ?one) {{}} }}"
            if any(map(_blank, quads))
            else f"INSERT DATA {{ {text} }}"
        )

    def _change(self, text: str) -> None:
        check_reply(
            self._transport.send(Form(self._update).request("update", text), seconds=_TIMEOUT, cap=_CAP, safe=False)
        )


def _send(
    transport: Transport, place: str, method: str, body: bytes | IO[bytes], seconds: float, size: int | None = None
) -> None:
    """Send compressed N-Quads by SPARQL 1.1 Graph Store HTTP Protocol; raises QueryError."""
    headers = {"Content-Type": N_QUADS.media_type, "Content-Encoding": "gzip"}
    if size is not None:
        headers["Content-Length"] = str(size)
    request = Request(place, cast("bytes", body), headers, method=method)  # noqa: S310 - of the settings
    check_reply(transport.send(request, seconds=seconds, cap=_CAP, safe=False))


def _blank(quad: Quad) -> bool:
    (subject, _, value), _ = quad
    return isinstance(subject, BlankNode) or isinstance(value, BlankNode)


def _batches(groups: Iterable[list[Quad]]) -> Iterator[list[Quad]]:
    """Put groups together up to the size of an update; a larger group is one by itself."""
    batch: list[Quad] = []
    size = 0
    for group in groups:
        length = sum(len(str(value)) + len(subject) + len(predicate) for (subject, predicate, value), _ in group)
        if batch and (len(batch) + len(group) > _TRIPLES or size + length > _CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.extend(group)
        size += length
    if batch:
        yield batch


def _components(quads: list[Quad]) -> Iterator[list[Quad]]:
    """Group quads that share blank nodes, whatever their graph: these must be written together."""
    above: dict[BlankNode, BlankNode] = {}

    def root(node: BlankNode) -> BlankNode:
        above.setdefault(node, node)
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for (subject, _, value), _ in quads:
        if isinstance(subject, BlankNode) and isinstance(value, BlankNode):
            above[root(subject)] = root(value)
    groups: dict[BlankNode, list[Quad]] = defaultdict(list)
    for quad in quads:
        (subject, _, value), _ = quad
        node = subject if isinstance(subject, BlankNode) else value
        if isinstance(node, BlankNode):
            groups[root(node)].append(quad)
    yield from groups.values()

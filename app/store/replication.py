"""A generation in a SPARQL server: written by SPARQL 1.1 Update, with a marker that says what is there.

The marker is a graph of its own: the digest, the name of the run that wrote it, the graphs. Its digest is removed
before anything else is touched and written after everything else: what is half there has none.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from app.errors import PublicationError
from app.namespaces import DCTERMS_IDENTIFIER, iris
from app.query.library import engine_query
from app.store.remote import Form, RemoteStore
from app.store.results import check_reply
from app.store.transport import Endpoint, Transport
from app.terms import BlankNode, Dataset, Iri, Literal, Quad, n3

# Triples and characters of one update. Virtuoso compiles each as one program, and has a limit for those.
_TRIPLES: Final = 500
_CHARACTERS: Final = 400_000
# Seconds for one update: emptying a large graph is one.
_TIMEOUT: Final = 600.0
_CAP: Final = 1 << 20
# Seconds for reading the marker: it is asked at each answer that a client may keep.
_MARKER_TIMEOUT: Final = 5.0
_CHECKSUM, _PART = iris("spdx:checksumValue dcterms:hasPart")


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
        if len(digests) != 1 or len(runs) != 1:  # none, or two that published at once
            return Marker(None, None, graphs)
        return Marker(digests.pop(), runs.pop(), graphs)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._store.close()


class Publisher:
    """Writes a generation into a server, in steps that the caller takes in order: begin, write, finish."""

    def __init__(self, endpoint: Endpoint, update: str, base: str) -> None:
        """Write by the address ``update``, read by the endpoint's."""
        self._endpoint, self._update = endpoint, update
        self._transport = Transport(update, endpoint.user, endpoint.password)
        self._default, self._marker = default_graph(base), marker_graph(base)
        self.published = Published(endpoint, base)

    def begin(self, graphs: Iterable[Iri]) -> None:
        """Take the digest out of the marker, then empty all graphs that this generation has or an earlier one had."""
        given = {*graphs, self._default}
        if self._marker in given or self._default in graphs:
            raise PublicationError(f"The content has a graph named <{self._default}> or <{self._marker}>: rename it.")
        old = self.published.read().graphs
        parts = sorted(given | old)
        self._clear(self._marker)
        self._insert([((self._marker, _PART, graph), self._marker) for graph in parts])
        for graph in parts:
            self._clear(graph)

    def write(self, quads: Iterable[Quad]) -> Iterator[int]:
        """Write quads (None: the default graph) and give, after each update, how many are there."""
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
        run = uuid.uuid4().hex
        self._clear(self._marker)
        self._insert([((self._marker, _PART, graph), self._marker) for graph in sorted({*expected, self._default})])
        end = (self._marker, _CHECKSUM, Literal(digest)), (self._marker, DCTERMS_IDENTIFIER, Literal(run))
        self._insert([(triple, self._marker) for triple in end])

    def close(self) -> None:
        """Close the connections that are kept."""
        self._transport.close()
        self.published.close()

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

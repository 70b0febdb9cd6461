"""How long ``publish`` takes by SPARQL Update and by Graph Store Protocol: python bench/publishing.py [TRIPLES].

Into an empty server and over what is there, by Fuseki (TDB2; INNHERRED_FUSEKI is its jar) and Oxigraph's own server
(the package oxigraph). The data are made up: so many triples in three graphs, and again in the default graph.
"""

import os
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from servers import Server, free_port

from app.store.embedded import EmbeddedStore
from app.store.loading import StoreWriter
from app.store.replication import Publisher
from app.store.transport import Endpoint
from app.terms import Iri, Literal, Quad

BASE = "http://example.org/bench/"


class ByUpdate(Publisher):
    """The way of servers that have no Graph Store Protocol."""

    def _places(self) -> list[str]:
        return []


def quads(graph: int, number: int) -> Iterator[Quad]:
    """Give made-up triples of a graph: ten of each thing."""
    for count in range(number):
        thing = Iri(f"{BASE}id/{graph}-{count // 10}")
        yield (thing, Iri(f"{BASE}p{count % 10}"), Literal(f"value {count}", "nb")), Iri(f"{BASE}graph/{graph}")


def servers(work: Path) -> Iterator[tuple[Server, Endpoint]]:
    """Give each server that is there, and how it is asked."""
    port = free_port()
    command = ["oxigraph", "serve", "--location", str(work / "oxigraph"), "--bind", f"127.0.0.1:{port}"]
    server = Server("Oxigraph", command, "/query", port)
    yield server, Endpoint(server.address + "/query", update=server.address + "/update")
    if jar := os.environ.get("INNHERRED_FUSEKI"):
        (work / "tdb").mkdir()
        port = free_port()
        command = ["java", "-Xmx1500m", "-jar", jar, "--localhost", "--port", str(port), "--tdb2"]
        server = Server("Fuseki", [*command, f"--loc={work / 'tdb'}", "--update", "/ds"], "/ds", port)
        yield server, Endpoint(server.address + "/ds")


def seconds(publisher: Publisher, store: EmbeddedStore, graphs: dict[Iri, int]) -> float:
    """Publish, and give how long it took."""
    begun = time.perf_counter()
    publisher.begin(graphs)
    for _ in publisher.write(store):
        pass
    publisher.finish("0" * 64, graphs, sum(graphs.values()))
    publisher.close()
    return time.perf_counter() - begun


def main() -> None:
    """Print a table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    graphs = {Iri(f"{BASE}graph/{graph}"): number // 3 for graph in range(3)}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        with StoreWriter(work / "store") as writer:
            for graph in range(3):
                writer.add(quads(graph, number // 3))
            writer.merge_into_default(graphs)
        store = EmbeddedStore.open(work / "store")
        print(f"{number} triples, and as many in the default graph; seconds into an empty server, and over them")
        for server, endpoint in servers(work):
            server.run(work / "log")
            try:
                for told, kind in (("update", ByUpdate), ("graph store", Publisher)):
                    first = seconds(kind(endpoint, BASE), store, graphs)
                    print(f"{server.name:10}{told:12}{first:8.1f}{seconds(kind(endpoint, BASE), store, graphs):8.1f}")
                    fields = urllib.parse.urlencode({"update": "DROP ALL"}).encode()
                    urllib.request.urlopen(endpoint.update or endpoint.address, fields, timeout=600).close()  # noqa: S310
            finally:
                server.stop()
        store.close()


if __name__ == "__main__":
    main()

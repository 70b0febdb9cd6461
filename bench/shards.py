"""What a graph in shards costs: python bench/shards.py STATE [SHARDS] [ROUNDS].

All questions of the generation in a state folder, by its own store, by one Oxigraph server, and by the front of
docs/examples/shards (npm ci there first; node on the path) over so many Oxigraph servers (the package oxigraph).
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from servers import ROOT, Server, free_port

from app.cli.exporting import publish_generation
from app.config import Settings
from app.generation import Generation, current
from app.progress import Progress
from app.query.library import Library
from app.store.embedded import EmbeddedStore
from app.store.interface import Store
from app.store.remote import RemoteStore
from app.store.replication import default_graph
from app.store.transport import Endpoint
from app.terms import Iri


def seconds(ask: Callable[[], object]) -> float:
    """Give how long a call takes."""
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def started(stack: ExitStack, work: Path, name: str, command: list[str], path: str, port: int) -> Server:
    """Start a server that ends with the stack."""
    (work / name).mkdir()
    server = Server(name, command, path, port)
    server.run(work / name / "log")
    stack.callback(server.stop)
    return server


def oxigraph(stack: ExitStack, work: Path, name: str) -> Server:
    """Start an Oxigraph server with nothing in it."""
    port = free_port()
    command = ["oxigraph", "serve", "--location", str(work / name / "store"), "--bind", f"127.0.0.1:{port}"]
    return started(stack, work, name, command, "/query", port)


def asked(generation: Generation, store: Store, rounds: int) -> list[float]:
    """Give the median time of each question."""
    library = Library.load((generation.queries,), generation.manifest.prefixes)
    found = []
    for file in {**library.questions, **library.foreseen}.values():
        query = file.bound({each.name: each.default for each in file.parameters if each.default is not None})
        ask = store.construct if file.form == "CONSTRUCT" else store.select
        ask(query)
        found.append(statistics.median(seconds(lambda ask=ask, query=query: ask(query)) for _ in range(rounds)))
    return found


def main() -> None:
    """Print a table."""
    state, count = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 2
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    generation = current(state)
    assert generation is not None, f"there is no generation in {state}"
    manifest = generation.manifest
    settings = Settings(content=generation.path, state=state)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        work = Path(name)
        servers = [oxigraph(stack, work, f"shard-{number}") for number in range(1, count + 1)]
        one = oxigraph(stack, work, "one")
        queries, updates = (" ".join(each.address + path for each in servers) for path in ("/query", "/update"))
        over = replace(settings, store=queries, store_update=updates)
        quiet = Progress(quiet=True)
        print(f"publish --shards {seconds(lambda: publish_generation(over, quiet, again=True, shards=True)):7.1f} s")
        over = replace(settings, store=f"{one.address}/query", store_update=f"{one.address}/update")
        print(f"publish          {seconds(lambda: publish_generation(over, quiet, again=True)):7.1f} s")
        port = free_port()
        program = ROOT / "docs" / "examples" / "shards" / "front.mjs"
        command = ["node", str(program), "--port", str(port), "--seconds", "600", *queries.split()]
        front = started(stack, work, "front", command, "/sparql", port)
        stores: dict[str, Store] = {"own store": EmbeddedStore.open(generation.store)}
        for told, address in (("one server", f"{one.address}/query"), (f"{count} shards", f"{front.address}/sparql")):
            endpoint = Endpoint(address, timeout=600.0)
            stores[told] = RemoteStore(endpoint, default_graph(manifest.base), map(Iri, manifest.graphs))
        print(f"{'ms for a question':20}{'median':>10}{'90 %':>10}{'longest':>10}{'together':>10}")
        for told, store in stores.items():
            with closing(store):
                found = sorted(1000 * each for each in asked(generation, store, rounds))
            figures = statistics.median(found), found[len(found) * 9 // 10], found[-1], sum(found)
            print(f"{told:20}" + "".join(f"{each:10.0f}" for each in figures))


if __name__ == "__main__":
    main()

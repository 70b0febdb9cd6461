"""``export``: the dataset or a graph of it into a file or standard output; ``publish``: all of it into a server."""

import gzip
import hashlib
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final, cast

import click

from app import mediatypes
from app.catalog.dumps import write_export
from app.cli.options import Failure, Misuse, dataset_of, ensure_generation, format_of
from app.config import Settings
from app.entities.basis import bases, data_graphs
from app.errors import PublicationError, QueryError
from app.generation import Generation, current
from app.mediatypes import Format
from app.progress import Progress
from app.store.embedded import EmbeddedStore
from app.store.opening import endpoint
from app.store.replication import Publisher
from app.terms import Dataset, Iri, is_absolute_iri

# So many triples between two lines of progress.
_STEP: Final = 100_000


def export_to(
    settings: Settings, graph: str | None, basis: str | None, format_name: str | None, compress: bool, output: str
) -> None:
    """Write the export; a Failure tells what cannot be had."""
    generation = ensure_generation(settings, Progress())
    whole = graph is None and basis is None
    form = _format(format_name, whole=whole)
    chosen = None if graph is None else _graph(generation, graph)
    dataset = None if basis is None else _dataset(generation, basis)
    with _target(output) as file:
        hashed = _Hashed(file)
        # An equal export is equal bytes: no name and no time in the gzip header.
        with gzip.GzipFile("", "wb", fileobj=hashed, mtime=0) if compress else nullcontext(hashed) as stream:
            write_export(generation, cast("IO[bytes]", stream), form, graph=chosen, dataset=dataset)
    click.echo(f"sha256 {hashed.digest.hexdigest()}  {hashed.size} bytes  {form.media_type}", err=True)


def _format(name: str | None, *, whole: bool) -> Format:
    offered = mediatypes.DATASET_FORMATS if whole else mediatypes.GRAPH_FORMATS
    told = f"{'the whole dataset' if whole else 'a graph'} is written as"
    return offered[0] if name is None else format_of(name, offered, told)


def _graph(generation: Generation, name: str) -> Iri:
    graphs = generation.manifest.graphs
    iri = name if is_absolute_iri(name) else f"{generation.manifest.base}graph/{name}"
    if iri not in graphs:
        short = (g.removeprefix(generation.manifest.base + "graph/") for g in sorted(graphs))
        raise Misuse(f"There is no graph {name!r}. Graphs: {', '.join(short)}.")
    return Iri(iri)


def _dataset(generation: Generation, basis: str) -> Dataset:
    manifest = generation.manifest
    # "all" is the written default graph: the store's own dataset.
    return dataset_of(basis, bases(manifest.views, data_graphs(map(Iri, manifest.graphs), manifest.base))) or Dataset()


class _Hashed(io.RawIOBase):
    """A binary stream that counts and hashes what goes through."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Pass on."""
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


@contextmanager
def _target(output: str) -> Iterator[IO[bytes]]:
    """Open the file beside its place and switch when it is whole; ``-`` is standard output."""
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    if not path.parent.is_dir():
        raise Misuse(f"There is no folder {path.parent}.")
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        try:
            yield cast("IO[bytes]", file)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def publish_generation(settings: Settings, progress: Progress, *, again: bool) -> str:
    """Write the current generation into the server of INNHERRED_STORE; a Failure tells what to mend.

    Read from the generation's own store, not its dumps: catalog, quality and reasons are in no dump, and a blank node
    of two graphs is one only there.
    """
    server = endpoint(settings)
    if server is None or settings.store is None:
        raise Misuse("Where to? Set INNHERRED_STORE (and INNHERRED_STORE_UPDATE) to the address of a SPARQL server.")
    generation = current(settings.state)
    if generation is None:
        raise Failure(f"There is no generation in {settings.state}. Run: innherred build")
    if not generation.store.is_dir():
        raise Failure(f"{generation.path} has no store/: publish where it was built.")
    manifest = generation.manifest
    publisher = Publisher(server, settings.store_update or settings.store, manifest.base)
    graphs = {Iri(name): count for name, count in manifest.graphs.items()}
    total = sum(graphs.values()) + manifest.triples
    store = EmbeddedStore.open(generation.store)
    try:
        if not again and publisher.published.read().digest == manifest.digest:
            return f"Version {manifest.version} is there already (--again writes it anew)."
        with progress.step("empty graphs"):
            publisher.begin(graphs)
        with progress.step(f"write {total} triples"):
            said = 0
            for done in publisher.write(store.quads()):
                if done - said >= _STEP:
                    said = done
                    progress.say(f"    {done} of {total}")
        with progress.step("count, write digest"):
            publisher.finish(manifest.digest, graphs, manifest.triples)
    except (QueryError, PublicationError) as error:
        raise Failure(f"Not published: {error} What is there is incomplete and has no digest.") from error
    finally:
        publisher.close()
        store.close()
    return f"Version {manifest.version}, {total} triples in {len(graphs) + 1} graphs, is in the store."

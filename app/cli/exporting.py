"""``export``: the dataset or a graph of it into a file or standard output; ``publish``: all of it into a server."""

import gzip
import hashlib
import io
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final, cast

import click

from app import mediatypes
from app.catalog.dumps import write_export
from app.cli.options import (
    Failure,
    Misuse,
    dataset_of,
    ensure_generation,
    failing,
    format_of,
    language,
    open_content,
    store_of,
)
from app.config import Settings
from app.content.folders import APPROVED
from app.entities.basis import bases, data_graphs
from app.errors import ContentError, PublicationError, QueryError, SettingError, Unavailable
from app.generation import Generation, current
from app.mediatypes import Format
from app.progress import Progress
from app.store.embedded import EmbeddedStore
from app.store.opening import endpoints
from app.store.replicas import DRAIN
from app.store.replication import Publisher, Shard, run_of_shard
from app.store.transport import Endpoint
from app.terms import Dataset, Iri, is_absolute_iri

# So many triples between two lines of progress.
_STEP: Final = 100_000
_LOST: Final = "What is there is incomplete and has no digest, or is what was there before."


def export_to(
    settings: Settings,
    graph: str | None,
    format_name: str | None,
    compress: bool,
    output: str,
    *,
    basis: str | None,
    tongue: str | None,
) -> None:
    """Write the export, with a tongue a graph in that language alone; a Failure tells what cannot be had."""
    if graph and basis:
        raise Misuse("Give --graph or --basis, not both.")
    if tongue and not graph:
        raise Misuse("--language is for a graph: give --graph too, for example --graph shapes.")
    generation = ensure_generation(settings, Progress())
    whole = graph is None and basis is None
    form = _format(format_name, whole=whole)
    chosen = None if graph is None else _graph(generation, graph)
    dataset = None if basis is None else _dataset(generation, basis)
    opened = nullcontext() if whole else closing(store_of(settings, generation))
    with _target(output) as file, opened as store:
        hashed = _Hashed(file)
        # An equal export is equal bytes: no name and no time in the gzip header.
        with gzip.GzipFile("", "wb", fileobj=hashed, mtime=0) if compress else nullcontext(hashed) as stream:
            write_export(
                generation, cast("IO[bytes]", stream), form, store, graph=chosen, dataset=dataset, language=tongue
            )
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


def publish_generation(settings: Settings, progress: Progress, *, again: bool, shards: bool = False) -> str:
    """Write the current generation into the servers of INNHERRED_STORE; a Failure tells what to mend.

    One after another, so that the others answer meanwhile; one that cannot be reached is left for the next time.
    With shards a share into each of them, in any case.
    """
    with failing(SettingError, failure=Misuse):
        servers = endpoints(settings)
    if not servers:
        raise Misuse("Where to? Set INNHERRED_STORE (and INNHERRED_STORE_UPDATE) to the address of a SPARQL server.")
    generation = current(settings.state)
    if generation is None:
        raise Failure(f"There is no generation in {settings.state}. Run: innherred build")
    if not generation.store.is_dir():
        raise Failure(f"{generation.path} has no store/: publish where it was built.")
    if shards:
        try:
            return _publish_shards(generation, servers, progress)
        except (QueryError, PublicationError) as error:
            raise Failure(f"Not published: {error} {_LOST}") from error
    told, missed = [], []
    for number, server in enumerate(servers, 1):
        name = f"Server {number} of {len(servers)}: " if len(servers) > 1 else ""
        try:
            told.append(name + _publish(generation, server, progress, again=again, drain=DRAIN if name else 0.0))
        except _Unreached as error:
            missed.append(f"{name}Not published: {error}")
        except (QueryError, PublicationError) as error:
            raise Failure("\n".join([*told, *missed, f"{name}Not published: {error} {_LOST}"])) from error
    if missed:
        raise Failure("\n".join([*told, *missed]))
    return "\n".join(told)


class _Unreached(Exception):
    """A server that did not answer before anything was changed."""


def _publish(generation: Generation, server: Endpoint, progress: Progress, *, again: bool, drain: float) -> str:
    """Write a generation into a server, and say what is there; raises _Unreached, QueryError, PublicationError.

    Read from the generation's own store, not its dumps: catalog, quality and reasons are in no dump, and a blank node
    of two graphs is one only there.
    """
    manifest = generation.manifest
    graphs = {Iri(name): count for name, count in manifest.graphs.items()}
    total = sum(graphs.values()) + manifest.triples
    with closing(EmbeddedStore.open(generation.store)) as store, closing(Publisher(server, manifest.base)) as publisher:
        try:
            if publisher.published.read().digest == manifest.digest and not again:
                return f"Version {manifest.version} is there already (--again writes it anew)."
        except Unavailable as error:
            raise _Unreached(str(error)) from error
        with progress.step("make room"):
            publisher.begin(graphs, drain=drain)
        with progress.step(f"write {total} triples"):
            said = 0
            for done in publisher.write(store):
                if done - said >= _STEP:
                    said = done
                    progress.say(f"    {done} of {total}")
        with progress.step("count, write digest"):
            publisher.finish(manifest.digest, graphs, manifest.triples)
    return f"Version {manifest.version}, {total} triples in {len(graphs) + 1} graphs, is in the store."


def _publish_shards(generation: Generation, servers: list[Endpoint], progress: Progress) -> str:
    """Write a share of a generation into each server, and say what is there; raises QueryError, PublicationError."""
    manifest, count, run = generation.manifest, len(servers), uuid.uuid4().hex
    graphs = {Iri(name): number for name, number in manifest.graphs.items()}
    with closing(EmbeddedStore.open(generation.store)) as store, ExitStack() as stack:
        shards = [Shard(store, number, count) for number in range(1, count + 1)]
        publishers = [
            stack.enter_context(closing(Publisher(server, manifest.base, run_of_shard(run, number, count))))
            for number, server in enumerate(servers, 1)
        ]
        for publisher in publishers:  # all answer, or nothing is changed
            publisher.published.read()
        with progress.step("make room"):
            for publisher in publishers:  # without one digest there is none
                publisher.begin(graphs, drain=DRAIN if publisher is publishers[0] else 0.0)
        for number, (publisher, shard) in enumerate(zip(publishers, shards, strict=True), 1):
            with progress.step(f"write shard {number} of {count}"):
                for _ in publisher.write(shard):
                    pass
        expected: Counter[Iri | None] = Counter(graphs)
        expected[None] = manifest.triples
        if sum((shard.sizes for shard in shards), Counter()) != expected:
            raise PublicationError("The store has other numbers of triples than the manifest: innherred verify.")
        with progress.step("count, write digest"):
            for publisher, shard in zip(publishers, shards, strict=True):
                publisher.finish(manifest.digest, {each: shard.sizes[each] for each in graphs}, shard.sizes[None])
    told = ", ".join(str(shard.sizes.total()) for shard in shards)
    return f"Version {manifest.version} is in {count} shards of {told} triples."


def rebase_to(settings: Settings, base: str, out: Path) -> None:
    """Write a copy of the content under another base; a Misuse tells what is wrong with the base or the folder."""
    from app.build.draft import BuildRefused, approve
    from app.editing.rebasing import BASE, FOLDERS, rebase

    content = open_content(replace(settings, base=None))
    if not BASE.fullmatch(base) or base == content.base:
        raise Misuse(f"{base} cannot be the new base. Write it like https://example.org/trial/.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Misuse(f"{out} is not empty. Name a folder that is not there yet.")
    if any(out.resolve().is_relative_to((content.root / each).resolve()) for each in FOLDERS):
        raise Misuse(f"{out} is inside the content. Name a folder beside it.")
    try:
        count = rebase(content, base, out)
    except ContentError as error:
        raise Failure(error.text(language())) from error
    click.echo(f"{count} files in {out}, with {base} in the place of {content.base}")
    if (out / APPROVED).is_dir():
        copy = replace(settings, content=out, base=None)
        try:  # rows in the order of their names are in another order now
            approve(open_content(copy), copy, Progress())
        except BuildRefused:
            click.echo("Approved answers are as they were: the content has errors.", err=True)
    click.echo(f"Now: innherred check --content {out}", err=True)

"""Whether what was built is still as it was built."""

import gzip
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from app.changes.log import NAME
from app.changes.log import reading as reading_log
from app.errors import QueryError
from app.generation import Generation, Manifest, damage
from app.store.embedded import EmbeddedStore

_PART = 1 << 20


def faults(state: Path, version: str | None = None) -> Iterator[str]:
    """Say what is damaged of the current generation or of a kept version (its first characters), and of the log."""
    found = _folder(state, version)
    if found is None:
        yield f"{version or 'current'}: there is no such generation in {state}"
    else:
        try:
            yield from _generation(Generation(found, Manifest.read(found)))
        except (OSError, ValueError) as error:
            yield f"{found.name}: {error}"
    if (state / NAME).exists():
        try:
            with reading_log(state) as log:
                yield from (f"{NAME}: {row[0]}" for row in log.execute("PRAGMA integrity_check") if row[0] != "ok")
        except OSError as error:
            yield f"{NAME}: {error}"


def _folder(state: Path, version: str | None) -> Path | None:
    if version is None:
        return (state / "current").resolve() if (state / "current").exists() else None
    return next(iter(sorted((state / "generations").glob(f"{version}*"), reverse=True)), None)


def _generation(generation: Generation) -> Iterator[str]:
    manifest = generation.manifest
    if not manifest.files:
        yield f"{manifest.version}: built by an earlier version, without checksums"
    yield from (f"{name} {told}" for name, told in sorted(damage(generation).items()))
    try:
        if digest(generation) != manifest.digest:
            yield f"dumps/all.nq.gz: its digest is not {manifest.digest}"
    except (OSError, EOFError) as error:
        yield f"dumps/all.nq.gz: {error}"
    try:
        counts = {str(graph): number for graph, number in EmbeddedStore.open(generation.store).graphs().items()}
        told = {graph: number for graph, number in manifest.graphs.items() if graph in counts or number}
        yield from (
            f"store: {counts.get(graph, 0)} triples in {graph}, not {told.get(graph, 0)}"
            for graph in sorted(counts.keys() | told.keys())
            if counts.get(graph, 0) != told.get(graph, 0)
        )
    except (OSError, QueryError) as error:
        yield f"store: {error}"
    try:
        address = f"{generation.search.resolve().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as index:
            yield from (f"search.sqlite: {row[0]}" for row in index.execute("PRAGMA quick_check") if row[0] != "ok")
    except sqlite3.Error as error:
        yield f"search.sqlite: {error}"


def digest(generation: Generation) -> str:
    """Compute the digest of a generation's data anew, from its dump: see app.content.canonical."""
    total = hashlib.sha256(f"{generation.manifest.as_of}\n".encode())
    with gzip.open(generation.dumps / "all.nq.gz") as file:
        for part in iter(partial(file.read, _PART), b""):
            total.update(part)
    return total.hexdigest()

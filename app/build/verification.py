"""Whether what was built is as it was built, and an answer what its receipt (app.web.receipts) says."""

import gzip
import hashlib
import json
import math
import sqlite3
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.changes.log import NAME
from app.changes.log import reading as reading_log
from app.config import Settings
from app.content.folders import Content
from app.errors import QueryError
from app.generation import Generation, Manifest, damage, kept, named_releases
from app.progress import Progress
from app.store.embedded import EmbeddedStore
from app.store.interface import Limits
from app.store.opening import open_store
from app.store.results import answer_hash, format_of_receipt
from app.terms import Dataset, Iri, is_absolute_iri

_PART = 1 << 20
# A receipt of somebody else has no more bytes, and comes within these seconds.
_LARGEST: Final = 2 << 20
_LONGEST: Final = 30


def faults(state: Path, version: str | None = None) -> Iterator[str]:
    """Say what is damaged of the current generation or of a kept version (its first characters), and of the log."""
    found = _folder(state, version)
    if found is None:
        yield f"{version or 'current'}: there is no such generation in {state}"
    else:
        try:
            yield from faults_of(Generation(found, Manifest.read(found)))
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
    named = next((each.folder for each in named_releases(state) if version in (each.name, each.version)), None)
    if named is not None:
        return state / "generations" / named
    return next(iter(sorted((state / "generations").glob(f"{version}*"), reverse=True)), None)


def faults_of(generation: Generation, most: float = math.inf) -> Iterator[str]:
    """Say what is damaged of a generation; its data may be of so many bytes, unpacked."""
    manifest = generation.manifest
    if not manifest.files:
        yield f"{manifest.version}: built by an earlier version, without checksums"
    yield from (f"{name} {told}" for name, told in sorted(damage(generation).items()))
    try:
        if digest(generation, most) != manifest.digest:
            yield f"dumps/all.nq.gz: its digest is not {manifest.digest}"
    except (OSError, EOFError, ValueError, zlib.error) as error:
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


def digest(generation: Generation, most: float = math.inf) -> str:
    """Compute the digest of a generation's data anew, from its dump: see app.content.canonical.

    Raises OSError, EOFError or zlib.error for a file that cannot be unpacked, ValueError for one of more bytes.
    """
    total = hashlib.sha256(f"{generation.manifest.as_of}\n".encode())
    with gzip.open(generation.dumps / "all.nq.gz") as file:
        for part in iter(partial(file.read, _PART), b""):
            total.update(part)
            if (most := most - len(part)) < 0:
                raise ValueError("it has more bytes than it may have")
    return total.hexdigest()


class ReceiptError(Exception):
    """A receipt that cannot be read or checked; the words say why, and what to do."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says, of what is needed to check it."""

    query: str
    version: str
    digest: str
    as_of: str
    sha256: str
    dataset: Dataset | None

    @classmethod
    def read(cls, place: str) -> "Receipt":
        """Read the JSON of a receipt from a file or a web address; raises ReceiptError."""
        try:
            text = _fetched(place) if place.lower().startswith(("http://", "https://")) else _content(Path(place))
            return cls._of(json.loads(text))
        except (OSError, ValueError, KeyError, TypeError, urllib.error.URLError, RecursionError) as error:
            raise ReceiptError(f"{place} is no receipt that can be read: {error}") from error

    @classmethod
    def _of(cls, said: Mapping[str, Any]) -> "Receipt":
        texts = [said["query"], said["version"], said["digest"], said["asOf"], said["answer"]["sha256"]]
        graphs = [tuple(said.get(name) or ()) for name in ("defaultGraphs", "namedGraphs")]
        if not all(isinstance(text, str) for text in (*texts, *graphs[0], *graphs[1])):
            raise ValueError("its members are not the texts that a receipt has")
        if any(not is_absolute_iri(graph) for each in graphs for graph in each):
            raise ValueError("a graph is no IRI")
        date.fromisoformat(texts[3])
        chosen = [tuple(map(Iri, each)) or None for each in graphs]
        query, version, digest, as_of, sha256 = texts
        return cls(query, version, digest, as_of, sha256, Dataset(*chosen) if any(chosen) else None)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return _bounded(file.read(_LARGEST + 1))


def _fetched(address: str) -> bytes:
    asked = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310 - http and https only
    with urllib.request.urlopen(asked, timeout=_LONGEST) as answer:  # noqa: S310 - as above
        return _bounded(answer.read(_LARGEST + 1))


def _bounded(text: bytes) -> bytes:
    if len(text) > _LARGEST:
        raise ValueError(f"it has more than {_LARGEST} bytes")
    return text


def check_receipt(receipt: Receipt, settings: Settings, progress: Progress) -> str:
    """Ask again and give the hash of the answer, as the receipt has it; raises ReceiptError, QueryError, BuildRefused.

    It is asked of the version that is kept, else of the content here, built beside, if that is of the same digest.
    """
    there = next((each for each in kept(settings.state) if each.manifest.digest == receipt.digest), None)
    if there is not None:
        return _asked(receipt, there, settings)
    from app.build.builder import build  # noqa: PLC0415 - what only a build needs

    with tempfile.TemporaryDirectory(prefix="innherred-receipt-") as folder:
        beside = replace(settings, state=Path(folder))
        content = Content.open(settings.content, settings.base)
        made = build(content, beside, as_of=date.fromisoformat(receipt.as_of), progress=progress)
        if made.manifest.digest != receipt.digest:
            raise ReceiptError(
                f"Version {receipt.version} is not kept here, and the content here is another one "
                f"({made.manifest.version}). Check out the content as it was, and try again with --content."
            )
        return _asked(receipt, made, beside)


def _asked(receipt: Receipt, generation: Generation, settings: Settings) -> str:
    limits = Limits(settings.query_length, settings.query_nesting, settings.answer_bytes)
    with closing(open_store(generation, settings, limits, lambda _event: None, occasional=True)) as store:
        body = store.answer(receipt.query, receipt.dataset, format_of_receipt(receipt.query), limits).body
    found = answer_hash(body)
    if found != receipt.sha256:
        raise ReceiptError(f"Another answer: its SHA-256 is {found}, and the receipt says {receipt.sha256}.")
    return found

"""The generation that is served: opened once, replaced when the ``current`` link points elsewhere."""

import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import current_app, g

from app import __version__
from app.changes.view import Changes
from app.config import Settings
from app.entities import kinds
from app.entities.classes import Classes
from app.entities.provenance import Provenance, of_graphs
from app.generation import Generation, Manifest, current
from app.quality.findings import Finding, findings
from app.query.library import Library
from app.search.lookup import SearchIndex
from app.store.interface import Limits, Store
from app.store.isolated import IsolatedStore
from app.store.process import Confinement
from app.store.workers import Count
from app.terms import Iri

# The link is looked at no more often than this (seconds).
_LOOK: Final = 1.0


class NothingServed(Exception):
    """There is no generation to serve yet."""


@dataclass(frozen=True, slots=True)
class Served:
    """An open generation with what every page needs of it, read once."""

    generation: Generation
    store: Store
    library: Library
    index: SearchIndex
    graphs: Mapping[Iri, int]
    notes: Mapping[Iri, Provenance]
    findings: tuple[Finding, ...]
    classes: Classes
    kinds: Mapping[str, int]
    kind_names: Mapping[str, Iri]
    limits: Limits
    changes: Changes
    fingerprint: str

    @property
    def manifest(self) -> Manifest:
        """What the generation says of itself."""
        return self.generation.manifest

    @property
    def base(self) -> str:
        """The base IRI of the content."""
        return self.generation.manifest.base


def open_generation(generation: Generation, settings: Settings, count: Count) -> Served:
    """Open a generation for reading."""
    manifest = generation.manifest
    limits = Limits(settings.query_length, settings.query_nesting, settings.answer_bytes)
    confinement = Confinement(
        settings.query_workers, settings.query_deadline, settings.query_memory, settings.query_stack
    )
    store = IsolatedStore.start(generation.store, confinement, limits, count)
    graphs = {Iri(name): count for name, count in manifest.graphs.items()}
    index = SearchIndex(generation.search)
    classes = Classes.read(store)
    counts = index.kinds()
    samples = {
        kind: [Iri(hit.iri) for hit in index.things(kind, manifest.languages, limit=kinds.SAMPLE).hits]
        for kind in counts
    }
    return Served(
        generation=generation,
        store=store,
        library=Library.load((generation.queries,), manifest.prefixes),
        index=index,
        graphs=graphs,
        notes=of_graphs(store, graphs),
        findings=findings(store, manifest.base),
        classes=classes,
        kinds=counts,
        kind_names=kinds.named_by(store, samples, classes),
        limits=limits,
        changes=Changes.of(settings.state, manifest),
        fingerprint=_fingerprint(manifest, settings),
    )


def _fingerprint(manifest: Manifest, settings: Settings) -> str:
    """Give what every answer rests on: data, software, query files (panels are not in the digest), settings shown."""
    files = sorted(f"{name} {facts[2]}" for name, facts in manifest.inputs.items() if name.endswith(".rq"))
    shown = (manifest.digest, __version__, str(settings.page_size), settings.report_address or "", *files)
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()


class Serving:
    """Gives the served generation to requests; one that is replaced lives until its last request has ended."""

    def __init__(self, settings: Settings, count: Count = lambda _event: None) -> None:
        """Open nothing yet: the first request does. What becomes of query workers is counted."""
        self._settings = settings
        self._count = count
        self._served: Served | None = None
        self._target = ""
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def get(self) -> Served:
        """Give the current generation, opening it when the link has changed; raises NothingServed."""
        if self._served is None or time.monotonic() - self._looked >= _LOOK:
            with self._lock:
                self._look()
        if self._served is None:
            raise NothingServed
        return self._served

    def _look(self) -> None:
        self._looked = time.monotonic()
        try:
            target = str((self._settings.state / "current").resolve(strict=True))
        except OSError:
            return  # what is open stays open
        if target == self._target:
            return
        if (generation := current(self._settings.state)) is not None:
            self._served = open_generation(generation, self._settings, self._count)
            self._target = target


def served() -> Served:
    """Give the generation of this request: the same from its first line to its last."""
    found: Served = g.served
    return found


def settings() -> Settings:
    """Give the settings of the application."""
    found: Settings = current_app.config["SETTINGS"]
    return found

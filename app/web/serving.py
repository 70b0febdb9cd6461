"""The generation that is served: opened once, replaced when the ``current`` link points elsewhere."""

import hashlib
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import current_app, g

from app import __version__
from app.catalog.statistics import read_vocabulary
from app.changes.view import Changes
from app.config import Settings
from app.entities.basis import Basis, bases, data_graphs
from app.entities.classes import SAMPLE, Classes, named_by
from app.entities.incoming import IncomingGroup
from app.entities.labels import Remembered
from app.entities.panels import Panel
from app.entities.provenance import Provenance, meanings, of_graphs
from app.errors import N_, QueryError, StoreBroken, Unreadable
from app.generation import SMALL, VERSION_NAME, Generation, Manifest, current, damage, named_releases, readable
from app.namespaces import RDFS_SUBPROPERTY_OF
from app.quality.findings import ValidationResult, findings
from app.query.coach import Vocabulary
from app.query.library import Library, engine_query
from app.search.lookup import SearchIndex
from app.store.interface import AnswersKept, Limits, Store
from app.store.opening import open_store, replicated
from app.store.workers import Count
from app.terms import Dataset, Iri, Literal, Triple

if TYPE_CHECKING:
    from app.store.replicas import ReplicatedStore

_log: Final = logging.getLogger(__name__)
# The link is looked at no more often than this (seconds).
_LOOK: Final = 1.0
# What could not be read is tried again after this time (seconds).
_AGAIN: Final = 30.0
# So many older versions are open at once, in each server process.
OPEN: Final = 2


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
    meanings: Mapping[Iri, tuple[Literal, ...]]
    findings: tuple[ValidationResult, ...]
    classes: Classes
    kinds: Mapping[str, int]
    kind_names: Mapping[str, Iri]
    limits: Limits
    changes: Changes
    content: str
    properties: Classes
    vocabulary: Vocabulary
    bases: Mapping[str, Basis]
    # The store, where it is one of other servers, and the digests of what these held when it was opened.
    published: "ReplicatedStore | None" = None
    digests: frozenset[str] = frozenset()
    # Whether the store says what the fingerprint says: only then may an answer be kept for who asks later.
    keeps_answers: bool = True
    labels: Remembered = field(default_factory=Remembered)
    # What points to things that very many point to; the first rows of long panels.
    pointing: AnswersKept[list[IncomingGroup]] = field(default_factory=AnswersKept)
    panels: AnswersKept[Panel] = field(default_factory=AnswersKept)
    # What could not be read, and why: ``generation`` (what is current), ``search``, ``changes``.
    faults: Mapping[str, str] = field(default_factory=dict)
    # What the menu leads to, in order: path and label by language; empty where the content has none of its own.
    menu: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def manifest(self) -> Manifest:
        """What the generation says of itself."""
        return self.generation.manifest

    @property
    def fingerprint(self) -> str:
        """What every answer rests on."""
        return f"{self.content} {self.store.source}"

    @property
    def base(self) -> str:
        """The base IRI of the content."""
        return self.generation.manifest.base

    @property
    def matches(self) -> bool:
        """Say whether the store holds this generation, whole, as last seen."""
        return self.published is None or self.published.matches

    def faults_now(self) -> dict[str, str]:
        """Look what cannot be read just now, and give why."""
        found = {part: told for part, told in self.faults.items() if part == "generation"}
        if not self.generation.path.is_dir():
            found["generation"] = f"{self.generation.path} is not there"
        for part, probe in (("search", self.index.probe), ("changes", self.changes.probe)):
            try:
                probe()
            except OSError as error:
                found[part] = str(error)
        return found

    def triples_of(self, graph: Iri) -> list[Triple]:
        """Give all that a named graph holds."""
        return self.store.construct(engine_query("engine/triples"), Dataset(default=(graph,)))

    def basis_of(self, dataset: Dataset | None) -> str | None:
        """Give the name of the basis that has this dataset, None when it is another one or the default graph."""
        return next((name for name, each in self.bases.items() if dataset and each.dataset == dataset), None)

    def is_stable(self) -> bool:
        """Say whether the store has held this generation, whole and untouched, from opening it until now."""
        return self.published is None or self.published.is_stable()


def open_generation(generation: Generation, settings: Settings, count: Count, *, occasional: bool = False) -> Served:
    """Open a generation for reading; occasional: one that is seldom asked, and holds few processes."""
    manifest = generation.manifest
    limits = Limits(settings.query_length, settings.query_nesting, settings.answer_bytes)
    remote = None if occasional else replicated(settings, manifest)
    # Before anything else is read: what changes meanwhile is then noticed.
    digests = remote.digests() if remote else frozenset()
    store = remote or open_store(generation, settings, limits, count, occasional=occasional)
    library = Library.load((generation.queries,), manifest.prefixes).with_parts()
    graphs = {Iri(name): count for name, count in manifest.graphs.items()}
    index = SearchIndex(generation.search)
    classes = Classes.read(store)
    changes = Changes.of(settings.state, manifest)
    faults = {} if changes.fault is None else {"changes": str(changes.fault)}
    try:
        counts = index.kinds()
        samples = {kind: [Iri(iri) for iri in index.sample(kind, SAMPLE)] for kind in counts}
    except Unreadable as error:
        counts, samples, faults["search"] = dict(manifest.kinds), {}, str(error)
    return Served(
        generation=generation,
        store=store,
        library=library,
        menu=_menu(store, library),
        index=index,
        graphs=graphs,
        notes=of_graphs(store, graphs),
        meanings=meanings(store),
        findings=findings(store, manifest.base),
        classes=classes,
        kinds=counts,
        kind_names=named_by(store, samples, classes),
        limits=limits,
        changes=changes,
        content=_fingerprint(manifest, settings, changes),
        properties=Classes.read(store, RDFS_SUBPROPERTY_OF),
        vocabulary=read_vocabulary(store, manifest.base, manifest.prefixes),
        bases=bases(manifest.views, data_graphs(graphs, manifest.base)),
        published=remote,
        digests=digests,
        keeps_answers=remote is None,
        faults=faults,
    )


def _menu(store: Store, library: Library) -> dict[str, dict[str, str]]:
    """Read the menu that the content has: paths of this server alone."""
    found: dict[str, dict[str, str]] = {}
    for row in store.select(library.menu.text).rows if library.menu else ():
        path, label = row.get("path"), row.get("label")
        if isinstance(path, Literal) and isinstance(label, Literal) and re.fullmatch("/([a-z0-9].*)?", path.value):
            found.setdefault(path.value, {})[label.language or ""] = label.value
    return found


def _fingerprint(manifest: Manifest, settings: Settings, changes: Changes) -> str:
    """Give what every answer rests on: data, software, query files (panels are not in the digest), settings shown."""
    files = sorted(f"{name} {facts[2]}" for name, facts in manifest.inputs.items() if name.endswith(".rq"))
    edited = ("edited",) if settings.edit else ()
    shown = (
        *edited,
        manifest.digest,
        __version__,
        settings.page_size,
        settings.report_address or "",
        changes.last,
        *files,
    )
    return hashlib.sha256("\n".join(map(str, shown)).encode()).hexdigest()


class Serving:
    """Gives the served generation to requests; one that is replaced lives until its last request has ended."""

    def __init__(self, settings: Settings, count: Count = lambda _event: None) -> None:
        """Open nothing yet: the first request does. What becomes of query workers is counted."""
        self._settings = settings
        self._count = count
        self._served: Served | None = None
        self._target = ""
        self._opened = float("-inf")
        self._distrusted: set[Path] = set()
        self._looked = float("-inf")
        self._error: QueryError | None = None
        self._lock = threading.Lock()
        self._old: OrderedDict[Path, Served] = OrderedDict()
        self._opening = threading.Lock()

    def get(self) -> Served:
        """Give the current generation, opening it when the link or the store has changed.

        Raises NothingServed, or QueryError when another server holds the triples and cannot be asked.
        """
        due = self._served is None or time.monotonic() - self._looked >= _LOOK
        # Who finds something open need not wait while another looks.
        if due and self._lock.acquire(blocking=self._served is None):
            try:
                self._look()
            finally:
                self._lock.release()
        if self._served is None:
            raise self._error or NothingServed
        return self._served

    def languages(self) -> tuple[str, ...]:
        """Give the content's languages, none while nothing can be served."""
        try:
            return self.get().manifest.languages
        except (NothingServed, QueryError):
            return ()

    def _look(self) -> None:
        if self._error is not None and time.monotonic() - self._looked < _LOOK:
            return  # it has just failed for another request
        self._looked = time.monotonic()
        try:
            target = str((self._settings.state / "current").resolve(strict=True))
        except OSError:
            target = self._target  # what is open stays open
        if self._served is None or target != self._target or self._is_mended() or self._is_written_anew():
            self._open(target)
        self._looked = time.monotonic()

    def _open(self, target: str) -> None:
        """Open what is current, else the newest generation that can be opened.

        Of those that another server holds, if there are any: what was built is served when it has been published.
        """
        faults: dict[str, str] = {}
        if target != self._target:
            self._distrusted.clear()
        found = sorted(readable(self._settings.state), key=lambda each: each.path in self._distrusted)
        held = self._held(found)
        found.sort(key=lambda each: each.manifest.digest not in held)
        known = {str(each.path) for each in found}
        for generation in found:
            if str(generation.path) != target and not (held and target in known):
                faults.setdefault("generation", f"{Path(target).name or 'current'} cannot be read")
            try:
                served = open_generation(generation, self._settings, self._count)
            except Exception as error:  # noqa: BLE001 - damaged files raise anything
                if isinstance(error, QueryError) and self._settings.store is not None:
                    self._error = error
                    return
                faults.setdefault("generation", f"{generation.path.name} cannot be read: {error}")
                continue
            self._served = replace(served, faults={**served.faults, **faults})
            self._target, self._error, self._opened = target, None, time.monotonic()
            for part, told in self._served.faults.items():
                _log.warning("serving version %s without %s: %s", served.manifest.version, part, told)
            return
        if self._served is not None and self._served.generation.path not in self._distrusted:
            self._served = replace(self._served, faults={**self._served.faults, **faults})
        elif faults:  # queries over damaged files need not end
            self._served = None
            self._error = StoreBroken(N_("What is built cannot be read: %(error)s"), error=faults["generation"])
        self._target, self._opened = target, time.monotonic()

    def _is_mended(self) -> bool:
        """Say whether something that could not be read can be by now; that is looked at now and then."""
        now = self._served
        if now is None or not now.faults or time.monotonic() - self._opened < _AGAIN:
            return False
        self._opened = time.monotonic()
        better = current(self._settings.state) if "generation" in now.faults else None
        if better is not None and better.manifest.files and not damage(better, SMALL):
            self._distrusted.clear()
            return True
        return now.faults_now().keys() != now.faults.keys()

    def distrust(self, served: Served) -> None:
        """Note that the files of a generation turned out to be damaged: another one is served, if there is one."""
        with self._lock:
            if self._settings.store is None and served.generation.path not in self._distrusted:
                self._distrusted.add(served.generation.path)
                self._open(self._target)

    def _is_written_anew(self) -> bool:
        now = self._served
        if now is None or now.published is None:
            return False
        try:
            return now.published.digests() != now.digests or now.published.changed()
        except QueryError:
            return False

    def _held(self, found: list[Generation]) -> frozenset[str]:
        """Give the digests of what other servers hold; none where there are no such, or none answers."""
        store = replicated(self._settings, found[0].manifest) if found else None
        if store is None:
            return frozenset()
        with closing(store), suppress(QueryError):
            return store.digests()
        return frozenset()

    def keeps(self, version: str) -> bool:
        """Say whether a version is kept."""
        return self.folder(version) is not None

    def version(self, version: str) -> Served | None:
        """Give a version that is kept, by its name or that of a release, opened when need be. None: not kept.

        Who names a version is answered from its own folder, also while it is the current one: so the answer stays the
        same, row by row, when others are built. Only so many stay open; one that is closed lives until its last
        request has ended.
        """
        folder = self.folder(version)
        with self._opening:
            for gone in [each for each in self._old if not each.exists()]:
                del self._old[gone]
            if folder is None:
                return None
            if folder not in self._old:
                try:
                    generation = Generation(folder, Manifest.read(folder))
                    self._old[folder] = open_generation(generation, self._settings, self._count, occasional=True)
                except (OSError, ValueError, QueryError):
                    now = self.get()
                    return now if now.manifest.version == version else None
            self._old.move_to_end(folder)
            found = self._old[folder]
            while len(self._old) > OPEN:
                self._old.popitem(last=False)
        return found

    def folder(self, version: str) -> Path | None:
        """Find the folder of a version or of a release: that which a release keeps, else the newest of its version."""
        generations = self._settings.state / "generations"
        for each in named_releases(self._settings.state):
            if version in (each.name, each.version) and (generations / each.folder).is_dir():
                return generations / each.folder
        if not VERSION_NAME.match(version):
            return None
        found = [path for path in (generations / version, *generations.glob(f"{version}-*")) if path.is_dir()]
        return max(found, key=lambda path: path.stat().st_mtime, default=None)


def served() -> Served:
    """Give the generation of this request: the same from its first line to its last."""
    found: Served = g.served
    return found


def settings() -> Settings:
    """Give the settings of the application."""
    found: Settings = current_app.config["SETTINGS"]
    return found

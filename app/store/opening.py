"""Which store serves a generation: its own, with processes for queries from outside, or a SPARQL server."""

import os
import threading
import time
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.config import RUN, Settings
from app.errors import SettingError
from app.generation import Generation, Manifest
from app.mediatypes import Format
from app.store.embedded import EmbeddedStore, opened
from app.store.forked import Forks
from app.store.interface import Answer, Limits, Store
from app.store.workers import Confinement, Count, Workers, environment
from app.terms import Dataset, Iri

if TYPE_CHECKING:
    from app.store.replicas import ReplicatedStore
    from app.store.transport import Endpoint

# What a triple in a graph takes in the engine's memory: measured 370 to 400 bytes at 600,000 of them.
QUAD_BYTES: Final = 400
# Seconds without a query after which the process ends.
IDLE: Final = 60.0


class IsolatedStore(EmbeddedStore):
    """An EmbeddedStore whose ``answer`` no query can take down."""

    def __init__(
        self, folder: Path, confinement: Confinement, limits: Limits, count: Count, forks: Forks | None = None
    ) -> None:
        """Open the store in folder for reading, and start the pool."""
        super().__init__(opened(folder))
        self.workers = Workers(folder, confinement, limits, count, forks)

    @property
    def source(self) -> str:
        """Where answers come from now."""
        return "memory" if self.workers.in_memory else "disk"

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query from outside within the limits that the pool was started with."""
        return self.workers.answer(query, dataset, format, limits.turn)

    def close(self) -> None:
        """End the processes and let go of the files."""
        self.workers.close()
        super().close()


class OccasionalStore(EmbeddedStore):
    """An EmbeddedStore for an older generation; queries from outside take turns in one process."""

    def __init__(
        self, folder: Path, confinement: Confinement, limits: Limits, count: Count, *, idle: float = IDLE
    ) -> None:
        """Open the store in folder for reading, and start nothing yet."""
        super().__init__(opened(folder))
        # The pool keeps one process more than may be busy: here it is the only one.
        self._pool = (folder, replace(confinement, size=0), limits, count)
        self._idle = idle
        self._lock = threading.Lock()
        self._workers: Workers | None = None
        self._asking = 0
        self._used = 0.0

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query from outside within the limits that the store was opened with."""
        with self._lock:
            self._asking += 1
            if self._workers is None:
                self._workers = Workers(*self._pool)
                self._wait(self._idle)
            workers = self._workers
        try:
            return workers.answer(query, dataset, format, limits.turn)
        finally:
            with self._lock:
                self._asking -= 1
                self._used = time.monotonic()

    def processes(self) -> list[int]:
        """Give the process ids of what runs now."""
        with self._lock:
            return self._workers.processes() if self._workers else []

    def close(self) -> None:
        """End the process and let go of the files."""
        with self._lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()
        super().close()

    def _wait(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._rest)
        timer.daemon = True
        timer.start()

    def _rest(self) -> None:
        """End the process when it has not been asked for long enough, else look again."""
        with self._lock:
            left = self._used + self._idle - time.monotonic()
            if self._workers is None:
                return
            if self._asking or left > 0:
                self._wait(max(left, self._idle / 10))
                return
            workers, self._workers = self._workers, None
        workers.close()


def endpoints(settings: Settings) -> "list[Endpoint]":
    """Give the servers of the settings, none for a generation's own store; raises SettingError."""
    if settings.store is None:
        return []
    from app.store.transport import Endpoint  # noqa: PLC0415 - an HTTP client, which the embedded store needs not

    queries = settings.store.split()
    updates, data = (each.split() if each else [] for each in (settings.store_update, settings.store_data))
    if any(given and len(given) != len(queries) for given in (updates, data)):
        raise SettingError(
            "INNHERRED_STORE_UPDATE and INNHERRED_STORE_DATA have as many addresses as INNHERRED_STORE, in its order."
        )
    user, password = settings.store_user, settings.store_password
    found = Endpoint("", user, password, settings.store_timeout, settings.query_deadline)
    return [
        replace(found, address=query, update=update, data=place)
        for query, update, place in zip_longest(queries, updates, data)
    ]


def replicated(settings: Settings, manifest: Manifest) -> "ReplicatedStore | None":
    """Give a generation's store over those servers; None for its own store, which never changes."""
    if not (servers := endpoints(settings)):
        return None
    from app.store.replicas import ReplicatedStore  # noqa: PLC0415 - it loads rdflib, as needless

    return ReplicatedStore(servers, manifest.base, map(Iri, manifest.graphs), manifest.digest)


def open_store(
    generation: Generation, settings: Settings, limits: Limits, count: Count, *, occasional: bool = False
) -> Store:
    """Open a generation's own store; raises OSError when it has none. ``occasional``: one that is asked seldom."""
    confinement = Confinement(
        settings.query_workers, settings.query_deadline, settings.query_memory, settings.query_stack
    )
    if occasional:
        return OccasionalStore(generation.store, confinement, limits, count)
    return IsolatedStore(generation.store, confinement, limits, count, _forks(generation, settings))


def _has_handles() -> bool:
    """Say whether the system has handles of processes (pidfd_open(2)), and lets us have them."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


def _forks(generation: Generation, settings: Settings) -> Forks | None:
    """Give the fork server over a generation; None where none is wanted, or its triples take too much memory."""
    run, manifest = os.environ.get(RUN), generation.manifest
    needed = QUAD_BYTES * (manifest.triples + sum(manifest.graphs.values()))
    if run is None or needed > settings.memory_store or not _has_handles():
        return None
    return Forks(generation.store.resolve(), run, environment())

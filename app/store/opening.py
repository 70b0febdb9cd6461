"""Which store serves a generation: its own, with processes for queries from outside, or a SPARQL server."""

import os
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.config import RUN, Settings
from app.generation import Generation
from app.mediatypes import Format
from app.store.embedded import EmbeddedStore, opened
from app.store.forked import Forks
from app.store.interface import Answer, Limits, Store
from app.store.workers import Confinement, Count, Workers, environment
from app.terms import Dataset, Iri

if TYPE_CHECKING:
    from app.store.replication import Published
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


def endpoint(settings: Settings) -> "Endpoint | None":
    """Give the server of the settings, if there is one."""
    if settings.store is None:
        return None
    from app.store.transport import Endpoint  # noqa: PLC0415 - an HTTP client, which the embedded store needs not

    return Endpoint(
        settings.store, settings.store_user, settings.store_password, settings.store_timeout, settings.query_deadline
    )


def published(settings: Settings, base: str) -> "Published | None":
    """Give the reader of that server's marker; None for a generation's own store, which never changes."""
    if (server := endpoint(settings)) is None:
        return None
    from app.store.replication import Published  # noqa: PLC0415 - it loads rdflib, as needless

    return Published(server, base)


def open_store(
    generation: Generation, settings: Settings, limits: Limits, count: Count, *, occasional: bool = False
) -> Store:
    """Open the store that answers for a generation; raises OSError when the generation has none.

    ``occasional``: of an older version, which is asked seldom and is in its own folder only.
    """
    manifest = generation.manifest
    if not occasional and (server := endpoint(settings)) is not None:
        from app.store.remote import RemoteStore  # noqa: PLC0415
        from app.store.replication import default_graph  # noqa: PLC0415 - as above

        return RemoteStore(server, default_graph(manifest.base), map(Iri, manifest.graphs))
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

"""A store that is seldom asked from outside: its one process starts with the first query and ends when none comes."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from app.mediatypes import Format
from app.store.embedded import EmbeddedStore
from app.store.interface import Answer, Dataset, Limits
from app.store.process import Confinement
from app.store.workers import Count, Workers

# Seconds without a query after which the process ends.
IDLE: Final = 60.0


class OccasionalStore(EmbeddedStore):
    """An EmbeddedStore for an older generation; queries from outside take turns in one process."""

    def __init__(
        self, folder: Path, confinement: Confinement, limits: Limits, count: Count, *, idle: float = IDLE
    ) -> None:
        """Open the store in folder for reading, and start nothing yet."""
        super().__init__(ox.Store.read_only(str(folder)))
        # The pool keeps one process more than may be busy: here it is the only one.
        self._pool = (folder, replace(confinement, size=0), limits, count)
        self._idle = idle
        self._lock = threading.Lock()
        self._workers: Workers | None = None
        self._asking = 0
        self._used = 0.0

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:  # noqa: ARG002
        """Answer any query from outside within the limits that the store was opened with."""
        with self._lock:
            self._asking += 1
            if self._workers is None:
                self._workers = Workers(*self._pool)
                self._wait(self._idle)
            workers = self._workers
        try:
            return workers.answer(query, dataset, format)
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

"""The embedded store with queries from outside in processes of their own; our own bounded ones stay here."""

from pathlib import Path

import pyoxigraph as ox

from app.mediatypes import Format
from app.store.embedded import EmbeddedStore
from app.store.interface import Answer, Dataset, Limits
from app.store.process import Confinement
from app.store.workers import Count, Workers


class IsolatedStore(EmbeddedStore):
    """An EmbeddedStore whose ``answer`` no query can take down."""

    def __init__(self, folder: Path, confinement: Confinement, limits: Limits, count: Count) -> None:
        """Open the store in folder for reading, and start the pool."""
        super().__init__(ox.Store.read_only(str(folder)))
        self.workers = Workers(folder, confinement, limits, count)

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:  # noqa: ARG002
        """Answer any query from outside within the limits that the pool was started with."""
        return self.workers.answer(query, dataset, format)

    def close(self) -> None:
        """End the processes and let go of the files."""
        self.workers.close()
        super().close()

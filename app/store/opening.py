"""Which store serves a generation: its own, or the SPARQL server of the settings. The choice is made here only."""

from typing import TYPE_CHECKING

from app.config import Settings
from app.generation import Generation
from app.store.interface import Limits, Store
from app.store.isolated import IsolatedStore
from app.store.occasional import OccasionalStore
from app.store.process import Confinement
from app.store.workers import Count
from app.terms import Iri

if TYPE_CHECKING:
    from app.store.publication import Published
    from app.store.transport import Endpoint


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
    from app.store.publication import Published  # noqa: PLC0415 - it loads rdflib, as needless

    return Published(server, base)


def open_store(
    generation: Generation, settings: Settings, limits: Limits, count: Count, *, occasional: bool = False
) -> Store:
    """Open the store that answers for a generation; raises OSError when the generation has none.

    ``occasional``: of an older version, which is asked seldom and is in its own folder only.
    """
    manifest = generation.manifest
    if not occasional and (server := endpoint(settings)) is not None:
        from app.store.publication import default_graph  # noqa: PLC0415 - as above
        from app.store.remote import RemoteStore  # noqa: PLC0415

        return RemoteStore(server, default_graph(manifest.base), map(Iri, manifest.graphs))
    confinement = Confinement(
        settings.query_workers, settings.query_deadline, settings.query_memory, settings.query_stack
    )
    start = OccasionalStore if occasional else IsolatedStore
    return start(generation.store, confinement, limits, count)

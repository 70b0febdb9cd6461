"""Queries from outside on their way to the store: a kept answer or a place in the queue; outcomes counted."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from flask import current_app, request

from app.config import Settings
from app.mediatypes import Format
from app.store.interface import Answer, Dataset, QueryError
from app.web import results_cache
from app.web.admission import Admission
from app.web.metrics import Metrics
from app.web.results_cache import ResultsCache
from app.web.serving import Served, served

# The errors that are counted by another name than their code.
_OUTCOMES: Final = {"syntax": "malformed", "bytes": "too_large", "busy": "queue_full", "client": "client_cap"}
# Where the error of a query stands that has been asked already.
FAILED: Final = "innherred.query_error"


class Asking:
    """Asks for strangers: one for all requests of a process."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Take the limits of the settings; what becomes of queries is counted."""
        self._metrics, self._proxies = metrics, settings.proxies
        self.admission = Admission(
            running=settings.query_workers,
            waiting=settings.query_waiting,
            per_client=settings.query_per_client,
            patience=settings.query_deadline,
            long=settings.query_long,
        )
        self._cache = ResultsCache(settings.result_cache_bytes, settings.result_cache_entries, metrics.count)
        metrics.measure("running", lambda: self.admission.running)
        metrics.measure("waiting", lambda: self.admission.waiting)
        metrics.measure("cache_bytes", lambda: self._cache.bytes)

    def run(
        self, environ: Mapping[str, Any], generation: Served, query: str, dataset: Dataset | None, found: Format
    ) -> Answer:
        """Run a query of a request within the limits, or give the answer it got before; raises QueryError."""
        key = results_cache.key(generation.fingerprint, query, dataset, found)
        with self._counted():
            if generation.keeps_answers and (kept := self._cache.get(key)) is not None:
                return kept
            with self.place(environ):
                self._metrics.observe()
                # The same query may have been answered while this one waited.
                if generation.keeps_answers and (kept := self._cache.peek(key)) is not None:
                    return kept
                answer = generation.store.answer(query, dataset, found, generation.limits)
            if generation.keeps_answers:
                self._cache.put(key, answer)
            return answer

    def place(self, environ: Mapping[str, Any]) -> AbstractContextManager[None]:
        """Wait for a place to run, for work that takes as much as a query; raises QueryError."""
        return self.admission.enter(client_address(environ, self._proxies))

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            yield
        except QueryError as error:
            self._metrics.count(_OUTCOMES.get(error.code, error.code))
            raise
        else:
            self._metrics.count("answered")
        finally:
            self._metrics.observe()


def client_address(environ: Mapping[str, Any], proxies: int) -> str:
    """Give the address of the client; behind so many proxies, the one that the outermost of them saw.

    Each proxy appends the address it was asked from to X-Forwarded-For; what stands before those the client wrote.
    """
    address: str = environ.get("REMOTE_ADDR") or ""
    if proxies:
        parts = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if seen := [part.strip() for part in parts if part.strip()]:
            return str(seen[-min(proxies, len(seen))])
    # granian gives the port too.
    return address.rpartition(":")[0] if address.count(":") == 1 or address.startswith("[") else address


def run(query: str, dataset: Dataset | None, found: Format) -> Answer:
    """Run a query for the request at hand; raises QueryError."""
    if error := request.environ.pop(FAILED, None):
        raise error
    return _asking().run(request.environ, served(), query, dataset, found)


def place() -> AbstractContextManager[None]:
    """Wait for a place to run, for the request at hand; raises QueryError."""
    return _asking().place(request.environ)


def _asking() -> Asking:
    found: Asking = current_app.extensions["asking"]
    return found

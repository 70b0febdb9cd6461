"""Queries from outside on their way to the store: a kept answer or a place in the queue; outcomes counted."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from flask import current_app, request

from app.mediatypes import Format
from app.store import interface
from app.store.interface import Answer, Dataset, QueryError
from app.web import results_cache
from app.web.admission import Admission, QueueFull, TooManyOfClient
from app.web.metrics import Metrics
from app.web.results_cache import ResultsCache
from app.web.serving import served, settings

_OUTCOMES: Final[dict[type[QueryError], str]] = {
    interface.QuerySyntaxError: "malformed",
    interface.QueryRefused: "refused",
    interface.AnswerTooLarge: "too_large",
    interface.DeadlineExceeded: "deadline",
    interface.MemoryExceeded: "memory",
    interface.StackExceeded: "stack",
    interface.Unavailable: "unavailable",
    QueueFull: "queue_full",
    TooManyOfClient: "client_cap",
}


def run(query: str, dataset: Dataset | None, found: Format) -> Answer:
    """Run a query from outside within the limits, or give the answer it got before; raises QueryError."""
    generation, metrics, cache = served(), _metrics(), _cache()
    key = results_cache.key(generation.fingerprint, query, dataset, found)
    with _counted(metrics):
        if generation.keeps_answers and (kept := cache.get(key)) is not None:
            return kept
        with _admission().enter(client_address()):
            metrics.observe()
            # The same query may have been answered while this one waited.
            if generation.keeps_answers and (kept := cache.peek(key)) is not None:
                return kept
            answer = generation.store.answer(query, dataset, found, generation.limits)
        if generation.keeps_answers:
            cache.put(key, answer)
        return answer


def place() -> AbstractContextManager[None]:
    """Wait for a place to run, for work on an answer that takes as much as a query; raises QueryError."""
    return _admission().enter(client_address())


def client_address() -> str:
    """Give the address of the client; behind INNHERRED_PROXIES proxies, the one that the outermost of them saw.

    Each proxy appends the address it was asked from to X-Forwarded-For; what stands before those the client wrote.
    """
    address = request.remote_addr or ""
    if proxies := settings().proxies:
        parts = ",".join(request.headers.getlist("X-Forwarded-For")).split(",")
        if seen := [part.strip() for part in parts if part.strip()]:
            return seen[-min(proxies, len(seen))]
    # granian gives the port too.
    return address.rpartition(":")[0] if address.count(":") == 1 or address.startswith("[") else address


@contextmanager
def _counted(metrics: Metrics) -> Iterator[None]:
    try:
        yield
    except QueryError as error:
        metrics.count(_OUTCOMES.get(type(error), "failed"))
        raise
    else:
        metrics.count("answered")
    finally:
        metrics.observe()


def _admission() -> Admission:
    found: Admission = current_app.extensions["admission"]
    return found


def _cache() -> ResultsCache:
    found: ResultsCache = current_app.extensions["results_cache"]
    return found


def _metrics() -> Metrics:
    found: Metrics = current_app.extensions["metrics"]
    return found

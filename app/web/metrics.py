"""``/metrics``: what the server has done, for Prometheus (text format 0.0.4).

A server is several processes and a scrape reaches any of them. ``serve`` names a folder of its own in
PROMETHEUS_MULTIPROC_DIR: each process counts in files there, the answer is their sum, and what a process counted that
has ended stays counted. Without that folder a process counts for itself.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

blueprint = Blueprint("metrics", __name__)

disable_created_metrics()

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_OUTCOMES: Final = (
    *("answered", "malformed", "refused", "too_large", "deadline", "memory", "stack"),
    *("queue_full", "client_cap", "unavailable", "failed"),
)
_COUNTERS: Final = {
    "process_started": ("innherred_processes_started", "Server processes started; more than at first: restarts."),
    "worker_started": ("innherred_query_workers_started", "Query workers started."),
    "worker_killed": ("innherred_query_workers_killed", "Query workers killed at the deadline."),
    "worker_lost": ("innherred_query_workers_lost", "Query workers that ended by themselves: memory, stack."),
    "cache_hit": ("innherred_result_cache_hits", "Queries from outside answered by an answer that was kept."),
    "cache_miss": ("innherred_result_cache_misses", "Queries from outside whose answer was not kept."),
    "cache_evicted": ("innherred_result_cache_evictions", "Answers that made room for others."),
}
_GAUGES: Final = {
    "running": ("innherred_queries_running", "Queries from outside that are running now."),
    "waiting": ("innherred_queries_waiting", "Queries from outside that are waiting now."),
    "cache_bytes": ("innherred_result_cache_bytes", "Bytes of answers kept."),
}


class Metrics:
    """The counters of this process, and the sum of all of its server."""

    def __init__(self) -> None:
        """Begin to count."""
        self._registry = CollectorRegistry()
        queries = Counter(
            "innherred_queries", "Queries from outside, by outcome.", ["outcome"], registry=self._registry
        )
        self._counters = {outcome: queries.labels(outcome) for outcome in _OUTCOMES}
        for event, (name, told) in _COUNTERS.items():
            self._counters[event] = Counter(name, told, registry=self._registry)
        self._gauges = {
            gauge: Gauge(name, told, registry=self._registry, multiprocess_mode="livesum")
            for gauge, (name, told) in _GAUGES.items()
        }
        self._measured: list[tuple[Gauge, Callable[[], int]]] = []
        self._noted: dict[Gauge, int] = {}
        self._lock = threading.Lock()
        self.count("process_started")

    def count(self, event: str) -> None:
        """Count an event or an outcome."""
        self._counters[event].inc()

    def measure(self, gauge: str, value: Callable[[], int]) -> None:
        """Say where the value of a gauge comes from."""
        self._measured.append((self._gauges[gauge], value))

    def observe(self) -> None:
        """Note the values that the gauges have now: those that changed, for each is written to a file."""
        with self._lock:
            for gauge, value in self._measured:
                if (now := value()) != self._noted.get(gauge):
                    self._noted[gauge] = now
                    gauge.set(now)

    def text(self) -> bytes:
        """Write the sums over the processes of this server; of the gauges, over those that live."""
        folder = os.environ.get(FOLDER)
        if folder is None:
            return generate_latest(self._registry)
        for path in Path(folder).glob("gauge_live*_*.db"):
            process = int(path.stem.rpartition("_")[2])
            if not _is_alive(process):
                with suppress(FileNotFoundError):  # another scrape was quicker
                    mark_process_dead(process)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the sums over all processes of this server."""
    found: Metrics = current_app.extensions["metrics"]
    return Response(found.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError as error:  # one that is not ours lives
        return not isinstance(error, ProcessLookupError)
    return True

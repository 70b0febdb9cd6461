"""``/health``: whether there is something to serve, and what; ``/metrics``: what the server has done."""

import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Response, current_app, g
from prometheus_client import CollectorRegistry, Counter, Gauge, disable_created_metrics, generate_latest
from prometheus_client import values as kinds_of_values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from werkzeug.exceptions import NotFound

from app import __version__
from app.errors import QueryError, StoreBroken
from app.store.interface import Store
from app.store.opening import IsolatedStore
from app.web.languages import path_language
from app.web.serving import Served, served, settings

blueprint = Blueprint("operations", __name__)
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
# A copy that has not caught up for so long (seconds) says so, also when nothing was noted.
_OLD: Final = 300
_OUTCOMES: Final = (
    *("answered", "malformed", "refused", "too_large", "deadline", "memory", "stack"),
    *("queue_full", "client_cap", "unavailable", "failed"),
)
_COUNTERS: Final = {
    "process_started": ("innherred_processes_started", "Server processes started; more than at first: restarts."),
    "page_refused": ("innherred_pages_refused", "Pages refused to clients that ask for too many at once."),
    "worker_started": ("innherred_query_workers_started", "Query workers started."),
    "worker_killed": ("innherred_query_workers_killed", "Query workers killed: at the deadline, or for others."),
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


@blueprint.get("/health")
def health() -> Response:
    """Say as JSON what is served; 503 while nothing is, or the store does not answer."""
    if "served" not in g and "store_error" in g:
        store = _silent(g.store_error, remote=not isinstance(g.store_error, StoreBroken))
        return _answer({"status": "degraded", "store": store, "software": __version__}, 503)
    followed = _followed()
    if "served" not in g:
        return _answer({"status": "nothing to serve", "software": __version__, **followed}, 503)
    now = served()
    manifest = now.manifest
    store, status = _store(now)
    missing = now.faults_now()
    if FOLDER not in os.environ and multiprocessing.parent_process() is not None:
        missing["metrics"] = "there is no place for files: each process tells what it has counted itself"
    if (source := followed.get("following", {})).get("error"):
        missing["source"] = source["error"]
    return _answer(
        {
            "status": "ok" if store["matches"] and not missing else "degraded",
            "store": store,
            "missing": missing,
            "version": manifest.version,
            "digest": manifest.digest,
            "asOf": manifest.as_of,
            "built": manifest.built,
            "triples": manifest.triples,
            "software": __version__,
            **followed,
            "queries": _confinement(now.store),
            "errors": [str(error.message) for error in now.library.errors],
        },
        status,
    )


def _followed() -> dict[str, dict[str, Any]]:
    """Say of a copy when it last had all that its source has, and what is the matter (app.build.following)."""
    if settings().follow is None:
        return {}
    caught_up = age = error = None
    with suppress(OSError, ValueError, TypeError):
        noted = json.loads((settings().state / "following" / "status.json").read_text(encoding="utf-8"))
        caught_up, error = noted.get("caughtUp"), noted.get("error")
        age = max(0, round((datetime.now(UTC) - datetime.fromisoformat(caught_up)).total_seconds()))
    if error is None and age is not None and age > _OLD + 2 * settings().follow_interval:
        error = "the source was not reached, or could not be taken, for longer"
    return {"following": {"caughtUp": caught_up, "age": age, "error": error}}


def _store(now: Served) -> tuple[dict[str, object], int]:
    """Say whether the store holds this generation; 503 when it does not answer."""
    if now.published is None:
        return {"remote": False, "matches": True}, 200
    servers = now.published.told()
    answering = [each for each in servers if each["answers"]]
    best = next((each for each in servers if each["matches"]), next(iter(answering), servers[0]))
    # All have to match, so that one which is behind or silent is noticed: pages need but one.
    told = {**best, "remote": True, "matches": all(each["matches"] for each in servers)}
    told["servers"] = [dict(each) for each in servers]
    del told["server"]
    return told, 200 if answering else 503


def _silent(error: QueryError, *, remote: bool = True) -> dict[str, object]:
    return {"remote": remote, "answers": False, "matches": False, "error": str(error)}


def _confinement(store: Store) -> dict[str, object]:
    """Say how queries from outside are held: seccomp is unknown until the first process has started."""
    workers = store.workers if isinstance(store, IsolatedStore) else None
    return {"isolated": workers is not None, "seccomp": workers.seccomp if workers else None, "from": store.source}


def _answer(document: dict[str, object], status: int) -> Response:
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status, content_type="application/json", headers={"Cache-Control": "no-store"})


disable_created_metrics()
# The client's files, and the bytes it gives each at first.
_FILES: Final = ("counter", "gauge_livesum")
_ROOM: Final = 1 << 20


def _reserve() -> None:
    """Take the room for this process's counters now, or count without files: one that cannot grow ends the process."""
    if (folder := os.environ.get(FOLDER)) is None:
        return
    paths = [Path(folder, f"{kind}_{os.getpid()}.db") for kind in _FILES]
    try:
        for path in paths:
            with path.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, _ROOM)
    except OSError:
        for path in paths:
            with suppress(OSError):
                path.unlink()
        del os.environ[FOLDER]
        kinds_of_values.ValueClass = kinds_of_values.MutexValue


class Metrics:
    """The counters of this process, and the sum of all of its server."""

    def __init__(self) -> None:
        """Begin to count."""
        _reserve()
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
                with suppress(OSError):  # another scrape was quicker, or nothing can be written
                    mark_process_dead(process)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the sums over all processes of this server; at this one path, so that a proxy can shut it."""
    if path_language():
        raise NotFound
    found: Metrics = current_app.extensions["metrics"]
    return Response(found.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError as error:  # one that is not ours lives
        return not isinstance(error, ProcessLookupError)
    return True

"""``/metrics``: what the server has done, for Prometheus (text format 0.0.4).

A server is several processes and a scrape reaches any of them. Each process counts in a small file of its own that
all map into memory; the answer is their sum. A file lives as long as the server's parent process: a process that is
started anew gets a file of its own, and what the one before it counted stays counted.
"""

import contextlib
import mmap
import os
import re
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, current_app

blueprint = Blueprint("metrics", __name__)

OUTCOMES: Final = (
    *("answered", "malformed", "refused", "too_large", "deadline", "memory", "stack"),
    *("queue_full", "client_cap", "unavailable", "failed"),
)
# What is counted, in the order of the files.
_EVENTS: Final = (
    *("process_started", "worker_started", "worker_killed", "worker_lost"),
    *("cache_hit", "cache_miss", "cache_evicted", *OUTCOMES),
)
_GAUGES: Final = {
    "running": ("innherred_queries_running", "Queries from outside that are running now."),
    "waiting": ("innherred_queries_waiting", "Queries from outside that are waiting now."),
    "cache_bytes": ("innherred_result_cache_bytes", "Bytes of answers kept."),
}
_NAMES: Final = (*_EVENTS, *_GAUGES)
_PLACES: Final = {name: place for place, name in enumerate(_NAMES)}
_FILE: Final = re.compile(r"(\d+)-(\d+)")
_COUNTERS: Final = {
    "process_started": ("innherred_processes_started_total", "Server processes started; more than at first: restarts."),
    "worker_started": ("innherred_query_workers_started_total", "Query workers started."),
    "worker_killed": ("innherred_query_workers_killed_total", "Query workers killed at the deadline."),
    "worker_lost": ("innherred_query_workers_lost_total", "Query workers that ended by themselves: memory, stack."),
    "cache_hit": ("innherred_result_cache_hits_total", "Queries from outside answered by an answer that was kept."),
    "cache_miss": ("innherred_result_cache_misses_total", "Queries from outside whose answer was not kept."),
    "cache_evicted": ("innherred_result_cache_evictions_total", "Answers that made room for others."),
}


class Metrics:
    """The counters of this process, and the sum of all of its server."""

    def __init__(self, folder: Path) -> None:
        """Count in a new file in folder; those of servers that have ended are removed."""
        self._folder = folder
        self._gauges: dict[str, Callable[[], int]] = {}
        self._server = os.getppid()
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        for path, server, _process in self._files():
            if not _is_alive(server):
                path.unlink(missing_ok=True)
        path = folder / f"{self._server}-{os.getpid()}"
        with path.open("a+b") as file:
            file.truncate(8 * len(_NAMES))
            self._values = memoryview(mmap.mmap(file.fileno(), 0)).cast("Q")
        self.count("process_started")

    def count(self, event: str) -> None:
        """Count an event or an outcome."""
        with self._lock:
            self._values[_PLACES[event]] += 1

    def measure(self, gauge: str, value: Callable[[], int]) -> None:
        """Say where the value of a gauge comes from."""
        self._gauges[gauge] = value

    def observe(self) -> None:
        """Note the values that the gauges have now."""
        with self._lock:
            for gauge, value in self._gauges.items():
                self._values[_PLACES[gauge]] = value()

    def total(self) -> dict[str, int]:
        """Give the sums over the processes of this server; of the gauges, over those that live."""
        sums = dict.fromkeys(_NAMES, 0)
        for path, server, process in self._files():
            if server != self._server:
                continue
            with contextlib.suppress(OSError, struct.error):
                values = struct.unpack(f"={len(_NAMES)}Q", path.read_bytes())
                names = _NAMES if _is_alive(process) else _EVENTS
                for name, value in zip(names, values, strict=False):
                    sums[name] += value
        return sums

    def _files(self) -> Iterator[tuple[Path, int, int]]:
        for path in self._folder.iterdir():
            if match := _FILE.fullmatch(path.name):
                yield path, int(match[1]), int(match[2])


def text(sums: dict[str, int]) -> str:
    """Write sums as Prometheus takes them."""
    lines = [
        "# HELP innherred_queries_total Queries from outside, by outcome.",
        "# TYPE innherred_queries_total counter",
        *(f'innherred_queries_total{{outcome="{name}"}} {sums[name]}' for name in OUTCOMES),
    ]
    for event, (name, told) in _COUNTERS.items():
        lines += [f"# HELP {name} {told}", f"# TYPE {name} counter", f"{name} {sums[event]}"]
    for gauge, (name, told) in _GAUGES.items():
        lines += [f"# HELP {name} {told}", f"# TYPE {name} gauge", f"{name} {sums[gauge]}"]
    return "\n".join(lines) + "\n"


@blueprint.get("/metrics")
def metrics() -> Response:
    """Give the sums over all processes of this server."""
    found: Metrics = current_app.extensions["metrics"]
    return Response(text(found.total()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

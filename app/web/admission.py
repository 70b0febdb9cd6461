"""Who may ask: so many queries run, so many wait, and no client takes all the places."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from app.errors import N_, QueryError

_LATER: Final = N_("Ask again in a little while.")


class QueueFull(QueryError):
    """As many queries run and wait as may."""

    code = "busy"


class TooManyOfClient(QueryError):
    """One client has as many queries here as it may."""

    code, setting = "client", "INNHERRED_QUERY_PER_CLIENT"


@dataclass(eq=False, slots=True)
class _Place:
    client: str
    since: float = 0.0


class Admission:
    """The queue before the query workers of this process.

    A query that has run for a while is a long one and leaves its place to the next: as many long queries as places may
    go on beside the others. One client has at most half of both together. So light queries are let in while one client
    sends runaway queries, and never do more than twice as many run as there are places.
    """

    def __init__(self, *, running: int, waiting: int, per_client: int, patience: float, long: float) -> None:
        """Let so many run and wait; in seconds, patience until one that waits is sent away, and when one is long."""
        self._most_running, self._most_waiting = running, waiting
        self._per_client, self._patience, self._long = per_client, patience, long
        self._changed = threading.Condition()
        self._queue: list[_Place] = []
        self._running: set[_Place] = set()

    @property
    def running(self) -> int:
        """How many queries run."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._queue)

    @contextmanager
    def enter(self, client: str) -> Iterator[None]:
        """Wait for a place to run; raises QueueFull or TooManyOfClient."""
        place = _Place(client)
        with self._changed:
            if sum(other.client == client for other in (*self._running, *self._queue)) >= self._per_client:
                raise TooManyOfClient(
                    N_("There are %(limit)d queries of yours here already (INNHERRED_QUERY_PER_CLIENT)."),
                    N_("Wait for their answers, then ask again."),
                    limit=self._per_client,
                )
            self._queue.append(place)
            try:
                self._wait_for_turn(place)
            finally:
                self._queue.remove(place)
            place.since = time.monotonic()
            self._running.add(place)
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._running.discard(place)
                self._changed.notify_all()

    def _wait_for_turn(self, place: _Place) -> None:
        until = time.monotonic() + self._patience
        while self._next(now := time.monotonic()) is not place:
            if len(self._queue) > self._most_waiting and self._queue[-1] is place:
                raise QueueFull(
                    N_("This service is busy. As many queries wait as may: %(limit)d (INNHERRED_QUERY_WAITING)."),
                    _LATER,
                    limit=self._most_waiting,
                )
            if now >= until:
                raise QueueFull(
                    N_(
                        "This service is busy. No query ended while this one waited %(limit)g seconds "
                        "(INNHERRED_QUERY_DEADLINE)."
                    ),
                    _LATER,
                    limit=self._patience,
                )
            # A place is free when a query ends, or when one becomes a long one.
            ages = (each.since + self._long - now for each in self._running if self._is_short(each, now))
            self._changed.wait(min(until - now, min(ages, default=until - now)))

    def _is_short(self, place: _Place, now: float) -> bool:
        return now - place.since < self._long

    def _next(self, now: float) -> _Place | None:
        """Give who runs next: of those who have least running already, the one who came first."""
        most = 2 * self._most_running
        if len(self._running) >= most or sum(self._is_short(each, now) for each in self._running) >= self._most_running:
            return None
        running = Counter(each.client for each in self._running)
        waiting = [place for place in self._queue if running[place.client] < self._most_running]
        return min(waiting, key=lambda place: running[place.client], default=None)

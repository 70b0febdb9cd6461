"""Who may ask: so many queries run, so many wait, and no client takes all the places."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from app.messages import N_
from app.store.interface import QueryError

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


class Admission:
    """The queue before the query workers of this process."""

    def __init__(self, *, running: int, waiting: int, per_client: int, patience: float) -> None:
        """Let so many run and wait; patience: seconds until one that waits is sent away."""
        self._most_running, self._most_waiting = running, waiting
        self._per_client, self._patience = per_client, patience
        self._changed = threading.Condition()
        self._queue: list[_Place] = []
        self._running: Counter[str] = Counter()

    @property
    def running(self) -> int:
        """How many queries run."""
        return self._running.total()

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._queue)

    @contextmanager
    def enter(self, client: str) -> Iterator[None]:
        """Wait for a place to run; raises QueueFull or TooManyOfClient."""
        self._wait(_Place(client))
        try:
            yield
        finally:
            with self._changed:
                self._running[client] -= 1
                self._running += Counter()  # forgets clients that have none
                self._changed.notify_all()

    def _wait(self, place: _Place) -> None:
        with self._changed:
            waiting = sum(other.client == place.client for other in self._queue)
            if self._running[place.client] + waiting >= self._per_client:
                raise TooManyOfClient(
                    N_("There are %(limit)d queries of yours here already (INNHERRED_QUERY_PER_CLIENT)."),
                    N_("Wait for their answers, then ask again."),
                    limit=self._per_client,
                )
            if self.running >= self._most_running and len(self._queue) >= self._most_waiting:
                raise QueueFull(
                    N_("This service is busy. As many queries wait as may: %(limit)d (INNHERRED_QUERY_WAITING)."),
                    _LATER,
                    limit=self._most_waiting,
                )
            self._queue.append(place)
            admitted = self._changed.wait_for(lambda: self._next() is place, self._patience)
            self._queue.remove(place)
            if not admitted:
                raise QueueFull(
                    N_(
                        "This service is busy. No query ended while this one waited %(limit)g seconds "
                        "(INNHERRED_QUERY_DEADLINE)."
                    ),
                    _LATER,
                    limit=self._patience,
                )
            self._running[place.client] += 1
            self._changed.notify_all()

    def _next(self) -> _Place | None:
        """Give who runs next: of those who have least running already, the one who came first."""
        if self.running >= self._most_running or not self._queue:
            return None
        return min(self._queue, key=lambda place: self._running[place.client])

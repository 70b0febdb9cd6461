"""Who may ask: so many queries run, so many wait, and neither a client nor all long queries take all the places."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from app.errors import N_, QueryError

_LATER: Final = N_("Ask again in a little while.")
# So long (seconds) it is remembered what a client asked for, of so many clients.
_REMEMBERED: Final = 60.0
_CLIENTS: Final = 10_000


class TooManyPages(QueryError):
    """One client asks for as many pages at once as it may."""

    code, setting = "client", "INNHERRED_PAGES_PER_CLIENT"


class PageTurns:
    """The pages of one client take turns: some are made at once, the others wait, and more than so many are refused.

    Who waits holds a thread, of which there are many, and none of the places that others need. So a crawler is as fast
    as one reader or two, however much it asks for at once.
    """

    def __init__(self, at_once: int, here: int) -> None:
        """Let so many pages of a client be made at once, and so many be here, those that wait too."""
        self._at_once, self._most = at_once, here
        self._lock = threading.Lock()
        # Of each client that is here: its places, and how many pages it asks for.
        self._clients: dict[str, tuple[threading.Semaphore, int]] = {}

    @property
    def clients(self) -> int:
        """How many clients are here."""
        return len(self._clients)

    @contextmanager
    def enter(self, client: str) -> Iterator[None]:
        """Wait for the turn of a page; raises TooManyPages."""
        with self._lock:
            places, here = self._clients.get(client) or (threading.Semaphore(self._at_once), 0)
            if here >= self._most:
                raise TooManyPages(
                    N_("You ask for more than %(limit)d pages at once (INNHERRED_PAGES_PER_CLIENT)."),
                    N_("Ask for one after another. All of the data in few files is at /dump/."),
                    limit=self._most,
                )
            self._clients[client] = places, here + 1
        try:
            with places:
                yield
        finally:
            with self._lock:
                here = self._clients[client][1] - 1
                self._clients[client] = places, here
                if not here:
                    del self._clients[client]


class Weight(IntEnum):
    """What a client asked for a short while ago."""

    LIGHT, UNKNOWN, HEAVY = range(3)


class QueueFull(QueryError):
    """As many queries run and wait as may."""

    code = "busy"


class TooManyOfClient(QueryError):
    """One client has as many queries here as it may."""

    code, setting = "client", "INNHERRED_QUERY_PER_CLIENT"


@dataclass(eq=False, slots=True)
class _Place:
    """A query that waits or runs, of whom; when it runs, since when, and seconds of processor time that it has used.

    ``heavy`` says that its client was a heavy one when it began, ``gave_way`` that it has run before.
    """

    admission: "Admission"
    client: str
    gave_way: bool
    heavy: bool = False
    since: float = 0.0
    used: float = 0.0
    sent_away: bool = False

    def must_end(self) -> bool:
        """Say whether this query, which runs, has to give its place to a shorter one."""
        return self.admission.must_end(self)


class Admission:
    """The queue before the query workers of this process.

    A query that has run for a while is a long one and leaves its place to the next: as many long queries as places may
    go on beside the others. One client has at most half of both together. So light queries are let in while one client
    sends runaway queries, and never do more than twice as many run as there are places.

    Many clients at once are held by what each asked for: whose query has just used as much processor time as makes a
    long one is a heavy client for a while. (How long it took says little: on a busy machine everything takes long.)
    Heavy clients never have the last place, they wait behind the others, and when the queue is full one of theirs is
    sent away. Before those of whom nothing is known come clients whose queries were short. When all places have become
    long ones and a query of one who is not heavy waits, one gives way.
    """

    def __init__(self, *, running: int, waiting: int, per_client: int, patience: float, long: float) -> None:
        """Let so many run and wait; in seconds, patience until one that waits is sent away, and when one is long."""
        self._most_running, self._most_waiting = running, waiting
        self._per_client, self._patience, self._long = per_client, patience, long
        self._changed = threading.Condition()
        self._queue: list[_Place] = []
        self._running: set[_Place] = set()
        # When the last query of a client ended that tells its weight; of who is first longest ago.
        self._known: OrderedDict[str, tuple[float, Weight]] = OrderedDict()

    @property
    def running(self) -> int:
        """How many queries run."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many queries wait."""
        return len(self._queue)

    @contextmanager
    def enter(self, client: str, *, gave_way: bool = False) -> Iterator[_Place]:
        """Wait for a place to run; raises QueueFull or TooManyOfClient. Who gave way does so no more."""
        with self._changed:
            place = _Place(self, client, gave_way)
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
            place.heavy, place.since = self._weight(place) is Weight.HEAVY, time.monotonic()
            self._running.add(place)
            self._changed.notify_all()
        try:
            yield place
        finally:
            with self._changed:
                self._note(place)
                self._running.discard(place)
                self._changed.notify_all()

    def must_end(self, place: _Place) -> bool:
        """Say whether this is the query that gives way: all places are long ones, and a light client's query waits.

        Of those that have used much it is one of a client that was heavy before, and that has run the shortest time.
        """
        with self._changed:
            long = [each for each in self._running if each.used > self._long and not each.gave_way]
            if len(self._running) < 2 * self._most_running or all(map(self._is_held, self._queue)):
                return False
            return place is max(long, key=lambda each: (each.heavy, each.since), default=None)

    def _wait_for_turn(self, place: _Place) -> None:
        until = time.monotonic() + self._patience
        while self._next(now := time.monotonic()) is not place:
            if len(self._queue) > self._most_waiting:
                # The newest of the heaviest client.
                max(reversed(self._queue), key=self._weight).sent_away = True
                self._changed.notify_all()
            if place.sent_away:
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

    def _is_held(self, place: _Place) -> bool:
        """Say whether a place that waits is of a client that has as many running as one may, or asked for much."""
        running = sum(each.client == place.client for each in self._running)
        return running >= self._most_running or self._weight(place) is Weight.HEAVY

    def _note(self, place: _Place) -> None:
        """Remember what kind of query a client had; a short one makes nobody light who is heavy."""
        now, heavy = time.monotonic(), place.used > self._long
        if not heavy and (self._weight(place) is Weight.HEAVY or not self._is_short(place, now)):
            return
        self._known[place.client] = now, Weight.HEAVY if heavy else Weight.LIGHT
        self._known.move_to_end(place.client)
        if len(self._known) > _CLIENTS:
            self._known.popitem(last=False)

    def _weight(self, place: _Place) -> Weight:
        if place.gave_way or any(each.client == place.client and each.used > self._long for each in self._running):
            return Weight.HEAVY
        when, weight = self._known.get(place.client, (float("-inf"), Weight.UNKNOWN))
        return weight if time.monotonic() - when < _REMEMBERED else Weight.UNKNOWN

    def _next(self, now: float) -> _Place | None:
        """Give who runs next: first who is not heavy, then who has least running, who is known as light, who came."""
        most = 2 * self._most_running
        if len(self._running) >= most or sum(self._is_short(each, now) for each in self._running) >= self._most_running:
            return None
        running = Counter(each.client for each in self._running)
        last = len(self._running) == most - 1
        weights = {place: self._weight(place) for place in self._queue if running[place.client] < self._most_running}
        waiting = [place for place, weight in weights.items() if not (last and weight is Weight.HEAVY)]

        def order(place: _Place) -> tuple[bool, int, Weight]:
            return weights[place] is Weight.HEAVY, running[place.client], weights[place]

        return min(waiting, key=order, default=None)

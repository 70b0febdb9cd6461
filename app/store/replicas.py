"""Several SPARQL servers that hold the same generation, asked as one: reads fail over.

A server holds a generation while its marker has the digest (app.store.replication). One that does not answer or holds
something else is left out, and comes back when its marker says so. Answers are whole before they are given on, so
whoever asks does not see that a server ended in the middle of one.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from app.errors import AnswerTooLarge, DeadlineExceeded, QueryError, QueryRefused, QuerySyntaxError
from app.mediatypes import Format
from app.store.interface import Answer, Limits, Solutions
from app.store.remote import RemoteStore
from app.store.replication import Marker, Published, default_graph
from app.store.transport import Endpoint
from app.terms import Dataset, Iri, Triple

# A marker is read no more often than this (seconds), that of a server which did not answer after a longer time.
_LOOK: Final = 1.0
_AGAIN: Final = 5.0
# Seconds after which everybody has seen that a server's digest is gone, and asks another one.
DRAIN: Final = 2 * _LOOK
# What the query itself is to blame for: another server would say the same.
_OF_THE_QUERY: Final = (QuerySyntaxError, QueryRefused, AnswerTooLarge)
_Found = TypeVar("_Found")


class _Replica:
    """One of the servers, and what its marker said last (None: it did not answer)."""

    def __init__(self, endpoint: Endpoint, base: str, named: Iterable[Iri]) -> None:
        self.store = RemoteStore(endpoint, default_graph(base), named)
        self.error: QueryError | None = None
        self._published = Published(endpoint, base)
        self._marker: Marker | None = None
        self._due = float("-inf")
        self._lock = threading.Lock()

    def look(self, *, now: bool = False) -> Marker | None:
        """Give the marker, read anew when it is due; ``now``: in any case."""
        first = self._due == float("-inf")
        if now:
            self._read()
        # One looks, and the others go on with what was seen last.
        elif time.monotonic() >= self._due and self._lock.acquire(blocking=first):
            try:
                if time.monotonic() >= self._due:
                    self._read()
            finally:
                self._lock.release()
        return self._marker

    def close(self) -> None:
        """Close the connections that are kept."""
        self.store.close()
        self._published.close()

    def _read(self) -> None:
        try:
            self._marker, self.error, wait = self._published.read(), None, _LOOK
        except QueryError as error:
            self._marker, self.error, wait = None, error, _AGAIN
        self._due = time.monotonic() + wait


class ReplicatedStore:
    """A store over the servers of one generation; while none holds it, over those that answer."""

    keeps_order = False
    source = "remote"

    def __init__(self, endpoints: Sequence[Endpoint], base: str, named: Iterable[Iri], digest: str) -> None:
        """Keep the addresses; nothing is asked yet."""
        graphs = tuple(named)
        self._replicas = [_Replica(each, base, graphs) for each in endpoints]
        self._digest = digest
        # The markers under which servers were asked: with another one its answers are of something else.
        self._trusted: dict[_Replica, Marker] = {}
        self._changed = False

    def select(self, query: str, dataset: Dataset | None = None) -> Solutions:
        """Answer a SELECT query."""
        return self._any(lambda store: store.select(query, dataset))

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """Answer an ASK query."""
        return self._any(lambda store: store.ask(query, dataset))

    def construct(self, query: str, dataset: Dataset | None = None) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE query, each triple once."""
        return self._any(lambda store: store.construct(query, dataset))

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query from outside in a format that fits its form."""
        return self._any(lambda store: store.answer(query, dataset, format, limits))

    def at_once(self, query: str, format: Format, limits: Limits) -> Answer:
        """Answer as any other: every way to another server is the same."""
        return self.answer(query, None, format, limits)

    def graphs(self) -> dict[Iri, int]:
        """Give each named graph with its number of triples."""
        return self._any(lambda store: store.graphs())

    def close(self) -> None:
        """Close the connections that are kept."""
        for each in self._replicas:
            each.close()

    @property
    def matches(self) -> bool:
        """Say whether a server held this generation, whole, when it was last looked at."""
        return any(self._holds(each, each.look()) for each in self._replicas)

    def digests(self) -> frozenset[str]:
        """Give the digests of what the servers hold, as last seen; raises QueryError when none answers."""
        seen = [each.look() for each in self._replicas]
        if all(marker is None for marker in seen):
            raise next(each.error for each in self._replicas if each.error is not None)
        return frozenset(marker.digest for marker in seen if marker is not None and marker.digest is not None)

    def is_stable(self) -> bool:
        """Say whether all that was answered since this store was made is of this generation; each server is asked.

        Another server may be written to at any time. A run of ``publish`` ends with a name of its own: the same marker
        then and now means that nothing changed in between.
        """
        for each in self._replicas:
            if each in self._trusted:
                self._holds(each, each.look(now=True))
        return self.matches and not self._changed

    def changed(self) -> bool:
        """Say whether a server that was asked has been written to since, as last seen."""
        for each in self._replicas:
            self._holds(each, each.look())
        return self._changed

    def told(self) -> list[dict[str, object]]:
        """Tell of each server, in the order of the setting, whether it answers, and what it holds now."""
        markers = [each.look(now=True) for each in self._replicas]
        return [
            {
                "server": number,
                "answers": marker is not None,
                "matches": self._holds(each, marker),
                "digest": marker and marker.digest,
                **({"error": str(each.error)} if each.error else {}),
            }
            for number, (each, marker) in enumerate(zip(self._replicas, markers, strict=True), 1)
        ]

    def _holds(self, replica: _Replica, marker: Marker | None) -> bool:
        """Say whether a server with this marker may be asked; note one that has changed."""
        if marker is None:
            return False
        if marker.digest == self._digest:
            self._trusted.setdefault(replica, marker)
        if replica in self._trusted and self._trusted[replica] != marker:
            self._changed = True
            return False
        return marker.digest == self._digest

    def _any(self, ask: Callable[[RemoteStore], _Found]) -> _Found:
        """Give the answer of the first server that has one."""
        seen = [(each, each.look()) for each in self._replicas]
        asked = [each for each, marker in seen if self._holds(each, marker)]
        asked = asked or [each for each, marker in seen if marker is not None] or self._replicas
        for each in asked[:-1]:
            try:
                return ask(each.store)
            except _OF_THE_QUERY:
                raise
            except DeadlineExceeded:
                if self._holds(each, each.look(now=True)):  # it answers: the query takes long
                    raise
            except QueryError:
                each.look(now=True)
        return ask(asked[-1].store)

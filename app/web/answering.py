"""Answers to queries from outside: within the limits, counted, and kept to be given again."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network
from typing import Any, Final

from flask import current_app, request

from app.config import Settings
from app.errors import GaveWay, QueryError
from app.mediatypes import Format
from app.query.patterns import is_one_pattern
from app.query.rewriting import counted
from app.query.tokens import is_repeatable
from app.store.interface import Answer, Turn
from app.terms import Dataset
from app.web.admission import Admission
from app.web.operations import Metrics
from app.web.serving import Served, served

# What an entry takes beside the bytes of its answer.
_OVERHEAD: Final = 1024
# An answer that would fill a larger part of the cache is not kept: it would push out all the others.
_LARGEST_PART: Final = 4
# The errors that are counted by another name than their code.
_OUTCOMES: Final = {"syntax": "malformed", "bytes": "too_large", "busy": "queue_full", "client": "client_cap"}
# Where the error of a query stands that has been asked already.
FAILED: Final = "innherred.query_error"
# Where the error of a request stands that is not to be answered otherwise.
REFUSED: Final = "innherred.refused"


class ResultsCache:
    """Whole answers of one process, bounded in bytes and in number; the one asked for longest ago goes first.

    An error is no answer and never kept.
    """

    def __init__(self, size: int, entries: int, count: Callable[[str], None]) -> None:
        """Keep at most so many bytes and answers; 0 of either keeps none. Hits, misses and evictions are counted."""
        self._most_bytes, self._most, self._count = size, entries, count
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, Answer] = OrderedDict()
        self.bytes = 0

    def get(self, key: bytes) -> Answer | None:
        """Give the answer kept under a key."""
        with self._lock:
            if (answer := self._answers.get(key)) is not None:
                self._answers.move_to_end(key)
        self._count("cache_miss" if answer is None else "cache_hit")
        return answer

    def peek(self, key: bytes) -> Answer | None:
        """Give the answer kept under a key without counting: for who has missed it before and has waited since."""
        return self._answers.get(key)

    def put(self, key: bytes, answer: Answer) -> None:
        """Keep an answer, unless it is too large a part of what may be kept."""
        size = len(answer.body) + _OVERHEAD
        if self._most == 0 or size > self._most_bytes // _LARGEST_PART:
            return
        with self._lock:
            if key not in self._answers:
                self._answers[key] = answer
                self.bytes += size
            while self.bytes > self._most_bytes or len(self._answers) > self._most:
                _, oldest = self._answers.popitem(last=False)
                self.bytes -= len(oldest.body) + _OVERHEAD
                self._count("cache_evicted")


def cache_key(fingerprint: str, query: str, dataset: Dataset | None, found: Format) -> bytes:
    """Give the key of an answer: what is served, the text of the query as it was sent, its dataset, the format."""
    chosen = dataset or Dataset()
    # repr keeps the parts apart, whatever they hold; the digest keeps long queries out of memory.
    parts = repr((fingerprint, query, chosen.default, chosen.named, found.media_type))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).digest()


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
        key = cache_key(generation.fingerprint, query, dataset, found)
        keeps = generation.keeps_answers and is_repeatable(query)
        with self._counted():
            if keeps and (kept := self._cache.get(key)) is not None:
                return kept
            answer, text, again = None, query, False
            if keeps and dataset is None:
                words = generation.vocabulary
                text = counted(query, words.classes, words.properties)
                if text != query or is_one_pattern(query):
                    answer = generation.store.at_once(text, found, generation.limits)
            while answer is None:
                with suppress(GaveWay), self.place(environ, gave_way=again) as turn:
                    self._metrics.observe()
                    # The same query may have been answered while this one waited.
                    kept = self._cache.peek(key) if keeps else None
                    limits = replace(generation.limits, turn=turn)
                    answer = kept or generation.store.answer(text, dataset, found, limits)
                again = True
            if keeps:
                self._cache.put(key, answer)
            return answer

    def place(self, environ: Mapping[str, Any], *, gave_way: bool = False) -> AbstractContextManager[Turn]:
        """Wait for a place to run, for work that takes as much as a query; raises QueryError."""
        return self.admission.enter(client_address(environ, self._proxies), gave_way=gave_way)

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
    Of IPv6 the network of 64 bits, which is what one client gets (RFC 6177).
    """
    address: str = environ.get("REMOTE_ADDR") or ""
    if proxies:
        parts = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if seen := [part.strip() for part in parts if part.strip()]:
            address = seen[-min(proxies, len(seen))]
    # granian gives the port too, and proxies may.
    bare = address.rpartition(":")[0] if address.count(":") == 1 or address.startswith("[") else address
    try:
        found = IPv6Address(bare.strip("[]").partition("%")[0])
    except ValueError:
        return bare
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))


def run_query(query: str, dataset: Dataset | None, found: Format) -> Answer:
    """Run a query for the request at hand; raises QueryError."""
    if error := request.environ.pop(FAILED, None):
        raise error
    return _asking().run(request.environ, served(), query, dataset, found)


def place() -> AbstractContextManager[Turn]:
    """Wait for a place to run, for the request at hand; raises QueryError."""
    return _asking().place(request.environ)


def _asking() -> Asking:
    found: Asking = current_app.extensions["asking"]
    return found

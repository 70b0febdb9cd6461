"""Answers to queries from outside, kept to be given again; the one that was asked for longest ago goes first."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from app.mediatypes import Format
from app.store.interface import Answer, Dataset

# What an entry takes beside the bytes of its answer.
_OVERHEAD: Final = 1024
# An answer that would fill a larger part of the cache is not kept: it would push out all the others.
_LARGEST_PART: Final = 4


class ResultsCache:
    """Whole answers of one process, bounded in bytes and in number. An error is no answer and never kept."""

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
        size = _size(answer)
        if self._most == 0 or size > self._most_bytes // _LARGEST_PART:
            return
        with self._lock:
            if key not in self._answers:
                self._answers[key] = answer
                self.bytes += size
            while self.bytes > self._most_bytes or len(self._answers) > self._most:
                _, oldest = self._answers.popitem(last=False)
                self.bytes -= _size(oldest)
                self._count("cache_evicted")


def key(fingerprint: str, query: str, dataset: Dataset | None, found: Format) -> bytes:
    """Give the key of an answer: what is served, the text of the query as it was sent, its dataset, the format."""
    chosen = dataset or Dataset()
    # repr keeps the parts apart, whatever they hold; the digest keeps long queries out of memory.
    parts = repr((fingerprint, query, chosen.default, chosen.named, found.media_type))
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).digest()


def _size(answer: Answer) -> int:
    return len(answer.body) + _OVERHEAD

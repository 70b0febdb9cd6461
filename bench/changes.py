"""The change feed at size: python bench/changes.py [ENTITIES] (100,000 by default).

Records a first generation of so many entities and a second in which one in a hundred changed, one in a thousand is gone
and one in a thousand is new; then walks the event stream page by page, and asks for pages of the list. Tells times and
sizes, and checks that who followed the stream has exactly the current entities.
"""

import hashlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.changes import feed
from app.changes.descriptions import EntityState, descriptions
from app.changes.feed import SIZE, STREAM_PREFIXES, Addresses
from app.changes.log import NAME, confirm, record
from app.changes.view import Changes, EntryChoice
from app.generation import Manifest
from app.mediatypes import TURTLE
from app.store.engine import serialize

BASE = "http://example.org/size/"
GRAPH = f"{BASE}graph/strategy"


def lines(size: int, generation: int) -> Iterator[str]:
    """Give sorted N-Quads of a generation."""
    width = len(str(size * 2))
    for number in range(size + size // 1000 if generation else size):
        if generation and number % 1000 == 7 and number < size:
            continue
        thing = f"<{BASE}id/thing/{number:0{width}}>"
        label = f"Ting {number}{' endret' if generation and number % 100 == 3 else ''}"
        for predicate, value in (
            ("http://purl.org/dc/terms/description", '"En ting som det sies noe om, på norsk."@nb'),
            ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"<{BASE}ontology#Thing>"),
            ("http://www.w3.org/2000/01/rdf-schema#label", f'"{label}"@nb'),
        ):
            yield f"{thing} <{predicate}> {value} <{GRAPH}> .\n"


def manifest(generation: int) -> Manifest:
    """Make the manifest of a generation."""
    return Manifest(
        digest=hashlib.sha256(str(generation).encode()).hexdigest(),
        as_of="2026-11-22",
        built=f"2026-11-22T12:00:0{generation}+00:00",
        software="bench",
        base=BASE,
        title={},
        description={},
        languages=("nb",),
        prefixes={},
        graphs={GRAPH: 0},
        triples=0,
    )


def found(size: int, generation: int) -> Iterator[EntityState]:
    """Give the descriptions of a generation."""
    return descriptions(lambda: lines(size, generation), {GRAPH})


def main(size: int) -> None:
    """Measure."""
    with tempfile.TemporaryDirectory(prefix="innherred-bench-") as folder:
        state = Path(folder)
        before = None
        for generation in (0, 1):
            started = time.process_time()
            about = manifest(generation)
            record(state, about, found(size, generation), before)
            confirm(state, about)
            print(f"record generation {generation}: {time.process_time() - started:.1f} s")
            before = about
        print(f"log: {(state / NAME).stat().st_size / 1e6:.0f} MB")
        changes = Changes.of(state, manifest(1))
        addresses, followed, slowest, largest = Addresses(BASE, "http://localhost/ldes"), {}, 0.0, 0
        started = time.process_time()
        for number in range(1, feed.pages(changes.last) + 1):
            begun = time.process_time()
            entries = changes.page((number - 1) * SIZE + 1, SIZE)
            body = serialize(feed.stream_page(addresses, number, entries), TURTLE, STREAM_PREFIXES)
            slowest, largest = max(slowest, time.process_time() - begun), max(largest, len(body))
            for entry in entries:
                if entry.is_tombstone:
                    del followed[entry.entity]
                else:
                    followed[entry.entity] = entry.digest
        took = time.process_time() - started
        print(
            f"stream: {changes.last} members, {number} pages in {took:.1f} s; "
            f"slowest {slowest * 1000:.0f} ms, largest {largest} bytes"
        )
        assert followed == {each.entity: each.digest for each in found(size, 1)}
        last = size // 50
        for name, choice, offset in (
            ("newest 50", EntryChoice(), 0),
            ("page in the middle", EntryChoice(), last * 25),
            ("changed things of a kind", EntryChoice(kind="thing", change="updated"), 0),
            ("since", EntryChoice(since="2026-11-22T12:00:01"), 0),
        ):
            begun = time.process_time()
            total = changes.count(choice)
            changes.newest(choice, 50, offset)
            print(f"list, {name}: {(time.process_time() - begun) * 1000:.1f} ms of {total}")
        begun = time.process_time()
        for number in range(1000):
            changes.tombstone(f"{BASE}id/thing/{number}")
        print(f"is a thing deleted: {time.process_time() - begun:.3f} ms each")
        print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)

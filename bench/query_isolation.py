"""What isolation costs and gives.

Look-ups through the pool against in process; the time after a deadline; light queries beside runaway queries.

Run it from the root of the repository: ``PYTHONPATH=. python bench/query_isolation.py [TRIPLES]``.
"""

import contextlib
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.errors import DeadlineExceeded, QueryError
from app.mediatypes import RESULTS_JSON
from app.store.embedded import EmbeddedStore
from app.store.interface import Answer, Limits
from app.store.loading import StoreWriter
from app.store.opening import IsolatedStore
from app.store.workers import Confinement
from app.terms import Iri, Literal
from app.web.admission import Admission

LIMITS = Limits(query_length=262_144, query_nesting=100, answer_bytes=67_108_864)
DEADLINE = 1.0
SECONDS = 2.0
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SORT = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c"


def main() -> None:
    """Print the figures."""
    triples = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        with StoreWriter(path) as writer:
            predicate = Iri("http://example.org/p")
            quads = ((Iri(f"http://example.org/{n}"), predicate, Literal(f"value {n}")) for n in range(triples))
            writer.add((triple, None) for triple in quads)
        plain = EmbeddedStore.open(path)
        with contextlib.closing(
            IsolatedStore(path, Confinement(2, DEADLINE, 1_610_612_736, 67_108_864), LIMITS, lambda _event: None)
        ) as isolated:
            isolated.answer("ASK {}", None, RESULTS_JSON, LIMITS)
            look_ups(plain, isolated, triples)
            deadlines(isolated)
            hogs(isolated)


def look_ups(plain: EmbeddedStore, isolated: EmbeddedStore, triples: int) -> None:
    """Compare answers of 1, 100 and 10,000 rows, in turns."""
    for rows in (1, 100, 10_000):
        rates = {"in process": 0.0, "pool": 0.0}
        for _ in range(3):
            for name, store in (("in process", plain), ("pool", isolated)):
                rates[name] = max(rates[name], rate(store, rows, triples))
        ratio = rates["pool"] / rates["in process"]
        added = 1000 / rates["pool"] - 1000 / rates["in process"]
        print(
            f"{rows:6} rows: in process {rates['in process']:8.0f}/s, pool {rates['pool']:8.0f}/s, "
            f"ratio {ratio:.2f}, added {added:.3f} ms"
        )


def row_query(store: EmbeddedStore, rows: int, number: int) -> Answer:
    """Ask for so many rows."""
    one, many = f"SELECT * {{ <http://example.org/{number}> ?p ?o }}", f"SELECT * {{ ?s ?p ?o }} LIMIT {rows}"
    query = one if rows == 1 else many
    return store.answer(query, None, RESULTS_JSON, LIMITS)


def rate(store: EmbeddedStore, rows: int, triples: int) -> float:
    """Give answers per second."""
    begun, number = time.perf_counter(), 0
    while time.perf_counter() - begun < SECONDS / 3:
        row_query(store, rows, number % triples)
        number += 1
    return number / (time.perf_counter() - begun)


def deadlines(store: IsolatedStore) -> None:
    """Measure how long after the deadline a client is free, and how long the next query takes."""
    for name, query in (("cross product", CROSS), ("sort", SORT)):
        late, after = [], []
        for _ in range(5):
            begun = time.perf_counter()
            try:
                store.answer(query, None, RESULTS_JSON, LIMITS)
            except DeadlineExceeded:
                late.append(time.perf_counter() - begun - DEADLINE)
            except QueryError as error:
                print(f"{name}: {error}")
            begun = time.perf_counter()
            store.answer("ASK {}", None, RESULTS_JSON, LIMITS)
            after.append(time.perf_counter() - begun)
        freed = f"free {1000 * max(late):.1f} ms after the deadline at worst" if late else "no deadline met"
        print(f"{name}: {freed}, next query {1000 * max(after):.1f} ms at worst")


def hogs(store: IsolatedStore) -> None:
    """Measure light queries of one client while another sends runaway queries, sixteen at once, past deadlines."""
    queue = Admission(running=2, waiting=8, per_client=4, patience=DEADLINE, long=0.2)
    end = time.perf_counter() + 3.5 * DEADLINE
    outcomes: Counter[str] = Counter()

    def send(client: str, query: str) -> None:
        try:
            with queue.enter(client):
                store.answer(query, None, RESULTS_JSON, LIMITS)
            outcomes[f"{client}: answered"] += 1
        except QueryError as error:
            outcomes[f"{client}: {error.code}"] += 1

    def hog() -> None:
        while time.perf_counter() < end:
            send("hog", CROSS)
            time.sleep(0.05)

    taken = []
    with ThreadPoolExecutor(16) as threads:
        for _ in range(16):
            threads.submit(hog)
        while time.perf_counter() < end:
            begun = time.perf_counter()
            send("light", "SELECT * { <http://example.org/7> ?p ?o }")
            taken.append(time.perf_counter() - begun)
            time.sleep(0.01)
    taken.sort()
    p50, p99, worst = (1000 * taken[place] for place in (len(taken) // 2, int(len(taken) * 0.99), -1))
    print(
        f"beside sixteen runaway queries at once: {len(taken)} light ones, p50 {p50:.1f} ms, p99 {p99:.1f} ms, ", end=""
    )
    print(f"at worst {worst:.1f} ms; {dict(outcomes)}")


if __name__ == "__main__":
    main()

"""Search over synthetic labels: time to write the index, and of look-ups, for a number of things (default 1,000,000).

    python bench/search.py [THINGS [FILE]]

Labels of two to four words, common words as common as in real names; each thing has a value of three facets.
FILE keeps the index for the next run. Prints median and 99th percentile in milliseconds, by the clock and
of the processor (the clock counts what else the machine does).
"""

import itertools
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from app.search.index import FacetRows, IndexRow, build_index
from app.search.lookup import SearchIndex
from app.terms import Literal

BASE = "http://example.org/"
LANGUAGES = ("nb", "en")
KINDS = ("organisation", "activity", "programme", "passage", "place")
ROUNDS = 300


def vocabulary(size: int, chance: random.Random) -> list[str]:
    """Give made-up words, as many as asked for."""
    syllables = [
        "ber",
        "dal",
        "eng",
        "fjo",
        "gar",
        "hav",
        "inn",
        "kom",
        "lø",
        "mæl",
        "nes",
        "os",
        "rå",
        "stei",
        "tun",
        "vik",
    ]
    found: dict[str, None] = {}
    while len(found) < size:
        found["".join(chance.choices(syllables, k=chance.randint(2, 4)))] = None
    return list(found)


def rows(things: int, words: list[str], chance: random.Random) -> Iterator[IndexRow]:
    """Give things with a label, a third of them with another name and a text."""
    weights = list(itertools.accumulate(1 / (place + 10) for place in range(len(words))))
    for number in range(things):
        kind = KINDS[number % len(KINDS)]
        drawn = chance.choices(words, cum_weights=weights, k=4)
        label = " ".join(drawn[: 2 + number % 3]).capitalize()
        names = (f"X-{number}",) if number % 3 == 0 else ()
        texts = (Literal(" ".join(chance.choices(words, cum_weights=weights, k=12)), "nb"),) if number % 3 == 0 else ()
        classes = (f"{BASE}ontology#{kind}",)
        yield IndexRow(f"{BASE}id/{kind}/{number}", kind, classes, (Literal(label, "nb"),), names, texts)


def last(things: int) -> Iterator[str]:
    """Give what comes last."""
    return (f"{BASE}id/passage/{n}" for n in range(things) if KINDS[n % len(KINDS)] == "passage")


def facets(things: int) -> Iterator[FacetRows]:
    """Give three facets, of 5, 40 and 200 values."""
    for name, values in (("municipality", 5), ("topic", 40), ("programme", 200)):
        pairs = ((f"{BASE}id/{KINDS[n % len(KINDS)]}/{n}", f"{BASE}{name}/{n * 7 % values}") for n in range(things))
        yield FacetRows(name, pairs)


def measure(name: str, ask: Callable[[str], object], texts: list[str]) -> None:
    """Ask all texts, tell how long that took each time."""
    took, computed = [], []
    for text in texts:
        start, used = time.perf_counter(), time.process_time()
        ask(text)
        took.append((time.perf_counter() - start) * 1000)
        computed.append((time.process_time() - used) * 1000)
    told = (
        f"{statistics.median(each):7.2f} / {statistics.quantiles(each, n=100)[98]:7.2f} ms" for each in (took, computed)
    )
    print(f"{name:32} {'   of the processor '.join(told)}", flush=True)


def main() -> None:
    """Write an index, ask it."""
    things = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    chance = random.Random(1)  # noqa: S311
    words = vocabulary(min(40_000, things), chance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[2] if len(sys.argv) > 2 else f"{folder}/search.sqlite")
        if not path.exists():
            start = time.perf_counter()
            build_index(path, rows(things, words, chance), facets(things), last=last(things))
            seconds, peak = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{things} things: {seconds:.1f} s, {path.stat().st_size >> 20} MiB, {peak} MiB of memory at most")
        start = time.perf_counter()
        index = SearchIndex(path)
        index.search("x", LANGUAGES, limit=20)
        print(f"opened and first search in {(time.perf_counter() - start) * 1000:.0f} ms")
        weights = list(itertools.accumulate(1 / (place + 10) for place in range(len(words))))
        drawn = [chance.choices(words, cum_weights=weights, k=2) for _ in range(ROUNDS)]
        for length in (1, 2, 3, 5):
            measure(
                f"suggest, {length} letters",
                lambda t: index.suggest(t, LANGUAGES, limit=8),
                [a[:length] for a, _ in drawn],
            )
        measure(
            "suggest, two words", lambda t: index.suggest(t, LANGUAGES, limit=8), [f"{a} {b[:3]}" for a, b in drawn]
        )
        search = lambda t: index.search(t, LANGUAGES, limit=20)  # noqa: E731
        measure("search, beginning of a word", search, [a[:4] for a, _ in drawn])
        measure("search, one word", search, [a for a, _ in drawn])
        measure("search, two words", search, [f"{a} {b}" for a, b in drawn])
        measure(
            "search, two words, two facets",
            lambda t: index.search(t, LANGUAGES, chosen={"municipality": ("1", "2"), "topic": ("7",)}, limit=20),
            [f"{a} {b}" for a, b in drawn],
        )
        measure("search, mistyped", search, [a[:2] + a[3:] for a, _ in drawn if len(a) > 5])
        measure("list of a kind", lambda _: index.things("place", LANGUAGES, limit=20), ["x"] * 5)


if __name__ == "__main__":
    main()

"""How far a request walks through the modules: python bench/walk.py STATE, the state folder of a build of this content.

Through the test client, for a query and two pages: the modules of ``app`` that run, the calls into them (a generator
that goes on counts as one), the moves from one module to another and the queries that the store is asked. What runs in
the processes of queries is not seen. Each request is made twice before it counts, so that caches are as full as in a
server at work; the query is another one each time. An older version is measured from its folder with its own Python.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from urllib.parse import quote

import app
from app.config import Settings
from app.web import create_app

ROOT = str(Path(app.__file__).parent)
QUERY = "SELECT ?c{0} WHERE {{ <https://w3id.org/innherred/id/activity/inclusivate> a ?c{0} }} LIMIT 1"
REQUESTS = "/sparql?query=" + quote(QUERY, safe="{}"), "/doc/activity/inclusivate", "/doc/municipality/verdal"


def walk(go: Callable[[], object]) -> list[int]:
    """Give the modules, calls, moves between modules and queries of what ``go`` does."""
    modules, counts = set(), {"calls": 0, "moves": 0, "queries": 0}

    def see(frame: FrameType, event: str, _: object) -> None:
        module, caller = frame.f_code.co_filename, frame.f_back.f_code.co_filename if frame.f_back else ""
        if event == "call" and module.startswith(ROOT):
            modules.add(module)
            counts["calls"] += 1
            counts["moves"] += caller != module and caller.startswith(ROOT)
            asks = frame.f_code.co_name in ("select", "ask", "construct", "answer")
            counts["queries"] += asks and f"{ROOT}/store" in module and f"{ROOT}/store" not in caller

    sys.setprofile(see)
    try:
        go()
    finally:
        sys.setprofile(None)
    return [len(modules), *counts.values()]


def main() -> None:
    """Print a table."""
    client = create_app(Settings(content=Path(), state=Path(sys.argv[1]))).test_client()
    print("| | modules | calls | moves | queries |\n|---|---:|---:|---:|---:|")
    for path in REQUESTS:
        found = [walk(partial(client.get, path.format(turn), buffered=True)) for turn in range(3)]
        print(f"| `{path.split('?')[0]}` |", " | ".join(f"{number:,}" for number in found[-1]), "|")


if __name__ == "__main__":
    main()

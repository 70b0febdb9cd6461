"""Documents, dumps and the map of the site at size: python bench/documents.py [ENTITIES] (100,000 by default).

Builds a content in which so many things point to one, then asks for that thing's document page by page, as data and as
a page, for the parts of the sitemap and for a dump, through the application itself. Tells times, sizes and memory, and
checks that the pages together hold every thing.
"""

import re
import resource
import sys
import tempfile
import time
from pathlib import Path

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.web import create_app

BASE = "http://example.org/size/"
HEAD = f"""@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix void: <http://rdfs.org/ns/void#> .
<{BASE}catalog#dataset> a void:Dataset ; void:uriSpace "{BASE}" ; dcterms:title "Size"@en .
"""


def write(folder: Path, size: int) -> None:
    """Write a content of ``size`` things that point to one."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "dataset.ttl").write_text(HEAD, encoding="utf-8")
    with (folder / "data" / "things.nt").open("w", encoding="utf-8") as file:
        label = "<http://www.w3.org/2000/01/rdf-schema#label>"
        file.write(f'<{BASE}id/hub/one> {label} "Hub"@en .\n')
        for number in range(size):
            thing = f"<{BASE}id/thing/{number:07}>"
            file.write(f'{thing} {label} "Thing {number}"@en .\n')
            file.write(f"{thing} <http://purl.org/dc/terms/relation> <{BASE}id/hub/one> .\n")


def main() -> None:
    """Run it."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(content=Path(scratch) / "content", state=Path(scratch) / "state")
        write(settings.content, size)
        begun = time.process_time()
        build(Content.open(settings.content), settings, as_of=None, progress=Progress(quiet=True))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"build of {size:,} entities, dumps included: {time.process_time() - begun:.1f} s, {memory} MB at most")
        client = create_app(settings).test_client()

        def ask(path: str, accept: str = "*/*") -> tuple[bytes, float]:
            begun = time.process_time()
            answer = client.get(path, headers={"Accept": accept}, buffered=True)
            assert answer.status_code == 200, (path, answer.status_code)
            return answer.data, 1000 * (time.process_time() - begun)

        ask("/doc/hub/one", "text/html")
        body, spent = ask("/doc/hub/one", "text/html")
        print(f"page of the thing all point to: {len(body) / 1000:.0f} kB, {spent:.0f} ms")
        found: set[bytes] = set()
        times, largest, number = [], 0, 0
        while True:
            number += 1
            answer = client.get(f"/doc/hub/one.nt?page={number}", buffered=True)
            begun = time.process_time()
            body, spent = ask(f"/doc/hub/one.nt?page={number}")
            times.append(spent)
            largest = max(largest, len(body))
            found |= set(
                re.findall(rb"^<([^>]*/id/thing/[^>]*)> <http://purl.org/dc/terms/relation>", body, re.MULTILINE)
            )
            if 'rel="next"' not in ", ".join(answer.headers.getlist("Link")):
                break
        times.sort()
        print(
            f"its data in {number} pages: median {times[len(times) // 2]:.0f} ms, slowest {times[-1]:.0f} ms, "
            f"largest {largest / 1000:.0f} kB; all there: {len(found) == size}"
        )
        for path in ("/sitemap.xml", f"/thing/?page={size // 100}", "/dump/default.ttl.gz"):
            body, spent = ask(path)
            print(f"{path}: {len(body) / 1000:,.0f} kB, {spent:.0f} ms")


if __name__ == "__main__":
    main()

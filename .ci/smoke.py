"""Ask a server that has just started for pages, style, an entity, an answer; exit 1 with what was wrong."""

import json
import sys
import time
from collections.abc import Mapping
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

PATIENCE = 60.0  # seconds until the server must answer


def fetch(address: str, accept: str = "*/*") -> tuple[Mapping[str, str], bytes]:
    """Get an address, following redirects; raises URLError."""
    with urlopen(Request(address, headers={"Accept": accept}), timeout=20) as answer:
        return answer.headers, answer.read()


def wait(base: str) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fetch(f"{base}/health")
        except (URLError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
        else:
            return


def main(base: str) -> None:
    """Run all checks."""
    wait(base)
    checks = [
        ("/", "text/html", "text/html", b"<html"),
        ("/en/", "text/html", "text/html", b'lang="en"'),
        ("/static/app.css", "*/*", "text/css", b"@layer"),
        ("/static/licences.txt", "*/*", "text/plain", b"inter"),
        ("/id/municipality/snasa", "text/turtle", "text/turtle", "Snåsa".encode()),
        ("/id/municipality/snasa", "text/html", "text/html", "Snåsa".encode()),
    ]
    for path, accept, media_type, fragment in checks:
        headers, body = fetch(base + path, accept)
        got = headers.get("Content-Type", "")
        assert got.startswith(media_type), f"{path}: {got} instead of {media_type}"
        assert fragment in body, f"{path}: {fragment!r} is not in the answer"
    query = urlencode({"query": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"})
    _, body = fetch(f"{base}/sparql?{query}", "application/sparql-results+json")
    count = int(json.loads(body)["results"]["bindings"][0]["n"]["value"])
    assert count > 1000, f"only {count} triples in the default graph"
    sys.stdout.write(f"{len(checks) + 1} requests answered, {count} triples\n")


if __name__ == "__main__":
    main(sys.argv[1])

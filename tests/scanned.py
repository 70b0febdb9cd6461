"""The quads of a content, as a scan gives them: some as terms, some as lines of canonical N-Quads."""

from collections.abc import Iterator

from app.content.canonical import parse_quads
from app.quality.scan import Scan
from app.terms import Iri, Triple


def scanned(scan: Scan) -> Iterator[tuple[Triple, Iri]]:
    """Give every triple with its graph."""
    for part in scan.lines():
        if isinstance(part, tuple):
            yield part
        else:
            for triple, graph in parse_quads("".join(part)):
                assert graph is not None
                yield triple, graph

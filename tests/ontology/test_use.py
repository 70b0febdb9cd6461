"""Every term of the ontology that the engine's own queries and shapes use is defined; `check` sees to the content's."""

import re
from pathlib import Path

import pytest
from rdflib import RDF, Dataset, Graph

from app.namespaces import INN

ROOT = Path(__file__).parents[2]
FOLDERS = ("app/defaults",)
GRAPHS = {".ttl": "turtle", ".nt": "nt", ".trig": "trig", ".nq": "nquads"}
# SPARQL and the queries inside shapes write a term with its prefix or in full.
IN_TEXT = re.compile(rf"\binn:([A-Za-z]\w*)|<{re.escape(INN)}(\w+)>")


def terms_used(path: Path) -> set[str]:
    """Give the local names of our terms in a file: in its triples, or in the text of queries."""
    if path.suffix not in GRAPHS:
        return _in_text(path.read_text(encoding="utf-8"))
    dataset = Dataset()
    dataset.parse(path, format=GRAPHS[path.suffix])
    used: set[str] = set()
    for *triple, _ in dataset.quads():
        for node in triple:
            used |= {str(node).removeprefix(INN)} if str(node).startswith(INN) else set()
            used |= _in_text(str(node))
    return used - {""}


def _in_text(text: str) -> set[str]:
    return {prefixed or full for prefixed, full in IN_TEXT.findall(text)}


def files() -> list[Path]:
    suffixes = {*GRAPHS, ".rq"}
    return sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in suffixes)


@pytest.fixture(scope="module")
def defined() -> set[str]:
    graph = Graph()
    for path in sorted((ROOT / "ontology").glob("*.ttl")):
        graph.parse(path)
    return {str(term).removeprefix(INN) for term in graph.subjects(RDF.type) if str(term).startswith(INN)}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_term_used_is_defined(path, defined):
    assert not terms_used(path) - defined

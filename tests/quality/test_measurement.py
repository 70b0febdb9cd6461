"""Measurements of quality: counts of results, shares of facts and of things, in DQV."""

from datetime import date
from pathlib import Path

from app.content.canonical import parse_quads
from app.content.folders import Content
from app.quality.checks import gap_report
from app.quality.measurement import measurements
from app.quality.scan import Scan
from app.store.embedded import EmbeddedStore
from app.terms import Iri

DATA = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX inn: <https://w3id.org/innherred/ontology#>
<http://e/a> a <http://e/C> ; inn:certainty inn:stated ; dcterms:source <http://e/page> .
<http://e/b> a <http://e/C> ; inn:certainty inn:uncertain .
<http://e/c> a <http://e/D> .
"""
SHAPES = """PREFIX sh: <http://www.w3.org/ns/shacl#>
<http://e/S> a sh:NodeShape ; sh:targetClass <http://e/C> ; sh:severity sh:Warning ; sh:sparql <http://e/S-q> .
<http://e/S-q> sh:message "x"@en ; sh:select '''SELECT $this WHERE {
  $this a ?class . ?dataset <http://purl.org/dc/terms/valid> ?today
  FILTER NOT EXISTS { $this <http://purl.org/dc/terms/source> ?source } }''' .
"""
DQV = "http://www.w3.org/ns/dqv#"


def measured(folder: Path) -> dict[str, str]:
    (folder / "data").mkdir()
    (folder / "shapes").mkdir()
    (folder / "data" / "a.ttl").write_text(DATA)
    (folder / "shapes" / "s.ttl").write_text(SHAPES)
    content = Content.open(folder, "http://e/")
    scan = Scan(content)
    quads = [
        quad for each in scan.lines() for quad in ([each] if isinstance(each, tuple) else parse_quads("".join(each)))
    ]
    data = [triple for triple, graph in quads if graph in scan.merged]
    store = EmbeddedStore.in_memory([*quads, *((triple, None) for triple in data)])
    report = gap_report(content, data, date(2026, 11, 22))
    found = set(measurements(store, report, content, scan, store.graphs()))
    values = {s: str(o) for s, p, o in found if p == DQV + "value"}
    metrics = {s for s, p, o in found if o == Iri(DQV + "Metric")}
    assert {o for s, p, o in found if p == DQV + "isMeasurementOf"} == metrics
    return {name.rpartition("measurement-")[2]: value for name, value in values.items()}


def test_counts_and_shares(tmp_path: Path) -> None:
    assert measured(tmp_path) == {
        "violations-dataset": "0",
        "warnings-dataset": "1",
        "infos-dataset": "0",
        "facts-with-source-dataset": "0.500",
        "stated-C": "0.500",
        "interpreted-C": "0.000",
        "uncertain-C": "0.500",
    }

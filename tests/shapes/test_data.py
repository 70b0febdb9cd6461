"""The shipped data conforms to every integrity shape."""

from pathlib import Path

from rdflib import SH, Graph

ROOT = Path(__file__).parents[2]


def test_shipped_data_conforms(validate, shapes: Graph, ontology: Graph) -> None:
    data = Graph()
    for triple in ontology:
        data.add(triple)
    for path in sorted((ROOT / "data").rglob("*.ttl")):
        data.parse(path)
    report = validate(data, shapes)
    found = [
        f"{report.value(node, SH.focusNode)} {report.value(node, SH.resultPath)} {report.value(node, SH.value)}: "
        f"{report.value(node, SH.sourceShape)} "
        f"{next((text for text in report.objects(node, SH.resultMessage) if text.language == 'en'), '')}"
        for node in report.subjects(SH.resultSeverity, SH.Violation)
    ]
    assert not found, "\n".join(sorted(found))

"""The shipped data conforms to every integrity shape."""

from pathlib import Path

from rdflib import RDF, RDFS, SH, Graph

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


def test_each_thing_is_seen_by_a_shape_for_its_class(shapes: Graph, ontology: Graph) -> None:
    """A class that the data uses and no shape names would go unchecked."""
    targets = set(shapes.objects(None, SH.targetClass))
    data = Graph()
    for path in sorted((ROOT / "data").rglob("*.ttl")):
        data.parse(path)
    own = "https://w3id.org/innherred/id/"
    unseen = {
        str(thing)
        for thing in set(data.subjects(RDF.type))
        if str(thing).startswith(own)
        and not any(
            targets & set(ontology.transitive_objects(kind, RDFS.subClassOf)) for kind in data.objects(thing, RDF.type)
        )
    }
    assert not unseen

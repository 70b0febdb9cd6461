"""The ontology as it is published, read by ROBOT: in OWL 2 DL, and consistent by HermiT."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import OWL, RDF, Graph, URIRef

from tests.java import java

AXIOM = "<https://example.org/a> a owl:Class ; rdfs:subClassOf rdf:Statement ."


@pytest.mark.parametrize("further", ["", AXIOM], ids=["published", "with-a-reserved-class"])
def test_the_published_ontology_is_in_owl_2_dl_and_consistent(
    shipped_client: FlaskClient, tmp_path: Path, further: str
) -> None:
    ontology = Graph().parse(data=shipped_client.get("/ontology.ttl").data, format="turtle")
    assert (None, RDF.type, OWL.Ontology) in ontology
    source, report, reasoned = (tmp_path / name for name in ("in.ttl", "report.txt", "out.ttl"))
    ontology.parse(
        data=f"@prefix owl: <{OWL}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
        f"@prefix rdf: <{RDF}> . {further}",
        format="turtle",
    ).serialize(source, format="turtle")
    profile = ["validate-profile", "--profile", "DL", "--input", str(source), "--output", str(report)]
    reason = ["reason", "--reasoner", "hermit", "--output", str(reasoned)]
    told = java("INNHERRED_ROBOT", "org.obolibrary.robot.CommandLineInterface", *profile, *([] if further else reason))
    found = report.read_text(encoding="utf-8")
    if further:
        assert "reserved vocabulary for class IRI: rdf:Statement" in found, told
        return
    assert "[Ontology and imports closure in profile]" in found, found + told
    classes = Graph().parse(reasoned)  # not written when the ontology is inconsistent or a class can have no member
    assert len(set(classes.subjects(RDF.type, OWL.Class))) > 10, told
    assert not [each for each in classes.subjects(None, OWL.Nothing) if isinstance(each, URIRef)]

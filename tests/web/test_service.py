"""The service description: what it counts is what the endpoint counts."""

import pytest
from rdflib import Dataset, Graph, Namespace, URIRef
from rdflib.namespace import RDF, VOID

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMATS = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
}


def counted(client, pattern):
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}"
    return int(client.get("/sparql", query_string={"query": query, "format": "csv"}).text.split()[1])


@pytest.mark.parametrize("media_type", FORMATS)
def test_graphs_and_counts_are_those_of_the_endpoint(client, media_type):
    answer = client.get("/sparql", headers={"Accept": media_type})
    found = Dataset() if "json" in media_type else Graph()
    found.parse(data=answer.text, format=FORMATS[media_type])
    service = next(found.subjects(RDF.type, SD.Service))
    assert str(found.value(service, SD.endpoint)).endswith("/sparql")
    dataset = found.value(service, SD.defaultDataset)
    default = found.value(dataset, SD.defaultGraph)
    assert int(found.value(default, VOID.triples)) == counted(client, "?s ?p ?o") > 0
    names = set()
    for named in found.objects(dataset, SD.namedGraph):
        name = found.value(named, SD.name)
        names.add(name)
        number = int(found.value(found.value(named, SD.graph), VOID.triples))
        assert number == counted(client, f"GRAPH <{name}> {{ ?s ?p ?o }}") > 0
    query = {"query": "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", "format": "csv"}
    listed = client.get("/sparql", query_string=query)
    assert names == {URIRef(each) for each in listed.text.split()[1:]}


def test_it_claims_no_feature_and_tells_the_differences(client):
    text = client.get("/sparql", headers={"Accept": "text/turtle"}).text
    assert "sd:feature" not in text
    assert "entailment/Simple" in text
    assert "Avvik fra SPARQL 1.1" in text
    assert "Differences from SPARQL 1.1" in client.get("/en/sparql", headers={"Accept": "text/turtle"}).text

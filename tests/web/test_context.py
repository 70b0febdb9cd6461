"""The published JSON-LD context: documents become readable by it, and mean the same."""

import json

import pytest
import rdflib
from pyld import jsonld
from rdflib.compare import isomorphic

EX = "http://example.org/havdal/ontology#"


@pytest.fixture
def context(client):
    return client.get("/context.jsonld").json


def triples(document):
    return rdflib.Graph().parse(data=jsonld.to_rdf(document, {"format": "application/n-quads"}), format="nt")


def test_terms_say_what_their_values_are(context):
    terms = context["@context"]
    assert terms["twin"] == {"@id": EX + "twin", "@type": "@id"}
    assert terms["Town"] == {"@id": EX + "Town"}
    assert terms["ex"] == EX  # prefixes stay: what a term does not fit is written by them


@pytest.mark.parametrize("thing", ["town/aasvaer", "town/bekk", "town/hostile", "town/blank", "claim/1", "trip/t101"])
def test_a_document_is_compacted_and_means_the_same(client, context, thing):
    document = client.get(f"/doc/{thing}.jsonld").json
    compact = jsonld.compact(document, context)
    whole = triples(document)
    assert len(whole) > 3
    assert isomorphic(triples(compact), whole)
    assert isomorphic(rdflib.Graph().parse(data=json.dumps(compact), format="json-ld"), whole)
    if thing != "town/blank":  # rdflib 7.6 drops what is said of a blank node where a term has IRIs as values
        written = whole.serialize(format="json-ld", context=context["@context"], auto_compact=True)
        assert isomorphic(rdflib.Graph().parse(data=written, format="json-ld"), whole)


def test_a_frame_makes_a_tree_of_a_class(client, context):
    document = client.get("/doc/town/aasvaer.jsonld").json
    found = jsonld.frame(document, context | {"@type": "Town"})
    assert found["@id"].endswith("id/town/aasvaer")
    assert found["point"]["@type"] == "Point"
    assert "Bekk" in json.dumps(found["twin"], ensure_ascii=False)


def test_a_loader_takes_the_context_by_address(server):
    found = {"@context": server + "context.jsonld", "@id": "nf:here", "partner": "nf:there"}
    ((_, predicate, value),) = triples(found)
    assert predicate == rdflib.URIRef(value.replace("there", "partner"))

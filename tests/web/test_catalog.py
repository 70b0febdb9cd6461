"""The catalog over HTTP, asked of a started server: what it says is true when checked, and it leads to all else."""

import hashlib
import json
import re
import urllib.parse
import urllib.request
from dataclasses import replace

import pytest
import rdflib
from flask.testing import FlaskClient

from app.web import create_app
from tests.web.conftest import BASE as HAVDAL

BASE = "http://example.org/nordfjella/"
DCAT, VOID, SPDX, SD = (
    rdflib.Namespace(each)
    for each in (
        "http://www.w3.org/ns/dcat#",
        "http://rdfs.org/ns/void#",
        "http://spdx.org/rdf/terms#",
        "http://www.w3.org/ns/sparql-service-description#",
    )
)


def get(address, accept="*/*"):
    request = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=600) as answer:
        return answer.headers, answer.read()


def rdf(address):
    headers, body = get(address, "text/turtle")
    assert headers.get_content_type() == "text/turtle"
    found = rdflib.Graph()
    found.parse(data=body, format="turtle")
    return found


@pytest.fixture(scope="module")
def catalog(server):
    return rdf(server + "catalog")


def count(endpoint, query):
    _, body = get(f"{endpoint}?{urllib.parse.urlencode({'query': query})}", "application/sparql-results+json")
    (row,) = json.loads(body)["results"]["bindings"]
    return int(row["n"]["value"])


def test_every_file_is_as_the_catalog_says(catalog):
    files = list(catalog.subjects(rdflib.RDF.type, DCAT.Distribution))
    assert len(files) == 4
    for file in files:
        _, body = get(str(catalog.value(file, DCAT.downloadURL)))
        assert len(body) == int(catalog.value(file, DCAT.byteSize))
        checksum = catalog.value(catalog.value(file, SPDX.checksum), SPDX.checksumValue)
        assert hashlib.sha256(body).hexdigest() == str(checksum).lower()
        get(str(catalog.value(file, DCAT.accessURL)))


def test_a_client_that_knows_only_the_catalog_finds_the_services(server, catalog):
    (dataset,) = catalog.objects(rdflib.URIRef(BASE + "catalog"), DCAT.dataset)
    services = {catalog.value(each, DCAT.endpointURL) for each in catalog.subjects(DCAT.servesDataset, dataset)}
    assert services == {rdflib.URIRef(server + each) for each in ("sparql", "queries/", "ldes")}
    assert count(server + "sparql", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }") > 0
    description = rdf(
        next(str(o) for o in catalog.objects(None, DCAT.endpointDescription) if str(o).endswith("sparql"))
    )
    assert (None, rdflib.RDF.type, SD.Service) in description
    stream = rdf(server + "ldes")
    assert (None, rdflib.RDF.type, rdflib.URIRef("https://w3id.org/ldes#EventStream")) in stream
    (version,) = catalog.objects(dataset, DCAT.hasVersion)
    found = rdf(server + str(version).removeprefix(BASE))
    assert (version, DCAT.version, None) in found


def test_the_endpoint_confirms_the_counts(server):
    void = rdf(server + ".well-known/void")
    dataset = rdflib.URIRef(BASE + "catalog#dataset")
    endpoint = str(void.value(dataset, VOID.sparqlEndpoint))
    assert int(void.value(dataset, VOID.triples)) == count(endpoint, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    parts = [(part, void.value(part, VOID["class"]), void.value(part, VOID.property)) for part in void.subjects()]
    checked = 0
    for part, class_, property_ in set(parts):
        if class_ is not None:
            query, number = f"SELECT (COUNT(DISTINCT ?s) AS ?n) {{ ?s a <{class_}> }}", VOID.entities
        elif property_ is not None:
            query, number = f"SELECT (COUNT(*) AS ?n) {{ ?s <{property_}> ?o }}", VOID.triples
        else:
            continue
        assert int(void.value(part, number)) == count(endpoint, query), (class_, property_)
        checked += 1
    assert checked > 5
    get(str(void.value(dataset, VOID.dataDump)))
    assert (rdflib.URIRef(BASE + "catalog"), DCAT.dataset, dataset) in void


def test_the_front_page_leads_to_the_catalog(server):
    headers, body = get(server, "text/html")
    assert any("</catalog>" in each and 'rel="describedby"' in each for each in headers.get_all("Link"))
    assert b'href="/catalog"' in body


@pytest.mark.parametrize(("path", "words"), [("/catalog", "Datasettet"), ("/en/catalog", "The dataset")])
def test_the_catalog_has_a_page_in_each_language(client: FlaskClient, path: str, words: str) -> None:
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert words in page
    assert "/dump/all.nq.gz" in page
    assert page.count("<h1") == 1
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found = json.loads(block)
    assert (found["@type"], found["@id"]) == ("Dataset", HAVDAL + "catalog#dataset")
    assert "http://localhost/dump/all.nq.gz" in [url for each in found["distribution"] for url in each["contentUrl"]]


def test_the_catalog_is_the_same_in_every_format(client: FlaskClient) -> None:
    sizes = set()
    for suffix, form in (("ttl", "turtle"), ("jsonld", "json-ld"), ("nt", "nt"), ("rdf", "xml")):
        found = rdflib.Graph()
        found.parse(data=client.get(f"/catalog.{suffix}").data, format=form)
        sizes.add(len(found))
        assert (rdflib.URIRef(HAVDAL + "catalog"), rdflib.RDF.type, DCAT.Catalog) in found
    assert len(sizes) == 1


def test_the_host_is_the_one_that_was_asked(client: FlaskClient) -> None:
    answers = [client.get("/catalog.nt", base_url=f"http://{host}") for host in ("a.example", "b.example")]
    assert [f"<http://{host}.example/sparql>" in answer.text for host, answer in zip("ab", answers, strict=True)] == [
        True,
        True,
    ]
    assert len({answer.headers["ETag"] for answer in answers}) == 2
    assert "b.example" not in answers[0].text


@pytest.mark.parametrize("host", ["", "a> <urn:x", 'a"><b', "x/y"])
def test_a_host_that_is_none_is_refused_and_not_repeated(client: FlaskClient, host: str) -> None:
    for path in ("/catalog.nt", "/.well-known/void", "/sitemap.xml", "/doc/town/aasvaer.linkset"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert not host or host not in answer.text


def test_without_a_host_addresses_are_those_of_the_base(client: FlaskClient) -> None:
    """HTTP/1.0 knows none."""
    old = {"SERVER_PROTOCOL": "HTTP/1.0", "HTTP_HOST": ""}
    assert f"<{HAVDAL}sparql>" in client.get("/catalog.nt", environ_overrides=old).text


def test_behind_a_proxy_addresses_are_as_its_clients_see_them(settings) -> None:
    proxied = create_app(replace(settings, proxies=1)).test_client()
    answer = proxied.get("/catalog.nt", base_url="http://a.example", headers={"X-Forwarded-Proto": "https"})
    assert "<https://a.example/sparql>" in answer.text

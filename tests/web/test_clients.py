"""Other people's clients, each with what it asks for: loaders by address, SPARQLWrapper, a script of another origin."""

import gzip
import http.client
import json
import re
import socket
import urllib.request
import warnings
from urllib.parse import quote, urlencode, urlsplit

import pytest
import rdflib
import SPARQLWrapper
from rdflib.compare import isomorphic
from SPARQLWrapper import CSV, JSON, JSONLD, N3, RDF, RDFXML, TSV, TURTLE, XML

from tests.java import java

PEOPLE = {"Accept": "text/html,*/*;q=0.8"}
QUERIES = {
    "SELECT": "SELECT * WHERE { ?s ?p ?o } LIMIT 3",
    "ASK": "ASK { ?s ?p ?o }",
    "CONSTRUCT": "CONSTRUCT WHERE { ?s a ?class } LIMIT 3",
    "DESCRIBE": "DESCRIBE ?s WHERE { ?s a ?class } LIMIT 1",
}
RESULTS = {
    XML: "application/sparql-results+xml",
    JSON: "application/sparql-results+json",
    CSV: "text/csv",
    TSV: "text/tab-separated-values",
}
GRAPHS = {
    XML: "application/rdf+xml",
    RDF: "application/rdf+xml",
    RDFXML: "application/rdf+xml",
    TURTLE: "text/turtle",
    N3: "text/turtle",
    JSON: "application/ld+json",
    JSONLD: "application/ld+json",
}
WISHES = [
    (form, wish, media_type)
    for form in QUERIES
    for wish, media_type in (RESULTS if form in ("SELECT", "ASK") else GRAPHS).items()
]


@pytest.mark.parametrize(("form", "wish", "media_type"), WISHES)
def test_sparqlwrapper_gets_each_form_in_each_format(server, form, wish, media_type):
    wrapper = SPARQLWrapper.SPARQLWrapper(server + "sparql")
    wrapper.setQuery(QUERIES[form])
    wrapper.setReturnFormat(wish)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it does not know a format for a form
        answer = wrapper.query()
        assert answer.info()["content-type"].partition(";")[0] == media_type
        assert answer.convert() is not None


@pytest.mark.parametrize("wish", ["docx", "turtle"])
def test_a_format_that_is_not_on_offer_is_told(client, wish):
    answer = client.get("/sparql", query_string={"query": QUERIES["SELECT"], "format": wish})
    assert answer.status_code == 406
    assert "csv" in [each["format"] for each in answer.json["formats"]]


@pytest.mark.parametrize("wish", ["application/rdf+xml", "RDF/XML", "rdf+xml", "xml"])
def test_a_plus_that_is_not_escaped_is_a_plus(client, wish):
    answer = client.get(f"/doc/town/bekk?format={wish}")
    assert (answer.status_code, answer.mimetype) == (200, "application/rdf+xml")
    assert client.get("/doc/town/bekk?format=json").mimetype == "application/json"  # our own plain JSON goes first


@pytest.mark.parametrize("path", ["dump/default.ttl", "dump/all.trig", "dump/all.jsonld", "dump/all.nq"])
def test_rdflib_loads_by_address(server, path):
    found = rdflib.Dataset()
    found.parse(server + path)
    assert len(found) > 10


def test_riot_counts_what_is_served(server):
    with urllib.request.urlopen(server + "health") as answer:
        triples = json.load(answer)["triples"]
    with urllib.request.urlopen(server + "dump/all.nq") as answer:
        quads = len(answer.read().splitlines())
    files = [server + "dump/" + name for name in ("default.ttl", "all.trig", "all.nq", "all.jsonld")]
    told = java("INNHERRED_FUSEKI", "riotcmd.riot", "--count", *files)
    assert "ERROR" not in told
    found = re.findall(r"/dump/(\S+) : \w+ = ([\d,]+)", told)
    assert [int(number.replace(",", "")) for _, number in found] == [triples, quads, quads, quads], told


def test_riot_follows_a_name_to_its_document(server):
    names = [server + "id/valley/austdalen", server + "doc/valley/austdalen.jsonld"]
    found = [rdflib.Graph().parse(data=_triples(java("INNHERRED_FUSEKI", "riotcmd.riot", each))) for each in names]
    with urllib.request.urlopen(server + "doc/valley/austdalen.nt") as answer:
        ours = rdflib.Graph().parse(data=answer.read(), format="nt")
    assert len(ours) > 5
    assert all(isomorphic(each, ours) for each in found)


def _triples(told: str) -> str:
    """Leave out what Jena logs."""
    return "\n".join(line for line in told.splitlines() if line.startswith(("<", "_:")))


def test_rsparql_gets_each_form(server):
    def ask(query: str, results: str = "csv") -> str:
        options = ["--service", server + "sparql", "--results", results]
        return java("INNHERRED_FUSEKI", "arq.rsparql", *options, query)

    with urllib.request.urlopen(server + "health") as answer:
        triples = json.load(answer)["triples"]
    assert ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").split()[-2:] == ["n", str(triples)]
    assert ask("ASK { ?s ?p ?o }").split()[-1] == "true"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    assert '"Osttal"@de' in ask(f"CONSTRUCT {{ ?s {label} ?o }} WHERE {{ ?s {label} ?o }}", "turtle")


def test_a_dump_without_gz_is_the_file_as_it_lies(client):
    packed = client.get("/dump/default.ttl.gz")
    coded = client.get("/dump/default.ttl", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/dump/default.ttl", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.mimetype == "application/gzip"
    assert "Content-Encoding" not in packed.headers
    assert (coded.mimetype, coded.headers["Content-Encoding"]) == ("text/turtle", "gzip")
    assert coded.data == packed.data
    assert (plain.mimetype, plain.headers.get("Content-Encoding")) == ("text/turtle", None)
    assert plain.data == gzip.decompress(packed.data)
    assert coded.headers["ETag"] != plain.headers["ETag"]
    for answer in (coded, plain):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert "Content-Disposition" not in answer.headers
        again = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": answer.headers.get("Content-Encoding", "")}
        assert client.get("/dump/default.ttl", headers=again).status_code == 304
    part = client.get("/dump/default.ttl", headers={"Accept-Encoding": "gzip", "Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, packed.data[10:20])
    assert client.get("/dump/SHA256SUMS.gz").status_code == client.get("/dump/none.ttl").status_code == 404


def test_the_catalog_leads_to_what_can_be_loaded(client):
    found = rdflib.Graph().parse(data=client.get("/catalog.ttl").data, format="turtle")
    dcat, void = rdflib.Namespace("http://www.w3.org/ns/dcat#"), rdflib.Namespace("http://rdfs.org/ns/void#")
    files = set(found.objects(None, dcat.distribution))
    assert files
    for file in files:
        (address,), (download,) = found.objects(file, dcat.accessURL), found.objects(file, dcat.downloadURL)
        loaded = client.get(str(address))
        assert str(download) == f"{address}.gz"
        assert str(found.value(file, dcat.mediaType)).endswith(loaded.mimetype)
    (dump,) = found.objects(None, void.dataDump) or rdflib.Graph().parse(
        data=client.get("/.well-known/void").data, format="turtle"
    ).objects(None, void.dataDump)
    assert client.get(str(dump)).mimetype == "text/turtle"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/id/town/aasvaer", 303),
        ("/doc/town/aasvaer", 200),
        ("/doc/town/none", 404),
        ("/catalog/", 308),
        ("/sparql?query=ASK%7B%7D", 200),
        ("/sparql?query=nonsense", 400),
    ],
)
@pytest.mark.parametrize("accept", ["text/turtle, */*;q=0.1", PEOPLE["Accept"]])
def test_a_script_of_another_origin_may_read_what_is_public(client, path, status, accept):
    answer = client.get(path, headers={"Accept": accept, "Origin": "https://example.org"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, "*")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    if tag := answer.headers.get("ETag"):
        again = client.get(path, headers={"Accept": accept, "If-None-Match": tag})
        assert (again.status_code, again.headers["Access-Control-Allow-Origin"]) == (304, "*")


def test_a_redirect_to_a_document_may_be_kept(client):
    answer = client.get("/id/town/aasvaer")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (303, "public, max-age=300")
    assert client.get("/id/town/none").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/catalog", "/ontology", "/ldes", "/sparql", "/shapes", "/changes", "/search"])
def test_a_slash_too_many_is_sent_on(client, path):
    answer = client.get(path + "/?x=1&x=2")
    assert (answer.status_code, answer.headers["Location"]) == (308, path + "?x=1&x=2")
    assert client.get("/en" + path + "/").headers["Location"] == "/en" + path


def test_a_query_sent_to_a_slash_too_many_is_sent_on_with_its_method(client):
    answer = client.post("/sparql/", data={"query": "ASK{}"}, follow_redirects=True)
    assert (answer.status_code, answer.json["boolean"]) == (200, True)


def test_whoever_has_anything_is_told_that_there_is_something(client):
    for path in ("/catalog.ttl", "/doc/town/aasvaer", "/sparql?query=ASK%7B%7D"):
        answer = client.get(path, headers={"If-None-Match": "*"})
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"]
    assert client.get("/doc/town/none", headers={"If-None-Match": "*"}).status_code == 404
    assert client.get("/sparql?query=nonsense", headers={"If-None-Match": "*"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/doc/town/aasvaer", "/doc/town/aasvaer.ttl"),
        ("/doc/town/aasvaer?basis=strategy&format=turtle", "/doc/town/aasvaer.ttl?basis=strategy"),
        ("/en/catalog", "/en/catalog.ttl"),
        ("/ontology", "/ontology.ttl"),
        ("/doc/town/aasvaer.ttl", None),
        ("/describe?iri=ex:twin", None),
    ],
)
def test_what_was_chosen_has_an_address_of_its_own(client, path, place):
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert (answer.mimetype, answer.headers.get("Content-Location")) == ("text/turtle", place)
    if place is not None:
        assert client.get(place).data == answer.data


def test_a_program_at_the_front_goes_to_the_catalog(client):
    answer = client.get("/", headers={"Accept": "text/turtle"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/catalog")
    assert client.get("/", headers={"Accept": "*/*"}).mimetype == "text/html"


def test_the_ontology_leads_on_and_reads_from_the_top(client):
    answer = client.get("/ontology.ttl")
    told = answer.headers.getlist("Link")
    assert any(each.startswith("</ontology.jsonld>") and "alternate" in each for each in told)
    assert any('rel="license"' in each for each in told)
    subjects = [line.split()[0] for line in answer.text.splitlines() if line and line[0] not in "\t @"]
    assert len(subjects) == len(set(subjects)) > 2
    assert subjects == sorted(subjects, key=lambda name: (name.startswith("_:"), "#" in name or ":" in name[:5]))
    page = client.get("/ontology", headers=PEOPLE)
    own = ("collection", "cite-as")  # of the list of formats, and of the address itself
    assert {each for each in told if not any(rel in each for rel in own)} <= {*page.headers.getlist("Link")}


def test_a_thing_is_read_before_what_it_has(client):
    text = client.get("/doc/town/aasvaer.ttl").text
    first = next(line for line in text.splitlines() if line and not line.startswith("@prefix"))
    assert "town/aasvaer" in first
    assert " a " in first


@pytest.mark.parametrize("form", ["json", "csv", "tsv", "xml"])
def test_all_columns_come_in_the_order_of_the_query(client, form):
    query = "SELECT DISTINCT * WHERE { ?s ?p ?o . OPTIONAL { ?s ?b ?a } FILTER NOT EXISTS { ?s ?zz ?hidden } # ?c\n}"
    text = client.get("/sparql", query_string={"query": query, "format": form}).text
    written = {"csv": "{}", "tsv": "?{}"}.get(form, '"{}"')
    places = [text.index(written.format(name)) for name in "spoba"]
    assert places == sorted(places)
    assert "hidden" not in text


def test_a_query_that_is_too_long_for_an_address_is_told_to_go_by_post(server):
    query = "ASK {}#" + "a" * 40_000
    with socket.create_connection(("127.0.0.1", urlsplit(server).port), timeout=600) as connection:
        start = f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: data.example.org\r\nConnection: close\r\n\r\n"
        connection.sendall(start.encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        told = json.load(answer)
    assert (answer.status, answer.headers["Content-Type"]) == (414, "application/problem+json")
    assert "POST" in told["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    with urllib.request.urlopen(server + "sparql", data=urlencode({"query": query}).encode()) as answer:
        assert json.load(answer)["boolean"] is True


def test_an_address_may_be_as_long_as_it_is_said(client):
    def status(length: int, path: str = "/sparql", **headers: str) -> int:
        start = "query=ASK%7B%7D%23"
        return client.get(f"{path}?{start.ljust(length, 'a')}", headers=headers).status_code

    assert [status(length) for length in (32_768, 32_769)] == [200, 414]
    assert status(32_769, "/en/sparql", Accept="text/html") == 414
    assert status(32_769, "/catalog") == 414

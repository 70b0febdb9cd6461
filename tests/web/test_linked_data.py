"""Linked data over HTTP, asked of a started server: documents, formats, links, pages, robots; where IRIs lead."""

import gzip
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.compare import isomorphic
from signposting import find_signposting_html, find_signposting_http, find_signposting_linkset

from app.build.builder import build
from app.config import Settings
from app.content.folders import Content
from app.entities import document
from app.progress import Progress
from app.web import create_app
from app.web.representations import embedded
from tests.web.conftest import BASE as HAVDAL

BASE = "http://example.org/nordfjella/"
FORMATS = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
    "nt": ("application/n-triples", "nt"),
    "rdf": ("application/rdf+xml", "xml"),
}
FOAF, VOID, DCTERMS, HYDRA = (
    "http://xmlns.com/foaf/0.1/",
    "http://rdfs.org/ns/void#",
    "http://purl.org/dc/terms/",
    "http://www.w3.org/ns/hydra/core#",
)
PEOPLE = {"Accept": "text/html"}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def ask(server, path, method="GET", **headers):
    """Give status, headers and body; redirections are not followed."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(server + path.lstrip("/"), method=method, headers=named)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=600) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.fixture(scope="module")
def thing(server) -> str:
    """Give the path of a thing of the served content: the first in the sitemap."""
    found = re.findall(r"<loc>[^<]*?/(doc/[^<]+)</loc>", ask(server, "sitemap-1.xml")[2].decode())
    return found[0]


def graph_of(body, form):
    found = rdflib.Graph()
    found.parse(data=body, format=form)
    return found


def test_a_thing_sends_on_to_its_document(server, thing):
    status, headers, _ = ask(server, thing.replace("doc/", "id/", 1), Accept="text/turtle")
    assert (status, headers["Location"]) == (303, "/" + thing)
    assert "Accept" in headers["Vary"]


def test_the_formats_say_the_same(server, thing):
    graphs = {}
    for suffix, (media_type, form) in FORMATS.items():
        status, headers, body = ask(server, thing, Accept=media_type)
        assert (status, headers.get_content_type()) == (200, media_type)
        assert (headers["Access-Control-Allow-Origin"], headers["Cache-Control"]) == ("*", "no-cache")
        assert ask(server, f"{thing}.{suffix}")[2] == body
        assert ask(server, f"{thing}?format={suffix}", Accept="text/html")[2] == body
        graphs[suffix] = graph_of(body, form)
    first = graphs.pop("nt")
    assert all(isomorphic(first, other) for other in graphs.values())
    page, it = rdflib.URIRef(BASE + thing), rdflib.URIRef(BASE + thing.replace("doc/", "id/", 1))
    assert (page, rdflib.URIRef(FOAF + "primaryTopic"), it) in first
    assert (page, rdflib.URIRef(VOID + "inDataset"), rdflib.URIRef(BASE + "catalog#dataset")) in first
    assert list(first.objects(page, rdflib.URIRef(DCTERMS + "license")))


def test_each_format_has_a_tag_and_an_unchanged_one_is_not_sent(server, thing):
    tags = set()
    for media_type in [
        "text/html",
        "application/json",
        "application/linkset+json",
        *(each for each, _ in FORMATS.values()),
    ]:
        _, headers, _ = ask(server, thing, Accept=media_type)
        assert not headers["ETag"].startswith("W/")
        tags.add(headers["ETag"])
        status, again, body = ask(server, thing, Accept=media_type, If_None_Match=headers["ETag"])
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
        head = ask(server, thing, "HEAD", Accept=media_type)
        assert (head[0], head[2], head[1]["ETag"]) == (200, b"", headers["ETag"])
    assert len(tags) == 7


def test_what_is_not_on_offer_is_told_with_what_is(server, thing):
    status, _, body = ask(server, thing, Accept="image/png")
    offered = {each["mediaType"] for each in json.loads(body)["formats"]}
    assert status == 406
    assert offered >= {"text/html", "application/json", *(media_type for media_type, _ in FORMATS.values())}
    status, headers, _ = ask(server, thing, "DELETE")
    assert (status, set(headers["Allow"].split(", "))) == (405, {"GET", "HEAD", "OPTIONS"})


@pytest.mark.parametrize("suffix", ["", *(f".{each}" for each in (*FORMATS, "json", "html", "linkset"))])
def test_what_is_not_there_is_404_in_every_format(server, suffix):
    for path in ("id/office/none", "doc/office/none"):
        for accept in ("text/html", "application/json", *(each for each, _ in FORMATS.values())):
            assert ask(server, path + suffix, Accept=accept)[0] == 404


def test_signposts_lead_from_the_page_to_its_data(server, thing):
    found = find_signposting_http(server + thing)
    assert found.citeAs is not None
    # What is cited is the thing as it is in this version (RFC 8574 §3.2), by its own name.
    name, _, version = found.citeAs.target.partition("?version=")
    assert name == BASE + thing.replace("doc/", "id/", 1)
    assert re.fullmatch("[0-9a-f]{12}", version)
    assert {str(each.type) for each in found.describedBy} >= {each for each, _ in FORMATS.values()}
    assert found.license is not None
    assert "https://schema.org/AboutPage" in {each.target for each in found.types}
    (linkset,) = found.linksets
    linked = find_signposting_linkset(linkset.target)
    assert {each.target for each in linked.for_context(server + thing).describedBy} == {
        each.target for each in found.describedBy
    }
    in_page = find_signposting_html(server + thing)
    assert {each.target for each in in_page.describedBy} == {each.target for each in found.describedBy}
    for each in found.describedBy:
        _, headers, _ = ask(server, each.target.removeprefix(server))
        assert any('rel="describes"' in value for value in headers.get_all("Link"))


def test_data_without_an_rdf_library(server, thing):
    status, _, body = ask(server, thing + ".json")
    found = json.loads(body)
    assert status == 200
    assert found["id"] == BASE + thing.replace("doc/", "id/", 1)
    assert found["page"] == server + thing
    assert found["name"]["text"]
    assert all({"id", "name", "values"} <= each.keys() for each in found["properties"])
    assert found["dataset"]["id"] == BASE + "catalog#dataset"


def test_json_ld_brings_its_context_along(server, thing):
    published = json.loads(ask(server, "context.jsonld")[2])["@context"]
    for path in (
        f"{thing}.jsonld",
        "catalog.jsonld",
        "sparql?format=jsonld&query=CONSTRUCT%20WHERE%20%7B%3Fs%20a%20%3Fo%7D",
    ):
        document_ = json.loads(ask(server, path)[2])
        assert document_["@context"].items() <= published.items()
    whole = json.loads(gzip.decompress(ask(server, "dump/all.jsonld.gz")[2]))
    assert whole["@context"].items() <= published.items()


def test_robots_find_every_thing_and_leave_queries_alone(server, thing):
    robots = ask(server, "robots.txt")[2].decode()
    assert f"Sitemap: {server}sitemap.xml" in robots
    told = {"/*?", "/search", "/en/search", "/compare", "/en/compare", "/version/", "/dump/*.gz"}
    assert {f"Disallow: {path}" for path in told} <= set(robots.splitlines())
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    index = ET.fromstring(ask(server, "sitemap.xml")[2])
    pages = [each.text for each in index.findall(".//s:loc", space)]
    assert pages == [server + "sitemap-1.xml"]
    addresses = [e.text for e in ET.fromstring(ask(server, "sitemap-1.xml")[2]).findall(".//s:loc", space)]
    assert len(addresses) == len(set(addresses))
    for address in addresses:
        assert ask(server, address.removeprefix(server), Accept="text/html")[0] == 200, address
    assert ask(server, "sitemap-2.xml")[0] == 404


# --- over Flask's client -------------------------------------------------------------------------------------


def test_a_page_carries_schema_org_that_cannot_leave_its_element(client: FlaskClient) -> None:
    page = client.get("/doc/town/hostile", headers=PEOPLE).text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found = json.loads(block)
    assert (found["@context"], found["@id"]) == ("https://schema.org", HAVDAL + "id/town/hostile")
    assert "<script" in json.dumps(found)
    assert "<" not in block
    assert re.findall(r"<script[^>]*>", page) == [
        '<script src="/static/app.js" defer>',
        '<script type="application/ld+json">',
    ]


def test_json_in_a_page_is_escaped_and_the_same() -> None:
    text = "</script><!--<script>&\u2028"
    block = str(embedded({"a": text}))
    assert json.loads(block) == {"a": text}
    assert not re.search("[<>&\u2028]", block)


def test_neighbours_are_named(client: FlaskClient) -> None:
    found = graph_of(client.get("/doc/town/aasvaer.nt").text, "nt")
    it = rdflib.URIRef(HAVDAL + "id/town/aasvaer")
    near = {each for each in (*found.objects(it), *found.subjects(None, it)) if str(each).startswith(HAVDAL + "id/")}
    assert near
    named = {each for each in near if (each, rdflib.RDFS.label, None) in found}
    query = f"SELECT ?s {{ ?s <{rdflib.RDFS.label}> ?o FILTER(isIRI(?s)) }}"
    labels = client.get("/sparql", query_string={"query": query, "format": "json"})
    rows = json.loads(labels.text)["results"]["bindings"]
    assert named == near & {rdflib.URIRef(row["s"]["value"]) for row in rows}
    assert named


def test_every_iri_of_the_base_leads_somewhere_that_names_it(client: FlaskClient) -> None:
    text = gzip.decompress(client.get("/dump/all.nq.gz").data).decode()
    text += "".join(client.get(f"/graph/{name}.nt").text for name in ("catalog", "quality", "reasons"))
    named = set(re.findall(rf"<({re.escape(HAVDAL)}[^>]*)>", text))
    assert len(named) > 100
    said = set(re.findall(rf"^<({re.escape(HAVDAL)}[^>]*)>", text, re.MULTILINE))
    documents: dict[str, str] = {}
    for iri in sorted(said):
        path = "/" + iri.removeprefix(HAVDAL).partition("#")[0]
        if path not in documents:
            answer = client.get(path, headers={"Accept": "application/n-triples, */*;q=0.1"}, follow_redirects=True)
            assert answer.status_code == 200, iri
            # The RDF of a graph is what is in it, not about it; a page alone has anchors.
            whole = path.startswith("/graph/") or answer.mimetype != "application/n-triples"
            documents[path] = "" if whole else answer.text
        assert not documents[path] or f"<{iri}>" in documents[path], iri


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> FlaskClient:
    """Give a client of a content with a thing that has many links both ways."""
    folder = tmp_path_factory.mktemp("hub")
    data = folder / "content" / "data"
    data.mkdir(parents=True)
    space = "http://localhost:8000/id/"
    lines = [
        f"<{space}hub/a> <urn:to> <{space}thing/{n}> .\n<{space}thing/{n}> <urn:from> <{space}hub/a> ."
        for n in range(60)
    ]
    (data / "a.nt").write_text("\n".join(lines))
    settings = Settings(content=folder / "content", state=Path(folder) / "state")
    build(Content.open(settings.content), settings, as_of=None, progress=Progress(quiet=True))
    return create_app(settings).test_client()


def test_a_thing_with_many_links_is_described_in_pages(hub: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "STATEMENTS", 25)
    path, found, sizes = "/doc/hub/a.nt", set(), []
    while path:
        answer = hub.get(path)
        assert answer.status_code == 200
        graph = graph_of(answer.text, "nt")
        links = {t for t in graph if str(t[1]) in ("urn:to", "urn:from")}
        assert not links & found
        found |= links
        sizes.append(len(links))
        following = [v for v in answer.headers.getlist("Link") if 'rel="next"' in v]
        said = {str(each) for each in graph.objects(None, rdflib.URIRef(HYDRA + "next"))}
        path = following[0].partition(">")[0][1:] if following else ""
        assert {each.partition("?")[2] for each in said} == ({path.partition("?")[2]} if path else set())
    assert (len(found), sizes) == (120, [25, 25, 25, 25, 20])
    assert hub.get("/doc/hub/a.nt?page=6").status_code == 404
    assert hub.get("/doc/hub/a.nt?page=x").status_code == 400


def test_schema_org_is_what_the_data_is_aligned_with(tmp_path: Path) -> None:
    data = tmp_path / "content" / "data"
    data.mkdir(parents=True)
    (data / "a.ttl").write_text("""
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
        PREFIX schema: <https://schema.org/>
        PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
        <urn:Club> rdfs:subClassOf <urn:Body> . <urn:Body> rdfs:subClassOf schema:Organization .
        <urn:begun> rdfs:subPropertyOf schema:foundingDate . <urn:in> rdfs:subPropertyOf schema:memberOf .
        <http://localhost:8000/id/club/a> a <urn:Club> ; rdfs:label "A"@nb , "B" ; <urn:in> <urn:z> ;
            <urn:begun> 1990 , "then"^^xsd:integer ;
            <urn:other> "x" ; <urn:in> [ rdfs:label "without a name" ] .
    """)
    settings = Settings(content=data.parent, state=tmp_path / "state")
    build(Content.open(settings.content), settings, as_of=None, progress=Progress(quiet=True))
    client = create_app(settings).test_client()
    page = client.get("/doc/club/a", headers=PEOPLE).text
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found = json.loads(block)
    assert (found["@type"], found["foundingDate"]) == ("Organization", [1990, "then"])
    assert found["memberOf"] == {"@id": "urn:z"}
    assert {"@value": "A", "@language": "nb"} in found["name"]
    assert "x" not in found.values()
    plain = json.loads(client.get("/doc/club/a.json").text)
    values = {each["id"]: each["values"] for each in plain["properties"]}
    assert {each["value"] for each in values["urn:begun"]} == {"1990", "then"}
    assert [bool(each.get("parts")) for each in values["urn:in"]].count(True) == 1


@pytest.mark.parametrize(
    ("path", "mimetype"), [("nb.ttl", "text/turtle"), ("en.nt", "application/n-triples"), ("en", "text/turtle")]
)
def test_shapes_in_one_language_have_one_message_each(client, path, mimetype):
    answer = client.get(f"/shapes/{path}")
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert not any("html" in each for each in answer.headers.getlist("Link"))
    whole = rdflib.Graph().parse(data=client.get("/shapes.nt").data, format="nt")
    found = rdflib.Graph().parse(data=answer.data, format="turtle")
    for shape in set(whole.subjects(rdflib.SH.message)):
        (message,) = found.objects(shape, rdflib.SH.message)
        assert message.language == path[:2]
    # All but texts is there: what the catalog says of the document is not part of the shapes.
    catalog = rdflib.URIRef(f"{HAVDAL}shapes")
    lost = {(p, str(o)) for s, p, o in whole if s != catalog and not isinstance(o, rdflib.BNode)}
    lost -= {(p, str(o)) for _, p, o in found}
    assert {p for p, _ in lost} <= {rdflib.SH.message, rdflib.SH.name, rdflib.SH.description, rdflib.RDFS.label}


@pytest.mark.parametrize("name", ["de.ttl", "nb.html", "nb.nb.ttl", "%22.ttl", ".ttl", "nb%0d.ttl"])
def test_shapes_in_no_language_of_theirs_are_not_there(client, name):
    assert client.get(f"/shapes/{name}").status_code == 404

"""The change feed as pages, JSON, Atom and Linked Data Event Stream, over real builds of a changed content."""

import re
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest
import rdflib
from rdflib import RDF, Namespace, URIRef

from app.build.recording import entity_states
from app.changes import feed as event_feed
from app.web import create_app
from tests.changes.conftest import BASE, Place
from tests.web.conftest import Client

LDES, TREE = Namespace("https://w3id.org/ldes#"), Namespace("https://w3id.org/tree#")
PROV, DCT = Namespace("http://www.w3.org/ns/prov#"), Namespace("http://purl.org/dc/terms/")
ATOM = "{http://www.w3.org/2005/Atom}"
HERE = "http://localhost"


def open_site(place):
    app = create_app(place.settings)
    app.testing = False
    app.test_client_class = Client
    return app


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Give a content that was built, changed, and built again."""
    place = Place(tmp_path_factory.mktemp("changed"))
    place.first = place.build()
    place.change()
    place.second = place.build()
    return place


@pytest.fixture(scope="module")
def site(built):
    return open_site(built)


@pytest.fixture
def client(site):
    return site.test_client()


def small_pages(monkeypatch, size=7):
    monkeypatch.setattr(event_feed, "SIZE", size)
    monkeypatch.setattr("app.web.changes.SIZE", size)


def graph_of(answer):
    assert answer.status_code == 200
    return rdflib.Graph().parse(data=answer.text, format="turtle", publicID=HERE)


def walk(client):
    """Follow the stream from its address as a consumer does; give the graph of each node, in order."""
    found, waiting = {}, ["/ldes"]
    while waiting:
        path = waiting.pop(0)
        graph = graph_of(client.get(path, headers={"Accept": "text/turtle"}))
        found[path] = graph
        here = URIRef(HERE + path)
        assert (here, RDF.type, TREE.Node) in graph
        nodes = (graph.value(relation, TREE.node) for relation in graph.objects(here, TREE.relation))
        waiting += (str(node).removeprefix(HERE) for node in nodes)
    return found


def members(graph):
    return list(graph.objects(URIRef(f"{BASE}ldes#stream"), TREE.member))


def test_consumer_of_the_stream_ends_with_the_current_entities(client, built, monkeypatch):
    small_pages(monkeypatch)
    nodes = walk(client)
    assert len(nodes) > 5
    state = {}
    for graph in nodes.values():
        told = [(str(graph.value(m, PROV.generatedAtTime)), m) for m in members(graph)]
        assert len(told) <= 7
        numbers = {URIRef(f"{BASE}changes/{entry.id}"): entry.number for entry in built.entries(built.second)}
        for _time, version in sorted(told, key=lambda each: numbers[each[1]]):
            entity = graph.value(version, DCT.isVersionOf)
            if (version, RDF.type, URIRef("https://www.w3.org/ns/activitystreams#Delete")) in graph:
                del state[entity]
                continue
            said = rdflib.Graph()
            for predicate, value in graph.predicate_objects(version):
                if predicate not in (DCT.isVersionOf, PROV.generatedAtTime):
                    said.add((entity, predicate, value))
                if isinstance(value, rdflib.BNode):
                    said += graph.cbd(value)
            state[entity] = said
    wanted = {}
    for each in entity_states(built.second.path, built.second.manifest):
        if not each.is_farewell:
            dataset = rdflib.Dataset()
            dataset.parse(data=each.text, format="nquads")
            wanted[URIRef(each.entity)] = {(s, p, o) for s, p, o, _ in dataset.quads()}
    assert state.keys() == wanted.keys()
    for entity, said in state.items():
        assert rdflib.compare.isomorphic(said, as_graph(wanted[entity])), entity


def as_graph(triples):
    graph = rdflib.Graph()
    for triple in triples:
        graph.add(triple)
    return graph


def test_bounds_are_true_and_pages_are_bounded(client, monkeypatch):
    small_pages(monkeypatch)
    nodes = walk(client)
    for path, graph in nodes.items():
        here = URIRef(HERE + path)
        for relation in graph.objects(here, TREE.relation):
            bound = datetime.fromisoformat(str(graph.value(relation, TREE.value)))
            target = nodes[str(graph.value(relation, TREE.node)).removeprefix(HERE)]
            for version in members(target):
                assert datetime.fromisoformat(str(target.value(version, PROV.generatedAtTime))) >= bound
    first = nodes["/ldes"]
    assert list(first.subjects(RDF.type, LDES.EventStream)) == [URIRef(f"{BASE}ldes#stream")]
    assert list(first.objects(None, TREE.view)) == [URIRef(f"{HERE}/ldes")]
    assert len(members(first)) == 0


def test_full_page_is_kept_for_good_and_never_changes(tmp_path, monkeypatch):
    small_pages(monkeypatch)
    place = Place(tmp_path)
    place.build()
    client = open_site(place).test_client()
    before = client.get("/ldes/1", headers={"Accept": "text/turtle"})
    assert "immutable" in before.headers["Cache-Control"]
    last = event_feed.pages(place.changes(place.build()).last)
    growing = client.get(f"/ldes/{last}", headers={"Accept": "text/turtle"})
    assert "immutable" not in growing.headers["Cache-Control"]
    place.change()
    place.build()
    client = open_site(place).test_client()
    again = client.get("/ldes/1", headers={"Accept": "text/turtle"})
    assert (again.data, again.headers["ETag"]) == (before.data, before.headers["ETag"])
    headers = {"Accept": "text/turtle", "If-None-Match": before.headers["ETag"]}
    kept = client.get("/ldes/1", headers=headers)
    assert kept.status_code == 304
    assert "immutable" in kept.headers["Cache-Control"]
    assert client.get(f"/ldes/{last}", headers=headers | {"If-None-Match": growing.headers["ETag"]}).status_code == 200


def test_page_that_is_exactly_full_leads_to_an_empty_one(client, built, monkeypatch):
    last = built.changes(built.second).last
    small_pages(monkeypatch, last)
    nodes = walk(client)
    assert list(nodes) == ["/ldes", "/ldes/1", "/ldes/2"]
    assert len(members(nodes["/ldes/1"])) == last
    assert members(nodes["/ldes/2"]) == []


@pytest.mark.parametrize(
    ("accept", "parser"),
    [
        ("text/turtle", "turtle"),
        ("application/ld+json", "json-ld"),
        ("application/n-quads", "nquads"),
        ("application/trig", "trig"),
        ("application/n-triples", "nt"),
        ("application/rdf+xml", "xml"),
    ],
)
def test_every_format_says_the_same(client, accept, parser):
    wanted = graph_of(client.get("/ldes/1", headers={"Accept": "text/turtle"}))
    answer = client.get("/ldes/1", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith(accept)
    found = rdflib.Dataset(default_union=True)
    found.parse(data=answer.data, format=parser, publicID=HERE)
    assert rdflib.compare.isomorphic(as_graph((s, p, o) for s, p, o, _ in found.quads()), wanted)


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999999", "-1", "x", "1.5"])
def test_page_that_is_not_there_is_404(client, number):
    assert client.get(f"/ldes/{number}").status_code == 404


def test_list_is_newest_first_with_old_and_new(client):
    found = client.get("/changes", headers={"Accept": "application/json"}).json
    assert [each["change"] for each in found["changes"]][:2] == ["deleted", "deleted"]
    updated = next(each for each in found["changes"] if each["change"] == "updated")
    assert [each["object"] for each in updated["removed"]] == ['"Bekk"@nb']
    assert [each["object"] for each in updated["added"]] == ['"Bekken"@nb']
    assert updated["added"][0]["graph"] == f"{BASE}graph/strategy"


def test_pages_of_the_list_hold_every_entry_once(client, built):
    entries, number, pages = [], 1, 1
    while number <= pages:
        found = client.get(f"/changes?page={number}&format=json").json
        entries += found["changes"]
        number, pages = number + 1, found["pages"]
    assert len(entries) == found["total"] == built.changes(built.second).last
    assert len({each["id"] for each in entries}) == len(entries)
    assert client.get(f"/changes?page={number}").status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("change=updated", {"bekk"}),
        ("change=deleted&kind=trip", {"t101", "t102"}),
        ("kind=town&change=updated", {"bekk"}),
        (f"iri={BASE}id/trip/t200", {"t200"}),
        ("since=2999-01-01", set()),
        ("kind=nothing", set()),
        ("since=2999-01-01T00:00:00%2B01:00", set()),
    ],
)
def test_list_can_be_narrowed(client, query, names):
    found = client.get(f"/changes?{query}&format=json").json
    assert {each["iri"].rpartition("/")[2] for each in found["changes"]} == names
    assert found["total"] == len(names)


def test_since_holds_what_is_as_old_and_newer(client, built):
    time = built.second.manifest.built
    found = client.get("/changes", query_string={"since": time, "format": "json"}).json
    assert {each["version"] for each in found["changes"]} >= {built.second.manifest.version}
    assert client.get("/changes?since=2000-01-01&format=json").json["total"] == built.changes(built.second).last


@pytest.mark.parametrize(
    "query",
    [
        *("since=yesterday", "since=2026-13-01", "since=2026-02-30", "since=0000-00-00", "change=broken"),
        *(
            "page=0",
            "page=-1",
            "page=99999999999999999999",
            "page=x",
            "iri=no iri",
            "since=0001-01-01T00:00:00%2B14:00",
        ),
        "since=9999-12-31T23:59:59-14:00",
    ],
)
@pytest.mark.parametrize("path", ["/changes", "/changes.atom"])
def test_what_cannot_be_understood_is_refused(client, path, query):
    assert client.get(f"{path}?{query}").status_code == 400


def test_page_shows_old_and_new_in_both_languages(client):
    norwegian = client.get("/changes?change=updated&all=1", headers={"Accept": "text/html"}).text
    assert re.search(r"<del>.*Bekk.*</del>", norwegian)
    assert re.search(r"<ins>.*Bekken.*</ins>", norwegian)
    assert "Hva som er endret" in norwegian
    assert "What has changed" in client.get("/en/changes", headers={"Accept": "text/html"}).text


def test_hostile_label_is_text(client):
    page = client.get(f"/changes?iri={BASE}id/town/hostile", headers={"Accept": "text/html"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_every_change_has_an_address(client, built):
    entry = next(each for each in built.entries(built.second) if each.change == "updated")
    page = client.get(f"/changes/{entry.id}", headers={"Accept": "text/html"})
    assert (page.status_code, "<ins>" in page.text) == (200, True)
    graph = graph_of(client.get(f"/changes/{entry.id}.ttl"))
    assert graph.value(URIRef(f"{BASE}changes/{entry.id}"), DCT.isVersionOf) == URIRef(entry.entity)
    for wrong in ("x", entry.id[:-1], "%00", "..%2f"):
        assert client.get(f"/changes/{wrong}").status_code == 404


def test_tombstone_names_the_successor(client, built):
    entry = next(each for each in built.entries(built.second) if each.successor)
    page = client.get(f"/changes/{entry.id}", headers={"Accept": "text/html"}).text
    assert "/doc/trip/t103" in page
    graph = graph_of(client.get(f"/changes/{entry.id}?format=ttl"))
    version = URIRef(f"{BASE}changes/{entry.id}")
    assert graph.value(version, DCT.isReplacedBy) == URIRef(f"{BASE}id/trip/t103")


def test_atom_is_valid(client, built):
    """Check what RFC 4287 demands of a feed and its entries (§4.1.1, §4.1.2, §4.2.7, §4.2.15)."""
    path, ids = "/changes.atom", []
    while path:
        answer = client.get(path)
        assert answer.mimetype == "application/atom+xml"
        feed = ET.fromstring(answer.data)
        assert feed.tag == ATOM + "feed"
        for name in ("id", "title", "updated"):
            assert len(feed.findall(ATOM + name)) == 1
        assert feed.find(f"{ATOM}author/{ATOM}name").text
        links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
        assert links["self"] == HERE + path
        times = [feed.findtext(ATOM + "updated")]
        for entry in feed.findall(ATOM + "entry"):
            for name in ("id", "title", "updated", "summary"):
                assert len(entry.findall(ATOM + name)) == 1
            assert len(entry.findall(f"{ATOM}link[@rel='alternate']")) == 1
            assert entry.findtext(ATOM + "id").startswith(f"{BASE}changes/")
            ids.append(entry.findtext(ATOM + "id"))
            times.append(entry.findtext(ATOM + "updated"))
        # RFC 3339 with a zone; the feed is as new as its newest entry.
        assert all(datetime.fromisoformat(time).tzinfo for time in times)
        assert max(times) == times[0]
        path = links.get("next", "").removeprefix(HERE)
    assert len(ids) == len(set(ids)) == built.changes(built.second).last


def test_text_that_xml_cannot_hold_is_left_out():
    from app.changes.feed import AtomFeed, Item, atom_feed

    about = AtomFeed("urn:x", "a\x00b\x08", "c", "2026-01-01T00:00:00Z", "en", {"self": "urn:x"}, None)
    found = ET.fromstring(atom_feed(about, [Item("urn:y", "\ufffe<&>", "2026-01-01T00:00:00Z", "u", "s", "c")]))
    assert found.findtext(ATOM + "title") == "ab"
    assert found.findtext(f"{ATOM}entry/{ATOM}title") == "<&>"


def test_front_page_tells_what_is_new_since_the_first_version(client, tmp_path):
    page = client.get("/en/").text
    assert "What is new" in page
    assert "Tur 101" in page
    place = Place(tmp_path)
    place.build()
    assert "What is new" not in open_site(place).test_client().get("/en/").text


def test_page_of_a_thing_tells_when_it_last_changed(client):
    page = client.get("/en/doc/town/bekk", headers={"Accept": "text/html"}).text
    assert "Last changed" in page
    assert f"/en/changes?iri={BASE.replace(':', '%3A').replace('/', '%2F')}id%2Ftown%2Fbekk" in page
    for path in ("/en/ontology", "/en/doc/town/aasvaer"):  # the first version of a thing is no change
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert "Last changed" not in answer.text


def test_page_tells_changes_in_words_by_kind_and_the_first_publication_in_a_line(client, built):
    page = client.get("/en/changes", headers={"Accept": "text/html"}).text
    assert re.search(r"<h3[^>]*>.*Town", page)
    assert re.search(r'Changed: <a class="ds-link" href="/en/doc/town/bekk">', page)
    first = built.changes(built.first).last
    assert re.search(
        rf"First publication, [^:]+:</?[^>]*>? ?{first} things|First publication, [^:]+: {first} things", page
    )
    assert "<del>" not in page
    assert 'href="/en/changes?all=1"' in page


def test_digest_leaves_out_what_searches_give_last_unless_asked(client):
    digest = client.get("/en/changes", headers={"Accept": "text/html"}).text
    everything = client.get("/en/changes?all=1", headers={"Accept": "text/html"}).text
    assert "First publication" not in everything
    assert len(re.findall("<section", everything)) >= len(re.findall("<li>(?:New|Changed|Taken out):", digest))

"""Versions that are kept, asked for by ``?version=``; what is deleted is 410 in every format."""

import pytest
import rdflib
from rdflib import RDF, Namespace, URIRef

from app.changes.log import NAME
from app.web import create_app
from app.web.serving import OPEN
from tests.changes.conftest import BASE, Place
from tests.waiting import is_running, until
from tests.web.conftest import Client

AS, DCAT = Namespace("https://www.w3.org/ns/activitystreams#"), Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")
HTML, JSON, TURTLE = ({"Accept": each} for each in ("text/html", "application/json", "text/turtle"))


def open_site(place):
    app = create_app(place.settings)
    app.testing = False
    app.test_client_class = Client
    return app


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Give a content that was built three times, of which the first generation is gone."""
    place = Place(tmp_path_factory.mktemp("versions"))
    place.built = [place.build()]
    place.edit("data/strategy/towns.ttl", '"Punkt"@nb', '"Punktum"@nb')
    place.built.append(place.build())
    place.change()
    place.built.append(place.build())
    place.gone, place.old, place.new = (each.manifest for each in place.built)
    return place


@pytest.fixture(scope="module")
def site(place):
    return open_site(place)


@pytest.fixture
def client(site):
    return site.test_client()


def label(graph, entity):
    return {str(each) for each in graph.objects(URIRef(f"{BASE}id/{entity}"), rdflib.RDFS.label)}


def test_document_of_an_older_version(client, place):
    now = rdflib.Graph().parse(data=client.get("/doc/town/bekk.ttl").text)
    then = rdflib.Graph().parse(data=client.get(f"/doc/town/bekk.ttl?version={place.old.version}").text)
    assert (label(now, "town/bekk"), label(then, "town/bekk")) == ({"Bekken"}, {"Bekk"})
    # What is deleted now was there then, and the other way round.
    assert client.get(f"/doc/trip/t101?version={place.old.version}", headers=TURTLE).status_code == 200
    assert client.get(f"/doc/trip/t200?version={place.old.version}", headers=TURTLE).status_code == 404
    sent = client.get(f"/id/trip/t101?version={place.old.version}")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/doc/trip/t101?version={place.old.version}")


def test_query_and_question_of_an_older_version(client, place):
    query = f'ASK {{ <{BASE}id/town/bekk> ?p "Bekk"@nb }}'
    for given, truth in ((place.old.version, True), (place.new.version, False), (None, False)):
        values = {"query": query, "version": given} if given else {"query": query}
        assert client.get("/sparql", query_string=values, headers=JSON).json["boolean"] is truth
    posted = client.post(f"/sparql?version={place.old.version}", data={"query": query}, headers=JSON)
    assert posted.json["boolean"] is True
    question = f"/queries/said.json?version={place.old.version}"
    assert client.get(question).status_code == client.get("/queries/said.json").status_code


def test_page_of_an_older_version_says_so_and_stays_in_it(client, place):
    page = client.get(f"/en/doc/town/bekk?version={place.old.version}", headers=HTML).text
    assert f"This is version {place.old.version}" in page
    assert f", version {place.old.version}</title>" in page
    assert f"/en/doc/town/aasvaer?version={place.old.version}" in page
    assert '<a class="ds-link" href="/en/doc/town/bekk">The same in the newest version' in page
    assert "This is version" not in client.get("/en/doc/town/bekk", headers=HTML).text
    # Who names a version gets the same page while it is the newest and when it no longer is.
    assert "This is version" in client.get(f"/en/doc/town/bekk?version={place.new.version}", headers=HTML).text


def test_each_version_has_tags_of_its_own(client, place):
    old = client.get(f"/doc/town/bekk.ttl?version={place.old.version}")
    again = {"If-None-Match": old.headers["ETag"]}
    assert client.get(f"/doc/town/bekk.ttl?version={place.old.version}", headers=again).status_code == 304
    assert client.get(f"/doc/town/bekk.ttl?version={place.new.version}", headers=again).status_code == 200
    assert client.get("/doc/town/bekk.ttl", headers=again).status_code == 200


@pytest.mark.parametrize("version", ["000000000000", "x", "../../etc", "0" * 500, "%00", "current", "é", "?"])
@pytest.mark.parametrize("path", ["/doc/town/bekk", "/", "/sparql", "/queries/", "/town/"])
def test_version_that_never_was_is_404(client, path, version):
    assert client.get(path, query_string={"version": version}).status_code == 404


def test_version_that_is_gone_is_410_with_digest_and_date(client, place):
    for path in (f"/version/{place.gone.version}", f"/doc/town/bekk?version={place.gone.version}"):
        for headers in (JSON, TURTLE):
            found = client.get(path, headers=headers)
            assert found.status_code == 410
            assert (found.json["digest"], found.json["asOf"]) == (place.gone.digest, place.gone.as_of)
        page = client.get(f"/en{path}", headers=HTML)
        assert (page.status_code, "no longer kept" in page.text) == (410, True)
    assert client.get("/version/000000000000").status_code == 404
    assert client.get(f"/version/{place.new.version}x").status_code == 404


def test_version_describes_itself_truly(client, place):
    for manifest, before in ((place.new, place.old), (place.old, place.gone)):
        answer = client.get(f"/version/{manifest.version}", headers=TURTLE)
        graph = rdflib.Graph().parse(data=answer.text)
        node = URIRef(f"{BASE}version/{manifest.version}")
        assert str(graph.value(node, DCAT.version)) == manifest.version
        assert graph.value(node, DCAT.previousVersion) == URIRef(f"{BASE}version/{before.version}")
        assert str(graph.value(node, DCT.valid)) == manifest.as_of
        assert graph.value(node, DCAT.isVersionOf) == URIRef(f"{BASE}catalog#dataset")
        parts = list(graph.objects(node, DCAT.distribution))
        assert parts
        for part in parts:
            address = str(graph.value(part, DCAT.downloadURL)).removeprefix("http://localhost")
            body = client.get(address)
            assert body.status_code == 200
            assert len(body.data) == int(graph.value(part, DCAT.byteSize))
        page = client.get(f"/en/version/{manifest.version}", headers=HTML).text
        assert manifest.digest in page


def test_list_tells_which_are_kept(client, place):
    found = client.get("/version/", headers=JSON).json
    assert found["current"] == place.new.version
    assert [(each["version"], each["kept"]) for each in found["versions"]] == [
        (place.new.version, True),
        (place.old.version, True),
        (place.gone.version, False),
    ]
    assert sum(each["changes"] for each in found["versions"]) == place.changes(place.built[2]).last
    assert place.gone.version in client.get("/en/version/", headers=HTML).text


def test_every_address_in_a_version_page_leads_somewhere(client, place):
    page = client.get(f"/en/version/{place.old.version}", headers=HTML).text
    main = page.partition("<main")[2].partition("</main>")[0]
    addresses = [part.partition('"')[0].replace("&amp;", "&") for part in main.split('href="')[1:]]
    addresses = [address for address in addresses if not address.startswith("http")]
    assert len(addresses) > 5
    for address in addresses:
        assert client.get(address, headers=HTML if "." not in address else {}).status_code == 200, address
    assert place.gone.version in page


def test_few_old_versions_are_open_at_once(tmp_path):
    place = Place(tmp_path)
    place.settings = type(place.settings)(content=place.root, state=place.state, keep=OPEN + 2)
    versions = [place.build().manifest.version]
    for number in range(OPEN + 1):
        place.edit("data/strategy/towns.ttl", f'"Bekk{"k" * number}"', f'"Bekk{"k" * (number + 1)}"')
        versions.append(place.build().manifest.version)
    site = open_site(place)
    serving = {}

    @site.after_request
    def keep(response):
        from flask import g

        serving["it"] = g.serving
        return response

    client = site.test_client()
    for version in versions:
        assert client.get(f"/doc/town/bekk.ttl?version={version}").status_code == 200
    assert len(serving["it"]._old) == OPEN
    assert client.get(f"/doc/town/bekk.ttl?version={versions[0]}").status_code == 200


def test_old_version_has_one_process_while_it_is_asked(place):
    from app.store.interface import Limits
    from app.store.opening import OccasionalStore
    from app.store.workers import Confinement

    limits = Limits(10_000, 50, 1_000_000)
    store = OccasionalStore(
        place.built[1].store, Confinement(2, 10, 1_610_612_736, 67_108_864), limits, lambda _: None, idle=0.2
    )
    from app.mediatypes import RESULTS_JSON

    assert store.processes() == []
    assert b"true" in store.answer("ASK { ?s ?p ?o }", None, RESULTS_JSON, limits).body
    (process,) = store.processes()
    until(lambda: not store.processes())
    until(lambda: not is_running(process))
    assert b"true" in store.answer("ASK { ?s ?p ?o }", None, RESULTS_JSON, limits).body
    store.close()
    assert store.processes() == []


FORMATS = ["text/turtle", "application/ld+json", "application/n-triples", "application/rdf+xml"]


@pytest.mark.parametrize("accept", FORMATS)
@pytest.mark.parametrize("path", ["/id/trip/t102", "/doc/trip/t102", f"/describe?iri={BASE}id/trip/t102"])
def test_deleted_thing_is_410_with_its_successor(client, path, accept):
    answer = client.get(path, headers={"Accept": accept})
    assert answer.status_code == 410
    assert answer.headers["Content-Type"].startswith(accept)
    graph = rdflib.Graph().parse(data=answer.data, format=accept)
    thing = URIRef(f"{BASE}id/trip/t102")
    assert (thing, RDF.type, AS.Tombstone) in graph
    assert graph.value(thing, DCT.isReplacedBy) == URIRef(f"{BASE}id/trip/t103")
    assert graph.value(thing, AS.deleted) is not None


@pytest.mark.parametrize("suffix", ["ttl", "jsonld", "nt", "rdf", "html"])
def test_deleted_thing_is_410_by_suffix(client, suffix):
    answer = client.get(f"/doc/trip/t101.{suffix}")
    assert answer.status_code == 410
    assert "isReplacedBy" not in answer.text


def test_deleted_thing_has_a_page(client):
    page = client.get("/en/doc/trip/t102", headers=HTML)
    assert page.status_code == 410
    assert 'href="/en/doc/trip/t103"' in page.text
    assert client.get("/doc/trip/t102", headers={"Accept": "image/png"}).json["successor"] == f"{BASE}id/trip/t103"
    assert client.get("/doc/trip/t999", headers=TURTLE).status_code == 404


def test_without_log_everything_is_served_but_changes(place, tmp_path):
    other = Place(tmp_path)
    other.build()
    for path in other.state.glob(f"{NAME}*"):
        path.unlink()
    client = open_site(other).test_client()
    assert client.get("/doc/town/bekk.ttl").status_code == 200
    assert client.get("/en/", headers=HTML).status_code == 200
    assert client.get("/changes", headers=JSON).json["total"] == 0
    assert client.get("/changes.atom").status_code == 200
    assert client.get("/ldes").status_code == client.get("/ldes/1").status_code == 200
    assert client.get("/version/", headers=JSON).json["versions"] == []

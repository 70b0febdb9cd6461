"""The same application over another SPARQL server: equal pages; caching only while that server holds the generation."""

import dataclasses
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.config import Settings
from app.errors import PublicationError
from app.generation import current
from app.store import opening, replicas
from app.store.embedded import EmbeddedStore
from app.store.replication import Published, Publisher, marker_graph
from app.terms import Iri, n3
from app.web import create_app, serving
from tests.store.servers import free_ports

HTML = {"Accept": "text/html"}
SWEDEN = "http://publications.europa.eu/resource/authority/country/SWE"
CONTENT = Path(__file__).parents[1] / "web" / "content"
BASE = "http://example.org/havdal/"
QUERY = "SELECT ?p ?o { <http://example.org/havdal/id/town/bekk> ?p ?o } ORDER BY ?p ?o"


@pytest.fixture(scope="session")
def here(generation):
    settings = Settings(content=generation.path, state=generation.path.parents[1])
    return create_app(settings).test_client()


@pytest.fixture
def there(published, monkeypatch):
    monkeypatch.setattr(serving, "_LOOK", 0.0)
    return create_app(published).test_client()


def things(client):
    """Give the address of one thing of each kind."""
    listed = client.get("/data", headers=HTML).text.partition('id="kinds"')[2].partition("</section>")[0]
    kinds = sorted(set(re.findall(r'href="/([a-z]+)/"', listed)))
    pages = [client.get(f"/{kind}/", headers=HTML) for kind in kinds]
    found = [match[0] for page in pages if (match := re.search(r"/doc/[a-z]+/[^\"#?.]+", page.text))]
    assert len(found) > 10
    return found


def test_pages_of_every_kind_are_equal(here, there):
    health = there.get("/health").json
    assert (health["status"], health["store"]["matches"]) == ("ok", True)
    addresses = [*things(here), "/", "/data", "/gaps", "/quality", "/ontology"]
    addresses += [f"/overview/{name}" for name in ("municipalities", "partners", "goals")]
    addresses += ["/profile/region/innherred", "/profile/municipality/snasa", "/profile/sector/kultur-og-ungdom"]
    addresses += ["/profile/organisation/saemien-sijte", f"/profile?iri={SWEDEN}"]
    addresses += ["/doc/municipality/verdal?basis=strategy"]
    # Of a kind with more than a hundred things each store has a hundred of its own under "more of the same kind".
    for address in (each for each in addresses if not each.startswith("/doc/claim/")):
        mine, theirs = here.get(address, headers=HTML), there.get(address, headers=HTML)
        assert (theirs.status_code, theirs.text) == (mine.status_code, mine.text), address


def test_a_graph_served_is_equal(here, there):
    mine, theirs = (each.get("/doc/municipality/verdal.nt").text.splitlines() for each in (here, there))
    assert sorted(theirs) == sorted(mine)


def test_queries_from_outside_are_answered_and_refused_alike(here, there):
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert (
        there.get("/sparql", query_string={"query": count}).json
        == here.get("/sparql", query_string={"query": count}).json
    )
    for query, status in [
        ("SELECT * { ?s ?p }", 400),
        ("ASK { SERVICE <http://x.example/> {} }", 400),
        ("DROP ALL", 400),
    ]:
        assert there.get("/sparql", query_string={"query": query}).status_code == status


def test_an_answer_may_be_kept_only_while_the_store_holds_the_generation(small_published, monkeypatch):
    monkeypatch.setattr(serving, "_LOOK", 0.0)
    monkeypatch.setattr(replicas, "_LOOK", 0.0)
    monkeypatch.setattr(Publisher, "_places", lambda _self: [])  # one request would show nothing that is half there
    there = create_app(small_published).test_client()
    generation = current(small_published.state)
    address = "/doc/town/bekk.nt"
    first = there.get(address)
    tag = first.headers["ETag"]
    assert tag.startswith("W/")
    assert there.get(address, headers={"If-None-Match": tag}).status_code == 304
    graphs = {Iri(name): count for name, count in generation.manifest.graphs.items()}
    publisher = Publisher(opening.endpoints(small_published)[0], generation.manifest.base)
    store = EmbeddedStore.open(generation.store)
    try:
        publisher.begin(graphs)
        half = there.get(address, headers={"If-None-Match": tag})
        assert half.status_code != 304
        assert "ETag" not in half.headers
        assert half.headers["Cache-Control"] == "no-store"
        assert there.get("/health").json["status"] == "degraded"
        with pytest.raises(PublicationError, match="of <"):
            publisher.finish(generation.manifest.digest, graphs, generation.manifest.triples)
        assert there.get("/health").json["status"] == "degraded"
    finally:
        for _ in publisher.write(store):
            pass
        publisher.finish(generation.manifest.digest, graphs, generation.manifest.triples)
        publisher.close()
        store.close()
    again = there.get(address)
    assert again.headers["ETag"] == tag
    assert there.get("/health").json["status"] == "ok"
    assert sorted(again.text.splitlines()) == sorted(first.text.splitlines())


def test_publishing_again_does_nothing(small_published):
    environment = {
        "INNHERRED_STORE": small_published.store,
        "INNHERRED_STORE_UPDATE": small_published.store_update,
        "INNHERRED_STORE_USER": small_published.store_user,
        "INNHERRED_STORE_PASSWORD": small_published.store_password,
    }
    command = ["publish", "--content", str(small_published.content), "--state", str(small_published.state)]
    result = CliRunner().invoke(main, command, env=environment)
    assert result.exit_code == 0, result.output
    assert "is there already" in result.output


def test_two_that_publish_at_once_leave_no_digest(small_published):
    base = current(small_published.state).manifest.base
    publisher = Publisher(opening.endpoints(small_published)[0], base)
    marker = n3(marker_graph(base))
    other = f'{marker} <http://purl.org/dc/terms/identifier> "another run"'
    publisher._change(f"INSERT DATA {{ GRAPH {marker} {{ {other} }} }}")
    reader = Published(opening.endpoints(small_published)[0], base)
    assert reader.read().digest is None
    publisher._change(f"DELETE DATA {{ GRAPH {marker} {{ {other} }} }}")
    assert reader.read().digest == current(small_published.state).manifest.digest
    publisher.close()
    reader.close()


def test_a_wrong_password_is_a_clear_error(virtuoso, small, tmp_path):
    environment = {
        "INNHERRED_STORE": virtuoso.query,
        "INNHERRED_STORE_UPDATE": virtuoso.update,
        "INNHERRED_STORE_USER": "dba",
        "INNHERRED_STORE_PASSWORD": "hunter2",
    }
    command = ["publish", "--again", "--content", str(small.path), "--state", str(small.path.parents[1])]
    result = CliRunner().invoke(main, command, env=environment)
    assert result.exit_code == 1
    assert "INNHERRED_STORE_PASSWORD" in result.output
    assert "hunter2" not in result.output


def test_without_an_answering_store_there_is_an_error_page_and_a_health(small):
    (port,) = free_ports(1)
    settings = Settings(small.path, small.path.parents[1], store=f"http://127.0.0.1:{port}/sparql")
    settings = dataclasses.replace(settings, store_user="me", store_password="hunter2")
    client = create_app(settings).test_client()
    for address in ("/", "/sparql?query=ASK{}", "/doc/town/bekk"):
        response = client.get(address)
        assert response.status_code == 503
        assert "cannot be reached" in response.text
        assert "ETag" not in response.headers
    health = client.get("/health")
    assert health.status_code == 503
    assert health.json["store"]["answers"] is False
    for text in (health.text, client.get("/metrics").text, repr(settings)):
        assert "hunter2" not in text
        assert str(port) not in health.text


@pytest.mark.parametrize(
    "command",
    [
        ["describe", f"{BASE}id/town/bekk", "--format", "nt"],
        ["describe", f"{BASE}id/town/bekk", "--format", "nt", "--basis", "asserted"],
        ["why", f"{BASE}id/town/bekk", "a", f"{BASE}ontology#Town"],
        ["query", "-", "--format", "csv"],
        ["export", "--graph", "ontology"],
        ["export", "--basis", "all", "--format", "nt"],
        ["export", "--format", "nq"],
    ],
)
def test_commands_ask_the_servers_where_there_is_no_store(small, small_published, tmp_path, command):
    def run(state, **environment):
        return CliRunner().invoke(
            main, [*command, *("--content", str(CONTENT), "--state", str(state))], QUERY, environment
        )

    mine = run(small.path.parents[1])
    assert mine.exit_code == 0, mine.output
    state = shutil.copytree(small.path.parents[1], tmp_path / "state", symlinks=True)
    shutil.rmtree(state / "generations" / small.path.name / "store")
    whole = command[-1] == "nq"
    alone = run(state)
    assert (alone.exit_code, "Set INNHERRED_STORE" in alone.output) == ((0, False) if whole else (1, True))
    theirs = run(state, INNHERRED_STORE=small_published.store)
    # Blank nodes have other names there.
    lines, wanted = (sorted(re.sub(r"_:\w+", "_:b", each.stdout).splitlines()) for each in (theirs, mine))
    assert (theirs.exit_code, lines) == (0, wanted)
    (port,) = free_ports(1)
    nobody = run(state, INNHERRED_STORE=f"http://127.0.0.1:{port}/sparql")
    assert (nobody.exit_code, "cannot be reached" in nobody.output) == ((0, False) if whole else (1, True))


def test_commands_say_what_the_servers_do_not_hold(small, oxigraph, tmp_path):
    command = ["describe", f"{BASE}id/town/bekk", "--content", str(CONTENT), "--state", str(small.path.parents[1])]
    told = CliRunner().invoke(main, command, env={"INNHERRED_STORE": oxigraph.query})
    assert (told.exit_code, "Run: innherred publish" in told.output) == (1, True)


def test_publish_says_what_is_missing(tmp_path, small):
    content = ["--content", str(small.path)]
    nowhere = CliRunner().invoke(main, ["publish", *content, "--state", str(tmp_path)])
    assert nowhere.exit_code == 2
    assert "INNHERRED_STORE" in nowhere.output
    environment = {"INNHERRED_STORE": "http://127.0.0.1:9/sparql"}
    nothing = CliRunner().invoke(main, ["publish", *content, "--state", str(tmp_path)], env=environment)
    assert (nothing.exit_code, "innherred build" in nothing.output) == (1, True)
    served = CliRunner().invoke(main, ["serve", *content, "--state", str(tmp_path)], env=environment)
    assert (served.exit_code, "innherred publish" in served.output) == (1, True)


@pytest.mark.parametrize(
    "address", ["http://me:hunter2@h/", "ftp://h/", "h", "http://h:x/", "http://h/#f", "http://[/", "http://h/ å"]
)
def test_an_address_that_cannot_be_used_is_not_repeated(address, tmp_path, small):
    command = ["publish", "--content", str(small.path), "--state", str(tmp_path)]
    result = CliRunner().invoke(main, command, env={"INNHERRED_STORE": address})
    assert result.exit_code == 2
    assert "INNHERRED_STORE:" in result.output
    assert "hunter2" not in result.output

"""A graph in shards, and one front over them (docs/examples/shards)."""

import http.client
import json
import random
import socket
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from click.testing import CliRunner

from app.cli import main
from app.cli.exporting import publish_generation
from app.config import Settings
from app.errors import DeadlineExceeded, QueryError, QuerySyntaxError, Unavailable
from app.progress import Progress
from app.store.embedded import EmbeddedStore
from app.store.interface import Solutions
from app.store.opening import replicated
from app.store.remote import RemoteStore
from app.store.replication import BLANK, Publisher, Shard, default_graph
from app.terms import BlankNode, Dataset, Iri, Literal, n3
from app.web import create_app
from tests.store import servers
from tests.store.test_contract import answers_are_equal

HTML = {"Accept": "text/html"}


def settings_of(generation, both):
    """Give the settings by which a share goes into each of these."""
    queries, updates = (" ".join(each) for each in zip(*((s.query, s.update) for s in both), strict=True))
    folder = generation.path.parents[1]
    return Settings(content=generation.path, state=folder, store=queries, store_update=updates)


@pytest.fixture(scope="session")
def sharded(generation, tmp_path_factory):
    """Give the front over two shards of the shipped content."""
    with ExitStack() as stack:
        folders = [tmp_path_factory.mktemp("sharded") for _ in range(3)]
        both = [stack.enter_context(servers.oxigraph(folder)) for folder in folders[:2]]
        told = publish_generation(settings_of(generation, both), Progress(quiet=True), again=False, shards=True)
        assert "in 2 shards" in told
        yield stack.enter_context(servers.front(folders[2], [each.query for each in both], "--seconds", "600"))


def test_every_question_has_the_same_answer_over_two_shards(sharded, generation):
    answers_are_equal(generation, replace(sharded.endpoint, timeout=600.0))


def test_pages_over_two_shards_are_equal(sharded, generation):
    here = Settings(content=generation.path, state=generation.path.parents[1])
    there = replace(here, store=sharded.query, store_timeout=600.0)
    mine, theirs = (create_app(each).test_client() for each in (here, there))
    assert theirs.get("/health").json["store"]["matches"] is True
    for address in ("/", "/doc/activity/inclusivate", "/doc/municipality/verdal.nt", "/ontology"):
        one, other = (each.get(address, headers=HTML) for each in (mine, theirs))
        assert sorted(other.text.splitlines()) == sorted(one.text.splitlines()), address


# Where what a pattern may match is wider than the pattern: paths, what is outside of a group, empty groups.
QUERIES = [
    "SELECT ?c ?d { ?c rdfs:subClassOf* ?d }",
    "SELECT ?c { inn:Municipality rdfs:subClassOf* ?c }",
    "SELECT ?c { <http://example.org/nowhere> rdfs:subClassOf* ?c }",
    "SELECT ?c { VALUES ?m { inn:Municipality } ?m rdfs:subClassOf? ?c }",
    "SELECT ?c ?d { ?c a owl:Class OPTIONAL { ?c (rdfs:subClassOf|^rdfs:subClassOf)+ ?d } }",
    "SELECT ?m ?x { ?m a inn:Municipality ; !(rdf:type|^rdf:type) ?x }",
    "SELECT ?m ?l { ?m a inn:Municipality OPTIONAL { ?m rdfs:comment ?k OPTIONAL { ?m rdfs:label ?l } } }",
    "SELECT ?m { ?m a inn:Municipality MINUS { ?k rdfs:label ?l OPTIONAL { ?m rdfs:label ?l } } }",
    "SELECT ?m { ?m a inn:Municipality MINUS { ?m rdfs:comment ?c } }",
    "SELECT ?m { ?m a inn:Municipality FILTER NOT EXISTS { ?m rdfs:label ?l FILTER(LANG(?l) = 'sma') } }",
    "SELECT ?m (EXISTS { ?m rdfs:comment ?c } AS ?has) { ?m a inn:Municipality }",
    "SELECT ?m ?n { ?m a inn:Municipality { SELECT ?m (COUNT(*) AS ?n) { ?m ?p ?o } GROUP BY ?m } }",
    "SELECT ?x { ?x rdfs:label ?l } ORDER BY ?x ?l LIMIT 5",
    "SELECT ?g { GRAPH ?g {} }",
    "SELECT ?g { GRAPH ?g { VALUES ?x { 1 } } }",
    "SELECT ?g ?n { GRAPH ?g { inn:Municipality rdfs:label ?n } }",
    "ASK { GRAPH <https://w3id.org/innherred/graph/strategy> {} }",
    "SELECT ?p ?n { GRAPH ?g { [] sh:property [ sh:path ?p ; sh:name ?n ] } }",
    "SELECT (COUNT(?b) AS ?n) { GRAPH ?g { ?s ?p ?b FILTER(isBlank(?b)) } }",
    "SELECT ?s ?o { ?s ?p ?o FILTER(isIRI(?s) && isBlank(?o)) } ORDER BY ?s",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g",
    "SELECT (COUNT(*) AS ?n) { { ?s a inn:Municipality } UNION { ?s a inn:Goal } }",
    "SELECT ?y { ?x a inn:Municipality OPTIONAL { BIND(?x AS ?z) ?z rdfs:label* ?y } }",
    "SELECT ?y ?l { BIND(inn:Municipality AS ?x) OPTIONAL { ?x rdfs:label ?l } ?x rdfs:subClassOf* ?y }",
    "SELECT ?y { BIND(inn:Municipality AS ?x) ?x rdfs:subClassOf* ?y }",
]


def test_nothing_is_missed_where_a_query_sees_more_than_its_patterns(sharded, generation):
    manifest = generation.manifest
    head = "".join(f"PREFIX {name}: <{iri}> " for name, iri in manifest.prefixes.items())
    named = [Iri(each) for each in manifest.graphs]
    patient = replace(sharded.endpoint, timeout=600.0)
    with (
        closing(EmbeddedStore.open(generation.store)) as here,
        closing(RemoteStore(patient, default_graph(manifest.base), named)) as there,
    ):
        for query in QUERIES:
            ask = (lambda store, q=query: store.ask(head + q)) if query.startswith("ASK") else None
            mine, theirs = (ask(each) if ask else each.select(head + query) for each in (here, there))
            if isinstance(mine, Solutions):
                mine, theirs = (sorted(map(_text, each.rows)) for each in (mine, theirs))
            assert theirs == mine, query
            assert mine or "MINUS" in query or "nowhere" in query, f"{query}: says nothing"


def _text(row):
    return repr(sorted((name, "blank" if isinstance(term, BlankNode) else term) for name, term in row.items()))


@pytest.fixture
def trial(small, tmp_path):
    """Give two shards of a few triples with their front, and the settings."""
    with ExitStack() as stack:
        folders = [tmp_path / name for name in ("one", "two", "front")]
        for folder in folders:
            folder.mkdir()
        both = [stack.enter_context(servers.oxigraph(folder)) for folder in folders[:2]]
        front = stack.enter_context(servers.front(folders[2], [each.query for each in both]))
        yield front, both, settings_of(small, both)


def test_a_shard_that_is_down_is_an_error_and_not_fewer_rows(trial, small):
    front, both, settings = trial
    publish_generation(settings, Progress(quiet=True), again=False, shards=True)
    with closing(RemoteStore(front.endpoint, default_graph(small.manifest.base))) as store:
        query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        assert int(store.select(query).rows[0]["n"].value) == small.manifest.triples
        both[1].process.kill()
        both[1].process.wait()
        for _ in range(3):
            with pytest.raises(Unavailable):
                store.select(query)
    app = create_app(replace(settings, store=front.query, store_update=None)).test_client()
    assert app.get("/sparql", query_string={"query": query}).status_code == 503
    assert app.get("/health").json["store"]["answers"] is False
    with pytest.raises(Exception, match="Not published"):
        publish_generation(settings, Progress(quiet=True), again=False, shards=True)


def test_shards_hold_a_generation_together_or_not_at_all(trial, small):
    front, both, settings = trial

    def marked(server=front):
        with closing(replicated(replace(settings, store=server.query, store_update=None), small.manifest)) as store:
            return store.told()[0]["matches"]

    assert not marked()
    command = ["publish", "--shards", "--quiet", "--content", str(settings.content), "--state", str(settings.state)]
    environment = {"INNHERRED_STORE": settings.store, "INNHERRED_STORE_UPDATE": settings.store_update}
    done = CliRunner().invoke(main, command, env=environment)
    assert done.exit_code == 0, done.output
    assert marked()
    # Each alone has no digest; each holds some of the triples, and a subject is in one.
    subjects = []
    for each in both:
        assert not marked(each)
        with closing(RemoteStore(each.endpoint, default_graph(small.manifest.base))) as shard:
            subjects.append({row["s"] for row in shard.select("SELECT DISTINCT ?s { ?s ?p ?o }").rows})
    assert all(subjects)
    assert not subjects[0] & subjects[1]
    assert not any(isinstance(each, BlankNode) for each in subjects[0] | subjects[1])
    # One that is written anew belongs to no other any more, and one that lost its data is missed.
    publisher = Publisher(both[0].endpoint, small.manifest.base)
    publisher._change("DROP ALL")
    assert not marked()
    done = CliRunner().invoke(main, command, env=environment)
    assert done.exit_code == 0, done.output
    assert marked()
    one = replace(settings, store=both[0].query, store_update=both[0].update)
    publish_generation(one, Progress(quiet=True), again=True, shards=True)
    assert not marked()
    publisher.close()


def request(server, method="POST", path="/sparql", body=None, **headers):
    """Ask, and give status, media type and text."""
    connection = http.client.HTTPConnection(urlsplit(server.query).netloc, timeout=120)
    with closing(connection):
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


FORM, PLAIN = "application/x-www-form-urlencoded", "application/sparql-query"


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (200, {"method": "GET", "path": "/sparql?query=ASK%7B%7D"}),
        (200, {"body": "ASK{}", "Content_Type": PLAIN}),
        (200, {"body": urlencode({"query": "ASK{}"}), "Content_Type": FORM}),
        (400, {"body": "ASK{", "Content_Type": PLAIN}),
        (400, {"body": "ASK{ ?s nope:p ?o }", "Content_Type": PLAIN}),
        (400, {"body": "INSERT DATA { <a:b> <a:b> <a:b> }", "Content_Type": PLAIN}),
        (400, {"body": urlencode({"update": "DROP ALL"}), "Content_Type": FORM}),
        (400, {"body": urlencode([("query", "ASK{}")] * 2), "Content_Type": FORM}),
        (400, {"method": "GET"}),
        (404, {"method": "GET", "path": "/admin?query=ASK%7B%7D"}),
        (405, {"method": "DELETE"}),
        (406, {"body": "ASK{}", "Content_Type": PLAIN, "Accept": "image/png"}),
        (413, {"body": "ASK{} #" + "x" * (1 << 20), "Content_Type": PLAIN}),
        (415, {"body": "ASK{}", "Content_Type": "text/plain"}),
        (500, {"body": "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "Content_Type": PLAIN}),
        (500, {"body": "DESCRIBE <a:b>", "Content_Type": PLAIN}),
    ],
)
def test_the_front_speaks_the_protocol(shards, status, arguments):
    found = request(shards[0], **arguments)
    assert found[0] == status, found
    assert (found[1] == "text/plain") is (status != 200)
    if status == 200:
        assert json.loads(found[2])["boolean"] is True


@pytest.mark.parametrize(
    ("media_type", "query"),
    [
        ("application/sparql-results+xml", "SELECT * { VALUES ?x { 1 } }"),
        ("text/csv", "SELECT * { VALUES ?x { 1 } }"),
        ("text/turtle", "CONSTRUCT { <a:b> <a:b> 1 } {}"),
    ],
)
def test_the_front_answers_in_the_format_that_is_asked_for(shards, media_type, query):
    status, found, text = request(shards[0], body=query, Content_Type=PLAIN, Accept=f"{media_type}, */*;q=0.1")
    assert (status, found) == (200, media_type)
    assert "1" in text


def test_what_a_query_takes_is_bounded_and_the_next_one_is_answered(shards, tmp_path):
    addresses = [each.query for each in shards[1]]
    # Rows of four, and nothing to fetch: only the engine is busy.
    numbers = " ".join(map(str, range(400)))
    rows = "".join(f"VALUES ?{name} {{ {numbers} }} " for name in "abcde")
    busy = f"SELECT (COUNT(*) AS ?n) {{ {rows} FILTER(?a + ?b = ?c * ?d + ?e) }}"
    large = f"SELECT * {{ {rows} }}"
    long = Iri("http://example.org/long"), Iri("http://example.org/p"), Literal("x" * 2000)
    publisher = Publisher(shards[1][0].endpoint, "http://example.org/shards/")
    publisher._insert([(long, Iri("http://example.org/shards/long"))])
    publisher.close()
    with (
        servers.front(tmp_path, addresses, "--seconds", "8", "--workers", "1", "--megabytes", "0.001") as front,
        closing(RemoteStore(front.endpoint)) as store,
    ):
        with pytest.raises(DeadlineExceeded):
            store.select(busy)
        assert store.ask("ASK {}")
        with pytest.raises(QueryError):
            store.select(large)
        assert store.ask("ASK {}")
        with pytest.raises(QueryError, match="more than"):
            store.select("SELECT * { GRAPH ?g { ?s ?p ?o } ?s ?p ?k }")
        # Who goes away does not keep the one worker.
        for _ in range(3):
            host, _, port = urlsplit(front.query).netloc.partition(":")
            with socket.create_connection((host, int(port))) as gone:
                gone.sendall(f"GET /sparql?{urlencode({'query': busy})} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert store.ask("ASK {}")
        with pytest.raises(QuerySyntaxError):
            store.ask("ASK {")


def test_a_query_is_for_the_graphs_that_are_named_whatever_it_says(shards):
    front, both = shards
    graph, other = Iri("http://example.org/shards/g"), Iri("http://example.org/shards/h")
    for number, server in enumerate(both):
        publisher = Publisher(server.endpoint, "http://example.org/shards/")
        for each in (graph, other):
            publisher._clear(each)
            publisher._insert([((Iri(f"{each}/{number}"), Iri("http://example.org/p"), Iri(f"{BLANK}b1")), each)])
        publisher.close()
    query = f"SELECT * FROM <{other}> {{ ?s ?p ?o }}"
    with closing(RemoteStore(front.endpoint)) as store:
        assert len(store.select(query).rows) == 2
        rows = store.select(query, Dataset(default=(graph,))).rows
        assert {row["s"] for row in rows} == {f"{graph}/0", f"{graph}/1"}
        assert all(isinstance(row["o"], BlankNode) for row in rows)
        assert len({row["o"] for row in rows}) == 1
        assert store.select("SELECT * { GRAPH ?g { ?s ?p ?o } }", Dataset(default=(graph,))).rows == []


def test_the_front_is_bound_to_loopback_alone(shards):
    port = urlsplit(shards[0].query).port
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
        listening += [row[1] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port]
    assert listening == [f"0100007F:{port:04X}"]


class Chance:
    """Queries at random: each is a group of patterns, nested twice at most."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.things = [Iri(f"http://example.org/chance/{n}") for n in range(5)]
        self.predicates = [Iri(f"http://example.org/chance/p{n}") for n in range(3)]
        self.graphs = [Iri("http://example.org/chance/g"), Iri("http://example.org/chance/h")]

    def quads(self):
        pick, nodes = self.random.choice, [*self.things, BlankNode("one"), BlankNode("two")]
        triples = [(pick(nodes), pick(self.predicates), pick([*nodes, Literal("1")])) for _ in range(40)]
        return list({(triple, pick([None, None, *self.graphs])): None for triple in triples})

    def term(self):
        return n3(self.random.choice(self.things)) if self.random.random() < 0.25 else f"?{self.random.choice('abcd')}"

    def pattern(self):
        one, two = (n3(self.random.choice(self.predicates)) for _ in range(2))
        paths = [
            one,
            one,
            one,
            "?x",
            f"{one}*",
            f"{one}+",
            f"{one}?",
            f"({one}|^{two})",
            f"!({one}|^{two})",
            f"({one}/{two})*",
        ]
        return f"{self.term()} {self.random.choice(paths)} {self.term()} ."

    def group(self, depth=2):
        return " ".join(self.part(depth) for _ in range(self.random.randint(1, 3)))

    def part(self, depth):
        if not depth or self.random.random() < 0.5:
            return self.pattern()
        one, two, variable = self.group(depth - 1), self.group(depth - 1), self.random.choice("abcd")
        forms = [
            f"OPTIONAL {{ {one} }}",
            f"{{ {one} }} UNION {{ {two} }}",
            f"MINUS {{ {one} }}",
            f"FILTER {self.random.choice(['', 'NOT '])}EXISTS {{ {one} }}",
            f"GRAPH {self.random.choice(['?g', '?a', n3(self.graphs[0])])} {{ {one} }}",
            f"VALUES ?{variable} {{ {n3(self.things[0])} {n3(self.things[1])} }}",
            f"{{ SELECT ?{variable} {{ {one} }} }}",
            f"FILTER(isBlank(?{variable}))",
        ]
        return self.random.choice(forms)


def test_queries_at_random_have_the_same_answers(shards):
    front, both = shards
    chance, base = Chance(20261130), "http://example.org/chance/"
    here = EmbeddedStore.in_memory(chance.quads())
    for number, server in enumerate(both, 1):
        with closing(Publisher(server.endpoint, base)) as publisher:
            publisher.begin(chance.graphs)
            assert list(publisher.write(Shard(here, number, 2)))
    answered = 0
    with closing(RemoteStore(front.endpoint, default_graph(base), chance.graphs)) as there:
        for _ in range(80):
            query = f"SELECT * {{ {chance.group()} }}"
            try:
                mine = here.select(query).rows
            except QuerySyntaxError:  # a variable that VALUES or a subquery may not have here
                continue
            if len(mine) > 2000:
                continue
            assert sorted(map(_text, there.select(query).rows)) == sorted(map(_text, mine)), query
            answered += bool(mine)
    assert answered > 15

"""Entailment in the build: graphs by what they rest on, reasons, refusals, the same bytes each time."""

import hashlib
import re

import pytest
from click.testing import CliRunner

from app.build.builder import BuildRefused
from app.cli import main
from app.entities.reasons import of_thing, proof, tree
from app.namespaces import INN, PREFIXES, RDF_TYPE
from app.store.embedded import EmbeddedStore
from app.terms import Iri

BASE = "http://example.org/nordfjella/"
NF = BASE + "ontology#"
PREFIX = (
    f"PREFIX nf: <{NF}> PREFIX ex: <http://example.org/> PREFIX owl: <{PREFIXES['owl']}> "
    f"PREFIX rdfs: <{PREFIXES['rdfs']}> PREFIX inn: <{INN}> PREFIX dcterms: <{PREFIXES['dcterms']}> "
    f"PREFIX skos: <{PREFIXES['skos']}> PREFIX graph: <{BASE}graph/>\n"
)
TERMS = (
    PREFIX
    + """
nf:upstreamOf a owl:ObjectProperty , owl:TransitiveProperty ; rdfs:label "ovanfor"@nn ; owl:inverseOf nf:downstreamOf .
nf:downstreamOf a owl:ObjectProperty ; rdfs:label "nedanfor"@nn .
nf:Remote a owl:Class ; rdfs:label "Avsides"@nn ; owl:disjointWith nf:Central .
nf:Central a owl:Class ; rdfs:label "Sentral"@nn .
"""
)
VIEWS = (
    PREFIX
    + f"""
<{BASE}catalog#strategy> a inn:View ; skos:notation "strategy" ; rdfs:label "Planen"@nn ;
    inn:includesGraph graph:strategy , graph:ontology , <{BASE}graph/entailed/strategy> .
<{BASE}catalog#asserted> a inn:View ; skos:notation "asserted" ; rdfs:label "Innlagt"@nn ;
    inn:excludesGraph graph:entailed .
"""
)
RULE = f"#+ title: {{{{nn: Regel, en: Rule}}}}\nPREFIX nf: <{NF}>\nCONSTRUCT {{{{ {{0}} }}}} WHERE {{{{ {{1}} }}}}\n"


@pytest.fixture
def rivers(place):
    place.write("ontology/more.ttl", TERMS)
    place.write("data/dataset.ttl", (place.root / "data/dataset.ttl").read_text(encoding="utf-8") + VIEWS)
    place.write(
        "data/strategy/rivers.ttl",
        PREFIX + "ex:a nf:upstreamOf ex:b ; dcterms:source ex:map . ex:b nf:upstreamOf ex:c ; a nf:Central .",
    )
    place.write(
        "data/interpretation/rivers.ttl", PREFIX + "ex:c nf:upstreamOf ex:d . ex:c inn:certainty inn:uncertain ."
    )
    return place


def graph_of(store, text):
    rows = store.select(PREFIX + f"SELECT ?g {{ GRAPH ?g {{ {text} }} }}").rows
    return [str(row["g"]).removeprefix(BASE + "graph/") for row in rows]


def test_what_follows_is_split_by_what_it_rests_on(rivers):
    store = EmbeddedStore.open(rivers.build().store)
    assert graph_of(store, "ex:a nf:upstreamOf ex:c") == ["entailed/strategy"]
    assert graph_of(store, "ex:d nf:downstreamOf ex:c") == ["entailed/uncertain"]
    assert store.ask(PREFIX + "ASK { ex:a nf:upstreamOf ex:c . ex:d nf:downstreamOf ex:a }")
    rows = store.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows
    merged = "SELECT (COUNT(*) AS ?n) { { SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER(?g NOT IN (%s)) } } }"
    beside = ", ".join(f"<{BASE}graph/{name}>" for name in ("reasons", "catalog", "quality", "queries", "shapes"))
    assert rows == store.select(merged % beside).rows


def test_a_content_without_views_has_two_graphs_of_what_is_entailed(rivers):
    described = rivers.root / "data/dataset.ttl"
    described.write_text(described.read_text(encoding="utf-8").removesuffix(VIEWS), encoding="utf-8")
    built = rivers.build()
    store = EmbeddedStore.open(built.store)
    assert graph_of(store, "ex:a nf:upstreamOf ex:c") == ["entailed/stated"]
    assert graph_of(store, "ex:d nf:downstreamOf ex:c") == ["entailed/uncertain"]
    entailed = sorted(name for name in built.manifest.graphs if "graph/entailed/" in name)
    assert entailed == [BASE + "graph/entailed/stated", BASE + "graph/entailed/uncertain"]
    assert built.manifest.views == ()


def test_a_view_of_any_name_has_what_follows_from_its_graphs_alone(rivers):
    named = VIEWS.replace('"strategy"', '"plan"').replace("entailed/strategy", "entailed/plan")
    described = rivers.root / "data/dataset.ttl"
    described.write_text(described.read_text(encoding="utf-8").replace(VIEWS, named), encoding="utf-8")
    store = EmbeddedStore.open(rivers.build().store)
    assert graph_of(store, "ex:a nf:upstreamOf ex:c") == ["entailed/plan"]
    assert graph_of(store, "ex:d nf:downstreamOf ex:c") == ["entailed/uncertain"]


def test_a_reason_goes_down_to_what_is_asserted_and_its_source(rivers):
    store = EmbeddedStore.open(rivers.build().store)
    a, d = Iri("http://example.org/a"), Iri("http://example.org/d")
    upstream = Iri(NF + "upstreamOf")
    reasons = of_thing(store, a, BASE)[a, upstream, d]
    told = tree(store, reasons[0], BASE)
    assert told["certainty"] == INN + "uncertain"
    assert told["rules"] == [BASE + "query/prp-trp"]
    ends, waiting = [], [told]
    while waiting:
        each = waiting.pop()
        waiting += each.get("premises", ())
        if not each.get("entailed", True):
            ends.append(each)
            assert store.ask(f"ASK {{ {each['subject']} {each['predicate']} {each['object']} }}")
            assert each["graphs"]
    assert {"http://example.org/map"} == {source for each in ends for source in each.get("sources", ())}
    written = proof(store, reasons)
    assert (reasons[0].iri, RDF_TYPE, Iri(INN + "Entailment")) in written
    assert len({subject for subject, _, _ in written}) > len(reasons[0].premises)


def test_no_reason_shows_a_triple_that_is_not_in_the_graph(rivers):
    store = EmbeddedStore.open(rivers.build().store)
    shown = "GRAPH ?reasons { ?e inn:premise ?premise . ?premise rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }"
    prefix = PREFIX + f"PREFIX rdf: <{PREFIXES['rdf']}> "
    assert store.ask(prefix + f"ASK {{ {shown} ?s ?p ?o }}")
    assert not store.ask(prefix + f"ASK {{ {shown} FILTER NOT EXISTS {{ ?s ?p ?o }} }}")


def test_the_same_content_gives_the_same_bytes_and_reasons_are_in_no_dump(rivers):
    def dumps(generation):
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in generation.dumps.iterdir()}

    first, second = rivers.build(as_of=None), rivers.build(as_of=None)
    assert dumps(first) == dumps(second)
    assert first.manifest.digest == second.manifest.digest
    reports = [(each.path / "report.ttl").read_bytes() for each in (first, second)]
    assert reports[0] == reports[1]
    assert b"sh:ValidationReport" in reports[0]
    assert b"_:" not in reports[0]
    assert "graph-entailed-strategy.ttl.gz" in dumps(first)
    assert not any("reasons" in name for name in dumps(first))
    stores = [EmbeddedStore.open(each.store) for each in (first, second)]
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{BASE}graph/reasons> {{ ?s ?p ?o FILTER(!isBlank(?o)) }} }}"
    assert set(stores[0].construct(query)) == set(stores[1].construct(query)) != set()


def test_a_rule_of_the_content_replaces_one_of_the_same_name(rivers):
    rivers.write("queries/rules/prp-trp.rq", RULE.format("?a nf:upstreamOf ?b", "?a nf:upstreamOf ?b"))
    store = EmbeddedStore.open(rivers.build().store)
    assert graph_of(store, "ex:a nf:upstreamOf ex:c") == []
    assert graph_of(store, "ex:b nf:downstreamOf ex:a") == ["entailed/strategy"]


def test_a_rule_that_reads_in_more_carries_its_certainty_and_rationale(rivers):
    header = "#+ certainty: inn:interpreted\n#+ rationale: {en: We read it so.}\n"
    rivers.write(
        "queries/rules/far.rq", header + RULE.format("?b a nf:Remote", "nf:Central a ?c . ?a nf:upstreamOf ?b")
    )
    rivers.write("data/strategy/rivers.ttl", PREFIX + "ex:a nf:upstreamOf ex:b .")
    store = EmbeddedStore.open(rivers.build().store)
    assert graph_of(store, "ex:b a nf:Remote") == ["entailed/interpreted"]
    rule = f"<{BASE}query/far>"
    assert store.ask(PREFIX + f'ASK {{ GRAPH ?g {{ {rule} inn:rationale "We read it so."@en }} }}')


@pytest.mark.parametrize(
    ("name", "rule", "message"),
    [
        ("mint", RULE.format("?a a nf:New", "?a nf:upstreamOf ?b"), "nf:New|#New"),
        ("blank", RULE.format("?a nf:upstreamOf _:x", "?a nf:upstreamOf ?b"), "the rule blank holds a blank node"),
        (
            "clash",
            RULE.format("?a a nf:Remote", "?a a nf:Central"),
            "the rule clash makes .* both .* exclude each other",
        ),
        (
            "negation",
            RULE.format("?a a nf:Remote", "?a a nf:Central MINUS { ?a a nf:Remote }"),
            "the rule negation uses MINUS",
        ),
        ("broken", RULE.format("?a a nf:Remote", "?a a nf:Central ,"), "expected"),
    ],
)
def test_a_rule_is_refused_by_name_and_the_generation_stays(rivers, name, rule, message):
    before = rivers.build()
    rivers.write(f"queries/rules/{name}.rq", rule)
    with pytest.raises(BuildRefused) as refused:
        rivers.build()
    texts = [(str(problem.path), problem.message["en"]) for problem in refused.value.problems]
    assert any(path == f"queries/rules/{name}.rq" and re.search(message, text) for path, text in texts), texts
    assert rivers.generations() == [before.path.name]


def test_questions_and_exports_keep_to_their_basis(rivers):
    question = "#+ title: {nb: Nedanfor, en: Below}\nPREFIX nf: <%s>\nSELECT * { ?a nf:downstreamOf ?b }\n"
    rivers.write("queries/questions/below.rq", question % NF)
    rivers.build()

    def run(command, *options):
        where = ["--content", str(rivers.root), "--state", str(rivers.state)]
        return CliRunner().invoke(main, [command, *where, *options]).stdout.splitlines()

    def lines(basis):
        exported = run("export", "--basis", basis, "--format", "nt")
        below = {line for line in exported if f"<{NF}downstreamOf> <http://example.org/" in line}
        return below, len(run("query", "below", "--basis", basis, "--format", "csv")) - 1

    answers = {basis: lines(basis) for basis in ("strategy", "asserted", "all")}
    assert {basis: (len(below), rows) for basis, (below, rows) in answers.items()} == {
        "strategy": (3, 3),
        "asserted": (0, 0),
        "all": (6, 6),
    }
    assert answers["strategy"][0] < answers["all"][0]


def test_data_that_contradicts_itself_is_refused_without_blaming_a_rule(rivers):
    rivers.write("data/strategy/odd.ttl", PREFIX + "ex:b a nf:Remote .")
    with pytest.raises(BuildRefused) as refused:
        rivers.build()
    (problem,) = refused.value.problems
    assert problem.path is None
    assert "exclude each other" in problem.message["en"]
    assert "utelukker hverandre" in problem.message["nb"]

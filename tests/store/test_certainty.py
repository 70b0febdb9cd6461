"""How sure a fact is and where it comes from: the five lines that anybody can ask, on every store."""

from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.entities.basis import bases, data_graphs
from app.entities.description import describe, read
from app.entities.provenance import of_graphs
from app.namespaces import STATED
from app.query.library import engine_query
from app.store import opening
from app.store.embedded import EmbeddedStore
from app.store.remote import RemoteStore
from app.store.replication import default_graph
from app.terms import Iri, n3

ROOT = Path(__file__).parents[2]
TEXT = engine_query("engine/certainty")
# Of every fact, and graph by graph, to compare.
QUERY = TEXT.replace("SELECT DISTINCT", "SELECT DISTINCT ?graph").replace("LIMIT 100", "")
LINES = TEXT.partition("WHERE {\n")[2].partition("\n}\n")[0]


def answer(store, things=()):
    """Give the certainties and the sources by graph and triple, of all things or of those."""
    found = defaultdict(lambda: (set(), set()))
    only = f"VALUES ?s {{ {' '.join(map(n3, things))} }}" if things else ""
    for row in store.select(QUERY.replace("WHERE {", "WHERE { " + only)).rows:
        certainties, sources = found[row["graph"], row["s"], row["p"], row["o"]]
        certainties.add(row["certainty"])
        sources.add(row["source"])
    return dict(found)


@pytest.fixture(scope="module")
def shipped(generation):
    return EmbeddedStore.open(generation.store)


def test_every_fact_has_the_certainty_and_the_sources_that_its_page_shows(shipped, generation):
    found, base = answer(shipped), generation.manifest.base
    graphs = shipped.graphs()
    everything, notes = bases((), data_graphs(graphs, base))["all"], of_graphs(shipped, graphs)
    things = {row["s"] for row in shipped.select("SELECT DISTINCT ?s { ?s ?p ?o }").rows}
    compared = 0
    for thing in things:
        if not isinstance(thing, Iri):
            continue
        for predicate, facts in describe(read(shipped, thing, base), everything, notes).facts.items():
            for fact in facts:
                for told in fact.provenances:
                    key = (told.graph, thing, predicate, fact.value)
                    # Only the ontology says of itself neither how sure it is nor where it comes from.
                    expected = ({told.certainty}, set(told.sources) or {told.graph}) if told.certainty else None
                    assert found.get(key) == expected, key
                    assert told.certainty or told.graph == f"{base}graph/ontology"
                    compared += 1
    assert compared > 5000


def test_it_is_five_lines():
    assert len(LINES.splitlines()) == 5
    assert max(map(len, LINES.splitlines())) < 120


@pytest.mark.parametrize("page", ["docs/model.md", "docs/linked-data.md", "app/defaults/openapi.yaml"])
def test_the_docs_show_these_lines(page):
    assert " ".join(LINES.split()) in " ".join((ROOT / page).read_text(encoding="utf-8").split())


def test_servers_of_others_give_the_same_word_for_the_facts_of_one_thing_in_twenty(published, generation, shipped):
    base, graphs = generation.manifest.base, map(Iri, generation.manifest.graphs)
    patient = replace(opening.endpoints(published)[0], timeout=600)  # much at once is a long answer
    things = sorted({row["s"] for row in shipped.select("SELECT DISTINCT ?s { ?s ?p ?o FILTER(isIRI(?s)) }").rows})[
        ::20
    ]
    assert len(things) > 50
    with closing(RemoteStore(patient, default_graph(base), graphs)) as remote:
        assert answer(remote, things) == answer(shipped, things)


def test_a_view_of_the_data_gives_its_own_word(shipped, generation):
    strategy = bases(generation.manifest.views, data_graphs(shipped.graphs(), generation.manifest.base))["strategy"]
    rows = shipped.select(QUERY, strategy.dataset).rows
    assert {row["graph"] for row in rows} <= strategy.graphs
    assert {row["certainty"] for row in rows} >= {STATED}

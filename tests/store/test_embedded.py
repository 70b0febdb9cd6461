"""The embedded store through its interface: plain values out, errors one can act on, no call to anybody."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import AnswerTooLarge, QueryError, QueryRefused, QuerySyntaxError
from app.mediatypes import (
    GRAPH_FORMATS,
    JSON_LD,
    RESULT_FORMATS,
    RESULTS_CSV,
    RESULTS_JSON,
    RESULTS_TSV,
    RESULTS_XML,
    TURTLE,
    Format,
)
from app.store.embedded import EmbeddedStore
from app.store.engine import SMALL, serialize
from app.store.interface import Limits
from app.store.loading import StoreWriter
from app.terms import XSD, BlankNode, Dataset, Iri, Literal, Triple

LIMITS = Limits(query_length=10_000, query_nesting=50, answer_bytes=100_000)
E = "https://example.org/"
A, B, G, H = Iri(E + "a"), Iri(E + "b"), Iri(E + "g"), Iri(E + "h")
P = Iri(E + "p")
TRIPLES: list[Triple] = [
    (A, P, B),
    (A, P, Literal("Snåsa", "nb")),
    (A, P, Literal("3", datatype=Iri(XSD + "integer"))),
    (BlankNode("x"), P, A),
]


@pytest.fixture
def store() -> EmbeddedStore:
    quads = [(triple, G) for triple in TRIPLES] + [(TRIPLES[0], H)] + [(triple, None) for triple in TRIPLES]
    return EmbeddedStore.in_memory(quads)


def test_select_gives_plain_values_and_leaves_out_the_unbound(store: EmbeddedStore) -> None:
    solutions = store.select(f"SELECT ?s ?o ?n {{ ?s <{P}> ?o }} ORDER BY ?s ?o")
    assert solutions.variables == ("s", "o", "n")
    assert isinstance(solutions.rows[0].pop("s"), BlankNode)
    assert solutions.rows[0] == {"o": A}
    assert {"s": A, "o": Literal("Snåsa", "nb")} in solutions.rows
    assert {"s": A, "o": Literal("3", datatype=Iri(XSD + "integer"))} in solutions.rows


def test_construct_gives_each_triple_once(store: EmbeddedStore) -> None:
    triples = store.construct(f"CONSTRUCT {{ <{A}> <{P}> <{B}> }} WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}")
    assert triples == [(A, P, B)]


def test_the_dataset_chooses_among_stored_graphs(store: EmbeddedStore) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    for dataset, expected in [(None, "4"), (Dataset(default=(H,)), "1"), (Dataset(default=(Iri(E + "none"),)), "0")]:
        assert store.select(count, dataset).rows[0]["n"] == Literal(expected, datatype=Iri(XSD + "integer"))
    named = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g"
    assert [row["g"] for row in store.select(named).rows] == [G, H]
    assert [row["g"] for row in store.select(named, Dataset(named=(H,))).rows] == [H]
    assert store.select(named, Dataset(default=(G,))).rows == []
    assert not store.ask("ASK { ?s ?p ?o }", Dataset(named=(H,)))
    assert store.graphs() == {G: 4, H: 1}


@pytest.mark.parametrize("format", RESULT_FORMATS)
def test_answer_in_each_result_format(store: EmbeddedStore, format: Format) -> None:
    answer = store.answer(f'SELECT ?o {{ <{A}> <{P}> ?o FILTER(lang(?o) = "nb") }}', None, format, LIMITS)
    text = answer.body.decode()
    assert "Snåsa" in text
    starts = {RESULTS_JSON: "{", RESULTS_XML: "<?xml", RESULTS_CSV: "o\r\n", RESULTS_TSV: "?o\n"}
    assert text.startswith(starts[format])
    asked = store.answer("ASK {}", None, format, LIMITS).body.decode()
    assert "true" in asked


@pytest.mark.parametrize("format", GRAPH_FORMATS)
def test_answer_in_each_graph_format(store: EmbeddedStore, format: Format) -> None:
    text = store.answer(f"DESCRIBE <{A}>", None, format, LIMITS).body.decode()
    assert "Snåsa" in text or "Sn\\u00E5sa" in text
    if format is JSON_LD:
        assert json.loads(text)


def test_a_format_that_does_not_fit_the_form_is_an_error(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError, match="table"):
        store.answer("SELECT * {}", None, TURTLE, LIMITS)
    with pytest.raises(QueryError, match="graph"):
        store.answer("DESCRIBE <a:b>", None, RESULTS_CSV, LIMITS)


def test_a_malformed_query_tells_the_position(store: EmbeddedStore) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        store.answer("SELECT *\n WHERE { ?s ?p }", None, RESULTS_JSON, LIMITS)
    assert (raised.value.line, raised.value.column) == (2, 17)


def test_updates_calls_and_large_answers_are_refused(store: EmbeddedStore) -> None:
    with pytest.raises(QuerySyntaxError):
        store.answer("INSERT DATA { <a:b> <a:b> <a:b> }", None, RESULTS_JSON, LIMITS)
    with pytest.raises(QueryRefused, match="SERVICE"):
        store.answer("ASK { SERVICE <http://127.0.0.1:9/> {} }", None, RESULTS_JSON, LIMITS)
    with pytest.raises(AnswerTooLarge, match="INNHERRED_ANSWER_BYTES"):
        store.answer("SELECT * {}", None, RESULTS_JSON, Limits(1000, 10, 10))


def test_results_do_not_depend_on_the_thread_that_asks(store: EmbeddedStore) -> None:
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.append(len(store.select("SELECT * { ?s ?p ?o }").rows)))
    thread.start()
    thread.join()
    assert seen == [4]


def test_a_written_store_opens_for_reading_with_its_merged_default_graph(tmp_path: Path) -> None:
    with StoreWriter(tmp_path / "store") as writer:
        writer.add([(triple, G) for triple in TRIPLES])
        writer.add([(TRIPLES[0], H), ((B, P, B), H)])
        writer.merge_into_default([G, H])
        assert writer.store.graphs() == {G: 4, H: 2}
    store = EmbeddedStore.open(tmp_path / "store")
    assert len(store.select("SELECT * { ?s ?p ?o }").rows) == 5
    store.close()
    with pytest.raises(QueryError, match="closed"):
        store.ask("ASK {}")


def test_a_file_is_loaded_as_it_is_and_merged_into_the_default_graph(tmp_path: Path) -> None:
    lines = [f"<{E}a> <{E}p> {value} <{graph}> .\n" for value in ("_:x", '"1"@nb') for graph in (G, H, E + "other")]
    path = tmp_path / "all.nq"
    path.write_text("".join(lines), encoding="utf-8")
    with StoreWriter(tmp_path / "store") as writer:
        writer.load(path)
        writer.load_default(path, {G, H})
        assert writer.store.graphs() == {G: 2, H: 2, Iri(E + "other"): 2}
        rows = writer.store.select("SELECT ?o { ?s ?p ?o }").rows
    assert sorted(map(str, (row["o"] for row in rows))) == ["1", "x"]


def test_serialize_writes_each_triple_once_with_prefixes() -> None:
    text = serialize([TRIPLES[0], TRIPLES[0]], TURTLE, {"e": E}).decode()
    assert text.count("e:a e:p e:b") == 1


def test_what_is_small_is_answered_at_once(store: EmbeddedStore) -> None:
    query = f"SELECT ?o {{ <{A}> <{P}> ?o }}"
    found = store.at_once(query, RESULTS_JSON, LIMITS)
    assert found is not None
    assert found.body == store.answer(query, None, RESULTS_JSON, LIMITS).body


def test_what_is_not_small_is_left_to_others() -> None:
    quads = (((Iri(f"{E}{number}"), P, Literal("x" * 100)), None) for number in range(1000))
    store = EmbeddedStore.in_memory(quads)
    query = "SELECT ?s ?o { ?s ?p ?o }"
    assert store.at_once(query, RESULTS_JSON, replace(LIMITS, answer_bytes=1_000_000)) is None
    assert len(store.answer(query, None, RESULTS_JSON, replace(LIMITS, answer_bytes=1_000_000)).body) > SMALL
    assert store.at_once(f"{query} LIMIT 10", RESULTS_JSON, LIMITS) is not None


def test_who_is_answered_at_once_is_told_of_mistakes(store: EmbeddedStore) -> None:
    with pytest.raises(QuerySyntaxError):
        store.at_once("SELECT ?o { ?s unknown:p ?o }", RESULTS_JSON, LIMITS)
    with pytest.raises(QueryRefused):
        store.at_once("SELECT ?o { ?s ?p ?o }", RESULTS_JSON, replace(LIMITS, query_length=5))


def test_one_that_hangs_holds_up_no_other(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.embedded.PATIENCE", 0.01)
    with store._turn:  # as one whose files are damaged
        assert store.at_once("SELECT ?o { ?s ?p ?o }", RESULTS_JSON, LIMITS) is None
    assert store.at_once("SELECT ?o { ?s ?p ?o }", RESULTS_JSON, LIMITS) is not None

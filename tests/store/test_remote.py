"""The remote store: SPARQLWrapper against a started server gives what the embedded store gives."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.errors import AnswerTooLarge, QueryError, QuerySyntaxError
from app.mediatypes import RESULTS_CSV, TURTLE
from app.store.interface import Limits
from app.store.remote import RemoteStore
from app.store.transport import Endpoint
from app.terms import XSD, Dataset, Iri, Literal

BASE = "http://example.org/nordfjella/"
LIMITS = Limits(10_000, 50, 100_000)
VALLEYS = f"""
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?valley ?label ?length ?nothing WHERE {{
  ?valley rdfs:label ?label ; <{BASE}ontology#length> ?length FILTER(lang(?label) = "nn")
}} ORDER BY ?valley
"""


@pytest.fixture
def store(server: str) -> RemoteStore:
    return RemoteStore(Endpoint(server + "sparql"))


def test_select_gives_typed_and_tagged_values(store: RemoteStore) -> None:
    solutions = store.select(VALLEYS)
    assert solutions.variables == ("valley", "label", "length", "nothing")
    assert solutions.rows == [
        {
            "valley": Iri(BASE + "id/valley/austdalen"),
            "label": Literal("Austdalen", "nn"),
            "length": Literal("12.5", datatype=Iri(XSD + "decimal")),
        },
        {
            "valley": Iri(BASE + "id/valley/vesledalen"),
            "label": Literal("Vesledalen", "nn"),
            "length": Literal("3", datatype=Iri(XSD + "integer")),
        },
    ]


def test_ask_construct_and_answer(store: RemoteStore) -> None:
    assert store.ask("ASK { ?s ?p ?o }")
    triples = store.construct(f"DESCRIBE <{BASE}id/valley/austdalen>")
    assert (
        Iri(BASE + "id/valley/austdalen"),
        Iri("http://www.w3.org/2000/01/rdf-schema#label"),
        Literal("Austdalen", "nn"),
    ) in triples
    assert store.answer(VALLEYS, None, RESULTS_CSV, LIMITS).body.startswith(b"valley,label,length,nothing")
    assert b"Austdalen" in store.answer(f"DESCRIBE <{BASE}id/valley/austdalen>", None, TURTLE, LIMITS).body
    with pytest.raises(AnswerTooLarge):
        store.answer(VALLEYS, None, RESULTS_CSV, Limits(10_000, 50, 10))


def test_the_dataset_is_sent_along(store: RemoteStore) -> None:
    minutes = Iri(BASE + "graph/minutes")
    assert minutes in store.graphs()
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert store.select(count, Dataset(default=(minutes,))).rows[0]["n"] == Literal("2", datatype=Iri(XSD + "integer"))
    named = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert store.select(named, Dataset(named=(minutes,))).rows == [{"g": minutes}]


def test_errors_say_what_is_wrong(store: RemoteStore, server: str) -> None:
    with pytest.raises(QuerySyntaxError, match="does not take the query"):
        store.select("SELECT * { ?s ?p }")
    with pytest.raises(QueryError, match="not a SELECT"):
        store.select("ASK {}")
    with pytest.raises(QueryError, match="not an ASK"):
        store.ask("SELECT * {}")
    with pytest.raises(QueryError, match="status 405"):
        RemoteStore(Endpoint(server + "dump/")).ask("ASK {}")
    with pytest.raises(QueryError, match="cannot be reached"):
        RemoteStore(Endpoint("http://127.0.0.1:1/sparql", timeout=2)).ask("ASK {}")


def test_the_command_asks_another_endpoint(server: str, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text(VALLEYS, encoding="utf-8")
    result = CliRunner().invoke(main, ["query", str(tmp_path / "q.rq"), "--endpoint", server + "sparql"])
    assert result.exit_code == 0, result.output
    assert "Austdalen" in result.stdout
    assert "(2 rows)" in result.stdout

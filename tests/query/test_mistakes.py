"""Mistakes of beginners: each is told for what it is, and nothing is told of a query without one."""

import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.coach import refused
from app.query.library import Library
from app.query.mistakes import mistake

ROOT = Path(__file__).parents[2]
# A query, its mistake, and what of it the words repeat.
TABLE = [
    ("SELECT COUNT(*) WHERE { ?s ?p ?o }", "unnamed_expression", "COUNT(*)"),
    ("SELECT (COUNT(*)) WHERE { ?s ?p ?o }", "unnamed_expression", "COUNT(*)"),
    ("SELECT COUNT(?s) AS ?n { ?s ?p ?o }", "unnamed_expression", "COUNT(?s)"),
    ("SELECT ?s (COUNT(?o) AS ?n) WHERE { ?s ?p ?o }", "ungrouped", "?s"),
    ("SELECT ?s { ?s ?p ?o } GROUP BY ?p", "ungrouped", "?s"),
    ("SELECT *\nWHERE {\n ?s ?p ?o", "missing_bracket", "2"),
    ("SELECT * { ?s ?p ?o FILTER(CONTAINS(?o, 'x') }", "missing_bracket", ")"),
    ("SELECT * WHERE { ?s ?p ?o } }", "stray_bracket", "}"),
    ("INSERT DATA { <a:a> <a:b> 1 }", "read_only", "INSERT"),
    ("PREFIX ex: <http://example.org/> DELETE WHERE { ?s ?p ?o }", "read_only", "DELETE"),
    ("load <http://example.org/x>", "read_only", "LOAD"),
    ("CLEAR ALL", "read_only", "CLEAR"),
    ("MATCH (n) RETURN n", "other_language", "MATCH"),
    ("CREATE (n:Town {name: 'x'})", "other_language", "CREATE"),
    ("SELECT * FROM people", "other_language", "FROM people"),
    ("SELECT name, age FROM people WHERE age > 3", "other_language", "FROM people"),
    ("{ towns { name } }", "no_form", ""),
    ("which towns are there", "no_form", ""),
    ("PREFIX ex <http://example.org/> SELECT * { ?s ?p ?o }", "prefix_form", "ex:"),
    ("PREFIX ex: http://example.org/ SELECT * { ?s ?p ?o }", "prefix_form", "ex:"),
    ("SELECT ?a, ?b WHERE { ?a ?p ?b }", "comma", ""),
    ("SELECT name WHERE { ?s ?p ?o }", "bare_column", "name"),
    ("SELECT TOP 3 * { ?s ?p ?o }", "instead", "LIMIT 10"),
    ("SELECT * { ?s ?p ?o FILTER ?o > 3 }", "condition", "FILTER (?x > 3)"),
    ("SELECT * { ?s ?p ?o BIND ?o AS ?x }", "condition", "BIND"),
    ("SELECT * { ?s ?p “Åsvær” }", "quotes", "“"),
    ('SELECT * { ?s ?p "Åsvær }', "unclosed_string", '"'),
    ("SELECT * { ?s ?p 'King's' }", "unclosed_string", "'"),
    ("SELECT * {\n ?s ?p ?o\n ?o ?q ?r }", "missing_dot", "2"),
    ("PREFIX ex: <http://example.org/> SELECT * { ?s ex:a/ex:b 'x'@nb ?o ?q ?r }", "missing_dot", "1"),
    ('SELECT * { ?s ?p ?o . ?o = "x" }', "comparison", "?o = …"),
    ("SELECT * WHERE ?s ?p ?o", "no_braces", "WHERE"),
    ("SELECT * { ?s ?p ?o OPTIONAL ?s ?q ?r }", "no_braces", "OPTIONAL"),
    ("SELECT * { ?s ?p }", "incomplete", "1"),
    ("SELECT * { ?s name ?o }", "bare_word", "name"),
    ("SELECT * { ?s http://example.org/p ?o }", "bare_address", "http://example.org/p"),
    ("SELECT * { ?s ?p ?o FILTER(?o == 3) }", "instead", "="),
    ("SELECT * { ?s ?p ?o FILTER(?o <> 3) }", "instead", "!="),
    ("SELECT * { ?s ?p ?o FILTER(?o = 3 AND ?s = 4) }", "instead", "&&"),
    ('SELECT * { ?s ?p ?o FILTER(?o LIKE "x%") }', "instead", "LIKE"),
    ("SELECT * { ?s ?p ?o } LIMIT 3 ORDER BY ?s", "order", ""),
    ("SELECT ?s ORDER BY ?s WHERE { ?s ?p ?o }", "order", ""),
    ("SELECT * { ?s ?p ?o } LIMIT ten", "number", "LIMIT"),
    ("SELECT * { ?s ?p ?o };", "semicolon", ""),
]


@pytest.mark.parametrize(("query", "code", "told"), TABLE)
def test_a_mistake_is_told_for_what_it_is(query: str, code: str, told: str) -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query(query)
    found = refused(query, None)
    assert [each.code for each in found] == [code]
    assert told in (found[0].words % found[0].values if found[0].values else found[0].words)


def test_nothing_is_told_of_queries_without_a_mistake() -> None:
    library = Library.load([ROOT / "app" / "defaults" / "queries", ROOT / "queries"])
    panels = [file for files in library.pages.values() for file in files]
    texts = [file.text for file in (*panels, *library.questions.values(), *library.rules.values())]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "app/defaults/queries/engine").glob("*.rq")]
    assert len(texts) > 100
    assert {text: found.code for text in texts if (found := mistake(text))} == {}


@pytest.mark.parametrize(
    "query",
    [
        *("SELECT * {" + "{}" * 9900 + "}", "{" * 19_000, "SELECT " + "?a " * 6000, '"' * 19_000, "PREFIX " * 2500),
        *("SELECT (" * 2400, "SELECT * { " + "?a ?b " * 3000 + "}", "SELECT * {" + "VALUES {} " * 1900 + "}"),
    ],
)
def test_it_takes_little_time(query: str) -> None:
    begun = time.process_time()
    mistake(query)
    assert time.process_time() - begun < 5


@given(st.lists(st.sampled_from([*"{}()[].;,/|^*\"'=", "SELECT", "PREFIX", "ex:", "?a", "AS", "VALUES", "<", "COUNT"])))
def test_it_never_fails(words: list[str]) -> None:
    mistake(" ".join(words))

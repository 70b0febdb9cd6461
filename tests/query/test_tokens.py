"""Tokens: what is refused before an engine sees it, and that nothing of a query is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import QueryRefused
from app.query.tokens import form, is_repeatable, refuse_dangerous, tokens

CALLS_OUT = [
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { OPTIONAL{}SERVICE<http://127.0.0.1:9/>{} }",
    # The engine parses without word boundaries.
    "PREFIX x: <http://127.0.0.1:9/> SELECT * { SERVICEx:y { ?s ?p ?o } }",
    "PREFIX service: <http://127.0.0.1:9/> SELECT * { service:x { ?s ?p ?o } }",
    "PREFIX x: <http://127.0.0.1:9/> SELECT * { ?s ?p trueSERVICEx:y{} }",
    "SELECT * { ?s ?p 1SERVICE<http://127.0.0.1:9/>{} }",
    "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o.SERVICE<http://127.0.0.1:9/>{} }",
    # A comparison that a lexer takes for an IRI, with the rest hidden in it or behind it.
    "PREFIX x: <http://127.0.0.1:9/> SELECT * { FILTER(?a<x:b)SERVICE?s#>\n{ ?x ?y ?z } }",
    'PREFIX x: <http://127.0.0.1:9/> SELECT * { FILTER(?a<x:b#>"""\n) SERVICE <http://127.0.0.1:9/> {} #"""\n}',
]


@pytest.mark.parametrize("query", CALLS_OUT)
def test_a_call_to_another_server_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused, match=r"(?i)service"):
        refuse_dangerous(query, length=10_000, nesting=100)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s a <https://schema.org/Service> }",
        'SELECT * { ?s a sd:Service ; rdfs:label "service"@en } # service',
        "SELECT ?service { ?service a ?x FILTER(?x = <http://a/#b>) }",
        "PREFIX a: <https://service.example/#> ASK { a:service a:b a:c }",
    ],
)
def test_the_word_service_in_names_and_texts_is_no_call(query: str) -> None:
    refuse_dangerous(query, length=10_000, nesting=100)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("ASK " + "{" * 101 + "}" * 101, "nested"),
        ("ASK { FILTER(" + "(" * 101 + "1" + ")" * 101 + ") }", "nested"),
        ("ASK { {}" + " UNION {}" * 501 + "}", "UNION"),
        ("ASK { ?s ?p '" + "å" * 6000 + "' }", "too long"),
    ],
)
def test_too_much_is_refused_with_the_cap_named(query: str, message: str) -> None:
    with pytest.raises(QueryRefused, match=message):
        refuse_dangerous(query, length=10_000, nesting=100)


def test_brackets_in_texts_and_comments_do_not_count_as_nesting() -> None:
    refuse_dangerous('ASK { ?s ?p "' + "{" * 500 + '" } # ' + "(" * 500, length=10_000, nesting=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "PREFIX select: <http://example.org/ask#> BASE <http://example.org/> CONSTRUCT WHERE { ?s ?p ?o }",
            "CONSTRUCT",
        ),
        ("# ASK\n select * {}", "SELECT"),
        ("describe <http://example.org/x>", "DESCRIBE"),
        ("ASK{}", "ASK"),
        ("INSERT DATA { <a:b> <a:b> <a:b> }", None),
        ("", None),
        ("PREFIX", None),
    ],
)
def test_form(text: str, expected: str | None) -> None:
    assert form(text) == expected


@given(st.text())
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text


@pytest.mark.parametrize(
    "unit", ['PREFIX \\" ', "PREFIX \\' ", "PREFIX.-", '\\"', '\\"""a"', "\\'''a'", '"\\"', "a.", "a-", "<", "_:a."]
)
def test_tokens_of_hostile_text_take_linear_time(unit):
    # In quadratic time this would take many minutes.
    text = "SELECT * { ?s ?p " + unit * (262_144 // len(unit))
    assert sum(len(token.text) for token in tokens(text)) == len(text)


def test_after_many_quotes_without_end_no_string_is_seen():
    assert [token.kind for token in tokens('"\n' * 30 + '"word"')].count("word") == 1
    with pytest.raises(QueryRefused, match="SERVICE"):
        refuse_dangerous('"\n' * 30 + '"service"', length=9999, nesting=9)


def test_what_is_refused_is_told_as_what_and_what_mends_it():
    with pytest.raises(QueryRefused, match=r"at most 3 \(INNHERRED_QUERY_LENGTH\)") as refused:
        refuse_dangerous("ASK {}", length=3, nesting=9)
    assert refused.value.values == {"size": 6, "limit": 3, "setting": "INNHERRED_QUERY_LENGTH"}
    assert str(refused.value).endswith(refused.value.mend)


CHANGING = [
    "SELECT (NOW() AS ?x) {}",
    "SELECT (nOw ( ) AS ?x) {}",
    "SELECT (Rand# a comment\n() AS ?x) {}",
    "SELECT (UUID() AS ?x) {}",
    "SELECT (strUuid() AS ?x) {}",
    "SELECT (BNODE() AS ?x) {}",
    "SELECT (BNODE('a') AS ?x) {}",
    "SELECT(1+NOW()AS?x){}",
    "SELECT * { ?s ?p ?o FILTERNOW() }",
    "SELECT (\\u004eOW() AS ?x) {}",
    "SELECT * { ?a ?b ?c FILTER(?a<?b&&NOW()>?c) }",
    "SELECT * { { SELECT (rand() AS ?x) {} } } ORDER BY RAND()",
    'SELECT ("unclosed (NOW() AS ?x) {}',
]
REPEATABLE = [
    "SELECT ('NOW()' AS ?x) {} # NOW()",
    'SELECT ("""RAND()\nUUID()""" AS ?x) {}',
    "SELECT ?now { ?now <http://e/rand> ?uuid . ?uuid <http://e/bnode> (1 2) }",
    "PREFIX rand: <http://e/> SELECT ?x { ?x rand:now (1) ; rand:uuid 'x' }",
    "PREFIX e: <http://e/> SELECT (COUNT(?now) AS ?n) { ?now e:grand ?x FILTER(?now IN (1, 2)) }",
]


@pytest.mark.parametrize("query", CHANGING)
def test_what_gives_something_else_each_time_is_told(query: str) -> None:
    assert not is_repeatable(query)


@pytest.mark.parametrize("query", REPEATABLE)
def test_a_name_in_a_string_a_comment_or_an_iri_is_no_call(query: str) -> None:
    assert is_repeatable(query)

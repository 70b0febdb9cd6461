"""The query coach: what it says, and above all when it says nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.query.coach import LENGTH, Vocabulary, refused, remarks
from app.query.library import Library
from app.terms import Iri

EX = "http://example.org/ontology#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
PROLOGUE = f"PREFIX ex: <{EX}> PREFIX rdfs: <{RDFS}> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
ROOT = Path(__file__).parents[2]


def iris(*names):
    return {Iri(EX + name): 10 for name in names}


@pytest.fixture(scope="module")
def vocabulary():
    properties = iris("partOf", "population", "participant") | {Iri(RDFS + "label"): 99}
    labels = [(Iri(EX + "Town"), "kommune"), (Iri(EX + "participant"), "deltaker i aktiviteten")]
    return Vocabulary(iris("Town", "Activity"), properties, labels, {"ex": EX, "skos": "http://example.org/skos#"})


def said(query, vocabulary, prologue=PROLOGUE):
    return [(each.code, *each.values.values()) for each in remarks(prologue + query, vocabulary)]


def crossing(query, vocabulary=None):
    return [said[1:] for said in said(query, vocabulary) if said[0] == "cross_product"]


@pytest.mark.parametrize(
    ("group", "left", "right"),
    [
        ("?a ?b ?c . ?d ?e ?f", "?a ?b ?c", "?d ?e ?f"),
        ("?a a ex:Town. ?b ex:population 1. ?c ex:partOf ?a", "?a", "?b"),
        ("?a a ex:Town FILTER(?b > 1) ?b ex:partOf ?c", "?a", "?b ?c"),
        ("?a a ex:Town OPTIONAL { ?b a ex:Town }", "?a", "?b"),
        ("?a a ex:Town { { ?b a ex:Town } UNION { ?c a ex:Town } }", "?a", "?b ?c"),
        ("{ ?a a ex:Town . ?b a ex:Town } UNION { ?c a ex:Town }", "?a", "?b"),
        ("?x ex:partOf ?y { SELECT ?x { ?x a ex:Town . ?b a ex:Town } LIMIT 9 }", "?x", "?b"),
        ("[] ex:partOf ?a . [ ex:partOf ?b ] ex:population 2", "?a", "?b"),
        ("_:a ex:partOf ?a . _:b ex:partOf ?b", "?a", "?b"),
    ],
)
def test_patterns_without_a_shared_variable_are_a_cross_product(group, left, right):
    assert crossing(f"SELECT * {{ {group} }}") == [(left, right)]
    assert crossing(f"CONSTRUCT {{ ?a ?b ?c . ?x ?y ?z }} WHERE {{ {group} }}") == [(left, right)]


@pytest.mark.parametrize(
    "group",
    [
        "?a ?b ?c . ?c ?d ?e . ?e ?f $a",
        "?a a ex:Town ; ex:partOf [ rdfs:label ?l ] . ?l ?p ?o",
        "?a ex:partOf _:x . _:x ex:population ?n",
        "?a a ex:Town . ?b a ex:Town . FILTER(?a != ?b)",
        "?a a ex:Town . ?b a ex:Town . FILTER regex(?a, ?b)",
        "?a a ex:Town . ?b a ex:Town . FILTER NOT EXISTS { ?a ex:partOf ?b }",
        "?a a ex:Town . ?b a ex:Town . MINUS { ?a ex:partOf ?b }",
        "?a a ex:Town . ?b a ex:Town . BIND(?a AS ?b)",
        "?a a ex:Town . ?b a ex:Town . VALUES (?a ?b) { (1 2) }",
        "?a a ex:Town . FILTER EXISTS { ?a ?p ?q . ?x ?y ?z }",
        "?a a ex:Town . OPTIONAL { ?a rdfs:label ?l . ?x rdfs:label ?m } ?x ex:partOf ?a",
        "ex:x rdfs:label ?l . ex:y rdfs:label ?m . ex:z ?p ?o",
        "?a a ex:Town . ex:x rdfs:label ?l",
        "{ ?a a ex:Town } UNION { ?b a ex:Activity }",
        "GRAPH ?g { ?a ?b ?c } GRAPH ?g { ?d ?e ?f }",
        "?a a ex:Town . { SELECT (COUNT(*) AS ?n) { ?x ?y ?z } }",
        "VALUES ?x { 1 2 } ?a a ex:Town",
        "?a a ex:Town . MINUS { ?b a ex:Town }",
        "?a ex:population 1. ?a rdfs:label 'x. ?y ?z .' . # ?q ?r ?s",
        "",
    ],
)
def test_what_joins_patterns_is_seen(group, vocabulary):
    assert crossing(f"SELECT * {{ {group} }}", vocabulary) == []


@pytest.mark.parametrize(
    ("group", "told"),
    [
        ("?x a ex:Twon", ("unknown_class", "ex:Twon", "ex:Town")),
        ("?x rdf:type ex:kommune", ("unknown_class", "ex:kommune", "ex:Town")),
        ("?x rdf:label ?l", ("unknown_property", "rdf:label", "rdfs:label")),
        ("?x ex:Population ?l", ("unknown_property", "ex:Population", "ex:population")),
        ("[ ex:populations ?l ] a ex:Town", ("unknown_property", "ex:populations", "ex:population")),
        ("?x ^ex:partOff/ex:partOf+ ?l", ("unknown_property", "ex:partOff", "ex:partOf")),
        (
            "?x <https://example.org/ontology/partOf> ?y",
            ("unknown_property", "<https://example.org/ontology/partOf>", "ex:partOf"),
        ),
        ("?x ex:qqqq ?y", ("unknown_property", "ex:qqqq")),
    ],
)
def test_a_term_that_does_not_occur_is_told_with_the_nearest(group, told, vocabulary):
    assert said(f"SELECT * {{ {group} }} LIMIT 1", vocabulary) == [told]


@pytest.mark.parametrize(
    "query",
    [
        "ASK { OPTIONAL { ?x ex:nono ?y } }",
        "ASK { ?x ex:partOf|ex:nono ?y }",
        "ASK { ?x ex:partOf/ex:nono* ?y ; ex:nono? ?z }",
        "ASK { ?x !(ex:nono) ?y }",
        "ASK { { ?x ex:nono ?y } UNION { ?x ex:partOf ?y } }",
        "ASK { ?x ex:partOf ?y FILTER NOT EXISTS { ?x a ex:Nono } }",
        "ASK { GRAPH ?g { ?x ex:nono ?y } }",
        "ASK FROM <http://example.org/g> { ?x ex:nono ?y }",
        "ASK { ?x ex:partOf ex:Nono, ex:Nono2 ; a ?c ; }",
        "CONSTRUCT { ?x ex:nono ?y } WHERE { ?x ex:partOf ?y }",
        "ASK { ?x a ex:Town . ?x ex:partOf ex:Town. }",
        "DESCRIBE ex:Nono",
    ],
)
def test_what_need_not_occur_is_not_told(query, vocabulary):
    assert said(query, vocabulary) == []


def test_a_suggestion_is_written_by_a_prefix_of_the_query_or_whole(vocabulary):
    query = f"ASK {{ ?x <{EX}partof> ?y }}"
    assert said(query, vocabulary, "") == [("unknown_property", f"<{EX}partof>", f"<{EX}partOf>")]


@pytest.mark.parametrize(
    ("prefix", "more"), [("skos", ("http://example.org/skos#",)), ("exx", ("ex:",)), ("qqqqq", ())]
)
def test_a_prefix_that_is_not_declared_is_told(prefix, more, vocabulary):
    assert said(f"ASK {{ ?x {prefix}:label ?y }}", vocabulary) == [("undeclared_prefix", prefix + ":", *more)]


@pytest.mark.parametrize(
    ("query", "endless"),
    [
        ("SELECT * { ?s ?p ?o }", True),
        ("SELECT * { { SELECT * { ?s ?p ?o } LIMIT 3 } }", True),
        ("SELECT * { ?s ?p ?o } LIMIT 3", False),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", False),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s", False),
        ("SELECT (STR(?s) AS ?n) { ?s ?p ?o }", True),
        ("ASK { ?s ?p ?o }", False),
    ],
)
def test_a_select_without_a_limit_is_told(query, endless):
    assert said(query, None) == ([("no_limit",)] if endless else [])


def test_the_questions_and_panels_are_not_found_fault_with():
    library = Library.load([ROOT / "app" / "defaults" / "queries", ROOT / "queries"])
    panels = [file for files in library.pages.values() for file in files]
    asked = [*panels, *library.questions.values(), *library.rules.values()]
    assert len(asked) > 100
    for file in asked:
        assert {each.code for each in remarks(file.text, None)} <= {"no_limit"}, file.path


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELECT",
        "SELECT * { ?s ?p",
        "}}}",
        "SELECT * { ) (",
        "(" * 5000,
        "{" * 70 + "}" * 70,
        "SELECT * { ?a ?b ?c . ?d ?e ?f }" + " " * LENGTH,
        "SELECT * { ;;; , . / ^ ! | }",
        "SELECT * { FILTER BIND OPTIONAL UNION }",
        "SELECT * { {} UNION UNION {} GRAPH }",
        "SELECT * { SELECT ?x } VALUES",
    ],
)
def test_what_is_not_understood_gets_no_advice(query, vocabulary):
    assert [
        each for each in remarks(query, vocabulary) if each.code not in ("no_limit", "missing_bracket", "stray_bracket")
    ] == []


def test_names_that_are_all_alike_are_not_all_compared():
    # Compared in full, each with each, they would take half a minute.
    many = {Iri(f"{EX}{'abc' * 18}{number}"): 1 for number in range(3000)}
    query = " ".join(f"?x ex:{'acb' * 18}{number} ?y ." for number in range(100))
    found = said(f"ASK {{ {query} }}", Vocabulary({}, many, [], {}))
    assert [code for code, *_ in found] == ["unknown_property"] * 5


WORDS = [*"{}()[].;,/|^*", "?a", "?b", "ex:x", "a", '"', "1.", "_:b", "<http://example.org/x>"]
WORDS += [
    "UNION",
    "OPTIONAL",
    "FILTER",
    "SELECT",
    "VALUES",
    "MINUS",
    "GRAPH",
    "BIND",
    "WHERE",
    "PREFIX",
    "NOT",
    "EXISTS",
]


@given(st.lists(st.sampled_from(WORDS), max_size=40))
def test_it_never_fails(words):
    remarks("SELECT * { " + " ".join(words) + " }", Vocabulary(iris("A"), iris("b"), [], {}))
    remarks(" ".join(words), None)


@pytest.mark.parametrize(
    ("query", "code", "bracket", "line"),
    [
        ("SELECT * WHERE {\n ?s ?p ?o", "missing_bracket", "}", "1"),
        ("SELECT *\nWHERE { ?s ?p ?o FILTER(?o > 1 }", "missing_bracket", ")", "2"),
        ("SELECT * WHERE { ?s ?p ?o }\n}", "stray_bracket", "}", "2"),
    ],
)
def test_a_bracket_without_its_other_half_is_told(query: str, code: str, bracket: str, line: str) -> None:
    assert [(each.code, each.values) for each in refused(query, None)] == [(code, {"bracket": bracket, "line": line})]

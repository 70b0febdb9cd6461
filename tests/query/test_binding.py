"""Binding: a value becomes a term wherever its variable stands, and can never become anything else."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BindingError
from app.query.binding import bind, bind_rows
from app.query.tokens import significant
from app.terms import BlankNode, Iri, Literal

X = Iri("https://example.org/x")


def store() -> ox.Store:
    store = ox.Store()
    store.load(
        b"@prefix e: <https://example.org/> . e:x e:p e:y , e:z ; e:q 'one'@nb . e:y e:p e:x .",
        format=ox.RdfFormat.TURTLE,
    )
    return store


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX e: <https://example.org/> SELECT ?x ?o { ?x e:p ?o } ORDER BY ?o",
        "PREFIX e: <https://example.org/> SELECT ?x (COUNT(?o) AS ?n) { ?x e:p ?o } GROUP BY ?x ORDER BY ?x DESC(?x)",
        "PREFIX e: <https://example.org/> SELECT ?x ?o { { SELECT DISTINCT ?x { ?x e:q ?t } } ?x e:p ?o } ORDER BY ?o",
        "PREFIX e: <https://example.org/> SELECT ?o { ?x e:p ?o FILTER(BOUND(?x) && isIRI(?x)) } ORDER BY ?o",
        "PREFIX e: <https://example.org/> SELECT ?x ?n { ?x e:q ?t OPTIONAL { ?n e:p ?x } FILTER EXISTS { ?x ?p ?o } }",
        "PREFIX e: <https://example.org/> SELECT (str(?x) AS ?s) { ?x e:q ?t }",
    ],
)
def test_a_bound_query_gives_the_rows_that_a_filter_would(query: str) -> None:
    everything = store().query(query)
    names = [variable.value for variable in everything.variables]
    expected = [
        [row[name] for name in names] for row in everything if "x" not in names or row["x"] == ox.NamedNode(str(X))
    ]
    if "x" not in names:
        expected = [row for row in expected if row != [ox.NamedNode("https://example.org/x")]]
    bound = store().query(bind(query, {"x": X}))
    assert [variable.value for variable in bound.variables] == names
    assert [[row[name] for name in names] for row in bound] == expected


@pytest.mark.parametrize(
    "query", ["SELECT * { BIND(1 AS ?x) }", "SELECT * { VALUES (?y ?x) { (1 2) } }", "SELECT (1 AS ?x) {}"]
)
def test_a_variable_that_the_query_assigns_takes_no_value(query: str) -> None:
    with pytest.raises(BindingError, match="assigns"):
        bind(query, {"x": X})


def test_a_variable_in_text_or_comment_is_no_variable() -> None:
    query = 'SELECT * { ?s ?p "?x" } # ?x'
    assert bind(query, {"x": X}) == query


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(BindingError, match="blank node"):
        bind("ASK { ?x ?p ?o }", {"x": BlankNode("b")})


@pytest.mark.parametrize(
    "value", ["https://example.org/ x", "https://example.org/>x", 'https://example.org/"', "a\ud800b:c"]
)
def test_what_is_no_iri_is_refused(value: str) -> None:
    with pytest.raises(BindingError, match="IRI"):
        bind("ASK { ?x ?p ?o }", {"x": Iri(value)})


@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["nb", "en-GB", None]))
def test_a_value_never_changes_the_form_of_a_query(value: str, language: str | None) -> None:
    query = "SELECT ?s { ?s ?p ?x . ?s ?p2 ?x2 FILTER(?x = ?y || str(?x)='a') }"
    literal = Literal(value, language)
    bound = bind(query, {"x": literal})
    kept = [token for token in significant(query) if token.text != "?x"]
    strings = [token for token in significant(bound) if token.kind in ("string", "language")]
    others = [token for token in significant(bound) if token.kind not in ("string", "language")]
    assert [token.text for token in others] == [token.text for token in kept if token.kind != "string"]
    assert len([token for token in strings if token.kind == "string"]) == 4
    solutions = ox.Store().query(bind("SELECT (?x AS ?y) {}", {"x": literal}))
    assert [(row["y"].value, row["y"].language) for row in solutions] == [(value, language and language.lower())]


def test_rows_go_into_the_values_block_of_their_variables() -> None:
    text = "SELECT ?x ?p { VALUES ?x { UNDEF } VALUES (?x ?p) { (UNDEF UNDEF) } ?x ?p ?o }"
    other = Iri("https://example.org/p")
    one = bind_rows(text, ["x"], [(X,), (Iri("not absolute"),)])
    assert "VALUES ?x { <https://example.org/x> } VALUES (?x ?p) { (UNDEF UNDEF) }" in one
    two = bind_rows(one, ["x", "p"], [(X, other)])
    assert [row["p"].value for row in store().query(two)] == [str(other)] * 2
    assert "VALUES ?x {  }" in bind_rows(text, ["x"], [])


def test_rows_without_a_block_or_with_a_blank_node_are_refused() -> None:
    with pytest.raises(BindingError, match="no VALUES block of"):
        bind_rows("SELECT ?x { ?x ?p ?o }", ["x"], [(X,)])
    with pytest.raises(BindingError, match="blank node"):
        bind_rows("SELECT ?x { VALUES ?x { UNDEF } }", ["x"], [(BlankNode("b"),)])

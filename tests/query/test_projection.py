"""The variables that a SELECT projects."""

import pytest

from app.query.rewriting import projection


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT ?a $b WHERE { ?a ?b ?c }", ("a", "b")),
        ("PREFIX select: <http://example.org/> SELECT DISTINCT ?a { ?a select:x ?b }", ("a",)),
        (
            "SELECT (COUNT(*) AS ?n) (MAX(?x + (?y * 2)) as ?most) ?z FROM <http://example.org/g> { ?x ?y ?z }",
            ("n", "most", "z"),
        ),
        ("SELECT (EXISTS { SELECT ?inner { ?inner ?p ?o } } AS ?is) ?b { ?b ?p ?o }", ("is", "b")),
        ("SELECT * { ?a ?b ?c }", None),
        ("SELECT", None),
        ("CONSTRUCT { ?a ?b ?c } WHERE { SELECT ?a { ?a ?b ?c } }", None),
        ("ASK {}", None),
        ("DESCRIBE ?x { ?x ?y ?z }", None),
        ("INSERT DATA {}", None),
    ],
)
def test_the_names_in_order(query, names):
    assert projection(query) == names

"""Terms: written and read again they are the same."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.namespaces import PREFIXES, shrink
from app.terms import XSD, Iri, Literal, n3, parse_term

LANGUAGES = st.sampled_from([None, "nb", "en-gb", "sma"])


@given(st.text(st.characters(codec="utf-8")), LANGUAGES)
def test_a_literal_survives_n_triples(value: str, language: str | None) -> None:
    literal = Literal(value, language)
    assert parse_term(n3(literal)) == literal
    triple = next(iter(ox.parse(f"<a:b> <a:b> {n3(literal)} .".encode(), format=ox.RdfFormat.N_TRIPLES)))
    assert (triple.object.value, triple.object.language) == (value, language)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("<https://example.org/x>", Iri("https://example.org/x")),
        ("https://example.org/å", Iri("https://example.org/å")),
        ("rdfs:label", Iri(PREFIXES["rdfs"] + "label")),
        ('"Snåsa"@nb', Literal("Snåsa", "nb")),
        ('"2023-03-31"^^xsd:date', Literal("2023-03-31", datatype=Iri(XSD + "date"))),
        ("-3", Literal("-3", datatype=Iri(XSD + "integer"))),
        ("3.5", Literal("3.5", datatype=Iri(XSD + "decimal"))),
        ("true", Literal("true", datatype=Iri(XSD + "boolean"))),
        (r'"a\u00e5\n\"b"', Literal('aå\n"b')),
    ],
)
def test_what_a_person_types_is_read(text: str, term: object) -> None:
    assert parse_term(text, PREFIXES) == term


@pytest.mark.parametrize("text", ["", "x", "<x>", "<https://example.org/ x>", '"open', "http://a b", '"x"^^"y"'])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a"):
        parse_term(text, PREFIXES)


def test_shrink_takes_the_longest_namespace() -> None:
    prefixes = {"a": "https://example.org/", "b": "https://example.org/id/"}
    assert shrink("https://example.org/id/x", prefixes) == "b:x"
    assert shrink("https://example.org/x", prefixes) == "a:x"
    assert shrink("https://example.org/x/y", prefixes) is None
    assert shrink("https://example.com/", prefixes) is None

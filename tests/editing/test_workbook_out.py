"""The workbook that is given out: its sheets, columns, lists and hidden facts; nothing in it becomes something else."""

import io
import zipfile

import openpyxl
import pytest

from app.editing.base import Stated
from app.editing.layout import from_tail, headings, sheet_names, tail, unique
from app.editing.tables import tables
from app.editing.workbook_in import read_workbook
from app.namespaces import RDFS_LABEL
from app.terms import Iri, Literal
from tests.editing.sandholmen import base_of, boat, cell, term, written

DESCRIPTION = Iri("http://purl.org/dc/terms/description")


@pytest.fixture
def base(tmp_path):
    return base_of(tmp_path)


def opened(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def test_a_sheet_has_keys_names_help_and_then_the_things(base):
    book = opened(written(base))
    assert book.sheetnames[0] == "Les dette først"
    sheet = book["båt"]
    assert sheet.row_dimensions[1].hidden
    assert sheet["A1"].value == f"innherred {term('Boat')} nb"
    assert [sheet.cell(row, 2).value for row in (1, 2)] == [f"{RDFS_LABEL}@nb", "Navn (norsk bokmål) *"]
    assert "Må fylles ut." in sheet["B3"].value
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref.startswith("A3:")
    assert [sheet.cell(row, 1).value for row in range(4, 8)] == ["krabbe", "skjell", "tang", "tare"]
    assert cell(sheet, "skjell", "Eiere").value == "Anker båtlag\nBølge båtlag"
    assert cell(sheet, "skjell", "Plasser").value == 12
    assert cell(sheet, "skjell", "Lengde").value == 6.5
    assert cell(sheet, "skjell", "Nummer").value == "007"
    assert cell(sheet, "tang", "Bygd").value == "2001-05"


def test_the_first_sheet_says_in_both_languages_what_to_do_and_what_it_was_made_of(base):
    for language, words in (("nb", ("trekk tilbake", "2026-01-31")), ("en", ("withdraw", "2026-01-31"))):
        sheet = opened(written(base, language)).worksheets[0]
        told = "\n".join(str(row[0].value) for row in sheet.iter_rows())
        assert all(word in told for word in words)


def test_lists_are_ranges_and_hold_all_choices(base):
    book = opened(written(base))
    sheet = book["båt"]
    lists = book["Lister"]
    assert (lists.sheet_state, book["Utgangspunkt"].sheet_state) == ("hidden", "veryHidden")
    found = {}
    for rule in sheet.data_validations.dataValidation:
        if rule.type == "list":
            area = book.defined_names[rule.formula1.lstrip("=")].attr_text.partition("!")[2].replace("$", "")
            (place, *_) = str(rule.sqref).split(":")
            heading = sheet.cell(2, sheet[place].column).value
            found[heading] = [row[0].value for row in lists[area]] if ":" in area else [lists[area].value]
    assert found["Tilstand"] == ["på vannet", "på land"]
    assert found["Eiere"] == ["Anker båtlag", "Bølge båtlag"]
    assert found["Seil"] == ["ja", "nei"]
    assert found["Status"] == ["behold", "trekk tilbake", "erstattet av"]
    assert found["Kilde for det som er nytt"] == ["Rettelse: samme kilde som før", "Båtlisten", "Havneplanen"]
    assert found["Hvor sikkert"] == ["oppgitt", "tolket", "usikker"]


def test_a_list_of_many_long_names_is_kept_whole(base):
    for number in range(300):
        thing = Iri(f"https://example.org/sandholmen/id/owner/o-{number}")
        for predicate, value in ((RDFS_LABEL, Literal(f"Et langt navn på et båtlag nummer {number:03}", "nb")),):
            base.add(thing, predicate, Stated(value, "data/plan/boats.ttl"))
        base.add(
            thing, Iri("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), Stated(term("Owner"), "data/plan/boats.ttl")
        )
    book = opened(written(base))
    names = [each.attr_text for each in book.defined_names.values()]
    assert any(each.endswith("$303") for each in names), names


def test_text_that_looks_like_a_formula_or_a_date_stays_text(base):
    risky = ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+47 12", "-1", "3-1", "SEPT2", "1E5", "007"]
    for text in risky:
        base.add(boat("tang"), term("number"), Stated(Literal(text), "data/plan/boats.ttl"))
    for text in risky:
        base.statements[boat("tare")] = {
            **base.statements[boat("tare")],
            term("number"): [Stated(Literal(text), "data/plan/boats.ttl")],
        }
        data = written(base)
        found = cell(opened(data)["båt"], "tare", "Nummer")
        assert (found.value, found.data_type, found.number_format) == (text, "s", "@")
        assert "<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet2.xml").decode()


def test_whole_columns_of_text_are_text_in_empty_rows_too(base):
    sheet = opened(written(base))["båt"]
    numbers = {sheet.cell(2, each).value: each for each in range(1, sheet.max_column + 1)}
    styles = {}
    for dimension in sheet.column_dimensions.values():
        for column in range(dimension.min, dimension.max + 1):
            styles[column] = dimension.number_format
    assert styles[numbers["Nummer"]] == styles[numbers["Bygd"]] == styles[1] == "@"
    assert styles[numbers["Plasser"]] == "General"


def test_what_does_not_fit_is_shown_grey_and_is_not_editable(base):
    long = "ord " * 9_000
    base.statements[boat("tang")][DESCRIPTION] = [Stated(Literal(long, "nb"), "data/plan/boats.ttl")]
    base.add(
        boat("tang"),
        term("seats"),
        Stated(Literal("5", datatype=Iri("http://www.w3.org/2001/XMLSchema#integer")), "data/register/boats.ttl"),
    )
    data = written(base)
    sheet = opened(data)["båt"]
    for heading in ("Beskrivelse (norsk bokmål)", "Plasser"):
        assert cell(sheet, "tang", heading).fill.fgColor.rgb == "FFE7E6E6", heading
    assert len(cell(sheet, "tang", "Beskrivelse (norsk bokmål)").value) <= 32_767
    assert cell(sheet, "tang", "Plasser").value == "4\n5"
    found = read_workbook(data, base, tables(base))
    assert (found.filled, found.findings) == ((), ())


def test_nothing_is_protected_as_locked_cells_break_sorting(base):
    book = opened(written(base))
    assert not any(sheet.protection.sheet for sheet in book.worksheets)


def test_the_same_content_gives_the_same_bytes(base, tmp_path):
    again = base_of(tmp_path / "again")
    assert written(base) == written(again)
    assert written(base) != written(base, "en")


def test_only_some_classes_or_things(base):
    assert opened(written(base, classes={term("Owner")})).sheetnames == [
        "Les dette først",
        "eier",
        "Lister",
        "Utgangspunkt",
    ]
    sheet = opened(written(base, things={term("Boat"): [boat("tare")]}, classes={term("Boat")}))["båt"]
    assert [sheet.cell(row, 1).value for row in range(4, sheet.max_row + 1)] == ["tare"]


def test_names_of_sheets_and_columns_are_unique_and_short(base):
    long = {"nb": "Et svært langt navn på en tabell [med] tegn: som ikke kan stå der"}
    found = tables(base)
    alike = [type(each)(each.cls, each.kind, long, {}, each.columns) for each in found.values()]
    names = list(sheet_names(alike, "nb").values())
    assert len({each.casefold() for each in names}) == len(names) == 3
    assert all(len(each) <= 31 and not set("[]:*?/\\") & set(each) for each in names)
    heads = [each.name.casefold() for each in headings(base, found[term("Boat")], "nb")]
    assert len(set(heads)) == len(heads)
    assert list(unique(["Navn", "navn", "NAVN"])) == ["Navn", "navn (2)", "NAVN (3)"]


@pytest.mark.parametrize(
    "iri",
    [
        "https://example.org/sandholmen/id/boat/tang",
        "https://example.org/sandholmen/id/owner/anker",
        "https://example.org/sandholmen/id/boat/a/b",
        "http://publications.europa.eu/resource/authority/country/NOR",
        "https://example.org/sandholmen/x",
        "https://example.org/sandholmen/id/boat/urn:x",
        "urn:isbn:1",
    ],
)
def test_an_id_comes_back_as_the_thing_it_is_of(base, iri):
    table = tables(base)[term("Boat")]
    assert from_tail(tail(Iri(iri), table, base), table, base) == iri


def test_text_with_what_xml_cannot_hold_is_written_and_told_unchanged(base):
    for text in ("a\x00b\x1fc", "\u202eavd\u202c", "𐐷 " * 100, "_x000D_", "a\r\nb"):
        base.statements[boat("tang")][DESCRIPTION] = [Stated(Literal(text, "nb"), "data/plan/boats.ttl")]
        found = read_workbook(written(base), base, tables(base))
        assert found.filled == (), text
        assert found.findings == (), text

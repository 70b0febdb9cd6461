"""The marked workbook: every finding at its cell, values alone, and it can be mended and sent in again."""

import io
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest

from app.editing.drafting import proposal
from app.editing.marked import marked
from app.editing.tables import tables
from app.editing.workbook_in import read_workbook
from app.terms import Iri
from tests.editing.sandholmen import base_of, cell, edited, setting, term, written

SOURCE = "Kilde for det som er nytt"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_of(tmp_path_factory.mktemp("sandholmen"))


@pytest.fixture(scope="module")
def out(base):
    return written(base)


def judged(base, data):
    """Give all that is wrong with a workbook, as its sender is told it."""
    found = read_workbook(data, base, tables(base))
    _, more = proposal(base, found.filled, door="workbook", title="", language=found.language)
    return (*found.findings, *more)


def twelve_faults(book):
    sheet = book["båt"]
    for row, heading, value in (
        ("skjell", "Plasser", "=1+1"),
        ("skjell", "Lengde", "lang"),
        ("skjell", "Seil", "kanskje"),
        ("skjell", "Tilstand", "i lufta"),
        ("skjell", "Eiere", "Ankr båtlag"),
        ("skjell", "Nettside", "ikke en adresse"),
        ("skjell", "Bygd", "i fjor"),
        ("skjell", "Nummer", 7),
        ("tang", "Hvor sikkert", "tja"),
        ("tang", "Status", "kast"),
        ("tang", "Nummer", datetime.fromisoformat("2026-03-01")),
        ("tare", "Id", "tarre"),
    ):
        cell(sheet, row, heading).value = value


def test_each_of_twelve_faults_is_at_its_cell(base, out):
    data = edited(out, twelve_faults)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["båt"]
    findings = judged(base, data)
    wrong = {each.place for each in findings if each.severity == "error"}
    numbers = {sheet.cell(2, each).value: each for each in range(1, sheet.max_column + 1)}
    at = {
        (sheet.cell(row, 1).value, heading): f"båt!{sheet.cell(row, number).coordinate}"
        for row in range(4, 8)
        for heading, number in numbers.items()
    }
    expected = {
        *(
            at["skjell", heading]
            for heading in ("Plasser", "Lengde", "Seil", "Tilstand", "Eiere", "Nettside", "Bygd", "Nummer")
        ),
        *(at["tang", heading] for heading in ("Hvor sikkert", "Status", "Nummer")),
        at["tarre", "Id"],
    }
    assert expected <= wrong
    made = openpyxl.load_workbook(io.BytesIO(marked(data, findings, base, tables(base))))
    for place in expected:
        found = made["båt"][place.removeprefix("båt!")]
        assert found.comment is not None, place
        assert found.fill.fgColor.rgb == "FFF8CBAD" or isinstance(found.value, datetime), place
    listed = {row[0].value for row in made.worksheets[0].iter_rows(min_row=3)}
    assert expected <= listed
    assert made["båt"][at["skjell", "Plasser"].removeprefix("båt!")].data_type != "f"


def test_the_marked_workbook_can_be_mended_and_sent_in(base, out):
    data = edited(out, setting("skjell", "Plasser", "mange"))
    again = marked(data, judged(base, data), base, tables(base))
    assert [each.code for each in judged(base, again)] == [each.code for each in judged(base, data)]
    mended = edited(again, setting("skjell", "Plasser", 13))
    [(_, rows)] = read_workbook(mended, base, tables(base)).filled
    assert rows[0].edited == {term("seats"): 13}
    clean = edited(again, setting("skjell", "Plasser", 12))
    found = read_workbook(clean, base, tables(base))
    assert (found.filled, found.findings) == ((), ())


def test_a_marked_workbook_has_its_lists_to_choose_from(base, out):
    def change(book):
        setting("skjell", "Plasser", "mange")(book)
        book["båt"].move_range("C1:C9", cols=40)  # a column that was moved
        book["Lister"]["A1"].value = "=cmd|' /C calc'!A0"
        book["båt"].data_validations.dataValidation[0].formula1 = "[evil.xlsx]Sheet1!$A$1:$A$2"

    def lists(data):
        book = openpyxl.load_workbook(io.BytesIO(data))
        sheet, chosen = book["båt"], {}
        for rule in sheet.data_validations.dataValidation:
            if rule.type == "list":
                place = book.defined_names[rule.formula1].attr_text
                name, cells = next(book.defined_names[rule.formula1].destinations)
                entries = [cell[0].value for cell in book[name][cells.replace("$", "")]]
                column = next(iter(rule.sqref.ranges)).min_col
                chosen[sheet.cell(1, column).value] = (next(iter(rule.sqref.ranges)).min_row, entries)
                assert book[name].sheet_state == "hidden", place
        return chosen

    data = edited(out, change)
    again = marked(data, judged(base, data), base, tables(base))
    assert lists(again) == lists(out)
    assert b"evil" not in again
    assert len(lists(out)) > 4


@pytest.mark.parametrize("name", ["FUNN", "lister", "Findings"])
def test_a_sheet_with_a_name_of_ours_in_other_letters_is_no_fault(base, out, name):
    def change(book):
        book.create_sheet(name)["A1"].value = "mine"
        setting("skjell", "Plasser", "mange")(book)

    data = edited(out, change)
    assert marked(data, judged(base, data), base, tables(base))


def test_no_formula_macro_or_link_of_the_sender_travels_on(base, out):
    def change(book):
        book["båt"]["B20"].value = '=HYPERLINK("https://example.org")'
        book["båt"]["C20"].value = "=cmd|' /C calc'!A0"
        book["båt"]["D20"].hyperlink = "https://example.org/evil"
        book["båt"]["D20"].value = "lenke"

    data = edited(out, change)
    package = zipfile.ZipFile(io.BytesIO(marked(data, judged(base, data), base, tables(base))))
    everything = b"".join(package.read(name) for name in package.namelist())
    assert b"<f>" not in everything
    assert b"evil" not in everything
    assert not any("vba" in name or "external" in name for name in package.namelist())


def test_of_a_file_that_cannot_be_read_there_is_the_list(base):
    findings = read_workbook(b"a;b\n", base, tables(base)).findings
    made = openpyxl.load_workbook(io.BytesIO(marked(b"a;b\n", findings, base, tables(base), language="en")))
    assert made.sheetnames == ["Findings"]
    assert "text file" in made.worksheets[0]["C3"].value


def test_places_and_words_of_any_kind_are_written(base, out):
    [first, *_] = read_workbook(b"", base, tables(base)).findings
    odd = [
        replace(first, place=place, severity=severity, subject=Iri("https://example.org/x"))
        for place in ("båt!A1", "båt!ZZZ9999999", "nei!B2", "båt", "", None, "=1+1!A1", "a'b!C3", "x" * 40_000)
        for severity in ("error", "warning", "info")
    ]
    long = [replace(first, messages={"nb": "=1+1 " + "å" * 40_000, "en": "x"}, place="båt!B5")]
    made = openpyxl.load_workbook(io.BytesIO(marked(out, [*odd, *long], base, tables(base))))
    assert made.worksheets[0].max_row == 2 + len(odd) + 1
    assert made["båt"]["B5"].comment is not None


def test_the_same_findings_give_the_same_bytes(base, out):
    data = edited(out, setting("skjell", "Plasser", "mange"))
    assert marked(data, judged(base, data), base, tables(base)) == marked(data, judged(base, data), base, tables(base))

"""Workbooks that LibreOffice has saved, as XLSX and ODS: unedited nothing changes, one edit is one change."""

import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
import python_calamine

from app.content.folders import Content
from app.editing.base import Base
from app.editing.drafting import proposal
from app.editing.grids import WorkbookLimits
from app.editing.tables import tables
from app.editing.workbook_in import read_book, read_workbook
from app.terms import typed
from tests.editing.sandholmen import base_of, boat, cell, codes, edited, setting, term, written

OFFICE = shutil.which("soffice")
SHIPPED = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Give what saves workbooks, by name, with LibreOffice in another format: one start for all of them."""
    folder = tmp_path_factory.mktemp("office")

    def save(books, suffix):
        for name, data in books.items():
            (folder / f"{name}.xlsx").write_bytes(data)
        out = folder / suffix
        command = [OFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", suffix, "--outdir", str(out), *(str(folder / f"{name}.xlsx") for name in books)]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        return {name: (out / f"{name}.{suffix}").read_bytes() for name in books}

    return save


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_of(tmp_path_factory.mktemp("sandholmen"))


@pytest.fixture(scope="module")
def shipped():
    return Base.read(Content.open(SHIPPED))


def faulty(book):
    """Do what people do to a sheet that a program then saves as it likes."""
    sheet = book["båt"]
    cell(sheet, "tang", "Plasser").value = "=2+3"
    cell(sheet, "skjell", "Plasser").value = "=NA()"
    cell(sheet, "krabbe", "Bygd").value = 2018
    sheet.merge_cells(f"{cell(sheet, 'tare', 'Plasser').coordinate}:{cell(sheet, 'tare', 'Lengde').coordinate}")
    sheet.row_dimensions[cell(sheet, "krabbe", "Id").row].hidden = True


@pytest.fixture(scope="module")
def given(shipped):
    """Give the workbooks of the shipped content by language."""
    return {language: written(shipped, language) for language in ("nb", "en")}


@pytest.fixture(scope="module")
def books(base, given, saved):
    """Give workbooks by format and name, each saved by LibreOffice."""
    made = {
        "one": edited(written(base), setting("tang", "Plasser", 5)),
        "faulty": edited(written(base), faulty),
        "plain": written(base),
    }
    nb, en = {"shipped-nb": given["nb"]}, {"shipped-en": given["en"]}
    return {"xlsx": saved({**made, **nb}, "xlsx"), "ods": saved({**made, **nb, **en}, "ods")}


@pytest.mark.parametrize(("suffix", "language"), [("xlsx", "nb"), ("ods", "nb"), ("ods", "en")])
def test_the_shipped_content_comes_back_unchanged(shipped, books, suffix, language):
    found = read_workbook(books[suffix][f"shipped-{language}"], shipped, tables(shipped))
    assert (found.filled, found.findings, found.language) == ((), (), language)
    assert found.rows > 600


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_shipped_content_as_it_was_given_out_changes_nothing(shipped, given, language):
    found = read_workbook(given[language], shipped, tables(shipped))
    assert (found.filled, found.findings) == ((), ())


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_one_edit_is_one_change(base, books, suffix):
    found = read_workbook(books[suffix]["one"], base, tables(base))
    made, _ = proposal(base, found.filled, door="workbook", title="", language=found.language)
    assert [(each.subject, each.predicate, each.value) for each in made.removed] == [
        (boat("tang"), term("seats"), typed(4, "integer"))
    ]
    [(_, rows)] = found.filled
    assert rows[0].edited == {term("seats"): 5}
    assert found.findings == ()


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_formulas_errors_merged_cells_and_hidden_rows_are_told(base, books, suffix):
    found = read_workbook(books[suffix]["faulty"], base, tables(base))
    assert sorted(codes(found)) == ["cell-error", "formula", "merged"]
    assert "hidden-rows" in [each.code for each in found.findings]
    [(_, [row])] = found.filled
    assert (row.id, {key: str(value) for key, value in row.edited.items()}) == (boat("krabbe"), {term("built"): "2018"})


def test_open_document_is_read_as_another_reader_reads_it(books):
    data = books["ods"]["plain"]
    other = python_calamine.load_workbook(io.BytesIO(data))
    for grid in read_book(data, WorkbookLimits()).grids:
        there = {
            (row, column): value
            for row, values in enumerate(other.get_sheet_by_name(grid.name).to_python(skip_empty_area=False), 1)
            for column, value in enumerate(values, 1)
            if value != ""
        }
        ours = {(row, column): value for row, values in grid.rows.items() for column, value in values.items()}
        assert ours == there


def test_drop_downs_and_hidden_sheets_survive_libreoffice(books):
    book = openpyxl.load_workbook(io.BytesIO(books["xlsx"]["plain"]))
    assert book["Lister"].sheet_state != "visible"
    assert book["Utgangspunkt"].sheet_state != "visible"
    assert any(each.type == "list" for each in book["båt"].data_validations.dataValidation)

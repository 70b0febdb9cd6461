"""Files that are no workbook of ours, are damaged, or are meant to harm: refused in words, in bounded time."""

import csv
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter

from app.editing.drafting import proposal
from app.editing.grids import WorkbookLimits
from app.editing.tables import tables
from app.editing.workbook_in import read_book, read_workbook
from app.terms import Iri, Literal
from tests.editing.sandholmen import base_of, codes, edited, setting, term, written

SHEET = "xl/worksheets/sheet2.xml"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_of(tmp_path_factory.mktemp("sandholmen"))


@pytest.fixture(scope="module")
def out(base):
    return written(base)


def read(base, data, **limits):
    return read_workbook(data, base, tables(base), limits=WorkbookLimits(**limits))


def with_parts(data, changed):
    """Give a package with some parts made anew: each a function of what it was, or bytes for a new one."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            make = changed.get(name)
            new.writestr(name, make(old.read(name)) if callable(make) else make or old.read(name))
        for name in set(changed) - set(old.namelist()):
            new.writestr(name, changed[name])
    return target.getvalue()


def refused(base, data, **limits):
    """Give the code of the one finding of a workbook that is not read at all."""
    found = read(base, data, **limits)
    assert found.filled == ()
    [finding] = found.findings
    assert finding.severity == "error"
    assert set(finding.messages) == {"nb", "en"}
    return finding.code


def old_office(name):
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"\x00" * 500 + name.encode("utf-16-le") + b"\x00" * 500


def package(**parts):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as new:
        for name, content in parts.items():
            new.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (old_office("Workbook"), "old-format"),
        (old_office("EncryptedPackage"), "encrypted"),
        ("navn;plasser\nTang;4\n".encode("cp1252"), "text-file"),
        ("navn,plasser\nTåre,4\n".encode("utf-8-sig"), "text-file"),
        ("navn\tplasser\n".encode("utf-16"), "text-file"),
        (b"%PDF-1.7 a, b; c", "no-workbook"),
        (b"\x89PNG\r\n\x1a\n,,;", "no-workbook"),
        (b"", "no-workbook"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (package(word__document_dot_xml="<x/>"), "no-workbook"),
        (package(xl__workbook_dot_bin="x"), "binary-format"),
        (package(xl__workbook_dot_xml="<x/>"), "damaged"),
    ],
)
def test_what_is_no_workbook_is_named(base, data, code):
    assert refused(base, data) == code


def test_strict_office_open_xml_is_refused_in_words(base, out):
    strict = with_parts(
        out,
        {
            "xl/workbook.xml": lambda old: old.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            )
        },
    )
    assert refused(base, strict) == "strict-format"


def test_external_links_are_refused(base, out):
    assert refused(base, with_parts(out, {"xl/externalLinks/externalLink1.xml": b"<x/>"})) == "external-links"


def test_macros_are_told_and_values_are_read(base, out):
    data = with_parts(edited(out, setting("tang", "Plasser", 5)), {"xl/vbaProject.bin": b"x"})
    found = read(base, data)
    assert [each.code for each in found.findings] == ["macros"]
    [(_, rows)] = found.filled
    assert rows[0].edited == {term("seats"): 5}


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml", "docProps/custom.xml"]
)
def test_declared_entities_are_refused_wherever_they_are(base, out, part):
    def change(old):
        return BOMB + old.partition(b"?>")[2].replace(b">", b">&b;", 1)

    assert refused(base, with_parts(out, {part: change})) in ("declared-entities", "damaged")


def test_entities_in_another_encoding_are_refused_too(base, out):
    def change(old):
        text = BOMB.decode().replace("?>", ' encoding="UTF-16"?>', 1) + old.decode().partition("?>")[2]
        return text.encode("utf-16")

    assert refused(base, with_parts(out, {SHEET: change})) in ("declared-entities", "damaged")


def test_a_file_that_is_too_large_is_not_opened(base, out):
    assert refused(base, out, size=1_000) == "too-large"


def test_a_zip_bomb_is_not_unpacked(base, out):
    bomb = with_parts(out, {"xl/media/x.bin": b"\x00" * 60_000_000})
    assert len(bomb) < 200_000
    assert refused(base, bomb) == "too-much"


def test_many_parts_sheets_and_cells_are_refused(base, out):
    assert refused(base, with_parts(out, {f"xl/x{n}.xml": b"<x/>" for n in range(2_001)})) == "too-much"
    assert refused(base, out, sheets=3) == "too-much"
    assert refused(base, out, cells=50) == "too-much"


def test_one_cell_far_away_does_not_make_room_for_all_between(base, out):
    data = edited(out, lambda book: book["båt"].__setitem__("XFD1048576", "x"))
    assert refused(base, data) == "too-much"


def test_a_million_formatted_rows_are_as_good_as_none(base, out):
    rows = b"".join(b'<row r="%d"><c r="XFD%d" s="2"/></row>' % (n, n) for n in range(12, 1_048_577))
    data = with_parts(out, {SHEET: lambda old: old.replace(b"</sheetData>", rows + b"</sheetData>")})
    found = read(base, data)
    assert (found.filled, found.findings, found.rows) == ((), (), 8)


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_damaged(base, out, cut):
    assert refused(base, out[: int(len(out) * cut)]) == "damaged"


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("content", [b"", b"<", b"<x/>", b"\xff\xfe\x00"])
def test_parts_that_are_something_else_are_no_exception(base, out, part, content):
    found = read(base, with_parts(out, {part: lambda _old: content}))
    assert all(each.severity == "error" or each.code for each in found.findings)
    assert found.findings or found.filled == ()


def test_places_that_are_none_are_no_exception(base, out):
    for old, new in (
        (b'r="B5"', b'r="5B"'),
        (b'<row r="5"', b'<row r="x"'),
        (b'<row r="5"', b'<row r="-1"'),
        (b'r="B5"', b'r="ZZZZZZ9"'),
    ):
        data = with_parts(out, {SHEET: lambda sheet, old=old, new=new: sheet.replace(old, new, 1)})
        found = read(base, data)
        assert all(set(each.messages) == {"nb", "en"} for each in found.findings)


TEXTS = [
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\u202etxet sdrawkcab\u202c",
    "a\u0000b",
    "x" * 32_767,
    "🚤" * 16_000,
    "'; DROP TABLE boats; --",
    '"@nb . <x> <y> <z>',
    "https://example.org/> <x",
]


@pytest.fixture(scope="module")
def cells(out):
    """Give what stands in a workbook, by the names of the sheets."""
    book = openpyxl.load_workbook(io.BytesIO(out))
    return {
        sheet.title: {(each.row, each.column): each.value for row in sheet.iter_rows() for each in row if each.value}
        for sheet in (book["båt"], book["Utgangspunkt"])
    }


HEADINGS = ["Navn (norsk bokmål) *", "Eiere", "Nettside", "Bygd", "Kilde for det som er nytt", "Status", "Id"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("heading", HEADINGS)
def test_hostile_text_in_a_cell_is_kept_as_text_or_told(base, cells, text, heading):
    column = next(column for (row, column), value in cells["båt"].items() if (row, value) == (2, heading))
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False})
    for title, stated in cells.items():
        made = book.add_worksheet(title)
        for (row, number), value in stated.items():
            made.write(row - 1, number - 1, value)
        if title == "båt":
            made.write_number(4, 6, 13)
            made.write_string(4, column - 1, text.replace("\u0000", ""))
    book.close()
    found = read(base, target.getvalue())
    made, more = proposal(base, found.filled, door="workbook", title="", language="nb")
    for each in made.added:
        assert isinstance(each.value, Iri | Literal)
        assert isinstance(each.value, Literal) or not set("<> ") & set(each.value)
    assert made.added or made.removed or codes(found) or more or text == ""


def test_a_csv_from_excel_is_named_as_one(base):
    target = io.StringIO()
    csv.writer(target, delimiter=";").writerows([["Id", "Navn"], ["tang", "Tang"]])
    assert refused(base, target.getvalue().encode()) == "text-file"


def test_an_encrypted_package_is_named(base, out):
    data = bytearray(out)
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.find(b"PK\x01\x02", place + 4)
    assert refused(base, bytes(data)) == "encrypted"


def open_document(rows, before=""):
    """Give a workbook of OpenDocument with one sheet of these rows."""
    names = {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    }
    spaces = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in names.items())
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="båt">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
    return target.getvalue()


def ods_cell(value, **attributes):
    more = "".join(f' table:{name.replace("_", "-")}="{text}"' for name, text in attributes.items())
    return f'<table:table-cell office:value-type="string"{more}><text:p>{value}</text:p></table:table-cell>'


EMPTY = (
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"/>'
    "</table:table-row>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (
            open_document(f"<table:table-row>{ods_cell('x', number_columns_repeated=2_000_000_000)}</table:table-row>"),
            "too-much",
        ),
        (
            open_document(
                f'<table:table-row table:number-rows-repeated="2000000000">{ods_cell("x")}</table:table-row>'
            ),
            "too-much",
        ),
        (open_document("", before='<!DOCTYPE x [<!ENTITY a "aa">]>'), "declared-entities"),
        (open_document("<table:table-row>"), "damaged"),
        (open_document('<table:table-row table:number-rows-repeated="mange"/>'), "damaged"),
        (open_document(EMPTY * 100), "no-table"),
    ],
)
def test_open_document_is_bounded_too(base, data, code):
    found = read(base, data)
    assert code in codes(found)
    assert found.filled == ()


def test_spaces_that_are_counted_do_not_fill_the_memory(base):
    spaces = '<text:s text:c="2000000000"/>' * 1_000
    found = read(base, open_document(f"<table:table-row>{ods_cell(spaces)}</table:table-row>"))
    assert codes(found) == ["no-table"]


def test_a_comment_in_open_document_is_not_what_the_cell_says(base):
    note = "<office:annotation><text:p>husk</text:p></office:annotation>"
    words = "<text:p>Tang<text:s/>a</text:p><text:p>b</text:p>"
    one = f'<table:table-cell office:value-type="string">{note}{words}</table:table-cell>'
    row = f"<table:table-row>{one}</table:table-row>"
    [grid] = read_book(open_document(row), WorkbookLimits()).grids
    assert grid.rows == {1: {1: "Tang a\nb"}}


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/styles.xml", b"</cellXfs>", b"<xf/>" * 900_000 + b"</cellXfs>"),
        ("xl/sharedStrings.xml", b"</sst>", b"<si><t/></si>" * 1_600_000 + b"</sst>"),
        ("xl/workbook.xml", b"</sheets>", b'<sheet name="a" sheetId="9" r:id="rId2"/>' * 100 + b"</sheets>"),
        (SHEET, b"</sheetData>", b'<row r="20">' + b"<c><f/></c>" * 100_001 + b"</row></sheetData>"),
    ],
)
def test_parts_that_would_become_many_objects_are_refused_first(base, out, part, old, new):
    assert refused(base, with_parts(out, {part: lambda text: text.replace(old, new)})) == "too-much"


def test_strings_do_not_hide_among_the_sheets(base, out):
    data = with_parts(
        out, {"[Content_Types].xml": lambda old: old.replace(b"/xl/sharedStrings.xml", b"/xl/worksheets/sheet99.xml")}
    )
    assert refused(base, data) == "damaged"

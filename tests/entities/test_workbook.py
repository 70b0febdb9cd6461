"""Workbooks, read back by another library than the one that writes them."""

import io
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.entities.labels import Label, Labels
from app.entities.workbook import AboutSheet, value, workbook
from app.errors import AnswerTooLarge
from app.store.interface import Solutions
from app.terms import XSD, BlankNode, Iri, Literal

THING = Iri("http://example.org/id/thing/1")
CELL = 32_767


def midnight(day):
    return datetime.fromisoformat(f"{day}T00:00:00")


def typed(text, name):
    return Literal(text, datatype=Iri(XSD + name))


def about(**changes):
    given = {
        "headings": {},
        "labels": Labels(),
        "link": str,
        "sheets": ("Answer", "About"),
        "facts": [("Title", "A question")],
        "shortened": "Shortened",
        "made": datetime(2026, 1, 2, tzinfo=UTC),
    }
    return AboutSheet(**{**given, **changes})


def written(*rows, variables=("x",), **changes):
    return openpyxl.load_workbook(
        io.BytesIO(workbook(Solutions(variables, [dict(each) for each in rows]), about(**changes)))
    )


def cell(term):
    return written({"x": term})["Answer"]["A2"]


def test_things_have_their_label_with_a_link_and_their_iri_beside():
    book = written(
        {"x": THING, "y": BlankNode("b")},
        {"y": Literal("tekst", "nb")},
        variables=("x", "y"),
        labels=Labels({THING: Label("A thing")}),
        headings={"x": "Thing"},
    )
    sheet = book["Answer"]
    assert list(sheet.values) == [("Thing", "y", "Thing (IRI)"), ("A thing", "_:b", THING), (None, "tekst", None)]
    assert sheet["A2"].hyperlink.target == THING
    assert sheet["B2"].hyperlink is None
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C3")
    assert sheet["A1"].font.bold


def test_the_second_sheet_tells_of_the_first():
    book = written({"x": Literal("a")}, facts=[("Title", "=1+1"), ("Date", typed("2026-11-22", "date"))])
    assert list(book["About"].values) == [("Title", "=1+1"), ("Date", midnight("2026-11-22"))]
    assert book["About"]["B1"].data_type == "s"
    assert book.properties.title == "=1+1"


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (typed("42", "integer"), 42),
        (typed("-7", "nonPositiveInteger"), -7),
        (typed("123456789012345", "integer"), 123456789012345),
        (typed("1234567890123456", "integer"), "1234567890123456"),
        (typed("12.50", "decimal"), 12.5),
        (typed("0.1234567890123456", "decimal"), "0.1234567890123456"),
        (typed("1e5", "decimal"), "1e5"),
        (typed("0." + "0" * 400 + "1", "decimal"), "0." + "0" * 400 + "1"),
        (typed("1.5E3", "double"), 1500.0),
        (typed("INF", "double"), "INF"),
        (typed("NaN", "double"), "NaN"),
        (typed("1e-310", "double"), "1e-310"),
        (typed("2026", "gYear"), 2026),
        (typed("-0044", "gYear"), "-0044"),
        (typed("true", "boolean"), True),
        (typed("0", "boolean"), False),
        (typed("yes", "boolean"), "yes"),
        (typed("2026-02-30", "date"), "2026-02-30"),
        (typed("1814-05-17", "date"), "1814-05-17"),
        (typed("1900-02-28T10:00:00", "dateTime"), "1900-02-28T10:00:00"),
        (typed("2026-01-02Z", "date"), "2026-01-02Z"),
        (typed("2026-01-02T03:04:05+01:00", "dateTime"), "2026-01-02T03:04:05+01:00"),
        (typed("twelve", "integer"), "twelve"),
        (typed("twelve", "double"), "twelve"),
        (Literal("0042"), "0042"),
        (Literal("3", "nb"), "3"),
    ],
)
def test_values_are_typed_where_a_spreadsheet_keeps_them_as_they_are(term, expected):
    assert value(term) == expected
    found = cell(term).value
    assert (found, type(found)) == (expected, type(expected)) or (type(expected) is float and found == expected)


def test_dates_and_times_are_dates():
    assert cell(typed("2026-11-22", "date")).value == midnight("2026-11-22")
    assert cell(typed("2026-11-22", "date")).number_format == "yyyy-mm-dd"
    assert cell(typed("2026-11-22T01:02:03", "dateTime")).value == datetime.fromisoformat("2026-11-22T01:02:03")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK(1)", "{=1}", "http://a.example/"])
def test_what_looks_like_a_formula_is_text(text):
    found = cell(Literal(text))
    assert (found.value, found.data_type, found.hyperlink) == (text, "s", None)
    assert found.quotePrefix is text.startswith(("=", "+", "-", "@", "\t"))
    label = written({"x": THING}, labels=Labels({THING: Label(text)}), link=lambda _: None)["Answer"]["A2"]
    assert (label.value, label.data_type) == (text, "s")


def raw(term):
    """Give the text of a cell as it is in the file, its escapes read as Excel does (ECMA-376 part 1, §22.9.2.19)."""
    with zipfile.ZipFile(io.BytesIO(workbook(Solutions(("x",), [{"x": term}]), about()))) as file:
        tree = ET.fromstring(file.read("xl/worksheets/sheet1.xml"))
    texts = [each.text or "" for each in tree.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}t")]
    return texts[1].replace("_x005F_", "_")


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=30))
def test_any_text_gives_a_file_that_can_be_read(text):
    found = raw(Literal(text))
    assert len(found) == len(text.replace("\r\n", "\n"))
    kept = [(a, b) for a, b in zip(found, text.replace("\r\n", "\n"), strict=True) if a != b]
    assert all(a == "\ufffd" or (a, b) == ("\n", "\r") for a, b in kept)


def test_control_characters_and_escapes_of_the_format():
    assert raw(Literal("a\x00b\x1fc\ud800d\uffff")) == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert raw(Literal("_x0041_")) == "_x0041_"
    assert raw(Literal("<b>&amp;\r\n  end ")) == "<b>&amp;\n  end "


def test_what_a_cell_cannot_hold_is_shortened_with_a_mark_and_told():
    book = written({"x": Literal("x" * 40_000)}, {"x": Literal("y" * CELL)}, {"x": Literal("😀" * 20_000)})
    first, second, third = (book["Answer"][f"A{row}"].value for row in (2, 3, 4))
    assert len(first) == CELL
    assert first.endswith("x […]")
    assert second == "y" * CELL
    assert third.endswith("😀 […]")
    assert len(third.encode("utf-16-le")) <= 2 * CELL
    assert list(book["About"].values)[-1] == ("Shortened", 2)


def test_an_address_that_is_no_link_for_excel_stays_text(monkeypatch):
    monkeypatch.setattr("app.entities.workbook._LINKS", 1)
    links = {"a": "http://example.org/" + "a" * 3000, "b": "http://example.org/b", "c": "http://example.org/c"}
    things = {name: Iri(f"urn:{name}") for name in links}
    book = written(*({"x": each} for each in things.values()), link=lambda iri: links[iri[-1]])
    cells = [book["Answer"][f"A{row}"].hyperlink for row in (2, 3, 4)]
    assert [each and each.target for each in cells] == [None, "http://example.org/b", None]


def test_more_rows_or_columns_than_a_sheet_has_are_refused(monkeypatch):
    monkeypatch.setattr("app.entities.workbook.ROWS", 3)
    row = {"x": Literal("a")}
    assert written(row, row)["Answer"].max_row == 3
    with pytest.raises(AnswerTooLarge, match="3 rows and 1 columns"):
        written(row, row, row)
    with pytest.raises(AnswerTooLarge, match="16385 columns"):
        written(variables=tuple(f"v{number}" for number in range(16_385)))


def test_no_rows_and_no_columns_are_a_workbook_too():
    assert list(written()["Answer"].values) == [("x",)]
    assert list(written(variables=(), facts=[])["Answer"].values) == []


def test_headings_that_are_long_or_hostile():
    heading = written(variables=("x",), headings={"x": "=\x00" + "h" * 40_000})["Answer"]["A1"]
    assert (heading.value[:3], heading.data_type, len(heading.value)) == ("=\ufffdh", "s", 255)


def test_sheets_are_named_within_what_excel_takes():
    names = ("'[A]: b*?/\\\x00" + "😀" * 30, "History of it'")
    assert written(sheets=names).sheetnames == ["A   b    \ufffd" + "😀" * 9, "History of it"]


def test_the_same_gives_the_same_bytes():
    rows = [{"x": THING}, {"x": typed("2026-11-22", "date")}]
    assert workbook(Solutions(("x",), rows), about()) == workbook(Solutions(("x",), rows), about())

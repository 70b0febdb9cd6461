"""Rows of queries as tables."""

from app.entities.panels import Cell, table_of
from app.query.library import without_header
from app.terms import XSD, Iri, Literal

TOWN = Iri("http://example.org/town")
NAME = Literal("Byen", "nb")


def test_a_companion_is_the_text_of_its_variable() -> None:
    table = table_of(("town", "townLabel", "size"), [{"town": TOWN, "townLabel": NAME}])
    assert table.columns == ("town", "size")
    assert table.rows == ((Cell(TOWN, NAME), Cell(None)),)
    assert list(table.terms()) == [None]


def test_a_companion_stands_in_for_a_missing_value() -> None:
    assert table_of(("town", "townLabel"), [{"townLabel": NAME}]).rows == ((Cell(NAME, NAME),),)


def test_a_label_without_its_variable_is_a_column() -> None:
    assert table_of(("townLabel",), []).columns == ("townLabel",)


def test_equal_rows_are_shown_once_on_a_page_but_not_for_a_query_from_outside() -> None:
    rows = [{"town": TOWN}, {"town": TOWN}]
    assert len(table_of(("town",), rows).rows) == 1
    assert len(table_of(("town",), rows, distinct=False).rows) == 2


def test_the_header_is_no_part_of_the_query_that_is_shown() -> None:
    assert without_header("#+ title: x\nASK {}\n") == "ASK {}\n"


def test_a_count_with_the_least_and_the_most_is_a_range() -> None:
    names = ("town", "size", "sizeLeast", "sizeMost")
    number = {n: Literal(n, datatype=XSD + "integer") for n in ("5", "7", "9")}
    rows = [
        {"town": TOWN, "size": number["7"], "sizeLeast": number["5"], "sizeMost": number["9"]},
        {"town": NAME, "size": number["7"], "sizeLeast": number["7"], "sizeMost": number["7"]},
        {"town": NAME, "sizeLeast": number["5"], "sizeMost": number["9"]},
    ]
    table = table_of(names, rows)
    assert table.columns == ("town", "size")
    assert [row[1] for row in table.rows] == [
        Cell(number["7"], Literal("7 (5–9)"), ("5", "9")),
        Cell(number["7"]),
        Cell(None),
    ]
    assert table.example == table.rows[0][1]
    assert table_of(("town",), rows).example is None


def test_one_end_of_a_range_alone_is_a_column() -> None:
    assert table_of(("size", "sizeMost"), []).columns == ("size", "sizeMost")

"""Folding: nothing is lost but other languages of the same text, and no pair is made up."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from app.entities.panels import Cell, PanelTable, folded, in_language
from app.terms import Iri, Literal

A, B, C = (Iri("https://example.org/" + name) for name in "abc")


def table(*rows: tuple[Iri | Literal | None, ...]) -> PanelTable:
    columns = ("x", "y", "z")[: len(rows[0])]
    return PanelTable(columns, tuple(tuple(Cell(value) for value in row) for row in rows))


def test_of_a_text_in_two_languages_the_wanted_one_is_kept() -> None:
    both = table((A, Literal("fordi", "nb")), (A, Literal("because", "en")), (B, Literal("weil", "de")), (C, None))
    assert in_language(both, ("nb", "en")) == table((A, Literal("fordi", "nb")), (B, Literal("weil", "de")), (C, None))
    assert in_language(both, ("en", "nb")).rows[0] == (Cell(A), Cell(Literal("because", "en")))


def test_two_texts_of_one_language_are_both_kept() -> None:
    rows = table((A, Literal("en", "nb")), (A, Literal("to", "nb")), (A, Literal("one", "en")))
    assert in_language(rows, ("nb", "en")) == table((A, Literal("en", "nb")), (A, Literal("to", "nb")))


def test_rows_that_differ_in_one_column_become_one_and_empty_columns_go() -> None:
    found = folded(table((A, B, None), (A, C, None), (B, B, None)))
    assert found.columns == ("x", "y")
    assert found.rows == (((Cell(A),), (Cell(B), Cell(C))), ((Cell(B),), (Cell(B),)))


def test_an_empty_column_stays_where_it_is_wanted() -> None:
    found = folded(table((A, B, None)), empty=True)
    assert (found.columns, found.rows) == (("x", "y", "z"), (((Cell(A),), (Cell(B),), ()),))


def test_things_in_the_first_column_stay_apart() -> None:
    assert len(folded(table((A, C), (B, C))).rows) == 2


@given(st.lists(st.tuples(*[st.sampled_from([A, B, C])] * 3), min_size=1, unique=True))
def test_unfolded_again_the_rows_are_the_same(rows: list[tuple[Iri, Iri, Iri]]) -> None:
    unfolded = [tuple(cell.value for cell in cells) for row in folded(table(*rows)).rows for cells in product(*row)]
    assert sorted(unfolded) == sorted(rows)

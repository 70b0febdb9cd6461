"""A workbook that came back: what somebody changed is exactly what is read; what is wrong is told at its cell."""

import io
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from app.editing.base import Stated
from app.editing.drafting import proposal
from app.editing.rows import CORRECTION
from app.editing.tables import tables
from app.editing.workbook_in import read_workbook
from app.namespaces import RDF_TYPE, RDFS_LABEL, UNCERTAIN
from app.terms import Iri, Literal, typed
from tests.editing.sandholmen import SPACE, base_of, boat, cell, codes, edited, setting, term, written

SOURCE = "Kilde for det som er nytt"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return base_of(tmp_path_factory.mktemp("sandholmen"))


@pytest.fixture(scope="module")
def out(base):
    return written(base)


def read(base, data):
    return read_workbook(data, base, tables(base))


def changes(base, data):
    """Give what a workbook changes, and the codes of what is wrong with it."""
    found = read(base, data)
    made, more = proposal(base, found.filled, door="workbook", title="Test", language=found.language)
    wrong = [each.code for each in (*found.findings, *more) if each.severity == "error"]
    return made, wrong


def place(data, row, heading, sheet="båt"):
    """Give the place of a cell as a finding names it."""
    return f"{sheet}!{cell(openpyxl.load_workbook(io.BytesIO(data))[sheet], row, heading).coordinate}"


def told(found, code):
    """Give the places where a finding is told."""
    for each in found.findings:
        assert set(each.messages) == {"nb", "en"}
        assert all(text.strip() and "{" not in text for text in each.messages.values())
    return [each.place for each in found.findings if each.code == code]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_a_workbook_that_nobody_edited_changes_nothing(base, language):
    data = written(base, language)
    for each in (data, edited(data, lambda _book: None)):
        found = read(base, each)
        assert (found.filled, found.findings, found.language, found.rows) == ((), (), language, 8)


def test_one_changed_cell_is_one_change(base, out):
    def change(book):
        setting("tang", "Plasser", 5)(book)
        setting("tang", SOURCE, "Båtlisten")(book)

    made, wrong = changes(base, edited(out, change))
    assert wrong == []
    assert [(each.subject, each.predicate, each.value) for each in made.removed] == [
        (boat("tang"), term("seats"), typed(4, "integer"))
    ]
    assert [(each.value, each.file) for each in made.added] == [(typed(5, "integer"), "data/register/boats.ttl")]


def test_who_says_it_how_sure_and_why_are_read(base, out):
    def change(book):
        for heading, value in (
            ("Plasser", 5),
            (SOURCE, "Rettelse: samme kilde som før"),
            ("Hvor sikkert", "usikker"),
            ("Begrunnelse (nb)", "Talt fra land."),
            ("Begrunnelse (en)", "Counted from the shore."),
        ):
            setting("tang", heading, value)(book)
        setting("tare", "Plasser", 3)(book)
        setting("tare", SOURCE, "graph/elsewhere")(book)

    [(_, rows)] = read(base, edited(out, change)).filled
    assert [each.voice for each in rows] == [CORRECTION, "graph/elsewhere"]
    assert rows[0].certainty == UNCERTAIN
    assert rows[0].rationale == {"nb": "Talt fra land.", "en": "Counted from the shore."}


def test_words_of_the_other_language_are_understood_too(base, out):
    def change(book):
        setting("tang", "Plasser", 5)(book)
        setting("tang", SOURCE, "the list of boats")(book)
        setting("tang", "Hvor sikkert", "Uncertain")(book)
        setting("tang", "Begrunnelse (nb)", "Talt.")(book)
        setting("tare", "Status", "Withdraw")(book)

    [(_, rows)] = read(base, edited(out, change)).filled
    assert rows[0].voice == f"{SPACE}graph/register/boats"
    assert (rows[0].certainty, rows[1].status) == (UNCERTAIN, "withdraw")


def test_a_new_row_without_id_is_a_new_thing_and_a_new_source_can_say_it(base, out):
    def change(book):
        book["kilde"].append([None, "Loggboka", "The log"])
        row = book["båt"].max_row + 1
        for heading, value in (("Navn (norsk bokmål) *", "Reke"), ("Navn (engelsk) *", "Shrimp"), (SOURCE, "Loggboka")):
            numbers = {book["båt"].cell(2, n).value: n for n in range(1, book["båt"].max_column + 1)}
            book["båt"].cell(row, numbers[heading]).value = value

    made, wrong = changes(base, edited(out, change))
    assert wrong == []
    assert (boat("reke"), RDFS_LABEL, Literal("Reke", "nb")) in [tuple(each[:3]) for each in made.added]
    assert {each.file for each in made.added} == {"data/register/loggboka.ttl"}


def test_sorting_moving_and_deleting_changes_nothing(base, out):
    def change(book):
        sheet = book["båt"]
        rows = [[each.value for each in row] for row in sheet.iter_rows(min_row=4)]
        for number, row in enumerate(sorted(rows, key=lambda row: str(row[1]), reverse=True), 4):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value
        sheet.move_range(f"B1:B{sheet.max_row}", cols=30)
        sheet.delete_cols(5)
        sheet.delete_rows(4)
        del book["eier"]
        sheet.title = "Mine båter"

    found = read(base, edited(out, change))
    assert found.filled == ()
    assert [each.code for each in found.findings] == ["rows-missing"]
    assert found.findings[0].severity == "info"


def test_heads_sorted_among_the_things_are_no_things(base, out):
    def change(book):
        sheet = book["båt"]
        rows = [[each.value for each in row] for row in sheet.iter_rows()]
        for number, row in enumerate(sorted(rows, key=lambda row: str(row[1])), 1):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value

    found = read(base, edited(out, change))
    assert (found.filled, found.rows) == ((), 8)


@pytest.mark.parametrize("language", ["nb", "en"])
def test_without_the_row_of_keys_columns_are_known_by_name(base, language):
    data = written(base, language)
    headings = {"nb": ("båt", "Plasser"), "en": ("boat", "Seats")}

    def change(book):
        sheet, heading = headings[language]
        cell(book[sheet], "tang", heading).value = 5
        for each in book.worksheets:
            if each.title not in ("Lister", "Lists", "Utgangspunkt", "Starting point"):
                each.delete_rows(1)

    [(table, rows)] = read(base, edited(data, change)).filled
    assert (table.cls, rows[0].id, rows[0].edited) == (term("Boat"), boat("tang"), {term("seats"): 5})


def test_names_of_columns_may_change_while_the_keys_are_there(base, out):
    def change(book):
        setting("tang", "Plasser", 5)(book)
        book["båt"]["G2"].value = "Hvor mange"

    [(_, rows)] = read(base, edited(out, change)).filled
    assert rows[0].edited == {term("seats"): 5}


def test_unknown_and_doubled_columns_are_told(base, out):
    def change(book):
        sheet = book["båt"]
        end = sheet.max_column + 1
        sheet.cell(2, end).value, sheet.cell(4, end).value = "Min kolonne", "x"
        sheet.cell(1, end + 1).value, sheet.cell(2, end + 1).value = sheet["F1"].value, sheet["F2"].value

    found = read(base, edited(out, change))
    width = openpyxl.load_workbook(io.BytesIO(out))["båt"].max_column
    assert told(found, "column-unread") == [f"båt!{get_column_letter(width + 1)}2"]
    assert told(found, "column-twice") == [f"båt!{get_column_letter(width + 2)}2"]


def test_an_emptied_cell_removes_and_a_missing_one_does_not(base, out):
    made, wrong = changes(base, edited(out, setting("tang", "Nummer", None)))
    assert [(each.predicate, each.value) for each in made.removed] == [(term("number"), Literal("012"))]
    assert (wrong, made.added) == ([], ())


def test_files_that_moved_on_leave_an_unedited_cell_alone(base, out, tmp_path):
    later = base_of(tmp_path)
    later.statements[boat("tang")].pop(term("number"))
    found = read(later, edited(out, setting("skjell", "Plasser", 13)))
    [(_, rows)] = found.filled
    assert [each.id for each in rows] == [boat("skjell")]


def test_without_the_hidden_sheet_only_additions_are_taken(base, out):
    def change(book):
        del book["Utgangspunkt"]
        setting("tang", "Plasser", 5)(book)
        setting("krabbe", "Nummer", "101")(book)
        setting("skjell", "Nummer", None)(book)

    found = read(base, edited(out, change))
    [(_, rows)] = found.filled
    assert [(each.id, dict(each.edited)) for each in rows] == [(boat("krabbe"), {term("number"): "101"})]
    assert codes(found) == ["base-missing", "only-additions"]
    assert told(found, "only-additions") == [place(out, "tang", "Plasser")]


def test_a_hidden_sheet_that_was_changed_does_not_count(base, out):
    def change(book):
        book["Utgangspunkt"]["D3"].value = "noe annet"

    assert codes(read(base, edited(out, change))) == ["base-missing"]


@pytest.mark.parametrize(
    ("written_", "code", "nearest"),
    [("skjel", "id-unknown", "skjell"), ("zzz", "id-unknown", None), ("id/owner/anker", "id-other-kind", None)],
)
def test_an_unknown_id_is_told_with_what_is_near(base, out, written_, code, nearest):
    found = read(base, edited(out, setting("skjell", "Id", written_)))
    assert told(found, code) == [place(out, "skjell", "Id")]
    [message] = [each.messages["nb"] for each in found.findings if each.code == code]
    assert ("Mente du skjell" in message) == (nearest is not None)
    assert found.filled == ()


def test_an_id_twice_is_told(base, out):
    found = read(base, edited(out, setting("tang", "Id", "skjell")))
    assert told(found, "id-twice") == [place(out, "tang", "Id")]


def test_an_id_that_was_changed_to_another_thing_is_told(base, out):
    def change(book):
        sheet = book["båt"]
        other = cell(sheet, "skjell", "Id").row
        setting("tang", "Id", "skjell")(book)
        sheet.delete_rows(other)

    found = read(base, edited(out, change))
    assert len(told(found, "id-moved")) == 1
    assert codes(found) == ["id-moved"]


def test_a_column_that_was_sorted_alone_is_told(base, out):
    def change(book):
        sheet = book["båt"]
        values = [sheet.cell(row, 2).value for row in range(4, 8)]
        for row, value in enumerate(reversed(values), 4):
            sheet.cell(row, 2).value = value

    found = read(base, edited(out, change))
    assert told(found, "column-sorted") == ["båt!B4"]


def test_ids_that_were_sorted_alone_are_told_once(base, out):
    def change(book):
        sheet = book["båt"]
        ids = [sheet.cell(row, 1).value for row in range(4, 8)]
        for row, value in enumerate(ids[1:] + ids[:1], 4):
            sheet.cell(row, 1).value = value

    found = read(base, edited(out, change))
    assert told(found, "column-sorted") == ["båt!A4"]
    assert "«Id»" in found.findings[0].messages["nb"]


def test_a_formula_is_told_with_what_it_shows_and_is_not_taken(base, out):
    found = read(base, edited(out, setting("tang", "Plasser", "=2+3")))
    assert told(found, "formula") == [place(out, "tang", "Plasser")]
    assert "ikke regnet ut" in found.findings[0].messages["nb"]
    assert found.filled == ()


@pytest.mark.parametrize("fault", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!"])
def test_an_error_is_told_and_is_no_removal(base, out, fault):
    def change(book):
        found = cell(book["båt"], "tang", "Plasser")
        found.value, found.data_type = fault, "e"

    found = read(base, edited(out, change))
    assert told(found, "cell-error") == [place(out, "tang", "Plasser")]
    assert found.filled == ()


def test_merged_cells_are_told_once_and_are_no_removal(base, out):
    def change(book):
        sheet = book["båt"]
        first, last = cell(sheet, "skjell", "Plasser"), cell(sheet, "tang", "Lengde")
        sheet.merge_cells(f"{first.coordinate}:{last.coordinate}")

    found = read(base, edited(out, change))
    assert told(found, "merged") == [place(out, "skjell", "Plasser")]
    assert found.filled == ()


def test_hidden_rows_and_sheets_count_and_are_told(base, out):
    def change(book):
        setting("tang", "Plasser", 5)(book)
        book["båt"].row_dimensions[cell(book["båt"], "tang", "Id").row].hidden = True
        book["eier"].sheet_state = "hidden"

    found = read(base, edited(out, change))
    assert len(found.filled) == 1
    assert [(each.code, each.place) for each in found.findings] == [("hidden-sheet", "eier"), ("hidden-rows", "båt")]
    assert "i arket «båt»: 1." in found.findings[1].messages["nb"]


def test_a_number_or_a_date_in_a_column_of_text_is_judged_by_the_cell(base, out):
    for value, wrong in (
        (7, True),
        (101, False),
        (101.0, False),
        (1.5, True),
        (datetime.fromisoformat("2026-03-01"), True),
        (1e20, True),
    ):
        made, errors = changes(base, edited(out, _corrected("krabbe", "Nummer", value)))
        assert bool(errors) == wrong, (value, errors)
        assert bool(made.added) != wrong


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2018, typed("2018", "gYear")),
        ("2018-03", typed("2018-03", "gYearMonth")),
        (datetime.fromisoformat("2018-03-31"), typed("2018-03-31", "date")),
        (date(2018, 3, 31), typed("2018-03-31", "date")),
    ],
)
def test_a_date_is_as_exact_as_it_was_written(base, out, value, expected):
    made, errors = changes(base, edited(out, _corrected("krabbe", "Bygd", value)))
    assert errors == []
    assert expected in [each.value for each in made.added]


def test_carriage_returns_and_odd_spaces_are_no_change(base, out):
    def change(book):
        setting("skjell", "Eiere", "Anker båtlag_x000D_\nBølge\u00a0båtlag ")(book)
        setting("skjell", "Navn (norsk bokmål) *", "Skjell\u00a0")(book)
        setting("tang", "Eiere", "Bo\u0308lge båtlag".replace("o\u0308", "ø"))(book)

    found = read(base, edited(out, change))
    assert found.filled == ()


def test_an_ambiguous_name_names_the_candidates(tmp_path):
    base = base_of(tmp_path)
    for name in ("anker-1", "anker-2"):
        thing = Iri(f"{SPACE}id/owner/{name}")
        base.add(thing, RDF_TYPE, Stated(term("Owner"), "data/plan/boats.ttl"))
        base.add(thing, RDFS_LABEL, Stated(Literal("Tvilling", "nb"), "data/plan/boats.ttl"))
    data = edited(written(base), _corrected("krabbe", "Eiere", "Tvilling"))
    found = read(base, data)
    _, more = proposal(base, found.filled, door="workbook", title="", language="nb")
    [wrong] = [each for each in more if each.severity == "error"]
    assert "anker-1" in wrong.messages["nb"]
    assert wrong.place == place(data, "krabbe", "Eiere")


def test_withdrawing_and_replacing_go_by_the_column(base, out):
    def change(book):
        setting("tare", "Status", "trekk tilbake")(book)
        setting("tang", "Status", "erstattet av")(book)
        setting("tang", "Erstattes av", "Skjell")(book)
        setting("krabbe", "Status", "kast")(book)

    found = read(base, edited(out, change))
    assert told(found, "status-unknown") == [place(out, "krabbe", "Status")]
    [(_, rows)] = found.filled
    assert [(each.id, each.status, each.successor) for each in rows] == [
        (boat("tang"), "replaced", "Skjell"),
        (boat("tare"), "withdraw", ""),
    ]


def test_a_row_with_nothing_but_a_source_or_to_withdraw_nothing_is_told(base, out):
    def change(book):
        sheet = book["båt"]
        numbers = {sheet.cell(2, each).value: each for each in range(1, sheet.max_column + 1)}
        sheet.cell(9, numbers[SOURCE]).value = "Båtlisten"
        sheet.cell(10, 2).value = "Reke"
        sheet.cell(10, numbers["Status"]).value = "trekk tilbake"

    found = read(base, edited(out, change))
    assert told(found, "row-empty") == ["båt!A9"]
    assert len(told(found, "withdraw-new")) == 1


def test_a_certainty_that_is_none_is_told(base, out):
    def change(book):
        setting("tang", "Plasser", 5)(book)
        setting("tang", "Hvor sikkert", "kanskje")(book)

    found = read(base, edited(out, change))
    assert told(found, "certainty-unknown") == [place(out, "tang", "Hvor sikkert")]


def test_sheets_of_others_are_told_and_tables_that_are_not_here(base, out):
    def change(book):
        book.create_sheet("Notater").append(["husk", "melk"])
        book["eier"]["A1"].value = "innherred https://example.org/other#Thing nb"

    found = read(base, edited(out, change))
    assert (told(found, "sheet-unread"), told(found, "sheet-unknown")) == (["Notater"], ["eier"])


def test_without_the_column_of_ids_nothing_is_guessed(base, out):
    found = read(base, edited(out, lambda book: book["båt"].delete_cols(1)))
    assert told(found, "no-id-column") == ["båt"]
    assert found.filled == ()


def test_a_cell_that_is_not_editable_says_so_when_it_was_edited(tmp_path):
    base = base_of(tmp_path)
    base.add(boat("tang"), term("seats"), Stated(typed(5, "integer"), "data/register/boats.ttl"))
    data = edited(written(base), setting("tang", "Plasser", 6))
    found = read(base, data)
    assert told(found, "not-editable") == [place(data, "tang", "Plasser")]
    assert found.filled == ()


def _corrected(row, heading, value):
    def change(book):
        setting(row, heading, value)(book)
        setting(row, SOURCE, "Rettelse: samme kilde som før")(book)

    return change

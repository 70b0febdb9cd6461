"""``innherred workbook``: out into a file, and in again as a proposal that is kept, or what is wrong by cell."""

import openpyxl
import pytest
from click.testing import CliRunner

from app.cli import main
from app.editing.drawer import Drawer
from tests.editing.sandholmen import base_of, setting, term

SOURCE = "Kilde for det som er nytt"


@pytest.fixture
def run(tmp_path):
    base_of(tmp_path / "content")

    def command(*words):
        where = ["--content", str(tmp_path / "content"), "--state", str(tmp_path / "state")]
        return CliRunner().invoke(main, ["workbook", *words, *where, "--language", "nb", "--quiet"])

    return command


@pytest.fixture
def file(run, tmp_path):
    """Give a workbook that was written."""
    path = tmp_path / "båter.xlsx"
    done = run("export", str(path))
    assert (done.exit_code, done.stdout) == (0, f"3 tables in {path}\n"), done.output
    return path


def change(path, *changes):
    book = openpyxl.load_workbook(path)
    for each in changes:
        each(book)
    book.save(path)


def test_a_changed_workbook_becomes_a_proposal_that_is_kept(run, file, tmp_path):
    change(file, setting("tang", "Plasser", 5), setting("tang", SOURCE, "Båtlisten"))
    tried = run("import", str(file), "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "Tang" in tried.stdout
    assert Drawer(tmp_path / "state").all() == []
    done = run("import", str(file))
    assert done.exit_code == 0, done.output
    [kept] = Drawer(tmp_path / "state").all({"open"})
    assert f"Kept as the proposal {kept.name}" in done.stdout
    assert (kept.door, kept.title) == ("workbook", "båter.xlsx")
    assert [each.predicate for each in kept.added] == [term("seats")]


def test_an_error_is_told_at_its_cell_and_nothing_is_kept(run, file, tmp_path):
    change(file, setting("tang", "Plasser", "mange"), setting("tang", SOURCE, "Båtlisten"))
    report = tmp_path / "merket.xlsx"
    done = run("import", str(file), "--report", str(report))
    assert done.exit_code == 1
    assert "båt!G" in done.stdout
    assert "Nothing kept: 1 errors" in done.output
    assert Drawer(tmp_path / "state").all() == []
    assert openpyxl.load_workbook(report).sheetnames[0] == "Funn"


def test_an_unchanged_workbook_keeps_nothing(run, file, tmp_path):
    done = run("import", str(file))
    assert done.exit_code == 0
    assert "Nothing is changed" in done.stderr
    assert Drawer(tmp_path / "state").all() == []


def test_what_is_no_workbook_is_told(run, tmp_path):
    (tmp_path / "x.xlsx").write_text("a;b\n")
    done = run("import", str(tmp_path / "x.xlsx"))
    assert done.exit_code == 1
    assert "Dette er en tekstfil (CSV)" in done.stdout


def test_only_some_classes_by_any_name(run, tmp_path):
    for name in ("Owner", "owner", "eier", str(term("Owner"))):
        path = tmp_path / "one.xlsx"
        assert run("export", str(path), "--class", name).exit_code == 0
        assert openpyxl.load_workbook(path).sheetnames[1:2] == ["eier"]
    wrong = run("export", str(tmp_path / "no.xlsx"), "--class", "Ship")
    assert wrong.exit_code == 2
    assert "Boat" in wrong.output
    assert not (tmp_path / "no.xlsx").exists()


def test_a_name_that_programs_do_not_open_and_a_folder_that_is_not_there_are_refused(run, tmp_path):
    assert run("export", str(tmp_path / "x.ods")).exit_code == 2
    missing = run("export", str(tmp_path / "none" / "x.xlsx"))
    assert missing.exit_code == 1
    assert "No such file or directory" in missing.output

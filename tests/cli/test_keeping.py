"""``innherred release``: what it says, and its exit codes."""

import zipfile

import pytest
from click.testing import CliRunner

from app.cli import main
from tests.changes.conftest import Place


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("keeping"))
    place.version = place.build().manifest.version
    return place


def run(place, *arguments):
    return CliRunner().invoke(main, ["release", *arguments, "--state", str(place.state), "--content", str(place.root)])


def test_release_is_made_listed_and_removed(place, tmp_path):
    assert "no releases" in run(place).output
    made = run(place, "2026.1", "--version", place.version[:6], "--crate", str(tmp_path / "out.zip"))
    assert (made.exit_code, place.version in made.output, " MB" in made.output) == (0, True, True), made.output
    assert zipfile.is_zipfile(tmp_path / "out.zip")
    listed = run(place, "--list")
    assert listed.output.split()[:2] == ["2026.1", place.version]
    verified = CliRunner().invoke(main, ["verify", "2026.1", "--state", str(place.state), "--content", str(place.root)])
    assert (verified.exit_code, verified.output[:6]) == (0, "Whole:"), verified.output
    gone = run(place, "2026.1", "--remove")
    assert (gone.exit_code, "no more" in gone.output) == (0, True)
    assert run(place, "2026.1", "--remove").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["a b"], 1, "no name"),
        (["x", "--version", "zzz"], 1, "not one of the versions"),
        (["--remove"], 2, "Give the NAME"),
        (["x", "--remove", "--version", "1"], 2, "nothing else"),
    ],
)
def test_what_cannot_be_is_told(place, arguments, code, said):
    found = run(place, *arguments)
    assert (found.exit_code, said in found.output) == (code, True), found.output


def test_without_a_generation_it_is_told(place, tmp_path):
    made = CliRunner().invoke(main, ["release", "x", "--state", str(tmp_path), "--content", str(place.root)])
    assert made.exit_code == 1
    assert "innherred build" in made.output


def test_release_that_cannot_be_read_is_told(place):
    broken = place.state / "releases" / "broken.json"
    broken.parent.mkdir(exist_ok=True)
    broken.write_text("[")
    found = run(place, "--list")
    broken.unlink()
    assert (found.exit_code, "no generation is removed" in found.output) == (1, True)

"""The commands ``changes`` and ``diff``, and what ``check`` says of what was deleted."""

import json

import pytest
from click.testing import CliRunner

from app.changes.log import NAME
from app.cli import main
from tests.changes.conftest import BASE, Place


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Give a content that was built, changed and built again."""
    place = Place(tmp_path_factory.mktemp("changing"))
    place.first = place.build()
    place.change()
    place.second = place.build()
    return place


def run(place, command, *arguments):
    where = ["--content", str(place.root), "--state", str(place.state)]
    return CliRunner().invoke(main, [command, *where, *map(str, arguments)])


def test_changes_lists_the_newest_first(place):
    lines = run(place, "changes", "--most", "4").stdout.splitlines()
    assert lines[0].endswith(f"deleted  <{BASE}id/trip/t102>  Tur 102 -> <{BASE}id/trip/t103>")
    assert len(lines) == 4
    assert run(place, "changes", "--since", "2999-01-01").stdout == ""


def test_changes_without_generation_says_what_to_do(tmp_path):
    place = Place(tmp_path)
    for arguments in ((), ("--export", "-")):
        found = run(place, "changes", *arguments)
        assert found.exit_code == 1
        assert "innherred build" in found.output


def test_log_goes_on_elsewhere(place, tmp_path):
    copy = tmp_path / "log.jsonl"
    assert run(place, "changes", "--export", copy).exit_code == 0
    other = Place(tmp_path)
    other.change()
    assert f"{place.changes(place.second).last} entries" in run(other, "changes", "--import", copy).stderr
    built = other.build()
    # The same content as the last version: nothing is new.
    assert [e.id for e in other.entries(built)] == [e.id for e in place.entries(place.second)]
    assert run(other, "changes", "--export", "-").stdout.startswith(copy.read_text())
    assert run(other, "changes", "--import", copy).exit_code == 0
    assert other.changes(built).last == place.changes(place.second).last
    assert run(place, "changes", "--export", "a", "--import", copy).exit_code == 2


def test_file_that_is_no_continuation_is_refused(place, tmp_path):
    run(place, "changes", "--export", tmp_path / "log.jsonl")
    lines = (tmp_path / "log.jsonl").read_text().splitlines(keepends=True)
    before = (place.state / NAME).stat().st_size, place.entries(place.second)
    entry = json.loads(lines[2])
    entry["entry"]["description"] = "changed"
    hostile = json.loads(lines[1])
    hostile["generation"]["digest"] = "../../../etc"
    named = json.loads(lines[2])
    named["entry"]["entity"] = "javascript alert"
    broken = {
        "digest": [lines[0], json.dumps(hostile) + "\n", *lines[2:]],
        "entity": [*lines[:2], json.dumps(named) + "\n", *lines[3:]],
        "empty": [],
        "other": ["{}\n"],
        "no-json": [lines[0], "x\n"],
        "list": [lines[0], "[]\n"],
        "unknown": [lines[0], '{"x": 1}\n'],
        "short": lines[:2],
        "changed": [*lines[:2], json.dumps(entry) + "\n", *lines[3:]],
        "gap": [*lines[:2], *lines[3:]],
        "cut": lines[:-1],
    }
    for name, text in broken.items():
        (tmp_path / name).write_text("".join(text))
        for where in (place, Place(tmp_path / f"place-{name}")):
            found = run(where, "changes", "--import", tmp_path / name)
            assert found.exit_code == 1, name
            assert "Not imported" in found.output
    assert place.entries(place.second) == before[1]


def test_diff_tells_entity_by_entity(place):
    first, second = place.first.manifest.version, place.second.manifest.version
    text = run(place, "diff", first[:6], second).stdout
    assert f'<{BASE}id/town/bekk>  Bekk\n  - <http://www.w3.org/2000/01/rdf-schema#label> "Bekk"@nb  ' in text.replace(
        "  Bekken\n", "  Bekk\n"
    )
    found = [json.loads(line) for line in run(place, "diff", first, second, "--format", "json").stdout.splitlines()]
    names = {each["iri"].rpartition("/")[2]: each for each in found}
    assert set(names) == {"bekk", "t101", "t102", "t200"}
    assert names["t200"]["removed"] == []
    assert names["t101"]["added"] == []
    assert {each["object"] for each in names["bekk"]["added"]} == {'"Bekken"@nb'}
    assert run(place, "diff", first, first).stdout == ""


def test_diff_reads_dumps(place, tmp_path):
    whole = place.first.dumps / "all.nq.gz"
    second = place.second.manifest.version
    assert run(place, "diff", whole, place.first.manifest.version).stdout == ""
    assert run(place, "diff", whole, second).stdout == run(place, "diff", place.first.manifest.version, second).stdout
    graph = place.first.dumps / "graph-strategy.ttl.gz"
    assert "graph/data" in run(place, "diff", graph, place.second.dumps / "graph-strategy.ttl.gz").stdout
    assert run(place, "diff", graph, graph).stdout == ""


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("no-such-version", None, 2), ("x.ttl", "<a", 1), ("x.txt", "text", 1), ("x.nq.gz", b"\x1f\x8bno", 1)],
)
def test_diff_of_what_cannot_be_read_is_explained(place, tmp_path, name, content, code):
    path = name
    if content is not None:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = run(place, "diff", path, place.second.manifest.version)
    assert found.exit_code == code, found.output
    assert name in found.output


def test_check_names_what_would_be_deleted(tmp_path):
    place = Place(tmp_path)
    place.build()
    place.change()
    found = run(place, "check")
    assert f"warning: <{BASE}id/trip/t101> was published and is deleted" in found.stdout
    assert found.exit_code == 0
    assert "t102> was" not in found.stdout

"""``innherred new``: with the words filled in ``check`` is content, in a new content.

In the shipped one: ``tests/packaging/test_contributing.py``.
"""

import itertools
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main

ROOT = Path(__file__).parents[2]
LEFT = re.compile(r'(?:FILL IN|FYLL INN): [^"}\n]*')
DATASET = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX void: <http://rdfs.org/ns/void#>

<http://example.org/hills/catalog#dataset>
    a void:Dataset ;
    dcterms:title
        "Hills"@en ,
        "Åser"@nb ;
    void:uriSpace "http://example.org/hills/" ;
.
"""
SOURCE = "https://w3id.org/innherred/id/source/e-07"
COMMANDS = [
    ["class", "Castle", "--thing", "old-castle"],
    ["class", "Ruin", "--subclass-of", "Castle", "--thing", "old-ruin"],
    ["property", "builtBy", "--domain", "Castle", "--range", "Ruin"],
    ["property", "builtIn", "--range", "xsd:gYear"],
    ["question", "which-castles", "--class", "Castle"],
    ["panel", "Castle/about"],
    ["panel", "Castle/20-more"],
    ["rule", "castle-link"],
    ["check", "castle-named", "--class", "Castle", "--severity", "warning"],
    ["shape", "CastleName", "--class", "Castle", "--path", "rdfs:label", "--severity", "warning"],
]


def run(content: Path, *arguments: str) -> Result:
    """Run a command on a content; its group, when it is one of a group, comes first."""
    where = ["--content", str(content), "--state", str(content.parent / "state")]
    return CliRunner().invoke(main, [*arguments, *where])


def fill_in(content: Path) -> int:
    """Write words of different kinds into all places that are left, and give their number."""
    numbers = itertools.count(1)

    def words(match: re.Match[str]) -> str:
        language = "This is sentence number" if match[0].startswith("FILL") else "Dette er setning nummer"
        return f"{language} {next(numbers)}."

    for path in sorted(path for path in content.rglob("*") if path.suffix in (".ttl", ".rq")):
        text = path.read_text(encoding="utf-8").replace('"FILL IN: the IRI of the source"', f"<{SOURCE}>")
        text = re.sub(r"^# FILL IN:.*\n|^# FYLL INN:.*\n", "", text, flags=re.MULTILINE)
        path.write_text(LEFT.sub(words, text), encoding="utf-8")
    return next(numbers) - 1


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Give a content that holds no more than what it is."""
    folder = tmp_path / "content"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "dataset.ttl").write_text(DATASET, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the shipped content; nobody changes it."""
    folder = tmp_path_factory.mktemp("shipped") / "content"
    for name in ("data", "ontology", "queries", "shapes"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def make(content: Path, commands: list[list[str]]) -> None:
    """Run commands that write something new; each says where words are to be filled in, and they are there."""
    for command in commands:
        made = run(content, "new", *command)
        assert made.exit_code == 0, made.output
        assert "Fill in what is listed." in made.stderr
        assert LEFT.search(made.stdout), made.stdout
        for place in made.stdout.splitlines():
            name, line, words = place.split(":", 2)[:3] if ":" in place else (place, "", "")
            assert (
                not words or words.strip() in (content / name).read_text(encoding="utf-8").splitlines()[int(line) - 1]
            )


def test_what_it_writes_is_accepted_when_the_words_are_filled_in(content: Path) -> None:
    make(content, COMMANDS)
    assert run(content, "format", "--check").exit_code == 0
    left = run(content, "check", "--errors-only")
    assert left.exit_code == 1
    places = {line.rpartition(": error: is left")[0] for line in left.stdout.splitlines() if "left to fill in" in line}
    assert len(places) > 35
    assert all(re.fullmatch(r"[\w/.-]+:\d+", place) for place in places)

    assert fill_in(content) >= len(places) - 4
    run(content, "format")
    approved = run(content, "approve")
    assert approved.exit_code == 0, approved.output
    checked = run(content, "check", "--errors-only")
    assert checked.stdout == ""
    assert checked.exit_code == 0


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["class", "Activity"], "inn:Activity is there already, in ontology/innherred.ttl."),
        (["class", "activity"], "'activity' is no name for it. Write it like RiverPort."),
        (["class", "Castle", "--data", "../castle.ttl"], "../castle.ttl is no Turtle file below data/."),
        (["class", "Castle", "--thing", "Old"], "'Old' is no end of an IRI."),
        (["property", "role"], "inn:role is there already"),
        (["property", "Role"], "Write it like builtFor."),
        (["question", "who-takes-part"], "queries/questions/who-takes-part.rq is there already."),
        (["question", "../who"], "Write it like who-takes-part."),
        (["panel", "Activity/10-participants"], "queries/pages/Activity/10-participants.rq is there already."),
        (["panel", "participants"], "Write it like School/partners."),
        (["rule", "cooperates-with"], "queries/rules/cooperates-with.rq is there already."),
        (["rule", "linked", "--when", "a b"], "not an RDF term"),
        (["shape", "Activity"], "is there already, in shapes/activity.ttl."),
    ],
)
def test_a_name_that_cannot_be_used_is_refused_and_nothing_written(
    shipped: Path, command: list[str], told: str
) -> None:
    before = files(shipped)
    refused = run(shipped, "new", *command)
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert files(shipped) == before


def files(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Tell what would be another where a file was written: which it is, its size, and the time of its last change."""
    states = {path: path.stat() for path in folder.rglob("*")}
    return {path: (state.st_ino, state.st_size, state.st_mtime_ns) for path, state in states.items()}


def test_comments_are_not_lost(content: Path) -> None:
    path = content / "ontology" / "terms.ttl"
    path.parent.mkdir()
    path.write_text(
        "# Mine\nPREFIX vann: <http://purl.org/vocab/vann/>\n<http://example.org/hills/ontology> "
        'vann:preferredNamespaceUri "http://example.org/hills/ontology#" .\n',
        encoding="utf-8",
    )
    refused = run(content, "new", "class", "Hill")
    assert refused.exit_code == 2
    assert "ontology/terms.ttl has comments (#)" in refused.stderr
    assert not (content / "shapes").exists()


def test_a_query_asks_for_the_class_of_most_things_and_says_that_it_is_to_be_changed(content: Path) -> None:
    refused = run(content, "new", "question", "all")
    assert refused.exit_code == 2
    assert "Say with --class" in refused.stderr
    run(content, "new", "class", "Hill", "--thing", "high-hill")
    made = run(content, "new", "question", "all")
    assert "FILL IN: the query" in made.stdout
    assert "?thing a own:Hill" in (content / "queries" / "questions" / "all.rq").read_text(encoding="utf-8")

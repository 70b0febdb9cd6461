"""``innherred new region``: a made-up region that is checked, built and served as it is."""

import re
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.config import Settings
from app.web import create_app

PEOPLE = {"Accept": "text/html"}
PAGES = {
    "/": "Nordvik",
    "/en/": "Project",
    "/municipality/": "Sørvik",
    "/doc/municipality/nordvik": "Fergen over fjorden",
    "/en/queries/when": "2027",
    "/en/queries/who-with-whom": 'class="network',
    "/en/gaps": "end date",
    "/compare?iri={base}id/municipality/nordvik&iri={base}id/municipality/sorvik": "Sørvik",
    "/en/search?q=ferry": "The ferry across the fjord",
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("base", ["https://example.org/fjordnett/", "http://example.org/dal/æ/"])
def test_it_is_a_content_without_a_fault(tmp_path: Path, base: str) -> None:
    folder, state = tmp_path / "region", tmp_path / "state"
    made = run("new", "region", str(folder), "--base", base)
    assert made.exit_code == 0, made.output
    assert {path.name for path in folder.iterdir()} == {"README.md", "data", "ontology", "queries", "shapes"}
    options = ["--content", str(folder), "--state", str(state)]
    checked = run("check", *options)
    assert checked.exit_code == 0, checked.output
    assert "0 errors, 0 warnings, 1 notes" in checked.output
    assert run("format", "--check", *options).exit_code == 0
    assert run("build", *options).exit_code == 0
    asked = run("query", "who-with-whom", "--format", "csv", *options)
    assert f"{base}id/project/ferry,{base}id/municipality/nordvik" in asked.output
    filled_in = run("workbook", "export", str(tmp_path / "book.xlsx"), *options)
    assert filled_in.exit_code == 0, filled_in.output

    settings = Settings.from_environment({"INNHERRED_CONTENT": str(folder), "INNHERRED_STATE": str(state)})
    client = create_app(settings).test_client()
    for path, shown in PAGES.items():
        answer = client.get(path.format(base=base), headers=PEOPLE, follow_redirects=True)
        assert answer.status_code == 200, path
        assert shown in answer.text, path
    assert ">Kommune</" in client.get("/", headers=PEOPLE).text, "the menu begins with a capital letter"


def test_the_hour_of_the_how_to(tmp_path: Path) -> None:
    """Walk through ``docs/how-to/region.md`` with the blocks that stand in it, and another base at the end."""
    text = (Path(__file__).parents[2] / "docs/how-to/region.md").read_text(encoding="utf-8")
    (things,), (question, rule) = (
        re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE) for kind in ("turtle", "sparql")
    )
    folder = tmp_path / "region"
    options = ["--content", str(folder), "--state", str(tmp_path / "state")]
    assert run("new", "region", str(folder), "--base", "https://example.org/my-region/").exit_code == 0
    network, terms = folder / "data/network.ttl", folder / "ontology/terms.ttl"
    network.write_text(
        network.read_text(encoding="utf-8") + things + "project:bus own:budget 1500000 .\n", encoding="utf-8"
    )
    for words in re.findall(r"innherred (new (?:property|question|rule) [^\n`]+)", text):
        made = run(*words.split(), "--content", str(folder))
        assert made.exit_code == 0, made.output
    assert "is left to fill in" in run("check", *options).output
    numbers = count()
    terms.write_text(
        re.sub(
            r'"(?:FILL IN|FYLL INN): ([^"]+)"',
            lambda found: f'"That is {found[1]} {next(numbers)}."',
            terms.read_text(encoding="utf-8"),
        ),
        encoding="utf-8",
    )
    (folder / "queries/questions/largest-projects.rq").write_text(question, encoding="utf-8")
    (folder / "queries/rules/works-closely-with.rq").write_text(rule, encoding="utf-8")
    for path in (path for path in folder.rglob("*") if path.is_file()):
        path.write_text(
            path.read_text(encoding="utf-8").replace("example.org/my-region/", "w3id.org/my-region/"), encoding="utf-8"
        )
    assert run("format", *options).exit_code == 0
    checked = run("check", *options)
    assert "0 errors, 0 warnings, 2 notes" in checked.output, checked.output
    assert run("build", *options).exit_code == 0
    base = "https://w3id.org/my-region/"
    why = ("municipality/nordvik", "worksCloselyWith", "municipality/ytre-dal")
    told = run(
        "why", *(base + part + each for part, each in zip(("id/", "ontology#", "id/"), why, strict=True)), *options
    )
    assert "interpreted" in told.output
    assert "https://example.org/minutes" in told.output


def test_nothing_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    refused = run("new", "region", str(tmp_path))
    assert refused.exit_code == 2
    assert "is not empty" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "base", ["dal", "https://example.org/dal", "javascript:alert(1)/", "https://a b/", "http://<x>/"]
)
def test_a_base_is_an_address(tmp_path: Path, base: str) -> None:
    refused = run("new", "region", str(tmp_path / "region"), "--base", base)
    assert refused.exit_code == 2
    assert "Write it like" in refused.output
    assert not (tmp_path / "region").exists()

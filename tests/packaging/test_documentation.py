"""Documentation that can be tested: settings and commands are there, blocks parse, links and names lead somewhere."""

import ast
import re
import tomllib
from pathlib import Path

import click
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery

from app.cli import main
from app.config import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    each for each in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if "node_modules" not in each.parts
)


def blocks(language: str) -> list:
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    found = [
        pytest.param(block, id=f"{page.name}-{number}")
        for page in PAGES
        for number, block in enumerate(pattern.findall(page.read_text(encoding="utf-8")), 1)
    ]
    assert found, f"no page has a {language} block"
    return found


def rows(page: str) -> dict[str, list[str]]:
    """Give the rows of a page's tables by the code in their first cell."""
    found = {}
    for line in (ROOT / "docs" / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            found[cells[0].strip("`")] = cells[1:]
    return found


@pytest.mark.parametrize("block", blocks("turtle"))
def test_turtle_block_parses(block):
    assert len(rdflib.Graph().parse(data=block, format="turtle")) > 0


@pytest.mark.parametrize("block", blocks("sparql"))
def test_sparql_block_parses(block):
    assert prepareQuery(block).algebra.name.endswith("Query")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_lead_to_files(page):
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_picture_is_shown_told_in_words_small_and_there():
    folder, shown = ROOT / "docs" / "pictures", {}
    for page in PAGES:
        for words, place in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            shown[(page.parent / place).resolve()] = words
    assert set(shown) == set(folder.glob("*"))
    assert len(shown) <= 14
    assert [path.name for path, words in shown.items() if len(words) < 20] == []
    assert [path.name for path in shown if path.stat().st_size > 60_000] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_to_a_part_of_a_page_lead_to_a_heading(page):
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if link[1] not in anchors(page.parent / link[0] if link[0] else page)] == []


def anchors(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_decision_is_numbered_listed_once_and_has_its_three_parts():
    folder = ROOT / "docs" / "decisions"
    files = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    listed = re.findall(
        r"^\* \[(\d{4})\]\((\S+)\) (.*)$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [path.name[:5] for path in files] == [f"{number:04}-" for number in range(1, len(files) + 1)]
    assert sorted(name for _, name, _ in listed) == [path.name for path in files]
    for number, name, title in listed:
        assert name.startswith(f"{number}-")
        text = (folder / name).read_text(encoding="utf-8")
        assert title.startswith(text.splitlines()[0].removeprefix("# ")), name
        assert re.findall(r"^\*\*(\w+)[.:]?\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], name


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_setting_is_documented_with_its_default(setting):
    documented = rows("settings.md")
    assert setting.variable in documented
    if setting.default is not None:
        assert documented[setting.variable][0] == str(setting.default).removesuffix(".0")


def test_no_setting_is_documented_that_does_not_exist():
    documented = {name for name in rows("settings.md") if name.startswith("INNHERRED_")}
    assert documented == {setting.variable for setting in SETTINGS}


def test_every_command_is_documented_and_no_other():
    assert isinstance(main, click.Group)
    documented = {name for name in rows("settings.md") if not name.startswith("INNHERRED_")}
    assert documented == set(main.list_commands(click.Context(main)))


def defined() -> set[str]:
    """Give the functions and classes of the engine, alone, by module and by class: ``respond``, ``sparql.respond``."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        # A package's own functions go by its name.
        module = path.parent.name if path.stem == "__init__" else path.stem
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found |= {node.name, f"{module}.{node.name}", f"{path.parent.name}.{module}.{node.name}"}
            if isinstance(node, ast.ClassDef):
                found |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def test_every_function_that_the_architecture_names_is_there():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Four walks")[2]
    named = re.findall(r"`((?:\w+\.)*\w+)(?:\(.*?\))?`", text)
    known = defined()
    assert len(named) > 50
    assert sorted(name for name in named if name not in known and re.search(r"[._A-Z]", name)) == []


def test_the_floors_are_those_that_the_tool_holds():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    block = (
        text.partition("<!-- floors: begin")[2]
        .partition("<!-- floors: end")[0]
        .partition("```\n")[2]
        .partition("```")[0]
    )
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (layers,) = [contract["layers"] for contract in contracts if contract.get("containers") == ["app"]]
    # Beside a floor, after two spaces, stands what is on it.
    assert [line.partition("  ")[0] for line in block.splitlines()] == layers

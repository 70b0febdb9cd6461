"""Documentation that can be tested: settings and commands are there, blocks parse, links lead somewhere."""

import re
from pathlib import Path

import click
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery

from app.cli import main
from app.config import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


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

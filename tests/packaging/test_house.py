"""The house: no module too large, not too many, and of each name below ``app/`` one."""

import ast
from collections import Counter

import pytest

from tests.packaging.tree import ROOT, tracked

MODULES = [path for path in tracked() if path.suffix == ".py" and path.is_relative_to(ROOT / "app")]


def test_there_are_few_modules() -> None:
    assert 0 < len(MODULES) <= 240


def test_no_module_is_too_large() -> None:
    lines = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in MODULES}
    assert {name: number for name, number in lines.items() if number > 400} == {}


def class_names() -> list[str]:
    nodes = (node for path in MODULES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return [node.name for node in nodes if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize(
    "names", [[path.name for path in MODULES if path.name != "__init__.py"], class_names()], ids=["files", "classes"]
)
def test_a_name_stands_once(names: list[str]) -> None:
    assert [name for name, number in Counter(names).items() if number > 1] == []

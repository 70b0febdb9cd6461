"""What is in git: the set-up commands, pinned versions, and nothing that belongs to one machine."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.tree import ROOT, tracked

COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . && .venv/bin/innherred serve",
    "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e '.[test]' && .venv/bin/pytest",
]


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9._+!-]+)", line)
            assert match, f"constraints.txt: {line!r} is not name==version"
            name = canonicalize_name(match[1])
            assert name not in found, f"constraints.txt names {name} twice"
            found[name] = match[2]
    return found


def requirements(project: dict) -> list[Requirement]:
    listed = list(project["project"]["dependencies"])
    for extra in project["project"]["optional-dependencies"].values():
        listed += extra
    return [Requirement(text) for text in listed]


def test_readme_has_the_two_set_up_commands_and_no_other_installation():
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert [line for line in lines if "pip install" in line] == COMMANDS


@pytest.mark.parametrize(
    "pattern",
    [
        r"registry\.(?:npmjs|yarnpkg|npmmirror)",
        r"(?:test\.)?pypi\.(?:org|python\.org)",
        r"files\.pythonhosted",
        r"--(?:extra-)?index-url",
        r"artifactory|/simple/?[\"'\s]",
    ],
)
def test_no_file_names_a_package_registry(pattern):
    here = Path(__file__).relative_to(ROOT).as_posix()
    assert [name for name, text in texts() if name != here and re.search(pattern, text)] == []


def test_no_file_holds_a_path_of_one_machine():
    path = re.compile(r"(?<![\w.:/~-])/(?:work|root|home|Users|tmp)/\w")
    assert [f"{name}: {found[0]}" for name, text in texts() if (found := path.search(text))] == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only git knows what it holds")
def test_what_the_build_makes_is_not_in_git():
    made = re.compile(r"\.mo$|^app/web/static/(?:app\.css$|licences\.txt$|fonts/)|node_modules/|^var/|^app/_bundled/")
    names = [path.relative_to(ROOT).as_posix() for path in tracked()]
    assert "pyproject.toml" in names
    assert [name for name in names if made.search(name)] == []


def test_every_dependency_is_pinned_within_its_range(project, pins):
    for requirement in requirements(project):
        version = pins.get(canonicalize_name(requirement.name))
        assert version, f"constraints.txt lacks {requirement.name}"
        assert requirement.specifier.contains(version), f"{requirement} does not allow {version}"


def closure(waiting: list[Requirement]) -> dict[str, str]:
    """Give everything that requirements bring with them here, each with who asked for it."""
    found = {}
    asked = [(requirement, "pyproject.toml") for requirement in waiting]
    seen = set()
    while asked:
        wanted, by = asked.pop()
        name = canonicalize_name(wanted.name)
        found.setdefault(name, by)
        if (name, frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        try:
            listed = requires(name) or []
        except PackageNotFoundError:  # an extra that is not installed here
            continue
        for requirement in map(Requirement, listed):
            extras = wanted.extras or {""}
            if not requirement.marker or any(requirement.marker.evaluate({"extra": e}) for e in extras):
                asked.append((requirement, name))
    return found


def test_every_dependency_of_a_dependency_is_pinned(project, pins):
    found = closure(requirements(project))
    assert {name: by for name, by in found.items() if name not in pins} == {}
    assert "werkzeug" in found


def test_the_engine_imports_only_what_installing_it_brings(project):
    brought = closure([Requirement(text) for text in project["project"]["dependencies"]])
    extras = project["project"]["optional-dependencies"]
    optional = closure([Requirement(text) for name in ("dl", "mcp", "oidc", "parquet") for text in extras[name]]).keys()
    providers = packages_distributions()
    unknown = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [str(node.module)]
            for top in {name.partition(".")[0] for name in names} - {"app"} - sys.stdlib_module_names:
                by = {canonicalize_name(name) for name in providers.get(top, [top])}
                if not by & (brought.keys() | optional):
                    unknown[f"{path.relative_to(ROOT)}: {top}"] = sorted(by)
    assert unknown == {}


def test_the_build_environment_is_pinned_exactly(project):
    for requirement in map(Requirement, project["build-system"]["requires"]):
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement


@pytest.mark.parametrize(
    ("place", "group"),
    [
        ("assets", "dependencies"),
        ("docs/examples/shards", "dependencies"),
        *((f"tests/{each}", "devDependencies") for each in ("browser", "changes/client", "web/clients")),
    ],
)
def test_npm_packages_are_locked_without_addresses(place, group):
    folder = ROOT / place
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))[group]
    assert lock["packages"][""][group] == wanted
    for name, package in lock["packages"].items():
        if name:
            assert "resolved" not in package, name
            assert package["integrity"].startswith("sha512-"), name
    for name, version in wanted.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version

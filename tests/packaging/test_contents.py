"""What may be in the root of the repository, in its folders, in the source distribution and in the wheel.

A name that is not listed is refused: what another server, a tool or a slip left behind is seen at once.
"""

import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from hatch_build import STATIC, inputs, is_fresh
from tests.packaging.tree import ROOT, tracked

FILES = {
    ".containerignore",
    ".editorconfig",
    ".gitignore",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "Containerfile",
    "LICENSE",
    "LICENSE-DATA.md",
    "README.md",
    "constraints.txt",
    "hatch_build.py",
    "pyproject.toml",
}
# Each folder of the root with the kinds of files in it: a suffix, or a whole name where there is none.
KINDS = {
    ".ci": {"run", ".py"},
    "app": {".html", ".md", ".po", ".py", ".rq", ".sql", ".ttl", ".yaml"},
    "assets": {".css", ".js", ".json", ".mjs", ".npmrc", ".svg"},
    "bench": {".lua", ".py"},
    "data": {".ttl"},
    "docs": {".cfg", ".csv", ".htaccess", ".ipynb", ".json", ".md", ".mjs", ".npmrc", ".png", ".rq", ".ttl", ".yaml"},
    "ontology": {".ttl"},
    "queries": {".nt", ".rq", ".tsv"},
    "shapes": {".ttl"},
    "tests": {
        ".csv",
        ".json",
        ".jsonld",
        ".md",
        ".npmrc",
        ".nq",
        ".nt",
        ".py",
        ".rdf",
        ".rq",
        ".trig",
        ".tsv",
        ".ttl",
        ".yaml",
    },
}
WHEEL = re.compile(
    r"""
      app/(?!_bundled/|web/static/) [\w/-]+ \. (?:html|md|py|rq|sql|ttl|yaml)
    | app/web/translations/ [a-z]+ /LC_MESSAGES/messages \. (?:po|mo)
    | app/web/static/ (?: (?:app|editor)\.(?:css|js) | licences\.txt | icon\.svg )
    | app/web/static/ (?: fonts/inter-[\w-]+\.woff2 | maps/[\w/-]+\.json )
    | app/_bundled/ (?: (?:data|ontology|shapes)/[\w/-]+\.ttl | queries/[\w/-]+\.(?:nt|rq|tsv) )
    | innherred-[\d.]+\.dist-info/ (?: METADATA | RECORD | WHEEL | entry_points\.txt | licenses/LICENSE(?:-DATA\.md)? )
    """,
    re.VERBOSE,
)


def names() -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in tracked()}


def strangers(found: set[str]) -> list[str]:
    """Give the names that may not be in the repository."""
    return sorted(name for name in found if not _is_listed(name))


def _is_listed(name: str) -> bool:
    folder, _, rest = name.partition("/")
    if not rest:
        return name in FILES
    last = rest.rpartition("/")[2]
    return bool({last, Path(last).suffix} & KINDS.get(folder, set()))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Give the names in the source distribution, below its one folder."""
    (path,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("sdist")), versions=["standard"])
    with tarfile.open(path) as archive:
        return {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Give the names in the wheel, built with the stylesheets, scripts and maps that the installation made here."""
    if not is_fresh(ROOT / STATIC, inputs(ROOT)):
        pytest.skip("assets/ changed since the installation: install again (npm would be asked for packages here)")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_repository_holds_what_is_listed_and_no_more():
    assert strangers(names()) == []


def test_every_listed_file_and_kind_is_there():
    found = names()
    assert sorted(FILES - found) == []
    lasts = {(name.partition("/")[0], part) for name in found for part in _kinds_of(name)}
    assert [
        (folder, kind) for folder, kinds in KINDS.items() for kind in sorted(kinds) if (folder, kind) not in lasts
    ] == []


def _kinds_of(name: str) -> set[str]:
    last = name.rpartition("/")[2]
    return {last, Path(last).suffix}


@pytest.mark.parametrize(
    "name", ["virtuoso.tdb", "run/shiro.ini", "tests/store/virtuoso.db", "data/strategy/a.ttl~", "app/logo.png"]
)
def test_what_others_leave_behind_is_a_stranger(name):
    assert strangers({name, "README.md", ".ci/run"}) == [name]


def test_no_file_is_binary_but_pictures():
    files = [path for path in tracked() if path.suffix != ".png"]
    assert [path.relative_to(ROOT).as_posix() for path in files if b"\0" in path.read_bytes()] == []


def test_the_source_distribution_holds_the_repository_and_its_metadata(source):
    assert sorted(source - names()) == ["PKG-INFO"]
    assert sorted(names() - source) == []


def test_the_wheel_holds_the_engine_and_what_it_needs_alone(wheel):
    assert sorted(name for name in wheel if not WHEEL.fullmatch(name)) == []
    engine = {name for name in names() if name.startswith("app/")}
    assert sorted(engine - wheel) == []


def test_the_wheel_holds_what_the_hook_makes_and_the_whole_content(wheel):
    content = {
        f"app/_bundled/{name}" for name in names() if name.startswith(("data/", "ontology/", "queries/", "shapes/"))
    }
    assert sorted(content - wheel) == []
    wanted = {"app.css", "app.js", "editor.css", "editor.js", "licences.txt", "maps/europe.json"}
    assert sorted({f"app/web/static/{name}" for name in wanted} - wheel) == []
    assert "app/web/translations/nb/LC_MESSAGES/messages.mo" in wheel

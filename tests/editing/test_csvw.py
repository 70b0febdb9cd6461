"""The tables as CSV on the Web, read back by a client of it."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.content.folders import Content
from app.editing.base import Base
from app.editing.csvw import METADATA, files, names, of_generation
from app.editing.tables import Table, tables, things
from app.generation import current
from app.terms import Iri

csvw = pytest.importorskip("csvw", reason="the client of CSV on the Web is not installed")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def base() -> Base:
    return Base.read(Content.open(ROOT))


@pytest.fixture(scope="module")
def found(base: Base) -> dict[Iri, Table]:
    return tables(base)


@pytest.fixture(scope="module")
def folder(base: Base, found: dict[Iri, Table], tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("csv")
    for name, body in files(base, found, ("nb", "en")).items():
        (where / name).write_bytes(body)
    return where


@pytest.fixture(scope="module")
def group(folder: Path) -> Any:
    return csvw.TableGroup.from_file(folder / METADATA)


def described(folder: Path) -> dict[str, Any]:
    return {each["url"]: each for each in json.loads((folder / METADATA).read_text("utf-8"))["tables"]}


def read_back(table: Any, columns: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str | None]]:
    for row in table:
        for column in columns:
            value = row.get(column["name"])
            if "propertyUrl" not in column or column.get("virtual") or value in (None, []):
                continue
            for each in value if isinstance(value, list) else [value]:
                yield row["id"].unsplit(), column["propertyUrl"], each, column.get("lang")


def test_a_client_reads_the_statements_of_the_content(base, found, folder, group) -> None:
    columns = {url: each["tableSchema"]["columns"] for url, each in described(folder).items()}
    for table in group.tables:
        for column in table.tableSchema.columns:
            column.datatype = None  # texts as they are written
        table.tableSchema.columns[0].datatype = csvw.metadata.Datatype.fromvalue("anyURI")
    back = {each for table in group.tables for each in read_back(table, columns[str(table.url)])}
    said = {
        (thing, column.property, str(value), getattr(value, "language", None))
        for table in found.values()
        for thing in things(base, found, table)
        for column in table.columns
        for value in (each.value for each in base.values(thing, column.property))
        if column.language == getattr(value, "language", None)
    }
    assert len(said) > 6000
    assert back == said


def test_the_description_says_what_each_column_is(folder: Path) -> None:
    table = described(folder)["participation.csv"]
    schema = table["tableSchema"]
    columns = {each["name"]: each for each in schema["columns"]}
    assert (schema["aboutUrl"], schema["primaryKey"]) == ("{+id}", "id")
    activity = columns["inn_inActivity"]
    assert (activity["valueUrl"], activity["required"], activity["datatype"]) == ("{+inn_inActivity}", True, "anyURI")
    assert activity["titles"] == {"en": ["Activity", "inn_inActivity"], "nb": ["Aktivitet", "inn_inActivity"]}
    assert columns["inn_inActivity_name"]["suppressOutput"] is True
    assert columns["rdfs_label_nb"]["lang"] == "nb"
    assert columns["inn_startDate"]["datatype"]["base"] == "string"
    assert described(folder)["source.csv"]["tableSchema"]["columns"][-1]["virtual"] is True
    key = {"columnReference": "inn_inActivity", "reference": {"resource": "activity.csv", "columnReference": "id"}}
    assert key in schema["foreignKeys"]


def test_a_client_finds_no_fault(folder: Path, recwarn: pytest.WarningsRecorder) -> None:
    group = csvw.TableGroup.from_file(folder / METADATA)
    assert len(group.tables) == len(described(folder)) > 15
    assert sum(len(list(table)) for table in group.tables) > 600  # datatypes, required cells, separators
    assert group.check_referential_integrity(strict=True)
    assert not [each for each in recwarn if "csvw" in str(each.filename)]


def test_names_of_files_and_columns_are_free_of_each_other() -> None:
    assert list(names([Iri("http://a/x#FocusArea"), Iri("http://b/x#FocusArea"), Iri("http://c/ø")]).values()) == [
        "focus-area.csv",
        "focus-area-2.csv",
        "table.csv",
    ]


def test_values_with_the_usual_separator_get_another(tmp_path: Path) -> None:
    shapes = """PREFIX ex: <http://example.org/eksempelvik/o#> PREFIX sh: <http://www.w3.org/ns/shacl#>
    ex:S a sh:NodeShape ; sh:targetClass ex:Boat ; sh:property [ sh:path ex:note ; sh:name "Note"@en ] ."""
    data = """PREFIX ex: <http://example.org/eksempelvik/o#>
    <http://example.org/eksempelvik/id/boat/a> a ex:Boat ; ex:note "one\\ntwo" , "a | b", "=1+1" ."""
    for name, text in {"data/boats.ttl": data, "shapes/boats.ttl": shapes}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    base = Base.read(Content.open(tmp_path))
    for name, body in files(base, tables(base), ("en",)).items():
        (tmp_path / name).write_bytes(body)
    (row,) = next(iter(csvw.TableGroup.from_file(tmp_path / METADATA).tables))
    assert sorted(next(value for name, value in row.items() if name != "id" and value)) == ["=1+1", "a | b", "one\ntwo"]


def test_the_crate_of_a_release_has_them(plain_town, tmp_path) -> None:
    crate = tmp_path / "crate.zip"
    places = ("--state", str(tmp_path / "state"), "--content", str(tmp_path / "content"))
    made = CliRunner().invoke(main, ["release", "2026.1", "--crate", str(crate), *places])
    assert made.exit_code == 0, made.output
    with zipfile.ZipFile(crate) as opened:
        opened.extractall(tmp_path / "crate")
    group = csvw.TableGroup.from_file(tmp_path / "crate" / "tables" / METADATA)
    group.check_referential_integrity()
    written = {path.name for path in (tmp_path / "crate" / "tables").glob("*.csv")}
    assert {table.url.string for table in group.tables} == written
    assert all(list(table) for table in group.tables)
    listed = json.loads((tmp_path / "crate" / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
    formats = {each["@id"]: each.get("encodingFormat") for each in listed}
    assert formats[f"tables/{METADATA}"] == "application/csvm+json"
    assert {formats[f"tables/{name}"] for name in written} == {"text/csv"}
    assert "`tables/`" in (tmp_path / "crate" / "README.md").read_text("utf-8")


def test_too_much_data_is_no_table(built_town) -> None:
    assert of_generation(current(built_town / "state"), 5) == {}

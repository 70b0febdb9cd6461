"""A made-up content with our ontology, shapes and queries, and the files of registers in their true forms."""

import shutil
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from app.content.folders import Content
from app.content.turtle import turtle
from app.editing.base import Base
from app.imports.import_run import ImportWish, Outcome, run
from app.progress import Progress
from app.query.files import QueryFile, load

SHIPPED = Path(__file__).parents[2]
SAMPLES = Path(__file__).parent / "samples"
TODAY = date(2026, 11, 28)
ID = "https://w3id.org/innherred/id/"

DATASET = """
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX void: <http://rdfs.org/ns/void#>
<https://w3id.org/innherred/catalog#dataset> a void:Dataset ; dc:language "nb, en" ;
  dcterms:title "Eksempelvik"@nb , "Eksempelvik"@en ; void:uriSpace "https://w3id.org/innherred/" .
"""
# Made up: the numbers are of the series for tests, with check digits that are right.
THINGS = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX id: <https://w3id.org/innherred/id/>
PREFIX inn: <https://w3id.org/innherred/ontology#>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX municipality: <https://w3id.org/innherred/id/municipality/>
PREFIX organisation: <https://w3id.org/innherred/id/organisation/>
PREFIX activity: <https://w3id.org/innherred/id/activity/>
PREFIX role: <https://w3id.org/innherred/id/role/>
PREFIX source: <https://w3id.org/innherred/id/source/>
PREFIX programme: <https://w3id.org/innherred/id/programme/>

<https://w3id.org/innherred/graph/register/testing> rdfs:label "Prøve"@nb , "Test"@en ;
  dcterms:description "Oppdiktet."@nb , "Made up."@en ; dcterms:source source:testing ; inn:certainty inn:stated .
source:testing a inn:Source ; rdfs:label "Prøve"@nb , "Test"@en ; dc:publisher "Test" ;
  dcterms:description "Oppdiktet."@nb , "Made up."@en ;
  foaf:page <https://www.example.org/testing> ; inn:readOn "2026-11-28"^^xsd:date .
municipality:eksempelvik a inn:Municipality , inn:Organisation ;
  rdfs:label "Eksempelvik kommune"@nb , "Eksempelvik Municipality"@en ; dcterms:source source:testing ;
  dcterms:description "Oppdiktet kommune."@nb , "Made-up municipality."@en ;
  inn:organisationNumber "310000019" ; inn:municipalityNumber "9901" .
organisation:provefjord-museum a inn:Organisation ; rdfs:label "Prøvefjord museum"@nb , "Prøvefjord Museum"@en ;
  dcterms:description "Oppdiktet museum."@nb , "Made-up museum."@en ; dcterms:source source:testing ;
  inn:organisationNumber "310000027" .
municipality:provefjord a inn:Municipality , inn:Organisation ;
  rdfs:label "Prøvefjord kommune"@nb , "Prøvefjord Municipality"@en ;
  dcterms:description "Oppdiktet kommune."@nb , "Made-up municipality."@en ;
  dcterms:source source:testing ; inn:municipalityNumber "0988" .
activity:gammelt a inn:Activity ; rdfs:label "Grenseprøve"@nb , "Border test"@en ; dcterms:source source:testing ;
  dcterms:description "Oppdiktet."@nb , "Made up."@en ; inn:projectCode "99990001" .
programme:erasmus-plus a inn:Programme ; rdfs:label "Erasmus+"@nb , "Erasmus+"@en ; dcterms:source source:testing ;
  dcterms:description "Et program."@nb , "A programme."@en .
role:scheme a skos:ConceptScheme ; rdfs:label "Roller"@nb , "Roles"@en .
"""
ROLES = "".join(
    f"role:{name} a skos:Concept ; skos:inScheme role:scheme ; rdfs:label {text} ; skos:prefLabel {text} ; "
    f'dcterms:source source:testing ; skos:definition "Oppdiktet {name}."@nb , "Made up {name}."@en ;'
    f'dcterms:description "Oppdiktet {name}."@nb , "Made up {name}."@en .\n'
    for name, text in {
        "deltaker": '"deltaker"@nb , "participant"@en',
        "partner": '"partner"@nb , "partner"@en',
        "koordinator": '"koordinator"@nb , "coordinator"@en',
    }.items()
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a copy of the made-up content that may be written to, without a model: nothing is read but its data."""
    return made_up(tmp_path / "content")


@pytest.fixture
def whole(place: Path) -> Path:
    """Give the same with the shipped ontology, shapes, checks and imports."""
    for name in ("ontology", "shapes", "queries/checks", "queries/imports"):
        shutil.copytree(SHIPPED / name, place / name)
    return place


def made_up(root: Path) -> Path:
    """Write the data of the made-up content."""
    (root / "data/register").mkdir(parents=True)
    (root / "data/dataset.ttl").write_text(DATASET)
    (root / "data/register/testing.ttl").write_text(THINGS + ROLES)
    return root


def base_of(root: Path) -> Base:
    """Read a content for editing."""
    return Base.read(Content.open(root))


def shipped(name: str) -> QueryFile:
    """Give one of our imports."""
    return load(SHIPPED / f"queries/imports/{name}.rq")


def imported(root: Path, file: QueryFile | str, *paths: Path, **wishes: object) -> Outcome:
    """Run an import over files, as of the day that the samples are of."""
    query = shipped(file) if isinstance(file, str) else file
    wish = ImportWish(**{"name": "test", "today": TODAY, "same": {}, **wishes})
    return run(base_of(root), query, paths, wish, Progress(quiet=True))


def accept(root: Path, outcome: Outcome) -> None:
    """Write a proposal into the files as it would be: for tests of what comes after."""
    assert outcome.proposal is not None, [each.messages["en"] for each in outcome.findings]
    base = base_of(root)
    for each in outcome.proposal.removed:
        base.remove(each.subject, each.predicate, next(s for s in base.values(*each[:2]) if s.value == each.value))
    files: dict[str, set] = {each.file: set() for each in (*outcome.proposal.added, *outcome.proposal.removed)}
    for subject, said in base.statements.items():
        for predicate, values in said.items():
            for stated in values:
                if stated.file in files:
                    files[stated.file].add((subject, predicate, stated.value))
    for each in outcome.proposal.added:
        files[each.file].add(each[:3])
    for name, triples in files.items():
        (root / name).write_text(turtle(triples, base.content.prefixes))


def said(outcome: Outcome) -> set[tuple[str, str, str]]:
    """Give the statements that a proposal adds, shortened, but for those of the source and the graph."""
    assert outcome.proposal is not None, [each.messages["en"] for each in outcome.findings]
    return {
        (s.subject.removeprefix(ID), s.predicate.rpartition("#")[2].rpartition("/")[2], str(s.value).removeprefix(ID))
        for s in outcome.proposal.added
        if "/source/" not in s.subject and "/graph/" not in s.subject
    }


def codes(outcome: Outcome) -> list[str]:
    """Give the codes of findings."""
    return [each.code for each in outcome.findings]


@pytest.fixture
def keep_eu(tmp_path: Path) -> Path:
    """Give the workbook of keep.eu: two sheets, dates as cells and as text."""
    sheets: dict[str, list[list[str]]] = {}
    for line in (SAMPLES / "keep.tsv").read_text().splitlines():
        if line.startswith("sheet: "):
            rows = sheets.setdefault(line.removeprefix("sheet: "), [])
        else:
            rows.append(line.split("\t"))
    return workbook(tmp_path / "keep.xlsx", sheets)


def workbook(path: Path, sheets: dict[str, list[list[str]]], text: Iterable[str] = ("Programme",)) -> Path:
    """Write a workbook, in which what looks like a date or a number is one, but for some columns."""
    with Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    write: Callable[..., int] = sheet.write_string
                    written: object = value
                    if number and len(value) == 10 and value[4] == value[7] == "-":
                        write, written = sheet.write_datetime, date.fromisoformat(value)
                    elif number and value.isdigit() and rows[0][column] not in text:
                        write, written = sheet.write_number, int(value)
                    write(number, column, written)
    return path

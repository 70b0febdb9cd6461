"""Our imports over small files in the true forms of the registers: what is said, what is asked, what is never taken."""

import gzip
import zipfile
from datetime import date
from pathlib import Path

import pytest

from app.build.draft import checked
from app.config import Settings
from app.content.folders import Content
from app.progress import Progress
from app.terms import Iri
from tests.imports.conftest import ID, SAMPLES, accept, base_of, codes, imported, said

EKSEMPELVIK = "municipality/eksempelvik"
MUSEUM = "organisation/provefjord-museum"
ALL = {
    "enhetsregisteret": ("enheter.csv",),
    "ssb-07459": ("07459.json",),
    "klass-131": ("klass.csv",),
    "forskningsradet-eu": ("dataset.csv",),
    "cordis": ("organization.csv", "project.csv"),
    "erasmus-plus": ("erasmus.csv",),
    "kohesio": ("kohesio.csv",),
}


def files(name: str) -> list[Path]:
    return [SAMPLES / each for each in ALL[name]]


def test_legal_entities_from_csv(place):
    outcome = imported(place, "enhetsregisteret", *files("enhetsregisteret"))
    assert said(outcome) == {
        (EKSEMPELVIK, "organisationNumber", "310000019"),
        (EKSEMPELVIK, "hiddenLabel", "EKSEMPELVIK KOMMUNE"),
        (EKSEMPELVIK, "homepage", "https://www.eksempelvik.example.org"),
        (MUSEUM, "organisationNumber", "310000027"),
        (MUSEUM, "hiddenLabel", "PRØVEFJORD MUSEUM AS"),
        (MUSEUM, "homepage", "https://museum.example.org"),
        (MUSEUM, "founded", "2011-04-01"),
    }
    assert (outcome.read, outcome.kept, outcome.broken, codes(outcome)) == (2, 2, 0, [])


def test_legal_entities_from_json_tell_of_a_deleted_one(place):
    found = said(imported(place, "enhetsregisteret", SAMPLES / "enheter.json"))
    assert (EKSEMPELVIK, "homepage", "https://www.eksempelvik.example.org") in found
    assert (MUSEUM, "editorialNote", "Slettet i Enhetsregisteret 2026-01-01.") in found


def test_a_gzipped_download_is_read_as_it_is(place, tmp_path):
    path = tmp_path / "enheter.csv.gz"
    path.write_bytes(gzip.compress((SAMPLES / "enheter.csv").read_bytes()))
    assert said(imported(place, "enhetsregisteret", path)) == said(
        imported(place, "enhetsregisteret", SAMPLES / "enheter.csv")
    )


def test_population_from_a_cube_and_from_csv(place):
    cube = imported(place, "ssb-07459", *files("ssb-07459"))
    statement = "statement/folketall-2026-eksempelvik-ssb"
    assert (statement, "figure", "12345") in said(cube)
    assert (statement, "statementText", "Eksempelvik kommune hadde 12345 innbyggere 1. januar 2026.") in said(cube)
    assert not any("provefjord" in subject for subject, _, _ in said(cube)), "a figure that is withheld is none"
    assert said(imported(place, "ssb-07459-csv", SAMPLES / "07459.csv")) == said(cube)


def test_a_newer_population_takes_the_place_of_what_another_register_says(place):
    file = place / "data" / "register" / "testing.ttl"
    shipped = file.read_text(encoding="utf-8")
    for year, newer in (("2025", True), ("2027", False)):
        file.write_text(
            f'{shipped}\nmunicipality:eksempelvik inn:population 12000 ; inn:populationAsOf "{year}"^^xsd:gYear .\n',
            encoding="utf-8",
        )
        proposal = imported(place, "ssb-07459", *files("ssb-07459")).proposal
        new = {(each.predicate.partition("#")[2], str(each.value)) for each in proposal.added}
        gone = {(each.predicate.partition("#")[2], str(each.value), each.file) for each in proposal.removed}
        assert (("population", "12345") in new, ("populationAsOf", "2026") in new) == (newer, newer)
        known = {("population", "12000"), ("populationAsOf", year)} if newer else set()
        assert gone == {(*each, "data/register/testing.ttl") for each in known}
        assert ("figure", "12345") in new, "each year is a statement"


def test_municipalities_by_number_with_their_names_in_two_languages(place):
    assert said(imported(place, "klass-131", *files("klass-131"))) == {
        (EKSEMPELVIK, "municipalityNumber", "9901"),
        (EKSEMPELVIK, "hiddenLabel", "Eksempelvik"),
        ("municipality/provefjord", "municipalityNumber", "0988"),
        ("municipality/provefjord", "hiddenLabel", "Prøvevuotna - Prøvefjord"),
    }


def test_grants_with_participations_and_amounts(place):
    found = said(imported(place, "forskningsradet-eu", *files("forskningsradet-eu")))
    project, mine = "activity/eu-999901", "participation/eu-999901-eksempelvik"
    assert {
        (project, "projectCode", "999901"),
        (project, "startDate", "2018-10-01"),
        (project, "label", "Test grids for small towns"),
        (mine, "participant", EKSEMPELVIK),
        (mine, "role", "role/deltaker"),
        ("participation/eu-999901-provefjord-museum", "role", "role/koordinator"),
        ("statement/forskningsradet-eu-eu-999901-eksempelvik", "figure", "174687.5"),
        ("statement/forskningsradet-eu-eu-999901-provefjord-museum", "figure", "626200"),
    } <= found


def test_cordis_joins_two_files_and_learns_the_participant_code(place):
    found = said(imported(place, "cordis", *files("cordis")))
    assert {
        ("activity/eu-199999001", "label", "Test grids for small towns"),
        ("activity/eu-199999001", "endDate", "2028-12-31"),
        (EKSEMPELVIK, "participantCode", "100000002"),
        ("participation/eu-199999001-eksempelvik", "role", "role/deltaker"),
        ("statement/cordis-eu-199999001-eksempelvik", "figure", "299250.5"),
    } <= found
    assert not any("SAMPLEFISH" in value or "RESEARCH" in value for _, _, value in found), "of others nothing is taken"


def test_a_code_once_learned_finds_rows_without_a_number(place, tmp_path):
    accept(place, imported(place, "cordis", *files("cordis")))
    path = tmp_path / "organization.csv"
    path.write_text((SAMPLES / "organization.csv").read_text().replace("NO310000019MVA", ""))
    outcome = imported(place, "cordis", path, SAMPLES / "project.csv")
    assert (outcome.kept, outcome.proposal) == (1, None)


def test_a_zip_is_read_and_its_other_files_are_passed_over(place, tmp_path):
    path = tmp_path / "cordis-HORIZONprojects-csv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("csv/topics.csv", '"projectID";"topic"\n"199999001";"X"\n')
        for name in ALL["cordis"]:
            archive.write(SAMPLES / name, f"csv/{name}")
    assert said(imported(place, "cordis", path)) == said(imported(place, "cordis", *files("cordis")))


def test_keep_eu_joins_two_sheets_and_finds_a_project_that_is_known(place, keep_eu):
    outcome = imported(place, "keep-eu", keep_eu)
    assert {
        ("participation/gammelt-eksempelvik", "inActivity", "activity/gammelt"),
        ("statement/keep-eu-gammelt-eksempelvik", "figure", "156172.75"),
    } <= said(outcome)
    assert not any(subject.startswith("activity/") for subject, _, _ in said(outcome)), "it is there under its own name"


def test_a_name_alone_is_a_question_and_its_answer_is_remembered(place):
    outcome = imported(place, "erasmus-plus", *files("erasmus-plus"))
    assert (outcome.proposal.added, codes(outcome)) == ((), [])
    (question,) = outcome.proposal.questions
    (candidate,) = question.candidates
    assert (candidate.thing, question.records) == (f"{ID}{EKSEMPELVIK}", (1, 2))

    outcome = imported(place, "erasmus-plus", *files("erasmus-plus"), same={"EKSEMPELVIK KOMMUNE": candidate.thing})
    assert (outcome.proposal.questions, set(outcome.proposal.added)) == ((), set(candidate.added))
    assert {
        ("participation/erasmus-2018-1-no01-ka101-999901-eksempelvik", "role", "role/koordinator"),
        ("participation/erasmus-2019-1-xx01-ka201-999902-eksempelvik", "role", "role/deltaker"),
        ("activity/erasmus-2019-1-xx01-ka201-999902", "underProgramme", "programme/erasmus-plus"),
    } <= said(outcome)
    accept(place, outcome)
    again = imported(place, "erasmus-plus", *files("erasmus-plus"))
    assert (again.proposal, codes(again), again.kept) == (None, [], 2)


def test_kohesio_gives_the_budget_of_a_project_by_its_code(place):
    found = said(imported(place, "kohesio", *files("kohesio")))
    assert ("statement/kohesio-gammelt-budsjett", "figure", "812345.5") in found
    assert ("activity/gammelt", "seeAlso", "https://linkedopendata.eu/entity/Q99999901") in found


@pytest.mark.parametrize("name", [each for each in ALL if each != "erasmus-plus"])
def test_the_same_file_again_is_no_change_also_on_another_day(place, name):
    accept(place, imported(place, name, *files(name)))
    again = imported(place, name, *files(name))
    assert (again.proposal, again.findings) == (None, ())
    assert imported(place, name, *files(name), today=date(2027, 2, 1)).proposal is None


def test_what_the_registers_say_holds_by_our_shapes_and_checks(whole, keep_eu):
    everybody = {"EKSEMPELVIK KOMMUNE": Iri(f"{ID}{EKSEMPELVIK}")}
    for name in ALL:
        accept(whole, imported(whole, name, *files(name), same=everybody))
    accept(whole, imported(whole, "keep-eu", keep_eu))
    assert problems(whole) == set()


def problems(root: Path) -> set[str]:
    """Give the errors that ``innherred check`` finds in what was imported."""
    settings = Settings.from_environment({}, content=root, state=root.parent / "state")
    with checked(Content.open(root), settings, Progress(quiet=True)) as found:
        return {
            f"{each.path} {each.message['en']} {each.entity}"
            for each in found.problems
            if each.severity == "error" and "/register/" in str(each.path) and each.path.stem != "testing"
        }


def test_nothing_of_persons_streets_or_contacts_is_taken(place, keep_eu):
    everybody = {"EKSEMPELVIK KOMMUNE": Iri(f"{ID}{EKSEMPELVIK}")}
    for name in ALL:
        accept(place, imported(place, name, *files(name), same=everybody))
    accept(place, imported(place, "keep-eu", keep_eu))
    for subject, known in base_of(place).statements.items():
        for values in known.values():
            for each in values:
                assert not any(word in str(each.value) for word in ("Prøvegata", "contact-form", "63.9")), subject

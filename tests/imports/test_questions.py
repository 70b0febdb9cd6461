"""What is asked of a register's names: with what speaks for it, answered on the command line, and what follows."""

import json
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from app.cli.main import main
from app.editing.drawer import Drawer, DrawerError, StateChanged, now
from app.editing.identities import LATER, NONE, Wording, answer, mark
from app.editing.proposals import Event, from_json, to_json
from app.terms import Iri
from tests.imports.conftest import ID, SAMPLES, SHIPPED, accept, base_of, imported, workbook

EKSEMPELVIK = Iri(f"{ID}municipality/eksempelvik")
PROVEFJORD = Iri(f"{ID}municipality/provefjord")
ERASMUS = SAMPLES / "erasmus.csv"


@pytest.fixture
def cordis(tmp_path):
    """Give files of CORDIS in which the municipality has no number of ours: a name, a code and a place."""

    def made(number: str = "", pic: str = "100000002"):
        path = tmp_path / "organization.csv"
        text = (SAMPLES / "organization.csv").read_text()
        path.write_text(text.replace("NO310000019MVA", number).replace("100000002", pic))
        return path, SAMPLES / "project.csv"

    return made


@pytest.fixture
def drawer(tmp_path):
    return Drawer(tmp_path / "state")


@pytest.fixture
def kept(place, drawer):
    """Give a function that imports, and keeps the proposal."""

    def keep(name, *paths, **wishes):
        outcome = imported(place, name, *paths, **{"name": drawer.new_name(), **wishes})
        drawer.put(replace(outcome.proposal, history=(Event(now(), "open", "editor"),)))
        return outcome.proposal

    return keep


def reasons(place, question, language="en"):
    (candidate,) = Wording(base_of(place), language).question(question).candidates
    return [(each.text, each.speaks) for each in candidate.reasons]


def test_a_name_of_cordis_is_asked_with_what_speaks_for_and_against_it(place, cordis):
    proposal = imported(place, "cordis", *cordis("NO310000035MVA")).proposal
    (question,) = proposal.questions
    assert proposal.added == ()
    assert reasons(place, question) == [
        ("The name is the same: Eksempelvik kommune", "for"),
        ("Participant code (PIC): 100000002 – we do not have this", "unknown"),
        ("Organisation number: 310000035 – here 310000019", "against"),
        ("Place: EKSEMPELVIK – agrees with Eksempelvik Municipality", "for"),
    ]
    told = Wording(base_of(place), "nb").question(question)
    assert told.text == "Er «EKSEMPELVIK KOMMUNE» i registeret den samme som Eksempelvik kommune?"
    assert told.records == "Post 1 i organization.csv"
    assert [each.partition(": ")[2] for each in told.candidates[0].brings] == [
        "Test grids for small towns",
        "Eksempelvik kommune i TESTGRID",
        "Tildeling til Eksempelvik kommune i TESTGRID",
    ]


def test_a_code_learned_by_an_answer_is_used_by_the_next_import(place, cordis, kept, drawer):
    proposal = kept("cordis", *cordis())
    (question,) = proposal.questions
    answered = answer(drawer, proposal.name, {question.name: EKSEMPELVIK}, "reviewer")
    assert ("municipality/eksempelvik", "participantCode", "100000002") in {
        (s.subject.removeprefix(ID), s.predicate.rpartition("#")[2], str(s.value)) for s in answered.added
    }
    outcome = imported(place, "cordis", *cordis())
    accept(place, replace(outcome, proposal=answered))
    again = imported(place, "cordis", *cordis())
    assert (again.kept, again.proposal) == (1, None), "it is found by its code, and says nothing new"
    other = imported(place, "cordis", *cordis(pic="100000009"))
    assert len(other.proposal.questions) == 1, "another code of the same name is asked about"


def test_an_answer_is_in_the_proposal_and_may_be_changed(place, kept, drawer):
    proposal = kept("erasmus-plus", ERASMUS)
    (question,) = proposal.questions
    seen = mark(proposal)
    yes = answer(drawer, proposal.name, {question.name: EKSEMPELVIK}, "reviewer", seen)
    assert yes == drawer.get(proposal.name) == from_json(to_json(yes))
    assert (set(yes.added), yes.unanswered) == (set(question.candidates[0].added), 0)
    assert yes.questions[0].role == "reviewer"
    assert set(yes.bases) == {(each.subject, each.predicate) for each in yes.added}
    with pytest.raises(DrawerError, match="Others have answered"):
        answer(drawer, proposal.name, {question.name: NONE}, "reviewer", seen)
    no = answer(drawer, proposal.name, {question.name: NONE}, "reviewer")
    assert (no.added, no.bases, no.unanswered) == ((), {}, 0)
    assert replace(answer(drawer, proposal.name, {question.name: LATER}, "reviewer"), findings=None) == drawer.get(
        proposal.name
    )
    assert drawer.get(proposal.name).questions == proposal.questions
    drawer.transition(proposal.name, {"open"}, Event(now(), "refused", "reviewer", "x"))
    with pytest.raises(StateChanged):
        answer(drawer, proposal.name, {question.name: EKSEMPELVIK}, "reviewer")


def test_what_is_certain_stays_whatever_is_answered(place, tmp_path, kept, drawer):
    text = (SAMPLES / "organization.csv").read_text()
    header, ours, *_ = text.splitlines()
    named = (
        ours.replace("NO310000019MVA", "").replace("100000002", "100000007").replace("EKSEMPELVIK K", "PRØVEFJORD K")
    )
    path = tmp_path / "organization.csv"
    path.write_text(f"{header}\n{ours}\n{named}\n")
    proposal = kept("cordis", path, SAMPLES / "project.csv")
    (question,) = proposal.questions
    (candidate,) = question.candidates
    assert candidate.thing == PROVEFJORD
    assert not set(candidate.added) & set(proposal.added), "what is certain is not said twice"
    yes = answer(drawer, proposal.name, {question.name: PROVEFJORD}, "reviewer")
    assert set(yes.added) == {*proposal.added, *candidate.added}
    assert set(answer(drawer, proposal.name, {question.name: NONE}, "reviewer").added) == set(proposal.added)


def test_of_several_one_is_chosen(place, kept, drawer):
    path = place / "data/register/testing.ttl"
    path.write_text(path.read_text() + 'organisation:provefjord-museum skos:altLabel "Eksempelvik kommune"@nb .\n')
    proposal = kept("erasmus-plus", ERASMUS)
    (question,) = proposal.questions
    assert len(question.candidates) == 2
    first, second = (answer(drawer, proposal.name, {question.name: each.thing}, "r") for each in question.candidates)
    assert {str(s.subject) for s in first.added} != {str(s.subject) for s in second.added}
    assert set(second.added) == set(question.candidates[1].added)
    assert Wording(base_of(place), "en").question(question).text.startswith("Which of these is")


def test_who_said_no_is_not_asked_once_more(place, kept, drawer):
    proposal = kept("erasmus-plus", ERASMUS)
    answer(drawer, proposal.name, {proposal.questions[0].name: NONE}, "reviewer")
    earlier = {each.name: each for each in drawer.get(proposal.name).questions}
    again = imported(place, "erasmus-plus", ERASMUS, earlier=earlier).proposal
    assert (again.unanswered, again.added) == (0, ())


def test_a_name_of_keep_eu_is_asked_in_either_language(place, tmp_path):
    sheets: dict[str, list[list[str]]] = {}
    for line in (SAMPLES / "keep.tsv").read_text().replace("310000019", "").splitlines():
        if line.startswith("sheet: "):
            rows = sheets.setdefault(line.removeprefix("sheet: "), [])
        else:
            rows.append(line.split("\t"))
    outcome = imported(place, "keep-eu", workbook(tmp_path / "keep.xlsx", sheets))
    (question,) = outcome.proposal.questions
    assert (question.written, outcome.proposal.added) == ("Eksempelvik kommune", ())


def test_a_row_that_is_only_asked_about_and_has_an_error_hinders_nothing(place, tmp_path):
    path = tmp_path / "erasmus.csv"
    path.write_text(ERASMUS.read_text(encoding="utf-8-sig").replace('"2018-1-NO01-KA101-999901"', '""'))
    outcome = imported(place, "erasmus-plus", path)
    assert [each.code for each in outcome.findings] == ["not-filled", "not-asked"]
    assert (outcome.failed, outcome.proposal) == (False, None)


def test_what_is_asked_about_is_not_gone_from_the_register(place):
    everybody = {"EKSEMPELVIK KOMMUNE": EKSEMPELVIK}
    outcome = imported(place, "erasmus-plus", ERASMUS, same=everybody)
    forgotten = replace(
        outcome.proposal, added=tuple(s for s in outcome.proposal.added if "hiddenLabel" not in s.predicate)
    )
    accept(place, replace(outcome, proposal=forgotten))
    again = imported(place, "erasmus-plus", ERASMUS, remove=True)
    assert again.proposal.removed == ()
    (candidate,) = again.proposal.questions[0].candidates
    assert {each.predicate.rpartition("#")[2] for each in candidate.added} == {"hiddenLabel"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda d: d["questions"][0].update(chosen="<https://example.org/other>", time="2026-11-28T00:00:00Z"),
            "none of",
        ),
        (lambda d: d["questions"].append(d["questions"][0]), "two questions"),
        (lambda d: d["questions"][0].update(candidates=[]), "one thing or several"),
        (lambda d: d["questions"].__setitem__(slice(None), d["questions"] * 201), "more than 200"),
        (lambda d: d["questions"][0].update(written="x" * 201), "too long"),
        (lambda d: d["questions"][0].update(count=-1), "no number"),
        (lambda d: d["questions"][0].update(name="../x"), "no name of a question"),
        (
            lambda d: d["questions"][0]["candidates"][0]["added"][0].__setitem__(3, "queries/x.rq"),
            "no file of the data",
        ),
        (lambda d: d.update(formatVersion=1), "questions"),
        (lambda d: d.update(formatVersion=3), "not known here"),
    ],
)
def test_questions_are_read_without_trust(place, change, words):
    proposal = replace(imported(place, "erasmus-plus", ERASMUS).proposal, name="20261128-000000-aaaa")
    document = json.loads(to_json(proposal))
    change(document)
    with pytest.raises(ValueError, match=words):
        from_json(json.dumps(document))


@pytest.mark.parametrize("given", [{"0" * 12: NONE}, {"": "https://example.org/x"}])
def test_an_answer_to_something_else_is_refused(kept, drawer, given):
    proposal = kept("erasmus-plus", ERASMUS)
    given = {key or proposal.questions[0].name: value for key, value in given.items()}
    with pytest.raises(DrawerError):
        answer(drawer, proposal.name, given, "reviewer")
    assert drawer.get(proposal.name).unanswered == 1


def test_questions_are_listed_and_answered_on_the_command_line(place, tmp_path, drawer):
    shutil.copytree(SHIPPED / "queries/imports", place / "queries/imports")
    folders = ["--content", str(place), "--state", str(tmp_path / "state")]

    def run(*arguments: str):
        return CliRunner().invoke(main, [*arguments, *folders], env={"LANG": "C"})

    assert "1 names have to be answered in review" in run("import", "erasmus-plus", str(ERASMUS)).stdout
    (proposal,) = drawer.all()
    name = proposal.questions[0].name
    assert "1 questions" in run("proposals", "list").stdout
    shown = run("proposals", "show", proposal.name).stdout
    assert f"question {name}: Is “EKSEMPELVIK KOMMUNE” in the register" in shown
    done = run("proposals", "accept", proposal.name, "--quiet")
    assert (done.exit_code, "Answer them first" in done.output) == (1, True), done.output
    assert run("proposals", "answer", proposal.name, f"{name}=maybe").exit_code == 2
    assert run("proposals", "answer", proposal.name, f"{name}=yes").stdout.endswith("0 questions left\n")
    done = run("proposals", "accept", proposal.name, "--quiet")
    assert done.exit_code == 0, done.output
    assert "Nothing new" in run("import", "erasmus-plus", str(ERASMUS)).stdout, "the name is remembered"

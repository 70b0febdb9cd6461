"""The verdict on a proposal is what a check says of the files as it would leave them, less what it says of them now."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from app.build.draft import checked
from app.content.folders import Content
from app.editing.base import Base
from app.editing.judging import judge, judge_quickly, judgement
from app.editing.messages import NotAccepted
from app.editing.proposals import Proposal, Statement
from app.editing.resulting import resulting
from app.quality.checks import integrity_report, query_problems
from app.terms import Iri, Literal, typed
from tests.editing.conftest import BASE, QUIET, RDFS_LABEL, bridge, label, renamed

EV = f"{BASE}ontology#"
LENGTH, CLASS = Iri(EV + "length"), Iri(EV + "Bridge")
RDF_TYPE = Iri("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
FILE = "data/plan/bridges.ttl"


def long(name, metres):
    return Statement(bridge(name), LENGTH, typed(metres, "decimal"), FILE)


def new(name, *labels, file=FILE):
    """Give the statements of a bridge that is new."""
    return [Statement(bridge(name), RDF_TYPE, CLASS, file), *(label(name, text, tag, file) for text, tag in labels)]


# By what is to be seen: statements to remove, and to add.
CASES = {
    "nothing is wrong": renamed(),
    "a name is lacking": {"added": new("vestbrua")},
    "two names in a language": {"added": [label("nordbrua", "Brua")]},
    "a name in another language": {"added": [label("nordbrua", "Nordbrücke", "de")]},
    "two lengths, and a text": {
        "added": [long("sorbrua", "13"), Statement(bridge("sorbrua"), LENGTH, Literal("lang"), FILE)]
    },
    "a warning is cured": {"added": [long("nordbrua", "40.0")]},
    "what another thing needs is gone": {
        "removed": [label("sorbrua", "Sørbrua"), label("sorbrua", "South Bridge", "en")]
    },
    "an own term that is not defined": {
        "added": [Statement(bridge("nordbrua"), Iri(EV + "heigth"), Literal("3"), FILE)]
    },
    "a label without language": {"added": [label("nordbrua", "Brua", None)]},
    "a thing is deleted": {
        "removed": [
            Statement(bridge("sorbrua"), RDF_TYPE, CLASS, FILE),
            label("sorbrua", "Sørbrua"),
            label("sorbrua", "South Bridge", "en"),
            long("sorbrua", "12.50"),
        ]
    },
    "a file is emptied": {"removed": [label("nordbrua", "Nordbroen", "nn", "data/register/list.ttl")]},
    "a file is new": {"added": new("nybrua", ("Nybrua", "nb"), file="data/register/other.ttl")},
}


def told(problems):
    """Give problems as what they say, without lines."""
    return Counter((p.severity, str(p.entity), tuple(sorted(p.message.items())), str(p.path)) for p in problems)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_verdict_equals_that_of_check_on_the_resulting_files(plain_town, checked_town, tmp_path, case):
    town, base = plain_town, plain_town.base()
    proposal = town.propose(**case, put=False, base=base)
    quick, again = judge_quickly(base, proposal), judge_quickly(base, proposal)
    judged = judgement(town.settings, base.content, [proposal], QUIET)
    copy = tmp_path / "by-hand"
    shutil.copytree(town.root, copy)
    for each in resulting(base.content, [proposal]):
        (copy / each.name).parent.mkdir(parents=True, exist_ok=True)
        (copy / each.name).write_bytes(each.after) if each.after is not None else (copy / each.name).unlink()
    changed = Content.open(copy)
    with checked(changed, replace(town.settings, content=copy), QUIET) as found:
        before, after = told(checked_town), told(found.problems)

    new_ones, cured = after - before, before - after
    answers = {Path(key[3]).name for key in new_ones if key[3].startswith("queries/approved/")}
    assert {Path(each.name).name for each in judged.answers} == answers
    assert messages(judged.new) == without_files(new_ones)
    assert messages(judged.cured) == without_files(cured)

    results = {each.key: each for each in integrity_report(changed).results}
    known = {each.key for each in integrity_report(base.content).results}
    touched = set(proposal.subjects) | {s for subject in proposal.subjects for s, _ in base.pointing(subject)}
    slice_ = {(r.focus, r.path, r.value) for key, r in results.items() if key not in known and r.focus in touched}
    assert {(each.subject, each.predicate, each.value) for each in quick if each.subject in touched} == slice_
    assert again == quick, "the graphs that are kept are as they were"


def without_files(counted):
    """Count problems by what they say, but for those of approved answers."""
    kept = ((key[:3], n) for key, n in counted.items() if not key[3].startswith("queries/approved/"))
    return Counter(dict(kept))


def messages(findings):
    """Count findings by what they say to editors of files."""
    return Counter(
        (each.severity, str(each.subject), tuple(sorted((each.technical or each.messages).items())))
        for each in findings
    )


def test_what_a_shape_says_of_a_value_is_found_when_the_value_changes(plain_town):
    base = plain_town.base()
    removed = CASES["what another thing needs is gone"]["removed"]
    found = judge_quickly(base, plain_town.propose(removed=removed, put=False, base=base))
    assert bridge("nordbrua") in {each.subject for each in found}, "its neighbour has no name any more"
    assert all({"nb", "en"} <= each.messages.keys() for each in found)


def test_a_statement_that_two_files_make_is_gone_only_when_both_are(plain_town):
    town = plain_town
    both = [label("nordbrua", "Nordbroen", "nn", name) for name in ("data/plan/more.ttl", "data/register/list.ttl")]
    town.write("data/plan/more.ttl", town.text("data/register/list.ttl"))
    others = [each for each in town.base().statements[bridge("nordbrua")][RDFS_LABEL] if each.file == FILE]
    gone = [Statement(bridge("nordbrua"), RDFS_LABEL, each.value, each.file) for each in others]
    base = town.base()
    assert judge_quickly(base, town.propose(removed=[*gone, both[0]], put=False, base=base)) == ()
    assert judge_quickly(base, town.propose(removed=[*gone, *both], put=False, base=base)) != ()


def test_a_change_that_alters_answers_says_which_and_they_are_no_errors(plain_town):
    town = plain_town
    found = judge(town.settings, town.propose(added=new("nybrua", ("Nybrua", "nb")), put=False), QUIET)
    changed = [each for each in found if each.code == "answer-changes"]
    assert ["bridges" in each.messages["nb"] for each in changed] == [True]
    assert {each.severity for each in found} == {"info", "warning"}


def test_an_answer_that_was_another_before_is_left_to_an_editor(plain_town):
    town = plain_town
    town.write("queries/approved/bridges.tsv", "?bridge\n")
    proposal = town.propose(added=new("nybrua", ("Nybrua", "nb")), put=False)
    assert judgement(town.settings, town.content(), [proposal], QUIET).answers == ()


def test_the_present_files_are_checked_once(plain_town, monkeypatch):
    town, seen = plain_town, []
    shutil.rmtree(town.state / "verdicts")

    def counting(*arguments, **options):
        seen.append(arguments[0].root)
        return checked(*arguments, **options)

    monkeypatch.setattr("app.editing.judging.checked", counting)
    first = judge(town.settings, town.propose(**renamed(), put=False), QUIET)
    other = judge(town.settings, town.propose(**renamed(new="Brua"), put=False), QUIET)
    assert seen.count(town.root) == 1
    assert len(seen) == 3
    assert judge(town.settings, town.propose(**renamed(), put=False), QUIET) == first == other
    assert len(seen) == 3, "what was judged is not checked again"
    for path in (town.state / "verdicts").glob("*.json"):
        path.write_text('{"problems": [{"path": 3}], "deleted": 1}', encoding="utf-8")
    assert judge(town.settings, town.propose(**renamed(), put=False), QUIET) == first
    assert len(seen) == 5, "what is kept and cannot be read is found again"


def test_query_files_are_checked_once_and_again_when_they_change(plain_town, monkeypatch):
    town, seen = plain_town, []

    def counting(*arguments):
        seen.append(query_problems(*arguments))
        return seen[-1]

    monkeypatch.setattr("app.build.draft.query_problems", counting)
    question = "#+ title: {nb: Hva, en: What}\n#+ columns: {none: {nb: Ingen, en: None}}\nSELECT ?s WHERE { ?s ?p "
    for number, end in enumerate(("", "?o }"), 1):
        town.write("queries/questions/broken.rq", question + end)
        for new in ("Brua", "Broen"):
            proposal = town.propose(**renamed(new=new), put=False)
            judged = judgement(town.settings, town.content(), [proposal], QUIET)
            assert not [each for each in judged.new if "broken" in str(each)]
            about = [each for each in judged.verdict.problems if each.path and each.path.stem == "broken"]
            assert about, "a column that is not there, or the syntax"
            with checked(town.content(), town.settings, QUIET) as found:
                wrong = [each for each in found.problems if each.path and each.path.stem == "broken"]
            assert told(about) == told(wrong)
        assert len(seen) == number * 2 + 1 + (number - 1), "by the first verdict, and by each check beside it"


def test_nothing_is_written_by_a_verdict(plain_town):
    before = plain_town.files()
    judge(plain_town.settings, plain_town.propose(**renamed(), put=False), QUIET)
    assert plain_town.files() == before


@pytest.mark.parametrize(
    "file",
    [
        "data/dataset.ttl",
        "data/../shapes/bridges.ttl",
        "shapes/bridges.ttl",
        "/etc/hosts.ttl",
        "data/catalog/x.ttl",
        "data/.hidden.ttl",
        "data/x.trig",
        "data/plan/bridges.ttl/x.ttl",
        "data/register/a\nb.ttl",
        "queries/approved/bridges.tsv",
    ],
)
def test_no_proposal_writes_into_another_file_than_one_of_the_data(plain_town, file):
    statement = label("nordbrua", "Brua", "nb", file)
    with pytest.raises(NotAccepted):
        resulting(plain_town.content(), [Proposal("x", "form", "x", added=(statement,))])


def test_a_link_is_not_written_through(plain_town, tmp_path):
    elsewhere = plain_town.root / "data" / "plan" / "real.ttl"
    elsewhere.write_bytes((plain_town.root / FILE).read_bytes())
    (plain_town.root / FILE).unlink()
    (plain_town.root / FILE).symlink_to("real.ttl")
    with pytest.raises(NotAccepted):
        resulting(plain_town.content(), [Proposal("x", "form", "x", added=(label("nordbrua", "Brua"),))])


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Literal('anførsel " og \\ og\nny linje\r\n\t.', "nb"), True),
        (Literal("a" * 100_000, "nb"), True),
        (Literal('"""@nb . <http://example.org/a> a <http://example.org/B> .', "nb"), True),
        (typed("01", "integer"), True),
        (Literal("\ud800", "nb"), False),
        (Literal("x", "n b"), False),
        (Iri("http://example.org/a> . <b"), False),
    ],
)
def test_a_value_is_written_exactly_or_not_at_all(plain_town, value, kept):
    statement = Statement(bridge("nordbrua"), RDFS_LABEL, value, FILE)
    proposals = [Proposal("x", "form", "x", added=(statement,))]
    if not kept:
        with pytest.raises(NotAccepted):
            resulting(plain_town.content(), proposals)
        return
    (change,) = resulting(plain_town.content(), proposals)
    before = plain_town.base().statements
    (plain_town.root / FILE).write_bytes(change.after)
    after = Base.read(plain_town.content()).statements
    assert [each.value for each in after[bridge("nordbrua")][RDFS_LABEL] if each.value == value] == [value]
    assert sum(len(v) for p in after.values() for v in p.values()) == 1 + sum(
        len(v) for p in before.values() for v in p.values()
    )

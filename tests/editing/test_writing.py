"""What is accepted is written, built, committed and served, or everything stays as it was."""

import errno
import fcntl
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.cli.main import main
from app.editing import journal
from app.editing.messages import NotAccepted
from app.editing.writing import accept, accept_all, refuse, resume, undo, withdraw
from app.generation import build_lock, current
from tests.editing.conftest import QUIET, Town, bridge, label, renamed
from tests.editing.test_judging import FILE, new

NOBODY = "reviewer <reviewer@innherred.invalid>"


def accepted(town, proposal, **options):
    return accept(town.settings, proposal.name, role="reviewer", progress=QUIET, **options)


def state(town, proposal):
    return town.drawer.get(proposal.name).state


def refused(town, proposal, names_in):
    """Accept a proposal that is not accepted, see that all is as it was, and give what is told."""
    before, version, head = town.files(), town.version, head_of(town)
    with pytest.raises(NotAccepted) as caught:
        accepted(town, proposal)
    assert (town.files(), town.version, head_of(town)) == (before, version, head)
    assert not (town.state / "acceptance.json").exists()
    kept = town.drawer.get(proposal.name)
    assert kept.state in ("open", "failed")
    assert kept.findings[0].messages == caught.value.messages
    for language in ("nb", "en"):
        assert names_in in caught.value.messages[language]
    return caught.value


def head_of(town):
    return town.git("rev-parse", "HEAD") if (town.root / ".git").exists() else None


def test_an_accepted_proposal_is_in_the_files_in_the_generation_and_in_one_commit(town):
    proposal, before = town.propose(**renamed(), title="Nytt navn"), town.version
    done = accepted(town, proposal, words="Riktig navn.")
    assert (done.state, done.version) == ("accepted", town.version)
    assert town.version != before
    assert '"Nordre bru"@nb' in town.text(FILE)
    assert done.commit == town.git("rev-parse", "HEAD")
    assert town.git("show", "--name-only", "--format=%an <%ae>%n%B", "HEAD").split("\n") == [
        NOBODY,
        "Nytt navn",
        "",
        "Riktig navn.",
        "",
        f"Proposal: {proposal.name}",
        "Accepted-by: reviewer",
        "",
        "",
        FILE,
    ]
    assert town.git("status", "--porcelain") == ""
    assert town.drawer.get(proposal.name) == done
    assert not (town.state / "acceptance.json").exists()


def test_what_an_accepted_proposal_answers_is_closed_and_what_that_answers(plain_town):
    town = plain_town
    told = town.propose(title="Feil navn")
    suggestion = replace(told, name=town.drawer.new_name(), door="suggestion", note="Brua heter noe annet.")
    town.drawer.put(suggestion)
    first = town.propose(**renamed(), title="Nytt navn", answers=suggestion.name)
    mended = town.propose(**renamed(new="Brua"), title="Rettet navn", answers=first.name)
    other = town.propose(title="Uten sammenheng")
    accepted(town, mended)
    closed = [town.drawer.get(each.name) for each in (suggestion, first)]
    assert [each.state for each in closed] == ["accepted", "withdrawn"]
    assert all(mended.name in each.history[-1].words and each.history[-1].role == "reviewer" for each in closed)
    assert state(town, other) == "open"
    back = undo(town.settings, mended.name, role="reviewer")
    accepted(town, back)
    assert state(town, mended) == "accepted", "what is taken back is not answered"


def test_what_is_decided_or_gone_stays_so_when_its_answer_is_accepted(plain_town):
    town = plain_town
    answered = town.propose(title="Avslått")
    refuse(town.settings, answered.name, role="reviewer", words="Nei.")
    assert accepted(town, town.propose(**renamed(), answers=answered.name)).state == "accepted"
    assert state(town, answered) == "refused"
    missing = town.propose(**renamed(old="Nordre bru", new="Brua"), answers="20200101-000000-abcd")
    assert accepted(town, missing).state == "accepted"


def test_new_files_answers_that_change_and_a_file_that_is_emptied_are_in_the_same_commit(town):
    gone = label("nordbrua", "Nordbroen", "nn", "data/register/list.ttl")
    added = new("nybrua", ("Nybrua", "nb"), file="data/register/deep/other.ttl")
    accepted(town, town.propose(added=added, removed=[gone]))
    assert town.git("show", "--name-status", "--format=", "HEAD").split("\n") == [
        "A\tdata/register/deep/other.ttl",
        "D\tdata/register/list.ttl",
        "M\tqueries/approved/bridges.tsv",
    ]
    assert "nybrua" in town.text("queries/approved/bridges.tsv")
    assert town.git("status", "--porcelain") == ""


def test_several_are_accepted_together_with_one_commit(town):
    first = town.propose(**renamed(), title="Det første")
    second = town.propose(added=[label("sorbrua", "Sørbroen", "nn")], title="Det andre")
    head = head_of(town)
    done = accept_all(town.settings, [first.name, second.name], role="reviewer", progress=QUIET)
    assert [each.state for each in done] == ["accepted", "accepted"]
    assert done[0].commit == done[1].commit == head_of(town)
    assert town.git("rev-list", "--count", f"{head}..HEAD") == "1"
    told = town.git("log", "-1", "--format=%B")
    assert all(each in told for each in (first.name, second.name, "Det første", "Det andre"))


def test_of_two_that_want_different_things_none_is_accepted_together(town):
    first, second = town.propose(**renamed()), town.propose(**renamed(new="Nye Nordbrua"))
    before = town.files()
    with pytest.raises(NotAccepted):
        accept_all(town.settings, [first.name, second.name], role="reviewer", progress=QUIET)
    assert town.files() == before
    assert [state(town, each) for each in (first, second)] == ["open", "open"]


def test_what_was_accepted_can_be_undone_by_the_same_way(town):
    before = {name: text for name, text in town.files().items() if not name.startswith("queries/")}
    proposal = town.propose(**renamed(), title="Nytt navn")
    accepted(town, proposal)
    back = undo(town.settings, proposal.name, role="reviewer", words="Det var feil.")
    assert (back.state, back.door, back.answers) == ("open", "undo", proposal.name)
    accepted(town, back)
    assert {name: text for name, text in town.files().items() if not name.startswith("queries/")} == before
    with pytest.raises(NotAccepted):
        undo(town.settings, town.propose(**renamed()).name, role="reviewer")


def test_a_proposal_of_words_alone_is_accepted_without_a_build(town):
    proposal, version, head = town.propose(title="Brua er gul", note="Den er ikke rød."), town.version, head_of(town)
    done = accepted(town, proposal)
    assert (done.state, done.version, done.commit) == ("accepted", None, None)
    assert (town.version, head_of(town)) == (version, head)


def test_what_is_so_already_is_accepted_without_a_commit(town):
    proposal, head = town.propose(added=[label("nordbrua", "Nordbrua")]), head_of(town)
    assert (accepted(town, proposal).commit, head_of(town)) == (None, head)


def test_a_decided_proposal_is_not_decided_again(town):
    proposal = town.propose(**renamed())
    assert refuse(town.settings, proposal.name, role="reviewer", words="Nei, takk.").history[-1].words == "Nei, takk."
    for again in (
        lambda: accepted(town, proposal),
        lambda: withdraw(town.settings, proposal.name, role="editor"),
        lambda: refuse(town.settings, proposal.name, role="reviewer", words="Nei."),
    ):
        with pytest.raises(NotAccepted):
            again()
    assert state(town, proposal) == "refused"
    with pytest.raises(NotAccepted):
        refuse(town.settings, town.propose(**renamed()).name, role="reviewer", words=" ")
    with pytest.raises(NotAccepted):
        accept(town.settings, "20200101-000000-aaaaaa", role="reviewer", progress=QUIET)


def test_errors_refuse_it_and_are_kept_with_it(town):
    error = refused(town, town.propose(added=new("vestbrua")), "1")
    assert [each.subject for each in error.findings if each.severity == "error"] == [bridge("vestbrua")]


def test_what_changed_under_it_is_told(town):
    proposal = town.propose(**renamed())
    town.write(FILE, town.text(FILE).replace('"Nordbrua"@nb', '"Gamlebrua"@nb'))
    town.commit("another name")
    refused(town, proposal, "Gamlebrua")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text + "\n", "innherred format"),
        (lambda text: "# a comment\n" + text, "skos:editorialNote"),
        (lambda text: text.replace("\n", "\r\n"), ".gitattributes"),
        (lambda text: text + "x", "bridges.ttl"),
    ],
    ids=["not canonical", "a comment", "line ends", "broken"],
)
def test_a_file_that_cannot_be_kept_as_it_is_is_named(town, change, told):
    proposal = town.propose(**renamed())
    town.git("config", "core.autocrlf", "false")
    town.write(FILE, change(town.text(FILE)))
    town.commit("by hand")
    assert "bridges.ttl" in str(refused(town, proposal, told))


def dirty(town):
    town.write(FILE, town.text(FILE).replace("12.50", "13.50"))


def staged(town):
    dirty(town)
    town.git("add", FILE)


def untracked(town):
    town.git("rm", "--quiet", "--cached", FILE)
    town.git("-c", "user.name=E", "-c", "user.email=e@example.org", "commit", "--quiet", "-m", "out")


@pytest.mark.parametrize("edited", [dirty, staged, untracked])
def test_a_file_that_somebody_edits_is_named_and_never_overwritten(town, edited):
    edited(town)
    refused(town, town.propose(**renamed()), FILE)


def test_what_others_have_changed_elsewhere_is_left_to_them(town):
    town.write("README.md", "Ikke ferdig.\n")
    town.write("queries/approved/lengths.tsv", town.text("queries/approved/lengths.tsv") + "\n")
    town.git("add", "README.md")
    before = town.git("status", "--porcelain")
    accepted(town, town.propose(**renamed()))
    assert town.git("status", "--porcelain") == before
    assert town.git("show", "--name-only", "--format=", "HEAD") == FILE


def test_in_the_middle_of_a_merge_nothing_is_accepted(town):
    (town.root / ".git" / "MERGE_HEAD").write_text(head_of(town) + "\n")
    refused(town, town.propose(**renamed()), "git")


def test_a_lock_of_gits_is_told_and_not_deleted(town, monkeypatch):
    monkeypatch.setattr("app.editing.checkout._PATIENCE", 0.1)
    lock = town.root / ".git" / "index.lock"
    lock.touch()
    refused(town, town.propose(**renamed()), "index.lock")
    assert lock.exists()


def test_without_a_branch_nothing_is_accepted(town):
    town.git("checkout", "--quiet", "--detach")
    refused(town, town.propose(**renamed()), "git switch")


def test_a_new_file_that_git_ignores_is_told(town):
    town.write(".gitignore", "data/register/new*\n")
    town.commit("ignore")
    refused(town, town.propose(added=new("nybrua", ("Nybrua", "nb"), file="data/register/new.ttl")), ".gitignore")


@pytest.mark.parametrize("hook", ["pre-commit", "commit-msg"])
def test_a_hook_that_says_no_is_quoted_and_all_is_as_it_was(town, hook):
    path = town.root / ".git" / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\necho 'not on a Sunday' >&2\nexit 1\n")
    path.chmod(0o755)
    added = new("nybrua", ("Nybrua", "nb"), file="data/register/other.ttl")
    proposal = town.propose(**{**renamed(), "added": [*renamed()["added"], *added]})
    refused(town, proposal, "not on a Sunday")
    assert town.git("status", "--porcelain") == ""
    assert state(town, proposal) == "failed"
    path.unlink()
    assert accepted(town, proposal).state == "accepted"


def test_the_commit_is_by_whom_the_setting_says(town, monkeypatch):
    monkeypatch.setenv("INNHERRED_COMMIT_AUTHOR", "Eksempelvik <post@eksempelvik.example>")
    proposal = town.propose(**renamed())
    command = [sys.executable, "-m", "app.cli", "proposals", "accept", proposal.name, "--words", "Ja.", "--quiet"]
    done = subprocess.run(
        [*command, "--content", str(town.root), "--state", str(town.state)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{proposal.name}: accepted, version {town.version}, commit {head_of(town)[:12]}\n"
    assert town.git("log", "-1", "--format=%an <%ae> %cn <%ce>") == " ".join(
        ["Eksempelvik <post@eksempelvik.example>"] * 2
    )


def test_line_ends_that_git_changes_on_checkout_do_no_harm(town):
    town.git("config", "core.autocrlf", "true")
    town.write(".gitattributes", "*.ttl text eol=lf\n*.tsv text eol=lf\n")
    town.commit("line ends")
    accepted(town, town.propose(**renamed()))
    assert "\r" not in (town.root / FILE).read_bytes().decode()
    assert town.git("status", "--porcelain") == ""


def test_a_content_below_the_root_of_a_checkout_is_committed_alone(tmp_path, nobody, built_town):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    shutil.copytree(built_town, tmp_path / "repo", symlinks=True)
    town = Town(tmp_path / "repo", git=False)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main"], cwd=tmp_path / "repo", check=True)
    town.write("../.gitignore", "state/\n")
    town.commit("first")
    accepted(town, town.propose(**renamed()))
    assert town.git("show", "--name-only", "--format=", "HEAD") == f"content/{FILE}"


def test_outside_of_git_it_is_written_and_built_without_a_commit(plain_town):
    done = accepted(plain_town, plain_town.propose(**renamed()))
    assert (done.state, done.commit, done.version) == ("accepted", None, plain_town.version)
    assert '"Nordre bru"@nb' in plain_town.text(FILE)


def test_a_file_that_changes_while_it_is_judged_is_not_overwritten(plain_town, monkeypatch):
    town = plain_town
    proposal = town.propose(**renamed())
    real = journal.Journal.prepare

    def slowly(self, files):
        real(self, files)
        town.write(FILE, town.text(FILE) + "# somebody\n")

    monkeypatch.setattr(journal.Journal, "prepare", slowly)
    with pytest.raises(NotAccepted) as caught:
        accepted(town, proposal)
    assert FILE in caught.value.messages["nb"]
    assert town.text(FILE).endswith("# somebody\n")
    assert "Nordre" not in town.text(FILE)
    assert set(town.files()) == set(Town(town.root.parent, git=False).files())


@pytest.mark.parametrize("number", range(8))
def test_without_space_on_the_disk_nothing_is_lost(town, monkeypatch, number):
    added = new("nybrua", ("Nybrua", "nb"), file="data/register/other.ttl")
    proposal = town.propose(**{**renamed(), "added": [*renamed()["added"], *added]})
    real, calls = os.fsync, []

    def full(file):
        calls.append(file)
        if number < len(calls) < 100 and number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file)

    before, version = town.files(), town.version
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotAccepted) if number else pytest.MonkeyPatch.context():
        accepted(town, proposal)
    monkeypatch.setattr(os, "fsync", real)
    resume(town.settings)
    after = town.drawer.get(proposal.name).state
    if after != "accepted":
        assert (town.files(), town.version) == (before, version)
        assert accepted(town, proposal).state == "accepted"
    assert town.git("status", "--porcelain") == ""
    assert town.version != version


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(plain_town):
    (plain_town.root / "data" / "plan").chmod(0o555)
    try:
        refused(plain_town, plain_town.propose(**renamed()), "bridges.ttl")
    finally:
        (plain_town.root / "data" / "plan").chmod(0o755)


def test_of_two_at_once_one_wins_and_the_other_is_told(town):
    proposal = town.propose(**renamed())
    command = [sys.executable, "-m", "app.cli", "proposals", "accept", proposal.name, "--quiet"]
    command += ["--content", str(town.root), "--state", str(town.state)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=600) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1], told
    assert state(town, proposal) == "accepted"
    assert town.git("rev-list", "--count", "HEAD") == "2"


def test_it_waits_for_a_build_and_a_build_for_it(plain_town):
    """Whoever holds the lock of acceptances never waits for it with the lock of builds."""
    proposal = plain_town.propose(**renamed())
    with build_lock(plain_town.state), (plain_town.state / "acceptance.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(NotAccepted) as caught:
            accepted(plain_town, proposal)
    assert "minutt" in caught.value.messages["nb"]
    assert state(plain_town, proposal) == "open"


def test_commands_say_what_became_of_a_proposal(town, monkeypatch):
    from click.testing import CliRunner

    monkeypatch.setenv("LC_ALL", "nb_NO.UTF-8")
    places = ["--content", str(town.root), "--state", str(town.state)]

    def run(*words):
        return CliRunner().invoke(main, ["proposals", *words, *places])

    bad = town.propose(added=new("vestbrua"))
    judged = run("judge", bad.name, "--quiet")
    assert judged.exit_code == 1
    assert "Ett navn på hvert språk." in judged.output
    assert town.drawer.get(bad.name).findings
    missing = run("accept", "20200101-000000-aaaaaa")
    assert missing.exit_code == 1
    assert "Det finnes ikke noe forslag 20200101-000000-aaaaaa." in missing.output
    assert run("refuse", bad.name, "--words", "Mangler navn.").output == f"{bad.name}: refused\n"
    other = town.propose(**renamed())
    assert run("withdraw", other.name).output == f"{other.name}: withdrawn\n"
    assert run("undo", other.name).exit_code == 1
    assert run("resume").output == "Nothing was interrupted.\n"


def test_what_people_write_forges_nothing_in_a_commit(town):
    proposal = town.propose(**renamed(), title="# Nytt\nProposal: et annet")
    words = "Signed-off-by: noen <noen@example.org>\n\n# nei"
    accept(town.settings, proposal.name, role="rev <x@y>\nAuthor: z", words=words, progress=QUIET)
    assert town.git("log", "-1", "--format=%an|%s") == "rev x@y Author: z|# Nytt Proposal: et annet"
    assert town.git("log", "-1", "--format=%(trailers:key=Proposal,valueonly)").strip() == proposal.name


def dated(town, day):
    """Say in the files that the dataset was changed last on a day."""
    town.write("data/dataset.ttl", town.text("data/dataset.ttl").replace("2099-01-01", day))
    town.commit("dated")


def test_what_is_accepted_moves_the_day_that_the_data_is_as_of_in_the_same_commit(town):
    dated(town, "2026-01-01")
    proposal = town.propose(**renamed())
    before = datetime.now(UTC).date().isoformat()
    accepted(town, proposal)
    after = datetime.now(UTC).date().isoformat()
    days = re.findall(r'dcterms:modified "(.*?)"', town.text("data/dataset.ttl"))
    assert len(days) == 1
    assert before <= days[0] <= after
    assert town.git("show", "--name-only", "--format=", "HEAD").split("\n") == ["data/dataset.ttl", FILE]
    assert current(town.state).manifest.as_of == days[0]
    back = undo(town.settings, proposal.name, role="reviewer", words="Feil.")
    assert {each.file for each in (*back.added, *back.removed)} == {FILE}
    assert accepted(town, back).state == "accepted"
    assert f'dcterms:modified "{days[0]}"' in town.text("data/dataset.ttl")


@pytest.mark.parametrize("edit", ["# a note\n", "\n"])
def test_the_day_is_left_alone_where_the_file_is_being_edited_or_not_canonical(town, edit):
    dated(town, "2026-01-01")
    town.write("data/dataset.ttl", town.text("data/dataset.ttl") + edit)
    if edit == "# a note\n":
        town.commit("a note")
    before = town.text("data/dataset.ttl")
    accepted(town, town.propose(**renamed()))
    assert town.text("data/dataset.ttl") == before
    assert town.git("show", "--name-only", "--format=", "HEAD") == FILE

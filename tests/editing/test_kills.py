"""An acceptance that is killed at any step leaves the files before or after it, and is finished or taken back."""

import multiprocessing
import os
import shutil
import signal
from contextlib import contextmanager

import pytest

from app.build.freshness import fresh
from app.config import Settings
from app.editing.judging import judgement
from app.editing.writing import accept, resume, unfinished
from app.generation import current
from app.progress import Progress
from tests.editing.conftest import QUIET, Town, label, renamed
from tests.editing.test_judging import new

# Processes that are forked from one that has imported everything, and in which no engine runs.
_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload(["app.editing.writing", "tests.editing.test_kills"])
# More steps than there are.
_MANY = 200


class Steps(Progress):
    """Counts the steps, writes them into a file, and kills this process at one of them."""

    def __init__(self, path, last):
        super().__init__(quiet=True)
        self.path, self.last, self.number = path, last, 0

    @contextmanager
    def step(self, message):
        self.at(message)
        yield
        self.at(f"after: {message}")

    def at(self, message):
        self.number += 1
        with self.path.open("a") as file:
            file.write(message + "\n")
        if self.number == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def accepting(root, state, name, path, last):
    """Accept a proposal, as far as that step."""
    accept(Settings(content=root, state=state), name, role="reviewer", progress=Steps(path, last))


def started(town, proposal, last):
    """Accept in a process of its own, and give its exit code and the steps that it came to."""
    path = town.state.parent / "steps"
    path.unlink(missing_ok=True)
    process = _START.Process(target=accepting, args=(town.root, town.state, proposal.name, path, last))
    process.start()
    process.join()
    return process.exitcode, path.read_text().splitlines()


@pytest.fixture(scope="module")
def judged_town(tmp_path_factory, built_town):
    """Give folders with a checkout and without one, each with a proposal that is judged, and what it leaves."""
    found = {}
    for git in (True, False):
        if git and shutil.which("git") is None:
            continue
        folder = tmp_path_factory.mktemp("judged") / "town"
        shutil.copytree(built_town, folder, symlinks=True)
        town = Town(folder, git=git)
        added = new("nybrua", ("Nybrua", "nb"), file="data/register/deep/new.ttl")
        gone = label("nordbrua", "Nordbroen", "nn", "data/register/list.ttl")
        proposal = town.propose(
            added=[*renamed()["added"], *added], removed=[*renamed()["removed"], gone], title="Mye på en gang"
        )
        judgement(town.settings, town.content(), [proposal], QUIET)
        found[git] = folder, proposal
    return found


@pytest.fixture(scope="module")
def steps(judged_town, tmp_path_factory):
    """Give the steps of an acceptance that nobody kills, and the files that it leaves."""
    found = {}
    for git, (folder, proposal) in judged_town.items():
        town = copied(folder, tmp_path_factory.mktemp("whole"))
        code, told = started(town, proposal, _MANY)
        assert code == 0
        found[git] = told, town.files()
    return found


def copied(folder, target):
    shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)
    town = Town(target, git=False)
    if (town.root / ".git").exists():
        town.git("update-index", "-q", "--refresh")
    return town


# What an acceptance does, with the steps of the build in the middle: killed at each.
_BEFORE = ["compare", "look at git", "journal", "write beside"]
_WRITES = ["data/plan/bridges.ttl", "data/register/deep/new.ttl", "data/register/list.ttl"]
_BEFORE += [f"write {name}" for name in (*_WRITES, "queries/approved/bridges.tsv")]
_BUILD = ["read content", "check content", "check shapes", "load store", "default graph", "optimise store"]
_BUILD += ["what is missing", "report", "dumps", "catalog", "search index", "query files", "manifest"]
_AFTER = ["commit", "after: commit", "decide", "changes", "note", "clean up"]
_KILLS = [(True, step) for step in (*_BEFORE, *_BUILD, *_AFTER)]
_KILLS += [(False, step) for step in ("manifest", "commit", "decide", "changes", "note", "clean up")]


def test_an_acceptance_is_killed_at_all_of_its_steps(steps):
    for told, _ in steps.values():
        # Between the end of a step and the next one nothing is done, but for the step that decides.
        kept = [step for step in told if not step.startswith("after:") or step == "after: commit"]
        assert kept[: kept.index(_BUILD[0])] == _BEFORE
        assert kept[kept.index(_BUILD[-1]) + 1 :] == _AFTER
        assert kept[kept.index(_BUILD[0]) : kept.index(_BUILD[-1]) + 1] == _BUILD


@pytest.mark.parametrize(("git", "step"), _KILLS)
def test_a_killed_acceptance_is_finished_or_taken_back(tmp_path, nobody, judged_town, steps, git, step):
    if git not in steps:
        pytest.skip("git is not installed")
    told, after = steps[git]
    folder, proposal = judged_town[git]
    last = told.index(step) + 1
    town = copied(folder, tmp_path)
    before, version = town.files(), town.version
    code, _ = started(town, proposal, last)
    assert code == -signal.SIGKILL
    assert unfinished(town.settings)
    assert town.drawer.get(proposal.name).state in ("open", "accepting", "accepted")

    assert resume(town.settings) == (proposal.name,)
    done = town.drawer.get(proposal.name)
    assert not unfinished(town.settings)
    if done.state == "open":
        assert town.files() == before
        assert town.version == version
        done = accept(town.settings, proposal.name, role="reviewer", progress=QUIET)
    assert done.state == "accepted"
    assert town.files() == after
    assert done.version == town.version != version
    assert fresh(town.content(), current(town.state))
    if git:
        assert town.git("status", "--porcelain") == ""
        assert town.git("rev-list", "--count", "HEAD") == "2"
        assert done.commit == town.git("rev-parse", "HEAD")
    assert resume(town.settings) == ()

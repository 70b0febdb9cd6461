"""All that ``check`` says: the files as they are written, and what is missing in what follows from them.

The first steps are the build's own, in a folder for the time being: what it would refuse or warn of is told here.
"""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.build.draft import BuildRefused, Draft, Entailment
from app.build.freshness import inputs
from app.build.recording import deletions
from app.config import Settings
from app.graph.content import Content
from app.progress import Progress
from app.quality.checks import query_problems, shape_problems, written_problems
from app.quality.problems import Problem, problem
from app.quality.queries import answer_problems, approve_answers, counting_problems, word_problems
from app.query.library import Library
from app.store.loading import StoreWriter


@dataclass(slots=True)
class Checked:
    """What was found, errors first; the draft with its open store and what follows, None when it cannot be made."""

    draft: Draft
    problems: list[Problem] = field(default_factory=list)
    writer: StoreWriter | None = None
    entailment: Entailment | None = None


@contextmanager
def checked(content: Content, settings: Settings, progress: Progress) -> Iterator[Checked]:
    """Find all that is wrong with a content, errors first; its store stays open until the end of the ``with`` block."""
    files = inputs(content)
    with tempfile.TemporaryDirectory(prefix="innherred-check-") as folder:
        draft = Draft(content, Path(folder) / "all.nq")
        found = Checked(draft)
        with StoreWriter(Path(folder) / "store") as writer:
            with progress.step("read content"):
                draft.read(writer)
            problems = written_problems(content, draft.scan, settings, progress)
            broken = [content.root / p.path for p in problems if p.path and p.severity == "error"]
            own = Library.load([content.root / "queries"], content.prefixes)
            problems += word_problems(content, own)
            if draft.scan.complete:
                problems += deletions(content, settings.state, draft.lines, draft.scan.merged)
                try:
                    draft.load(writer)
                    with progress.step("checks"):
                        problems += draft.violations(writer, broken)
                    with progress.step("entail"):
                        found.entailment = draft.entail(writer, draft.rules(writer))
                    with progress.step("what is missing"):
                        problems += shape_problems(content, draft.gaps(writer, draft.newest(files)))
                    with progress.step("answers"):
                        problems += answer_problems(content, own, writer.store)
                        problems += counting_problems(content, own, draft.scan.merged)
                    found.writer = writer
                except BuildRefused as error:
                    problems += [each for each in error.problems if each not in problems]
                    problems.append(problem(content, None, "waits-for-rules", "info"))
            found.problems = sorted(problems, key=lambda problem: problem.key)
            yield found


def approve(content: Content, settings: Settings, progress: Progress, names: Iterable[str] = ()) -> list[str]:
    """Write the present answers of questions, of all without names, as the approved ones; give the files that changed.

    Raises BuildRefused when the content cannot be read or its rules cannot be applied, KeyError for a name of no
    question.
    """
    own = Library.load([content.root / "queries"], content.prefixes)
    with tempfile.TemporaryDirectory(prefix="innherred-approve-") as folder:
        draft = Draft(content, Path(folder) / "all.nq")
        with StoreWriter(Path(folder) / "store") as writer:
            with progress.step("read content"):
                draft.read(writer)
            refused = [*draft.scan.problems(), *query_problems(content, settings, draft.scan.defined)]
            if errors := [problem for problem in refused if problem.severity == "error"]:
                raise BuildRefused(errors)
            with progress.step("entail"):
                draft.load(writer)
                draft.entail(writer, draft.rules(writer))
            return approve_answers(content, own, writer.store, names)

"""The verdict on a proposal: what a check says of the files as it would leave them, less what it says of them now.

A whole check takes seconds to minutes. It is kept in the state folder by all that it depends on, so that the present
files are checked once, and what is judged again, or accepted after it was judged, is not checked again. A quick verdict
asks integrity shapes of what a proposal touches, over files that are kept in memory.
"""

import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from app.build.draft import checked
from app.config import Settings
from app.content.folders import APPROVED, Content, input_file
from app.editing.base import Base
from app.editing.conflicts import rebased
from app.editing.messages import by_language, info
from app.editing.plain import Plain
from app.editing.proposals import Finding, Proposal, Statement
from app.editing.resulting import Change, copied, dated, resulting
from app.editing.verdicts import CheckVerdict, digests, keep, kept
from app.namespaces import CLAIM, RDF_TYPE, iris
from app.progress import Progress
from app.quality.checks import about, integrity_shapes, written
from app.quality.diagnostics import Diagnostic, of_result
from app.quality.validation import Kept, Result
from app.terms import Iri, Triple

_SD_NAME: Final = iris("sd:name")[0]
# More findings say nothing new to a person; rows that contradict each other make as many as there are pairs of them.
_MOST: Final = 2000
_lock = threading.Lock()
# The base that was asked for last, with its graphs; a server has one base at a time.
_last: list[tuple[Base, Kept]] = []


def judge_quickly(base: Base, proposal: Proposal) -> tuple[Finding, ...]:
    """Give what integrity shapes find of a proposal and not without it, worst first, with messages by language.

    Asked are the things it is about, those that it points at, those that point at it, and what is asked of all the
    data together. Each finding has subject, property and value where the shape tells them, and ``judge`` finds it too.
    The first call for a base takes seconds; after some thousand findings a call ends. Raises ContentError when the
    content cannot be read, or its shapes are no SHACL.
    """
    removed, added = _difference(base, proposal)
    touched = {each.subject for each in (*proposal.removed, *proposal.added)}
    values = {each.value for each in (*proposal.removed, *proposal.added) if isinstance(each.value, Iri)}
    pointing = {subject for thing in touched for subject, _ in base.pointing(thing)}
    named = _new_graphs(base, proposal.added)
    nodes = touched | values | pointing | {value for _, _, value in named if isinstance(value, Iri)}
    with _lock:
        kept = _in_memory(base)
        asked = {*nodes, base.content.dataset.iri}
        before = kept.validate(asked).results
        kept.change(removed, [*added, *named])
        try:
            after = kept.validate(asked, _MOST).results
        finally:
            kept.change([*added, *named], removed)
    known = Counter(each.key for each in before)
    plain = Plain(base, [proposal])
    return tuple(plain.finding(_finding_of_result(base, each)) for each in after if known[each.key] == 0)


def _in_memory(base: Base) -> Kept:
    if not _last or _last[0][0] is not base:
        _last[:] = [(base, Kept(written(base.content), integrity_shapes(base.content)))]
    return _last[0][1]


def _difference(base: Base, proposal: Proposal) -> tuple[list[Triple], list[Triple]]:
    """Give the triples that all files together have no more, and those that they did not have."""
    gone: set[Statement] = set(proposal.removed) - set(proposal.added)
    triples = dict.fromkeys((each.subject, each.predicate, each.value) for each in gone)
    stays = {(each.subject, each.predicate, each.value) for each in proposal.added}

    def files(triple: Triple) -> set[str]:
        subject, predicate, value = triple
        return {each.file for each in base.values(Iri(subject), predicate) if each.value == value}

    def left(triple: Triple) -> set[str]:
        return files(triple) - {each.file for each in gone if each[:3] == triple}

    removed: list[Triple] = [each for each in triples if each not in stays and files(each) and not left(each)]
    added: list[Triple] = [each for each in stays if not files(each)]
    return removed, added


def _new_graphs(base: Base, added: Iterable[Statement]) -> list[Triple]:
    """Give the names of the graphs that new files make, as the shapes are told of them."""
    there = {each.graph for each in base.content.rdf("data")}
    files = {each.file for each in added} - {each.name for each in base.content.rdf("data")}
    graphs = {input_file(base.content.root, name, base.content.base).graph for name in files}
    return [(base.content.dataset.iri, _SD_NAME, graph) for graph in sorted(filter(None, graphs - there))]


def _finding_of_result(base: Base, result: Result) -> Finding:
    told = of_result(about(base.content, result), None, None)
    messages = {"nb": told.message.get("en", ""), **told.message}
    messages.setdefault("en", messages["nb"])
    return Finding(told.severity, messages, str(told.shape or ""), told.entity, told.predicate, told.value)


# The codes of findings that tell what a proposal brings with it; nothing has to be mended.
CURED: Final = "cured"
ANSWER: Final = "answer-changes"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What proposals bring: ``new`` and ``cured`` findings; ``changes`` of their files, and of approved ``answers``.

    An answer that changes is a consequence, not an error: it is approved along with the data. One that was not the
    approved one before stays for an editor to look at. ``verdict`` is that on the resulting files.
    """

    new: tuple[Finding, ...]
    cured: tuple[Finding, ...]
    changes: tuple[Change, ...]
    answers: tuple[Change, ...]
    verdict: CheckVerdict

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Give the findings because of which the proposals cannot be accepted."""
        return tuple(each for each in self.new if each.severity == "error")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give everything as findings, the worst first: what is new, what is cured, which answers change."""
        cured = (replace(each, severity="info", code=CURED, messages=_cured(each.messages)) for each in self.cured)
        changed = (_of_answer(Path(each.name).stem) for each in self.answers)
        return (*self.new, *cured, *changed)


def judge(settings: Settings, proposal: Proposal, progress: Progress) -> tuple[Finding, ...]:
    """Give the whole verdict on a proposal: new findings, then with severity info those cured, and consequences.

    Raises NotAccepted when it cannot be written, ContentError when the content cannot be opened.
    """
    content = Content.open(settings.content, settings.base)
    return judgement(settings, content, [rebased(Base.read(content), proposal)], progress).findings


def judgement(
    settings: Settings, content: Content, proposals: Sequence[Proposal], progress: Progress, *, dating: bool = True
) -> Judgement:
    """Judge proposals together, as accepted one after another. Raises as ``judge`` does.

    What changes the data changes the day that it is as of, unless without ``dating``: some answers depend on it.
    """
    changes = resulting(content, proposals)
    before = _verdict(settings, content, progress)
    if not changes:
        return Judgement((), (), (), (), before)
    if dating and (day := dated(content, datetime.now(UTC).date())):
        changes = (*changes, day)
    with tempfile.TemporaryDirectory(prefix="innherred-judge-") as folder:
        after = _verdict(settings, copied(content, changes, Path(folder).resolve()), progress, before)
    new = _counted(*after.problems, *after.deleted) - _counted(*before.problems, *before.deleted)
    cured = _counted(*before.problems) - _counted(*after.problems)
    plain = Plain(Base.read(content), proposals)
    return Judgement(
        new=tuple(
            plain.finding(_finding(each)) for each in _taken((*after.problems, *_told(after.deleted, proposals)), new)
        ),
        cured=tuple(plain.finding(_finding(each)) for each in _taken(before.problems, cured)),
        changes=changes,
        answers=tuple(_answers(content, before, after)),
        verdict=after,
    )


def remember(settings: Settings, verdict: CheckVerdict) -> None:
    """Keep a verdict as that on the present files, after what it is about was written and built.

    What it deletes has been published as deleted then, and is not told again.
    """
    content = Content.open(settings.content, settings.base)
    digest, house = digests(settings, content)
    keep(settings.state, replace(verdict, digest=digest, house=house, deleted=()))


def _told(deleted: Iterable[Diagnostic], proposals: Iterable[Proposal]) -> Iterator[Diagnostic]:
    """Leave out the claims that go with what they are about: nobody can keep those."""
    removed = (statement for each in proposals for statement in each.removed)
    claims = {f"<{each.subject}>" for each in removed if each.predicate == RDF_TYPE and each.value == CLAIM}
    return (each for each in deleted if each.message["en"].partition(" ")[0] not in claims)


def _answers(content: Content, before: CheckVerdict, after: CheckVerdict) -> Iterator[Change]:
    """Give the approved answers that were the present ones, and are others afterwards."""
    if not (content.root / APPROVED).is_dir():
        return
    for name, text in after.answers.items():
        with suppress(FileNotFoundError):
            approved = (content.root / name).read_bytes()
            if approved.decode() == before.answers.get(name) != text:
                yield Change(name, approved, text.encode())


def _verdict(
    settings: Settings, content: Content, progress: Progress, before: CheckVerdict | None = None
) -> CheckVerdict:
    """Give what a check says, kept or found now; ``before`` is the verdict on files that are much the same."""
    digest, house = digests(settings, content)
    if (known := kept(settings.state, digest)) is not None:
        return known
    of_queries = before.of_queries if before and before.house == house else None
    # Whether files have their canonical text cannot differ: those that change are canonical before and after.
    with checked(content, settings, progress, texts=False, of_queries=of_queries) as found:
        told = _counted(*found.deleted)
        problems = tuple(_taken_out(found.problems, told))
        verdict = CheckVerdict(digest, problems, tuple(found.deleted), dict(found.answers), house, found.of_queries)
    keep(settings.state, verdict)
    return verdict


def _taken_out(problems: Iterable[Diagnostic], told: Counter[Any]) -> Iterator[Diagnostic]:
    """Give the problems that a change of data can make, each once told elsewhere left out."""
    left = Counter(told)
    for each in problems:
        if left[_key(each)] > 0:
            left[_key(each)] -= 1
        elif each.path is None or not each.path.is_relative_to(APPROVED):
            yield each


def _taken(problems: Iterable[Diagnostic], wanted: Counter[Any]) -> Iterator[Diagnostic]:
    left = Counter(wanted)
    for each in problems:
        if left[_key(each)] > 0:
            left[_key(each)] -= 1
            yield each


def _counted(*problems: Diagnostic) -> Counter[tuple[object, ...]]:
    return Counter(map(_key, problems))


def _key(problem: Diagnostic) -> tuple[object, ...]:
    """Give what makes a problem the same wherever its line is now."""
    return str(problem.path), problem.severity, str(problem.entity), tuple(sorted(problem.message.items()))


def _finding(problem: Diagnostic) -> Finding:
    messages = {"nb": problem.message.get("en", ""), **problem.message}
    messages.setdefault("en", messages["nb"])
    code = str(problem.shape or problem.path or "")
    return Finding(problem.severity, messages, code, problem.entity, problem.predicate, problem.value)


def _cured(messages: Mapping[str, str]) -> dict[str, str]:
    return {**messages, **by_language("cured", message=messages)}


def _of_answer(name: str) -> Finding:
    return info(ANSWER, place=name, name=name)

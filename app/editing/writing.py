"""Accepting: a proposal is written into the files, built, committed and served, or everything stays as it was.

The steps, and what a process that is killed after each leaves behind, for ``resume`` to find:

1. one acceptance at a time (lock); the journal names the proposals; they become *accepting* -> they are *open* again;
2. conflicts, the checkout, the whole verdict: any of them refuses -> the same;
3. the journal has the bytes of all files, before and after; new texts are written beside -> files as before, *open*;
4. with the lock of builds: the files are replaced, a generation is built -> the same;
5. the commit (without a checkout: the journal says that it is decided) -> files as after; it is built, *accepted*;
6. the switch to the new generation; *accepted*, with version and commit; the journal goes -> the same.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

from app.build.builder import build, build_alone, terminable
from app.build.draft import BuildRefused
from app.build.freshness import fresh
from app.config import Settings
from app.content.folders import Content
from app.editing.base import Base, Stated
from app.editing.checkout import Checkout
from app.editing.conflicts import conflicts, inverse, rebased
from app.editing.drawer import Damaged, Drawer, DrawerError, NoProposal, StateChanged, now
from app.editing.journal import Journal, JournalEntry, alone
from app.editing.judging import Judgement, judgement, remember
from app.editing.messages import NotAccepted, by_language, refused
from app.editing.proposals import Event, Finding, Proposal, State
from app.errors import ContentError
from app.generation import build_lock, current
from app.progress import Progress

# What can still be decided about; what was begun and did not succeed can be tried again.
_UNDECIDED: Final[frozenset[State]] = frozenset(("open", "failed"))
# The code of the finding that tells why an acceptance came to nothing.
NOT_ACCEPTED: Final = "not-accepted"
_MOST_FINDINGS: Final = 500


def accept(settings: Settings, name: str, *, role: str, words: str = "", progress: Progress) -> Proposal:
    """Accept a proposal: write, build, commit, serve; give it as it is then.

    ``role`` is who decides, ``words`` why. Raises NotAccepted, and then files, commits and generation are as before,
    and the proposal is *open* (or *failed* when git or the build said no) with the reason as its first finding.
    """
    return accept_all(settings, [name], role=role, words=words, progress=progress)[0]


def accept_all(
    settings: Settings, names: Sequence[str], *, role: str, words: str = "", progress: Progress
) -> list[Proposal]:
    """Accept proposals together, all or none: one verdict, one build, one commit. Raises as ``accept`` does."""
    with alone(settings.state) as lock, terminable():
        _finish(settings, progress)
        entry = JournalEntry(tuple(dict.fromkeys(names)), " ".join(re.sub(r"[<>]", "", role).split()), words)
        return _Acceptance(settings, entry, lock, progress).run()


def refuse(settings: Settings, name: str, *, role: str, words: str) -> Proposal:
    """Refuse a proposal, with the reason in words. Raises NotAccepted without words, or when it is decided already."""
    if not words.strip():
        raise refused("say-why")
    return _decided(settings, name, "refused", role, words)


def withdraw(settings: Settings, name: str, *, role: str, words: str = "") -> Proposal:
    """Take a proposal back, by who sent it. Raises NotAccepted when it is decided already."""
    return _decided(settings, name, "withdrawn", role, words)


def undo(settings: Settings, name: str, *, role: str, words: str = "") -> Proposal:
    """Propose what takes an accepted proposal back: a new one, which goes the same way as any other.

    Raises NotAccepted when that one was not accepted, or changed nothing.
    """
    drawer = Drawer(settings.state)
    with _told():
        proposal = drawer.get(name)
        if proposal.state != "accepted" or not (proposal.removed or proposal.added):
            raise refused("not-undone")
        event = Event(now(), "open", role, words)
        taken_back = replace(inverse(proposal, drawer.new_name()), history=(event,))
        drawer.put(taken_back)
    return taken_back


def resume(settings: Settings, progress: Progress | None = None) -> tuple[str, ...]:
    """Finish an acceptance that was interrupted, or take it back; give the proposals that it was about.

    To be called before anything is served or accepted. Raises NotAccepted when one is at work just now, or when what
    is left cannot be finished: then nothing is lost, and it can be tried again.
    """
    with alone(settings.state), terminable():
        return _finish(settings, progress or Progress(quiet=True))


def unfinished(settings: Settings) -> bool:
    """Say whether an acceptance is at work or was interrupted; quick, and without reading the content."""
    return Journal(settings.state, settings.content).path.exists()


class _Acceptance:
    """One acceptance, under the lock of acceptances, whose open file is ``lock``."""

    def __init__(self, settings: Settings, entry: JournalEntry, lock: int, progress: Progress) -> None:
        self.settings, self.entry, self.lock, self.progress = settings, entry, lock, progress
        self.drawer = Drawer(settings.state)
        self.journal = Journal(settings.state, settings.content)
        self.checkout: Checkout | None = None
        self.judged: Judgement | None = None
        self.rebased: list[Proposal] = []
        # When something fails from here on, it is a fault of the machine, not of the proposal.
        self.late = False

    def run(self) -> list[Proposal]:
        """Take all steps. Raises NotAccepted; every other error too leaves everything as before."""
        with _told():
            self.journal.write(self.entry)
        try:
            with _told():
                proposals = self._take()
                if any(each.removed or each.added for each in proposals):
                    self._prepare(proposals)
                if self.entry.files:
                    self._write()
        except BaseException as error:
            self._back(error)
            raise
        return self._done()

    def _take(self) -> list[Proposal]:
        """Bring all proposals to *accepting*, by comparing and setting."""
        event = Event(now(), "accepting", self.entry.role)
        taken = [self.drawer.transition(name, _UNDECIDED, event) for name in self.entry.names]
        if any(each.unanswered and not (each.removed or each.added) for each in taken):
            raise refused("answer-first")
        return taken

    def _prepare(self, proposals: list[Proposal]) -> None:
        """Find what speaks against it, and then what is to be written."""
        settings, step = self.settings, self.progress.step
        content = Content.open(settings.content, settings.base)
        with step("compare"):
            proposals = self.rebased = _rebased(content, proposals)
        with step("look at git"):
            self.checkout = Checkout.of(content.root)
            if self.checkout:
                files = {each.file for proposal in proposals for each in (*proposal.removed, *proposal.added)}
                self.checkout.refuse(sorted(files))
        # The day of the dataset is left alone while somebody is editing its description.
        dating = not (self.checkout and self.checkout.edited("data/dataset.ttl"))
        judged = self.judged = judgement(settings, content, proposals, self.progress, dating=dating)
        if judged.errors:
            raise NotAccepted(by_language("data-broken", count=len(judged.errors)), judged.findings)
        head = None
        if self.checkout:
            self.checkout.refuse([each.name for each in (*judged.changes, *judged.answers)])
            head = self.checkout.head()
        self.entry = replace(self.entry, files=(*judged.changes, *judged.answers), head=head)

    def _write(self) -> None:
        self.late = True
        files, step = self.entry.files, self.progress.step
        with step("journal"):
            self.journal.write(self.entry)
        with step("write beside"):
            self.journal.prepare(files)
        # No other build sees half of the files, and none comes between the files and ours.
        with build_lock(self.settings.state):
            for each in files:
                with step(f"write {each.name}"):
                    self.journal.replace(each)
            content = Content.open(self.settings.content, self.settings.base)
            build_alone(content, self.settings, as_of=None, progress=self.progress, before_switch=self._decide)

    def _decide(self) -> None:
        """Commit; from here on there is no way back."""
        with self.progress.step("commit"):
            for each in self.rebased:  # what is undone later is what was done
                self.drawer.update(each.name, removed=each.removed, added=each.added, bases=each.bases)
            if self.checkout:
                message, author = _message(self.rebased, self.entry), _author(self.settings, self.entry.role)
                commit = self.checkout.commit(self.entry.files, message, author, self.lock)
                self.entry = replace(self.entry, commit=commit)
        with self.progress.step("decide"):
            self.entry = replace(self.entry, decided=True)
            self.journal.write(self.entry)

    def _done(self) -> list[Proposal]:
        findings = self.judged.findings[:_MOST_FINDINGS] if self.judged else None
        with self.progress.step("note"), _told():
            done = _accepted(self.settings, self.entry, self.entry.commit, findings)
        with self.progress.step("clean up"):
            self.journal.clean(self.entry.files)
            if self.judged and self.entry.files:
                remember(self.settings, self.judged.verdict)
            self.journal.end()
        return done

    def _back(self, error: BaseException) -> None:
        """Bring everything back to what it was, and say why; what cannot be brought back now, ``resume`` will."""
        if _is_decided(self.journal, self.entry, self.checkout):
            raise refused("not-served-yet", error=error) from error
        state: State = "failed" if self.late else "open"
        reason = _reason(error)
        findings = error.findings if isinstance(error, NotAccepted) else ()
        with suppress(OSError, DrawerError):  # the reason is told, and the journal stays
            _take_back(self.settings, self.journal, self.entry, self.checkout, state, reason, findings)


def _finish(settings: Settings, progress: Progress) -> tuple[str, ...]:
    """Finish or take back what an interrupted acceptance left. Needs the lock of acceptances."""
    journal = Journal(settings.state, settings.content)
    with _told():
        if (entry := journal.read()) is None:
            return ()
        checkout = Checkout.of(settings.content) if entry.files else None
        if not (entry.files and _is_decided(journal, entry, checkout)):
            reason = by_language("acceptance-interrupted")
            _take_back(settings, journal, entry, checkout, "open", reason, ())
            return entry.names
        content = Content.open(settings.content, settings.base)
        found = current(settings.state)
        if found is None or not fresh(content, found, settings.publisher):
            build(content, settings, as_of=None, progress=progress)
        commit = entry.commit
        if checkout and not commit:
            commit = checkout.committed([each.name for each in entry.files], entry.head)
        _accepted(settings, entry, commit, None)
        journal.clean(entry.files)
        journal.end()
        return entry.names


def _is_decided(journal: Journal, entry: JournalEntry, checkout: Checkout | None) -> bool:
    """Say whether there is no way back: the commit is there, or the journal says so."""
    kept = journal.read()
    if kept is not None and kept.decided:
        return True
    files = [each.name for each in entry.files]
    return bool(files and checkout and checkout.committed(files, entry.head))


def _take_back(
    settings: Settings,
    journal: Journal,
    entry: JournalEntry,
    checkout: Checkout | None,
    state: State,
    reason: dict[str, str],
    findings: Sequence[Finding],
) -> None:
    """Bring files and proposals back to what they were, with the reason.

    Raises OSError or DrawerError when something cannot be: then the journal stays, for another try.
    """
    others = journal.restore(entry.files)
    if checkout:
        checkout.forget([each.name for each in entry.files if each.before is None])
    if others:
        reason = by_language("changed-by-others", reason=reason, names=", ".join(others))
    drawer = Drawer(settings.state)
    why = Finding("error", reason, NOT_ACCEPTED)
    for name in entry.names:
        event = Event(now(), state, entry.role, reason["nb"])
        with suppress(NoProposal, StateChanged):  # it was never taken
            drawer.transition(name, {"accepting"}, event, findings=(why, *findings[:_MOST_FINDINGS]))
    journal.end()


def _accepted(
    settings: Settings, entry: JournalEntry, commit: str | None, findings: tuple[Finding, ...] | None
) -> list[Proposal]:
    """Bring proposals to *accepted*, but for those that are already, and give them."""
    drawer, found = Drawer(settings.state), current(settings.state)
    version = found.manifest.version if found and entry.files else None
    event = Event(now(), "accepted", entry.role, entry.words)
    done = []
    for name in entry.names:
        proposal = drawer.get(name)
        if proposal.state == "accepting":
            kept = proposal.findings if findings is None else findings
            proposal = drawer.transition(name, {"accepting"}, event, version=version, commit=commit, findings=kept)
        done.append(proposal)
    for proposal in done:
        _close_answered(drawer, proposal, entry.role)
    return done


def _close_answered(drawer: Drawer, proposal: Proposal, role: str) -> None:
    """Close what an accepted proposal answers, and what that answers: a suggestion is settled, a proposal replaced."""
    words = by_language("settled-by", title=proposal.title, name=proposal.name)["nb"]
    seen, answering = {proposal.name}, proposal
    while answering.door != "undo" and answering.answers and answering.answers not in seen:
        try:
            answering = drawer.get(answering.answers)
            seen.add(answering.name)
            closed: State = "accepted" if answering.door == "suggestion" else "withdrawn"
            drawer.transition(answering.name, _UNDECIDED, Event(now(), closed, role, words))
        except StateChanged:  # decided already
            continue
        except (NoProposal, Damaged):
            return


def _decided(settings: Settings, name: str, state: State, role: str, words: str) -> Proposal:
    with _told():
        return Drawer(settings.state).transition(name, _UNDECIDED, Event(now(), state, role, words))


def _rebased(content: Content, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Give proposals against the files as they are, each after those before it.

    Raises NotAccepted when what a sender had seen is not so any more, or two proposals want different things.
    """
    base = Base.read(content)
    languages = [*content.dataset.languages, "en"]
    against = []
    for proposal in proposals:
        if found := conflicts(base, proposal):
            things = ", ".join(dict.fromkeys(str(base.label(each.subject, languages)) for each in found))
            raise refused("conflicting", title=proposal.title, things=things)
        wanted = rebased(base, proposal)
        against.append(wanted)
        for each in wanted.removed:
            base.remove(each.subject, each.predicate, Stated(each.value, each.file))
        for each in wanted.added:
            base.add(each.subject, each.predicate, Stated(each.value, each.file))
    return against


def _message(proposals: Sequence[Proposal], entry: JournalEntry) -> str:
    """Give the message of the commit: what was accepted, why, and the names of the proposals."""
    titles = [" ".join(each.title.split()) or each.name for each in proposals]
    first = titles[0] if len(titles) == 1 else f"{len(titles)} proposals accepted"
    parts = [first[:100], *(["\n".join(f"* {each}" for each in titles)] if len(titles) > 1 else [])]
    parts += [entry.words.strip()] if entry.words.strip() else []
    parts.append("\n".join([*(f"Proposal: {each}" for each in entry.names), f"Accepted-by: {entry.role}"]))
    return "\n\n".join(parts).replace("\0", "") + "\n"


def _author(settings: Settings, role: str) -> str:
    """Give who commits: what the setting says, else the role, at an address of nobody (RFC 2606)."""
    place = re.sub(r"[^a-z0-9]+", "-", role.lower()).strip("-") or "nobody"
    return settings.commit_author or f"{role} <{place}@innherred.invalid>"


def _reason(error: BaseException) -> dict[str, str]:
    """Give the words for an error."""
    if isinstance(error, NotAccepted):
        return dict(error.messages)
    return by_language("interrupted", error=repr(error))


@contextmanager
def _told() -> Iterator[None]:
    """Tell every foreseen error as why it is not accepted."""
    try:
        yield
    except DrawerError as error:
        raise NotAccepted(error.messages) from error
    except ContentError as error:
        raise NotAccepted({language: error.text(language) for language in ("en", "nb")}) from error
    except BuildRefused as error:
        said = [each.message for each in error.problems[:3]]
        en = " ".join(each.get("en", "") for each in said)
        raise refused(
            "build-refused", problems={"nb": " ".join(each.get("nb") or each.get("en", "") for each in said), "en": en}
        ) from error
    except OSError as error:
        reason, where = error.strerror or str(error), error.filename or ""
        raise refused("disk-refused", reason=reason, where=where) from error

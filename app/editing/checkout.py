"""The content's git checkout: may these files be written, and one commit of them and of nothing else.

git is a program of its own here (``subprocess``): what hooks, attributes and signing do is what they always do. It
asks nothing, and is ended when it takes too long. A lock of git's is never deleted, and what others have staged stays
staged.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.editing.messages import refused
from app.editing.resulting import Change

# So long (seconds) one call of git may take, hooks included; and so long another one's lock is waited for.
_LONGEST: Final = 120.0
_PATIENCE: Final = 5.0
_QUOTED: Final = 600
# What git takes from the environment instead of from the folder, as when we are started by a hook.
_FOREIGN: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR")
# Nothing stays behind that would keep the lock of acceptances open: no tidying, no watching of files.
_ALONE: Final = ("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false")
_BUSY: Final = {
    "MERGE_HEAD": ("a merge", "en fletting"),
    "CHERRY_PICK_HEAD": ("a cherry-pick", "en cherry-pick"),
    "REVERT_HEAD": ("a revert", "en tilbakeføring"),
    "rebase-merge": ("a rebase", "en rebase"),
    "rebase-apply": ("a rebase", "en rebase"),
    "BISECT_LOG": ("a bisect", "en bisect"),
}


@dataclass(frozen=True, slots=True)
class _Answer:
    code: int
    output: str
    error: str

    @property
    def quoted(self) -> str:
        """Give what git said, as a message quotes it."""
        text = " ".join((self.error or self.output).split())
        return text if len(text) <= _QUOTED else text[:_QUOTED] + "…"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A content's folder in a git checkout. Names of files are below it."""

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> "Checkout | None":
        """Give the checkout of a folder; None when it is in none, or git is told to ignore it.

        Raises NotAccepted when there is one that git cannot be asked about.
        """
        inside = folder.resolve()
        if not any((each / ".git").exists() for each in (inside, *inside.parents)):
            return None
        found = cls(inside)
        answer = found._git("rev-parse", "--is-inside-work-tree")
        if answer.code:
            raise refused("git-unasked", inside=inside, quoted=answer.quoted)
        ignored = found._git("check-ignore", "--quiet", "--", "data/dataset.ttl").code == 0
        return found if answer.output.strip() == "true" and not ignored else None

    def head(self) -> str | None:
        """Give the commit that is checked out, None before the first one."""
        answer = self._git("rev-parse", "--verify", "--quiet", "HEAD")
        return answer.output.strip() or None

    def refuse(self, names: Sequence[str]) -> None:
        """Raise NotAccepted, which says what to do, when files cannot be written and committed by themselves."""
        for name, (en, nb) in _BUSY.items():
            if self._place(name).exists():
                raise refused("git-busy", work={"nb": nb, "en": en})
        if self._git("symbolic-ref", "--quiet", "HEAD").code:
            raise refused("git-detached")
        self._wait_for_lock()
        if unready := self._unready(names):
            said = "; ".join(unready)
            raise refused("git-edited", said=said)
        if ignored := self._git("check-ignore", "--", *names).output.split():
            raise refused("git-ignored", ignored=", ".join(ignored))

    def edited(self, name: str) -> bool:
        """Say whether a file is not as in the newest commit. Raises NotAccepted when git cannot tell."""
        return bool(self._unready([name]))

    def commit(self, changes: Sequence[Change], message: str, author: str, lock: int) -> str:
        """Commit changed files, and only them, as an author ("Name <address>"); give the commit.

        ``lock`` is the number of a file that stays open as long as git runs, whatever becomes of this process. Raises
        NotAccepted when git, or one of its hooks, says no: then nothing of them is staged.
        """
        self._wait_for_lock()
        names = [each.name for each in changes]
        if new := [each.name for each in changes if each.before is None]:
            self._must(self._git("add", "--", *new, lock=lock), new)
        identity = _identity(author)
        done = self._git("commit", "--quiet", "--only", "-F", "-", "--", *names, text=message, more=identity, lock=lock)
        self._must(done, new)
        return self.head() or ""

    def committed(self, names: Sequence[str], before: str | None) -> str | None:
        """Give the commit since ``before`` with files as they are now; None when there is none.

        Raises NotAccepted when a lock of git's does not go away: then nobody knows.
        """
        self._wait_for_lock()
        head = self.head()
        if head is None or head == before or self._unready(names):
            return None
        since = f"{before}..HEAD" if before else "HEAD"
        return self._git("log", "-1", "--format=%H", since, "--", *names).output.strip() or None

    def forget(self, names: Sequence[str]) -> None:
        """Take files that are in no commit out of what is staged, for as far as git lets us."""
        if names:
            self._git("rm", "--quiet", "--cached", "--ignore-unmatch", "--", *names)

    def _must(self, answer: _Answer, new: Sequence[str]) -> None:
        if answer.code:
            self.forget(new)
            raise refused("git-refused", quoted=answer.quoted)

    def _unready(self, names: Sequence[str]) -> list[str]:
        """Give the files that are not as in the newest commit, each with git's two letters for how."""
        told = self._git("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *names)
        if told.code:
            raise refused("git-silent", quoted=told.quoted)
        prefix = self._git("rev-parse", "--show-prefix").output.strip()
        found = (each for each in told.output.split("\0") if each)
        return [f"{each[3:].removeprefix(prefix)} ({each[:2].strip()})" for each in found]

    def _wait_for_lock(self) -> None:
        """Wait a little until no other git is writing; raises NotAccepted when one still is, or was killed."""
        lock, until = self._place("index.lock"), time.monotonic() + _PATIENCE
        while lock.exists():
            if time.monotonic() > until:
                raise refused("git-locked", lock=lock)
            time.sleep(0.05)

    def _place(self, name: str) -> Path:
        """Give a file of git's own by its name, wherever this checkout has it."""
        return self.folder / self._git("rev-parse", "--git-path", name).output.strip()

    def _git(self, *words: str, text: str = "", more: dict[str, str] | None = None, lock: int | None = None) -> _Answer:
        """Run git in the folder; raises NotAccepted when there is no such program, or it takes too long."""
        environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
        environment |= {"GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1", "GIT_EDITOR": "true", "LC_ALL": "C"}
        try:
            process = subprocess.Popen(
                ["git", *_ALONE, *words],  # noqa: S607 - the one that people use here
                cwd=self.folder,
                env=environment | (more or {}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                encoding="utf-8",
                start_new_session=True,  # nobody is asked at a terminal, and its hooks end with it
                pass_fds=() if lock is None else (lock,),
            )
        except OSError as error:
            raise refused("git-missing", reason=error.strerror) from error
        try:
            output, said = process.communicate(text, timeout=_LONGEST)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if isinstance(error, subprocess.TimeoutExpired):
                raise refused("git-slow", longest=f"{_LONGEST:.0f}") from error
            raise
        return _Answer(process.returncode, output, said)


def _identity(author: str) -> dict[str, str]:
    """Give the variables by which git knows who commits; those of the machine need not be set."""
    found = re.fullmatch(r"\s*([^<>\n]+?)\s*<([^<>\s]*)>\s*", author)
    name, address = found.groups() if found else (author, "")
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", address))
    }

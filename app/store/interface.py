"""What a store answers (SPARQL 1.1 Query), whatever engine is behind it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple, Protocol

from app.mediatypes import Format
from app.messages import N_, fill
from app.terms import Iri, Term, Triple

# What is said of an error that is not foreseen.
FAILED: Final = N_("The query failed: %(error)s")


class QueryError(Exception):
    """A query that cannot be answered, told to the person who sent it: what is the matter, and what mends it.

    Both are templates (app.messages) that ``values`` fill; as text they are English. ``code`` names the error to a
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


@dataclass(frozen=True, slots=True)
class Dataset:
    """The dataset of a query (SPARQL 1.1 Protocol §2.1.4): its default and named graphs; None for the store's own."""

    default: tuple[Iri, ...] | None = None
    named: tuple[Iri, ...] | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query from outside may use: bytes of query and answer, depth of brackets."""

    query_length: int
    query_nesting: int
    answer_bytes: int


class Solutions(NamedTuple):
    """The answer to a SELECT: variables in order, and rows in which an unbound variable is absent."""

    variables: tuple[str, ...]
    rows: list[dict[str, Term]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole serialised answer: bytes, format, seconds it took."""

    body: bytes
    format: Format
    elapsed: float


class Store(Protocol):
    """A store of RDF. select, ask and construct are for queries of our own; answer is for queries from outside."""

    # Whether a query without ORDER BY has its rows in the same order each time.
    keeps_order: bool

    def select(self, query: str, dataset: Dataset | None = None) -> Solutions:
        """Answer a SELECT query; raises QueryError."""

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """Answer an ASK query; raises QueryError."""

    def construct(self, query: str, dataset: Dataset | None = None) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE query, each triple once; raises QueryError."""

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query from outside in a format that fits its form; raises QueryError."""

    def graphs(self) -> dict[Iri, int]:
        """Give each named graph with its number of triples."""

    def close(self) -> None:
        """Let go of files and connections."""

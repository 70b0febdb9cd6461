"""What a store answers (SPARQL 1.1 Query), whatever engine is behind it."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from app.mediatypes import Format
from app.terms import Iri, Term, Triple


class QueryError(Exception):
    """A query that cannot be answered; the message is for the person who sent it."""


class QuerySyntaxError(QueryError):
    """A malformed query: message, line and column (counted from 1; None when the engine does not tell)."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        """Keep the position."""
        where = f"Line {line}, column {column}: " if line else ""
        super().__init__(where + message)
        self.message, self.line, self.column = message, line, column


class QueryRefused(QueryError):
    """A query this service does not run: another server, too long, too deep."""


class AnswerTooLarge(QueryError):
    """An answer over the cap of bytes."""


class DeadlineExceeded(QueryError):
    """A query that took longer than it may."""


class MemoryExceeded(QueryError):
    """A query that needed more memory than it may."""


class StackExceeded(QueryError):
    """A query nested deeper than the stack it may use."""


class Unavailable(QueryError):
    """Nothing is there to run the query just now; the same query may be sent again."""


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

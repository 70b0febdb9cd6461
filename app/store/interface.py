"""What a store answers (SPARQL 1.1 Query), whatever engine is behind it."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from app.mediatypes import Format
from app.terms import Dataset, Iri, Term, Triple

Value = TypeVar("Value")


class Turn(Protocol):
    """The turn of a query from outside: whether it is of a client who asks for much, and when it has to end.

    The store notes while it runs how many seconds of processor time it has ``used``.
    """

    heavy: bool
    used: float

    def must_end(self) -> bool:
        """Say whether it has to give its place to another; asked again and again while it runs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query from outside may use: bytes of query and answer, depth of brackets; its turn, if it has one."""

    query_length: int
    query_nesting: int
    answer_bytes: int
    turn: Turn | None = None


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


class AnswersKept(Generic[Value]):
    """What was worked out of a store that does not change, and took long: so many are kept, then it begins anew."""

    def __init__(self, most: int = 500) -> None:
        """Keep nothing yet."""
        self._most = most
        self._values: dict[Hashable, Value] = {}

    def get(self, key: Hashable) -> Value | None:
        """Give what is kept under a key."""
        return self._values.get(key)

    def keep(self, key: Hashable, value: Value) -> None:
        """Keep a value."""
        if len(self._values) >= self._most:
            self._values.clear()
        self._values[key] = value


class Store(Protocol):
    """A store of RDF. select, ask and construct are for queries of our own; answer is for queries from outside."""

    # Whether a query without ORDER BY has its rows in the same order each time.
    keeps_order: bool

    @property
    def source(self) -> str:
        """Where answers to queries from outside come from: each gives rows without ORDER BY in an order of its own."""

    def select(self, query: str, dataset: Dataset | None = None) -> Solutions:
        """Answer a SELECT query; raises QueryError."""

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """Answer an ASK query; raises QueryError."""

    def construct(self, query: str, dataset: Dataset | None = None) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE query, each triple once; raises QueryError."""

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query from outside in a format that fits its form; raises QueryError, GaveWay."""

    def at_once(self, query: str, format: Format, limits: Limits) -> Answer | None:
        """Answer here and now a query that is known to take no more than its answer is large, if that is small.

        None otherwise: then ``answer`` is asked. Raises QueryError.
        """

    def graphs(self) -> dict[Iri, int]:
        """Give each named graph with its number of triples."""

    def close(self) -> None:
        """Let go of files and connections."""

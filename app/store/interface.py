"""What a store answers (SPARQL 1.1 Query), whatever engine is behind it."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from app.mediatypes import Format
from app.terms import Dataset, Iri, Term, Triple


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
        """Answer any query from outside in a format that fits its form; raises QueryError."""

    def graphs(self) -> dict[Iri, int]:
        """Give each named graph with its number of triples."""

    def close(self) -> None:
        """Let go of files and connections."""

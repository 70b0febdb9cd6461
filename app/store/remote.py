"""A store behind a SPARQL 1.1 endpoint, asked with SPARQLWrapper (form POST: the way every server takes)."""

import time
import warnings
from contextlib import closing
from urllib.error import HTTPError, URLError

import pyoxigraph as ox
from SPARQLWrapper import JSON, POST, URLENCODED, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from app.mediatypes import N_TRIPLES, RESULTS_JSON, Format
from app.store.engine import triple_from_engine
from app.store.interface import (
    Answer,
    AnswerTooLarge,
    Dataset,
    Limits,
    QueryError,
    QuerySyntaxError,
    Solutions,
)
from app.store.results import parse
from app.terms import Iri, Triple


class RemoteStore:
    """The triples of an endpoint; ``timeout`` in seconds."""

    def __init__(self, endpoint: str, *, timeout: int = 30) -> None:
        """Keep the address; nothing is asked yet."""
        self._endpoint = endpoint
        self._timeout = timeout

    def select(self, query: str, dataset: Dataset | None = None) -> Solutions:
        """Answer a SELECT query."""
        found = self._results(query, dataset)
        if isinstance(found, bool):
            raise QueryError("This is not a SELECT query.")
        return found

    def ask(self, query: str, dataset: Dataset | None = None) -> bool:
        """Answer an ASK query."""
        found = self._results(query, dataset)
        if not isinstance(found, bool):
            raise QueryError("This is not an ASK query.")
        return found

    def construct(self, query: str, dataset: Dataset | None = None) -> list[Triple]:
        """Answer a CONSTRUCT or DESCRIBE query, each triple once."""
        body = self._ask_for(query, dataset, N_TRIPLES.media_type)
        try:
            parsed = ox.parse(body, format=ox.RdfFormat.N_TRIPLES)
            return list(dict.fromkeys(triple_from_engine(quad) for quad in parsed))
        except SyntaxError as error:
            raise QueryError(f"{self._endpoint} did not answer in N-Triples: {error}") from error

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query in a format that fits its form, as the endpoint writes it."""
        started = time.perf_counter()
        body = self._ask_for(query, dataset, format.media_type)
        if len(body) > limits.answer_bytes:
            raise AnswerTooLarge(f"The answer is larger than {limits.answer_bytes} bytes (INNHERRED_ANSWER_BYTES).")
        return Answer(body, format, time.perf_counter() - started)

    def graphs(self) -> dict[Iri, int]:
        """Give each named graph with its number of triples."""
        counts = self.select("SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g")
        return {Iri(str(row["g"])): int(str(row["n"])) for row in counts.rows}

    def close(self) -> None:
        """Nothing is kept open between queries."""

    def _results(self, query: str, dataset: Dataset | None) -> Solutions | bool:
        body = self._ask_for(query, dataset, RESULTS_JSON.media_type)
        try:
            return parse(body)
        except ValueError as error:
            raise QueryError(f"{self._endpoint} did not answer in JSON.") from error

    def _ask_for(self, query: str, dataset: Dataset | None, media_type: str) -> bytes:
        client = SPARQLWrapper(self._endpoint, returnFormat=JSON)
        client.setMethod(POST)
        client.setRequestMethod(URLENCODED)
        client.setTimeout(self._timeout)
        client.addCustomHttpHeader("Accept", media_type)
        for graph in (dataset and dataset.default) or ():
            client.addParameter("default-graph-uri", str(graph))
        for graph in (dataset and dataset.named) or ():
            client.addParameter("named-graph-uri", str(graph))
        try:
            with warnings.catch_warnings():
                # It warns where form and its own list of formats differ; the media type is ours.
                warnings.simplefilter("ignore", RuntimeWarning)
                client.setQuery(query)
                answered = client.query()
            with closing(answered.response) as response:
                return bytes(response.read())
        except QueryBadFormed as error:
            raise QuerySyntaxError(_detail(error)) from error
        except SPARQLWrapperException as error:
            raise QueryError(_detail(error)) from error
        except (HTTPError, URLError, OSError) as error:
            raise QueryError(f"{self._endpoint} did not answer: {error}") from error


def _detail(error: SPARQLWrapperException) -> str:
    text = str(error)
    return text if len(text) < 600 else text[:600] + " …"

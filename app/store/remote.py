"""A store behind a SPARQL 1.1 server. SPARQLWrapper holds the requests (form POST: the way every server takes).

What is our default graph is a graph of its own there, and each query names it and the named graphs (SPARQL 1.1 Protocol
§2.1.4): so all engines have the same dataset, also those whose default graph is the union of everything, and queries
from outside reach no other graph of the server.
"""

import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode
from urllib.request import Request

import pyoxigraph as ox
from SPARQLWrapper import SPARQLWrapper

from app.errors import DeadlineExceeded, QueryError
from app.mediatypes import N_TRIPLES, RESULTS_JSON, Format
from app.query.library import engine_query
from app.query.rewriting import concise_description, take_dataset, targets
from app.query.tokens import form, refuse_dangerous
from app.store.engine import RDF_FORMATS, Spool, refuse_format, triple_from_engine
from app.store.interface import Answer, Limits, Solutions
from app.store.results import check_reply, results, results_table, triples
from app.store.transport import Endpoint, Transport
from app.terms import BlankNode, Dataset, Iri, Triple

# Stands for "no graph": a parameter that is left out would mean the server's own choice.
NO_GRAPH: Final = Iri("urn:x-innherred:no-graph")
# Bytes of an answer to a query of our own.
_OWN_CAP: Final = 1 << 28


class Form(SPARQLWrapper):
    """SPARQLWrapper as a request that is sent elsewhere: its own sending has no deadline and no limits."""

    def request(self, name: str, text: str, graphs: Iterable[tuple[str, Iri]] = (), media_type: str = "*/*") -> Request:
        """Give the request for a query or an update (its field's name), over the graphs of (parameter, IRI)."""
        for parameter, graph in graphs:
            self.addParameter(parameter, str(graph))
        # The text does not pass setQuery: that guesses the form of a query by regular expressions.
        fields = urlencode([*self.parameters.items(), (name, [text])], doseq=True)
        kind = "application/x-www-form-urlencoded"
        headers = {"Accept": media_type, "Content-Type": kind, "User-Agent": self.agent}
        return Request(self.endpoint, fields.encode("ascii"), headers)  # noqa: S310 - of the settings


class RemoteStore:
    """The triples of a SPARQL server; with a default graph and named graphs those only, else the server's own."""

    keeps_order = False
    source = "remote"

    def __init__(self, endpoint: Endpoint, default: Iri | None = None, named: Iterable[Iri] = ()) -> None:
        """Keep the address; nothing is asked yet."""
        self._endpoint = endpoint
        self._default, self._named = default, tuple(named)
        self._known = frozenset(self._named)
        self._transport = Transport(endpoint.address, endpoint.user, endpoint.password)

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
        body = self._graph(query, dataset, self._endpoint.timeout, _OWN_CAP)
        return [triple_from_engine(triple) for triple in triples(body)]

    def answer(self, query: str, dataset: Dataset | None, format: Format, limits: Limits) -> Answer:
        """Answer any query from outside in a format that fits its form; what the server wrote is written anew.

        So it is whole and valid, whatever the server makes of the format. Refuses what the embedded store refuses.
        """
        started = time.perf_counter()
        refuse_dangerous(query, length=limits.query_length, nesting=limits.query_nesting)
        text, own = take_dataset(query)
        graph = form(query) in ("CONSTRUCT", "DESCRIBE")
        refuse_format(format, is_graph=graph)
        chosen = dataset if dataset is not None else own
        seconds, cap = self._endpoint.deadline, limits.answer_bytes
        if graph:
            found = triples(self._graph(text, chosen, seconds, cap))
            body = ox.serialize(found, format=RDF_FORMATS[format]) or b""
        else:
            body = results_table(self._ask_for(text, chosen, RESULTS_JSON, seconds, cap), format, text)
        Spool(cap).write(body)  # refuses what is too large in this format
        return Answer(body, format, time.perf_counter() - started)

    def at_once(self, query: str, format: Format, limits: Limits) -> Answer:
        """Answer as any other: every way to another server is the same."""
        return self.answer(query, None, format, limits)

    def graphs(self) -> dict[Iri, int]:
        """Give each named graph with its number of triples."""
        counts = self.select(engine_query("engine/graph-sizes"))
        return {Iri(str(row["graph"])): int(str(row["number"])) for row in counts.rows}

    def close(self) -> None:
        """Close the connections that are kept."""
        self._transport.close()

    def _results(self, query: str, dataset: Dataset | None) -> Solutions | bool:
        return results(self._ask_for(query, dataset, RESULTS_JSON, self._endpoint.timeout, _OWN_CAP), query)

    def _graph(self, query: str, dataset: Dataset | None, seconds: float, cap: int) -> bytes:
        """Answer a CONSTRUCT query, or DESCRIBE by way of one, in N-Triples."""
        if form(query) != "DESCRIBE" or self._default is None:
            return self._ask_for(query, dataset, N_TRIPLES, seconds, cap)
        begun = time.monotonic()
        things, select = targets(query)
        if select is not None:
            found = results(self._ask_for(select, dataset, RESULTS_JSON, seconds, cap))
            values = () if isinstance(found, bool) else [term for row in found.rows for term in row.values()]
            if any(isinstance(term, BlankNode) for term in values):
                raise QueryError("A blank node has no name by which another server could be asked. Use CONSTRUCT.")
            things += [term for term in values if isinstance(term, Iri)]
        left = max(seconds - (time.monotonic() - begun), 0.001)
        return self._ask_for(concise_description(dict.fromkeys(things)), dataset, N_TRIPLES, left, cap)

    def _ask_for(self, query: str, dataset: Dataset | None, format: Format, seconds: float, cap: int) -> bytes:
        request = Form(self._endpoint.address).request("query", query, self._dataset(dataset), format.media_type)
        reply = self._transport.send(request, seconds=seconds, cap=cap)
        check_reply(reply)
        if reply.media_type not in (format.media_type, *format.aliases):
            raise QueryError(f"The SPARQL server answered in {reply.media_type}, not in {format.media_type}.")
        if "X-SQL-State" in reply.headers:
            raise DeadlineExceeded("The SPARQL server gave only what it had found when its own time was over.")
        return reply.body

    def _dataset(self, dataset: Dataset | None) -> list[tuple[str, Iri]]:
        """Give the graphs of a query: the parameters of the protocol."""
        default: tuple[Iri, ...] = () if self._default is None else (self._default,)
        named = self._named
        if dataset is not None and (dataset.default is not None or dataset.named is not None):
            default, named = dataset.default or (), dataset.named or ()
        elif self._default is None:
            return []
        if self._default is not None:
            default = tuple(graph for graph in default if graph in self._known or graph == self._default)
            named = tuple(graph for graph in named if graph in self._known)
        return [
            *(("default-graph-uri", graph) for graph in default or (NO_GRAPH,)),
            *(("named-graph-uri", graph) for graph in named or (NO_GRAPH,)),
        ]

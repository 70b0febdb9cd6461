"""``?format=graphml``: a question that is shown as a network, as GraphML, for programs that draw networks."""

from itertools import pairwise
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response

from app.entities.labels import Labels
from app.errors import N_, AnswerTooLarge
from app.mediatypes import RESULTS_JSON, Format, of_form
from app.query.files import QueryFile
from app.store.interface import Solutions
from app.store.results import parse_results
from app.terms import Dataset, Iri, Literal, Term
from app.web import answering, negotiation
from app.web.serving import served, settings
from app.web.texts import brief, column, labels_for

GRAPHML: Final = Format("graphml", "application/graphml+xml", "graphml", "table")
_NETWORK: Final = "network"
_NAMESPACE: Final = "http://graphml.graphdrawing.org/xmlns"
_KEYS: Final = {"label": "node", "kind": "node", "version": "graph"}


def formats_of(file: QueryFile) -> tuple[Format, ...]:
    """Give the formats that the answer to a question can have."""
    return (*of_form(file.form), *((GRAPHML,) if file.view == _NETWORK and file.form == "SELECT" else ()))


def respond_with_network(query: str, dataset: Dataset | None, file: QueryFile) -> Response:
    """Answer with a network: what stands in a row is joined from column to column; raises QueryError."""
    found = parse_results(answering.run_query(query, dataset, RESULTS_JSON).body)
    solutions = Solutions((), []) if isinstance(found, bool) else found
    cells, most = len(solutions.rows) * len(solutions.variables), settings().spreadsheet_cells
    if cells > most:
        raise AnswerTooLarge(
            N_("The answer has %(cells)d cells, with names at most %(limit)d (INNHERRED_SPREADSHEET_CELLS)."),
            N_("Ask for a part of the answer."),
            cells=cells,
            limit=most,
            setting="INNHERRED_SPREADSHEET_CELLS",
        )
    with answering.place():
        labels = labels_for(term for row in solutions.rows for term in row.values())
        kinds = {name: column(file, name).text for name in solutions.variables}
        return negotiation.answer(network(solutions, kinds, labels, served().manifest.version), GRAPHML)


def network(solutions: Solutions, kinds: dict[str, str], labels: Labels, version: str) -> bytes:
    """Write rows as GraphML 1.1: a node for each thing, with its name and the heading of its column; undirected edges.

    An empty cell joins nothing.
    """
    root = Element("graphml", xmlns=_NAMESPACE)
    for key, place in _KEYS.items():
        SubElement(root, "key", {"id": key, "for": place, "attr.name": key, "attr.type": "string"})
    graph = SubElement(root, "graph", id="answer", edgedefault="undirected")
    _data(graph, "version", version)
    seen: set[str] = set()
    edges: dict[tuple[str, str], None] = {}
    for row in solutions.rows:
        for name in solutions.variables:
            if (term := row.get(name)) is not None and (identifier := _identifier(term)) not in seen:
                seen.add(identifier)
                node = SubElement(graph, "node", id=identifier)
                _data(node, "label", labels[term].text if isinstance(term, Iri) else identifier)
                _data(node, "kind", kinds[name])
        for left, right in pairwise(row.get(name) for name in solutions.variables):
            if left is not None and right is not None and left != right:
                edges.setdefault((_identifier(left), _identifier(right)))
    for source, target in edges:
        SubElement(graph, "edge", source=source, target=target)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _identifier(term: Term) -> str:
    text = term.value if isinstance(term, Literal) else str(term)
    return brief(text, len(text) + 1)  # without what XML cannot hold


def _data(parent: Element, key: str, text: str) -> None:
    SubElement(parent, "data", key=key).text = brief(text, len(text) + 1)

"""What the SPARQL service says of itself (SPARQL 1.1 Service Description): language, formats, graphs, sizes."""

from collections.abc import Iterator
from typing import Final

from flask_babel import gettext as _

from app.namespaces import PREFIXES, RDF_TYPE, RDFS_COMMENT
from app.terms import XSD, BlankNode, Iri, Literal, Subject, Term, Triple
from app.web.languages import interface_language
from app.web.serving import served

_SD: Final = PREFIXES["sd"]
_VOID: Final = PREFIXES["void"]
# Names of formats at http://www.w3.org/ns/formats/, as a service description gives them.
_FORMATS: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "JSON-LD", "N-Triples", "RDF_XML"),
)


def description(endpoint: str) -> list[Triple]:
    """Describe the service at an endpoint.

    It has none of the features of sd:Feature: it asks no other server, takes no graphs from the web, has no empty
    graphs, needs no dataset in a query, and its default graph leaves some named graphs out. Patterns are matched by
    simple entailment; what follows from the data is in the default graph as triples.
    """
    service, dataset = Iri(endpoint), BlankNode("dataset")
    result: list[tuple[Subject, str, Term]] = [
        (service, RDF_TYPE, Iri(_SD + "Service")),
        (service, _SD + "endpoint", service),
        (service, _SD + "supportedLanguage", Iri(_SD + "SPARQL11Query")),
        (service, _SD + "defaultEntailmentRegime", Iri("http://www.w3.org/ns/entailment/Simple")),
        (service, RDFS_COMMENT, Literal(differences(), interface_language())),
        (service, _SD + "defaultDataset", dataset),
        (dataset, RDF_TYPE, Iri(_SD + "Dataset")),
        *((service, _SD + "resultFormat", Iri("http://www.w3.org/ns/formats/" + name)) for name in _FORMATS),
    ]
    result += _graph(dataset, _SD + "defaultGraph", "default", served().manifest.triples)
    for number, (graph, triples) in enumerate(sorted(served().graphs.items())):
        named = BlankNode(f"named{number}")
        result += [
            (dataset, _SD + "namedGraph", named),
            (named, RDF_TYPE, Iri(_SD + "NamedGraph")),
            (named, _SD + "name", graph),
            *_graph(named, _SD + "graph", f"graph{number}", triples),
        ]
    return [(subject, Iri(predicate), value) for subject, predicate, value in result]


def differences() -> str:
    """Tell where answers differ from SPARQL 1.1, in the language of the request (docs/decisions/0033)."""
    told: str = _(
        "Differences from SPARQL 1.1: a path p* or p? from a term that is not in the data gives no row; $1c in the "
        "replacement of REPLACE means the group named 1c (write ${1}c); a query over several graphs (FROM, "
        "default-graph-uri) counts a triple once for each graph that holds it (use DISTINCT)."
    )
    return told


def _graph(subject: Subject, predicate: str, name: str, triples: int) -> Iterator[tuple[Subject, str, Term]]:
    graph = BlankNode(name)
    yield subject, predicate, graph
    yield graph, RDF_TYPE, Iri(_SD + "Graph")
    yield graph, RDF_TYPE, Iri(_VOID + "Dataset")
    yield graph, _VOID + "triples", Literal(str(triples), datatype=Iri(XSD + "integer"))

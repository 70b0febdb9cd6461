"""The SPARQL service, the questions and the change feed as DCAT data services."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.catalog.authorities import EU
from app.namespaces import PREFIXES, RDF_TYPE
from app.terms import Iri, Literal, Term, Triple

_DCAT: Final = PREFIXES["dcat"]
_DCTERMS: Final = PREFIXES["dcterms"]
_PROTOCOL: Final = Iri("https://www.w3.org/TR/sparql11-protocol/")
_LDES: Final = Iri("https://w3id.org/ldes/specification")
_TREE: Final = Iri("https://w3id.org/tree/specification")
_OPENAPI: Final = Iri("https://spec.openapis.org/oas/v3.1.1")

_STANDARDS: Final = {
    _PROTOCOL: "SPARQL 1.1 Protocol",
    _OPENAPI: "OpenAPI Specification 3.1.1",
    _LDES: "Linked Data Event Streams",
    _TREE: "The TREE hypermedia specification",
}


@dataclass(frozen=True, slots=True)
class Service:
    """A service: name of its node, endpoint and description below the base, standards, file types, texts."""

    name: str
    endpoint: str
    description: str
    standards: tuple[Iri, ...]
    file_types: tuple[str, ...]
    title: dict[str, str]
    text: dict[str, str]


SERVICES: Final = (
    Service(
        "sparql",
        "sparql",
        "sparql",
        (_PROTOCOL,),
        ("JSON", "XML", "CSV", "TSV", "XLSX", "RDF_TURTLE", "JSON_LD", "RDF_N_TRIPLES", "RDF_XML"),
        {"nb": "SPARQL-tjeneste", "en": "SPARQL service"},
        {
            "nb": "Svarer på alle spørringer i SPARQL 1.1. Uten spørring beskriver adressen tjenesten i RDF.",
            "en": "Answers any query in SPARQL 1.1. Without a query the address describes the service in RDF.",
        },
    ),
    Service(
        "questions",
        "queries/",
        "api/openapi.json",
        (_OPENAPI,),
        ("JSON", "CSV", "XLSX", "HTML"),
        {"nb": "Ferdige spørsmål", "en": "Ready-made questions"},
        {
            "nb": "Svarer på navngitte spørsmål, hvert på sin adresse. Uten navn lister adressen dem.",
            "en": "Answers named questions, each at its own address. Without a name the address lists them.",
        },
    ),
    Service(
        "feed",
        "ldes",
        "ldes",
        (_LDES, _TREE),
        ("RDF_TURTLE", "JSON_LD", "RDF_N_TRIPLES", "RDF_XML"),
        {"nb": "Endringsstrøm", "en": "Change feed"},
        {
            "nb": "Alt som er laget, endret og slettet, i sider (LDES). For programmer som leser Atom: /changes.atom.",
            "en": "All that was created, changed and deleted, in pages (LDES). For feed readers: /changes.atom.",
        },
    ),
)


def services(catalog: Iri, dataset: Iri, base: str, shared: Iterable[tuple[Iri, Term]]) -> Iterator[Triple]:
    """Describe the services (DCAT §6.9); ``shared`` are statements of the dataset that hold for them too."""
    common = list(shared)
    for service in SERVICES:
        node = Iri(f"{base}catalog#{service.name}")
        yield catalog, Iri(_DCAT + "service"), node
        yield node, RDF_TYPE, Iri(_DCAT + "DataService")
        yield node, Iri(_DCAT + "endpointURL"), Iri(base + service.endpoint)
        yield node, Iri(_DCAT + "endpointDescription"), Iri(base + service.description)
        yield node, Iri(_DCAT + "servesDataset"), dataset
        yield from ((node, Iri(_DCTERMS + "conformsTo"), standard) for standard in service.standards)
        for file_type in service.file_types:
            yield node, Iri(_DCTERMS + "format"), Iri(f"{EU}file-type/{file_type}")
        for term, texts in (("title", service.title), ("description", service.text)):
            yield from ((node, Iri(_DCTERMS + term), Literal(text, language)) for language, text in texts.items())
        yield from ((node, predicate, value) for predicate, value in common)
    for standard, title in _STANDARDS.items():
        yield standard, Iri(_DCTERMS + "title"), Literal(title, "en")

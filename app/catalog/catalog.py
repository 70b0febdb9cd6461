"""The catalog by DCAT-AP 3 and DCAT-AP-NO 3: one dataset with its versions, files and services, and its model.

All IRIs are of the base; addresses among them (``LOCATIONS``) are those of the serving place when it is served.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.catalog.authorities import EU, prescribed, typed
from app.catalog.distributions import Dump, distributions
from app.catalog.services import services
from app.namespaces import DCTERMS_DESCRIPTION, DCTERMS_IDENTIFIER, PREFIXES, RDF_TYPE
from app.terms import XSD, Iri, Literal, Term, Triple

_DCAT, _DCTERMS, _FOAF, _VOID = (PREFIXES[name] for name in ("dcat", "dcterms", "foaf", "void"))
_TITLE: Final = Iri(_DCTERMS + "title")
_PUBLISHER: Final = Iri(_DCTERMS + "publisher")
_BYTE_SIZE: Final = Iri(_DCAT + "byteSize")
_LICENCE: Final = Iri(_DCTERMS + "license")
_MODIFIED: Final = Iri(_DCTERMS + "modified")
# Statements of the dataset that hold for the catalog, for its services and for each version as well.
_FOR_CATALOG: Final = tuple(
    Iri(PREFIXES[prefix] + name)
    for prefix, name in (
        *(("dcat", "contactPoint"), ("dcterms", "issued"), ("dcterms", "language"), ("dcterms", "modified")),
        *(("dcterms", "publisher"), ("dcterms", "spatial")),
    )
)
_FOR_SERVICES: Final = tuple(
    Iri(PREFIXES[prefix] + name)
    for prefix, name in (
        *(("dcat", "contactPoint"), ("dcat", "keyword"), ("dcat", "theme"), ("dcterms", "accessRights")),
        ("dcterms", "publisher"),
    )
)
_FOR_VERSIONS: Final = (*_FOR_SERVICES, Iri(_DCTERMS + "language"), Iri(_DCTERMS + "spatial"))
_FOR_MODEL: Final = (Iri(_DCAT + "contactPoint"), _PUBLISHER)
# Properties whose values are addresses, not names: a client is to go there.
LOCATIONS: Final = frozenset(
    PREFIXES[prefix] + name
    for prefix, name in (
        *(("dcat", "accessURL"), ("dcat", "downloadURL"), ("dcat", "endpointDescription"), ("dcat", "endpointURL")),
        *(("dcat", "landingPage"), ("foaf", "homepage"), ("foaf", "page"), ("void", "dataDump")),
        ("void", "sparqlEndpoint"),
    )
)
_CATALOG_TEXTS: Final = {
    "nb": ("Datakatalog: {}", "Beskriver datasettet «{}»: filer, tjenester, versjoner og modellen det er skrevet i."),
    "en": (
        "Data catalogue: {}",
        "Describes the dataset “{}”: files, services, versions and the model it is written in.",
    ),
}


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the dataset: its name (the first 12 of the digest), the date it is as of, when it was built.

    Title and description are what the dataset was called then, by language; none for the one that is described now.
    """

    name: str
    as_of: str
    built: str
    title: Mapping[str, str] | None = None
    description: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A resource that data conforms to (ontology, shapes): IRI, title and description by language."""

    iri: Iri
    statements: tuple[Triple, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """What a catalog is made of beside what the dataset says of itself.

    ``versions`` are those that are kept, the newest (this one) first; ``parts`` names the graph in a dump.
    """

    base: str
    dataset: Iri
    dumps: Sequence[Dump]
    parts: Mapping[str, Mapping[str, str]]
    versions: Sequence[Version]
    models: Sequence[Model]
    publisher: Iri | None
    agent: Sequence[Triple]


def catalog(described: Iterable[Triple], about: Served) -> Iterator[Triple]:
    """Give the triples of the catalog: what the dataset says of itself, and all that can be known from the build."""
    yield from typed(_catalog(list(described), about))


def _catalog(described: list[Triple], about: Served) -> Iterator[Triple]:
    dataset, base = about.dataset, about.base
    node = Iri(f"{base}catalog")
    given = [t for t in described if not (t[:2] == (dataset, _PUBLISHER) and about.publisher is not None)]
    if about.publisher is not None:
        given.append((dataset, _PUBLISHER, about.publisher))
    own = [(predicate, value) for subject, predicate, value in given if subject == dataset]
    licence = next((prescribed(v) for p, v in own if p == _LICENCE and isinstance(v, Iri)), None)
    licensed: list[tuple[Iri, Term]] = [(_LICENCE, licence)] if licence is not None else []
    yield from given
    yield from about.agent
    yield from _dataset(own, about)
    yield from distributions(dataset, base, about.dumps, about.parts, licence)
    yield from _versions(own, about)
    yield node, RDF_TYPE, Iri(_DCAT + "Catalog")
    yield node, DCTERMS_IDENTIFIER, Literal(node)
    yield node, Iri(_FOAF + "homepage"), Iri(base)
    yield node, Iri(_DCAT + "dataset"), dataset
    yield node, Iri(_DCAT + "themeTaxonomy"), Iri(EU + "data-theme")
    yield from _catalog_texts(node, own)
    yield from _of(node, [*_shared(own, _FOR_CATALOG), *licensed])
    yield from services(node, dataset, base, [*_shared(own, _FOR_SERVICES), *licensed])
    for model in about.models:
        yield node, Iri(_DCAT + "resource"), model.iri
        yield dataset, Iri(_DCTERMS + "conformsTo"), model.iri
        yield model.iri, RDF_TYPE, Iri(_DCAT + "Resource")
        yield model.iri, RDF_TYPE, Iri(PREFIXES["adms"] + "Asset")
        yield from model.statements
        yield from _of(model.iri, [*_shared(own, _FOR_MODEL), *licensed])


def _dataset(own: Sequence[tuple[Iri, Term]], about: Served) -> Iterator[Triple]:
    dataset = about.dataset
    yield dataset, RDF_TYPE, Iri(_DCAT + "Dataset")
    yield dataset, Iri(_DCAT + "landingPage"), Iri(about.base)
    yield dataset, Iri(_VOID + "sparqlEndpoint"), Iri(f"{about.base}sparql")
    yield dataset, Iri(_DCAT + "version"), Literal(about.versions[0].name)
    if not any(predicate == DCTERMS_IDENTIFIER for predicate, _ in own):
        yield dataset, DCTERMS_IDENTIFIER, Literal(dataset)
    if not any(predicate == _MODIFIED for predicate, _ in own):
        yield dataset, _MODIFIED, _date(about.versions[0].as_of)


def _versions(own: Sequence[tuple[Iri, Term]], about: Served) -> Iterator[Triple]:
    """Describe each version as a dataset of its own (DCAT §11.1); the harvested one is in none of them."""
    nodes = [Iri(f"{about.base}version/{version.name}") for version in about.versions]
    for place, (node, version) in enumerate(zip(nodes, about.versions, strict=True)):
        yield about.dataset, Iri(_DCAT + "hasVersion"), node
        yield node, RDF_TYPE, Iri(_DCAT + "Dataset")
        yield node, Iri(_DCAT + "isVersionOf"), about.dataset
        yield node, Iri(_DCAT + "version"), Literal(version.name)
        yield node, DCTERMS_IDENTIFIER, Literal(node)
        yield node, Iri(_DCTERMS + "valid"), _date(version.as_of)
        yield node, Iri(_DCTERMS + "issued"), Literal(version.built, datatype=Iri(XSD + "dateTime"))
        if place + 1 < len(nodes):
            yield node, Iri(_DCAT + "previousVersion"), nodes[place + 1]
        for value in _texts(version.title, own, _TITLE):
            word = "versjon" if value.language in ("nb", "nn", "no") else "version"
            yield node, _TITLE, Literal(f"{value.value}, {word} {version.name}", value.language)
        texts = _texts(version.description, own, DCTERMS_DESCRIPTION)
        yield from ((node, DCTERMS_DESCRIPTION, value) for value in texts)
        yield from _of(node, _shared(own, _FOR_VERSIONS))


def _texts(then: Mapping[str, str] | None, own: Iterable[tuple[Iri, Term]], predicate: Iri) -> list[Literal]:
    if then is not None:
        return [Literal(text, language or None) for language, text in then.items()]
    return [value for each, value in own if each == predicate and isinstance(value, Literal)]


def _catalog_texts(node: Iri, own: Sequence[tuple[Iri, Term]]) -> Iterator[Triple]:
    """Name the catalog after the dataset, once in a language; in English where there are no words for its own."""
    titles = {
        value.language: value.value for predicate, value in own if predicate == _TITLE and isinstance(value, Literal)
    }
    named = {language if language in _CATALOG_TEXTS else "en": text for language, text in titles.items()}
    for language, text in {**named, **{k: v for k, v in titles.items() if k in _CATALOG_TEXTS}}.items():
        title, description = _CATALOG_TEXTS[str(language)]
        yield node, _TITLE, Literal(title.format(text), language)
        yield node, DCTERMS_DESCRIPTION, Literal(description.format(text), language)


def _shared(own: Iterable[tuple[Iri, Term]], predicates: Sequence[Iri]) -> list[tuple[Iri, Term]]:
    return [(predicate, value) for predicate, value in own if predicate in predicates]


def _of(node: Iri, facts: Iterable[tuple[Iri, Term]]) -> Iterator[Triple]:
    return ((node, predicate, value) for predicate, value in facts)


def _date(text: str) -> Literal:
    return Literal(text, datatype=Iri(XSD + "date"))


def located(triples: Iterable[Triple], base: str, place: str) -> list[Triple]:
    """Give triples with addresses below the base turned into those of the serving place (both end in ``/``).

    What is described below an old address stays below its name: only what is gone to is moved. An address that is
    moved keeps the types it had under its name.
    """
    moved: dict[Term, Iri] = {}
    found = []
    for subject, predicate, value in triples:
        target: Term = value
        if predicate == _BYTE_SIZE:  # the engine keeps every whole number as xsd:integer
            target = Literal(str(value), datatype=Iri(XSD + "nonNegativeInteger"))
        if predicate in LOCATIONS and isinstance(value, Iri) and value.startswith(base):
            target = moved[value] = Iri(place + value.removeprefix(base))
        found.append((subject, predicate, target))
    types = [(moved[s], p, o) for s, p, o in found if s in moved and p == RDF_TYPE]
    return [*found, *types]

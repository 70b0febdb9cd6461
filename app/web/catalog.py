"""``/catalog`` (DCAT-AP-NO) for people and portals, and ``/.well-known/void`` (VoID §7.2)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from flask import Blueprint, Response

from app.catalog.dcat import located
from app.entities.labels import Labels
from app.mediatypes import CITATION_FORMATS, GRAPH_FORMATS, Format
from app.namespaces import PREFIXES
from app.query.binding import bind
from app.query.library import engine_query
from app.terms import Iri, Triple, n3
from app.web import links, negotiation
from app.web.model import Described, described
from app.web.negotiation import HTML
from app.web.representations import citation, cited_whole, embedded
from app.web.serving import served
from app.web.texts import labels_for

blueprint = Blueprint("catalog", __name__)

# Properties of the dataset that the page shows, in this order; what is a list of its own is left to its section.
_SHOWN: Final = tuple(
    Iri(PREFIXES[prefix] + name)
    for prefix, name in (
        *(("dcterms", "publisher"), ("dcat", "contactPoint"), ("dcterms", "license"), ("dcterms", "accessRights")),
        *(("dcat", "theme"), ("dcat", "keyword"), ("dcterms", "spatial"), ("dcterms", "temporal")),
        *(("dcterms", "accrualPeriodicity"), ("dcterms", "language"), ("dcterms", "issued"), ("dcterms", "modified")),
        ("dcterms", "identifier"),
    )
)


@blueprint.get("/catalog")
@blueprint.get("/catalog.<suffix>")
def catalog(suffix: str | None = None) -> Response:
    """Describe the dataset, its files, services, versions and model."""
    found = negotiation.choose_format(negotiation.DESCRIBED, suffix)
    if found in CITATION_FORMATS:
        return citation(cited_whole(), found)
    triples = [t for t in served().triples_of(Iri(f"{served().base}graph/catalog")) if not _is_void(t)]
    if found != HTML:
        return _answer(located(triples, served().base, links.place()), found)
    resources = described(triples)
    node = resources[f"{served().base}catalog"]
    dataset = resources[str(node.of("dcat", "dataset")[0])]
    return negotiation.answer_page(
        "catalog.html",
        node=node,
        dataset=dataset,
        files=_listed(dataset, "distribution", resources),
        services=_listed(node, "service", resources),
        versions=_listed(dataset, "hasVersion", resources),
        models=_listed(node, "resource", resources),
        shown=_SHOWN,
        labels=_labels(triples, resources),
        formats=links.formats("/catalog", GRAPH_FORMATS),
        cited=links.formats("/catalog", CITATION_FORMATS),
        cite=cited_whole().url,
        script=embedded(_schema(dataset, resources)),
    )


@blueprint.get("/.well-known/void")
def void() -> Response:
    """Describe the dataset with its counts: totals, classes, properties, graphs (VoID). There is no page of it."""
    found = negotiation.choose_format(GRAPH_FORMATS)
    base = served().base
    names = {"base": "", "document": ".well-known/void", "catalog": "catalog", "graph": "graph/catalog"}
    query = bind(engine_query("catalog/void"), {name: Iri(base + path) for name, path in names.items()})
    return _answer(located(served().store.construct(query), base, links.place()), found)


def _schema(dataset: Described, resources: Mapping[str, Described]) -> dict[str, Any]:
    """Give the dataset as schema.org says it, as search engines for data read it."""
    base = served().base
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": dataset.iri,
        "@type": "Dataset",
        "name": str(dataset.text("dcterms", "title") or dataset.iri),
        "description": str(dataset.text("dcterms", "description") or ""),
        "url": links.absolute(links.page_link("/catalog")),
        "license": [str(each) for each in dataset.of("dcterms", "license")],
        "keywords": [str(each) for each in dataset.of("dcat", "keyword")],
        "version": [str(each) for each in dataset.of("dcat", "version")],
        "dateModified": [str(each) for each in dataset.of("dcterms", "modified")],
        "distribution": [
            {
                "@type": "DataDownload",
                "name": str(file.text("dcterms", "title") or file.iri),
                "contentUrl": [links.place() + str(u).removeprefix(base) for u in file.of("dcat", "downloadURL")],
                "contentSize": [f"{size} B" for size in file.of("dcat", "byteSize")],
                "encodingFormat": [str(each).partition("media-types/")[2] for each in file.of("dcat", "mediaType")],
            }
            for file in _listed(dataset, "distribution", resources)
        ],
    }
    return {name: value for name, value in found.items() if value}


def _is_void(triple: Triple) -> bool:
    """Say whether a triple belongs to ``/.well-known/void``: partitions, graphs, and the links to them."""
    base = served().base
    void, graph = f"{base}.well-known/void#", f"{base}graph/"
    return triple[0].startswith((void, graph)) or str(triple[2]).startswith(void)


def _answer(triples: Iterable[Triple], found: Format) -> Response:
    ordered = sorted(triples, key=lambda triple: [n3(term) for term in triple])
    return negotiation.answer_graph(ordered, found)


def _listed(resource: Described, name: str, resources: Mapping[str, Described]) -> list[Described]:
    return [resources[str(each)] for each in sorted(resource.of("dcat", name), key=str) if str(each) in resources]


def _labels(triples: Iterable[Triple], resources: Mapping[str, Described]) -> Labels:
    """Give labels of all that the page names; of what only the catalog describes, its name there."""
    labels = labels_for({term for s, p, o in triples for term in (s, p, o) if isinstance(term, Iri)})
    for iri, resource in resources.items():
        for prefix, name in (("vcard", "fn"), ("foaf", "name"), ("rdfs", "comment")):
            if not labels[iri].found and (text := resource.text(prefix, name)):
                labels[iri] = text
    return labels

"""The model: ``/ontology`` with its terms, ``/shapes``, ``/shape/<Name>``, ``/graph/<name>``."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, Response, request

from app.catalog.dumps import dump_name
from app.entities.description import describe, read
from app.entities.labels import Label, Labels, best
from app.mediatypes import GRAPH_FORMATS, Format
from app.namespaces import PREFIXES, RDF_TYPE
from app.query.binding import bind
from app.query.library import engine_query, local_name
from app.terms import BlankNode, Dataset, Iri, Literal, Term, Triple, n3
from app.web import documents, links, negotiation
from app.web.arguments import basis_argument
from app.web.downloads import dumps
from app.web.languages import languages
from app.web.negotiation import HTML
from app.web.problems import Problem, not_found
from app.web.representations import Signpost
from app.web.serving import served
from app.web.texts import labels_for

blueprint = Blueprint("model", __name__)
# Where a page and the data of it lead to each other.
_FORMATS: Final = (HTML, *GRAPH_FORMATS)

_OWL, _RDFS, _SH = (PREFIXES[prefix] for prefix in ("owl", "rdfs", "sh"))
_CLASSES: Final = {_OWL + "Class", _RDFS + "Class"}
_PROPERTIES: Final = {
    PREFIXES["rdf"] + "Property",
    *(_OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")),
}
_DEFINITIONS: Final = (("skos", "definition"), ("rdfs", "comment"), ("dcterms", "description"))


@dataclass(slots=True)
class Described:
    """A term of the ontology, a shape or a resource of the catalog: its statements by predicate."""

    iri: Iri
    values: dict[str, list[Term]] = field(default_factory=lambda: defaultdict(list))

    def of(self, prefix: str, name: str) -> list[Term]:
        """Give the values of a property; texts only in the best language."""
        return self.by(PREFIXES[prefix] + name)

    def by(self, predicate: str) -> list[Term]:
        """Give the values of a property by its IRI."""
        found = self.values[predicate]
        chosen = best([value for value in found if isinstance(value, Literal) and value.language], languages())
        language = chosen.language if chosen else None
        return [each for each in found if not isinstance(each, Literal) or each.language in (None, language)]

    def text(self, prefix: str, name: str) -> Label | None:
        """Give the value of a property in the best language."""
        return best([v for v in self.values[PREFIXES[prefix] + name] if isinstance(v, Literal)], languages())

    @property
    def definition(self) -> Label | None:
        """Its definition in the best language there is."""
        return next((text for each in _DEFINITIONS if (text := self.text(*each))), None)

    @property
    def name(self) -> str:
        """What stands after the last ``#`` or ``/`` of its IRI."""
        return local_name(self.iri)

    def is_a(self, classes: set[str]) -> bool:
        """Say whether it has one of the types."""
        return any(value in classes for value in self.values[RDF_TYPE])


@blueprint.get("/ontology")
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str | None = None) -> Response:
    """Show the ontology: classes, properties and individuals, each with an anchor; RDF: all of its graph."""
    graph = _graph("ontology")
    found = negotiation.choose_format(negotiation.GRAPH, suffix)
    if found != HTML:
        return _whole(graph, found)
    terms = [term for term in _described(graph) if "#" in term.iri or not term.is_a({_OWL + "Ontology"})]
    terms.sort(key=lambda term: not term.iri.startswith(served().base))  # the content's own before those of others
    classes = [term for term in terms if term.is_a(_CLASSES)]
    properties = [term for term in terms if term.is_a(_PROPERTIES)]
    others = [term for term in terms if term not in classes and term not in properties and term.values[RDF_TYPE]]
    return _linked(
        negotiation.answer_page(
            "ontology.html",
            classes=classes,
            properties=properties,
            others=others,
            labels=_labels(terms),
            formats=links.formats("/ontology", GRAPH_FORMATS),
            graph=graph,
        )
    )


@blueprint.get("/ontology/<path:name>")
def ontology_version(name: str) -> Response:
    """Give the ontology under the IRI of its version (``owl:versionIRI``); there is only the one that is served."""
    graph, query = Dataset(default=(_graph("ontology"),)), engine_query("engine/version-iri")
    if not any(served().store.ask(bind(query, {"version": iri}), graph) for iri in links.iris_of(f"ontology/{name}")):
        raise not_found(f"{served().base}ontology/{name}")
    return ontology()


@blueprint.get("/shapes")
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None = None) -> Response:
    """List the shapes that the data is checked by; RDF: all of their graph."""
    graph = _graph("shapes")
    found = negotiation.choose_format(negotiation.GRAPH, suffix)
    if found != HTML:
        return _whole(graph, found, "shapes")
    terms = [term for term in _described(graph) if term.is_a({_SH + "NodeShape"})]
    return _linked(
        negotiation.answer_page(
            "shapes.html",
            shapes=terms,
            labels=_labels(terms),
            formats=links.formats("/shapes", GRAPH_FORMATS),
            spoken=_spoken(graph),
            graph=graph,
        )
    )


@blueprint.get("/shapes/<name>")
def shapes_in_one_language(name: str) -> Response:
    """Give the shapes with each text in one language alone: for validators that take no more. There is no page."""
    graph = _graph("shapes")
    language, suffix = negotiation.split_suffix(name, GRAPH_FORMATS)
    if language not in _spoken(graph):
        raise not_found(f"{served().base}shapes/{name}")
    found = negotiation.choose_format(GRAPH_FORMATS, suffix)
    query = bind(engine_query("engine/one-language"), {"graph": graph, "language": Literal(language)})
    triples = served().store.construct(query) + _in_catalog(f"shapes/{language}")
    return _linked(negotiation.answer_graph(_in_order(triples), found), GRAPH_FORMATS)


def _spoken(graph: Iri) -> list[str]:
    """Give the languages of the messages of shapes."""
    rows = served().store.select(bind(engine_query("engine/message-languages"), {"graph": graph})).rows
    return [str(row["language"]) for row in rows]


@blueprint.get("/shape/<path:name>")
def shape(name: str) -> Response:
    """Show one shape."""
    return documents.respond_with_document(*documents.find(f"shape/{name}"))


@blueprint.get("/graph/<path:name>")
def graph_page(name: str) -> Response:
    """Show a named graph: what it is and how large; RDF: its triples."""
    suffix = None
    try:
        iri = _graph(name)
    except Problem:
        stem, suffix = negotiation.split_suffix(name, negotiation.GRAPH)
        if suffix is None:
            raise
        iri = _graph(stem)
    found = negotiation.choose_format(negotiation.GRAPH, suffix)
    if found != HTML:
        return _whole(iri, found)
    rest = iri.removeprefix(served().base)
    names = {dump.name for dump in dumps()}
    entity = describe(read(served().store, iri, served().base), basis_argument(), served().notes)
    return _linked(
        negotiation.answer_page(
            "graph.html",
            iri=iri,
            count=served().graphs[iri],
            note=served().notes.get(iri),
            entity=entity,
            labels=labels_for([iri, *entity.terms()]),
            text=best(entity.texts, languages()),
            formats=links.formats("/" + rest, GRAPH_FORMATS),
            dump=dump if (dump := dump_name(iri, served().base)) in names else None,
        )
    )


def _graph(name: str) -> Iri:
    """Give the IRI of a graph of the base; raises Problem (404)."""
    for iri in links.iris_of("graph/" + name):
        if iri in served().graphs:
            return iri
    raise not_found(served().base + "graph/" + name)


def _whole(graph: Iri, found: Format, described: str | None = None) -> Response:
    """Give all of a graph, and what the catalog says of the resource whose document it is."""
    triples = served().triples_of(graph)
    if described is not None:
        triples += _in_catalog(described)
    return _linked(negotiation.answer_graph(_in_order(triples), found))


def _in_catalog(described: str) -> list[Triple]:
    """Give what the catalog says of a resource of the base."""
    about = bind(engine_query("engine/statements"), {"this": Iri(served().base + described)})
    return served().store.construct(about, Dataset(default=(Iri(f"{served().base}graph/catalog"),)))


def _in_order(triples: Iterable[Triple]) -> list[Triple]:
    """Sort triples; what has no fragment is the document, or the whole: it goes first."""
    return sorted(triples, key=lambda t: (isinstance(t[0], BlankNode), "#" in t[0], *map(n3, t)))


def _linked(response: Response, formats: Sequence[Format] = _FORMATS) -> Response:
    """Say where a document of the model is in other formats, what it is licensed under and what it belongs to."""
    stem = negotiation.split_suffix(request.path, negotiation.GRAPH)[0]
    posts = [Signpost("alternate", links.page_link(f"{stem}.{each.suffix}"), each.media_type) for each in formats]
    if (licence := served().manifest.licence) and links.is_web(licence):
        posts.append(Signpost("license", licence))
    for each in (*posts, Signpost("collection", links.page_link("/catalog"))):
        response.headers.add("Link", each.header())
    return response


def described(statements: Iterable[tuple[Term, Term, Term]]) -> dict[str, Described]:
    """Give what statements say, by the IRI that they say it of."""
    found: dict[str, Described] = {}
    for subject, predicate, value in statements:
        if isinstance(subject, Iri):
            found.setdefault(subject, Described(subject)).values[str(predicate)].append(value)
    return found


def _described(graph: Iri) -> Iterable[Described]:
    rows = served().store.select(bind(engine_query("engine/graph-statements"), {"graph": graph})).rows
    return described((row["s"], row["p"], row["o"]) for row in rows).values()


def _labels(terms: list[Described]) -> Labels:
    values = (value for term in terms for each in term.values.values() for value in each)
    return labels_for([*(term.iri for term in terms), *values])

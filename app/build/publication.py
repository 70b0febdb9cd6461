"""What a build knows for the catalog: publisher, model, versions, files; and what the portal still needs."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from app.catalog.catalog import Model, Served, Version, catalog, located
from app.catalog.distributions import dumps
from app.catalog.dumps import dump_name
from app.catalog.publisher import Named, publisher
from app.config import Settings
from app.generation import Generation, kept
from app.graph.content import Content
from app.graph.reading import InputFile, read
from app.namespaces import DCTERMS_DESCRIPTION, PREFIXES, RDFS_LABEL, SKOS_PREF_LABEL
from app.paths import defaults
from app.quality.problems import Problem, of_result
from app.quality.validation import validate
from app.query.binding import bind
from app.query.library import engine_query
from app.store.embedded import EmbeddedStore
from app.store.interface import Dataset, Store
from app.terms import Iri, Literal, Triple

_NAMES: Final = f"CONSTRUCT {{ ?this <{RDFS_LABEL}> ?o }} WHERE {{ ?this <{RDFS_LABEL}> ?o }}"
_ONTOLOGY: Final = f"SELECT ?s WHERE {{ GRAPH ?graph {{ ?s a <{PREFIXES['owl']}Ontology> }} }} ORDER BY ?s"
_NAMED: Final = frozenset((RDFS_LABEL, SKOS_PREF_LABEL, Iri(PREFIXES["foaf"] + "name")))
_TITLE: Final = Iri(PREFIXES["dcterms"] + "title")
_TEXTS: Final = {RDFS_LABEL: _TITLE, _TITLE: _TITLE, DCTERMS_DESCRIPTION: DCTERMS_DESCRIPTION}


def catalog_triples(
    content: Content,
    settings: Settings,
    described: Sequence[Triple],
    store: Store,
    folder: Path,
    version: Version,
    graphs: Collection[Iri],
) -> tuple[str | None, list[Triple]]:
    """Give who publishes, and the catalog of a build with these named graphs, whose dumps are in a folder."""
    about = content.dataset
    agent_named = None
    if isinstance(about.publisher, Iri):
        statements = dict.fromkeys(store.construct(bind(engine_query("engine/statements"), {"this": about.publisher})))
        statements.update(dict.fromkeys(t for t in described if t[0] == about.publisher))
        agent_named = Named(about.publisher, tuple(statements))
    agent, agent_triples = publisher(settings.publisher, agent_named, about.publisher, content.base)
    labels: dict[str, dict[str, str]] = {}
    for subject, predicate, value in described:
        if predicate == RDFS_LABEL and isinstance(value, Literal):
            labels.setdefault(str(subject), {})[value.language or ""] = value.value
    space = content.graph("")
    parts = {dump_name(graph, content.base): labels.get(graph) or {"": graph.removeprefix(space)} for graph in graphs}
    served = Served(
        base=content.base,
        dataset=about.iri,
        dumps=dumps(folder),
        parts=parts,
        versions=[version, *_earlier(settings, version)],
        models=list(_models(content, described, store, graphs)),
        publisher=agent,
        agent=agent_triples,
    )
    triples = list(catalog(described, served))
    named = {subject for subject, predicate, _ in triples if predicate in _NAMED}
    near = sorted({o for s, _, o in triples if s == about.iri and isinstance(o, Iri) and o not in named})
    names = [t for each in near for t in store.construct(bind(_NAMES, {"this": each}))]
    return (str(agent) if agent else None), [*triples, *names]


def _earlier(settings: Settings, version: Version) -> list[Version]:
    """Give the versions that stay beside this one once it is published, the newest first."""
    found = [each.manifest for each in kept(settings.state)[: settings.keep - 1]]
    unique = {
        each.version: Version(each.version, each.as_of, each.built, each.title, each.description)
        for each in reversed(found)
    }
    return [each for each in reversed(unique.values()) if each.name != version.name]


def _models(content: Content, described: Sequence[Triple], store: Store, graphs: Collection[Iri]) -> Iterator[Model]:
    ontology, shapes = content.graph("ontology"), content.graph("shapes")
    if ontology in graphs:
        for row in store.select(bind(_ONTOLOGY, {"graph": ontology})).rows:
            iri = row["s"]
            if isinstance(iri, Iri) and iri.startswith(content.base):
                statements = store.construct(
                    bind(engine_query("engine/statements"), {"this": iri}), Dataset(default=(ontology,))
                )
                yield Model(iri, tuple(_texts(iri, statements)))
    if shapes in graphs:
        iri = Iri(f"{content.base}shapes")
        about = [(iri, predicate, value) for subject, predicate, value in described if subject == shapes]
        yield Model(iri, tuple(_texts(iri, about)))


def _texts(iri: Iri, statements: Sequence[Triple]) -> Iterator[Triple]:
    texts = {(_TEXTS[p], o): None for _, p, o in statements if p in _TEXTS}
    yield from ((iri, predicate, value) for predicate, value in texts)


def missing_for_portal(generation: Generation) -> list[Problem]:
    """Tell what the catalog of a generation lacks by our shapes for DCAT-AP-NO; nothing is fetched."""
    store = EmbeddedStore.open(generation.store)
    try:
        graph = Iri(f"{generation.manifest.base}graph/catalog")
        data = store.construct(engine_query("engine/triples"), Dataset(default=(graph,)))
    finally:
        store.close()
    path = defaults() / "shapes" / "catalog.ttl"
    shapes = [triple for triple, _ in read(InputFile(path, path.name, None, "defaults"), "http://localhost/")]
    served = located(data, generation.manifest.base, generation.manifest.base)
    return [of_result(result, None, None) for result in validate(served, shapes).results]

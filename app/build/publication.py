"""What a build knows for the catalog: publisher, model, versions, files; and what the portal still needs."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.catalog.catalog import Version, catalog, default_triples, located
from app.catalog.distributions import dumps
from app.catalog.dumps import dump_name
from app.catalog.publisher import Named, publisher
from app.config import Settings
from app.generation import Generation, kept
from app.graph.content import Content
from app.namespaces import PREFIXES, RDFS_LABEL, SKOS_PREF_LABEL
from app.quality.problems import Problem, of_result
from app.quality.validation import validate
from app.query.binding import bind, bind_rows
from app.query.library import engine_query
from app.store.embedded import EmbeddedStore
from app.store.interface import Dataset, Store
from app.terms import Iri, Literal, Triple

_NAMED: Final = frozenset((RDFS_LABEL, SKOS_PREF_LABEL, PREFIXES["foaf"] + "name"))
_PUBLISHER: Final = Iri(PREFIXES["dcterms"] + "publisher")


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
    about, base, shapes = content.dataset, content.base, content.graph("shapes")
    agent_named = None
    if isinstance(about.publisher, Iri):
        statements = dict.fromkeys(store.construct(bind(engine_query("engine/statements"), {"this": about.publisher})))
        statements.update(dict.fromkeys(t for t in described if t[0] == about.publisher))
        agent_named = Named(about.publisher, tuple(statements))
    agent, told = publisher(settings.publisher, agent_named, about.publisher, base)
    given = list(described)
    if agent is not None:
        given = [t for t in described if t[:2] != (about.iri, _PUBLISHER)] + [(about.iri, _PUBLISHER, agent), *told]
    terms = {"base": Iri(base), "catalog": Iri(f"{base}catalog"), "dataset": about.iri}
    models = store.construct(bind(engine_query("catalog/models"), {**terms, "graph": content.graph("ontology")}))
    if shapes in graphs:
        query = bind(engine_query("catalog/shapes"), {**terms, "graph": shapes})
        models += EmbeddedStore.in_memory((triple, None) for triple in described).construct(query)
    labels: dict[str, dict[str, str]] = {}
    for subject, predicate, value in described:
        if predicate == RDFS_LABEL and isinstance(value, Literal):
            labels.setdefault(str(subject), {})[value.language or ""] = value.value
    parts = {dump_name(each, base): labels.get(each) or {"": each.removeprefix(content.graph(""))} for each in graphs}
    files = [(dump, _names(parts.get(dump.name, {}))) for dump in dumps(folder)]
    triples = catalog(given, models, terms, files, [version, *_earlier(settings, version)])
    named = {subject for subject, predicate, _ in triples if predicate in _NAMED}
    near = sorted({o for s, _, o in triples if s == about.iri and isinstance(o, Iri) and o not in named})
    names = store.construct(bind_rows(engine_query("engine/labels-of"), ["this"], [[each] for each in near]))
    return (str(agent) if agent else None), [*triples, *names]


def _names(texts: Mapping[str, str]) -> tuple[str, str]:
    """Give the Norwegian and the English name of a graph, else the one there is; empty ones for none."""
    nb, en = (texts.get(tag) or texts.get("") or next(iter(texts.values()), "") for tag in ("nb", "en"))
    return nb, en


def _earlier(settings: Settings, version: Version) -> list[Version]:
    """Give the versions that stay beside this one once it is published, the newest first."""
    found = [each.manifest for each in kept(settings.state)[: settings.keep - 1]]
    unique = {
        each.version: Version(each.version, each.as_of, each.built, each.title, each.description)
        for each in reversed(found)
    }
    return [each for each in reversed(unique.values()) if each.name != version.name]


def missing_for_portal(generation: Generation) -> list[Problem]:
    """Tell what the catalog of a generation lacks by our shapes for DCAT-AP-NO; nothing is fetched."""
    store = EmbeddedStore.open(generation.store)
    try:
        graph = Iri(f"{generation.manifest.base}graph/catalog")
        data = store.construct(engine_query("engine/triples"), Dataset(default=(graph,)))
    finally:
        store.close()
    served = located(data, generation.manifest.base, generation.manifest.base)
    return [of_result(result, None, None) for result in validate(served, default_triples("shapes/catalog.ttl")).results]

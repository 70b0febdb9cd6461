"""What a build knows for the catalog: publisher, model, versions, files; and what the portal still needs."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from app.catalog.catalog import Version, catalog, default_triples, located
from app.catalog.distributions import dumps
from app.catalog.dumps import dump_name
from app.catalog.publisher import publisher
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
    said: list[Triple] = []
    if isinstance(about.publisher, Iri):
        said = store.construct(bind(engine_query("engine/statements"), {"this": about.publisher}))
        said = list(dict.fromkeys((*said, *(t for t in described if t[0] == about.publisher))))
    agent, told = publisher(settings.publisher, about.publisher, said, base)
    given = list(described)
    if agent is not None:
        given = [t for t in described if t[:2] != (about.iri, _PUBLISHER)] + [(about.iri, _PUBLISHER, agent), *told]
    terms = {"base": Iri(base), "catalog": Iri(f"{base}catalog"), "dataset": about.iri}
    models = store.construct(bind(engine_query("catalog/models"), {**terms, "graph": content.graph("ontology")}))
    if shapes in graphs:
        query = bind(engine_query("catalog/shapes"), {**terms, "graph": shapes})
        models += EmbeddedStore.in_memory((triple, None) for triple in described).construct(query)
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for subject, predicate, value in described:
        if predicate == RDFS_LABEL and isinstance(value, Literal):
            labels[subject][value.language or ""] = value.value
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
    found = {each.manifest.version: each.manifest for each in reversed(kept(settings.state)[: settings.keep - 1])}
    found.pop(version.name, None)
    return [Version(m.version, m.as_of, m.built, m.title, m.description) for m in reversed(found.values())]


def missing_for_portal(generation: Generation) -> list[Problem]:
    """Tell what the catalog of a generation lacks by our shapes for DCAT-AP-NO; nothing is fetched."""
    base = generation.manifest.base
    with closing(EmbeddedStore.open(generation.store)) as store:
        data = store.construct(engine_query("engine/triples"), Dataset(default=(Iri(f"{base}graph/catalog"),)))
    served = located(data, base, base)
    return [of_result(result, None, None) for result in validate(served, default_triples("shapes/catalog.ttl")).results]

"""The catalog of a build: who publishes (a setting, or whom the dataset names), and what a portal would miss."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from app.catalog.dcat import Version, dcat_catalog, default_triples, located
from app.catalog.dumps import dump_name, read_dumps
from app.config import Settings
from app.content.folders import Content
from app.generation import Generation, staying
from app.namespaces import DCTERMS_IDENTIFIER, LABEL_PROPERTIES, RDF_TYPE, RDFS_LABEL, SKOS_PREF_LABEL, iris
from app.quality.diagnostics import Diagnostic, of_result
from app.quality.validation import validate
from app.query.binding import bind, bind_rows
from app.query.library import engine_query
from app.store.embedded import EmbeddedStore
from app.store.interface import Store
from app.terms import Dataset, Iri, Literal, Term, Triple

_AGENT, _ORGANIZATION, _NAME, _HOMEPAGE = iris("foaf:Agent org:Organization foaf:name foaf:homepage")
_PUBLISHER, _DUMP = iris("dcterms:publisher void:dataDump")
_NAMING: Final = frozenset((RDFS_LABEL, SKOS_PREF_LABEL, _NAME))


def publisher(
    setting: str | None, named: Term | None, statements: Sequence[Triple], base: str
) -> tuple[Iri | None, list[Triple]]:
    """Give the publisher's IRI and its description: of the setting, else of the agent named, else of a literal name.

    The setting is ``IRI number [name]`` (app.config checks it). Without a name in it, it is the agent named that
    has this IRI and number: its names and its page, by its ``statements``, are the publisher's.
    """
    labels = ([o for _, p, o in statements if p == each and isinstance(o, Literal)] for each in LABEL_PROPERTIES)
    names = next(filter(None, labels), [])
    pages = [o for _, p, o in statements if p == _HOMEPAGE]
    if setting:
        iri, number, *name = setting.split(maxsplit=2)
        agent = Iri(iri)
        told = _agent(agent, [Literal(name[0])], []) if name else _agent(agent, names, pages)
        return agent, [*told, (agent, DCTERMS_IDENTIFIER, Literal(number))]
    if isinstance(named, Iri):
        return named, list(_agent(named, names, pages))
    if isinstance(named, Literal):
        agent = Iri(f"{base}catalog#publisher")
        return agent, list(_agent(agent, [named], []))
    return None, []


def _agent(agent: Iri, names: Iterable[Literal], pages: Iterable[Term]) -> Iterator[Triple]:
    yield from ((agent, RDF_TYPE, each) for each in (_AGENT, _ORGANIZATION))
    for name in names:
        if (name.language or "nb").partition("-")[0] in ("nb", "nn", "no", "en"):
            yield agent, _NAME, name
    yield from ((agent, _HOMEPAGE, page) for page in pages)


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
        models += store.construct(bind(engine_query("catalog/portable"), {**terms, "graph": shapes}))
    dumps = {dump.name: dump for dump in read_dumps(folder)}
    files = [dump for dump in dumps.values() if not dump.of_graph]
    triples = dcat_catalog(given, models, terms, files, [version, *_earlier(settings, version)])
    named = {subject for subject, predicate, _ in triples if predicate in _NAMING}
    near = sorted({o for s, _, o in triples if s == about.iri and isinstance(o, Iri) and o not in named})
    names = store.construct(bind_rows(engine_query("engine/labels-of"), ["this"], [[each] for each in near]))
    # Files of one graph are found by its description, not among the few that a portal lists (VoID §3.4).
    parts = [
        (each, _DUMP, Iri(f"{base}dump/{dumps[n].plain}")) for each in graphs if (n := dump_name(each, base)) in dumps
    ]
    return (str(agent) if agent else None), [*triples, *names, *parts]


def _earlier(settings: Settings, version: Version) -> list[Version]:
    """Give the versions that stay beside this one once it is published, the newest first."""
    found = {each.manifest.version: each.manifest for each in reversed(staying(settings.state, settings.keep - 1))}
    found.pop(version.name, None)
    return [Version(m.version, m.as_of, m.built, m.title, m.description) for m in reversed(found.values())]


def missing_for_portal(generation: Generation) -> list[Diagnostic]:
    """Tell what the catalog of a generation lacks by our shapes for DCAT-AP-NO; nothing is fetched."""
    base = generation.manifest.base
    with closing(EmbeddedStore.open(generation.store)) as store:
        data = store.construct(engine_query("engine/triples"), Dataset(default=(Iri(f"{base}graph/catalog"),)))
    served = located(data, base, base)
    return [of_result(result, None, None) for result in validate(served, default_triples("shapes/catalog.ttl")).results]

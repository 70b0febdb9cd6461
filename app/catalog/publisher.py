"""Who publishes: the setting ``INNHERRED_PUBLISHER``, or whom the dataset names."""

from collections.abc import Iterable, Iterator, Sequence

from app.namespaces import DCTERMS_IDENTIFIER, LABEL_PROPERTIES, RDF_TYPE, iris
from app.terms import Iri, Literal, Term, Triple

_AGENT, _ORGANIZATION, _NAME, _HOMEPAGE = iris("foaf:Agent org:Organization foaf:name foaf:homepage")


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

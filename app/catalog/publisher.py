"""Who publishes: the setting ``INNHERRED_PUBLISHER``, or whom the dataset names."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.namespaces import LABEL_PROPERTIES, PREFIXES, RDF_TYPE
from app.terms import Iri, Literal, Term, Triple

_FOAF: Final = PREFIXES["foaf"]
_DCTERMS: Final = PREFIXES["dcterms"]
_HOMEPAGE: Final = _FOAF + "homepage"


@dataclass(frozen=True, slots=True)
class Named:
    """What is known of an agent that the dataset names: its statements."""

    iri: Iri
    statements: tuple[Triple, ...]

    @property
    def names(self) -> list[Literal]:
        """Its names by the first property that has any."""
        for wanted in LABEL_PROPERTIES:
            if found := [o for _, p, o in self.statements if p == wanted and isinstance(o, Literal)]:
                return found
        return []


def publisher(
    setting: str | None, named: Named | None, literal: Term | None, base: str
) -> tuple[Iri | None, list[Triple]]:
    """Give the publisher's IRI and its description: of the setting, else of the agent named, else of a literal name.

    The setting is ``IRI number [name]`` (app.config checks it). Without a name in it, it is the agent named that
    has this IRI and number: its names and its page are the publisher's.
    """
    if setting:
        iri, number, *rest = setting.split(maxsplit=2)
        agent = Iri(iri)
        names = [Literal(rest[0])] if rest else named.names if named else []
        pages = [] if rest or named is None else _pages(named)
        return agent, [*_agent(agent, names, pages), (agent, Iri(_DCTERMS + "identifier"), Literal(number))]
    if named is not None:
        return named.iri, list(_agent(named.iri, named.names, _pages(named)))
    if isinstance(literal, Literal):
        agent = Iri(f"{base}catalog#publisher")
        return agent, list(_agent(agent, [literal], []))
    return None, []


def _pages(named: Named) -> list[Term]:
    return [o for _, p, o in named.statements if p == _HOMEPAGE]


def _agent(agent: Iri, names: Iterable[Literal], pages: Iterable[Term]) -> Iterator[Triple]:
    yield agent, RDF_TYPE, Iri(_FOAF + "Agent")
    yield agent, RDF_TYPE, Iri(PREFIXES["org"] + "Organization")
    for name in names:
        if re.sub(r"-.*", "", name.language or "nb") in ("nb", "nn", "no", "en") or not name.language:
            yield agent, Iri(_FOAF + "name"), name
    for page in pages:
        yield agent, Iri(_HOMEPAGE), page

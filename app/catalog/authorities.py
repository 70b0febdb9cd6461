"""Values of the controlled vocabularies that DCAT-AP prescribes, each described in the document that uses it.

``app/defaults/authorities.ttl`` names those that catalogs use; nothing is fetched.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from app.graph.reading import InputFile, read
from app.namespaces import PREFIXES, RDF_TYPE
from app.paths import defaults
from app.terms import Iri, Triple

EU: Final = "http://publications.europa.eu/resource/authority/"
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
# What a value of a property is (DCAT-AP 3, the ranges); a property may stand twice.
_RANGES: Final = (
    ("adms", "status", "skos", "Concept"),
    ("dcat", "compressFormat", "dcterms", "MediaType"),
    ("dcat", "contactPoint", "vcard", "Kind"),
    ("dcat", "distribution", "dcat", "Distribution"),
    ("dcat", "hasVersion", "dcat", "Dataset"),
    ("dcat", "landingPage", "foaf", "Document"),
    ("dcat", "mediaType", "dcterms", "MediaType"),
    ("dcat", "theme", "skos", "Concept"),
    ("dcat", "themeTaxonomy", "skos", "ConceptScheme"),
    ("dcterms", "accessRights", "dcterms", "RightsStatement"),
    ("dcterms", "accrualPeriodicity", "dcterms", "Frequency"),
    ("dcterms", "conformsTo", "dcterms", "Standard"),
    ("dcterms", "format", "dcterms", "MediaTypeOrExtent"),
    ("dcterms", "language", "dcterms", "LinguisticSystem"),
    ("dcterms", "license", "dcterms", "LicenseDocument"),
    ("dcterms", "publisher", "foaf", "Agent"),
    ("dcterms", "spatial", "dcterms", "Location"),
    ("dcterms", "temporal", "dcterms", "PeriodOfTime"),
    ("foaf", "homepage", "foaf", "Document"),
    ("foaf", "page", "foaf", "Document"),
    ("skos", "inScheme", "skos", "ConceptScheme"),
    ("spdx", "checksum", "spdx", "Checksum"),
)
_TYPES: Final = {PREFIXES[a] + b: Iri(PREFIXES[c] + d) for a, b, c, d in _RANGES}
_EXACT_MATCH: Final = PREFIXES["skos"] + "exactMatch"


@cache
def _known() -> dict[Iri, tuple[Triple, ...]]:
    path = defaults() / "authorities.ttl"
    found: dict[Iri, tuple[Triple, ...]] = {}
    for triple, _ in read(InputFile(path, path.name, None, "defaults"), "http://localhost/"):
        if isinstance(triple[0], Iri):
            found[triple[0]] = (*found.get(triple[0], ()), triple)
    return found


def prescribed(iri: Iri) -> Iri:
    """Give the value of the EU's list that means the same, else the IRI itself."""
    return next((o for _, p, o in _known().get(iri, ()) if p == _EXACT_MATCH and isinstance(o, Iri)), iri)


def typed(triples: Iterable[Triple]) -> Iterator[Triple]:
    """Add to triples what their values are: the class that the property's range asks for; names and schemes."""
    given = dict.fromkeys(triples)
    waiting = list(given)
    while waiting:
        _, predicate, value = waiting.pop()
        if not isinstance(value, Iri) or predicate not in _TYPES:
            continue
        for triple in ((value, RDF_TYPE, _TYPES[predicate]), *_known().get(value, ())):
            if triple not in given:
                given[triple] = None
                waiting.append(triple)
    yield from given

"""Standard prefixes, and the few terms of our own vocabulary that the engine knows."""

from collections.abc import Mapping
from typing import Final

from app.terms import RDF, XSD, Iri, Term

INN: Final = "https://w3id.org/innherred/ontology#"

PREFIXES: Final[dict[str, str]] = {
    "rdf": RDF,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": XSD,
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "void": "http://rdfs.org/ns/void#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "locn": "http://www.w3.org/ns/locn#",
    "vann": "http://purl.org/vocab/vann/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "dqv": "http://www.w3.org/ns/dqv#",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "dash": "http://datashapes.org/dash#",
    "inn": INN,
}


def iris(names: str) -> tuple[Iri, ...]:
    """Give the IRIs of prefixed names, which are written with spaces between."""
    parts = (name.partition(":") for name in names.split())
    return tuple(Iri(PREFIXES[prefix] + local) for prefix, _, local in parts)


RDF_TYPE, RDF_SUBJECT, RDF_PREDICATE, RDF_OBJECT = iris("rdf:type rdf:subject rdf:predicate rdf:object")
RDFS_LABEL, RDFS_COMMENT = iris("rdfs:label rdfs:comment")
RDFS_SUBCLASS_OF, RDFS_SUBPROPERTY_OF = iris("rdfs:subClassOf rdfs:subPropertyOf")
RDFS_RANGE, RDF_FIRST, RDF_REST = iris("rdfs:range rdf:first rdf:rest")
SKOS_PREF_LABEL, SKOS_NOTATION, SKOS_DEFINITION = iris("skos:prefLabel skos:notation skos:definition")
(SH_ORDER,) = iris("sh:order")
DCTERMS_SOURCE, DCTERMS_IDENTIFIER, DCTERMS_VALID = iris("dcterms:source dcterms:identifier dcterms:valid")
DCTERMS_DESCRIPTION, DCTERMS_ABSTRACT, DCTERMS_MODIFIED = iris("dcterms:description dcterms:abstract dcterms:modified")
# The severities of SHACL (§2.1.4), the worst first.
SEVERITIES = VIOLATION, WARNING, INFO = iris("sh:Violation sh:Warning sh:Info")

# What the engine knows of our vocabulary: where a statement comes from, how sure it is and why it is there.
CLAIM, ENTAILMENT, RULE, PREMISE = iris("inn:Claim inn:Entailment inn:rule inn:premise")
CERTAINTY, RATIONALE, ALTERNATIVE = iris("inn:certainty inn:rationale inn:alternative")
DEGREES = STATED, INTERPRETED, UNCERTAIN = iris("inn:stated inn:interpreted inn:uncertain")
# Who can do something about what a shape finds.
(TO_BE_DONE_BY,) = iris("inn:toBeDoneBy")
# And what a content may say of views of its data.
VIEW, INCLUDES_GRAPH, EXCLUDES_GRAPH = iris("inn:View inn:includesGraph inn:excludesGraph")

# What names a thing, strongest first: foreign data names things by other properties than ours.
LABEL_PROPERTIES: Final = (
    *iris("rdfs:label skos:prefLabel dcterms:title dc:title sh:name foaf:name schema:name"),
    Iri("http://schema.org/name"),
)


def shrink(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str | None:
    """Give the prefixed name of an IRI by the longest namespace that fits, or None."""
    fitting = [each for each in prefixes.items() if iri.startswith(each[1]) and len(iri) > len(each[1])]
    if not fitting:
        return None
    prefix, namespace = max(fitting, key=lambda each: len(each[1]))
    name = iri[len(namespace) :]
    return f"{prefix}:{name}" if all(c.isalnum() or c in "-_" for c in name) else None


def shown(term: Term, prefixes: Mapping[str, str]) -> str:
    """Give a term as a message names it: a prefixed name or ``<IRI>``, else its text."""
    return (shrink(term, prefixes) or f"<{term}>") if isinstance(term, Iri) else str(term)

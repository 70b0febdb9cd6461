"""Standard prefixes, and the few terms of our own vocabulary that the engine knows."""

from collections.abc import Mapping
from typing import Final

from app.terms import RDF, XSD, Iri

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
    "inn": INN,
}

RDF_TYPE: Final = Iri(RDF + "type")
RDF_SUBJECT: Final = Iri(RDF + "subject")
RDF_PREDICATE: Final = Iri(RDF + "predicate")
RDF_OBJECT: Final = Iri(RDF + "object")
RDFS_LABEL: Final = Iri(PREFIXES["rdfs"] + "label")
RDFS_COMMENT: Final = Iri(PREFIXES["rdfs"] + "comment")
RDFS_SUBCLASS_OF: Final = Iri(PREFIXES["rdfs"] + "subClassOf")
RDFS_SUBPROPERTY_OF: Final = Iri(PREFIXES["rdfs"] + "subPropertyOf")
SKOS_PREF_LABEL: Final = Iri(PREFIXES["skos"] + "prefLabel")
SKOS_NOTATION: Final = Iri(PREFIXES["skos"] + "notation")
DCTERMS_SOURCE: Final = Iri(PREFIXES["dcterms"] + "source")
DCTERMS_IDENTIFIER: Final = Iri(PREFIXES["dcterms"] + "identifier")
DCTERMS_DESCRIPTION: Final = Iri(PREFIXES["dcterms"] + "description")
DCTERMS_MODIFIED: Final = Iri(PREFIXES["dcterms"] + "modified")
DCTERMS_VALID: Final = Iri(PREFIXES["dcterms"] + "valid")
SH_ORDER: Final = Iri(PREFIXES["sh"] + "order")
# The severities of SHACL (§2.1.4).
VIOLATION: Final = Iri(PREFIXES["sh"] + "Violation")
WARNING: Final = Iri(PREFIXES["sh"] + "Warning")
INFO: Final = Iri(PREFIXES["sh"] + "Info")

# What the engine knows of our vocabulary: where a statement comes from, how sure it is and why it is there.
CLAIM: Final = Iri(INN + "Claim")
ENTAILMENT: Final = Iri(INN + "Entailment")
RULE: Final = Iri(INN + "rule")
PREMISE: Final = Iri(INN + "premise")
CERTAINTY: Final = Iri(INN + "certainty")
RATIONALE: Final = Iri(INN + "rationale")
ALTERNATIVE: Final = Iri(INN + "alternative")
STATED: Final = Iri(INN + "stated")
INTERPRETED: Final = Iri(INN + "interpreted")
UNCERTAIN: Final = Iri(INN + "uncertain")
# And what a content may say of views of its data.
VIEW: Final = Iri(INN + "View")
INCLUDES_GRAPH: Final = Iri(INN + "includesGraph")
EXCLUDES_GRAPH: Final = Iri(INN + "excludesGraph")


# What names a thing, strongest first: foreign data names things by other properties than ours.
LABEL_PROPERTIES: Final = (
    RDFS_LABEL,
    SKOS_PREF_LABEL,
    Iri(PREFIXES["dcterms"] + "title"),
    Iri(PREFIXES["dc"] + "title"),
    Iri(PREFIXES["sh"] + "name"),
    Iri(PREFIXES["foaf"] + "name"),
    Iri(PREFIXES["schema"] + "name"),
    Iri("http://schema.org/name"),
)


def shrink(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str | None:
    """Give the prefixed name of an IRI by the longest namespace that fits, or None."""
    best: tuple[str, str] | None = None
    for prefix, namespace in prefixes.items():
        if iri.startswith(namespace) and len(iri) > len(namespace) and (not best or len(namespace) > len(best[1])):
            best = prefix, namespace
    if best is None:
        return None
    name = iri[len(best[1]) :]
    return f"{best[0]}:{name}" if all(c.isalnum() or c in "-_" for c in name) else None

"""A description as plain JSON, for people without RDF tools: names instead of IRIs, each with its IRI beside it.

The members are documented in docs/linked-data.md.
"""

import json
from typing import Any

from app.entities import incoming
from app.entities.basis import Basis
from app.entities.description import Fact, Statements, describe
from app.entities.labels import Label, Labels, best
from app.namespaces import DCTERMS_SOURCE
from app.store.interface import Dataset
from app.terms import BlankNode, Iri, Literal, Term
from app.web import links
from app.web.languages import languages
from app.web.serving import served
from app.web.texts import in_best_language, labels_for


def plain(statements: Statements, basis: Basis, dataset: Dataset | None) -> str:
    """Describe an entity in the language of the request; texts of the other languages are left out."""
    now, iri = served(), statements.iri
    found = describe(statements, basis, now.notes)
    pointing = incoming.groups(now.store, iri, dataset, now.classes)
    labels = labels_for([*found.terms(), *(term for group in pointing for term in group.terms())])
    text = best(found.texts, languages())
    document = {
        "id": iri,
        "page": links.absolute(links.document(iri)),
        "name": _label(labels[iri]),
        "types": [_thing(each, labels) for each in now.classes.narrowest(found.types)],
        "description": _label(text) if text else None,
        "identifiers": [each.value for each in found.identifiers],
        "otherNames": [each.value for each in found.other_names],
        "certainty": _short(found.certainty, labels),
        "sources": [_value(fact.value, labels) for fact in found.facts.get(DCTERMS_SOURCE, ())],
        "properties": [_property(predicate, facts, labels) for predicate, facts in found.facts.items()],
        "pointingHere": [
            {
                **_thing(group.predicate, labels),
                "class": _thing(group.class_, labels) if group.class_ else None,
                "count": group.count,
                "first": [_thing(each, labels) for each in group.subjects],
            }
            for group in pointing
        ],
        "complete": found.complete,
        "basis": basis.name,
        "dataset": {"id": now.manifest.dataset, "version": now.manifest.version, "asOf": now.manifest.as_of},
        "license": now.manifest.licence,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _label(label: Label) -> dict[str, Any]:
    return {"text": label.text, "language": label.language}


def _thing(iri: Iri, labels: Labels) -> dict[str, Any]:
    return {"id": iri, "name": labels[iri].text}


def _short(iri: Iri | None, labels: Labels) -> str | None:
    return labels[iri].text if iri else None


def _property(predicate: Iri, facts: list[Fact], labels: Labels) -> dict[str, Any]:
    return {
        **_thing(predicate, labels),
        "values": [
            {
                **_value(fact.value, labels),
                "certainty": _short(fact.certainty, labels),
                "sources": [_value(each, labels) for each in fact.sources],
                "entailed": bool(fact.reasons),
            }
            | ({"parts": [_part(inner, labels) for inner in fact.nested]} if fact.nested else {})
            for fact in in_best_language(facts)
        ],
    }


def _part(fact: Fact, labels: Labels) -> dict[str, Any]:
    return {"property": _thing(fact.predicate, labels), **_value(fact.value, labels)}


def _value(value: Term, labels: Labels) -> dict[str, Any]:
    if isinstance(value, Iri):
        return _thing(value, labels)
    if isinstance(value, Literal):
        return {"value": value.value} | (
            {"language": value.language} if value.language else {"datatype": value.datatype.rpartition("#")[2]}
        )
    return {"blank": isinstance(value, BlankNode)}

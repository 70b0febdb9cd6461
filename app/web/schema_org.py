"""schema.org JSON-LD of a page, for search engines: as the data itself aligns its classes and properties with it."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from markupsafe import Markup

from app.entities.description import Description
from app.entities.labels import NAME_LETTERS, Label
from app.namespaces import PREFIXES
from app.terms import XSD, BlankNode, Iri, Literal
from app.web import links
from app.web.serving import served
from app.web.shortening import brief

_SPACES: Final = ("https://schema.org/", "http://schema.org/")
_MOST: Final = 50
_PAGES: Final = (Iri(PREFIXES["foaf"] + "homepage"), Iri(PREFIXES["foaf"] + "page"))
_SAME: Final = Iri(PREFIXES["owl"] + "sameAs")


def types(classes: Iterable[Iri]) -> list[Iri]:
    """Give the classes of schema.org among classes that are in order, narrowest first; the narrowest alone."""
    found = [each for each in classes if each.startswith(_SPACES)]
    return found[:1]


def embedded(document: dict[str, Any]) -> Markup:
    """Write JSON for a ``script`` element: ``<``, ``>`` and ``&`` as escapes of JSON."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - what ends the element is escaped above


def entity(found: Description, label: Label, classes: Sequence[Iri]) -> dict[str, Any]:
    """Give an entity in schema.org's terms: type, names, text, identifiers, pages, and what is aligned with them."""
    name = (types(classes) or [Iri("https://schema.org/Thing")])[0]
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": found.iri,
        "@type": name.rpartition("/")[2],
        "name": [_text(each) for each in found.labels[:_MOST]] or str(label),
        "mainEntityOfPage": links.absolute(links.document(found.iri)),
    }
    members: dict[str, list[Any]] = {
        "alternateName": [_text(each) for each in found.other_names[:_MOST]],
        "description": [_text(each) for each in found.texts[:_MOST]],
        "identifier": [brief(each.value, NAME_LETTERS) for each in found.identifiers[:_MOST]],
        "url": [
            str(f.value) for page in _PAGES for f in found.facts.get(page, ())[:_MOST] if links.is_web(str(f.value))
        ],
        "sameAs": [str(fact.value) for fact in found.facts.get(_SAME, ())[:_MOST]],
    }
    for predicate, aligned in _aligned(found.facts).items():
        # What has no name of its own is left out.
        values = [
            _value(fact.value) for fact in found.facts[predicate][:_MOST] if not isinstance(fact.value, BlankNode)
        ]
        members.setdefault(aligned, []).extend(values)
    for key, values in members.items():
        if values:
            document[key] = values[0] if len(values) == 1 else values
    return document


def _aligned(predicates: Iterable[Iri]) -> dict[Iri, str]:
    """Give the property of schema.org that is nearest above each predicate, for those that have one."""
    above = {
        each: [up for up in served().properties.order([each])[1:] if up.startswith(_SPACES)] for each in predicates
    }
    return {predicate: found[0].rpartition("/")[2] for predicate, found in sorted(above.items()) if found}


def _text(value: Literal) -> str | dict[str, str]:
    text = brief(value.value)
    return {"@value": text, "@language": value.language} if value.language else text


def _value(value: Iri | Literal) -> Any:
    if isinstance(value, Iri):
        return {"@id": value}
    whole = value.datatype == XSD + "integer" and re.fullmatch(r"[+-]?\d{1,15}", value.value, re.ASCII)
    return int(value.value) if whole else _text(value)

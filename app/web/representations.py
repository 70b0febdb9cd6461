"""A description in other forms than a page: plain JSON, schema.org, citations, and the typed links between them."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from flask import Response
from markupsafe import Markup

from app.catalog.citation import Reference, one_line, reference
from app.entities import incoming
from app.entities.basis import Basis
from app.entities.description import Description, Fact, Statements, describe
from app.entities.labels import NAME_LETTERS, Label, Labels, best
from app.mediatypes import BIBTEX, CITATION_FORMATS, GRAPH_FORMATS, JSON, Format
from app.namespaces import DCTERMS_SOURCE, PREFIXES
from app.terms import XSD, BlankNode, Dataset, Iri, Literal, Term
from app.web import links, negotiation
from app.web.languages import languages
from app.web.negotiation import LINKSET
from app.web.serving import served
from app.web.texts import brief, in_best_language, labels_for

# What schema.org is told: terms of these namespaces, so many values of each property, pages and equal things.
_SPACES: Final = ("https://schema.org/", "http://schema.org/")
_MOST: Final = 50
_PAGES: Final = (Iri(PREFIXES["foaf"] + "homepage"), Iri(PREFIXES["foaf"] + "page"))
_SAME: Final = Iri(PREFIXES["owl"] + "sameAs")
# A URI reference in a header holds ASCII alone (RFC 8288 §3).
_URI: Final = "/:?#[]@!$&()*+,;=%~-._"
# The formats of a document that are linked to.
_DATA: Final = (*GRAPH_FORMATS, JSON)
_CITED: Final = frozenset(each.media_type for each in CITATION_FORMATS)


def plain(statements: Statements, basis: Basis, dataset: Dataset | None) -> str:
    """Describe an entity as JSON for people without RDF tools: names instead of IRIs, each with its IRI beside it.

    In the language of the request; texts of the others are left out. docs/linked-data.md documents the members.
    """
    now, iri = served(), statements.iri
    found = describe(statements, basis, now.notes)
    pointing = incoming.groups(now.store, iri, dataset, now.classes, now.pointing)
    labels = labels_for([*found.terms(), *(term for group in pointing for term in group.terms())])
    text = best(found.texts, languages())
    document = {
        "id": iri,
        "page": links.absolute(links.document_link(iri)),
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
            if group.predicate
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


def schema_org_types(classes: Iterable[Iri]) -> list[Iri]:
    """Give the classes of schema.org among classes that are in order, narrowest first; the narrowest alone."""
    return [each for each in classes if each.startswith(_SPACES)][:1]


def embedded(document: dict[str, Any]) -> Markup:
    """Write JSON for a ``script`` element: ``<``, ``>`` and ``&`` as escapes, so that nothing ends the element."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - what ends the element is escaped above


def schema_org(found: Description, label: Label, classes: Sequence[Iri]) -> dict[str, Any]:
    """Give an entity in schema.org's terms: type, names, text, identifiers, pages, and what is aligned with them."""
    name = (schema_org_types(classes) or [Iri("https://schema.org/Thing")])[0]
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": found.iri,
        "@type": name.rpartition("/")[2],
        "name": [_text(each) for each in found.labels[:_MOST]] or str(label),
        "mainEntityOfPage": links.absolute(links.document_link(found.iri)),
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
            _json_ld(fact.value) for fact in found.facts[predicate][:_MOST] if not isinstance(fact.value, BlankNode)
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


def _json_ld(value: Iri | Literal) -> Any:
    if isinstance(value, Iri):
        return {"@id": value}
    whole = value.datatype == XSD + "integer" and re.fullmatch(r"[+-]?\d{1,15}", value.value, re.ASCII)
    return int(value.value) if whole else _text(value)


@dataclass(frozen=True, slots=True)
class Signpost:
    """A typed link from the document."""

    rel: str
    href: str
    type: str | None = None
    profile: str | None = None

    def header(self) -> str:
        """Give the value of a ``Link`` header (RFC 8288)."""
        end = f'; type="{self.type}"' if self.type else ""
        end += f'; profile="{self.profile}"' if self.profile else ""
        return f'<{quote(self.href, safe=_URI)}>; rel="{self.rel}"{end}'


def representations(iri: Iri, basis: Basis, formats: Iterable[Format] = _DATA) -> dict[str, str]:
    """Give the address of each data format of a document, by name of the format."""
    return {each.name: _address(iri, basis, each) for each in formats}


def _address(iri: Iri, basis: Basis, data: Format) -> str:
    given = {"basis": basis.argument}
    if path := links.document_path(iri):
        return links.page_link(f"{path}.{data.suffix}", given)
    return links.document_link(iri, format=data.name, **given)


def signposts(iri: Iri, basis: Basis, classes: Sequence[Iri]) -> list[Signpost]:
    """Give the links of the page about a thing; ``classes`` are the thing's, with those above them."""
    found = []
    if iri.startswith(("http://", "https://")):
        found.append(Signpost("cite-as", links.cited(iri)))
    found += [Signpost("type", each) for each in ("https://schema.org/AboutPage", *schema_org_types(classes))]
    found += [
        Signpost("describedby", _address(iri, basis, each), each.media_type) for each in (*_DATA, *CITATION_FORMATS)
    ]
    found.append(Signpost("linkset", _address(iri, basis, LINKSET), LINKSET.media_type))
    if (licence := served().manifest.licence) and links.is_web(licence):
        found.append(Signpost("license", licence))
    found.append(Signpost("collection", links.page_link("/catalog")))
    return found


def headers(iri: Iri, found: Iterable[Signpost], page: bool) -> Iterator[str]:
    """Give the ``Link`` headers: a page signs the way to all, data the way back to the page."""
    for each in found:
        if page or each.rel in ("cite-as", "linkset", "license"):
            yield each.header()
        if each.rel == "describedby" and each.type not in _CITED:
            yield Signpost("alternate", each.href, each.type).header()
    yield Signpost("describes", iri).header()


def linkset(iri: Iri, found: Sequence[Signpost]) -> str:
    """Give the links of the page, and back from each of its data formats (RFC 9264 §4.2); addresses are absolute."""
    page = links.absolute(links.document_link(iri))
    forward: dict[str, Any] = {"anchor": page}
    backward: list[dict[str, Any]] = []
    for each in found:
        target = {"href": links.absolute(each.href)} | ({"type": each.type} if each.type else {})
        forward.setdefault(each.rel, []).append(target)
        if each.rel == "describedby":
            backward.append({"anchor": target["href"], "describes": [{"href": page, "type": "text/html"}]})
    return json.dumps({"linkset": [forward, *backward]}, ensure_ascii=False, indent=1)


def cited_whole() -> Reference:
    """Give the reference to the version of the dataset that is shown."""
    manifest = served().manifest
    return reference(served().store, manifest, languages(), f"{manifest.base}version/{manifest.version}")


def cited_part(title: Label, address: str) -> Reference:
    """Give the reference to a part of it, by its title and the address that asks this version for it."""
    about = cited_whole()
    name = one_line(title.text)
    return replace(about, title=name, language=title.language or "", url=address, inside=about.title)


def citation(about: Reference, found: Format) -> Response:
    """Answer with a reference in a format of citations."""
    return negotiation.answer(about.bibtex if found == BIBTEX else about.csl_json, found)

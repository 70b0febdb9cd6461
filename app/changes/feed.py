"""The log for subscribers: as a Linked Data Event Stream, and as an Atom feed."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from app.changes.descriptions import REPLACED_BY
from app.changes.entry import Entry
from app.namespaces import PREFIXES, RDF_TYPE, iris
from app.terms import XSD, BlankNode, Iri, Literal, Triple

# Entries on a page. Another number would give the pages that clients keep other contents.
SIZE: Final = 250
_AS: Final = "https://www.w3.org/ns/activitystreams#"
_LDES: Final = "https://w3id.org/ldes#"
_TREE: Final = "https://w3id.org/tree#"
STREAM_PREFIXES: Final = {**PREFIXES, "as": _AS, "ldes": _LDES, "tree": _TREE}
VERSION_OF, TIME, _LICENCE = iris("dcterms:isVersionOf prov:generatedAtTime dcterms:license")
_DELETE: Final = Iri(_AS + "Delete")
# A member has these of its own: were the entity's beside them, nobody could tell them apart.
_TAKEN: Final = frozenset((VERSION_OF, TIME))
_ATOM: Final = "http://www.w3.org/2005/Atom"
# What XML 1.0 cannot hold (§2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The base of the content, and where the view is served: its nodes are addresses, its members IRIs of the base."""

    base: str
    view: str

    @property
    def stream(self) -> Iri:
        """The stream itself, whoever serves it."""
        return Iri(f"{self.base}ldes#stream")

    def node(self, number: int) -> Iri:
        """Give the address of a page."""
        return Iri(f"{self.view}/{number}")

    def member(self, entry: Entry) -> Iri:
        """Give the IRI of the version object."""
        return Iri(f"{self.base}changes/{entry.id}")


def pages(last: int) -> int:
    """Give the number of pages for so many entries; the last may be empty, when the one before is full."""
    return last // SIZE + 1


def stream_root(addresses: Addresses, first: Entry | None, licence: str | None) -> Iterator[Triple]:
    """Describe the stream and its view."""
    view = Iri(addresses.view)
    yield from _stream(addresses)
    yield view, RDF_TYPE, Iri(_TREE + "Node")
    if licence:
        yield addresses.stream, _LICENCE, Iri(licence)
    yield from _relation(view, addresses.node(1), first)


def stream_page(addresses: Addresses, number: int, entries: Sequence[Entry]) -> Iterator[Triple]:
    """Describe a page and its members; with as many as fit, also the relation to the next."""
    node = addresses.node(number)
    yield from _stream(addresses)
    yield node, RDF_TYPE, Iri(_TREE + "Node")
    if len(entries) == SIZE:
        yield from _relation(node, addresses.node(number + 1), entries[-1])
    for entry in entries:
        yield addresses.stream, Iri(_TREE + "member"), addresses.member(entry)
        yield from member(addresses, entry)


def member(addresses: Addresses, entry: Entry) -> Iterator[Triple]:
    """Give the version object: what is said of the entity, said of the version; of a tombstone that it is one.

    Statements are each once, whichever graphs hold them.
    """
    version = addresses.member(entry)
    yield version, VERSION_OF, entry.entity
    yield version, TIME, Literal(entry.time, datatype=Iri(XSD + "dateTime"))
    if entry.is_tombstone:
        yield version, RDF_TYPE, _DELETE
        if entry.successor is not None:
            yield version, REPLACED_BY, entry.successor
        return

    def own(node: BlankNode) -> BlankNode:
        return BlankNode(f"e{entry.number}{node}")

    for (subject, predicate, value), _ in entry.quads:
        if subject == entry.entity and predicate in _TAKEN:
            continue
        about = own(subject) if isinstance(subject, BlankNode) else version if subject == entry.entity else subject
        yield about, predicate, own(value) if isinstance(value, BlankNode) else value


def _stream(addresses: Addresses) -> Iterator[Triple]:
    stream = addresses.stream
    yield stream, RDF_TYPE, Iri(_LDES + "EventStream")
    yield stream, Iri(_LDES + "timestampPath"), TIME
    yield stream, Iri(_LDES + "versionOfPath"), VERSION_OF
    yield stream, Iri(_LDES + "versionDeletePath"), RDF_TYPE
    yield stream, Iri(_LDES + "versionDeleteObject"), _DELETE
    yield stream, Iri(_TREE + "view"), Iri(addresses.view)


def _relation(node: Iri, to: Iri, bound: Entry | None) -> Iterator[Triple]:
    """Relate a node to another, whose members are no older than an entry."""
    relation = BlankNode("next")
    kind = "GreaterThanOrEqualToRelation" if bound else "Relation"
    yield node, Iri(_TREE + "relation"), relation
    yield relation, RDF_TYPE, Iri(_TREE + kind)
    yield relation, Iri(_TREE + "node"), to
    if bound:
        yield relation, Iri(_TREE + "path"), TIME
        yield relation, Iri(_TREE + "value"), Literal(bound.time, datatype=Iri(XSD + "dateTime"))


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a feed: IRI, title, time (RFC 3339), address of its page, what it says, what sort it is."""

    id: str
    title: str
    time: str
    address: str
    summary: str
    category: str


@dataclass(frozen=True, slots=True)
class AtomFeed:
    """A feed: IRI, title, author's name, time of the newest entry, language, links by relation."""

    id: str
    title: str
    author: str
    updated: str
    language: str
    links: Mapping[str, str]
    licence: str | None = None


def atom_feed(about: AtomFeed, items: Iterable[Item]) -> bytes:
    """Write a feed."""
    ET.register_namespace("", _ATOM)
    top = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": about.language})
    for name, text in (("id", about.id), ("title", about.title), ("updated", about.updated)):
        _text(top, name, text)
    _text(_element(top, "author"), "name", about.author)
    for relation, address in about.links.items():
        kind = "text/html" if relation == "alternate" else "application/atom+xml"
        _element(top, "link", rel=relation, href=address, type=kind)
    if about.licence:
        _element(top, "link", rel="license", href=about.licence)
    for item in items:
        entry = _element(top, "entry")
        for name, text in (("id", item.id), ("title", item.title), ("updated", item.time), ("published", item.time)):
            _text(entry, name, text)
        _element(entry, "link", rel="alternate", href=item.address, type="text/html")
        _element(entry, "category", term=item.category)
        _text(entry, "summary", item.summary)
    return bytes(ET.tostring(top, encoding="utf-8", xml_declaration=True))


def _element(above: ET.Element, name: str, **attributes: str) -> ET.Element:
    clean = {key: _FORBIDDEN.sub("", value) for key, value in attributes.items()}
    return ET.SubElement(above, f"{{{_ATOM}}}{name}", clean)


def _text(above: ET.Element, name: str, text: str) -> None:
    _element(above, name).text = _FORBIDDEN.sub("", text)

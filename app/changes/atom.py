"""The log as an Atom feed (RFC 4287), paged by RFC 5005."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

_ATOM: Final = "http://www.w3.org/2005/Atom"
# What XML 1.0 cannot hold (§2.2).
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
class Feed:
    """A feed: IRI, title, author's name, time of the newest entry, language, links by relation."""

    id: str
    title: str
    author: str
    updated: str
    language: str
    links: Mapping[str, str]
    licence: str | None = None


def feed(about: Feed, items: Iterable[Item]) -> bytes:
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

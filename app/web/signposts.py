"""FAIR Signposting of a document (levels 1 and 2): typed links in header and page, and as a linkset (RFC 9264)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from app.entities.basis import Basis
from app.mediatypes import GRAPH_FORMATS, JSON, Format
from app.terms import Iri
from app.web import links
from app.web.negotiation import LINKSET
from app.web.schema_org import types
from app.web.serving import served

# A URI reference in a header holds ASCII alone (RFC 8288 §3).
_URI: Final = "/:?#[]@!$&()*+,;=%~-._"
_DATA: Final = (*GRAPH_FORMATS, JSON)


@dataclass(frozen=True, slots=True)
class Signpost:
    """A typed link from the document."""

    rel: str
    href: str
    type: str | None = None

    def header(self) -> str:
        """Give the value of a ``Link`` header (RFC 8288)."""
        end = f'; type="{self.type}"' if self.type else ""
        return f'<{quote(self.href, safe=_URI)}>; rel="{self.rel}"{end}'


def representations(iri: Iri, basis: Basis) -> dict[str, str]:
    """Give the address of each data format of a document, by name of the format."""
    return {each.name: _address(iri, basis, each) for each in _DATA}


def _address(iri: Iri, basis: Basis, data: Format) -> str:
    given = {"basis": basis.argument}
    if path := links.document_path(iri):
        return links.page(f"{path}.{data.suffix}", given)
    return links.document(iri, format=data.name, **given)


def signposts(iri: Iri, basis: Basis, classes: Sequence[Iri]) -> list[Signpost]:
    """Give the links of the page about a thing; ``classes`` are the thing's, with those above them."""
    found = []
    if iri.startswith(("http://", "https://")):
        found.append(Signpost("cite-as", iri))
    found += [Signpost("type", each) for each in ("https://schema.org/AboutPage", *types(classes))]
    found += [Signpost("describedby", _address(iri, basis, each), each.media_type) for each in _DATA]
    found.append(Signpost("linkset", _address(iri, basis, LINKSET), LINKSET.media_type))
    if (licence := served().manifest.licence) and links.is_web(licence):
        found.append(Signpost("license", licence))
    found.append(Signpost("collection", links.page("/catalog")))
    return found


def headers(iri: Iri, found: Iterable[Signpost], page: bool) -> Iterator[str]:
    """Give the ``Link`` headers: a page signs the way to all, data the way back to the page."""
    for each in found:
        if page or each.rel in ("linkset", "license"):
            yield each.header()
        if each.rel == "describedby":
            yield Signpost("alternate", each.href, each.type).header()
    yield Signpost("describes", iri).header()


def linkset(iri: Iri, found: Sequence[Signpost]) -> str:
    """Give the links of the page, and back from each of its data formats (RFC 9264 §4.2); addresses are absolute."""
    page = links.absolute(links.document(iri))
    forward: dict[str, Any] = {"anchor": page}
    backward: list[dict[str, Any]] = []
    for each in found:
        target = {"href": links.absolute(each.href)} | ({"type": each.type} if each.type else {})
        forward.setdefault(each.rel, []).append(target)
        if each.rel == "describedby":
            backward.append({"anchor": target["href"], "describes": [{"href": page, "type": "text/html"}]})
    return json.dumps({"linkset": [forward, *backward]}, ensure_ascii=False, indent=1)

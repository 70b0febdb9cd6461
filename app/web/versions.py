"""``/version/``: the versions of the dataset; ``?version=`` asks all else of an older one; what is deleted is 410."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import dropwhile
from typing import Final

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _

from app.catalog.dumps import Dump
from app.changes.entry import Entry, Release
from app.mediatypes import GRAPH_FORMATS
from app.namespaces import PREFIXES, RDF_TYPE
from app.terms import XSD, Iri, Literal, Triple
from app.web import downloads, links, negotiation
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.problems import Problem, problem_response
from app.web.serving import Served, Serving, served
from app.web.texts import day

blueprint = Blueprint("versions", __name__)

_NAME: Final = re.compile(r"[0-9a-f]{12}\Z")
# What is the same whichever version is asked for.
_OWN: Final = frozenset(("changes", "health", "ldes", "metrics", "versions"))
_DCAT: Final = PREFIXES["dcat"]
_DCTERMS: Final = PREFIXES["dcterms"]
_SPDX: Final = PREFIXES["spdx"]
_AS: Final = "https://www.w3.org/ns/activitystreams#"


def choose_version(serving: Serving, now: Served) -> Served:
    """Give the version that ``?version=`` names, else the current one; raises Problem (404, or 410 when it is gone)."""
    name = request.args.get("version")
    if not name or request.blueprint in _OWN:
        return now
    found = find(serving, now, name)
    if found is not now:
        g.version = name
    return found


def find(serving: Serving, now: Served, name: str) -> Served:
    """Open a version by name; raises Problem (404, or 410 when it is gone)."""
    found = serving.version(name) if _NAME.match(name) else None
    if found is not None:
        return found
    release = next((each for each in now.changes.releases() if each.version == name), None)
    if release is None:
        raise Problem(404, _("There is no version %(name)s.", name=name))
    raise Problem(
        410,
        _("Version %(name)s, as of %(date)s, is no longer kept.", name=name, date=day(release.as_of)),
        version=name,
        digest=release.digest,
        asOf=release.as_of,
        built=release.built,
    )


@blueprint.get("/version/")
def version_list() -> Response:
    """List all versions that were published, newest first, and say which are kept."""
    found = negotiation.choose_format(PAGE_OR_JSON)
    rows = [(each, g.serving.keeps(each.version)) for each in releases()]
    if found == HTML:
        return negotiation.answer_page("versions.html", rows=rows)
    document = [
        {
            "iri": f"{served().base}version/{each.version}",
            "version": each.version,
            "digest": each.digest,
            "asOf": each.as_of,
            "built": each.built,
            "changes": each.last - each.first + 1,
            "kept": kept,
        }
        for each, kept in rows
    ]
    return negotiation.answer_json({"current": served().manifest.version, "versions": document}, found)


@blueprint.get("/version/<name>")
def version_page(name: str) -> Response:
    """Describe a version that is kept: when, how much, its dumps, the one before."""
    plain, suffix = negotiation.split_suffix(name, negotiation.GRAPH)
    now = served()
    g.served = find(g.serving, now, plain)
    found = negotiation.choose_format(negotiation.GRAPH, suffix)
    files = downloads.dumps()
    before = previous(now, plain)
    if plain != now.manifest.version:
        g.version = plain  # dumps and pages that this one leads to are that version's
    if found != HTML:
        triples = _triples(served(), files, before)
        return negotiation.answer_graph(triples, found)
    return negotiation.answer_page(
        "version.html",
        dumps=files,
        before=before,
        before_kept=before is not None and g.serving.keeps(before.version),
        is_current=plain == now.manifest.version,
        formats={each.name: f"{request.script_root}/version/{plain}.{each.suffix}" for each in GRAPH_FORMATS},
    )


def releases() -> list[Release]:
    """Give the latest publication of each version, newest first."""
    found: dict[str, Release] = {}
    for each in served().changes.releases():
        found.setdefault(each.version, each)
    return list(found.values())


def previous(now: Served, name: str) -> Release | None:
    """Give the version that was published before one."""
    since = dropwhile(lambda each: each.version != name, now.changes.releases())
    return next((each for each in since if each.version != name), None)


def _triples(about: Served, files: list[Dump], before: Release | None) -> Iterator[Triple]:
    manifest = about.manifest
    node = Iri(f"{manifest.base}version/{manifest.version}")
    yield node, RDF_TYPE, Iri(_DCAT + "Dataset")
    if manifest.dataset:
        yield node, Iri(_DCAT + "isVersionOf"), Iri(manifest.dataset)
    for language, text in manifest.title.items():
        yield node, Iri(_DCTERMS + "title"), Literal(f"{text} {manifest.version}", language or None)
    yield node, Iri(_DCAT + "version"), Literal(manifest.version)
    yield node, Iri(_DCTERMS + "identifier"), Literal(manifest.digest)
    yield node, Iri(_DCTERMS + "valid"), Literal(manifest.as_of, datatype=Iri(XSD + "date"))
    yield node, Iri(_DCTERMS + "issued"), Literal(manifest.built, datatype=Iri(XSD + "dateTime"))
    yield node, Iri(PREFIXES["void"] + "triples"), Literal(str(manifest.triples), datatype=Iri(XSD + "integer"))
    if before is not None:
        yield node, Iri(_DCAT + "previousVersion"), Iri(f"{manifest.base}version/{before.version}")
    for file in files:
        address = Iri(links.absolute(links.page_link(f"/dump/{file.name}", {"version": manifest.version})))
        part = Iri(f"{node}#{file.name}")
        checksum = Iri(f"{part}-sha256")
        yield node, Iri(_DCAT + "distribution"), part
        yield part, RDF_TYPE, Iri(_DCAT + "Distribution")
        yield part, Iri(_DCAT + "accessURL"), address
        yield part, Iri(_DCAT + "downloadURL"), address
        yield part, Iri(_DCAT + "byteSize"), Literal(str(file.size), datatype=Iri(XSD + "nonNegativeInteger"))
        yield part, Iri(_SPDX + "checksum"), checksum
        yield checksum, RDF_TYPE, Iri(_SPDX + "Checksum")
        yield checksum, Iri(_SPDX + "algorithm"), Iri(_SPDX + "checksumAlgorithm_sha256")
        yield checksum, Iri(_SPDX + "checksumValue"), Literal(file.sha256, datatype=Iri(XSD + "hexBinary"))


class Gone(Exception):
    """A thing was published and is deleted; ``entry`` is its tombstone."""

    def __init__(self, entry: Entry) -> None:
        """Keep the tombstone for the answer."""
        super().__init__(entry.entity)
        self.entry = entry


def refuse_deleted(iri: Iri) -> None:
    """Raise Gone when a thing was published and is deleted."""
    tombstone = None
    with suppress(OSError):  # without the log nobody knows
        tombstone = served().changes.tombstone(iri)
    if tombstone is not None:
        raise Gone(tombstone)


@blueprint.app_errorhandler(Gone)
def gone(error: Gone) -> Response:
    """Answer 410 in the format asked for: what it was called, when it was deleted, what replaces it."""
    entry = error.entry
    named = request.path.endswith(entry.entity.rpartition("/")[2])
    suffix = None if named else negotiation.split_suffix(request.path, negotiation.GRAPH)[1]
    g.negotiated = True
    try:
        found = negotiation.wanted(negotiation.GRAPH, suffix)
    except negotiation.NotAcceptable:
        return problem_response(410, _("This was published here, and is deleted."), successor=entry.successor)
    if found == HTML:
        return negotiation.answer_page("gone.html", entry=entry, status=410)
    prefixes = {**served().manifest.prefixes, "as": _AS}
    return negotiation.answer_graph(_tombstone(entry), found, prefixes, 410)


def _tombstone(entry: Entry) -> Iterator[Triple]:
    """Describe a tombstone by Activity Streams 2.0 (vocabulary, §3.3)."""
    yield entry.entity, RDF_TYPE, Iri(_AS + "Tombstone")
    yield entry.entity, Iri(_AS + "deleted"), Literal(entry.time, datatype=Iri(XSD + "dateTime"))
    for each in entry.types:
        yield entry.entity, Iri(_AS + "formerType"), each
    for label in entry.labels:
        yield entry.entity, Iri(PREFIXES["rdfs"] + "label"), label
    if entry.successor is not None:
        yield entry.entity, Iri(_DCTERMS + "isReplacedBy"), entry.successor

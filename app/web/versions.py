"""``/version/``: the versions of the dataset; ``?version=`` asks all else of an older one; what is deleted is 410."""

import zipfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import dropwhile
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, g, redirect, request, send_file, send_from_directory
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.build.releasing import CRATE, recipe
from app.catalog.crate import METADATA, PROFILE, digest_recipe
from app.catalog.dumps import Dump
from app.changes.entry import Entry, Release
from app.changes.transfer import log_lines
from app.changes.view import Changes
from app.generation import Manifest, named_releases
from app.mediatypes import CITATION_FORMATS, GRAPH_FORMATS, JSON_LD
from app.namespaces import PREFIXES, RDF_TYPE
from app.terms import XSD, Iri, Literal, Triple
from app.web import downloads, links, negotiation
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.problems import Problem, not_found, problem_response
from app.web.representations import Signpost, citation, cited_whole
from app.web.serving import Served, Serving, served, settings
from app.web.values import day

blueprint = Blueprint("versions", __name__)

# What is the same whichever version is asked for.
_OWN: Final = frozenset(("changes", "health", "ldes", "metrics", "versions"))
CRATE_FILE: Final = "crate.zip"
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
    g.version = name  # who names a version stays in it
    return found


def is_own() -> bool:
    """Say whether what is asked for is the same whichever version is named."""
    return request.blueprint in _OWN or "edit" in request.blueprints


def find(serving: Serving, now: Served, name: str) -> Served:
    """Open a version by its name or that of a release; raises Problem (404, or 410 when it is gone)."""
    found = serving.version(name)
    if found is not None:
        return found
    release = next((each for each in now.changes.releases() if each.version == name), None)
    if release is None:
        raise Problem(404, _("There is no version %(name)s.", name=name))
    told = _("Version %(name)s, as of %(date)s, is no longer kept.", name=name, date=day(release.as_of))
    members: dict[str, str] = {}
    if (known := recipe(settings().state, name)) is not None:
        told += " " + _("Who has the content can build it again: %(command)s", command=known.command)
        members = {"build": known.command} | ({"commit": known.commit} if known.commit else {})
    raise Problem(410, told, version=name, digest=release.digest, asOf=release.as_of, built=release.built, **members)


@blueprint.get("/version/")
def version_list() -> Response:
    """List all versions that were published, newest first, and say which are kept, and which are releases."""
    named = _named()
    found = negotiation.choose_format(PAGE_OR_JSON)
    rows = [(each, g.serving.keeps(each.version), named.get(each.version, [])) for each in releases()]
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
            "releases": names,
        }
        for each, kept, names in rows
    ]
    return negotiation.answer_json({"current": served().manifest.version, "versions": document}, found)


def _named() -> dict[str, list[str]]:
    """Give the names of releases by version; they are no part of any, so the tag of an answer has to know them."""
    found: dict[str, list[str]] = {}
    for each in named_releases(settings().state):
        found.setdefault(each.version, []).append(each.name)
    g.fingerprint = f"{served().fingerprint} {found}"
    return found


@blueprint.get("/version/<name>")
def version_page(name: str) -> BaseResponse:
    """Describe a version that is kept: when, how much, its dumps, the one before; how it is cited and verified."""
    named = {each.name: each.version for each in named_releases(settings().state)}
    plain, suffix = (name, None) if name in named else negotiation.split_suffix(name, negotiation.DESCRIBED)
    now = served()
    if plain in named:
        response = redirect(links.page_link(f"/version/{named[plain]}" + (f".{suffix}" if suffix else "")), 302)
        response.headers["Cache-Control"] = "no-cache"
        return response
    g.served = find(g.serving, now, plain)
    released = _named().get(plain, [])
    found = negotiation.choose_format(negotiation.DESCRIBED, suffix)
    files = downloads.dumps()
    before = previous(now, plain)
    g.version = plain  # dumps and pages that this one leads to are that version's
    crate = links.page_link(f"/version/{plain}/{CRATE_FILE}") if released else None
    if found in CITATION_FORMATS:
        response = citation(cited_whole(), found)
    elif found != HTML:
        response = negotiation.answer_graph(_triples(served(), files, before), found)
    else:
        source = links.absolute(links.page_link("/dump/all.nq.gz"))
        response = negotiation.answer_page(
            "version.html",
            dumps=files,
            before=before,
            released=released,
            crate=crate,
            cite=cited_whole().url,
            recipe=digest_recipe(served().manifest.as_of, f"curl -s '{source}'"),
            formats={each.name: f"{request.script_root}/version/{plain}.{each.suffix}" for each in GRAPH_FORMATS},
            cited={each.name: f"{request.script_root}/version/{plain}.{each.suffix}" for each in CITATION_FORMATS},
        )
    for post in _signposts(plain, files, crate):
        response.headers.add("Link", post.header())
    return response


def _signposts(name: str, files: list[Dump], crate: str | None) -> Iterator[Signpost]:
    """Give the links from a version to all it has (FAIR Signposting; RO-Crate 1.2, "Discovering metadata")."""
    manifest = served().manifest
    yield Signpost("cite-as", f"{manifest.base}version/{manifest.version}")
    yield from (Signpost("type", each) for each in ("https://schema.org/AboutPage", "https://schema.org/Dataset"))
    for each in (*GRAPH_FORMATS, *CITATION_FORMATS):
        yield Signpost("describedby", links.page_link(f"/version/{name}.{each.suffix}"), each.media_type)
    if crate:
        metadata = links.page_link(f"/version/{name}/{METADATA}")
        yield Signpost("describedby", metadata, JSON_LD.media_type, PROFILE)
        yield Signpost("item", crate, "application/zip", PROFILE)
    for file in (each for each in files if not each.of_graph):  # headers of hundreds are more than proxies take
        yield Signpost("item", links.page_link(f"/dump/{file.name}", {"version": name}), "application/gzip")
    if manifest.licence and links.is_web(manifest.licence):
        yield Signpost("license", manifest.licence)
    yield Signpost("version-history", links.page_link("/version/"))


@blueprint.get(f"/version/<name>/<any('{CRATE_FILE}', '{METADATA}'):part>")
def crate(name: str, part: str) -> BaseResponse:
    """Give the RO-Crate of a released version, or its description alone."""
    state = settings().state
    found = next((each for each in named_releases(state) if name in (each.name, each.version)), None)
    path = found.path(state, CRATE) if found else None
    if found is None or path is None or not path.is_file():
        raise not_found(request.path)
    if part == CRATE_FILE:
        label = f"{found.name}-{found.version}.zip"
        # Equal bytes for an equal generation, also where a copy wrote them.
        return send_file(path, "application/zip", as_attachment=True, download_name=label, etag=label)
    with zipfile.ZipFile(path) as opened:
        return Response(opened.read(METADATA), content_type=JSON_LD.media_type)


@blueprint.get("/version/<name>/files/<path:path>")
def generation_file(name: str, path: str) -> BaseResponse:
    """Give a file of a version that is kept as it was built, or its manifest: what copies take (app.build.following).

    Its checksum is its ETag, and a part of it may be asked for.
    """
    folder, manifest = _kept(name)
    if path == "manifest.json":
        return Response(manifest.for_copies().text(), content_type="application/json")
    if path not in manifest.files:
        raise not_found(request.path)
    kind = "application/octet-stream"
    response = send_from_directory(folder, path, mimetype=kind, etag=manifest.files[path][1])
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/version/<name>/changes.jsonl")
def log_of_version(name: str) -> Response:
    """Give the log of changes, that of a version that is kept at least, as ``innherred changes --export`` does."""
    _folder, manifest = _kept(name)
    known = Changes.of(settings().state, manifest)
    if known.fault is not None:
        raise known.fault
    if known.release is None:
        raise not_found(request.path)
    return Response(log_lines(settings().state, known.release.number), content_type="application/x-ndjson")


def _kept(name: str) -> tuple[Path, Manifest]:
    """Give folder and manifest of a version that is kept; raises Problem (404)."""
    folder = g.serving.folder(name)
    if folder is None:
        raise not_found(request.path)
    try:
        return folder, Manifest.read(folder)
    except (OSError, ValueError) as error:
        raise not_found(request.path) from error


def releases() -> list[Release]:
    """Give the latest publication of each version, newest first; a release also when the log does not know it."""
    found: dict[str, Release] = {}
    for each in served().changes.releases():
        found.setdefault(each.version, each)
    for named in named_releases(state := settings().state):
        if named.version not in found:
            with suppress(OSError, ValueError):
                of = Manifest.read(state / "generations" / named.folder)
                found[named.version] = Release(0, of.digest, of.as_of, of.built, 1, 0)
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
        plain = links.absolute(links.page_link(f"/dump/{file.plain}", {"version": manifest.version}))
        yield part, Iri(_DCAT + "accessURL"), Iri(plain)
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

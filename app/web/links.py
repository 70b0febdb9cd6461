"""From IRIs to addresses of this server, and back."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from flask import current_app, g, request

from app.entities.labels import Labels
from app.mediatypes import Format
from app.terms import Iri, Literal, Term, is_absolute_iri
from app.web.languages import ENGLISH, further_languages, root
from app.web.serving import served

# Signs an IRI may hold that a path may hold too; a percent sign is there because the IRI is escaped already.
# A longer address is none that a browser or a server takes.
_LONGEST_ADDRESS: Final = 2000
PATH: Final = "/:@!$&'()*+,;=~-._%"
_SAFE: Final = PATH.replace("%", "")
# What no IRI holds unescaped, and what would begin another part of it; the thing's kind in a path.
_BARE: Final = re.compile(r"[\x00-\x20\x7f\"#%<>?\[\\\]^`{|}]")
# A part of a path that browsers take away, with the one before it (URL standard, "dot segment").
_DOTS: Final = re.compile(r"/(\.|%2e){1,2}(/|$)", re.IGNORECASE)
_KIND: Final = re.compile(r"id/[^/]+/")
# A first part and a name in it: routes take no name that begins with a slash.
_SLUG: Final = re.compile(r"[^/]+/[^/]")
_OWN: Final = ("shape/", "graph/", "version/", "changes/")
# Documents of this server that describe what has their address and a fragment as its name.
_DOCUMENTS: Final = frozenset(("ontology", "catalog", "quality"))
# … and those that are described at their own address.
_DESCRIBED: Final = frozenset(("ontology", "shapes", "catalog"))
# … and those that are a graph, where the content has it.
_GRAPHS: Final = frozenset(("ontology", "shapes"))
# What tells of versions is in none of them.
_OF_ALL_VERSIONS: Final = ("/version/", "/changes", "/ldes")


def path_of(iri: str) -> str | None:
    """Give the path on this server of an IRI of the base, without the language; None for any other IRI.

    A thing's path is its document's: a link to the thing itself would only be sent on (303).
    """
    base = served().base
    if not iri.startswith(base):
        return None
    rest, mark, fragment = iri.removeprefix(base).partition("#")
    if rest.startswith(("/", "\\")):  # its path would be the address of another host
        return None
    path = _document_path(rest, bool(mark), bool(fragment))
    if path is None or _DOTS.search(path):
        return None
    return path + mark + quote(fragment, safe=PATH)


def document_path(iri: str) -> str | None:
    """Give the path of the document about an IRI that has one of its own; None for what is at ``/describe``."""
    path = path_of(iri)
    return path if path is not None and path.startswith("/doc/") and "#" not in path else None


def _document_path(rest: str, mark: bool, fragment: bool) -> str | None:
    """Give the path of the document for what is named below the base, with a fragment or without."""
    first, slash, after = rest.partition("/")
    if first == "id" and not mark and _SLUG.match(unquote(after)):
        return "/doc/" + quote(after, safe=PATH) if _leads_back(rest) else None
    if rest in (_DOCUMENTS if fragment else _DESCRIBED):
        return "/" + rest if rest not in _GRAPHS or f"{served().base}graph/{rest}" in served().graphs else None
    if not rest or mark or "?" in rest or not _leads_back(rest):
        return None
    if first == "query" and slash:
        library = served().library
        return "/queries/" + quote(after, safe=PATH) if after in library.questions or after in library.rules else None
    if first == "graph" and slash:
        known = served().base + rest in served().graphs
    else:
        known = bool(_SLUG.match(unquote(rest))) if rest.startswith(_OWN) else _is_free(rest)
    return "/" + quote(rest, safe=PATH) if known else None


def _is_free(rest: str) -> bool:
    """Say whether a path is no page of ours: no route, and no list of a kind."""
    return (
        rest.partition("/")[0] not in reserved() and not rest.endswith("//") and rest.rstrip("/") not in served().kinds
    )


def _leads_back(rest: str) -> bool:
    """Say whether the path made of an IRI means it again.

    An escape that is no different from what it stands for leads elsewhere: that thing is at ``/describe``.
    """
    return "%" not in rest or served().base + rest in iris_of(unquote(rest))


def reserved() -> frozenset[str]:
    """Give the first parts of paths that are routes, so that no IRI of a content can stand there."""
    found: frozenset[str] | None = current_app.extensions.get("innherred.reserved")
    if found is None:
        firsts = (rule.rule.split("/")[1] for rule in current_app.url_map.iter_rules())
        fixed = (first for first in firsts if first and not first.startswith("<"))
        found = frozenset((*fixed, ENGLISH, *further_languages()))
        current_app.extensions["innherred.reserved"] = found
    return found


def page_link(path: str, parameters: Mapping[str, str | int | Sequence[str] | None] | None = None) -> str:
    """Give the address of a path in the language of this page; parameters without value are left out.

    Parameters are in order of name: a page has one address however it was reached.
    """
    chosen = dict(parameters or {})
    if not path.startswith(_OF_ALL_VERSIONS):
        chosen.setdefault("version", g.get("version"))  # who reads an older version stays in it
    given = {name: value for name, value in sorted(chosen.items()) if value not in (None, "", ())}
    return request.script_root + path + ("?" + urlencode(given, doseq=True) if given else "")


def formats(path: str, offered: Iterable[Format], given: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Give the addresses of a document in the formats it is offered in, by name of the format."""
    return {each.name: page_link(f"{path}.{each.suffix}", given) for each in offered}


def newest() -> str:
    """Give the address of this page in the newest version."""
    given = {name: value for name, value in request.args.items(multi=True) if name != "version"}
    return request.script_root + here() + ("?" + urlencode(given) if given else "")


def here() -> str:
    """Give the path of this page as it stands in an address: the escapes that the server took away are put back."""
    return quote(request.path, safe=_SAFE)


def describe_link(iri: str, **parameters: str | int | None) -> str:
    """Give the address of the page about any IRI, by its own path where it has one."""
    path, mark, fragment = (path_of(iri) or "").partition("#")
    return page_link(path, parameters) + mark + fragment if path else page_link("/describe", {"iri": iri, **parameters})


def document_link(iri: str, **parameters: str | int | None) -> str:
    """Give the address of the document about an IRI alone: what only has an anchor on a page is at ``/describe``."""
    path = path_of(iri)
    if path is None or "#" in path:
        return page_link("/describe", {"iri": iri, **parameters})
    return page_link(path, parameters)


def profile_link(iri: str, **parameters: str | int | None) -> str:
    """Give the address of the profile of an IRI: by the path of its document, where it has one."""
    if path := document_path(iri):
        return page_link(path.replace("/doc/", "/profile/", 1), parameters)
    return page_link("/profile", {"iri": iri, **parameters})


def href(term: Term, labels: Labels, *, named: bool = False) -> str | None:
    """Give where a value links to: what the data describes to its page, other web addresses outside, else nowhere.

    ``named`` says that the data has a name for it even when labels holds none. Only http and https leave this server:
    an IRI of the data may be of any scheme, also one that runs as a script.
    """
    if isinstance(term, Literal):
        address = term.value.strip()
        return address if term.datatype.endswith("#anyURI") and is_web(address) else None
    if not isinstance(term, Iri):
        return None
    label = labels.get(term)
    if path_of(term) is not None or named or (label is not None and (label.found or label.described)):
        return describe_link(term)
    return str(term) if is_web(term) else None


def is_web(address: str) -> bool:
    """Say whether an address is one of the web."""
    web = len(address) <= _LONGEST_ADDRESS and address.lower().startswith(("http://", "https://"))
    return web and is_absolute_iri(address)


def cited(iri: str) -> str:
    """Give the address by which an IRI is cited, as it is in this version: its own, where that leads here."""
    version = served().manifest.version
    if document_path(iri) is not None:
        return f"{iri}?version={version}"
    return absolute(document_link(iri, version=version))


def iris_of(rest: str) -> list[Iri]:
    """Give the IRIs that a path may mean, of which the server took the escapes (RFC 3986 §2.4), the likely one first.

    As it is; with escapes for what no IRI holds (RFC 3987 §3.1); with those for letters beyond ASCII too; each also
    with a slash that is part of a name. A percent sign was an escape itself.
    """
    texts = [rest] if "%" not in rest else []
    texts += [_BARE.sub(lambda found: quote(found[0], safe=""), rest), quote(rest, safe=_SAFE)]
    if kind := _KIND.match(rest):
        texts += [text[: kind.end()] + text[kind.end() :].replace("/", "%2F") for text in texts]
    found = (served().base + text for text in dict.fromkeys(texts) if "\ufffd" not in text)
    return [Iri(candidate) for candidate in found if is_absolute_iri(candidate)]


def place() -> str:
    """Give the address of this site's root, whatever the language of the page; it ends in ``/``.

    A request without a host, or with one that is none, gets the base: that leads here too.
    """
    if not request.host:
        return served().base
    return f"{request.host_url.rstrip('/')}{root()}/"


def absolute(address: str) -> str:
    """Give the whole address of a path on this server, as page_link makes them; any other address as it is."""
    return request.host_url.rstrip("/") + address if request.host and address.startswith("/") else address

"""Things (``/id/…``, 303) and their documents: ``/doc/…``, ``/describe``, what points to them, profiles."""

from contextlib import suppress
from typing import Final
from urllib.parse import quote, unquote

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.entities import incoming, panels
from app.entities.basis import ALL, Basis
from app.entities.description import classes_of, describe, is_described, occurs
from app.entities.document import DocumentHead, entity_document
from app.entities.reasons import proof, rules_of, tree
from app.mediatypes import CITATION_FORMATS, JSON, Format
from app.query.binding import bind
from app.query.library import engine_query
from app.store.engine import serialize
from app.terms import Dataset, Iri, Triple, n3
from app.web import entity, links, negotiation
from app.web.arguments import basis_argument, iri_argument, page_argument
from app.web.entity import PARTS, names
from app.web.headers import SEE_OTHER
from app.web.negotiation import HTML, LINKSET
from app.web.problems import Problem, not_found
from app.web.representations import Signpost, citation, cited_part, headers, linkset, plain, signposts
from app.web.serving import served, settings
from app.web.texts import labels_for
from app.web.versions import refuse_deleted

blueprint = Blueprint("documents", __name__)
# The view that has an address of its own.
_PROFILE: Final = "profile"
# The data of a profile describes so many things besides the one it is about.
_MOST_DESCRIBED: Final = 100


@blueprint.get("/id/<kind>/<path:slug>")
def thing(kind: str, slug: str) -> BaseResponse:
    """Send on to the document about a thing (303): a thing itself does not travel over the wire."""
    iri = existing(f"id/{kind}/{slug}")
    query, address = request.query_string.decode("latin-1"), links.describe_link(iri, version=None)
    response = redirect(address + ("&" if "?" in address else "?") * bool(query) + query, 303)
    response.vary.add("Accept")
    response.headers["Cache-Control"] = SEE_OTHER
    return response


@blueprint.get("/id/<kind>/")
@blueprint.get("/doc/<kind>/")
def space(kind: str) -> BaseResponse:
    """Send the namespace of a kind on to the list of its things."""
    if kind not in served().kinds:
        raise not_found(f"{served().base}id/{kind}/")
    return redirect(links.page_link(f"/{kind}/"), 303)


@blueprint.get("/doc/<kind>/<path:slug>")
def document(kind: str, slug: str) -> Response:
    """Give the document about a thing in the format asked for."""
    return respond_with_document(*find(f"id/{kind}/{slug}"))


@blueprint.get("/describe")
def any_iri() -> BaseResponse:
    """Describe any IRI of the data; one of the base is sent on to its own path."""
    iri = iri_argument("iri")
    refuse_deleted(iri)
    if not _is_said(iri, read=True) and not occurs(served().store, iri) and not _has_parts(iri):
        raise not_found(iri)
    path = links.path_of(iri)
    if path is not None and "#" not in path and not _is_shadowed(iri):
        others = {name: value for name, value in request.args.items() if name != "iri"}
        return redirect(links.page_link(path, others), 303)
    return respond_with_document(iri, None)


@blueprint.get("/describe/incoming")
def pointing() -> Response:
    """List everything of one class that points to an IRI, in pages; by one predicate, where it is given."""
    iri, predicate = iri_argument("iri"), iri_argument("predicate") if request.args.get("predicate") else None
    class_ = iri_argument("class") if request.args.get("class") else None
    if not occurs(served().store, iri):
        raise not_found(iri)
    negotiation.choose_format((HTML,))
    basis, number, size = basis_argument(), page_argument(), settings().page_size
    part = size + 1, (number - 1) * size
    found = incoming.members(served().store, iri, predicate, class_, basis.dataset, part, served().classes)
    if not found and number > 1:
        raise not_found(request.full_path)
    labels = labels_for([iri, predicate, class_, *found])
    parameters = {"iri": iri, "predicate": predicate, "class": class_, "basis": request.args.get("basis")}
    return negotiation.answer_page(
        "incoming.html",
        iri=iri,
        predicate=predicate,
        class_=class_,
        subjects=found[:size],
        labels=labels,
        number=number,
        more=len(found) > size,
        parameters=parameters,
    )


def existing(path: str, suffix: str | None = None, *, read: bool = False) -> Iri:
    """Give the IRI of the base that a path means; raises Problem (404) when it is nowhere in the data.

    ``read`` says that a description in the format asked for comes next.
    """
    meant = links.iris_of(path)
    for iri in meant:
        refuse_deleted(iri)
        if _is_said(iri, suffix, read=read):
            return iri
    for iri in meant:  # what nothing is said of may be a property, a value, or what only parts of are described
        if occurs(served().store, iri) or _has_parts(iri):
            return iri
    raise not_found(served().base + path)


def _is_shadowed(iri: Iri) -> bool:
    """Say whether the path of an IRI means another one before it: ``…/å`` is there, and ``…/%C3%A5`` too."""
    if "%" not in iri:
        return False
    meant = links.iris_of(unquote(iri.removeprefix(served().base)))
    return any(is_described(served().store, other) for other in meant[: meant.index(iri)])


def _has_parts(iri: Iri) -> bool:
    """Say whether anything is said of a part of an IRI, ``<iri#…>``."""
    with suppress(OSError):  # without an index, of none
        return bool(served().index.parts(iri, 1)[0])
    return False


def _is_said(iri: Iri, suffix: str | None = None, *, read: bool) -> bool:
    """Say whether anything is said of an IRI. A page needs all of it, so that it need not ask this before."""
    if read and not request.if_none_match and negotiation.expected(negotiation.ENTITY, suffix) in (HTML, JSON):
        return bool(entity.statements(iri).own)
    return is_described(served().store, iri)


def find(path: str, *, read: bool = True) -> tuple[Iri, str | None]:
    """Give the IRI that a path means and the suffix it had, if any: a thing whose name ends in ``.nt`` goes first."""
    name, suffix = negotiation.split_suffix(path, negotiation.ENTITY)
    try:
        return existing(path, read=read), None
    except Problem:
        if suffix is None:
            raise
    return existing(name, suffix, read=read), suffix


def respond_with_document(iri: Iri, suffix: str | None) -> Response:
    """Describe an IRI in the format asked for; with ``?why`` tell why what is entailed about it is there."""
    if "why" in request.args:
        return respond_with_reasons(iri, suffix)
    found = negotiation.choose_format(negotiation.ENTITY, *(() if request.path == "/describe" else (suffix,)))
    basis = basis_argument()
    made = found in (HTML, JSON)
    classes = entity.statements(iri).classes if made else classes_of(served().store, iri)
    posts = signposts(iri, basis, served().classes.order(classes))
    following: list[str] = []
    if found == HTML:
        body: str | bytes = entity.entity_page(iri, basis)
    elif found == LINKSET:
        body = linkset(iri, posts)
    elif found in CITATION_FORMATS:
        body = citation(cited_part(labels_for([iri])[iri], links.cited(iri)), found).get_data()
    elif found == JSON:
        read = entity.statements(iri)
        body = plain(read, basis, entity.scope(iri, basis, known=read.is_in_data))
    else:
        body, following = graph(iri, basis, entity.scope(iri, basis, known=bool(classes)), found)
    response = negotiation.answer(body, found)
    for value in (*headers(iri, posts, page=found == HTML), *following):
        response.headers.add("Link", value)
    return response


def respond_with_reasons(iri: Iri, suffix: str | None) -> Response:
    """Tell the reasons of all that is entailed about an IRI: a page, JSON down to asserted triples, or their RDF."""
    found = negotiation.choose_format((JSON, *negotiation.GRAPH), suffix)
    basis = basis_argument()
    if found == HTML:
        return negotiation.answer(entity.reasons_page(iri, basis, page_argument()), found)
    now = served()
    entailed = describe(entity.statements(iri), basis, now.notes).reasons
    if found != JSON:
        content = proof(now.store, (reason for reasons in entailed.values() for reason in reasons))
        return negotiation.answer_graph(content, found)
    ordered = sorted(entailed, key=lambda triple: [n3(term) for term in triple])
    told = [tree(now.store, reason, now.base) for triple in ordered for reason in entailed[triple]]
    names = labels_for(Iri(rule) for rule in dict.fromkeys(rules_of(told)))
    rules = {rule: {"iri": rule, "label": label.text, "language": label.language} for rule, label in names.items()}
    document = {"iri": iri, "basis": basis.name, "reasons": told, "rules": rules}
    return negotiation.answer_json(document, found, indent=1)


def graph(iri: Iri, basis: Basis, dataset: Dataset | None, found: Format) -> tuple[bytes, list[str]]:
    """Give a page of the RDF about an IRI, and the ``Link`` headers to the pages beside it; raises Problem (404)."""
    now, number = served(), page_argument()
    licence = now.manifest.licence
    about = DocumentHead(
        document=_document(iri, basis),
        dataset=Iri(now.manifest.dataset) if now.manifest.dataset else None,
        licence=Iri(licence) if licence else None,
        page=number,
    )
    parts, total = list[Iri](), 0
    with suppress(OSError):  # without an index, of none
        parts, total = now.index.parts(iri, PARTS, (number - 1) * PARTS)
    more = number * PARTS < total and bool(parts)
    content, more = entity_document(now.store, iri, dataset, about, parts, more=more)
    if not content and number > 1:
        raise not_found(request.full_path)
    given = {name: value for name, value in request.args.items() if name != "page"}
    beside = {"prev": number - 1 if number > 1 else None, "next": number + 1 if more else None}
    following = [
        Signpost(rel, links.page_link(links.here(), {**given, "page": each if each > 1 else None})).header()
        for rel, each in beside.items()
        if each is not None
    ]
    return serialize(content, found, now.manifest.prefixes), following


def _document(iri: Iri, basis: Basis) -> Iri:
    """Give the IRI of the document about an IRI: under the base, the same wherever it is served."""
    base = served().base
    path = links.document_path(iri)
    address = base + path.lstrip("/") + "?" if path else f"{base}describe?iri={quote(iri, safe='')}&"
    return Iri(f"{address}basis={basis.name}" if basis.argument else address[:-1])


@blueprint.get("/profile/<kind>/<path:slug>")
def profile(kind: str, slug: str) -> Response:
    """Give the profile of a thing as a page, or its data in the format asked for."""
    return _profile(*find(f"id/{kind}/{slug}", read=False))


@blueprint.get("/profile")
def profile_of() -> Response:
    """Give the profile of a thing without a path of its own, such as a country of the authority tables."""
    iri = iri_argument("iri")
    refuse_deleted(iri)
    if not is_described(served().store, iri):
        raise not_found(iri)
    return _profile(iri, None)


def _profile(iri: Iri, suffix: str | None) -> Response:
    now = served()
    classes = now.classes.order(now.classes.narrowest(classes_of(now.store, iri)))
    files = now.library.views(classes).get(_PROFILE)
    if files is None:
        raise Problem(404, _("There is no profile of this. Its page is %(page)s.", page=links.describe_link(iri)))
    found = negotiation.choose_format(negotiation.GRAPH, suffix)
    shown = [panels.run_panel(now.store, file, iri, None, now.panels) for file in files]
    if found != HTML:
        return negotiation.answer_graph(_data(iri, shown), found)
    named = names(iri, now.bases[ALL], panels.terms(shown))
    return negotiation.answer_page("profile.html", **named, panels=shown)


def _data(iri: Iri, shown: list[panels.Panel]) -> dict[Triple, None]:
    about = dict.fromkeys([iri, *panels.things(shown)])
    things = [thing for thing in about if isinstance(thing, Iri)][: _MOST_DESCRIBED + 1]
    triples: dict[Triple, None] = {}
    for thing in things:
        triples.update(dict.fromkeys(served().store.construct(bind(engine_query("engine/whole"), {"this": thing}))))
    return triples

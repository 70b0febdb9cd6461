"""Things and their documents: ``/id/…`` (303), ``/doc/…``, ``/describe``, and any other IRI of the base."""

import json
from collections import Counter
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.entities import incoming, panels
from app.entities.basis import ALL, NAMES, Basis, choose
from app.entities.description import Description, Fact, describe, is_described, is_in_data, occurs, triples
from app.entities.labels import Labels, best
from app.entities.reasons import proof, rules_of, tree
from app.mediatypes import GRAPH_FORMATS, JSON, Format
from app.namespaces import DCTERMS_SOURCE, INFERRED, PREFIXES, STATED, UNCERTAIN
from app.quality.findings import Finding
from app.store.engine import serialize
from app.store.interface import Dataset
from app.terms import Iri, Literal, Term, n3, parse_term
from app.web import links, negotiation
from app.web.languages import languages
from app.web.negotiation import HTML
from app.web.problems import Problem, not_found
from app.web.serving import served
from app.web.texts import by_language, in_best_language, kind_labels, labels_for, settings
from app.web.versions import refuse_deleted

blueprint = Blueprint("entities", __name__)


@blueprint.get("/id/<kind>/<path:slug>")
def thing(kind: str, slug: str) -> BaseResponse:
    """Send on to the document about a thing (303): a thing itself does not travel over the wire."""
    iri = existing(f"id/{kind}/{slug}")
    query = request.query_string.decode("latin-1")
    response = redirect(links.describe(iri).partition("?")[0] + (f"?{query}" if query else ""), 303)
    response.vary.add("Accept")
    return response


@blueprint.get("/doc/<kind>/<path:slug>")
def document(kind: str, slug: str) -> Response:
    """Give the document about a thing in the format asked for."""
    return respond(*find(f"id/{kind}/{slug}"))


@blueprint.get("/describe")
def any_iri() -> BaseResponse:
    """Describe any IRI of the data; one of the base is sent on to its own path."""
    iri = iri_argument("iri")
    refuse_deleted(iri)
    if not occurs(served().store, iri):
        raise not_found(iri)
    path = links.path_of(iri)
    if path is not None and "#" not in path:
        others = {name: value for name, value in request.args.items() if name != "iri"}
        return redirect(links.page(path, others), 303)
    return respond(iri, None)


@blueprint.get("/describe/incoming")
def pointing() -> Response:
    """List everything of one class that points to an IRI by one predicate, in pages."""
    iri, predicate = iri_argument("iri"), iri_argument("predicate")
    class_ = iri_argument("class") if request.args.get("class") else None
    if not occurs(served().store, iri):
        raise not_found(iri)
    negotiation.choose((HTML,))
    basis, number, size = basis_argument(), page_argument(), settings().page_size
    found = incoming.members(served().store, iri, predicate, class_, basis.dataset, size + 1, (number - 1) * size)
    if not found and number > 1:
        raise not_found(request.full_path)
    labels = labels_for([iri, predicate, class_, *found])
    parameters = {"iri": iri, "predicate": predicate, "class": class_, "basis": request.args.get("basis")}
    page = render_template(
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
    return negotiation.answer(page, HTML)


def existing(path: str) -> Iri:
    """Give the IRI of the base that a path means; raises Problem (404) when nothing is said of it."""
    for iri in links.iris_of(path):
        refuse_deleted(iri)
        if is_described(served().store, iri):
            return iri
    raise not_found(served().base + path)


def find(path: str) -> tuple[Iri, str | None]:
    """Give the IRI that a path means and the suffix it had, if any: a thing whose name ends in ``.nt`` goes first."""
    name, suffix = negotiation.split_suffix(path, negotiation.GRAPH)
    try:
        return existing(path), None
    except Problem:
        if suffix is None:
            raise
    return existing(name), suffix


def respond(iri: Iri, suffix: str | None) -> Response:
    """Describe an IRI in the format asked for; with ``?why`` tell why what is entailed about it is there."""
    if "why" in request.args:
        return why(iri, suffix)
    found = negotiation.choose(negotiation.GRAPH, suffix)
    basis = basis_argument()
    response = negotiation.answer(page(iri, basis) if found == HTML else graph(iri, basis, found), found)
    for name, address in representations(iri, None).items():
        media_type = next(each.media_type for each in GRAPH_FORMATS if each.name == name)
        response.headers.add("Link", f'<{address}>; rel="alternate"; type="{media_type}"')
    # What this document is about (RFC 6892).
    response.headers.add("Link", f'<{quote(iri, safe="/:?#[]@!$&()*+,;=%~-._")}>; rel="describes"')
    return response


def why(iri: Iri, suffix: str | None) -> Response:
    """Tell the reasons of all that is entailed about an IRI: a page, JSON down to asserted triples, or their RDF."""
    found = negotiation.choose((JSON, *negotiation.GRAPH), suffix)
    basis = basis_argument()
    if found == HTML:
        return negotiation.answer(page(iri, basis), found)
    now = served()
    entailed = describe(now.store, iri, basis, now.notes).reasons
    if found != JSON:
        content = proof(now.store, (reason for reasons in entailed.values() for reason in reasons))
        return negotiation.answer(serialize(content, found, now.manifest.prefixes), found)
    ordered = sorted(entailed, key=lambda triple: [n3(term) for term in triple])
    told = [tree(now.store, reason, now.base) for triple in ordered for reason in entailed[triple]]
    names = labels_for(Iri(rule) for rule in dict.fromkeys(rules_of(told)))
    rules = {rule: {"iri": rule, "label": label.text, "language": label.language} for rule, label in names.items()}
    document = {"iri": iri, "basis": basis.name, "reasons": told, "rules": rules}
    return negotiation.answer(json.dumps(document, ensure_ascii=False, indent=1), found)


def representations(iri: Iri, basis: str | None) -> dict[str, str]:
    """Give the address of each RDF format of a document, by name of the format."""
    path = links.path_of(iri)
    given = {"basis": basis if basis != ALL else None}
    if path is None or "#" in path or not path.startswith("/doc/"):
        return {each.name: links.document(iri, format=each.name, **given) for each in GRAPH_FORMATS}
    return {each.name: links.page(f"{path}.{each.suffix}", given) for each in GRAPH_FORMATS}


def graph(iri: Iri, basis: Basis, found: Format) -> bytes:
    """Give the RDF about an IRI."""
    content, complete = triples(served().store, iri, scope(iri, basis))
    if not complete:
        note = Literal("More than these triples point to this thing; a query to /sparql gives them all.", "en")
        document = Iri(request.url_root + "describe?iri=" + quote(iri, safe=""))
        content.append((document, Iri(PREFIXES["rdfs"] + "comment"), note))
    return serialize(content, found, served().manifest.prefixes)


def scope(iri: Iri, basis: Basis) -> Dataset | None:
    """Give the dataset to ask about an IRI: what is only known beside the data (a shape, a query) is asked there."""
    if basis.name == ALL and not is_in_data(served().store, iri):
        return Dataset(default=tuple(served().graphs))
    return basis.dataset


def page(iri: Iri, basis: Basis) -> str:
    """Give the page about an IRI."""
    now = served()
    found = describe(now.store, iri, basis, now.notes)
    dataset = scope(iri, basis)
    found.types = now.classes.narrowest(found.types)
    classes = now.classes.order(found.types)
    views = now.library.views(classes)
    if name := request.args.get("view"):
        if name not in views:
            raise Problem(404, _("This thing has no view %(name)s.", name=name))
        return view(iri, basis, [panels.run(now.store, file, iri, dataset) for file in views[name]])
    shown = [panels.run(now.store, file, iri, dataset) for file in now.library.panels(classes)]
    sentences = [panel for panel in shown if panel.file.view == "sentence" and panel.table.rows]
    pointing = incoming.groups(now.store, iri, dataset, now.classes)
    missing = concerning(iri)
    terms: list[Term | None] = [*found.terms(), *(term for each in missing for term in (each.focus, each.shape))]
    for panel in shown:
        terms += panel.table.terms()
    for group in pointing:
        terms += (group.predicate, group.class_, *group.subjects)
    labels = labels_for(terms)
    kind = kind_of(iri)
    return render_template(
        "entity.html",
        iri=iri,
        entity=found,
        label=labels[iri],
        labels=labels,
        kind=kind,
        kind_label=kind_labels()[kind] if kind else None,
        texts=_texts(found),
        facts=_order(found, labels, entailed=False),
        entailed=_order(found, labels, entailed=True),
        entailed_count=sum(fact.entailed for facts in found.facts.values() for fact in facts),
        certainties=_certainties(found),
        sources=_sources(found, labels),
        sentences=sentences,
        panels=[panel for panel in shown if panel.file.view != "sentence"],
        incoming=pointing,
        missing=missing,
        views={name: files[0].title for name, files in views.items()},
        bases=NAMES,
        basis=basis.name,
        formats=representations(iri, basis.name),
        why_open="why" in request.args,
        parameters={"iri": iri, "basis": basis.name if basis.name != ALL else None},
    )


def view(iri: Iri, basis: Basis, shown: list[panels.Panel]) -> str:
    """Give a further page about an IRI, named by its first panel, with what is missing of all its rows are about."""
    # The first column names what a row is about.
    about = dict.fromkeys([iri, *(row[0].value for panel in shown for row in panel.table.rows)])
    missing = [each for thing in about for each in served().findings if each.focus == thing]
    terms: list[Term | None] = [iri, *(term for panel in shown for term in panel.table.terms())]
    terms += (term for each in missing for term in (each.focus, each.shape))
    labels = labels_for(terms)
    return render_template(
        "view.html",
        iri=iri,
        label=labels[iri],
        labels=labels,
        title=by_language(dict(shown[0].file.title)),
        panels=shown,
        missing=missing,
        basis=basis.name,
        parameters={"iri": iri, "basis": basis.name if basis.name != ALL else None},
    )


def concerning(thing: Iri) -> list[Finding]:
    """Give what the checks find about a thing, or of what it is the value."""
    return [each for each in served().findings if each.concerns(thing)]


def kind_of(iri: Iri) -> str | None:
    """Give the kind of a thing of the base."""
    rest = iri.removeprefix(served().base + "id/")
    kind = rest.partition("/")[0]
    return kind if rest != iri and kind in served().kinds else None


def _texts(found: Description) -> list[Literal]:
    """Give the descriptions in the best language there is."""
    chosen = best(found.texts, languages())
    return [text for text in found.texts if chosen and text.language == chosen.language]


def _certainties(found: Description) -> list[tuple[Iri, int]]:
    """Count the facts by certainty, the surest first."""
    counted = Counter(fact.certainty for facts in found.facts.values() for fact in facts)
    return [(each, counted[each]) for each in (STATED, INFERRED, UNCERTAIN) if counted[each]]


def _order(found: Description, labels: Labels, *, entailed: bool) -> list[tuple[Iri, list[list[Fact]]]]:
    """Give the facts that somebody states, or those that only follow, by predicate, alphabetically.

    In a predicate together what is equally sure for equal reasons. Of texts in several languages those of the best one.
    The sources of the thing itself stand by themselves.
    """
    rows = []
    for predicate, facts in found.facts.items():
        if predicate == DCTERMS_SOURCE:
            continue
        alike: dict[object, list[Fact]] = {}
        for fact in in_best_language(each for each in facts if each.entailed == entailed):
            rules = frozenset(rule for reason in fact.reasons for rule in reason.rules)
            alike.setdefault((fact.certainty, fact.sources, fact.claims, rules), []).append(fact)
        if alike:
            rows.append((predicate, [sorted(each, key=lambda f: _name(f, labels)) for each in alike.values()]))
    return sorted(rows, key=lambda row: str(labels[row[0]]).casefold())


def _name(fact: Fact, labels: Labels) -> str:
    return str(labels[fact.value] if isinstance(fact.value, Iri) else fact.value).casefold()


def _sources(found: Description, labels: Labels) -> list[Term]:
    """Give the sources of the thing itself, by name."""
    return [fact.value for fact in sorted(found.facts.get(DCTERMS_SOURCE, ()), key=lambda f: _name(f, labels))]


def iri_argument(name: str) -> Iri:
    """Read an IRI from the query string: whole or as a prefixed name; raises Problem (400)."""
    text = request.args.get(name, "").strip()
    if not text:
        raise Problem(400, _("The address lacks %(name)s=<an IRI>.", name=name))
    try:
        term = parse_term(text, dict(served().manifest.prefixes))
    except ValueError as error:
        raise Problem(400, _("%(text)s is not an IRI.", text=text)) from error
    if not isinstance(term, Iri):
        raise Problem(400, _("%(text)s is not an IRI.", text=text))
    return term


def basis_argument(given: str | None = None) -> Basis:
    """Read ``?basis=``, or what a form gives for it; raises Problem (400)."""
    name = given or request.args.get("basis") or ALL
    try:
        return choose(name, served().graphs, served().base)
    except ValueError as error:
        names = ", ".join(NAMES)
        raise Problem(400, _("basis is one of %(names)s, not %(name)s.", names=names, name=name)) from error


def page_argument() -> int:
    """Read ``?page=``, counted from 1; raises Problem (400)."""
    text = request.args.get("page") or "1"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000):
        raise Problem(400, _("page is a whole number from 1."))
    return int(text)

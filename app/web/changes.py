"""What has changed: ``/changes`` for people and programs, ``/changes.atom``, ``/ldes``, a Linked Data Event Stream."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from flask import Blueprint, Response, g, request
from flask_babel import gettext as _

from app import __version__, mediatypes
from app.changes import feed
from app.changes.descriptions import Difference, difference, entity_kind
from app.changes.entry import CHANGES, CREATED, DELETED, UPDATED, Entry
from app.changes.feed import SIZE, STREAM_PREFIXES, Addresses, AtomFeed, Item, atom_feed
from app.changes.view import EntryChoice
from app.entities.labels import Label, best
from app.mediatypes import GRAPH_FORMATS, Format
from app.terms import Iri, Term, is_absolute_iri, n3
from app.web import links, negotiation
from app.web.arguments import iri_argument, page_argument, pages_of
from app.web.languages import interface_language, languages, root
from app.web.listed import plural
from app.web.negotiation import HTML, PAGE_OR_JSON
from app.web.problems import Problem, not_found
from app.web.serving import served, settings
from app.web.texts import kind_labels, labels_for, link_text, site_title

blueprint = Blueprint("changes", __name__)

FORMATS: Final = (
    *(mediatypes.TURTLE, mediatypes.JSON_LD, mediatypes.N_TRIPLES, mediatypes.N_QUADS, mediatypes.TRIG),
    mediatypes.RDF_XML,
)
# How long a client may keep a page: one that is full for good, the others for a minute.
_FULL: Final = "public, max-age=31536000, immutable"
_GROWING: Final = "public, max-age=60"
ATOM: Final = Format("atom", "application/atom+xml", "atom", "table", ("application/xml", "text/xml"))
# So many statements of a difference a list shows; the page of the change has all.
SHOWN: Final = 20
# So many of the newest changes stand on the front page.
NEWEST: Final = 5


@blueprint.get("/ldes")
def ldes_view() -> Response:
    """Describe the stream, and lead to its first page."""
    changes = served().changes
    first = changes.name(1)
    licence = served().manifest.licence
    if licence and not is_absolute_iri(licence):
        licence = None
    g.cache_control = _GROWING
    g.fingerprint = f"{__version__} {first} {licence}"
    found = negotiation.choose_format(FORMATS)
    entries = changes.page(1, 1)
    triples = feed.stream_root(addresses(), entries[0] if entries else None, licence)
    return negotiation.answer_graph(triples, found, STREAM_PREFIXES)


@blueprint.get("/ldes/<int:number>")
def ldes_page(number: int) -> Response:
    """Give a page."""
    changes = served().changes
    if not 1 <= number <= feed.pages(changes.last):
        raise not_found(request.path)
    first, full = (number - 1) * SIZE + 1, number * SIZE
    g.cache_control = _FULL if full <= changes.last else _GROWING
    # Its last entry settles what is on it.
    g.fingerprint = f"{__version__} {changes.name(min(full, changes.last)) if first <= changes.last else None}"
    found = negotiation.choose_format(FORMATS)
    triples = feed.stream_page(addresses(), number, changes.page(first, SIZE))
    return negotiation.answer_graph(triples, found, STREAM_PREFIXES)


def addresses() -> Addresses:
    """Give the addresses that this server has for the view."""
    return Addresses(served().base, f"{request.host_url.rstrip('/')}{request.script_root}/ldes")


@blueprint.get("/changes")
def change_list() -> Response:
    """List what has changed, newest first: since a date, of a kind, of a sort, of one thing; in pages, JSON too."""
    found = negotiation.choose_format(PAGE_OR_JSON)
    choice, number, size = choice_argument(), page_argument(), settings().page_size
    changes = served().changes
    digest = found == HTML and choice.entity is None and "all" not in request.args
    first = 0
    if digest:
        later = replace(choice, after_first=True)
        first = changes.count(choice) - changes.count(later)
        choice = later if choice.kind else replace(later, without=("", *later_kinds()))
    total = changes.count(choice)
    pages = pages_of(total, size)
    if number > pages:
        raise not_found(request.full_path)
    entries = changes.newest(choice, size, (number - 1) * size)
    shown = [(entry, compared(entry)) for entry in entries]
    given = change_parameters(choice)
    if found != HTML:
        document = {
            "total": total,
            "page": number,
            "pages": pages,
            "version": served().manifest.version,
            "changes": [entry_as_json(entry, told) for entry, told in shown],
        }
        return negotiation.answer_json(document, found)
    return negotiation.answer_page(
        "changes.html",
        shown=shown,
        days=by_day(shown) if digest else None,
        first=(first, changes.releases()[-1].built) if first and number == pages else None,
        labels=labels_for(terms_of(shown)),
        names=change_names(),
        total=total,
        number=number,
        pages=pages,
        given=given if digest else {**given, "all": 1 if choice.entity is None else None},
        kinds=kinds(),
        most=SHOWN,
        formats={
            "json": links.page_link("/changes", {**given, "format": "json"}),
            "atom": links.page_link("/changes.atom", given),
        },
    )


@blueprint.get("/changes/<id>")
def change(id: str) -> Response:
    """Give one change: the version of a thing as a version object, and as a page what is old and new in it."""
    name, suffix = negotiation.split_suffix(id, negotiation.GRAPH)
    entry = served().changes.entry(name)
    if entry is None:
        raise not_found(request.path)
    found = negotiation.choose_format(negotiation.GRAPH, suffix)
    if found != HTML:
        return negotiation.answer_graph(feed.member(addresses(), entry), found, STREAM_PREFIXES)
    told = compared(entry)
    return negotiation.answer_page(
        "change.html",
        entry=entry,
        difference_=told,
        before=served().changes.before(entry),
        kept=g.serving.keeps(entry.version),
        labels=labels_for(terms_of([(entry, told)])),
        names=change_names(),
        most=None,
        formats=links.formats(f"/changes/{name}", GRAPH_FORMATS),
    )


@blueprint.get("/changes.atom")
def atom() -> Response:
    """Give what has changed as an Atom feed, newest first, in pages (RFC 5005 §3)."""
    found = negotiation.choose_format((ATOM,))
    choice, number, size = choice_argument(), page_argument(), settings().page_size
    changes = served().changes
    entries = changes.newest(choice, size + 1, (number - 1) * size)
    if not entries and number > 1:
        raise not_found(request.full_path)
    given = change_parameters(choice)
    base, host = served().base, request.host_url.rstrip("/")

    def page(number: int | None = None) -> str:
        return host + links.page_link("/changes.atom", {**given, "page": number})

    own = page(number) if number > 1 else page()
    others = {"self": own, "alternate": host + links.page_link("/changes", given), "first": page()}
    if number > 1:
        others["previous"] = page(number - 1)
    if len(entries) > size:
        others["next"] = page(number + 1)
    names = change_names()
    items = [
        Item(
            id=f"{base}changes/{entry.id}",
            title=f"{label_of_entry(entry)}: {names[entry.change]}",
            time=entry.time,
            address=f"{host}{links.page_link('/changes/' + entry.id)}",
            summary=_summary(entry),
            category=entry.change,
        )
        for entry in entries[:size]
    ]
    newest = changes.newest(choice, 1)
    about = AtomFeed(
        id=base.rstrip("/") + links.page_link("/changes.atom", given).removeprefix(root()),
        title=_("%(site)s: what has changed", site=site_title()),
        author=str(site_title()),
        updated=newest[0].time if newest else served().manifest.built,
        language=interface_language(),
        links=others,
        licence=served().manifest.licence,
    )
    return negotiation.answer(atom_feed(about, items), found)


def by_day(shown: list[tuple[Entry, Difference]]) -> dict[str, dict[Label, list[tuple[Entry, Difference]]]]:
    """Group changes by day, and those of a day by kind."""
    names, found = kinds(), dict[str, dict[Label, list[tuple[Entry, Difference]]]]()
    for entry, told in shown:
        kind = entity_kind(entry.entity, served().base)
        heading = plural(kind, names[kind]) if kind in names else Label(_("Other things"))
        found.setdefault(entry.time[:10], {}).setdefault(heading, []).append((entry, told))
    return found


def choice_argument() -> EntryChoice:
    """Read which changes are wanted; raises Problem (400)."""
    change = request.args.get("change") or None
    if change is not None and change not in CHANGES:
        raise Problem(400, _("change is one of %(names)s, not %(name)s.", names=", ".join(CHANGES), name=change))
    return EntryChoice(
        since=since_argument(),
        kind=request.args.get("kind") or None,
        change=change,
        entity=iri_argument("iri") if request.args.get("iri") else None,
    )


def since_argument() -> str | None:
    """Read ``?since=``, a date or a time (ISO 8601), as the time in UTC that the log holds; raises Problem (400)."""
    text = request.args.get("since", "").strip()
    if not text:
        return None
    try:
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        # A plus sign that was not escaped arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError) as error:
        raise Problem(400, _("since is a date like 2026-11-22, not %(text)s.", text=text)) from error


def change_parameters(choice: EntryChoice) -> dict[str, str | None]:
    """Give the parameters that make a choice."""
    return {
        "since": request.args.get("since", "").strip() or None,
        "kind": choice.kind,
        "change": choice.change,
        "iri": choice.entity,
    }


def kinds() -> dict[str, Label]:
    """Give the kinds that something in the log is of, by name."""
    known = kind_labels()
    return {kind: known.get(kind, Label(kind)) for kind in served().changes.kinds() if kind}


def later_kinds() -> tuple[str, ...]:
    """Give the kinds that come after others in a search; none while the search index cannot be read."""
    with suppress(OSError):
        return served().index.later_kinds()
    return ()


def compared(entry: Entry) -> Difference:
    """Compare the version of an entry with the one before."""
    before = served().changes.before(entry) if entry.change != CREATED else None
    return difference(entry.entity, before.quads if before else (), entry.quads)


def terms_of(shown: list[tuple[Entry, Difference]]) -> Iterator[Term | None]:
    """Give all terms that a list of changes shows."""
    for entry, told in shown:
        yield entry.successor
        for predicate, old, new in told.by_predicate():
            yield from (predicate, *old, *new)


@blueprint.app_template_global()
def latest_changes() -> list[tuple[str, Label, str, str]]:
    """Give the newest changes since the first version, for the front page: address, label, what happened, when."""
    names, found = change_names(), []
    with suppress(OSError):  # the front page goes on without
        found = served().changes.newest(EntryChoice(after_first=True), NEWEST)
    return [
        (links.page_link(f"/changes/{each.id}"), label_of_entry(each), names[each.change], each.time) for each in found
    ]


@blueprint.app_template_global()
def last_change(iri: str) -> str | None:
    """Give the time when what is said of a thing last changed; None where it has not since the first version."""
    with suppress(OSError):
        found = served().changes.newest(EntryChoice(entity=iri, after_first=True), 1)
        return found[0].time if found else None
    return None


@blueprint.app_template_global()
def label_of_entry(entry: Entry) -> Label:
    """Give what a thing was called in a version."""
    return best(entry.labels, languages()) or link_text(entry.entity, labels_for(()))


def change_names() -> dict[str, str]:
    """Name the sorts of changes in the language of the page."""
    return {CREATED: _("new"), UPDATED: _("changed"), DELETED: _("deleted")}


def _summary(entry: Entry) -> str:
    told = compared(entry)
    if entry.successor is not None:
        return str(_("Replaced by %(iri)s.", iri=entry.successor))
    count = _("Statements: %(added)s added, %(removed)s removed.", added=len(told.added), removed=len(told.removed))
    names = labels_for(predicate for predicate, _old, _new in told.by_predicate())
    return f"{count} {', '.join(str(label) for label in names.values())}"


def entry_as_json(entry: Entry, told: Difference) -> dict[str, Any]:
    """Give a change for programs; values as N-Triples write them."""
    base = served().base
    return {
        "id": f"{base}changes/{entry.id}",
        "iri": entry.entity,
        "kind": entity_kind(entry.entity, base),
        "change": entry.change,
        "time": entry.time,
        "version": entry.version,
        "labels": {label.language or "": label.value for label in entry.labels},
        "types": entry.types,
        "successor": entry.successor,
        "removed": [_statement(*quad) for quad in told.removed],
        "added": [_statement(*quad) for quad in told.added],
    }


def _statement(triple: tuple[Term, Iri, Term], graph: Iri | None) -> dict[str, str | None]:
    subject, predicate, value = triple
    return {"subject": n3(subject), "predicate": predicate, "object": n3(value), "graph": graph}

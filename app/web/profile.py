"""``/profile/<kind>/<slug>``: one or two sheets of paper about a thing, to send to somebody.

A profile is a folder of query files, ``queries/pages/<Class>/profile``; its data is the description of the thing and of
what the rows of the folder's queries are about.
"""

from typing import Final

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _

from app.entities import panels
from app.entities.description import classes_of
from app.mediatypes import Format
from app.query.binding import bind
from app.query.library import engine_query
from app.store.engine import serialize
from app.terms import Iri, Triple
from app.web import links, negotiation
from app.web.entities import find
from app.web.entity import kind_of
from app.web.negotiation import HTML
from app.web.problems import Problem
from app.web.serving import served
from app.web.texts import kind_labels, labels_for

blueprint = Blueprint("profile", __name__)

VIEW: Final = "profile"
# The data of a profile describes so many things besides the one it is about.
_MOST: Final = 100


@blueprint.get("/profile/<kind>/<path:slug>")
def profile(kind: str, slug: str) -> Response:
    """Give the profile of a thing as a page, or its data in the format asked for."""
    iri, suffix = find(f"id/{kind}/{slug}", read=False)
    now = served()
    classes = now.classes.order(now.classes.narrowest(classes_of(now.store, iri)))
    files = now.library.views(classes).get(VIEW)
    if files is None:
        raise Problem(404, _("There is no profile of this. Its page is %(page)s.", page=links.describe(iri)))
    found = negotiation.choose(negotiation.GRAPH, suffix)
    shown = [panels.run(now.store, file, iri, None) for file in files]
    return negotiation.answer(_page(iri, shown) if found == HTML else _data(iri, shown, found), found)


def _page(iri: Iri, shown: list[panels.Panel]) -> str:
    labels = labels_for([iri, *(term for panel in shown for term in panel.table.terms())])
    kind = kind_of(iri)
    return render_template(
        "profile.html",
        iri=iri,
        label=labels[iri],
        labels=labels,
        kind=kind,
        kind_label=kind_labels()[kind] if kind else None,
        panels=shown,
    )


def _data(iri: Iri, shown: list[panels.Panel], found: Format) -> bytes:
    about = dict.fromkeys([iri, *(row[0].value for panel in shown for row in panel.table.rows)])
    things = [thing for thing in about if isinstance(thing, Iri)][: _MOST + 1]
    triples: dict[Triple, None] = {}
    for thing in things:
        triples.update(dict.fromkeys(served().store.construct(bind(engine_query("engine/whole"), {"this": thing}))))
    return serialize(list(triples), found, served().manifest.prefixes)

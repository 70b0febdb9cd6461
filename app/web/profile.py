"""``/profile/<kind>/<slug>``: one or two sheets of paper about a thing, to send to somebody.

A profile is a folder of query files, ``queries/pages/<Class>/profile``; its data is the description of the thing and of
what the rows of the folder's queries are about.
"""

from typing import Final

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _

from app.entities import panels
from app.entities.basis import ALL
from app.entities.description import classes_of
from app.mediatypes import Format
from app.query.binding import bind
from app.query.library import engine_query
from app.store.engine import serialize
from app.terms import Iri, Triple
from app.web import links, negotiation
from app.web.entities import find
from app.web.entity import names
from app.web.negotiation import HTML
from app.web.problems import Problem
from app.web.serving import served

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
    if found != HTML:
        return negotiation.answer(_data(iri, shown, found), found)
    named = names(iri, now.bases[ALL], panels.terms(shown))
    return negotiation.answer(render_template("profile.html", **named, panels=shown), found)


def _data(iri: Iri, shown: list[panels.Panel], found: Format) -> bytes:
    about = dict.fromkeys([iri, *panels.things(shown)])
    things = [thing for thing in about if isinstance(thing, Iri)][: _MOST + 1]
    triples: dict[Triple, None] = {}
    for thing in things:
        triples.update(dict.fromkeys(served().store.construct(bind(engine_query("engine/whole"), {"this": thing}))))
    return serialize(list(triples), found, served().manifest.prefixes)

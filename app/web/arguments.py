"""What the query string of a request may say: an IRI, a basis, a page."""

from contextlib import suppress

from flask import request
from flask_babel import gettext as _

from app.entities.basis import ALL, Basis
from app.terms import Iri, parse_term
from app.web.problems import Problem
from app.web.serving import served


def iri_argument(name: str) -> Iri:
    """Read an IRI from the query string: whole or as a prefixed name; raises Problem (400)."""
    text = request.args.get(name, "").strip()
    if not text:
        raise Problem(400, _("The address lacks %(name)s=<an IRI>.", name=name))
    with suppress(ValueError):
        if isinstance(term := parse_term(text, dict(served().manifest.prefixes)), Iri):
            return term
    raise Problem(400, _("%(text)s is not an IRI.", text=text))


def basis_argument(given: str | None = None) -> Basis:
    """Read ``?basis=``, or what a form gives for it; raises Problem (400)."""
    name = given or request.args.get("basis") or ALL
    found = served().bases.get(name)
    if found is None:
        names = ", ".join(served().bases)
        raise Problem(400, _("basis is one of %(names)s, not %(name)s.", names=names, name=name))
    return found


def page_argument() -> int:
    """Read ``?page=``, counted from 1; raises Problem (400)."""
    text = request.args.get("page") or "1"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 1_000_000):
        raise Problem(400, _("page is a whole number from 1."))
    return int(text)


def pages_of(total: int, size: int) -> int:
    """Give how many pages hold so many things; of nothing there is one."""
    return max(1, -(-total // size))

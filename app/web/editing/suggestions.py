"""``/edit/suggest``: what anybody wants to tell, in words, about a page. Asks for no name; is kept as a proposal."""

import hmac
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.editing.drawer import Drawer, DrawerError, NoProposal, StateChanged, now
from app.editing.proposals import Event, Proposal
from app.query.files import QueryFile
from app.terms import Iri, Term, is_absolute_iri
from app.web import links, negotiation
from app.web.editing import session
from app.web.languages import interface_language, root
from app.web.problems import Problem, not_found
from app.web.serving import served, settings
from app.web.texts import by_language, labels_for

blueprint = Blueprint("suggestions", __name__)
# So many characters may be told; so long an address of a page is looked at.
LONGEST: Final = 4000
_ADDRESS: Final = 500
# A field that nobody sees: only programs that fill in everything fill it in.
TRAP: Final = "website"
_VISITOR: Final = "visitor"


@blueprint.get("/suggest")
@session.anybody()
def suggest() -> Response:
    """Show the form."""
    name = Drawer(settings().state).new_name()
    page, gap = _page_of(request.args.get("about", "")), _gap_of(request.args.get("gap", ""))
    return _form(name, page, gap, words=_answer(request.args))


@blueprint.post("/suggest")
@session.anybody()
def keep() -> BaseResponse:
    """Keep what was told, once however often it is sent, and lead to its page."""
    name, page = request.form.get("name", ""), _page_of(request.form.get("about", ""))
    gap, words = _gap_of(request.form.get("gap", "")), _plain(request.form.get("words", ""))
    if request.form.get(TRAP) or not hmac.compare_digest(request.form.get("proof", "").encode(), _proof(name).encode()):
        raise Problem(400, _("This was not sent by our form. Open the form and write it there."))
    if not words or len(words) > LONGEST:
        return _form(name, page, gap, words=words, status=400)
    role = session.role() or _VISITOR
    named = (_title(page) if page and (gap is None or links.document_path(page)) else "", _title(gap))
    title = ": ".join(filter(None, named)) or _("The site")
    drawer = Drawer(settings().state)
    try:
        drawer.get(name)
    except NoProposal:
        suggestion = Proposal(
            name, "suggestion", title[:200], note=words, page=page, history=(Event(now(), "open", role),)
        )
        try:
            drawer.put(suggestion)
        except StateChanged:  # sent twice at once
            pass
        except DrawerError as error:
            raise Problem(503, error.messages[interface_language()]) from error
    return redirect(links.page_link(f"/edit/suggest/{name}", {"version": None}), 303)


@blueprint.get("/suggest/<name>")
@session.anybody()
def thanks(name: str) -> Response:
    """Say thank you, and what has become of a suggestion: only who sent it knows this address."""
    try:
        found = Drawer(settings().state).get(name)
    except DrawerError:
        raise not_found(name[:40]) from None
    if found.door != "suggestion":
        raise not_found(name)
    return negotiation.answer_page(
        "edit/suggest_thanks.html", proposal=found, last=found.history[-1], address=link_of(found.page)
    )


def link_of(page: Iri | None) -> str | None:
    """Give the address here of the page that a suggestion is about."""
    if page is None:
        return None
    if links.document_path(page):
        return links.describe_link(page)
    return links.page_link("/" + page.removeprefix(served().base), {"version": None})


def answer_address(file: QueryFile, about: Term, this: Iri, answer: str) -> str | None:
    """Give the address of the form with an answer to what a panel of a thing's page asks about another thing."""
    paths = [links.document_path(each) if isinstance(each, Iri) else None for each in (about, this)]
    if None in paths:
        return None
    given = {"about": paths[0], "of": paths[1], "ask": file.name, "answer": answer}
    return links.page_link("/edit/suggest", {**given, "version": None})


def _answer(given: Mapping[str, str]) -> str:
    """Give the words that answer what a panel asks: who it is asked of, the question, the answer; or nothing."""
    this, name = _page_of(given.get("of", "")), given.get("ask", "")
    file = next((each for each in served().library.files() if each.ask and each.name == name), None)
    answer = file.ask.answers.get(given.get("answer", "")) if file and file.ask else None
    if file is None or file.ask is None or this is None or answer is None:
        return ""
    texts = (by_language(each) for each in (file.columns[file.ask.column], answer))
    return f"{_title(this)}: {' '.join(each.text for each in texts if each)} "


def _form(name: str, page: Iri | None, gap: Iri | None, *, words: str = "", status: int = 200) -> Response:
    return negotiation.answer_page(
        "edit/suggest.html",
        status=status,
        name=name,
        proof=_proof(name),
        address=link_of(page) or "",
        what=_title(page),
        gap=gap or "",
        gap_name=_title(gap),
        words=words,
        most=LONGEST,
        trap=TRAP,
        failed=status != 200,
    )


def _proof(name: str) -> str:
    return session.signed("suggestion", name)


def _page_of(address: str) -> Iri | None:
    """Give what a path on this server is about: the thing of ``/doc/…``, else the page itself; None for other sites."""
    path = urlsplit(address).path if len(address) <= _ADDRESS and address.isprintable() else ""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    if not inside or not f"{path}/".startswith(f"{root()}/"):
        return None
    rest = path.removeprefix(root()).lstrip("/")
    first, _slash, after = rest.partition("/")
    if first in settings().languages.split() or first == "en":
        rest = after
    base = served().base
    found = f"{base}id/{rest.removeprefix('doc/')}" if rest.startswith("doc/") else base + rest
    return next((Iri(each) for each in (found, unquote(found)) if rest and is_absolute_iri(each)), None)


def _gap_of(iri: str) -> Iri | None:
    """Give the check of this site that a reader wants to tell something about."""
    return Iri(iri) if iri in {each.shape for each in served().findings} else None


def _title(iri: Iri | None) -> str:
    """Give the name of a thing, else the address of a page below the site."""
    if iri is None:
        return ""
    label = labels_for([iri])[iri]
    return label.text if label.found else "/" + iri.removeprefix(served().base)


def _plain(text: str) -> str:
    """Give what somebody wrote with plain ends of lines and without signs that only steer a screen."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs")).strip()

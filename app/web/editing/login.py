"""Logging in and out: one person by a link that the terminal shows, or whom an OpenID Connect provider knows."""

from typing import Any, Final

from flask import Blueprint, Response, current_app, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.editing import entrance
from app.editing.entrance import Login
from app.web import negotiation
from app.web.editing import session
from app.web.problems import Problem
from app.web.serving import settings

blueprint = Blueprint("login", __name__)
# Where the application has the provider, and what its module raises (register in this package).
PROVIDER: Final = "editing_provider"
# Who edits on their own machine may do everything.
_ALONE: Final = ("reviewer", "alone")


@blueprint.get("/login")
@session.anybody()
def login() -> Response:
    """Show how to log in: a button that spends the link, or a link to the provider."""
    token, target = request.args.get("token", ""), session.local(request.args.get("next"))
    return _page(token=token, good=bool(token) and entrance.is_good(settings().state, token), target=target)


@blueprint.post("/login")
@session.anybody()
def spend() -> BaseResponse:
    """Log one person in, once for each link."""
    if PROVIDER in current_app.extensions:
        raise _no_page()
    if not entrance.spend(settings().state, request.form.get("token", "")):
        return _page(403, token="", good=False, spent=True, target="")
    role, sender = _ALONE
    session.log_in(lambda _name: Login(role, sender, session.ends()))
    return redirect(session.local(request.form.get("next")), 303)


@blueprint.get("/login/start")
@session.anybody()
def start() -> BaseResponse:
    """Send a browser to the provider."""
    provider = _provider()
    try:
        return redirect(provider.address(session.name(), session.local(request.args.get("next"))))
    except provider.silent:
        return _page(503, silent=True, target=session.local(request.args.get("next")))


@blueprint.get("/login/callback")
@session.anybody()
def callback() -> BaseResponse:
    """Take the provider's answer: who has a role is logged in, who has none is told what was looked for."""
    provider = _provider()
    try:
        role, sender, token, target = provider.answered(session.name(), request.args)
    except provider.silent:
        return _page(503, silent=True, target=session.local(None))
    except provider.refused:
        return _page(403, refused=True, target=session.local(None))
    if role is None:
        return negotiation.answer_page("edit/login_no_role.html", status=403, looked=provider.looked_for)
    session.log_in(lambda name: Login(role, sender, session.ends(), provider.sealed(token, name)))
    return redirect(session.local(target), 303)


@blueprint.post("/logout")
@session.anybody()
def logout() -> Response:
    """Log out here, and at the provider where that is possible."""
    name = session.name()
    login = session.log_out()
    further = _provider().logout_address(login.token, name) if login and login.token else None
    response = negotiation.answer_page("edit/login_out.html", further=further)
    if further:  # no redirect: by the policy of our pages no form leads to another site
        response.headers["Refresh"] = f"0; url={further}"
    return response


def _page(status: int = 200, **names: Any) -> Response:
    return negotiation.answer_page(
        "edit/login.html", status=status, by_provider=PROVIDER in current_app.extensions, **names
    )


def _provider() -> Any:
    """Give the provider; its module is there only where the extra is installed, so its type has no name here."""
    found = current_app.extensions.get(PROVIDER)
    if found is None:
        raise _no_page()
    return found


def _no_page() -> Problem:
    return Problem(404, _("There is no page with this address."))

"""Who asks for a page of editing, and whether they may: role, host, form token, size, how often.

Every view of the blueprint says who may use it (``required``, ``anybody``); one that does not is answered to nobody.
A browser has one cookie with a random name. It leads to a login (``entrance``) or to none, and signs the forms of this
browser; a login gives it a new one, so a name that somebody planted leads nowhere.
"""

import hashlib
import hmac
import re
import secrets
import time
from base64 import urlsafe_b64encode
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Lock
from typing import Final, TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.config import Settings
from app.editing.entrance import Login, Logins, secret
from app.web import links, negotiation
from app.web.answering import client_address
from app.web.languages import root
from app.web.problems import Problem
from app.web.serving import settings

_CLIENTS: Final = 10_000


class Rate:
    """Counts what was let through within a period (seconds)."""

    def __init__(self, of_one: int, of_all: int, period: float) -> None:
        """Let so many through, of one client and of all."""
        self._of_one, self._of_all, self._period = of_one, of_all, period
        self._clients: OrderedDict[str, deque[float]] = OrderedDict()
        self._all: deque[float] = deque()
        self._lock = Lock()

    def take(self, client: str) -> bool:
        """Let one more of a client through, and count it; False when there have been too many."""
        now = time.monotonic()
        with self._lock:
            own = self._clients.setdefault(client, deque())
            self._clients.move_to_end(client)
            if len(self._clients) > _CLIENTS:
                self._clients.popitem(last=False)
            for times in (own, self._all):
                while times and now - times[0] > self._period:
                    times.popleft()
            if len(own) >= self._of_one or len(self._all) >= self._of_all:
                return False
            own.append(now)
            self._all.append(now)
            return True


FIELD: Final = "form_token"
# The largest form, in bytes; a view that takes files says how much it takes.
FORM: Final = 262_144
# So many answers to forms from who is not logged in, in so many seconds: of one client, and of all together.
_PERIOD: Final = 600.0
_OF_ONE, _OF_ALL = 20, 300
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_RULE: Final = "editing_rule"
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_View = TypeVar("_View", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class _Rule:
    role: str | None
    longest: int


def required(role: str, *, longest: int = FORM) -> Callable[[_View], _View]:
    """Let only who has a role use a view: "editor" (reviewers too) or "reviewer". ``longest``: bytes of a form."""
    return _marked(_Rule(role, longest))


def anybody(*, longest: int = FORM) -> Callable[[_View], _View]:
    """Let anybody use a view; forms need their token all the same, and there are only so many of them a while."""
    return _marked(_Rule(None, longest))


def _marked(rule: _Rule) -> Callable[[_View], _View]:
    def mark(view: _View) -> _View:
        setattr(view, _RULE, rule)
        return view

    return mark


def role() -> str | None:
    """Give the role of who asks, "reviewer" before "editor"; None for who is not logged in."""
    login = _login()
    return login.role if login else None


def may(wanted: str) -> bool:
    """Say whether who asks has a role; a reviewer is an editor too."""
    return role() in (wanted, "reviewer")


def sender() -> str:
    """Give an opaque name that is the same whenever this person logs in, and that leads to nobody; "" for others."""
    login = _login()
    return login.sender if login else ""


def csrf_field() -> Markup:
    """Give the hidden field that every form of editing needs (a template global)."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, _form_token(_own_name()))


def name() -> str:
    """Give the name that this browser has, a new one where it has none yet."""
    return _own_name()


def log_in(make: Callable[[str], Login]) -> None:
    """Let who asks be logged in, under a new name, which the login is made for; the old one leads nowhere."""
    logins = Logins(settings().state)
    if old := _sent_name():
        logins.end(old)
    g.editing_name = g.editing_cookie = secrets.token_urlsafe(32)
    g.editing_login = make(g.editing_name)
    logins.put(g.editing_name, g.editing_login)


def log_out() -> Login | None:
    """End the login of who asks, and give it."""
    found, old = _login(), _sent_name()
    if old:
        Logins(settings().state).end(old)
    g.editing_login, g.editing_cookie = None, ""
    return found


def ends() -> float:
    """Give when a login that begins now ends."""
    return time.time() + settings().edit_session


def signed(*parts: str) -> str:
    """Sign words with the secret of this site: 43 letters that nobody else can make."""
    told = "\n".join(parts).encode()
    return urlsafe_b64encode(hmac.digest(_secret(), told, hashlib.sha256)).rstrip(b"=").decode()


def guard() -> BaseResponse | None:
    """Look at a request before its view does: the one place where it is settled who may do what."""
    rule: _Rule | None = getattr(current_app.view_functions.get(request.endpoint or ""), _RULE, None)
    if rule is None:
        abort(404)
    if (elsewhere := _right_host()) is not None:
        return elsewhere
    request.max_content_length = request.max_form_memory_size = rule.longest
    writes = request.method not in _SAFE
    if writes and not _is_own_form():
        raise Problem(403, _("The form was not sent from this site. Open the page here and send it again."))
    if rule.role is not None and not may(rule.role):
        if role() is not None:
            raise Problem(403, _("You are logged in, but your role may not do this. Ask who runs the site."))
        if not writes:
            return redirect(links.page_link("/edit/login", {"next": request.full_path.rstrip("?"), "version": None}))
        return _again(401)
    if not writes:
        return None
    if role() is None and not _limits().take(client_address(request.environ, settings().proxies)):
        raise Problem(429, _("Too many forms have been sent from where you are. Try again in ten minutes."))
    if not hmac.compare_digest(request.form.get(FIELD, "").encode(), _form_token(_sent_name() or "").encode()):
        return _again(403)
    return None


def finish(response: Response) -> Response:
    """Put on an answer what all of editing has: no copy anywhere, no place in a search engine, the cookie when new."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.pop("ETag", None)
    if (new := g.get("editing_cookie")) is not None:
        title, secure = _cookie(settings())
        lasts = round(settings().edit_session) if new else 0
        response.set_cookie(title, new, max_age=lasts, path="/", secure=secure, httponly=True, samesite="Lax")
    return response


def local(address: str | None) -> str:
    """Give an address below this site's root as it is, and the first page of editing for any other."""
    first = links.page_link("/edit/", {"version": None})
    found = address or ""
    parts = urlsplit(found) if len(found) <= 500 and found.isprintable() else None
    inside = parts is not None and not parts.scheme and not parts.netloc and "\\" not in found
    return found if inside and re.match(r"/(?!/)", found) and found.startswith(f"{root()}/") else first


def _again(status: int) -> Response:
    """Show what was sent with a button to send it once more: nothing that somebody wrote is lost."""
    fields = [(key, value) for key, value in request.form.items(multi=True) if key != FIELD]
    return negotiation.answer_page(
        "edit/again.html", status=status, fields=fields, files=bool(request.files), logged_in=role() is not None
    )


def _login() -> Login | None:
    if "editing_login" not in g:
        sent = _sent_name()
        g.editing_login = Logins(settings().state).get(sent) if sent else None
    found: Login | None = g.editing_login
    return found


def _sent_name() -> str | None:
    sent = request.cookies.get(_cookie(settings())[0], "")
    return sent if _NAME.fullmatch(sent) else None


def _own_name() -> str:
    if "editing_name" not in g:
        g.editing_name = _sent_name()
        if g.editing_name is None:
            g.editing_name = g.editing_cookie = secrets.token_urlsafe(32)
    found: str = g.editing_name
    return found


def _form_token(browser: str) -> str:
    return signed("form", browser) if browser else ""


def _secret() -> bytes:
    found: bytes | None = current_app.extensions.get("editing_secret")
    if found is None:
        found = current_app.extensions["editing_secret"] = secret(settings().state)
    return found


def _limits() -> Rate:
    found: Rate = current_app.extensions.setdefault("editing_limits", Rate(_OF_ONE, _OF_ALL, _PERIOD))
    return found


def _cookie(given: Settings) -> tuple[str, bool]:
    """Give the cookie's name and whether it goes by https only; ``__Host-`` ties it to this host (RFC 6265bis)."""
    secure = (given.public_address or "").startswith("https:")
    return ("__Host-innherred-edit" if secure else "innherred-edit"), secure


def _right_host() -> BaseResponse | None:
    """See that the request was for a name of ours: another site's name may lead here (DNS rebinding)."""
    given = settings()
    if given.oidc_issuer is None:
        if is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            return None
        raise Problem(403, _("Editing is open on this machine only. Use the address that the terminal shows."))
    public = urlsplit(given.public_address or "")
    if _plain(request.host) == _plain(public.netloc):
        return None
    if request.method in _SAFE:
        return redirect((given.public_address or "").rstrip("/") + request.full_path.rstrip("?"))
    raise Problem(403, _("Editing has another address: %(address)s", address=given.public_address))


def _plain(host: str) -> str:
    return re.sub(r":(80|443)$", "", host.lower())


def _is_own_form() -> bool:
    """Say whether the browser says that a form is ours, or says nothing of it; the token is asked for all the same."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin, public = request.headers.get("Origin"), settings().public_address
    if origin is None:
        return True
    parts = urlsplit(public) if public and settings().oidc_issuer else urlsplit(request.host_url)
    return origin == f"{parts.scheme}://{parts.netloc}"


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

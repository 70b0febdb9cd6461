"""Editing on the web: ``/edit/``. Without the setting none of it is there."""

from typing import NoReturn

from flask import Blueprint, Flask, current_app
from flask_babel import gettext as _

from app.config import Settings
from app.editing.entrance import secret
from app.errors import SettingError
from app.web.editing import session
from app.web.problems import Problem


def register(app: Flask, settings: Settings) -> None:
    """Add the pages of editing where the settings say so; raises SettingError for settings that let strangers in.

    All of them are one blueprint, ``edit``: each part has a blueprint of its own in it, and each view says by
    ``session.required`` or ``session.anybody`` who may use it.
    """
    if settings.follow is not None:
        for number, path in enumerate(("/edit/", "/edit/<path:path>")):
            app.add_url_rule(path, f"copy{number}", _elsewhere)
        return
    if not settings.edit:
        return
    provider = check(settings)
    # What only editing needs takes a second to load: servers where nobody edits do without.
    from app.web.editing import answers, decisions, forms, login, present, review, start, suggestions, uploads, wording  # noqa: PLC0415

    if provider is not None:
        app.extensions[login.PROVIDER] = provider
    edit = Blueprint("edit", __name__, url_prefix="/edit")
    edit.before_request(session.guard)
    edit.after_request(session.finish)
    for part in (login, start, uploads, suggestions, review, answers, decisions, forms):
        edit.register_blueprint(part.blueprint)
    app.register_blueprint(edit)
    present.register_present(app)
    start.register_links(app)
    app.jinja_env.globals.update(
        answer_address=suggestions.answer_address,
        csrf_field=session.csrf_field,
        role=session.role,
        may=session.may,
        ago=wording.ago,
        by_tag=wording.by_tag,
    )


def _elsewhere(**_path: str) -> NoReturn:
    """Say of a copy where editing is done."""
    chosen = current_app.config["SETTINGS"]
    address = chosen.public_address or chosen.follow
    if not address.startswith(("http://", "https://")):
        raise Problem(403, _("This is a copy: nothing is edited here."))
    raise Problem(403, _("This is a copy: nothing is edited here. Editing is done at %(address)s.", address=address))


def check(settings: Settings) -> object | None:
    """Give the provider of logins, None where one person edits on this machine; raises SettingError."""
    if settings.oidc_issuer is None:
        if session.is_loopback(settings.host) and not settings.proxies:
            return None
        raise SettingError(
            "Without a login only this machine may edit: listen on 127.0.0.1 with no proxy in front, or set"
            " INNHERRED_OIDC_ISSUER. See docs/how-to/set-up-editing.md."
        )
    try:
        from app.web.editing.oidc import Provider  # noqa: PLC0415 - an extra that only this needs
    except ImportError as error:
        raise SettingError("A login by OpenID Connect needs more: pip install innherred[oidc]") from error
    return Provider(settings, secret(settings.state))

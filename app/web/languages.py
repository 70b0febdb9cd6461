"""Languages by path: the content's first language at the root, English under ``/en/``."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import g, request

from app.entities.labels import preferred_languages

TRANSLATIONS: Final = Path(__file__).parent / "translations"
PREFIX: Final = "/en"
_KEY: Final = "innherred.english"


class LanguagePath:
    """WSGI middleware that moves a leading ``/en`` from the path to the script name.

    Every route is thereby there in English too, and addresses made within a page keep its language.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        """Wrap an application."""
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path == PREFIX or path.startswith(PREFIX + "/"):
            environ["PATH_INFO"] = path.removeprefix(PREFIX) or "/"
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX
            environ[_KEY] = True
        return self._application(environ, start_response)


def is_english_path() -> bool:
    """Say whether the request came under ``/en/``."""
    return bool(request.environ.get(_KEY))


def root() -> str:
    """Give the path that the site's root has, without the language: empty, or where a proxy put us."""
    return request.script_root.removesuffix(PREFIX) if is_english_path() else request.script_root


def set_languages(content: Sequence[str]) -> None:
    """Settle the languages of a request from its path and the content's languages."""
    first = content[0] if content else "nb"
    g.root_language = first
    g.language = "en" if is_english_path() else first
    g.languages = preferred_languages(g.language, content)


def languages() -> tuple[str, ...]:
    """Give the wanted order of languages of this request."""
    found: tuple[str, ...] = g.languages
    return found


def interface_language() -> str:
    """Give the language of the interface's own words: the page's when there is a translation, else English."""
    wanted = g.get("language", "en" if is_english_path() else "nb")
    return (
        "nb" if wanted in ("nb", "nn", "no") and "nb" in _translated() else wanted if wanted in _translated() else "en"
    )


@cache
def _translated() -> frozenset[str]:
    return frozenset(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")) | {"en"}


def alternatives(path_and_query: str) -> list[tuple[str, str]]:
    """Give (language, path) of the same page in each language the site has."""
    found = [(g.root_language, root() + path_and_query)]
    if g.root_language != "en":
        found.append(("en", root() + PREFIX + path_and_query))
    return found

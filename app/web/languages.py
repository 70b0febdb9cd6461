"""Languages by path: the content's first language at the root, English under ``/en/``, those of a setting likewise."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import current_app, g, request

from app.entities.labels import preferred_languages

TRANSLATIONS: Final = Path(__file__).parent / "translations"
ENGLISH: Final = "en"
_KEY: Final = "innherred.language"
_NORWEGIAN: Final = ("nb", "nn", "no")


class LanguagePath:
    """WSGI middleware that moves a leading ``/en`` from the path to the script name, and the like for other languages.

    Every route is thereby there in English too, and addresses made within a page keep its language.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], further: Iterable[str] = ()) -> None:
        """Wrap an application; ``further`` are the languages besides English that have a path of their own."""
        self._application = application
        self._languages = frozenset((ENGLISH, *further))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        language = path.split("/", 2)[1] if path.startswith("/") else ""
        if language in self._languages:
            # With one slash: two would be the address of another host in a link.
            environ["PATH_INFO"] = "/" + path.removeprefix(f"/{language}").lstrip("/\\")
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + f"/{language}"
            environ[_KEY] = language
        return self._application(environ, start_response)


def path_language() -> str | None:
    """Give the language that the request's path begins with; None at the root."""
    found: str | None = request.environ.get(_KEY)
    return found


def root() -> str:
    """Give the path that the site's root has, without the language: empty, or where a proxy put us."""
    language = path_language()
    return request.script_root.removesuffix(f"/{language}") if language else request.script_root


def set_languages(content: Sequence[str]) -> None:
    """Settle the languages of a request from its path and the content's languages."""
    first = content[0] if content else "nb"
    g.root_language = first
    g.language = path_language() or first
    g.languages = preferred_languages(g.language, content)


def languages() -> tuple[str, ...]:
    """Give the wanted order of languages of this request."""
    found: tuple[str, ...] = g.languages
    return found


def interface_language() -> str:
    """Give the language of the interface's own words: the page's, else that of the root, else English.

    A language without a catalog in ``translations/`` has none of its own words; bokmål stands in for other Norwegian.
    """
    for wanted in (g.get("language", path_language() or "nb"), g.get("root_language", "nb")):
        if wanted in _translated():
            return str(wanted)
        if wanted in _NORWEGIAN and "nb" in _translated():
            return "nb"
    return ENGLISH


@cache
def _translated() -> frozenset[str]:
    return frozenset(path.parent.parent.name for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")) | {ENGLISH}


def alternatives(path_and_query: str) -> list[tuple[str, str]]:
    """Give (language, path) of the same page in each language the site has."""
    further = [each for each in (ENGLISH, *further_languages()) if each != g.root_language]
    below = [(each, f"{root()}/{each}{path_and_query}") for each in further]
    return [(g.root_language, root() + path_and_query), *below]


def further_languages() -> tuple[str, ...]:
    """Give the languages besides the root's and English that the setting names."""
    return tuple(current_app.config["SETTINGS"].languages.split())

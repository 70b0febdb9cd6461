"""Languages by path: the content's first language at the root, English under ``/en/``, those of a setting likewise."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Response, current_app, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.entities.labels import preferred_languages

TRANSLATIONS: Final = Path(__file__).parent / "translations"
ENGLISH: Final = "en"
_KEY: Final = "innherred.language"
# An address that is no page's in the first place, and so has the language that is asked for.
_UNSETTLED: Final = "/sparql"
_NORWEGIAN: Final = ("nb", "nn", "no")


class LanguagePath:
    """WSGI middleware that moves a leading ``/en`` from the path to the script name, and the like for other languages.

    Every route is thereby there in English too, and addresses made within a page keep its language.
    """

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        further: Iterable[str] = (),
        content: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Wrap an application.

        ``further`` are the languages besides English that have a path of their own, ``content`` gives the content's.
        """
        self._application = application
        self._languages = frozenset((ENGLISH, *further))
        self._content = content

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        language = path.split("/", 2)[1] if path.startswith("/") else ""
        if language in self._languages:
            # With one slash: two would be the address of another host in a link.
            environ["PATH_INFO"] = "/" + path.removeprefix(f"/{language}").lstrip("/\\")
            _enter(environ, language)
        elif path == _UNSETTLED and _from_outside(environ):
            asked = parse_accept_header(environ.get("HTTP_ACCEPT_LANGUAGE"), LanguageAccept)
            if (found := wanted(asked, self._content(), self._languages)) is not None:
                _enter(environ, found)
        return self._application(environ, start_response)


def _enter(environ: dict[str, Any], language: str) -> None:
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + f"/{language}"
    environ[_KEY] = language


def _from_outside(environ: dict[str, Any]) -> bool:
    """Say whether somebody comes to a page from elsewhere: who is here already has chosen a language by a path."""
    person = environ["REQUEST_METHOD"] in ("GET", "HEAD") and "text/html" in environ.get("HTTP_ACCEPT", "")
    return person and environ.get("HTTP_SEC_FETCH_SITE") not in ("same-origin", "same-site")


def wanted(asked: LanguageAccept, content: Sequence[str], below: Iterable[str]) -> str | None:
    """Give the language with a path of its own (``below``) that is asked for before that of the root, else None."""
    first = content[0] if content else "nb"
    of_root = (*_NORWEGIAN,) if first in _NORWEGIAN else (first,)
    for tag, quality in asked:  # the dearest first; nb-NO means nb, which best_match tries last
        language = tag.lower().partition("-")[0]
        if quality > 0 and language in (*of_root, *below):
            return None if language in of_root else language
    return None


def in_wanted_language(path: str) -> str:
    """Give the address of a path in the language that the request asks for, unless its own path says one."""
    found = path_language() or wanted(request.accept_languages, g.languages[:1], (ENGLISH, *further_languages()))
    return root() + (f"/{found}" if found else "") + path


def add_language(response: Response) -> Response:
    """Say by what the language of an answer was chosen that has words, and none in its path."""
    if request.path != _UNSETTLED:
        return response
    if str(g.get("content_type") or response.mimetype).startswith("text/html"):
        response.vary.update(("Accept-Language", "Sec-Fetch-Site"))
    elif response.status_code >= 400 or g.get("worded"):
        response.vary.add("Accept-Language")
    return response


def words_count() -> None:
    """Note that this answer to a program has words: their language is part of its tag."""
    g.worded = True
    if g.spoken:
        g.fingerprint = f"{g.get('fingerprint') or g.served.fingerprint} {g.spoken}"


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
    # A program is told what is wrong in the language that it asks for; its data stay as they are.
    program = (
        request.path == _UNSETTLED and path_language() is None and "text/html" not in str(request.accept_mimetypes)
    )
    below = (ENGLISH, *further_languages())
    g.spoken = wanted(request.accept_languages, content, below) if program else None


def languages() -> tuple[str, ...]:
    """Give the wanted order of languages of this request."""
    found: tuple[str, ...] = g.languages
    return found


def interface_language() -> str:
    """Give the language of the interface's own words: the page's, else that of the root, else English.

    A language without a catalog in ``translations/`` has none of its own words; bokmål stands in for other Norwegian.
    """
    for wanted in (g.get("spoken"), g.get("language", path_language() or "nb"), g.get("root_language", "nb")):
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

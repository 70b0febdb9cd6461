"""Options and errors that all commands share."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.config import Settings
from app.errors import ContentError, SettingError
from app.mediatypes import Format, by_name
from app.terms import Term, n3, parse_term

# Every command imports this module: what reads a content or builds is imported where it is used.
if TYPE_CHECKING:
    from app.content.folders import Content
    from app.entities.basis import Basis
    from app.generation import Generation
    from app.progress import Progress
    from app.quality.diagnostics import Diagnostic
    from app.store.interface import Store
    from app.terms import Dataset


# Standard input, as the content.
_STDIN = Path("-")
# So much of an error that nobody foresaw is shown.
_LONGEST = 500


class Failure(click.ClickException):
    """The content or the question has to be mended; exit code 1 and the message alone."""


class Misuse(Failure):
    """The command line or a setting has to be mended; exit code 2."""

    exit_code = 2


@contextmanager
def failing(*errors: type[Exception], before: str = "", failure: type[Failure] = Failure) -> Iterator[None]:
    """Turn errors into the end of the command, with their words after those of ``before``."""
    try:
        yield
    except errors as error:
        raise failure(f"{before}{error}") from error


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --content and --state and pass the settings as first argument; turn our errors into messages."""

    @click.option(
        "--content",
        type=click.Path(allow_dash=True, path_type=Path),
        help="Folder of the content, or one RDF file (.gz and .zip too): what is guessed of one is told first, with how"
        " to make a folder of it. Default: the working folder if it holds data/, else the shipped content.",
    )
    @click.option(
        "--state",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of built generations. Default: var/ in the working folder.",
    )
    @functools.wraps(command)
    def wrapped(content: Path | None, state: Path | None, place: Path | None = None, **options: Any) -> Any:
        if content and place:
            raise Misuse(f"Give one content: {place}, or --content {content}.")
        content = content or place
        with failing(SettingError, failure=Misuse):
            settings = Settings.from_environment(os.environ, content=content, state=state)
        received = "input_format" in options
        form = options.pop("input_format", None)
        needless = options.get("no_build") or options.get("follow") or ("follow" in options and settings.follow)
        if received and settings.content == _STDIN:
            settings = replace(settings, content=_received(settings.state, form))
        elif form:
            raise Misuse("--format is for what is read from standard input: --content -")
        if not settings.content.exists() and not needless:
            raise Misuse(
                f"There is no folder or file {settings.content}. Give --content the folder that holds data/, or a file."
            )
        try:
            return command(settings, **options)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if settings.debug:
                raise
            told = " ".join(str(error).split())[:_LONGEST]
            raise Failure(f"{type(error).__name__}: {told}. INNHERRED_DEBUG=1 shows where it came from.") from error

    return wrapped


def with_any_content(command: Callable[..., Any]) -> Callable[..., Any]:
    """Do what ``with_settings`` does; the content may be an argument too, or come by standard input (``-``)."""
    where = click.argument(
        "place", required=False, metavar="[CONTENT]", type=click.Path(allow_dash=True, path_type=Path)
    )
    named = click.option(
        "--format", "input_format", help="With --content - (standard input): its format, such as ttl. Default: guessed."
    )
    return where(named(with_settings(command)))


def _received(state: Path, form: str | None) -> Path:
    """Keep standard input in the state folder, from where it is read and served; a Failure tells what is wrong."""
    from app.content.packed import receive
    from app.content.reading import READABLE

    offered = tuple(dict.fromkeys(READABLE.values()))
    chosen = format_of(form, offered) if form else None
    if sys.stdin.isatty():
        raise Misuse("--content - reads standard input, and nothing is sent there: … | innherred check --content -")
    with failing(OSError, failure=Failure):
        try:
            return receive(sys.stdin.buffer, state / "input", chosen)
        except ContentError as error:
            raise Failure(error.text(language())) from error


def term_of(text: str, prefixes: Mapping[str, str], before: str = "") -> Term:
    """Read a term as a person types it; raises Misuse, whose words begin with ``before``."""
    with failing(ValueError, before=before, failure=Misuse):
        return parse_term(text, prefixes)


def format_of(name: str, offered: Sequence[Format], told: str = "choose") -> Format:
    """Give the format of --format; raises Misuse, which tells what there is."""
    if (chosen := by_name(name, offered)) is None:
        raise Misuse(f"--format {name}: {told} one of {' '.join(each.suffix for each in offered)}.")
    return chosen


def dataset_of(name: str, bases: "Mapping[str, Basis]") -> "Dataset | None":
    """Give the dataset of --basis, None for the default graph; raises Misuse."""
    if name not in bases:
        raise Misuse(f"--basis {name}: choose one of {', '.join(bases)}.")
    return bases[name].dataset


def language() -> str:
    """Give the language of messages from the content: nb where the terminal is Norwegian, else en."""
    tag = (os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "").lower()
    return "nb" if tag.startswith(("nb", "no", "nn")) else "en"


def in_language(texts: dict[str, str] | Any, wanted: str | None = None) -> str:
    """Choose a text by language: the wanted one, else English, else any."""
    for tag in (wanted or language(), "en", "nb", *texts):
        if tag in texts:
            return str(texts[tag])
    return ""


def open_content(settings: Settings) -> "Content":
    """Open the content of the settings; a Failure tells what is wrong."""
    from app.content.folders import Content

    try:
        return Content.open(settings.content, settings.base)
    except ContentError as error:
        raise Failure(error.text(language())) from error


def build_content(settings: Settings, progress: "Progress", *, as_of: str | None = None) -> "Generation":
    """Build; a Failure lists every reason when the content is refused."""
    # A server that has nothing to build starts without what only a build needs.
    import sqlite3

    from app.build.builder import BuildRefused, build
    from app.generation import current
    from app.quality.checks import dataset_problems

    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError as error:
        raise click.BadParameter(f"{as_of!r} is not a date like 2026-11-22.", param_hint="--as-of") from error
    try:
        content = open_content(settings)
        for problem in dataset_problems(content):
            click.echo(problem_line(problem), err=True)
        built = build(content, settings, as_of=day, progress=progress)
    except BuildRefused as error:
        for problem in error.problems:
            click.echo(problem_line(problem), err=True)
        kept = current(settings.state)
        stays = f" Version {kept.manifest.version} stays the current one." if kept else ""
        raise Failure(f"Not built: {len(error.problems)} errors.{stays}") from error
    except (OSError, sqlite3.Error) as error:
        raise Failure(
            f"Not built: {error}. What was built stays. Is there space, and may {settings.state} be written?"
        ) from error
    return built


def ensure_generation(settings: Settings, progress: "Progress") -> "Generation":
    """Give the current generation, built first when there is none or the content is newer."""
    from app.build.freshness import fresh
    from app.generation import current

    found = current(settings.state)
    if found is not None and fresh(open_content(settings), found, settings.publisher):
        return found
    return build_content(settings, progress)


def store_of(settings: Settings, generation: "Generation") -> "Store":
    """Open what a generation is asked of, as the server does: INNHERRED_STORE, else its own store.

    A Failure tells what is to be done where that does not hold it.
    """
    from app.errors import QueryError
    from app.store.embedded import EmbeddedStore
    from app.store.opening import replicated

    version = generation.manifest.version
    with failing(SettingError, failure=Misuse):
        servers = replicated(settings, generation.manifest)
    if servers is None:
        if not generation.store.is_dir():
            raise Failure(f"Version {version} is here without store/. Set INNHERRED_STORE to a server that holds it.")
        return EmbeddedStore.open(generation.store)
    with failing(QueryError):
        if generation.manifest.digest not in servers.digests():
            raise Failure(f"No server of INNHERRED_STORE holds version {version}. Run: innherred publish")
    return servers


def portal_problems(settings: Settings, progress: "Progress") -> "list[Diagnostic]":
    """Give what data portals miss in the catalog of the content as it is now."""
    from app.build.publishing import missing_for_portal

    generation = ensure_generation(settings, progress)
    with progress.step("catalog"):
        return missing_for_portal(generation)


def problem_line(problem: "Diagnostic") -> str:
    """Give a problem as one line: place, severity, message, shape, and property and value as the files have them."""
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part is not None)
    about = f" <{problem.entity}>" if problem.entity else ""
    shape = f" [{problem.shape}]" if problem.shape else ""
    found = f" {n3(problem.value)[:_LONGEST]}" if problem.predicate and problem.value is not None else ""
    said = f" (<{problem.predicate}>{found})" if problem.predicate else ""
    return f"{place or '-'}: {problem.severity}:{about} {in_language(problem.message)}{shape}{said}"

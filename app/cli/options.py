"""Options and errors that all commands share."""

import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.config import SettingError, Settings
from app.mediatypes import Format, by_name
from app.terms import Term, parse_term

if TYPE_CHECKING:
    from app.entities.basis import Basis
    from app.store.interface import Dataset


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
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the content. Default: the working folder if it holds data/, else the shipped content.",
    )
    @click.option(
        "--state",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of built generations. Default: var/ in the working folder.",
    )
    @functools.wraps(command)
    def wrapped(content: Path | None, state: Path | None, **options: Any) -> Any:
        with failing(SettingError, failure=Misuse):
            settings = Settings.from_environment(os.environ, content=content, state=state)
        if not settings.content.is_dir():
            raise Misuse(f"There is no folder {settings.content}. Give --content the folder that holds data/.")
        return command(settings, **options)

    return wrapped


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

"""Options and errors that all commands share."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.config import SettingError, Settings


class Failure(click.ClickException):
    """Something a person must mend; exit code 1 and the message alone."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        """Keep the exit code."""
        super().__init__(message)
        # click reads it from the exception; its own annotation says class variable.
        setattr(self, "exit_code", exit_code)  # noqa: B010


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
        try:
            settings = Settings.from_environment(os.environ, content=content, state=state)
        except SettingError as error:
            raise Failure(str(error), 2) from error
        if not settings.content.is_dir():
            raise Failure(f"There is no folder {settings.content}. Give --content the folder that holds data/.", 2)
        return command(settings, **options)

    return wrapped


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

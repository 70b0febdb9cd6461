"""``mcp``: the command; what it answers is in ``assistant``, which needs an extra and half the program."""

import click

from app.cli.options import ensure_generation, with_settings
from app.config import Settings
from app.progress import Progress


@click.command()
@click.option("--language", metavar="TAG", help="Language of names and texts. Default: the content's first.")
@with_settings
def mcp(settings: Settings, language: str | None) -> None:
    """Answer an assistant by the Model Context Protocol over standard input and output (needs the extra mcp).

    Tools: search, describe, why, gaps, sparql, and each question with its parameters. Builds when the content is newer.
    """
    from app.cli.assistant import serve_assistants

    ensure_generation(settings, Progress(quiet=True))
    serve_assistants(settings, language)

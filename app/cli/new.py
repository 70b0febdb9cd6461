"""``new``: writes a class, a property, a question, a panel, a rule, a check or a shape, to be filled in.

What can be written, with its options, is told in ``app/defaults/new/commands.yaml``.
"""

import re
from functools import cache
from typing import Any

import click

from app.cli.options import Failure, Misuse, language, open_content, with_settings
from app.config import Settings, defaults
from app.errors import ContentError


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """Give what can be written, by the name of its command."""
    import yaml

    return yaml.safe_load((defaults() / "new" / "commands.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


class _Commands(click.Group):
    """Reads what can be written when it is asked for, so that other commands do not wait for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(kinds())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        return _command(cmd_name, kinds()[cmd_name]) if cmd_name in kinds() else None


@click.group(cls=_Commands)
def new() -> None:
    """Write a new class, property, question, panel, rule, check or shape, with the words left to fill in.

    Nothing is overwritten. What is left to fill in is listed, and "innherred check" tells it too.
    """


def _command(kind: str, about: dict[str, Any]) -> click.Command:
    def run(settings: Settings, name: str, **given: Any) -> None:
        from app.cli.scaffolds import scaffold

        if not re.fullmatch(about["name"], name):
            raise Misuse(f"{name!r} is no name for it. Write it like {about['example']}.")
        try:
            lines, advice = scaffold(open_content(settings), kinds(), kind, name, given)
        except ContentError as error:
            raise Failure(error.text(language())) from error
        for line in lines:
            click.echo(line)
        click.echo(f"Fill in what is listed. {advice}Then: innherred format, innherred check", err=True)

    command = click.command(kind, help=about["help"])(click.argument("name")(with_settings(run)))
    for option, says in about.get("options", {}).items():
        chosen = click.Choice(says["type"]) if "type" in says else None
        command.params.append(click.Option([option], **{**says, "type": chosen}))
    return command

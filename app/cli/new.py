"""``new``: writes a class, a property, a question, a panel, a rule, a check or a shape, to be filled in.

What can be written, with its options, is told in ``app/defaults/new/commands.yaml``. ``new region`` writes a whole
content that works, of a made-up region: the files of ``app/defaults/new/region``.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import click

from app.cli.options import Failure, Misuse, language, open_content, with_settings
from app.config import Settings, defaults
from app.errors import ContentError

# The base of the IRIs of the made-up region, which another takes the place of.
_EXAMPLE: Final = "https://example.org/fjordnett/"


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """Give what can be written, by the name of its command."""
    import yaml

    return yaml.safe_load((defaults() / "new" / "commands.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


class _Commands(click.Group):
    """Reads what can be written when it is asked for, so that other commands do not wait for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *kinds()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or (
            _command(cmd_name, kinds()[cmd_name]) if cmd_name in kinds() else None
        )


@click.group(cls=_Commands)
def new() -> None:
    """Write a new class, property, question, panel, rule, check or shape, with the words left to fill in; or a region.

    Nothing is overwritten. What is left to fill in is listed, and "innherred check" tells it too.
    """


@new.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--base", default=_EXAMPLE, metavar="ADDRESS", show_default=True, help="What all addresses begin with.")
def region(folder: Path, base: str) -> None:
    """Write a content of its own into FOLDER: a made-up region with all four folders, to be replaced by yours.

    It can be served, checked and built as it is.
    """
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`#?]+/", base):
        raise Misuse(f"{base} cannot be what addresses begin with. Write it like https://example.org/my-region/.")
    if folder.exists() and any(folder.iterdir()):
        raise Misuse(f"{folder} is not empty. Name a folder that is not there yet.")
    example = defaults() / "new" / "region"
    for source in sorted(path for path in example.rglob("*") if path.is_file()):
        target = folder / source.relative_to(example)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text(encoding="utf-8").replace(_EXAMPLE, base), encoding="utf-8", newline="\n")
        click.echo(target)
    click.echo(f"Now: cd {folder}, innherred serve. Then put your own in the place of what is made up.", err=True)


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

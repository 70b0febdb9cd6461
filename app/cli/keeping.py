"""``release``: names that keep a version, with what they take of the disk; ``verify --receipt``: an answer again."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import Failure, Misuse, failing, with_settings
from app.config import Settings

if TYPE_CHECKING:
    from app.generation import NamedRelease


@click.command()
@click.argument("name", required=False)
@click.option("--version", metavar="VERSION", help="The kept version (its first characters). Default: the current one.")
@click.option("--crate", type=click.Path(dir_okay=False, path_type=Path), help="Write its RO-Crate (zip) to this file.")
@click.option("--list", "only_list", is_flag=True, help="List the releases, with what they take of the disk.")
@click.option("--remove", is_flag=True, help="Take the name away; its version then goes with the others.")
@with_settings
def release(
    settings: Settings, name: str | None, version: str | None, crate: Path | None, only_list: bool, remove: bool
) -> None:
    """Keep a version for good, under NAME: no later build removes it, and whoever cites it finds it.

    /version/NAME leads to it, and has all of it as one file to deposit (RO-Crate). Without NAME: list the releases.
    """
    if remove and (name is None or version or crate):
        raise click.UsageError("Give the NAME to remove, and nothing else.")
    if only_list or name is None:
        lines = _listed(settings)
    elif remove:
        lines = iter([_removed(settings, name)])
    else:
        lines = _made(settings, name, version, crate)
    for line in lines:
        click.echo(line)


def _made(settings: Settings, name: str, version: str | None, crate: Path | None) -> Iterator[str]:
    """Release a version under a name, and give lines about it; its RO-Crate is copied to a file."""
    from app.build import releasing
    from app.editing import csvw
    from app.errors import QueryError

    with failing(releasing.ReleaseRefused, QueryError, OSError):
        tables = partial(csvw.of_generation, most=settings.spreadsheet_cells)
        made = releasing.release(settings.state, name, version, tables)
        size = releasing.size_on_disk(settings.state, made)
        yield f"Release {made.name} is version {made.version}. It is kept: /version/{made.name}, {_megabytes(size)}."
        if crate is not None:
            if crate.exists() and not crate.is_file():
                raise Misuse(f"{crate} is no file.")
            shutil.copyfile(made.path(settings.state, releasing.CRATE), crate)
            yield f"RO-Crate: {crate}, {_megabytes(crate.stat().st_size)}"
        total = sum(releasing.size_on_disk(settings.state, each) for each in _all(settings))
        yield f"All releases take {_megabytes(total)}."


def _removed(settings: Settings, name: str) -> str:
    """Take a name away, and give a line about it."""
    from app.build.releasing import ReleaseRefused, remove_release

    with failing(ReleaseRefused, OSError):
        gone = remove_release(settings.state, name)
    return f"Release {gone.name} is no more. Version {gone.version} goes when it is none of the newest."


def _listed(settings: Settings) -> Iterator[str]:
    """Give a line for each release: name, version, when, what it takes of the disk."""
    from app.build.releasing import size_on_disk

    found = _all(settings)
    for each in found:
        there = (settings.state / "generations" / each.folder).is_dir()
        size = _megabytes(size_on_disk(settings.state, each)) if there else "its files are gone"
        yield f"{each.name:<24} {each.version}  {each.released[:10]}  {size}"
    if not found:
        yield "There are no releases. To make one: innherred release NAME"


def _all(settings: Settings) -> "list[NamedRelease]":
    from app.generation import named_releases

    try:
        return named_releases(settings.state, whole=True)
    except ValueError as error:
        raise Failure(f"{error}. Put back a copy of it, or remove it: until then no generation is removed.") from error


def _megabytes(size: int) -> str:
    """Give a number of bytes as people read it."""
    return f"{size / 1_000_000:.1f} MB"


def verify_receipt(settings: Settings, place: str) -> str:
    """Ask again what a receipt (file or address) is for, and give a line about it; a Failure when it does not hold."""
    from app.build.builder import BuildRefused
    from app.build.verification import Receipt, ReceiptError, check_receipt
    from app.errors import ContentError, QueryError
    from app.progress import Progress

    with failing(ReceiptError, QueryError, ContentError, BuildRefused, OSError):
        receipt = Receipt.read(place)
        found = check_receipt(receipt, settings, Progress())
    return f"The same answer: version {receipt.version}, SHA-256 {found}."

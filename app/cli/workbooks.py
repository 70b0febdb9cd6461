"""``workbook``: the content as a workbook to fill in, and one that came back as a proposal."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.bounds import bounded
from app.cli.options import Failure, Misuse, failing, in_language, open_content, with_settings
from app.cli.options import language as terminal_language
from app.config import Settings

if TYPE_CHECKING:
    from app.editing.base import Base
    from app.editing.proposals import Finding, Proposal
    from app.editing.tables import Table
    from app.terms import Iri

_LANGUAGE = click.option(
    "--language", type=click.Choice(["nb", "en"]), help="Default: nb in a Norwegian terminal, else en."
)
_QUIET = click.option("--quiet", is_flag=True, help="No progress.")


@click.group()
def workbook() -> None:
    """Edit the content in a workbook: write one to fill in, and read it when it comes back."""


@workbook.command(name="export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--class", "classes", multiple=True, metavar="NAME", help="Only this class (again for more): Activity.")
@_LANGUAGE
@_QUIET
@with_settings
@bounded
def export_workbook(
    settings: Settings, file: Path, classes: tuple[str, ...], language: str | None, quiet: bool
) -> None:
    """Write FILE.xlsx: a sheet for each class, with all its things, help, and lists to choose from."""
    from app.editing.workbook_out import write_workbook
    from app.progress import Progress

    if file.suffix.lower() != ".xlsx":
        raise Misuse(f"{file} must end with .xlsx, so that programs open it.")
    progress = Progress(quiet=quiet)
    with progress.step("read"):
        base, tables = _read(settings)
    chosen = {_class_of(name, tables) for name in classes} or None
    part = file.with_name(f".{file.name}.part")
    try:
        with progress.step("write"), failing(OSError):
            write_workbook(base, tables, part, language=language or terminal_language(), classes=chosen)
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{len(chosen or tables)} tables in {file}")


@workbook.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would change, and keep nothing.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the workbook with every finding at its cell into this file (.xlsx).",
)
@click.option("--title", help="What the proposal is called. Default: the name of FILE.")
@_LANGUAGE
@_QUIET
@with_settings
@bounded
def import_workbook(
    settings: Settings,
    file: Path,
    dry_run: bool,
    report: Path | None,
    title: str | None,
    language: str | None,
    quiet: bool,
) -> None:
    """Read a workbook that came back (.xlsx, .ods), and keep what it changes as a proposal.

    What is wrong is told by sheet and cell; with an error nothing is kept, and the exit code is 1.
    """
    from app.editing.drafting import drafted
    from app.editing.grids import WorkbookLimits
    from app.editing.judging import judge_quickly
    from app.editing.marked import mark
    from app.editing.workbook_in import content_of, read_workbook
    from app.errors import ContentError
    from app.progress import Progress

    progress = Progress(quiet=quiet)
    words = language or terminal_language()
    with progress.step("read"):
        base, tables = _read(settings)
        data = content_of(file, WorkbookLimits())
    with progress.step("workbook"):
        sheets = read_workbook(data, base, tables)
    with progress.step("difference"):
        made = drafted(base, sheets.filled, door="workbook", title=title or file.name, language=sheets.language)
    if not made.wrong and not any(each.severity == "error" for each in sheets.findings):
        with progress.step("integrity shapes"), failing(ContentError):
            made = made.judged(judge_quickly(base, made.proposal))
    findings = (*sheets.findings, *made.findings)
    for each in findings:
        click.echo(_line(each, words))
    if report:
        with failing(OSError):
            mark(data, findings, report, base=base, tables=tables, language=words)
    _tell_and_keep(settings, base, made.proposal, findings, words, dry_run=dry_run)


def _tell_and_keep(
    settings: Settings,
    base: "Base",
    proposed: "Proposal",
    findings: "tuple[Finding, ...]",
    words: str,
    *,
    dry_run: bool,
) -> None:
    from dataclasses import replace

    from app.editing.drawer import Drawer, DrawerError, now
    from app.editing.proposals import Event
    from app.editing.telling import paragraphs
    from app.editing.words import as_text

    if proposed.removed or proposed.added:
        click.echo(as_text(paragraphs(base, proposed, words), words))
    if errors := sum(each.severity == "error" for each in findings):
        raise Failure(f"Nothing kept: {errors} errors. Mend them and import the workbook again.")
    if not (proposed.removed or proposed.added):
        click.echo("Nothing is changed in this workbook.", err=True)
    elif not dry_run:
        drawer = Drawer(settings.state)
        kept = replace(proposed, name=drawer.new_name(), history=(Event(now(), "open", "editor"),))
        try:
            drawer.put(kept)
        except DrawerError as error:
            raise Failure(str(error)) from error
        click.echo(f"Kept as the proposal {kept.name}")


def _read(settings: Settings) -> "tuple[Base, dict[Iri, Table]]":
    from app.editing.base import Base
    from app.editing.tables import tables
    from app.errors import ContentError

    try:
        base = Base.read(open_content(settings))
    except ContentError as error:
        raise Failure(error.text(terminal_language())) from error
    return base, tables(base)


def _class_of(name: str, tables: "dict[Iri, Table]") -> "Iri":
    """Give the class that somebody named: by IRI or its end, by the kind in addresses, or by what it is called."""
    from app.query.library import local_name

    for cls, table in tables.items():
        names = (cls, local_name(cls), table.kind, *table.names.values())
        if name.casefold() in {each.casefold() for each in names}:
            return cls
    known = ", ".join(local_name(cls) for cls in tables)
    raise Misuse(f"--class {name}: there is no such table. Choose of {known}.")


def _line(each: "Finding", words: str) -> str:
    return f"{each.place or '-'}: {each.severity}: {in_language(dict(each.messages), words)}"

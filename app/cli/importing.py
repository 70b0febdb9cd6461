"""``import``: the files of a register into a proposal; ``--list``: what imports there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from app.cli.options import Failure, Misuse, in_language, language, open_content, term_of
from app.config import Settings, defaults
from app.content.folders import Content
from app.progress import Progress
from app.query.files import QueryFile
from app.query.library import Library
from app.terms import Iri


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of an import."""

    files: Sequence[Path]
    same: Sequence[str] = ()
    read_on: date | None = None
    remove: bool = False
    endpoint: str | None = None
    dry: bool = False


def listed(settings: Settings) -> str:
    """Give the imports of the content, one a line: name, title, what it reads."""
    found = imports(open_content(settings))
    lines = [
        f"{name}  {in_language(file.title)}  ({', '.join(file.reads.formats)})"
        for name, file in found.items()
        if file.reads
    ]
    return "\n".join(lines) or "This content has no imports. See docs/how-to/import.md."


def imports(content: Content) -> dict[str, QueryFile]:
    """Give the imports by name; a Failure tells what is wrong with one."""
    library = Library.load([defaults() / "queries", content.root / "queries"], content.prefixes)
    for error in library.errors:
        if error.path.parent.name == "imports":
            raise Failure(str(error))
    return dict(library.imports)


def run_import(settings: Settings, name: str, given: Given) -> None:
    """Read the files, tell what is found, and keep the proposal; a Failure when nothing can be taken."""
    from app.editing.base import Base
    from app.editing.drawer import Drawer, DrawerError, now
    from app.editing.identities import Wording
    from app.editing.proposals import Event
    from app.editing.telling import paragraphs
    from app.editing.words import as_text
    from app.imports.import_run import ImportWish, run

    content = open_content(settings)
    known = imports(content)
    if name not in known:
        raise Misuse(f"There is no import {name!r}. There are: {', '.join(known) or 'none'}.")
    file = known[name]
    if not given.files and file.reads and "endpoint" not in file.reads.formats:
        where = f" It is here: {file.reads.page}" if file.reads.page else ""
        raise Misuse(f"Give the file that you fetched from the register.{where}")
    progress = Progress()
    with progress.step("read the content"):
        base = Base.read(content)
    drawer = Drawer(settings.state)
    wish = ImportWish(
        name=drawer.new_name(),
        today=given.read_on or date.today(),  # noqa: DTZ011 - the day where the reader is
        same=dict(_confirmed(base, each) for each in given.same),
        remove=given.remove,
        endpoint=given.endpoint,
        earlier={each.name: each for before in drawer.all() if before.door == "import" for each in before.questions},
    )
    outcome = run(base, file, given.files, wish, progress)
    for each in outcome.findings:
        click.echo(f"{each.severity}: {in_language(each.messages)}", err=True)
    click.echo(f"{outcome.read:,} records read, {outcome.kept} rows concern us, {outcome.broken} damaged", err=True)
    if outcome.failed:
        raise Failure("Nothing is taken. Mend the errors above first.")
    if (proposal := outcome.proposal) is None:
        click.echo("Nothing new." if outcome.kept else "Nothing is proposed.")
        return
    if given.dry:
        click.echo(as_text(paragraphs(base, proposal, language()), language()))
        wording = Wording(base, language())
        for question in proposal.questions:
            click.echo(wording.question(question).text)
        return
    try:
        drawer.put(replace(proposal, history=(Event(now(), "open", "editor"),)))
    except DrawerError as error:
        raise Failure(in_language(error.messages)) from error
    click.echo(f"Proposal {proposal.name}: {len(proposal.added)} statements in, {len(proposal.removed)} out")
    if proposal.unanswered:
        click.echo(
            f"{proposal.unanswered} names have to be answered in review before what hangs on them is taken:"
            f" innherred proposals show {proposal.name}"
        )


def _confirmed(base: object, text: str) -> tuple[str, Iri]:
    from app.editing.base import Base

    assert isinstance(base, Base)
    name, equals, thing = text.rpartition("=")
    if not equals or not name:
        raise Misuse(f'--same {text}: write the name, = and the IRI: --same "EKSEMPELVIK KOMMUNE=…"')
    found = term_of(thing, base.content.prefixes, f"--same {text}: ")
    if not isinstance(found, Iri) or found not in base.statements:
        raise Misuse(f"--same {text}: there is no {thing} in the content.")
    return name, found

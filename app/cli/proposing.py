"""``proposals``: what people want to be changed: a list, one in words, all into a file and back."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import click

from app.cli.accepting import COMMANDS
from app.cli.options import Failure, failing, in_language, language, open_content, with_settings
from app.config import Settings
from app.editing.proposals import Proposal, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.editing.base import Base
    from app.editing.drawer import Drawer
    from app.editing.proposals import Head

_FIRST: Final = {"format": "innherred proposals", "version": 1}


@click.group()
def proposals() -> None:
    """List what people want to be changed, show it in words, decide about it, keep a copy of it."""


for each in COMMANDS:
    proposals.add_command(each)


@proposals.command(name="list")
@click.option(
    "--only", "states", multiple=True, type=click.Choice(get_args(State)), help="In this state; may be repeated."
)
@with_settings
def list_(settings: Settings, states: tuple[State, ...]) -> None:
    """List the proposals, the oldest first: name, state, door, how much changes, what was found, title."""
    drawer = _drawer(settings)
    for head in drawer.heads(states or None):
        click.echo(_line(head))
    for name, reason in drawer.damaged().items():
        click.echo(f"{name}  damaged: {reason}", err=True)


@proposals.command()
@click.argument("name")
@click.option("--turtle", is_flag=True, help="Also what changes in the files.")
@click.option("--json", "as_json", is_flag=True, help="All of it as JSON instead (docs/proposals.md).")
@click.option("--lang", help="Language of the words. Default: nb in a Norwegian terminal, else en.")
@with_settings
def show(settings: Settings, name: str, turtle: bool, as_json: bool, lang: str | None) -> None:
    """Tell what the proposal NAME changes, who says it, what is wrong with it, and what became of it."""
    from app.editing.base import Base
    from app.editing.drawer import DrawerError
    from app.editing.proposals import to_json
    from app.errors import ContentError

    try:
        proposal = _drawer(settings).get(name)
    except DrawerError as error:
        raise Failure(in_language(error.messages)) from error
    if as_json:
        click.echo(json.dumps(json.loads(to_json(proposal)), ensure_ascii=False, indent=1))
        return
    try:
        base = Base.read(open_content(settings))
    except ContentError as error:
        raise Failure(error.text(language())) from error
    for line in _told(base, proposal, lang or language(), turtle=turtle):
        click.echo(line)


@proposals.command(name="export")
@click.argument("output", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True))
@with_settings
def export_(settings: Settings, output: str) -> None:
    """Write all proposals into FILE, one a line (docs/proposals.md); "-" is standard output."""
    from app.editing.proposals import to_json

    drawer = _drawer(settings)
    damaged = drawer.damaged()
    found = drawer.all()
    lines = [json.dumps(_FIRST), *(to_json(each) for each in found)]
    if output == "-":
        sys.stdout.writelines(f"{line}\n" for line in lines)
    else:
        with failing(OSError, before="Not written: "), Path(output).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    click.echo(f"{len(found)} proposals written", err=True)
    if damaged:
        raise Failure(f"Left out, for they are damaged: {', '.join(damaged)}.")


@proposals.command(name="import")
@click.argument("source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_settings
def import_(settings: Settings, source: Path) -> None:
    """Take the proposals of FILE, which "export" wrote: all or none. Those that are here already stay as they are."""
    from app.editing.drawer import DrawerError

    with failing(ValueError, before="Not imported: "):
        found = list(_read(source))
    try:
        new = _drawer(settings).take(found)
    except DrawerError as error:
        raise Failure(in_language(error.messages)) from error
    click.echo(f"{len(new)} proposals imported, {len(found) - len(new)} were here already", err=True)


def _drawer(settings: Settings) -> "Drawer":
    from app.editing.drawer import Drawer

    return Drawer(settings.state)


def _read(source: Path) -> "Iterator[Proposal]":
    from app.editing.proposals import from_json

    with source.open(encoding="utf-8", newline="\n") as file:
        if _json(file.readline()) != _FIRST:
            raise ValueError("this is no file of innherred proposals")
        for number, line in enumerate(file, 2):
            with failing(ValueError, before=f"Not imported: line {number}: "):
                yield from_json(line)


def _json(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _line(head: "Head") -> str:
    from app.editing.literals import visible

    asked = f"{head.unanswered} questions" if head.unanswered else ""
    counts = (f"-{head.removed} +{head.added}", f"{head.errors} errors" if head.errors else "", asked)
    title = visible(head.title).replace("\n", " ")
    return "  ".join(filter(None, (head.name, f"{head.state:9}", f"{head.door:10}", *counts, title)))


def _asked(base: "Base", proposal: Proposal, lang: str) -> "Iterator[str]":
    """Tell the questions: what is asked, by what name it is answered, the things, what speaks for each."""
    from app.editing.identities import LATER, NONE, Wording

    wording = Wording(base, lang)
    for each in proposal.questions:
        told = wording.question(each)
        answers = {LATER: "not answered", NONE: "no"}
        yield f"question {each.name}: {told.text} ({told.records}): {answers.get(told.answer, told.answer)}"
        for one in told.candidates:
            yield f"  {one.name} <{one.thing}>: {one.count} statements"
            yield from (f"    {reason.text}" for reason in one.reasons)
            yield from (f"    + {new}" for new in one.brings)


def _told(base: "Base", proposal: Proposal, lang: str, *, turtle: bool) -> "Iterator[str]":
    from app.editing import telling, words
    from app.editing.literals import visible

    yield f"{proposal.name}  {proposal.state}  {proposal.door}  {visible(proposal.title)}"
    if proposal.page:
        yield f"About: {proposal.page}"
    if proposal.answers:
        yield f"Answers: {proposal.answers}"
    if proposal.note:
        yield visible(proposal.note)
    yield ""
    paragraphs = telling.paragraphs(base, proposal, lang)
    yield words.headline(paragraphs, lang)
    if paragraphs:
        yield words.as_text(paragraphs, lang)
    yield from _asked(base, proposal, lang)
    if proposal.state in ("open", "failed"):
        for dispute in telling.disputes(base, proposal, lang):
            yield f"conflict: {words.dispute_text(dispute, lang)}"
    for finding in proposal.findings or ():
        place = f"{visible(finding.place)}: " if finding.place else ""
        yield f"{finding.severity}: {place}{visible(in_language(finding.messages, lang))}"
    for event in proposal.history:
        yield f"{event.time}  {event.state}  {visible(event.role)}  {visible(event.words)}".rstrip()
    if proposal.version or proposal.commit:
        yield f"Version {proposal.version or '-'}, commit {proposal.commit or '-'}"
    if turtle:
        for file in words.turtle_difference(base, proposal):
            yield f"\n{file.file}"
            yield from (f"{sign} {line}" for sign, line in file.lines)

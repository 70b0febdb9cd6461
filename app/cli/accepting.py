"""``innherred proposals judge|accept|refuse|withdraw|undo|resume``: what becomes of proposals."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from app.cli.bounds import bounded
from app.cli.options import Failure, Misuse, in_language, open_content, term_of, with_settings
from app.config import Settings
from app.progress import Progress

if TYPE_CHECKING:
    from app.editing.proposals import Finding, Proposal
    from app.editing.statements import IdentityQuestion

_role = click.option("--role", default="reviewer", show_default=True, help="Who decides, by role. No name of a person.")
_words = click.option("--words", default="", help="Why, in words.")
_quiet = click.option("--quiet", is_flag=True, help="No progress.")


@click.command()
@click.argument("name")
@_quiet
@with_settings
@bounded
def judge(settings: Settings, name: str, quiet: bool) -> None:
    """Find what the proposal NAME would make wrong, and what it would mend. Keeps that with it; writes no data."""
    from app.editing.drawer import Drawer
    from app.editing.judging import judge as judged

    with _failing():
        drawer = Drawer(settings.state)
        judging = drawer.get(name)
        findings = judged(settings, judging, Progress(quiet=quiet))
        with drawer.lock():
            kept = drawer.get(name)
            if (kept.removed, kept.added) == (judging.removed, judging.added):  # else it was answered meanwhile
                drawer.update(name, findings=findings)
    _show(findings)
    if any(each.severity == "error" for each in findings):
        raise SystemExit(1)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_role
@_words
@_quiet
@with_settings
@bounded
def accept(settings: Settings, names: tuple[str, ...], role: str, words: str, quiet: bool) -> None:
    """Accept the proposals NAME together: write them into the files, build, and commit in a git checkout.

    All or nothing: what speaks against it is told, and then files, commits and the current version stay as they were.
    """
    from app.editing.writing import accept_all
    from app.web.application import compile_templates

    progress = Progress(quiet=quiet)
    with _failing():
        done = accept_all(settings, names, role=role, words=words, progress=progress)
    compile_templates(settings)
    for each in done:
        version = f", version {each.version}" if each.version else ""
        commit = f", commit {each.commit[:12]}" if each.commit else ""
        click.echo(f"{each.name}: accepted{version}{commit}")


@click.command()
@click.argument("name")
@_role
@click.option("--words", required=True, help="Why, in words; the sender reads them.")
@with_settings
def refuse(settings: Settings, name: str, role: str, words: str) -> None:
    """Refuse the proposal NAME, and say why."""
    from app.editing.writing import refuse as refused

    with _failing():
        _told(refused(settings, name, role=role, words=words))


@click.command()
@click.argument("name")
@click.option("--role", default="editor", show_default=True, help="Who takes it back, by role.")
@_words
@with_settings
def withdraw(settings: Settings, name: str, role: str, words: str) -> None:
    """Take the proposal NAME back, before it is decided about."""
    from app.editing.writing import withdraw as withdrawn

    with _failing():
        _told(withdrawn(settings, name, role=role, words=words))


@click.command()
@click.argument("name")
@_role
@_words
@with_settings
def undo(settings: Settings, name: str, role: str, words: str) -> None:
    """Make a proposal that takes the accepted proposal NAME back. It is accepted as any other."""
    from app.editing.writing import undo as undone

    with _failing():
        _told(undone(settings, name, role=role, words=words))


@click.command()
@click.argument("name")
@click.argument("answers", nargs=-1, required=True, metavar="QUESTION=ANSWER...")
@_role
@with_settings
def answer(settings: Settings, name: str, answers: tuple[str, ...], role: str) -> None:
    """Answer questions of the proposal NAME, as "show" lists them: which things of ours the names in a register mean.

    ANSWER is "yes" where one thing is asked about, the IRI of the thing where there are several, "no", or "later".
    What is answered with yes is in the proposal from then on; what has no answer is left out when it is accepted.
    """
    from app.editing.drawer import Drawer
    from app.editing.identities import answer as answered

    content = open_content(settings)
    drawer = Drawer(settings.state)
    with _failing():
        asked = {each.name: each for each in drawer.get(name).questions}
        given = dict(_answer(each, asked, content.prefixes) for each in answers)
        found = answered(drawer, name, given, role)
    click.echo(f"{name}: {len(found.added)} statements in, {len(found.removed)} out, {found.unanswered} questions left")


@click.command()
@_quiet
@with_settings
@bounded
def resume(settings: Settings, quiet: bool) -> None:
    """Finish an acceptance that was interrupted, or take it back. "innherred serve" does so by itself."""
    from app.editing.writing import resume as resumed

    with _failing():
        names = resumed(settings, Progress(quiet=quiet))
    click.echo(", ".join(names) if names else "Nothing was interrupted.")


COMMANDS = (judge, answer, accept, refuse, withdraw, undo, resume)


@contextmanager
def _failing() -> Iterator[None]:
    """Tell why something is not accepted, in the language of the terminal, after what is wrong."""
    from app.editing.drawer import DrawerError
    from app.editing.messages import NotAccepted
    from app.errors import ContentError

    try:
        yield
    except NotAccepted as error:
        _show(error.findings)
        raise Failure(in_language(error.messages)) from error
    except (DrawerError, ContentError) as error:
        raise Failure(in_language(error.messages)) from error


def _show(findings: "tuple[Finding, ...]") -> None:
    for each in findings:
        about = f" <{each.subject}>" if each.subject else ""
        code = f" [{each.code}]" if each.code else ""
        click.echo(f"{each.severity}:{about} {in_language(each.messages)}{code}")


def _answer(text: str, asked: Mapping[str, "IdentityQuestion"], prefixes: Mapping[str, str]) -> tuple[str, str]:
    """Give a question and its answer as ``identities.answer`` wants them."""
    from app.editing.identities import LATER, NONE

    question, equals, said = text.partition("=")
    if not equals or not said:
        raise Misuse(f"{text}: write the question, = and the answer: {question or '1a2b3c4d5e6f'}=yes")
    if said in ("no", "later"):
        return question, NONE if said == "no" else LATER
    if said != "yes":
        return question, str(term_of(said, prefixes, f"{text}: "))
    candidates = asked[question].candidates if question in asked else ()
    if len(candidates) > 1:
        raise Misuse(
            f"{text}: several things are asked about. Say which: {', '.join(each.thing for each in candidates)}"
        )
    return question, candidates[0].thing if candidates else NONE


def _told(proposal: "Proposal") -> None:
    click.echo(f"{proposal.name}: {proposal.state}")

"""The commands. What a command does is done by the floors below; here are options, output and exit codes.

Exit codes: 0 done; 1 the content or the question has to be mended; 2 the command line or a setting has.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import __version__
from app.cli.assisting import mcp
from app.cli.bounds import bounded
from app.cli.keeping import release
from app.cli.new import new
from app.cli.options import Failure, Misuse, build_content, open_content, problem_line, with_any_content, with_settings
from app.cli.proposing import proposals
from app.cli.workbooks import workbook
from app.config import Settings
from app.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="innherred")
def main() -> None:
    """Build, check and serve a folder of RDF as a knowledge graph.

    Settings are read from INNHERRED_* (see docs/settings.md). "innherred COMMAND --help" tells more.
    """


for _command in (mcp, new, proposals, release, workbook):
    main.add_command(_command)


@main.command()
@click.option("--as-of", metavar="DATE", help="The day the data speaks of. Default: newest dcterms:modified.")
@click.option("--quiet", is_flag=True, help="No progress.")
@with_any_content
@bounded
def build(settings: Settings, as_of: str | None, quiet: bool) -> None:
    """Build a generation: read, check, load, count, index, dump; then make it the current one.

    Content that breaks an integrity shape is refused, and the running generation stays.
    """
    from app.web.application import compile_templates

    progress = Progress(quiet=quiet)
    generation = build_content(settings, progress, as_of=as_of)
    with progress.step("templates"):
        compile_templates(settings)
    manifest = generation.manifest
    click.echo(f"Version {manifest.version}, {manifest.triples} triples as of {manifest.as_of}, in {generation.path}")


@main.command()
@click.option("--host", help="Address to listen on. Default: 127.0.0.1 (INNHERRED_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one. Default: 8000 (INNHERRED_PORT).")
@click.option("--workers", type=click.IntRange(1, 64), help="Server processes. Default: one per processor, at most 4.")
@click.option(
    "--no-build", is_flag=True, help="Serve the newest generation that there is; the content is not looked at."
)
@click.option(
    "--follow", metavar="ADDRESS|FOLDER", help="Be a copy of another server, by its address or its state folder."
)
@click.option("--edit", is_flag=True, help="Let people edit: one person on this machine, or who logs in (see docs).")
@with_any_content
def serve(settings: Settings, **options: Any) -> None:
    """Build when the content is newer than the current generation, or that is damaged; then serve.

    With --follow nothing is built: what another server serves is taken from there, verified and served.
    """
    from app.cli.server import start

    start(settings, **options)


@main.command()
@click.argument("version", required=False)
@click.option("--receipt", metavar="FILE|URL", help="Ask again what this receipt is for, and compare the answers.")
@with_settings
@bounded
def verify(settings: Settings, version: str | None, receipt: str | None) -> None:
    """See that a generation is as it was built: the current one, or the kept VERSION or release; and the log.

    Every file's checksum, the digest of the data, what the store holds. Exit 1, and a line for each, when not.

    With --receipt: the answer, asked of the version that is kept, else of the content here when it is of the same
    digest (it is built beside, and nothing is changed).
    """
    if receipt is not None:
        from app.cli.keeping import verify_receipt

        if version:
            raise click.UsageError("A receipt names its version: give --receipt alone.")
        click.echo(verify_receipt(settings, receipt))
        return
    from app.build.verification import faults

    found = list(faults(settings.state, version))
    for line in found:
        click.echo(line)
    if found:
        raise Failure("Damaged. Build again (innherred build), or put back a copy.")
    click.echo("Whole: every file, the digest of the data, the store and the log of changes.")


@main.command()
@click.option("--again", is_flag=True, help="Write it also when it is there already.")
@click.option("--shards", is_flag=True, help="A share of it into each server, not all of it.")
@click.option("--quiet", is_flag=True, help="No progress.")
@with_settings
def publish(settings: Settings, again: bool, shards: bool, quiet: bool) -> None:
    """Write the current generation into the SPARQL server of INNHERRED_STORE, over what was there of it."""
    from app.cli.exporting import publish_generation

    click.echo(publish_generation(settings, Progress(quiet=quiet), again=again, shards=shards))


@main.command()
@click.option("--errors-only", is_flag=True, help="Leave out warnings and notes.")
@click.option("--publish", is_flag=True, help="Also what data portals need (builds when the content is newer).")
@click.option("--dl", is_flag=True, help="Ask the description-logic reasoner Pellet too (needs the extra dl).")
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    help="With --dl: the longest time for the reasoner, in seconds.",
)
@click.option(
    "--beyond",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="With --dl: write what only Pellet entails into this file, as N-Triples.",
)
@with_any_content
@bounded
def check(settings: Settings, errors_only: bool, publish: bool, dl: bool, seconds: float, beyond: Path | None) -> None:
    """Find everything that is wrong with the content, with file, place and what to do. Changes no generation.

    That is: files, query files, shapes, and the checks in queries/checks/ with those that every content has.

    With --dl also: is the ontology consistent with the data, can every class have members, and does what our rules
    entail follow by OWL 2 DL as well? Exit 1 when not.
    """
    from app.build.draft import checked
    from app.cli.options import portal_problems
    from app.quality.checks import dataset_problems

    if dl:
        from app.cli.reasoning import check_logic, refuse_without_reasoner

        refuse_without_reasoner()
    progress, agrees, content = Progress(), True, open_content(settings)
    told = [] if errors_only else dataset_problems(content)  # seen at once; all else when everything is read
    click.echo("\n".join(map(problem_line, told)), nl=bool(told))
    with checked(content, settings, progress) as found:
        problems = [*found.problems, *(portal_problems(settings, progress) if publish else ())]
        for problem in problems:
            if (problem.severity == "error" or not errors_only) and problem not in told:
                click.echo(problem_line(problem))
        counts = {name: sum(p.severity == name for p in problems) for name in ("error", "warning", "info")}
        click.echo(f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes", err=True)
        if dl:
            agrees = check_logic(found, progress, seconds=seconds, beyond=beyond)
    if counts["error"] or not agrees:
        raise SystemExit(1)


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@with_settings
@bounded
def approve(settings: Settings, names: tuple[str, ...]) -> None:
    """Accept the present answers of the questions NAME, or of all: write them into queries/approved/.

    "innherred check" then tells when an answer has become another. Look at the difference before you keep it.
    """
    from app.build.draft import BuildRefused
    from app.build.draft import approve as approve_answers

    try:
        changed = approve_answers(open_content(settings), settings, Progress(), names)
    except BuildRefused as error:
        for problem in error.problems:
            click.echo(problem_line(problem), err=True)
        raise Failure("Nothing approved. Mend the errors above first.") from error
    except KeyError as error:
        raise Misuse(f"There is no question {error}. Without a name all are approved.") from error
    for name in changed:
        click.echo(name)
    click.echo(f"{len(changed)} approved answers changed", err=True)


@main.command()
@click.argument("name", required=False)
@click.option(
    "-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE", help="A value; IRI, prefixed name or text."
)
@click.option(
    "--format",
    "format_name",
    default="table",
    show_default=True,
    help="table json xml csv tsv xlsx; ttl nt jsonld rdf.",
)
@click.option("--basis", metavar="NAME", default="all", show_default=True, help="A view of the data.")
@click.option("--lang", help="Language of titles and labels. Default: nb in a Norwegian terminal, else en.")
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL 1.1 endpoint instead of the local store.")
@with_settings
def query(
    settings: Settings,
    name: str | None,
    given: "Sequence[str]",
    format_name: str,
    basis: str,
    lang: str | None,
    endpoint: str | None,
) -> None:
    """Ask a question by NAME, or a SPARQL query in a file NAME ("-": standard input). Without NAME: list them."""
    from app.cli.querying import Wish, answer_question, questions

    if name is None:
        click.echo(questions(settings, lang))
    else:
        found = answer_question(settings, name, Wish(given, format_name, basis, lang, endpoint))
        if isinstance(found, bytes) and sys.stdout.isatty():
            raise Misuse("A workbook is no text for a terminal. Write it into a file: … --format xlsx > answer.xlsx")
        click.echo(found, nl=False)


@main.command()
@click.argument("thing")
@click.option("--format", "format_name", default="ttl", show_default=True, help="ttl nt jsonld rdf.")
@click.option("--basis", metavar="NAME", default="all", show_default=True, help="A view of the data.")
@with_settings
def describe(settings: Settings, thing: str, format_name: str, basis: str) -> None:
    """Describe THING: an IRI, a prefixed name, a dcterms:identifier, or a path (id/…)."""
    from app.cli.querying import describe_thing

    click.echo(describe_thing(settings, thing, format_name, basis), nl=False)


@main.command()
@click.argument("subject")
@click.argument("predicate")
@click.argument("value", metavar="OBJECT")
@click.option("--lang", help="Language of rules and labels. Default: nb in a Norwegian terminal, else en.")
@with_settings
def why(settings: Settings, subject: str, predicate: str, value: str, lang: str | None) -> None:
    """Say why a statement is there: the rules and the premises, down to what is asserted and where it stands.

    SUBJECT PREDICATE OBJECT: bare IRIs, prefixed names or N-Triples terms; "a" for rdf:type.
    """
    from app.cli.querying import reason

    click.echo(reason(settings, (subject, predicate, value), lang))


@main.command()
@click.option("--graph", help="One graph: its IRI or its name (ontology). Default: the whole dataset.")
@click.option(
    "--format", "format_name", help="nq trig jsonld (whole); ttl nt jsonld rdf (a graph). Default: nq or ttl."
)
@click.option("--language", "tongue", metavar="TAG", help="With --graph: texts in this language alone (nb).")
@click.option("--basis", metavar="NAME", help="The merged graph of this view of the data instead; all: of all data.")
@click.option("--gzip", "compress", is_flag=True, help="Compress.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, allow_dash=True), default="-", help="File; - is standard output."
)
@with_settings
def export(
    settings: Settings, graph: str | None, format_name: str | None, compress: bool, output: str, **chosen: str | None
) -> None:
    """Write the dataset or a graph of it. Prints the SHA-256 of what was written on standard error."""
    from app.cli.exporting import export_to

    export_to(settings, graph, format_name, compress, output, **chosen)


@main.command(name="format")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when a file is not canonical.")
@with_settings
def format_(settings: Settings, paths: tuple[Path, ...], only_check: bool) -> None:
    """Write the Turtle files of the content (or PATHS) in canonical form. Comments (#) are lost; you are told where."""
    from app.content.turtle import format_content

    done = format_content(open_content(settings), paths or None, check=only_check)
    for name in done.changed:
        click.echo(f"{'not canonical' if only_check else 'rewritten'}: {name}")
    for name, lines in done.comments.items():
        lost = ", ".join(str(line) for line in lines)
        advice = "Comments are not part of RDF: use skos:editorialNote or rdfs:comment."
        click.echo(f"{name}: comment {'would be lost' if only_check else 'lost'} in line {lost}. {advice}", err=True)
    for error in done.errors:
        click.echo(str(error), err=True)
    if done.errors or (only_check and done.changed):
        raise Failure("Run: innherred format" if not done.errors else "Mend the files above, then run it again.")


@main.command()
@click.argument("base")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder that is not there."
)
@with_settings
def rebase(settings: Settings, base: str, out: Path) -> None:
    """Write a copy of the content with BASE where its IRIs begin with its own base: for a trial, a test, a fork.

    Patterns that spell the base and names of claims go along. Terms that the software itself knows stay as they are.
    """
    from app.cli.exporting import rebase_to

    rebase_to(settings, base, out)


@main.command()
@click.option("--since", metavar="DATE", help="Only what changed on this day (UTC) or later.")
@click.option("--most", type=click.IntRange(min=1), default=50, show_default=True, help="So many changes at most.")
@click.option("--export", "output", type=click.Path(dir_okay=False, allow_dash=True), help="Write the log into a file.")
@click.option(
    "--import",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Go on with the log of a file that --export wrote. It must hold all that the log here holds.",
)
@with_settings
def changes(settings: Settings, since: str | None, most: int, output: str | None, source: Path | None) -> None:
    """List what has changed, newest first; or write the log of changes into a file, or read it from one."""
    from app.cli.changing import export_log, import_log, show_changes

    if output and source:
        raise click.UsageError("Give --export or --import, not both.")
    if output:
        export_log(settings, output)
    elif source:
        click.echo(f"{import_log(settings, source)} entries imported.", err=True)
    else:
        for line in show_changes(settings, since, most):
            click.echo(line)


@main.command(name="import")
@click.argument("name", required=False)
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]...")
@click.option("--list", "only_list", is_flag=True, help="List the imports of the content.")
@click.option("--dry-run", "dry", is_flag=True, help="Show what would be proposed; keep nothing.")
@click.option("--same", multiple=True, metavar="NAME=IRI", help="This name in the register is this thing of ours.")
@click.option("--read-on", type=click.DateTime(["%Y-%m-%d"]), help="The day the file was fetched. Default: today.")
@click.option("--remove", is_flag=True, help="Propose to take away what the register no longer says.")
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL server instead of the one that the import names.")
@with_settings
@bounded
def import_(
    settings: Settings,
    name: str | None,
    files: tuple[Path, ...],
    only_list: bool,
    dry: bool,
    same: tuple[str, ...],
    read_on: "datetime | None",
    remove: bool,
    endpoint: str | None,
) -> None:
    """Read the FILEs of a register by the import NAME, and propose what they say of things of ours.

    FILE is as the publisher offers it: CSV, workbook, JSON, also gzipped or in a zip. Nothing is changed: the proposal
    is kept for somebody to accept.
    """
    from app.cli.importing import Given, listed, run_import

    if only_list or name is None:
        click.echo(listed(settings))
        return
    run_import(settings, name, Given(files, same, read_on.date() if read_on else None, remove, endpoint, dry))


@main.command()
@click.argument("old")
@click.argument("new")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@with_settings
def diff(settings: Settings, old: str, new: str, format_name: str) -> None:
    """Tell what differs from OLD to NEW, thing by thing. Each is a kept version (its first characters) or a dump file.

    Only the data is compared, not what follows from it. JSON is one line for each thing. Exit code 0 either way.
    """
    from app.cli.changing import as_text, compare_datasets, difference_as_json

    for found in compare_datasets(settings, old, new):
        click.echo(difference_as_json(found) if format_name == "json" else as_text(found))

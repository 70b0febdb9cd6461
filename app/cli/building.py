"""Opening and building content for the commands, with errors as messages."""

from datetime import date

import click

from app.build.freshness import fresh
from app.cli.options import Failure, language
from app.config import Settings
from app.generation import Generation, current
from app.graph.content import Content
from app.graph.reading import ContentError
from app.progress import Progress
from app.quality.problems import Problem


def open_content(settings: Settings) -> Content:
    """Open the content of the settings; a Failure tells what is wrong."""
    try:
        return Content.open(settings.content, settings.base)
    except ContentError as error:
        raise Failure(error.text(language())) from error


def build_content(settings: Settings, progress: Progress, *, as_of: str | None = None) -> Generation:
    """Build; a Failure lists every reason when the content is refused."""
    # A server that has nothing to build starts without what only a build needs.
    from app.build.builder import BuildRefused, build
    from app.cli.main import problem_line

    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError as error:
        raise click.BadParameter(f"{as_of!r} is not a date like 2026-11-22.", param_hint="--as-of") from error
    try:
        return build(open_content(settings), settings, as_of=day, progress=progress)
    except BuildRefused as error:
        for problem in error.problems:
            click.echo(problem_line(problem), err=True)
        kept = current(settings.state)
        stays = f" Version {kept.manifest.version} stays the current one." if kept else ""
        raise Failure(f"Not built: {len(error.problems)} errors.{stays}") from error
    except OSError as error:
        raise Failure(f"Not built: {error}") from error


def ensure_generation(settings: Settings, progress: Progress) -> Generation:
    """Give the current generation, built first when there is none or the content is newer."""
    found = current(settings.state)
    if found is not None and fresh(open_content(settings), found, settings.publisher):
        return found
    return build_content(settings, progress)


def portal_problems(settings: Settings, progress: Progress) -> list[Problem]:
    """Give what data portals miss in the catalog of the content as it is now."""
    from app.build.publication import missing_for_portal

    generation = ensure_generation(settings, progress)
    with progress.step("catalog"):
        return missing_for_portal(generation)

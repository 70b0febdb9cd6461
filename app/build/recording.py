"""A built generation and the log of changes: recorded before it is published; what it deletes is told."""

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from app.catalog.dumps import read_lines
from app.changes.descriptions import EntityState, data_graphs, descriptions
from app.changes.log import confirm, gone, move_away, record
from app.content.folders import Content
from app.errors import Unreadable
from app.generation import Generation, Manifest, current
from app.progress import Progress
from app.quality.diagnostics import Diagnostic
from app.terms import Iri

# So many deleted entities a build names one by one.
_NAMED: Final = 50


def record_changes(state: Path, folder: Path, progress: Progress) -> None:
    """Add what changed to the log, for a generation in its staging folder. Needs the build lock."""
    manifest = Manifest.read(folder)
    published = current(state)
    before = published.manifest if published else None
    with progress.step("changes"):
        try:
            tombstones = record(state, manifest, entity_states(folder, manifest), before)
        except Unreadable as error:
            if not error.damaged:
                raise
            away = move_away(state)
            progress.say(f"  warning: the log of changes is damaged. It is kept as {away}, and another one begins.")
            progress.say("  If you have a copy: put it back in its place, or use innherred changes --import.")
            tombstones = record(state, manifest, entity_states(folder, manifest), before)
    unexplained = [each.entity for each in tombstones if each.successor is None]
    for entity in unexplained[:_NAMED]:
        progress.say(f"  warning: {deletion(entity).message['en']}")
    if len(unexplained) > _NAMED:
        progress.say(f"  warning: {len(unexplained) - _NAMED} more are deleted; innherred changes lists them")


def entity_states(folder: Path, manifest: Manifest) -> Iterator[EntityState]:
    """Give the descriptions of a generation's entities."""
    lines = partial(read_lines, folder / "dumps" / "all.nq.gz")
    return descriptions(lines, data_graphs(manifest.graphs, manifest.base))


def deletions(content: Content, state: Path, lines: Path, graphs: Collection[Iri]) -> list[Diagnostic]:
    """Warn of everything published that the content, as canonical N-Quads in a file, describes no more."""
    if current(state) is None:
        return []
    found = descriptions(partial(read_lines, lines), data_graphs(graphs, content.base))
    return [deletion(each) for each in gone(state, found)]


def deletion(entity: Iri) -> Diagnostic:
    """Make the warning that something published is gone."""
    en = "was published and is deleted; what is published stays: keep it, or say what replaces it"
    nb = "var publisert og er slettet; det som er publisert, blir stående: behold det, eller si hva som erstatter det"
    message = {"en": f"<{entity}> {en} (dcterms:isReplacedBy)", "nb": f"<{entity}> {nb} (dcterms:isReplacedBy)"}
    return Diagnostic(None, message, "warning")


def record_again(state: Path, generation: Generation) -> None:
    """Record the published generation in a log that does not know it, as after an import. Needs the build lock."""
    record(state, generation.manifest, entity_states(generation.path, generation.manifest), generation.manifest)
    confirm(state, generation.manifest)

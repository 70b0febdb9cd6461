"""``changes`` and ``diff``: what changed, from the log or between two datasets; the log to and from a file."""

import gzip
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from app.build.recording import record_again
from app.catalog.dumps import read_lines
from app.changes.descriptions import Difference, EntityState, data_graphs, descriptions, differences, state_names
from app.changes.log import NAME
from app.changes.transfer import log_lines, replace_log
from app.changes.view import Changes, EntryChoice
from app.cli.options import Failure, Misuse, failing, in_language, open_content
from app.config import Settings
from app.content.canonical import canonical_lines
from app.content.reading import InputFile, parse
from app.errors import ContentError, TransferError
from app.generation import build_lock, current, kept
from app.terms import Iri, Quad, n3

_GZIP: Final = b"\x1f\x8b"


def show_changes(settings: Settings, since: str | None, most: int) -> Iterator[str]:
    """Give a line for each of the latest changes, newest first; a Failure when there is no generation."""
    generation = current(settings.state)
    if generation is None:
        raise Failure("There is no generation yet. Run: innherred build")
    for entry in Changes.of(settings.state, generation.manifest).newest(EntryChoice(since=since), most):
        label = in_language({each.language or "": each.value for each in entry.labels})
        successor = f" -> <{entry.successor}>" if entry.successor else ""
        yield f"{entry.time}  {entry.change}  <{entry.entity}>{f'  {label}' if label else ''}{successor}"


def export_log(settings: Settings, output: str) -> None:
    """Write the log into a file, or to standard output (-)."""
    if not (settings.state / NAME).exists():
        raise Failure(f"There is no log of changes in {settings.state}. Run: innherred build")
    if output == "-":
        sys.stdout.writelines(log_lines(settings.state))
        return
    with Path(output).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(log_lines(settings.state))


def import_log(settings: Settings, path: Path) -> int:
    """Take the log of a file, and go on with it; give the number of entries."""
    with build_lock(settings.state), path.open(encoding="utf-8", newline="\n") as file:
        with failing(TransferError, UnicodeDecodeError, before="Not imported: "):
            count = replace_log(settings.state, file)
        generation = current(settings.state)
        if generation is not None:
            record_again(settings.state, generation)
    return count


def compare_datasets(settings: Settings, old: str, new: str) -> Iterator[Difference]:
    """Compare two datasets, entity by entity; each is a kept version or a file of RDF."""
    with tempfile.TemporaryDirectory(prefix="innherred-diff-") as folder, ExitStack() as stack:
        sides = [_Side(settings, name, Path(folder) / str(number), stack) for number, name in enumerate((old, new))]
        flat = any(side.flat for side in sides)
        yield from differences(*(side.descriptions(flat=flat) for side in sides))


class _Side:
    """One of two datasets. ``flat`` says that it is a file without named graphs: graphs are then not compared."""

    def __init__(self, settings: Settings, name: str, lines: Path, stack: ExitStack) -> None:
        self._name, self._lines = name, lines
        there = kept(settings.state) if (settings.state / "generations").is_dir() else []
        found = {each.manifest.version: each for each in there if each.manifest.digest.startswith(name)}
        path = Path(name)
        if len(found) > 1:
            raise Misuse(f"{name} is the beginning of several versions: {', '.join(sorted(found))}.")
        if found and name:
            (generation,) = found.values()
            self.base = generation.manifest.base
            self._quads: Iterator[Quad] = self._read(generation.dumps / "all.nq.gz", "all.nq", stack)
            self.flat = False
        elif path.is_file():
            self.base = open_content(settings).base
            plain = path.name.removesuffix(".gz")
            self._quads = self._read(path, plain, stack)
            self.flat = not plain.endswith((".nq", ".trig", ".jsonld"))
        else:
            versions = ", ".join(dict.fromkeys(each.manifest.version for each in there))
            raise Misuse(f"{name!r} is neither a kept version nor a file. Versions: {versions or 'none'}.")

    def _read(self, path: Path, name: str, stack: ExitStack) -> Iterator[Quad]:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
        opened: Any = gzip.open if packed else open
        stream = stack.enter_context(opened(path, "rb"))
        return parse(stream, InputFile(Path(name), path.name, Iri(f"{self.base}graph/data"), "data"), self.base)

    def descriptions(self, *, flat: bool) -> Iterator[EntityState]:
        """Give the descriptions of the entities, in order; a Failure tells what cannot be read."""
        one = Iri(f"{self.base}graph/data")
        graphs: set[str] = set()
        with (
            failing(ContentError, OSError, EOFError, before=f"{self._name} cannot be read: "),
            self._lines.open("w", encoding="utf-8", newline="\n") as file,
        ):
            file.writelines(canonical_lines(self._chosen(one if flat else None, graphs)))
        return descriptions(partial(read_lines, self._lines), {one} if flat else graphs)

    def _chosen(self, one: Iri | None, graphs: set[str]) -> Iterator[Quad]:
        """Give what is in graphs of data, and note these; in one graph, when they are not compared."""
        for triple, graph in self._quads:
            if graph is not None and data_graphs((graph,), self.base):
                graphs.add(graph)
                yield triple, one or graph


def as_text(found: Difference) -> str:
    """Give a difference as lines: the entity with its name, then - and + with N-Triples terms."""
    every = (*found.added, *found.removed)
    label = in_language({each.language or "": each.value for each in state_names(every, found.entity)})
    lines = [f"<{found.entity}>{f'  {label}' if label else ''}"]
    for sign, quads in (("-", found.removed), ("+", found.added)):
        for (subject, predicate, value), graph in quads:
            about = "" if subject == found.entity else f"{n3(subject)} "
            lines.append(f"  {sign} {about}<{predicate}> {n3(value)}  ({graph})")
    return "\n".join(lines)


def difference_as_json(found: Difference) -> str:
    """Give a difference as one line of JSON."""

    def rows(quads: tuple[Quad, ...]) -> list[dict[str, str | None]]:
        return [{"subject": n3(s), "predicate": p, "object": n3(o), "graph": graph} for (s, p, o), graph in quads]

    document = {"iri": found.entity, "removed": rows(found.removed), "added": rows(found.added)}
    return json.dumps(document, ensure_ascii=False)

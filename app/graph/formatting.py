"""Turtle files in their canonical text, so that a difference between two versions is one of meaning."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from app.graph.content import Content
from app.graph.reading import ContentError, InputFile
from app.graph.turtle import canonical_turtle, comments
from app.mediatypes import TURTLE


@dataclass(frozen=True, slots=True)
class Formatting:
    """What formatting found: names of files that differ, unreadable files, lines of lost comments by file."""

    changed: tuple[str, ...]
    errors: tuple[ContentError, ...]
    comments: dict[str, list[int]]


def format_content(content: Content, only: Iterable[Path] | None = None, *, check: bool = False) -> Formatting:
    """Rewrite the Turtle files of a content that are not canonical.

    With only these files and those in these folders, also outside the content; with check nothing is written.
    A file with an error stays as it is.
    """
    changed: list[str] = []
    errors: list[ContentError] = []
    lost: dict[str, list[int]] = {}
    for file in content.rdf() if only is None else _chosen(content, only):
        if file.format != TURTLE:
            continue
        try:
            text = canonical_turtle(file, content.base, content.prefixes)
        except ContentError as error:
            errors.append(error)
            continue
        before = file.path.read_bytes()
        if before == text.encode():
            continue
        changed.append(file.name)
        if lines := comments(before.decode("utf-8-sig")):
            lost[file.name] = lines
        if not check:
            _replace(file, text)
    return Formatting(tuple(changed), tuple(errors), lost)


def _chosen(content: Content, only: Iterable[Path]) -> Iterator[InputFile]:
    """Give the named files and those in named folders: as the content has them, else as files of no graph."""
    known = {file.path.resolve(): file for file in content.rdf()}
    for path in only:
        for found in sorted(path.rglob("*.ttl")) if path.is_dir() else [path]:
            yield known.get(found.resolve()) or InputFile(found, str(found), None, "data")


def _replace(file: InputFile, text: str) -> None:
    """Write beside the file, then switch, so that an interrupted run leaves the old text or the new one."""
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=file.path.parent, prefix=".", suffix=".tmp", delete=False
    ) as new:
        try:
            new.write(text)
            new.close()
            shutil.copymode(file.path, new.name)
            Path(new.name).replace(file.path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise

"""Whether a generation still says what its content says: by path, size, mtime; by hash where these differ."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from app import __version__
from app.config import defaults
from app.content.folders import Content
from app.generation import Generation

Facts = tuple[int, int, str]


def sources(content: Content) -> Iterator[tuple[str, Path]]:
    """Give name and path of every file that a build reads: the content's, and the engine's defaults."""
    yield from {file.name.removesuffix(f": {file.member}"): file.path for file in content.files}.items()
    for path in sorted(defaults().rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"defaults/{path.relative_to(defaults()).as_posix()}", path


def inputs(content: Content) -> dict[str, Facts]:
    """Give size (bytes), mtime (ns) and SHA-256 of every file that a build reads."""
    return {name: (*_stat(path), _hash(path)) for name, path in sources(content)}


def fresh(content: Content, generation: Generation, publisher: str | None = None) -> bool:
    """Say whether a build of the content now, with this publisher set, would give what is in the generation."""
    manifest = generation.manifest
    made = (manifest.publisher_setting, manifest.base, manifest.software)
    if made != (publisher, content.base, __version__):
        return False
    found = dict(sources(content))
    here = manifest.content == str(content.root.resolve())  # in another folder times say nothing
    return found.keys() == manifest.inputs.keys() and all(
        _same(path, manifest.inputs[name], here) for name, path in found.items()
    )


def _same(path: Path, facts: Facts, here: bool) -> bool:
    size, mtime = _stat(path)
    return (here and (size, mtime) == facts[:2]) or (size == facts[0] and _hash(path) == facts[2])


def _stat(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

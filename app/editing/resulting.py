"""The files of a content as proposals would leave them: canonical Turtle, file by file, and a copy with all of them."""

import io
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from app.content.canonical import canonical_lines
from app.content.folders import Content, input_file
from app.content.reading import InputFile, parse, prefixes, read
from app.content.turtle import canonical_turtle, comments, turtle
from app.editing.messages import NotAccepted, refused
from app.editing.proposals import Proposal
from app.errors import ContentError
from app.namespaces import DCTERMS_MODIFIED
from app.terms import Literal, Triple, n3, typed

_FOLDERS: Final = ("data", "ontology", "shapes", "queries")
_DATASET: Final = "data/dataset.ttl"
# What a new file may be called: nothing that a system or a tool takes for something else.
_NEW: Final = re.compile(r"data(/[A-Za-z0-9][A-Za-z0-9_-]{0,80}){0,5}/[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.ttl")


@dataclass(frozen=True, slots=True)
class Change:
    """A file that changes: its name below the content's root, its bytes before and after; None: there is no file."""

    name: str
    before: bytes | None
    after: bytes | None


def resulting(content: Content, proposals: Sequence[Proposal]) -> tuple[Change, ...]:
    """Give the files that change when proposals are accepted, one after another.

    A file in which nothing is left is deleted. Raises NotAccepted for a statement to remove that is not there, for a
    file that cannot be read or be kept as it is (comments, another form than the canonical one, a link), and for one
    that nobody writes by these doors.
    """
    names = sorted({each.file for proposal in proposals for each in (*proposal.removed, *proposal.added)})
    found = (_change(content, name, proposals) for name in names)
    return tuple(each for each in found if each.before != each.after)


def dated(content: Content, day: date) -> Change | None:
    """Give ``data/dataset.ttl`` with a day as that on which the dataset was changed last (``dcterms:modified``).

    None where the dataset has no such day, has it or a later one already, or the file cannot be kept as it is.
    """
    dataset, new = content.dataset.iri, typed(day.isoformat(), "date")
    file = next((each for each in content.rdf("data") if each.name == _DATASET), None)
    if file is None or file.path.is_symlink():
        return None
    try:
        before = file.path.read_bytes()
        triples = [triple for triple, _ in read(file, content.base)]
        own = {p: n for p, n in prefixes(file, content.base).items() if p not in content.prefixes}
        canonical = canonical_turtle(file, content.base, content.prefixes).encode()
    except (OSError, ContentError):  # told by whoever checks the content
        return None
    old = [value for subject, predicate, value in triples if (subject, predicate) == (dataset, DCTERMS_MODIFIED)]
    if before != canonical or len(old) != 1 or not isinstance(old[0], Literal) or old[0].datatype != new.datatype:
        return None
    if old[0].value >= new.value:
        return None
    left = (each for each in triples if each != (dataset, DCTERMS_MODIFIED, old[0]))
    after = turtle(dict.fromkeys([*left, (dataset, DCTERMS_MODIFIED, new)]), {**content.prefixes, **own})
    return Change(_DATASET, before, after.encode())


def copied(content: Content, changes: Iterable[Change], folder: Path) -> Content:
    """Give the content with changes, in a folder; what does not change is linked, where the file system can.

    Nothing may be written into the copy.
    """
    changed = {each.name for each in changes}
    for top in _FOLDERS:
        for path in sorted((content.root / top).rglob("*")):
            name = path.relative_to(content.root).as_posix()
            if path.is_file() and name not in changed:
                _link(path.resolve(), folder / name)
    for each in changes:
        if each.after is not None:
            (folder / each.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / each.name).write_bytes(each.after)
    (folder / "data").mkdir(exist_ok=True)
    return Content.open(folder, content.base)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)


def _change(content: Content, name: str, proposals: Sequence[Proposal]) -> Change:
    file = _file(content, name)
    before = _bytes(file)
    own: dict[str, str] = {}
    triples: list[Triple] = []
    if before is not None:
        _refuse_lossy(content, file, before)
        triples = [triple for triple, _ in read(file, content.base)]
        own = {p: n for p, n in prefixes(file, content.base).items() if p not in content.prefixes}
    kept = dict.fromkeys(triples)
    for proposal in proposals:
        for each in proposal.removed:
            if each.file == name and (triple := (each.subject, each.predicate, each.value)) in kept:
                del kept[triple]
            elif each.file == name:
                raise _gone(name, each[:3])
        kept |= dict.fromkeys(
            (each.subject, each.predicate, each.value) for each in proposal.added if each.file == name
        )
    if kept.keys() == set(triples):
        return Change(name, before, before)
    try:
        expected = list(canonical_lines((triple, None) for triple in kept))  # refuses what no RDF term can be
    except ValueError as error:
        raise _no_rdf(name, str(error)) from error
    text = turtle(kept, {**content.prefixes, **own})
    _refuse_other(content, file, text, expected)
    return Change(name, before, text.encode() or None)


def _file(content: Content, name: str) -> InputFile:
    """Give a file that may be written; raises NotAccepted for any other."""
    known = next((each for each in content.rdf("data") if each.name == name), None)
    path = content.root / name
    new = bool(_NEW.fullmatch(name)) and not path.exists()
    linked = next((each for each in (path, *path.parents) if each != content.root and each.is_symlink()), None)
    if name != _DATASET and (known or new) and not (linked and linked.is_relative_to(content.root)):
        with suppress(ContentError):
            file = known or input_file(content.root, name, content.base)
            if file.editable:
                return file
    raise refused("no-data-file", name=name)


def _bytes(file: InputFile) -> bytes | None:
    try:
        return file.path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or str(error)
        raise refused("file-unreadable", name=file.name, reason=reason) from error


def _refuse_lossy(content: Content, file: InputFile, before: bytes) -> None:
    """Refuse to write a file anew whose text says more, or is otherwise, than canonical text."""
    try:
        text = canonical_turtle(file, content.base, content.prefixes)
    except ContentError as error:
        raise NotAccepted({language: error.text(language) for language in ("en", "nb")}) from error
    if text.encode() == before:
        return
    if lines := comments(before.decode("utf-8-sig", "replace")):
        number = ", ".join(map(str, lines))
        raise refused("has-comments", name=file.name, number=number)
    if before.replace(b"\r\n", b"\n") == text.encode():
        raise refused("windows-lines", name=file.name)
    raise refused("not-canonical", name=file.name)


def _refuse_other(content: Content, file: InputFile, text: str, expected: list[str]) -> None:
    """Refuse a text that does not say exactly what is expected, in canonical lines."""
    try:
        again = parse(io.BytesIO(text.encode()), replace(file, graph=None), content.base)
        found = list(canonical_lines((triple, None) for triple, _ in again))
    except (ContentError, ValueError) as error:
        raise _no_rdf(file.name, str(error)) from error
    if found != expected:
        raise _no_rdf(file.name, "…")


def _no_rdf(name: str, reason: str) -> NotAccepted:
    return refused("no-rdf", name=name, reason=reason)


def _gone(name: str, triple: Triple) -> NotAccepted:
    said = " ".join(n3(term) for term in triple)
    return refused("already-gone", name=name, said=said)

"""The files of a register as streams of bytes and records of JSON, within bounds; what is told of them.

A file is plain, gzipped or in a zip. JSON is a list of any length, a value a line, one object, or a cube of JSON-stat
2.0.
"""

import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import IO, Any, Final, TextIO, cast

from app.editing import messages
from app.editing.proposals import Finding, Severity
from app.terms import Iri


class Refused(Exception):
    """What ends an import: its finding."""

    def __init__(self, finding: Finding) -> None:
        """Keep the finding."""
        super().__init__(finding.messages["en"])
        self.finding = finding


def finding(code: str, severity: Severity = "error", *, subject: Iri | None = None, **words: Any) -> Finding:
    """Make a finding of a code; its place is the table and the record among the words."""
    words = {key: _shown(each) if isinstance(each, str) else each for key, each in words.items()}
    place = f"{words['table']}:{words['number']}" if "number" in words and "table" in words else words.get("file")
    return replace(messages.finding(severity, code, place, **words), subject=subject)


def _shown(text: str) -> str:
    """Give a text of a stranger's file without what a terminal would obey."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def refused(code: str, **words: Any) -> Refused:
    """Make what ends an import."""
    return Refused(finding(code, **words))


# Bytes of a file unpacked; of one that is read whole (JSON that is no list of records, a workbook).
MOST: Final = 4 << 30
MOST_WHOLE: Final = 256 << 20
_OLE: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or one in a zip: its name, its bytes from the start, and whether it is a workbook."""

    name: str
    open: Callable[[], IO[bytes]]
    workbook: bool = False


class _Bounded(io.RawIOBase):
    """A stream of bytes that is refused after so many, and where it is damaged."""

    def __init__(self, stream: IO[bytes], name: str, most: int) -> None:
        super().__init__()
        self._stream, self._name, self._most, self._read = stream, name, most, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        with _told(self._name):
            part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        self._read += len(part)
        if self._read > self._most:
            raise refused("register-too-large", file=self._name, limit=f"{self._most >> 20} MB")
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()


def sources(path: Path) -> Iterator[Source]:
    """Give the files in a file: itself, or those in it when it is a zip. Raises Refused for what is no such file."""
    with _told(path.name), path.open("rb") as file:
        start = file.read(4)
    if start == _OLE:
        reason = "it is an old Excel file or has a password. Save it as .xlsx without a password."
        raise refused("unreadable", file=path.name, reason=reason)
    if start.startswith(b"PK"):
        yield from _of_zip(path)
    elif start.startswith(b"\x1f\x8b"):
        yield Source(path.name.removesuffix(".gz"), lambda: _stream(gzip.GzipFile(path), path.name))
    else:
        yield Source(path.name, lambda: _stream(path.open("rb"), path.name))


def _of_zip(path: Path) -> Iterator[Source]:
    with _told(path.name), zipfile.ZipFile(path) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
    workbook = any(each.filename == "[Content_Types].xml" for each in members)
    most = MOST_WHOLE if workbook else MOST
    if sum(each.file_size for each in members) > most:
        raise refused("register-too-large", file=path.name, limit=f"{most >> 20} MB")
    if workbook:
        yield Source(path.name, lambda: path.open("rb"), workbook=True)
        return
    for member in members:

        def opened(member: zipfile.ZipInfo = member) -> IO[bytes]:
            with _told(path.name):
                # It gives no more bytes than the sizes say that were added up above.
                return _stream(zipfile.ZipFile(path).open(member), member.filename)

        yield Source(member.filename.rpartition("/")[2], opened)


def _stream(file: IO[bytes] | gzip.GzipFile, name: str) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(_Bounded(cast("IO[bytes]", file), name, MOST), 1 << 20))


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise refused("unreadable", file=name, reason=f"{reason}. Fetch it anew.") from error


# Numbers stay as they are written.
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BETWEEN: Final = re.compile(r"[\s,\ufeff]*")
_CHUNK: Final = 1 << 20
# Characters of one value: of a list's record, or of a whole document.
_LONGEST: Final = 64 << 20


def json_values(text: TextIO) -> Iterator[Any]:
    """Give the values of a list, or those that stand one after another, without keeping more than one.

    Raises ValueError (json.JSONDecodeError) for what is no JSON, and for a value that is too long.
    """
    buffer, position, size, ended = "", 0, _CHUNK, False
    inside = None
    while True:
        start = _BETWEEN.match(buffer, position).end()  # type: ignore[union-attr]  # it matches nothing, too
        if inside is None and start < len(buffer):
            inside = buffer[start] == "["
            start += inside
            start = _BETWEEN.match(buffer, start).end()  # type: ignore[union-attr]
        if start < len(buffer) and inside and buffer[start] == "]":
            return
        try:
            if start < len(buffer):
                value, position = _DECODER.raw_decode(buffer, start)
                yield value
                size = _CHUNK
                continue
        except json.JSONDecodeError:
            if ended or len(buffer) - start > _LONGEST:
                raise
        if ended:
            if inside:
                raise ValueError("the file ends within a list")
            return
        part = text.read(size)
        ended = not part
        buffer, position = buffer[start:] + part, 0
        size *= 2  # a long value is not read over and over


def json_below(value: Any, path: str) -> Iterator[Any]:
    """Give the values of the list at a path (``_embedded.enheter``) in a document; the document itself for no path."""
    for name in filter(None, path.split(".")):
        value = value.get(name) if isinstance(value, dict) else None
    yield from value if isinstance(value, list) else [value]


def json_rows(value: Any, names: Sequence[str]) -> Iterator[list[str]]:
    """Give a record as cells by names that are paths (``organisasjonsform.kode``), without regard to case.

    What is ``[]`` in a path is a list: there is a row for each of its values, and one when it is empty.
    """
    lists = {name.partition("[]")[0] for name in names if "[]" in name}
    many = [(path, found if isinstance(found := _at(value, path), list) and found else [None]) for path in lists]
    for chosen in product(*(each for _, each in many)):
        parts = dict(zip((path for path, _ in many), chosen, strict=True))
        yield [_text(_named(value, name, parts)) for name in names]


def _named(value: Any, name: str, parts: Mapping[str, Any]) -> Any:
    path, many, rest = name.partition("[]")
    return _at(parts[path], rest.removeprefix(".")) if many else _at(value, name)


def _at(value: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        if not isinstance(value, dict):
            return None
        if name not in value:
            name = next((each for each in value if each.casefold() == name.casefold()), name)  # noqa: PLW2901
        value = value.get(name)
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_text(each) for each in value)
    return "" if isinstance(value, dict) else str(value)


def json_cube(document: Any) -> tuple[list[str], Iterator[list[str]]]:
    """Give a JSON-stat 2.0 dataset as header and rows: a cell for each dimension's code and label, and the value.

    Raises ValueError for what is no such dataset. Values stand in row-major order of ``id`` and ``size``.
    """
    try:
        names = [str(name) for name in document["id"]]
        codes = [_codes(document["dimension"][name]) for name in names]
        sizes = [int(size) for size in document["size"]]
        given = document["value"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("this is no JSON-stat 2.0 dataset (id, size, dimension and value)") from error
    if sizes != [len(each) for each in codes]:
        raise ValueError("the sizes of this JSON-stat dataset are not those of its categories")
    header = [each for name in names for each in (name, f"{name} label")] + ["value"]

    def cells() -> Iterator[list[str]]:
        for place, chosen in enumerate(product(*codes)):
            value = given.get(str(place)) if isinstance(given, dict) else given[place] if place < len(given) else None
            yield [text for pair in chosen for text in pair] + [_text(value)]

    return header, cells()


def _codes(dimension: Any) -> list[tuple[str, str]]:
    category = dimension["category"]
    labels = category.get("label", {})
    index = category.get("index", list(labels))
    codes = sorted(index, key=lambda code: int(index[code])) if isinstance(index, dict) else index
    return [(str(code), str(labels.get(code, code))) for code in codes]

"""Compressed RDF (one file in gzip, RFC 1952; many in a zip archive), read within bounds; and standard input."""

import gzip
import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import IO, Final, cast

from app.errors import ContentError
from app.mediatypes import JSON_LD, N_QUADS, RDF_XML, TRIG, Format

GZIP: Final = ".gz"
ZIP: Final = ".zip"
# Unpacked text may be so large, or so many times the packed bytes: RDF that repeats itself seldom gets beyond 100.
_UNBOUNDED: Final = 64 << 20
_MOST_TIMES: Final = 250
_MOST_FILES: Final = 1_000
# What comes by standard input: its name, so many bytes of it to tell what it is, and so many at most.
_INPUT: Final = "standard-input"
_BEGINNING: Final = 1 << 16
_MOST_RECEIVED: Final = 1 << 34
# How files of a format begin. Turtle is TriG too, N-Triples is N-Quads too; JSON has a string or nothing in brackets.
_COMMENTS: Final = r"(?:#[^\n]*\n\s*)*"
_TERM: Final = r"(?:<[^<>\s]*>|_:\S+)"
_BEGINS: Final = (
    (RDF_XML, re.compile(r"<\?xml|<!DOCTYPE|<!--|<[\w.-]+(?::[\w.-]+)?[\s>/](?!\s*[<_])")),
    (JSON_LD, re.compile(r"\[\s*(?:[{\"]|\]\s*\Z)|\{\s*(?:[}\"]|\Z)")),
    (N_QUADS, re.compile(rf"{_COMMENTS}{_TERM}\s+<[^<>\s]*>\s+(?:{_TERM}|\"[^\n]*)\s+{_TERM}\s*\.\s*(?:\n|\Z)")),
    (
        TRIG,
        re.compile(rf"{_COMMENTS}(?:@prefix\s|@base\s|(?i:prefix|base|graph)\s|[<\[({{]|_:|[\w.-]*:[^/]|\Z(?<=\n))"),
    ),
)


def inner_suffix(name: str) -> str:
    """Give the suffix that tells the format, in small letters: that before ``.gz``, but in an archive."""
    path = PurePosixPath(name)
    alone = path.suffix.lower() == GZIP and not is_member(name)
    return PurePosixPath(path.stem if alone else path.name).suffix.lower()


def is_member(name: str) -> bool:
    """Say whether a name is that of a file in an archive: ``a.zip: b/c.ttl``."""
    return f"{ZIP}: " in name.lower()


def receive(stream: IO[bytes], folder: Path, form: Format | None) -> Path:
    """Keep what a stream holds as a file in a folder, by the format given, else guessed from its beginning.

    Raises ContentError when it cannot be told, is nothing, or is too large; OSError.
    """
    start = stream.read(_BEGINNING)
    suffix = _suffix(start, form)
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".", delete=False) as new:
        try:
            _copy(chain([start], iter(lambda: stream.read(_BEGINNING), b"")), new)
            for old in folder.glob(f"{_INPUT}.*"):
                old.unlink()
            return Path(new.name).rename(folder / f"{_INPUT}{suffix}")
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise


def _copy(parts: Iterable[bytes], new: IO[bytes]) -> None:
    size = 0
    for part in parts:
        size += new.write(part)
        if size > _MOST_RECEIVED:
            en, nb = f"is more than {_MOST_RECEIVED} bytes", f"er mer enn {_MOST_RECEIVED} byte"
            raise ContentError(_INPUT, f"{en}; give a file", f"{nb}; oppgi en fil")


def _suffix(start: bytes, form: Format | None) -> str:
    """Tell by its beginning what a stream is; raises ContentError."""
    if start.startswith(b"PK\x03\x04"):
        return ZIP
    if start.startswith(b"\x1f\x8b"):
        # Of the beginning of a stream in gzip the beginning can be unpacked.
        with suppress(zlib.error):
            return _suffix(zlib.decompressobj(31).decompress(start, _BEGINNING), form) + GZIP
    if form is not None:
        return f".{form.suffix}"
    text = start.decode("utf-8-sig", "replace").lstrip()
    told = next((kind for kind, pattern in _BEGINS if pattern.match(text)), None)
    if told is None:
        what = "it is empty" if not text else "its format cannot be told"
        hva = "den er tom" if not text else "formatet kan ikke fastslås"
        en, nb = "; name it: --format ttl" * bool(text), "; oppgi det: --format ttl" * bool(text)
        raise ContentError(_INPUT, what + en, hva + nb)
    return f".{told.suffix}"


def is_gzip(name: str) -> bool:
    """Say whether a file of that name is compressed alone."""
    return name.lower().endswith(GZIP)


def members(path: Path, name: str) -> list[str]:
    """Give the names of the files in a zip archive, in order. Raises ContentError, which begins with ``name``.

    Refused are names that lead out of the archive, too many files, and too much text. Links are no files.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = [each for each in archive.infolist() if not (each.is_dir() or _is_link(each))]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise _damaged(name, error) from error
    if len(files) > _MOST_FILES:
        en, nb = f"holds more than {_MOST_FILES} files", f"har mer enn {_MOST_FILES} filer"
        raise ContentError(name, f"{en}; make several archives of it", f"{nb}; lag flere arkiver av dem")
    if sum(each.file_size for each in files) > _most(path):
        raise _too_large(name, path)
    for each in files:
        parts = PurePosixPath(each.filename.replace("\\", "/")).parts
        if "\\" in each.filename or ".." in parts or parts[:1] == ("/",) or not each.filename.isprintable():
            shown = each.filename.encode("unicode_escape").decode()
            en, nb = "this name leads out of the archive", "dette navnet fører ut av arkivet"
            raise ContentError(f"{name}: {shown}", f"{en}; pack it anew", f"{nb}; pakk det på nytt")
    return sorted({each.filename for each in files})


def open_packed(path: Path, member: str, name: str) -> IO[bytes]:
    """Open a file in gzip, or that of a zip archive; what is wrong with it is a ContentError when it is read."""
    if not member:
        return cast("IO[bytes]", io.BufferedReader(_Unpacking(cast("IO[bytes]", gzip.GzipFile(path)), name, path)))
    try:
        archive = zipfile.ZipFile(path)
        stream = archive.open(member)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, KeyError) as error:
        raise _damaged(name, error) from error
    return cast("IO[bytes]", io.BufferedReader(_Unpacking(stream, name, path, archive)))


class _Unpacking(io.RawIOBase):
    """A stream that unpacks so much and no more."""

    def __init__(self, stream: IO[bytes], name: str, path: Path, archive: zipfile.ZipFile | None = None) -> None:
        self._stream, self._name, self._path, self._archive = stream, name, path, archive
        self._left = self._most = _most(path)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Read the next bytes. Raises ContentError."""
        try:
            found = self._stream.read(len(buffer))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
            raise _damaged(self._name, error) from error
        self._left -= len(found)
        if self._left < 0:
            raise _too_large(self._name, self._path)
        buffer[: len(found)] = found
        return len(found)

    def seekable(self) -> bool:
        """Say that it can be read again."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go back to the beginning."""
        if (offset, whence) == (0, 0):
            self._left = self._most
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Give the place that it is read from."""
        return self._stream.tell()

    def close(self) -> None:
        """Close the file too."""
        if not self.closed:
            self._stream.close()
            if self._archive is not None:
                self._archive.close()
        super().close()


def _is_link(each: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(each.external_attr >> 16)


def _most(path: Path) -> int:
    return max(_UNBOUNDED, _MOST_TIMES * path.stat().st_size)


def _too_large(name: str, path: Path) -> ContentError:
    most = _most(path)
    en = f"unpacks to more than {most} bytes, far more than RDF does; unpack it yourself if it is sound"
    nb = f"pakkes ut til mer enn {most} byte, langt mer enn RDF pleier; pakk den ut selv hvis den er i orden"
    return ContentError(name, en, nb)


def _damaged(name: str, error: Exception) -> ContentError:
    told = " ".join(str(error).split())[:200] or type(error).__name__
    return ContentError(name, f"cannot be unpacked: {told}", f"kan ikke pakkes ut: {told}")

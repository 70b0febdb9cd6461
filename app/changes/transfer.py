"""The log as a file of JSON lines: to keep a copy, and to go on with it elsewhere."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from app.changes.log import INSERT, reading, writing
from app.errors import TransferError
from app.terms import is_absolute_iri

_FORMAT: Final = {"format": "innherred changes", "version": 1}
_GENERATION: Final = """
INSERT INTO generation (number, digest, as_of, built, first, last, published)
VALUES (:number, :digest, :as_of, :built, :first, :last, 1)
"""
_ALL: Final = """
SELECT number, digest, as_of, built, first, last FROM generation
WHERE published OR number <= :until ORDER BY number
"""
_ENTRIES: Final = "SELECT * FROM entry WHERE generation = ? ORDER BY number"
_ID: Final = re.compile("[0-9a-f]{20}")
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_NOT_THERE: Final = "SELECT count(*) FROM kept LEFT JOIN entry USING (number, id) WHERE entry.id IS NULL"


def log_lines(state: Path, until: int = 0) -> Iterator[str]:
    """Give the lines of all that was published; raises OSError when there is no log.

    Up to generation number ``until`` also of one that is served and not yet noted as published.
    """
    yield _line(_FORMAT)
    with reading(state) as log:
        log.execute("BEGIN")  # one moment for all that is read
        for generation in log.execute(_ALL, {"until": until}).fetchall():
            yield _line({"generation": dict(generation)})
            for entry in log.execute(_ENTRIES, (generation["number"],)):
                yield _line({"entry": dict(entry)})


def replace_log(state: Path, lines: Iterable[str]) -> int:
    """Put the log of a file in the place of this one, and give the number of entries; all of it or nothing.

    What is in this log must be in the file's too: what was told is never taken back. Needs the build lock.
    Raises TransferError.
    """
    with writing(state) as log:
        log.execute("CREATE TEMP TABLE kept AS SELECT number, id FROM entry")
        log.execute("DELETE FROM entry")
        log.execute("DELETE FROM generation")
        read = iter(lines)
        if _read(next(read, ""), 1) != _FORMAT:
            raise TransferError("This is no file of innherred changes.")
        for number, line in enumerate(read, 2):
            document = _read(line, number)
            try:
                _insert(log, document)
            except (KeyError, TypeError, sqlite3.Error) as error:
                raise TransferError(f"line {number}: this is neither a generation nor an entry") from error
        if lost := log.execute(_NOT_THERE).fetchone()[0]:
            raise TransferError(f"The file lacks {lost} entries that are in the log here, and what was told stays.")
        _verify(log)
        return int(log.execute("SELECT count(*) FROM entry").fetchone()[0])


def _insert(log: sqlite3.Connection, document: dict[str, Any]) -> None:
    if "generation" in document:
        generation = document["generation"]
        _demand(_DIGEST.fullmatch(generation["digest"]) and _TIME.fullmatch(generation["built"]))
        _demand(_DAY.fullmatch(generation["as_of"]))
        log.execute(_GENERATION, generation)
        return
    entry = document["entry"]
    _demand(hashlib.sha256(entry["description"].encode()).hexdigest() == entry["digest"])
    _demand(_ID.fullmatch(entry["id"]) and _TIME.fullmatch(entry["time"]) and is_absolute_iri(entry["entity"]))
    _demand(entry["successor"] is None or is_absolute_iri(entry["successor"]))
    log.execute(INSERT, entry)


def _demand(holds: object) -> None:
    if not holds:
        raise TypeError


def _verify(log: sqlite3.Connection) -> None:
    """See that entries are numbered from 1 without gaps, in time, and are those that their generations say."""
    number, time = 0, ""
    for entry in log.execute("SELECT number, time FROM entry ORDER BY number"):
        if entry["number"] != number + 1 or entry["time"] < time:
            raise TransferError(f"Entry {entry['number']} does not follow entry {number}.")
        number, time = entry["number"], entry["time"]
    first = 1
    for row in log.execute("SELECT first, last FROM generation ORDER BY number"):
        if row["first"] != first or row["last"] < first - 1:
            raise TransferError(f"A generation begins with entry {row['first']}, not {first}.")
        first = row["last"] + 1
    if first != number + 1:
        raise TransferError(f"There are {number} entries, and generations for {first - 1}.")


def _read(line: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise TransferError(f"line {number}: not JSON") from error
    if not isinstance(found, dict):
        raise TransferError(f"line {number}: not an object")
    return found


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False) + "\n"

"""The log of changes: written once for each generation, before it is published, and never rewritten.

It is one SQLite file beside the generations, never changed where it is: what is added is added to a copy, which takes
its place. So readers need no lock, and nothing but the file. A generation's entries are marked as not yet published,
and confirmed once it is. Readers go by the generation that they serve, so nobody sees entries of one that
was never published; the next build takes them out. All writing needs the build lock.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.changes.descriptions import REPLACED_BY, REPLACES, EntityState, predicate_of, side_by_side, state_names, types
from app.changes.entry import CREATED, DELETED, UPDATED, Entry, entry_of
from app.config import script
from app.errors import Unreadable
from app.generation import Manifest
from app.terms import Iri

NAME: Final = "changes.sqlite"
INSERT: Final = """
INSERT INTO entry
  (number, id, generation, entity, time, change, kind, digest, types, labels, description, successor)
VALUES
  (:number, :id, :generation, :entity, :time, :change, :kind, :digest, :types, :labels, :description, :successor)
"""
# Sorted as canonical N-Quads are: by the whole of <iri>. The sort is done before the first row is given.
_LATEST: Final = """
SELECT entity, id, digest, max(number) AS number, change FROM entry GROUP BY entity ORDER BY entity || '>'
"""
# Other tables than ours; a file whose pages do not fit together; no file of SQLite's.
_BROKEN: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# The digest of a description that says nothing.
_NOTHING: Final = hashlib.sha256(b"").hexdigest()
_ENTRY: Final = "SELECT entry.*, ? AS version FROM entry WHERE number = ?"


@contextmanager
def writing(state: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of the log; it takes the log's place, whole, when the block ends without an error. Unreadable."""
    path, new = state / NAME, state / f".{NAME}.new"
    new.unlink(missing_ok=True)
    try:
        with _told(), closing(sqlite3.connect(new, isolation_level=None)) as connection:
            if path.exists():
                with reading(state) as log:
                    log.backup(connection)
            # Nobody else has it, and half of it is thrown away.
            connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY")
            if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise Unreadable("changes", ValueError(found), damaged=True)
            connection.row_factory = sqlite3.Row
            connection.executescript(script("changes"))
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        with new.open("rb") as file:
            os.fsync(file.fileno())
        for name in ("-wal", "-shm"):  # an earlier version had them
            path.with_name(NAME + name).unlink(missing_ok=True)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def move_away(state: Path) -> Path:
    """Give a log that is damaged another name, for another to be begun; give that name. Needs the build lock."""
    number = 1
    while (away := state / f"{NAME}.damaged-{number}").exists():
        number += 1
    (state / NAME).replace(away)
    for name in ("-wal", "-shm"):
        (state / (NAME + name)).unlink(missing_ok=True)
    return away


def record(state: Path, manifest: Manifest, found: Iterable[EntityState], published: Manifest | None) -> list[Entry]:
    """Compare a generation's descriptions, in order of ``<iri>``, with the log, and add what has changed.

    ``published`` is the generation that is current now: what the log has of one that never became it is taken out.
    A generation that is recorded already adds nothing. Gives the tombstones of what is gone.
    """
    with writing(state) as log:
        _settle(log, published)
        if log.execute("SELECT 1 FROM generation WHERE (digest, built) = (?, ?)", _key(manifest)).fetchone():
            return []
        return _Recording(log, manifest).run(found)


def confirm(state: Path, manifest: Manifest) -> None:
    """Note that a generation has been published."""
    with writing(state) as log:
        log.execute("UPDATE generation SET published = 1 WHERE (digest, built) = (?, ?)", _key(manifest))


def _settle(log: sqlite3.Connection, published: Manifest | None) -> None:
    """Keep what was published, forget what was not: a build was ended before it could tell."""
    if published is not None:
        log.execute("UPDATE generation SET published = 1 WHERE (digest, built) = (?, ?)", _key(published))
    log.execute("DELETE FROM entry WHERE generation IN (SELECT number FROM generation WHERE NOT published)")
    log.execute("DELETE FROM generation WHERE NOT published")


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest.digest, manifest.built


class _Recording:
    """One generation on its way into the log."""

    def __init__(self, log: sqlite3.Connection, manifest: Manifest) -> None:
        self._log, self._manifest = log, manifest
        last = log.execute("SELECT max(number), max(time) FROM entry").fetchone()
        self._first = self._number = (last[0] or 0) + 1
        # A clock that was put back must not make the feed go back.
        self._time = max(manifest.built, last[1] or "")
        self._generation = (log.execute("SELECT max(number) FROM generation").fetchone()[0] or 0) + 1

    def run(self, found: Iterable[EntityState]) -> list[Entry]:
        """Write all entries, first what is there, then the tombstones; give these."""
        values = (self._generation, *_key(self._manifest), self._manifest.as_of, self._first)
        self._log.execute(
            "INSERT INTO generation (number, digest, built, as_of, first, last) VALUES (?, ?, ?, ?, ?, 0)", values
        )
        comparison = Comparison(self._log.execute(_LATEST))
        for description, before in comparison.run(found):
            if before is None or before["change"] == DELETED:
                self._add(description, CREATED, before)
            elif before["digest"] != description.digest:
                self._add(description, UPDATED, before)
        gone = [self._bury(row, comparison.successors) for row in comparison.gone]
        self._log.execute("UPDATE generation SET last = ? WHERE number = ?", (self._number - 1, self._generation))
        return gone

    def _add(self, description: EntityState, change: str, before: sqlite3.Row | None) -> None:
        entity, quads = description.entity, description.quads
        self._insert(
            Entry(
                number=self._number,
                id=self._id(entity, change, description.digest, before),
                version=self._manifest.version,
                entity=entity,
                time=self._time,
                change=change,
                digest=description.digest,
                types=tuple(types(quads, entity)),
                labels=tuple(state_names(quads, entity)),
                description=description.text,
                successor=None,
            )
        )

    def _bury(self, row: sqlite3.Row, successors: Mapping[str, Iri]) -> Entry:
        last = entry_of(self._log.execute(_ENTRY, ("", row["number"])).fetchone())
        said = (o for (s, p, o), _ in last.quads if (s, p) == (last.entity, REPLACED_BY) and isinstance(o, Iri))
        tombstone = replace(
            last,
            number=self._number,
            id=self._id(last.entity, DELETED, _NOTHING, row),
            version=self._manifest.version,
            time=self._time,
            change=DELETED,
            digest=_NOTHING,
            description="",
            successor=successors.get(last.entity) or next(said, None),
        )
        self._insert(tombstone)
        return tombstone

    def _id(self, entity: Iri, change: str, digest: str, before: sqlite3.Row | None) -> str:
        """Give a name that no other entry has, also where a log was begun anew."""
        parts = (entity, self._time, change, digest, before["id"] if before is not None else "")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]

    def _insert(self, entry: Entry) -> None:
        row = entry.row(self._manifest.base)
        self._log.execute(INSERT, {**row, "number": entry.number, "generation": self._generation})
        self._number += 1


class Comparison:
    """The latest of each entity in a log beside the descriptions of a dataset: one pass over both, in order.

    After it ``gone`` has the rows of what is there no more, and ``successors`` who replaces whom.
    """

    def __init__(self, known: Iterator[sqlite3.Row]) -> None:
        """Take the rows of the log in order of ``<iri>``."""
        self._known = known
        self.gone: list[sqlite3.Row] = []
        self.successors: dict[str, Iri] = {}

    def run(self, found: Iterable[EntityState]) -> Iterator[tuple[EntityState, sqlite3.Row | None]]:
        """Give every description of what is there, with the latest row of its entity."""
        known = ((row["entity"], row) for row in self._known)
        present = ((description.entity, description) for description in self._present(found))
        for _, row, description in side_by_side(known, present):
            if description is not None:
                yield description, row
            elif row is not None and row["change"] != DELETED:
                self.gone.append(row)

    def _present(self, found: Iterable[EntityState]) -> Iterator[EntityState]:
        """Leave out entities of which only their end is told; note who replaces whom."""
        for description in found:
            if any(predicate_of(line) in (REPLACED_BY, REPLACES) for line in description.lines):
                for (subject, predicate, value), _ in description.quads:
                    if (subject, predicate) == (description.entity, REPLACED_BY) and isinstance(value, Iri):
                        self.successors[description.entity] = value
                    elif (subject, predicate) == (description.entity, REPLACES) and isinstance(value, Iri):
                        self.successors.setdefault(value, description.entity)
            if not description.is_farewell:
                yield description


def gone(state: Path, found: Iterable[EntityState]) -> list[Iri]:
    """Give what was published and has neither a description any more nor a successor. Writes nothing."""
    if not (state / NAME).exists():
        return []
    with reading(state) as log:
        comparison = Comparison(log.execute(_LATEST))
        for _ in comparison.run(found):
            pass
    return [Iri(row["entity"]) for row in comparison.gone if row["entity"] not in comparison.successors]


@contextmanager
def reading(state: Path) -> Iterator[sqlite3.Connection]:
    """Open the log to read; raises FileNotFoundError when there is none, Unreadable when it cannot be read."""
    path = state / NAME
    if not path.exists():
        raise FileNotFoundError(f"There is no log of changes: {path}")
    wal = path.with_name(f"{NAME}-wal")  # of an earlier version, which wrote in place
    how = "mode=ro" if wal.exists() and wal.stat().st_size else "mode=ro&immutable=1"
    with _told(), closing(sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA temp_store = MEMORY")
        yield connection


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        broken = getattr(error, "sqlite_errorcode", None) in _BROKEN
        raise Unreadable("changes", error, damaged=broken) from error

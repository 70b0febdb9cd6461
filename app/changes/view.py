"""The log as far as one generation: what a server of that generation may tell."""

import json
import sqlite3
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from app.changes.entry import DELETED, Entry, Release, entry_of
from app.changes.log import reading
from app.errors import Unreadable
from app.generation import Manifest

_FROM: Final = "FROM entry JOIN generation ON generation.number = entry.generation"
_ENTRIES: Final = f"SELECT entry.*, generation.digest AS version {_FROM}"  # texts of ours
_COUNT: Final = "SELECT count(*) FROM entry"
_RELEASE: Final = "SELECT number, digest, as_of, built, first, last FROM generation"


@dataclass(frozen=True, slots=True)
class EntryChoice:
    """Which entries: not before a day or time (ISO 8601), of a kind, of a change, of one entity.

    ``after_first`` leaves out the first generation's, in which everything is new; ``without`` leaves out kinds.
    """

    since: str | None = None
    kind: str | None = None
    change: str | None = None
    entity: str | None = None
    after_first: bool = False
    without: tuple[str, ...] = ()

    def condition(self) -> tuple[str, dict[str, str]]:
        """Give SQL for it, with its values."""
        columns = {"since": "entry.time >= :since", "kind": "entry.kind = :kind"}
        columns |= {"change": "entry.change = :change", "entity": "entry.entity = :entity"}
        values = {name: value for name in columns if (value := getattr(self, name)) is not None}
        conditions = [columns[name] for name in values]
        if self.after_first:
            # By number, which is in order: a first generation of a hundred thousand things is not gone through.
            conditions.append("entry.number > (SELECT last FROM generation ORDER BY number LIMIT 1)")
        if self.without:
            conditions.append("entry.kind NOT IN (SELECT value FROM json_each(:without))")
            values["without"] = json.dumps(self.without)
        return "".join(f" AND {each}" for each in conditions), values


class Changes:
    """The log up to a generation; every question has its own connection: they are bound to threads."""

    def __init__(self, state: Path, release: Release | None, fault: Unreadable | None = None) -> None:
        """Read as far as a release; None: nothing. With a fault every question raises it."""
        self._state = state
        self.release, self.fault = release, fault

    @classmethod
    def of(cls, state: Path, manifest: Manifest) -> "Changes":
        """Open the log for a generation; it is empty where the log does not know of it, or is not there."""
        try:
            with reading(state) as log:
                row = log.execute(
                    f"{_RELEASE} WHERE (digest, built) = (?, ?)", (manifest.digest, manifest.built)
                ).fetchone()
        except FileNotFoundError:
            return cls(state, None)
        except OSError as error:
            return cls(state, None, error if isinstance(error, Unreadable) else Unreadable("changes", error))
        return cls(state, Release(*row) if row else None)

    def probe(self) -> None:
        """Raise OSError when the log that was there cannot be read."""
        if self.release is not None or self.fault is not None:
            with reading(self._state) as log:
                log.execute("SELECT max(number) FROM entry").fetchone()

    @property
    def last(self) -> int:
        """The number of the last entry; 0 when there is none."""
        return self.release.last if self.release else 0

    def page(self, first: int, size: int) -> list[Entry]:
        """Give the entries from a number on, oldest first."""
        among = "entry.number BETWEEN :first AND min(:first + :size - 1, :last)"
        return self._entries(f"{among} ORDER BY entry.number", first=first, size=size)

    def newest(self, choice: EntryChoice, size: int, offset: int = 0) -> list[Entry]:
        """Give a page of the entries of a choice, newest first."""
        condition, values = choice.condition()
        among = f"entry.number <= :last{condition} ORDER BY entry.number DESC LIMIT :size OFFSET :offset"
        return self._entries(among, size=size, offset=offset, **values)

    def count(self, choice: EntryChoice) -> int:
        """Give the number of entries of a choice."""
        if choice == EntryChoice():
            return self.last  # they are numbered from 1 without gaps
        condition, values = choice.condition()
        found = self._rows(f"{_COUNT} WHERE entry.number <= :last{condition}", **values)
        return int(found[0][0]) if found else 0

    def kinds(self) -> dict[str, int]:
        """Give the kinds of what has changed, with the number of entries of each; empty for what is of no kind."""
        return dict(map(tuple, self._rows("SELECT kind, count(*) FROM entry WHERE number <= :last GROUP BY kind")))

    def name(self, number: int) -> str | None:
        """Give the id of the entry with a number."""
        found = self._rows("SELECT id FROM entry WHERE number = :number AND number <= :last", number=number)
        return str(found[0][0]) if found else None

    def entry(self, id: str) -> Entry | None:
        """Find an entry by its id."""
        return self._one("entry.id = :id AND entry.number <= :last", id=id)

    def before(self, entry: Entry) -> Entry | None:
        """Give the entry of the same entity that came before."""
        return self._one("entry.entity = :entity AND entry.number < :number", entity=entry.entity, number=entry.number)

    def latest(self, entity: str) -> Entry | None:
        """Give the latest entry of an entity."""
        return self._one("entry.entity = :entity AND entry.number <= :last", entity=entity)

    def tombstone(self, entity: str) -> Entry | None:
        """Give the tombstone of an entity that was deleted and has not come back."""
        # Asked for every page: most are of things that never were deleted.
        found = self.latest(entity) if entity in self._once_deleted else None
        return found if found is not None and found.change == DELETED else None

    @cached_property
    def _once_deleted(self) -> frozenset[str]:
        found = self._rows("SELECT DISTINCT entity FROM entry WHERE change = 'deleted' AND number <= :last")
        return frozenset(row[0] for row in found)

    def releases(self) -> list[Release]:
        """Give the generations up to this one, newest first."""
        if self.release is None and self.fault is None:
            return []
        found = self._rows(
            f"{_RELEASE} WHERE number <= :number ORDER BY number DESC",
            number=self.release.number if self.release else 0,
        )
        return [Release(*row) for row in found]

    def _one(self, condition: str, **values: Any) -> Entry | None:
        return next(iter(self._entries(f"{condition} ORDER BY entry.number DESC LIMIT 1", **values)), None)

    def _entries(self, condition: str, **values: Any) -> list[Entry]:
        return [entry_of(row) for row in self._rows(f"{_ENTRIES} WHERE {condition}", **values)]

    def _rows(self, query: str, **values: Any) -> list[sqlite3.Row]:
        """Ask the log; ``:last`` is the number of the last entry that may be told. Raises OSError."""
        if self.fault is not None:
            raise self.fault
        if self.release is None:
            return []
        with reading(self._state) as log:
            return log.execute(query, {"last": self.last, **values}).fetchall()

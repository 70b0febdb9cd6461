"""One line of the log of changes: a version of an entity, or its tombstone."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from app.changes.descriptions import entity_kind
from app.content.canonical import parse_quads
from app.terms import Iri, Literal, Quad

CREATED: Final = "created"
UPDATED: Final = "updated"
DELETED: Final = "deleted"
CHANGES: Final = (CREATED, UPDATED, DELETED)


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of an entity: created, updated or deleted, when, in which version of the dataset.

    ``description`` is canonical N-Quads, empty for a tombstone; ``digest`` is its SHA-256. A tombstone keeps types and
    labels of what it stands for, and names the successor where the data does. ``time`` is when the generation was
    built, in UTC; it never goes back from one entry to the next.
    """

    number: int
    id: str
    version: str
    entity: Iri
    time: str
    change: str
    digest: str
    types: tuple[Iri, ...]
    labels: tuple[Literal, ...]
    description: str
    successor: Iri | None

    @property
    def quads(self) -> list[Quad]:
        """The description, parsed."""
        return parse_quads(self.description)

    @property
    def is_tombstone(self) -> bool:
        """Say whether the entity was deleted."""
        return self.change == DELETED

    def row(self, base: str) -> dict[str, Any]:
        """Give the values of its row in the log, without number and generation."""
        return {
            "id": self.id,
            "entity": str(self.entity),
            "time": self.time,
            "change": self.change,
            "kind": entity_kind(self.entity, base),
            "digest": self.digest,
            "types": json.dumps(self.types),
            "labels": json.dumps([(each.value, each.language) for each in self.labels], ensure_ascii=False),
            "description": self.description,
            "successor": self.successor,
        }


@dataclass(frozen=True, slots=True)
class Release:
    """A published generation as the log knows it: also when its files are gone."""

    number: int
    digest: str
    as_of: str
    built: str
    first: int
    last: int

    @property
    def version(self) -> str:
        """The first 12 characters of the digest."""
        return self.digest[:12]


def entry_of(row: sqlite3.Row) -> Entry:
    """Make an entry of its row, joined with its generation's digest as ``version``."""
    return Entry(
        number=row["number"],
        id=row["id"],
        version=row["version"][:12],
        entity=Iri(row["entity"]),
        time=row["time"],
        change=row["change"],
        digest=row["digest"],
        types=tuple(Iri(each) for each in json.loads(row["types"])),
        labels=tuple(Literal(value, language) for value, language in json.loads(row["labels"])),
        description=row["description"],
        successor=Iri(row["successor"]) if row["successor"] else None,
    )

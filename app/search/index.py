"""Writing the search index."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.namespaces import shrink
from app.search.folding import fold, folded_words, sort_key
from app.search.rows import IndexRow

_SCHEMA: Final = """
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, kind TEXT);
CREATE TABLE label (thing INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, sort TEXT NOT NULL,
  folded TEXT NOT NULL);
CREATE TABLE class (thing INTEGER NOT NULL, iri TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (label, names, text, folded, tokenize = "unicode61 remove_diacritics 2");
"""
# Made when all rows are there: sorting them once is faster than keeping them sorted.
_INDEXES: Final = """
CREATE INDEX thing_kind ON thing (kind);
CREATE INDEX label_thing ON label (thing, language);
CREATE INDEX class_iri ON class (iri, thing);
INSERT INTO words (words) VALUES ('optimize');
ANALYZE;
"""
# The file is written whole or thrown away, so no journal is needed; what is sorted stays in memory (KiB).
_WRITING: Final = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -131072;
"""


def build_index(path: Path, rows: Iterable[IndexRow]) -> None:
    """Write the index to a new file."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript(_WRITING + _SCHEMA)
        connection.execute("INSERT INTO words (words, rank) VALUES ('hashsize', 16777216)")
        with connection:
            for number, row in enumerate(rows, 1):
                _add(connection, number, row)
        connection.executescript(_INDEXES)
    finally:
        connection.close()


def _add(connection: sqlite3.Connection, number: int, row: IndexRow) -> None:
    connection.execute("INSERT INTO thing (id, iri, kind) VALUES (?, ?, ?)", (number, row.iri, row.kind))
    labels = [(label.language or "", label.value) for label in row.labels if label.value.strip()]
    if not labels:  # as pages name a thing without label
        labels = [("", shrink(row.iri) or row.iri.rstrip("/#").replace("#", "/").rpartition("/")[2] or row.iri)]
    connection.executemany(
        "INSERT INTO label (thing, language, text, sort, folded) VALUES (?, ?, ?, ?, ?)",
        [(number, language.lower(), text, sort_key(text, language or None), fold(text)) for language, text in labels],
    )
    connection.executemany("INSERT INTO class (thing, iri) VALUES (?, ?)", [(number, iri) for iri in row.classes])
    label = "\n".join(text for _, text in labels)
    names, text = "\n".join(row.names), "\n".join(row.texts)
    connection.execute(
        "INSERT INTO words (rowid, label, names, text, folded) VALUES (?, ?, ?, ?, ?)",
        (number, label, names, text, folded_words(f"{label}\n{names}\n{text}")),
    )

-- The search index, before its rows.

-- The file is written whole or thrown away, so no journal is needed; what is sorted stays in memory (KiB).
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -131072;

-- Terms come folded, so that SQLite only has to split them at spaces; texts are kept beside for excerpts.
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind TEXT, text TEXT NOT NULL);
CREATE TABLE label (thing INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, sort TEXT NOT NULL);
CREATE TABLE name (key TEXT NOT NULL, other INTEGER NOT NULL, thing INTEGER NOT NULL);
-- Parts of documents (their IRIs have a fragment) without a name.
CREATE TABLE part (iri TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE class (thing INTEGER NOT NULL, iri TEXT NOT NULL);
CREATE TABLE facet (name TEXT NOT NULL, key TEXT NOT NULL, value TEXT, things BLOB NOT NULL);
CREATE TABLE sequence (name TEXT PRIMARY KEY, numbers BLOB NOT NULL);
CREATE TABLE term (term TEXT PRIMARY KEY, reversed TEXT NOT NULL, things INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (label, names, text, content = '', detail = column, prefix = '2 3',
  tokenize = "ascii");

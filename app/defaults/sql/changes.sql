-- The log of changes, where it is not there yet.

CREATE TABLE IF NOT EXISTS generation (
  number INTEGER PRIMARY KEY, digest TEXT NOT NULL, as_of TEXT NOT NULL, built TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, published INTEGER NOT NULL DEFAULT 0, UNIQUE (digest, built)
) STRICT;
CREATE TABLE IF NOT EXISTS entry (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, generation INTEGER NOT NULL REFERENCES generation (number),
  entity TEXT NOT NULL, time TEXT NOT NULL, change TEXT NOT NULL CHECK (change IN ('created', 'updated', 'deleted')),
  kind TEXT NOT NULL, digest TEXT NOT NULL, types TEXT NOT NULL, labels TEXT NOT NULL, description TEXT NOT NULL,
  successor TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS entry_of_entity ON entry (entity, number);
CREATE INDEX IF NOT EXISTS entry_at_time ON entry (time, number);
CREATE INDEX IF NOT EXISTS entry_of_kind ON entry (kind, change, number);
CREATE INDEX IF NOT EXISTS entry_that_deletes ON entry (entity, number) WHERE change = 'deleted';
CREATE INDEX IF NOT EXISTS entry_of_generation ON entry (generation);

"""Text search and lists over one SQLite file (FTS5) that the build writes and the server reads."""

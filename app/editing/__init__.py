"""Editing by people without git: tables, proposals, their judgement, and writing what is accepted into the files."""

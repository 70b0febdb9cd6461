"""Query files, their library, and values put into queries."""

"""RDF files: which there are, what they say, and their one canonical text."""

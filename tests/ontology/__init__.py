"""The ontology under test: what reasoners make of it, and what the engine uses of it."""

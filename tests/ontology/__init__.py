"""The ontology under test: pitfalls, use of terms, reasoning."""

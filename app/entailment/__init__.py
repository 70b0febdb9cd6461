"""Entailment: rules run to a fixpoint on the store, each conclusion with its reason."""

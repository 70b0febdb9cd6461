"""Registers of others: their files read as records, and what these say of things of ours as a proposal."""

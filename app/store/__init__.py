"""The triple store behind one interface; no engine object leaves this package."""

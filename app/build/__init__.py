"""From a content to a generation."""

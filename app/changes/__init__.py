"""What changed from one generation to the next: descriptions of entities, their log, differences, feeds."""

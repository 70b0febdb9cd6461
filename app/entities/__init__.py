"""What a page says of an entity: labels, facts with source and certainty, panels, what points to it."""

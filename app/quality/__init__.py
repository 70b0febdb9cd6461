"""What is wrong with a content: SHACL validation and the other checks."""

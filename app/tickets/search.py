"""Full-text search (to be written by its owner)."""

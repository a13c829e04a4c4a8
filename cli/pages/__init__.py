"""Pages of text for a terminal."""

"""File formats: telling them apart, cleaning, scanning and typesetting."""

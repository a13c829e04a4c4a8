"""Everything that a person can do and see, whichever door they came by. Every function checks who asks."""

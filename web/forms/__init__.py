"""The form of every command: drawn from its type, filled in, read back and checked by it."""

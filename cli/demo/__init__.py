"""The demonstration: fictitious complaints told from beginning to end."""

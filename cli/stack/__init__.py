"""The embedded stack, and where a command finds what it works on."""

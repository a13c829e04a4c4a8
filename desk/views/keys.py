"""The results of work on the keys."""

from pathlib import Path

from pydantic import Field

from domain.values import Value


class Rotated(Value):
    """The master key that every key is wrapped with now."""

    master_key: str
    wrapped: int
    """Number of keys that were wrapped anew."""
    file: Path | None = Field(default=None, exclude=True)
    """Its file, to be copied to a place apart from the back-ups; None where it is a secret of the settings."""


class Orphans(Value):
    """The number of keys that belong to no case, and of those that were destroyed."""

    found: int
    destroyed: int


class Forgotten(Value):
    """The master key in use, and the number of former ones that were removed from the file."""

    master_key: str
    forgotten: int

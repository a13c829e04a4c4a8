"""The answers to work on the keys."""

from pathlib import Path

from pydantic import Field

from domain.values import Value


class Rotated(Value):
    """The master key that every key is wrapped with now."""

    master_key: str
    wrapped: int
    """Keys that were wrapped anew."""
    file: Path | None = Field(default=None, exclude=True)
    """Its file, which is to be copied away from the back-ups; None where it is a secret of the settings."""


class Orphans(Value):
    """The keys that belong to no case."""

    found: int
    destroyed: int


class Forgotten(Value):
    """The master keys that were taken out of their file."""

    master_key: str
    forgotten: int

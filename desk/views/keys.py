"""The results of work on the keys."""

from datetime import datetime
from pathlib import Path

from pydantic import Field

from domain.values import Value
from domain.vocabulary import StoreNote


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


class Accepted(Value):
    """The store that one goes on with, the number of keys ever made in it, and the cases whose keys are gone."""

    store: str
    keys: int
    lost: tuple[str, ...]


class StoreLine(Value):
    """A store of keys as the book knew it then."""

    at: datetime
    what: StoreNote
    store: str
    keys: int
    account: str
    why: str
    lost: tuple[str, ...]


class StoreHistory(Value):
    """The history of the stores, oldest line first."""

    lines: tuple[StoreLine, ...]

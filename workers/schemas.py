"""Tells if the two databases answer with the schema that this code needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.migrate import BOOK, VAULT

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys


def book_is_migrated(database: Database) -> bool:
    """True if the book has the revision that this code needs. Raises what the driver raises when it is away."""
    return BOOK.current(database) == BOOK.wanted()


def keys_are_migrated(keys: CaseKeys) -> bool:
    """The same of the database of the keys."""
    return VAULT.current(keys.store) == VAULT.wanted()

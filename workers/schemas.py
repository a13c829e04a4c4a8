"""Tells if the two databases answer with the schema that this code needs."""

from kit.storage.database import Database
from models.keys import CaseKeys
from models.migrate import BOOK, VAULT


def book_is_migrated(database: Database) -> bool:
    """True if the book has the revision that this code needs. Raises what the driver raises when it is away."""
    return BOOK.current(database) == BOOK.wanted()


def keys_are_migrated(keys: CaseKeys) -> bool:
    """The same of the database of the keys."""
    return VAULT.current(keys.store) == VAULT.wanted()

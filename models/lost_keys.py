"""Detects a store of keys that is not that of this book: after a bad restore it may be empty, or another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.storage.database import Database
from models import cases

if TYPE_CHECKING:
    from models.keys import CaseKeys

A_FEW = 10
"""Number of lost keys up to which each is a fault of its own; beyond it, the whole store is in doubt."""


def cases_without_keys(database: Database, keys: CaseKeys) -> int:
    """Counts the cases for which the store never had a key, if they are more than half of all; 0 otherwise.

    Not all of them need to be: once a wrong store is in place, new cases get their keys in it. Raises Away.
    """
    with database.read() as tx:
        references = cases.not_erased(tx)  # read before the keys: a case has its key before it is in the book
    lost = len(references - keys.ever())
    return lost if lost > max(A_FEW, len(references) / 2) else 0

"""Detects a store of keys that is not that of this book: after a bad restore it may be empty, or another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.storage.database import Database
from models import cases
from models.key_stores import accepted_as_lost

if TYPE_CHECKING:
    from models.keys import CaseKeys

A_FEW = 10
"""Number of lost keys up to which each is a fault of its own; beyond it, the whole store is in doubt."""


def cases_without_keys(database: Database, keys: CaseKeys) -> int:
    """Counts the cases for which the store never had a key, if they are more than half of all; 0 otherwise.

    Not all of them need to be: in a wrong store that was accepted, new cases get their keys. Those that were accepted
    as lost are not counted, on either side. Raises Away.
    """
    with database.read() as tx:
        # Read before the keys: a case has its key before it is in the book.
        references = cases.not_erased(tx) - accepted_as_lost(tx)
    lost = len(references - keys.ever())
    return lost if lost > max(A_FEW, len(references) / 2) else 0

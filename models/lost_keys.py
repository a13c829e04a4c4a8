"""Whether the store of the keys is the one of this book: after a restore gone wrong it may be empty, or another's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit.storage.database import Database
from models import cases

if TYPE_CHECKING:
    from models.keys import CaseKeys

A_FEW = 10
"""So many keys may be lost, each a trouble of its own, before it is the store that is doubted."""


def cases_without_keys(database: Database, keys: CaseKeys) -> int:
    """How many cases of the book the store has never had a key of, when that is most of them; 0 otherwise.

    Most and not all: in a store that was put in the place of the right one, new cases get keys. Raises Away.
    """
    with database.read() as tx:
        known = cases.not_erased(tx)  # first: a case has its key before it is in the book
    lost = len(known - keys.ever())
    return lost if lost > max(A_FEW, len(known) / 2) else 0

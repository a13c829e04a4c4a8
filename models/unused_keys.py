"""Keys of openings that came to nothing: refused by the book, overtaken, or cut off between the key and the book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from models import cases
from models.key_stores import OwnStore

if TYPE_CHECKING:
    from kit.storage.database import Database
    from models.keys import CaseKeys

SPARED = timedelta(days=1)
"""Time for which a key is kept since an opening asked for it last: that opening may still be under way."""
A_FEW = 20


def unused_keys(database: Database, keys: CaseKeys, before: datetime) -> Sequence[str]:
    """The cases that the book does not have, with a key that no opening has asked for since then. Raises Away."""
    living = keys.unasked(before)  # before the book: what is in it by then has its key already
    with database.read() as tx:
        return sorted(living - cases.every_reference(tx))


def may_be_destroyed(database: Database, keys: CaseKeys, unused: Sequence[str]) -> bool:
    """True if so many unused keys can be what openings left behind.

    More of them, or another store, may mean that the book has lost cases: then nobody but people destroys keys.
    """
    with database.read() as tx:
        known = cases.count_known(tx)
    return len(unused) <= max(A_FEW, known // 100) and OwnStore(database, keys).fault() is None

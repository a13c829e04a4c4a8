"""Quotas of the doors that have no token: what one account has asked by them within the hour, as the book has it.

Whoever comes by the machine itself is a process of its own each time, so that no memory could count. Only a book that
has grown by as many lines within the hour is looked at further: else one row is read by its number.
"""

import math
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, not_, select

from domain.errors import TooMany
from domain.vocabulary import Door
from models.tables import book

HOUR = timedelta(hours=1)
IMPORTED = "import:"
"""Before the id of every command of an import, which is let through: a register has as many rows as it has."""
_LOOKED_AT = 20
"""Lines of the book that are looked through for each command that an account may ask."""


def require_within(tx: Connection, account: str, door: Door, limit: int, at: datetime, *, opens: bool) -> None:
    """Raises TooMany when this account has asked so many commands, or opened so many cases, by this door in an hour."""
    since, newest = at - HOUR, tx.execute(select(func.max(book.c.id))).scalar() or 0
    if not _is_recent(tx, newest - limit + 1, since):
        return
    by_door = book.c.door.is_(None) if door is Door.LOCAL else book.c.door == door.value
    own = (
        book.c.id > newest - limit * _LOOKED_AT,
        book.c.account == account,
        by_door,
        book.c.version == 1 if opens else book.c.position == 0,
        not_(book.c.command_id.startswith(IMPORTED)),
        book.c.recorded_at > since,
    )
    oldest = select(book.c.recorded_at).where(*own).order_by(book.c.id.desc()).offset(limit - 1).limit(1)
    counted_from = tx.execute(oldest).scalar()
    if counted_from is not None:
        raise TooMany(max(1, math.ceil((counted_from + HOUR - at).total_seconds())))


def _is_recent(tx: Connection, number: int, since: datetime) -> bool:
    """True if the line of this number was written since: otherwise all accounts together have not asked so much."""
    line = select(book.c.recorded_at).where(book.c.id <= number).order_by(book.c.id.desc()).limit(1)
    recorded_at = tx.execute(line).scalar()
    return recorded_at is not None and recorded_at > since

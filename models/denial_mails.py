"""Who was mailed that an account was refused often: each reader once for each such hour, whoever sends it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from models.denials import Denied
from models.tables import denial_mails, denials

KEPT = timedelta(days=1)
"""Time for which it is remembered who was mailed."""


def untold(tx: Connection) -> Sequence[Denied]:
    """The hours with many refusals of which not everybody who is to know was mailed yet."""
    waiting = select(denials).where(denials.c.many_at.is_not(None), denials.c.told.is_(False))
    return [Denied.of(row) for row in tx.execute(waiting.order_by(denials.c.many_at))]


def settled(tx: Connection, hour: Denied) -> frozenset[str]:
    """The readers who need not be mailed any more about an hour."""
    done = select(denial_mails.c.reader).where(*_of(hour), denial_mails.c.settled_at.is_not(None))
    return frozenset(tx.execute(done).scalars())


def hold(tx: Connection, hour: Denied, reader: str, now: datetime, until: datetime) -> bool:
    """Takes hold of a mail, so that nobody else sends it meanwhile. False while another holds it, or it is settled.

    `tx` writes. Raises IntegrityError when another takes hold of it at the same moment.
    """
    row = tx.execute(select(denial_mails).where(*_of(hour), denial_mails.c.reader == reader)).first()
    if row is None:
        values = {"account": hour.account, "began": hour.began, "reader": reader, "held_until": until}
        tx.execute(insert(denial_mails), [values | {"settled_at": None}])
        return True
    free = (denial_mails.c.settled_at.is_(None), denial_mails.c.held_until <= now)
    taken = update(denial_mails).where(*_of(hour), denial_mails.c.reader == reader, *free).values(held_until=until)
    return tx.execute(taken).rowcount == 1


def release(tx: Connection, hour: Denied, reader: str, until: datetime) -> None:
    """Lets go of a mail that was not taken: it is tried again after `until`."""
    tx.execute(update(denial_mails).where(*_of(hour), denial_mails.c.reader == reader).values(held_until=until))


def settle(tx: Connection, hour: Denied, reader: str, at: datetime) -> None:
    """Notes that a reader was mailed, or never can be."""
    tx.execute(update(denial_mails).where(*_of(hour), denial_mails.c.reader == reader).values(settled_at=at))


def close(tx: Connection, hour: Denied, at: datetime) -> None:
    """Notes that nobody is left to be mailed about an hour; what was settled long ago is forgotten.

    Not at once: another worker, which looked before, may still be about to send.
    """
    window = (denials.c.account == hour.account, denials.c.began == hour.began)
    tx.execute(update(denials).where(*window).values(told=True))
    tx.execute(delete(denial_mails).where(denial_mails.c.settled_at < at - KEPT))


def _of(hour: Denied) -> tuple[ColumnElement[bool], ...]:
    return denial_mails.c.account == hour.account, denial_mails.c.began == hour.began

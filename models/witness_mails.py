"""Which checkpoints were mailed to whom: none is mailed twice for having been tried twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from models.tables import witness_mails


@dataclass(frozen=True)
class LastSent:
    """The size of the last checkpoint that a reader was sent, and when."""

    size: int
    sent_at: datetime


def last_to(tx: Connection, reader: str) -> LastSent | None:
    """The last checkpoint that a reader was sent; None when there was none yet."""
    of_reader = select(witness_mails.c.size, witness_mails.c.sent_at).where(witness_mails.c.reader == reader)
    row = tx.execute(of_reader.order_by(witness_mails.c.size.desc()).limit(1)).first()
    return LastSent(*row) if row else None


def add(tx: Connection, reader: str, size: int, sent_at: datetime) -> None:
    """Notes that a mail was accepted. Raises IntegrityError when that is noted already."""
    tx.execute(insert(witness_mails), [{"reader": reader, "size": size, "sent_at": sent_at}])

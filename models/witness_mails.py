"""Which checkpoints were mailed to whom: none is mailed twice for having been tried twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.engine import Row

from models.tables import witness_mails


def last_to(tx: Connection, reader: str) -> Row[Any] | None:
    """The last checkpoint that a reader was sent; None when there was none yet."""
    query = select(witness_mails).where(witness_mails.c.reader == reader).order_by(witness_mails.c.size.desc())
    return tx.execute(query.limit(1)).first()


def add(tx: Connection, reader: str, size: int, sent_at: datetime) -> None:
    """Notes that a mail was accepted. Raises IntegrityError when that is noted already."""
    tx.execute(insert(witness_mails), [{"reader": reader, "size": size, "sent_at": sent_at}])

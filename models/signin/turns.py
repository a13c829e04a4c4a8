"""Turns: what counts, and what must leave something over, is done by one transaction at a time."""

from sqlalchemy import Connection, text

_LOCK = text("SELECT pg_advisory_xact_lock(8071997)")


def one_at_a_time(tx: Connection) -> None:
    """Waits for whoever else counts tries, invites, or takes means away. On SQLite whoever writes is alone already."""
    if tx.dialect.name != "sqlite":
        tx.execute(_LOCK)

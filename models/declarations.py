"""Declarations about the sealed log, in the order in which they were made. Only ever added to."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from models.tables import declarations


def notes(tx: Connection) -> list[str]:
    """Every declaration as it was signed, the first first."""
    return list(tx.execute(select(declarations.c.note).order_by(declarations.c.number)).scalars())


def add(tx: Connection, note: str, made_at: datetime) -> int:
    """Keeps a declaration; gives its number, from 1. Whoever adds one holds the log (`seals.hold`)."""
    number = int(tx.execute(select(func.count()).select_from(declarations)).scalar_one()) + 1
    tx.execute(insert(declarations), [{"number": number, "note": note, "made_at": made_at}])
    return number

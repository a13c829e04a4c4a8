"""Custody: who was given which file, when and what for. Written before the first byte is given, and never changed.

Who attached a file, and when, is in the book: `custody_of` tells both together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from domain.events import Actor, Entry, FileAttached, FileRemoved
from kit.vault import DataKey
from models.tables import custody


class Action(StrEnum):
    """What was done with a file."""

    ADDED = "ADDED"
    READ = "READ"
    """What is shown of it was given to somebody of the case."""
    EXPORTED = "EXPORTED"
    """It was given as it was received, to leave this system."""
    REMOVED = "REMOVED"


@dataclass(frozen=True)
class Custody:
    """A line of the custody of a file."""

    file: str
    action: Action
    account: str
    role: str
    organisation: str
    at: datetime
    reason: str | None = None


def note(
    tx: Connection, key: DataKey, reference: str, file: str, action: Action, actor: Actor, reason: str | None
) -> None:
    """Writes down that this file is being given to somebody."""
    place = _place(reference, file)
    row = {
        "reference": reference,
        "file": file,
        "action": action,
        "account": actor.account,
        "role": actor.role,
        "organisation": actor.organisation,
        "at": datetime.now(UTC),
        "reason": key.seal(reason.encode(), place) if reason else None,
    }
    tx.execute(insert(custody), row)


def custody_of(tx: Connection, key: DataKey, reference: str, history: Iterable[Entry]) -> list[Custody]:
    """Everything that happened to the files of a case, oldest first."""
    found = [
        Custody(
            file=entry.event.id,
            action=Action.ADDED if isinstance(entry.event, FileAttached) else Action.REMOVED,
            account=entry.actor.account,
            role=entry.actor.role,
            organisation=entry.actor.organisation,
            at=entry.recorded_at,
            reason=entry.event.reason if isinstance(entry.event, FileRemoved) else None,
        )
        for entry in history
        if isinstance(entry.event, FileAttached | FileRemoved)
    ]
    for row in tx.execute(select(custody).where(custody.c.reference == reference).order_by(custody.c.id)):
        reason = key.open(bytes(row.reason), _place(reference, row.file)).decode() if row.reason else None
        found.append(Custody(row.file, Action(row.action), row.account, row.role, row.organisation, row.at, reason))
    return sorted(found, key=lambda one: one.at)


def _place(reference: str, file: str) -> str:
    return f"custody|{reference}|{file}"

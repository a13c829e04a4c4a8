"""Custody: who attached, read, exported and removed which file, when and what for.

What was attached and removed is in the book; who was given a file is in the access journal, which is written before
the first byte is given. Neither can be changed; here they are told together.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from domain.actors import Actor
from domain.events import Entry
from domain.parts.files import EvidenceFile, FileAttached, FileRemoved
from domain.values import Value
from domain.vocabulary import Role
from models import journal
from models.journal import Access
from models.keys import JOURNAL, CaseKeys


class Action(StrEnum):
    """What was done with a file."""

    ADDED = "ADDED"
    READ = "READ"
    """What is shown of it was given to somebody of the case."""
    EXPORTED = "EXPORTED"
    """It was given as it was received, to leave this system."""
    REMOVED = "REMOVED"


_GIVEN = {Access.FILE: Action.READ, Access.EXPORT: Action.EXPORTED}


class Custody(Value):
    """A line of the custody of a file."""

    file: str
    action: Action
    account: str
    role: Role
    organisation: str
    at: datetime
    reason: str | None = None


def note_given(
    tx: Connection, keys: CaseKeys, actor: Actor, reference: str, file: EvidenceFile, why: str | None, *, original: bool
) -> None:
    """Writes down that this file is about to be given to somebody."""
    access = Access.EXPORT if original else Access.FILE
    journal.note(tx, keys.of(JOURNAL), actor, access, reference=reference, file=file.id, why=why)


def custody_of(tx: Connection, keys: CaseKeys, reference: str, history: Iterable[Entry]) -> list[Custody]:
    """Everything that happened to the files of a case, oldest first. It reads the whole journal."""
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
    for noted in journal.entries(tx, keys.of(JOURNAL), reference=reference, limit=_ALL):
        said = noted.reading
        if said.file is not None and (action := _GIVEN.get(said.access)):
            found.append(
                Custody(
                    file=said.file,
                    action=action,
                    account=said.account,
                    role=said.role,
                    organisation=said.organisation,
                    at=noted.at,
                    reason=said.why,
                )
            )
    return sorted(found, key=lambda one: one.at)


_ALL = 1_000_000

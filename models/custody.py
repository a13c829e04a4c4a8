"""Custody: who attached, read, exported and removed which file, when and what for.

The book tells what was attached and removed; the access journal, written before the first byte is given, tells who was
given a file. Neither can be changed; here they are told together.
"""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from domain.access import Access, Action, Custody
from domain.actors import Actor
from domain.events import Entry
from domain.parts.files import EvidenceFile, FileAttached, FileRemoved
from models import journal
from models.keys import JOURNAL, CaseKeys

_GIVEN = {Access.FILE: Action.READ, Access.EXPORT: Action.EXPORTED}


def note_given(
    tx: Connection, keys: CaseKeys, actor: Actor, reference: str, file: EvidenceFile, why: str | None, *, original: bool
) -> None:
    """Writes down that this file is about to be given to somebody."""
    access = Access.EXPORT if original else Access.FILE
    journal.note(tx, keys.of(JOURNAL), actor, access, reference=reference, file=file.id, why=why)


def custody_of(tx: Connection, keys: CaseKeys, reference: str, history: Iterable[Entry]) -> list[Custody]:
    """Everything that happened to the files of a case, oldest first. It reads the whole journal."""
    readings = journal.entries(tx, keys.of(JOURNAL), reference=reference, limit=_ALL)
    return sorted([*_in_book(history), *_in_journal(readings)], key=lambda line: line.at)


_ALL = 1_000_000


def _in_book(history: Iterable[Entry]) -> Iterator[Custody]:
    for entry in history:
        if isinstance(entry.event, FileAttached | FileRemoved):
            yield Custody(
                file=entry.event.id,
                action=Action.ADDED if isinstance(entry.event, FileAttached) else Action.REMOVED,
                account=entry.actor.account,
                role=entry.actor.role,
                organisation=entry.actor.organisation,
                at=entry.recorded_at,
                reason=entry.event.reason if isinstance(entry.event, FileRemoved) else None,
            )


def _in_journal(readings: Iterable[journal.Noted]) -> Iterator[Custody]:
    for noted in readings:
        reading = noted.reading
        if reading.file is not None and (action := _GIVEN.get(reading.access)):
            yield Custody(
                file=reading.file,
                action=action,
                account=reading.account,
                role=reading.role,
                organisation=reading.organisation,
                at=noted.at,
                reason=reading.why,
            )

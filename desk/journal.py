"""Reading the access journal."""

from collections.abc import Collection
from typing import Any

from desk.office import Office
from desk.views.journal import JournalEntryView, JournalView
from domain.access import Access, Reading
from domain.actors import Actor
from domain.permissions import require_journal_reader
from models import cases, journal
from models.keys import JOURNAL


def read_journal(
    office: Office,
    actor: Actor,
    *,
    account: str | None = None,
    reference: str | None = None,
    access: Access | None = None,
    limit: int = 100,
    why: str | None = None,
) -> JournalView:
    """The last entries of the journal, for auditors: all, or those of an account, a case, a way of reading.

    That it is read is noted in it first. Raises Refused for anybody but an auditor.
    """
    key = office.keys.of(JOURNAL)
    with office.writing_as(actor) as (tx, actor):
        require_journal_reader(actor)
        journal.note(tx, key, actor, Access.JOURNAL, reference=reference, why=why)
        entries = journal.entries(tx, key, account=account, reference=reference, access=access, limit=limit)
        broken = journal.broken_entry(tx)
        closed = cases.closed_to(tx, actor)
    if reference in closed:
        entries = []
    views = (JournalEntryView(number=e.number, at=e.at, **_told(e.reading, closed)) for e in entries)
    return JournalView(broken=broken, entries=tuple(views))


def _told(reading: Reading, closed: Collection[str]) -> dict[str, Any]:
    """An entry as it is told: of a case that is closed to its reader, that somebody read one, and no more."""
    is_closed = reading.reference in closed
    return reading.model_dump() | ({"reference": None, "file": None, "why": None} if is_closed else {})

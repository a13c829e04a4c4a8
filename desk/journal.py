"""Reading the access journal."""

from desk.office import Office
from desk.views.journal import JournalEntryView, JournalView
from domain.access import Access
from domain.actors import Actor
from domain.permissions import require_journal_reader
from models import journal
from models.keys import JOURNAL


def read_journal(
    office: Office,
    actor: Actor,
    *,
    account: str | None = None,
    reference: str | None = None,
    limit: int = 100,
    why: str | None = None,
) -> JournalView:
    """The last entries of the journal, for auditors: all of them, or those of one account or about one case.

    That it is read is noted in it first. Raises Refused for anybody but an auditor.
    """
    require_journal_reader(actor)
    key = office.keys.of(JOURNAL)
    with office.writing() as tx:
        journal.note(tx, key, actor, Access.JOURNAL, reference=reference, why=why)
        entries = journal.entries(tx, key, account=account, reference=reference, limit=limit)
        broken = journal.broken_entry(tx)
    views = (JournalEntryView(number=e.number, at=e.at, **e.reading.model_dump()) for e in entries)
    return JournalView(broken=broken, entries=tuple(views))

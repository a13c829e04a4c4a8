"""The access journal as an auditor reads it."""

from datetime import datetime

from domain.access import Access
from domain.values import Value
from domain.vocabulary import Role


class JournalEntryView(Value):
    """An entry: who read what, when and why."""

    number: int | None
    """None while the entry waits to be chained."""
    at: datetime
    access: Access
    account: str
    role: Role
    organisation: str
    reference: str | None
    file: str | None
    why: str | None
    found: int | None
    """Number of cases that a search found, of entries that are missing, or of refusals."""


class JournalView(Value):
    """The last entries of the journal, the latest first."""

    broken: int | None
    """The number of the first entry that does not follow from the one before; none when all do."""
    entries: tuple[JournalEntryView, ...]

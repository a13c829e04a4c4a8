"""Views of drafts, for their owner alone."""

from datetime import date, datetime

from domain.drafts import DraftContent
from domain.values import Value


class DraftKept(Value):
    """A draft that was kept: when, and the first day on which it is not there any more."""

    id: str
    kept_at: datetime
    destroyed_on: date


class DraftView(DraftKept):
    """A draft with what was typed."""

    act: str
    """The name of its command; "open" for a complaint that is being taken in."""
    reference: str | None
    content: DraftContent


class DraftLine(DraftKept):
    """A draft as a line of a list."""

    act: str
    reference: str | None
    person: str
    """The name that was typed for the complainant, as far as it was; empty if none was."""


class DraftsView(Value):
    """The drafts of an account, the latest first."""

    drafts: tuple[DraftLine, ...]


class DraftDropped(Value):
    """The id of a draft that is not there any more."""

    id: str

"""A letter that is ready to be signed and sent."""

from datetime import date

from pydantic import Field

from domain.values import Value
from domain.vocabulary import Party


class Letter(Value):
    """A letter that asks for pieces, and what must be checked before it is sent."""

    reference: str
    version: int
    """The version of the case that it was drafted from."""
    lever: str
    basis: str
    pieces: tuple[str, ...]
    from_whom: Party
    recipient_known: bool
    """False if name and address must be filled in by hand."""
    day: date
    due: date | None
    """The last day for an answer, if the letter is received on the day it is written."""
    due_by_law: bool
    """True if the law sets that day; False if we do."""
    sha256: str
    """The digest of `content`."""
    consent_missing: bool
    """True if it may not be sent yet: the person has not agreed that the respondent be told."""
    notes: tuple[str, ...] = ()
    """Remarks on the texts that it cites, which stand at its foot: not read here, or other on its day."""
    text: str | None
    content: bytes = Field(default=b"", exclude=True)
    """The letter itself, as a PDF or as text."""

"""A letter that is ready to be signed and sent."""

from datetime import date

from pydantic import Field

from domain.values import Value
from domain.vocabulary import Party


class Letter(Value):
    """A letter that asks for pieces, and what is to be known before it is sent."""

    reference: str
    version: int
    """The version of the case that it was drafted from."""
    lever: str
    basis: str
    pieces: tuple[str, ...]
    from_whom: Party
    recipient_known: bool
    """False if name and address are to be filled in by hand."""
    day: date
    due: date | None
    """By when an answer is due, if it is received the day it is written."""
    due_by_law: bool
    """False if that delay is ours."""
    sha256: str
    """The digest of its content."""
    consent_missing: bool
    """True if it may not be sent yet: the person has not agreed that the respondent be told."""
    text: str | None
    content: bytes = Field(exclude=True)
    """Its bytes, as a PDF or as text."""

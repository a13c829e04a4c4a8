"""The bundle of a case for an auditor."""

from pydantic import Field

from domain.values import Value


class Bundle(Value):
    """A ZIP, and how much is in it."""

    content: bytes = Field(exclude=True)
    lines: int
    sealed: int
    histories: int

"""The export of a case as evidence."""

from pydantic import Field

from domain.values import Value


class Bundle(Value):
    """A ZIP that an auditor can verify, and the counts of its lines, of those that are sealed, and of its histories."""

    content: bytes = Field(exclude=True)
    lines: int
    sealed: int
    histories: int

"""A stale view: somebody decides on a case that has moved on meanwhile. Refused, saying what changed."""

from collections.abc import Callable, Iterable
from typing import Protocol

from domain.case import Case
from domain.errors import Refused


class Change(Protocol):
    """A line that came since: its version, what it is, by whom."""

    @property
    def version(self) -> int:
        """The version it made."""

    @property
    def what(self) -> str:
        """The event's tag."""

    @property
    def who(self) -> str:
        """The account."""


def require_fresh(expected: int | None, case: Case | None, since: Callable[[int], Iterable[Change]]) -> None:
    """Refuses when the case is not at the expected version; `since` gives the lines after a version."""
    if expected is None or case is None or expected == case.version:
        return
    if expected > case.version:
        raise Refused(
            "version_ahead",
            "The case is at version {version}, not yet at {expected}.",
            "Read the case again.",
            field="expected_version",
            version=case.version,
            expected=expected,
        )
    changes = list(since(expected))
    said = ", ".join(f"{c.what} ({c.who})" for c in changes[-8:])
    raise Refused(
        "stale",
        "The case has moved on from version {expected} to {version}: {changes}.",
        "Read the case again, then decide.",
        field="expected_version",
        expected=expected,
        version=case.version,
        changes=said or "?",
    )

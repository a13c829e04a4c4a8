"""A stale view: somebody decides on a case that has moved on meanwhile. Refused, saying what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from domain.errors import Refused

if TYPE_CHECKING:
    from domain.case import Case

TOLD = 12
"""The number of lines that are told one by one. Of more, the first and the last ones are."""
LAST = 4
"""The number of last ones."""

_REMEDY = "Read the case again, then decide."


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
    raise _stale(expected, case.version, list(since(expected)))


def _stale(expected: int, version: int, changes: list[Change]) -> Refused:
    """Each line makes one version: where some are not told, how many is said."""
    count = version - expected
    if len(changes) == count <= TOLD:
        return Refused(
            "stale",
            "The case has moved on from version {expected} to {version}: {changes}.",
            _REMEDY,
            field="expected_version",
            changes=_said(changes),
            expected=expected,
            version=version,
        )
    first = [change for change in changes[:1] if change.version == expected + 1]
    last = changes[len(first) :][-LAST:]
    return Refused(
        "stale",
        "The case has moved on from version {expected} to {version}, by {count} events. First: {first}. Last: {last}. "
        "Between them, not told here: {between}.",
        _REMEDY,
        field="expected_version",
        count=count,
        first=_said(first) or "?",
        last=_said(last) or "?",
        between=count - len(first) - len(last),
        expected=expected,
        version=version,
    )


def _said(changes: list[Change]) -> str:
    return ", ".join(f"{change.what} ({change.who})" for change in changes)

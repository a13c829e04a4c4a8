"""Looks at the accounts: is their history what was sealed, do they stand as it tells, who wrote in whose name?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from audit.findings import Finding
from domain.accounts.state import Account, evolve
from domain.actors import CODE_ACTORS, capability_in, is_reserved
from domain.capabilities import is_over
from domain.lifecycle import evolve as evolve_case
from domain.vocabulary import Role
from models import account_history

if TYPE_CHECKING:
    from datetime import datetime

    from domain.accounts.events import AccountLine
    from domain.case import Case
    from domain.events import Entry
    from models.book import StoredLine


def chain(tx: Connection, sealed: Mapping[int, bytes]) -> list[Finding]:
    """Finds the first line of the history that is not the one that was written, or sealed, if any.

    Where all lines follow from each other, and yet not to what was sealed, the finding names the stretch.
    """
    reached = holds = 0
    for line in account_history.walked(tx):
        reached = line.head.number
        if not line.follows:
            return [Finding("account_line_changed", str(reached))]
        if reached in sealed:
            if sealed[reached] != line.head.line_hash:
                return [Finding("account_line_changed", f"{holds + 1}-{reached}")]
            holds = reached
    return [Finding("account_line_gone", str(reached + 1))] if reached < max(sealed, default=0) else []


def standings(tx: Connection) -> list[Finding]:
    """Finds accounts that stand otherwise than their history tells."""
    told = account_history.everything(tx)
    expected = {name: account_history.row_of(account) for name, account in told.items() if account.is_known}
    rows = account_history.rows(tx)
    return [
        Finding("account_differs", name)
        for name in sorted(expected.keys() | rows.keys())
        if expected.get(name) != rows.get(name)
    ]


class Names:
    """The accounts over time, by the order in which lines were committed: no clock is asked."""

    def __init__(self, lines: Iterable[AccountLine]) -> None:
        self._after: dict[str, list[int]] = defaultdict(list)
        self._states: dict[str, list[Account]] = defaultdict(list)
        self._at: dict[str, list[datetime]] = defaultdict(list)
        for line in lines:
            before = self._states[line.account]
            self._after[line.account].append(line.after)
            self._at[line.account].append(line.at)
            before.append(evolve(before[-1] if before else Account(account=line.account), line))

    def wrong(self, reference: str, lines: Sequence[StoredLine]) -> list[Finding]:
        """Finds lines in the name of an account that was not there, or closed, when they were committed."""
        return [Finding(kind, f"v{line.version}", reference) for line in lines if (kind := self._kind(line))]

    def _kind(self, line: StoredLine) -> str | None:
        if line.role == Role.SYSTEM:
            actor = CODE_ACTORS.get(line.account)
            is_ours = actor is not None and (line.organisation, line.metropolis) == (actor.organisation, None)
            return None if is_ours else "account_unknown"
        if is_reserved(line.account):  # nobody's account: the case itself tells whether it had such a capability
            named = capability_in(line.account)
            return None if named is not None and named[0] == line.reference else "account_unknown"
        # The last line of its history that was written before this line of the book, which has the greater number.
        account = self._state(line.account, bisect_left(self._after.get(line.account, ()), line.id))
        if account is None or not account.is_known:
            return "account_unknown"
        if account.active:
            return None
        # A line that was restored from the histories has a number of that day: what it was recorded at counts.
        then = self._state(line.account, bisect_right(self._at[line.account], line.recorded_at))
        return None if then is not None and then.active else "account_closed"

    def _state(self, account: str, lines: int) -> Account | None:
        """The account after so many lines of its history."""
        return self._states[account][lines - 1] if lines else None


def by_capability(reference: str, entries: Sequence[Entry]) -> list[Finding]:
    """Finds commands in the name of a capability that the case did not have, or that opened nothing, at that moment."""
    if not any(entry.actor.by_capability for entry in entries):
        return []
    findings: list[Finding] = []
    case: Case | None = None
    command = ""
    for entry in entries:
        # A command may end its own capability: its first line alone is looked at.
        is_first = entry.command_id != command
        if is_first and entry.actor.by_capability and (case is None or is_over(case, entry.actor, entry.recorded_at)):
            findings.append(Finding("account_unknown", f"v{entry.version}", reference))
        case, command = evolve_case(case, entry, reference), entry.command_id
    return findings

"""The preview of a policy: the changes it would bring, before it is put in force. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar
from domain.time.clocks import agenda, passed
from domain.time.deadline import Deadline
from domain.time.policy import Policy
from domain.values import Value
from domain.vocabulary import DeadlineKind, Level

if TYPE_CHECKING:
    from domain.case import Case


MOST_NAMED = 100
"""The number of cases that a preview names."""


class Preview(Value):
    """The cases that a change of policy would touch: how many, and the first that it alerts at once, by reference."""

    cases: int = 0
    alerts_at_once: int = 0
    """Alerts that would be raised as soon as the change is rolled out, beyond those that are due anyway."""
    would_stall: int = 0
    """Cases that would become stalled at once."""
    sooner: int = 0
    later: int = 0
    """Cases whose next deadline would come sooner, or later."""
    alerted: tuple[str, ...] = ()
    """References of cases on which an alert would be raised at once, the first 100."""


def preview(
    cases: Iterable[Case],
    now: Policy,
    then: Policy,
    calendar: WorkingCalendar,
    at: datetime,
) -> Preview:
    """Compares the agendas of these cases under the policy in force and under another."""
    counts = dict.fromkeys(("cases", "alerts_at_once", "would_stall", "sooner", "later"), 0)
    alerted: list[str] = []
    for case in cases:
        before, after = agenda(case, now, calendar), agenda(case, then, calendar)
        at_once = _raised_at_once(before, after, at)
        counts["cases"] += 1
        counts["alerts_at_once"] += len(at_once)
        if at_once and len(alerted) < MOST_NAMED:
            alerted.append(case.reference)
        counts["would_stall"] += not case.is_stalled and any(_is_stall(deadline) for deadline in at_once)
        if before and after:
            counts["sooner"] += after[0].due < before[0].due
            counts["later"] += after[0].due > before[0].due
    return Preview(**counts, alerted=tuple(alerted))


def _raised_at_once(before: Sequence[Deadline], after: Sequence[Deadline], at: datetime) -> list[Deadline]:
    """The deadlines that pass under the new policy only. The end of a pause is left out: it alerts nobody."""
    due_anyway = {deadline.key for deadline in passed(before, at)}
    return [
        deadline
        for deadline in passed(after, at)
        if deadline.key not in due_anyway and deadline.kind is not DeadlineKind.PAUSE_END
    ]


def _is_stall(deadline: Deadline) -> bool:
    return deadline.kind is DeadlineKind.STALL and deadline.level is not Level.CASE_WORKER

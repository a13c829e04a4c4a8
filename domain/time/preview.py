"""What another policy would change, before it is put in force. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar
from domain.time.clocks import agenda, passed
from domain.time.policy import Policy
from domain.values import Value
from domain.vocabulary import DeadlineKind, Level

if TYPE_CHECKING:
    from domain.case import Case


class Preview(Value):
    """How many cases a change of policy would touch."""

    cases: int = 0
    alerts_at_once: int = 0
    """Alerts that would be raised as soon as the change is rolled out, beyond those that are due anyway."""
    would_stall: int = 0
    """Cases that would become stalled at once."""
    sooner: int = 0
    later: int = 0
    """Cases whose next deadline would come sooner, or later."""


def preview(cases: Iterable[Case], now: Policy, then: Policy, calendar: WorkingCalendar, at: datetime) -> Preview:
    """Compares the agendas of all these cases under the policy in force and under another."""
    counts = dict.fromkeys(Preview.model_fields, 0)
    for case in cases:
        before, after = agenda(case, now, calendar), agenda(case, then, calendar)
        due = {deadline.key for deadline in passed(before, at)}
        # Of a pause that ends nobody is alerted.
        new = [d for d in passed(after, at) if d.key not in due and d.kind is not DeadlineKind.PAUSE_END]
        counts["cases"] += 1
        counts["alerts_at_once"] += len(new)
        counts["would_stall"] += not case.is_stalled and any(
            d.kind is DeadlineKind.STALL and d.level is not Level.CASE_WORKER for d in new
        )
        if before and after:
            counts["sooner"] += after[0].due < before[0].due
            counts["later"] += after[0].due > before[0].due
    return Preview(**counts)

"""Invented people, places and complaints, and `Story`: a case that one tells command by command."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.actors import CLOCK, Actor
from domain.case import Case
from domain.complaint import Complaint, ConsentGiven
from domain.dates import WorkingCalendar
from domain.errors import Refused
from domain.events import Entry
from domain.lifecycle import decide, fold, record, when
from domain.parts.alert import PassDeadlines
from domain.parts.assessment import Assess
from domain.parts.base import Command
from domain.parts.closure import Close, ProposeClosure
from domain.parts.consent import RecordConsent
from domain.parts.filing import PrepareFiling
from domain.parts.intake import Open
from domain.parts.referral import Refer
from domain.time.clocks import agenda, passed
from domain.time.deadline import Deadline
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.values import day_of
from domain.vocabulary import ConsentForm, ConsentScope, DeadlineKind
from tests.people import LILLE, LOU, PARTNER_ORG, WORKER
from tests.support.builders import explained as explained

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""2 March 2026, nine in the morning in Paris: no public holiday until Easter Monday (6 April)."""
HOLIDAYS = frozenset(
    date(year, month, day)
    for year in range(2024, 2040)
    for month, day in ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
) | {date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)}
CALENDAR = WorkingCalendar(HOLIDAYS)


def complaint_data(**changes: Any) -> dict[str, Any]:
    """A complaint as a form would send it."""
    return {
        "received_at": "2026-03-02T09:00:00+01:00",
        "channel": "DESK",
        "domain": "LOGEMENT_PRIVE",
        "criteria": ["ORIGINE"],
        "facts": {
            "narrative": "L’agence a dit que l’appartement était déjà loué; une amie l’a visité le même jour.",
            "occurred_on": "2026-02-20",
            "place": {"commune": LILLE},
        },
        "complainant": dict(LOU),
        "fictitious": True,
    } | changes


def complaint(**changes: Any) -> Complaint:
    return Complaint.model_validate(complaint_data(**changes))


def consent(scope: ConsentScope, recipient: str | None = None, on: str = "2026-03-02", **more: Any) -> RecordConsent:
    return RecordConsent(consent=ConsentGiven(scope=scope, recipient=recipient, given_on=on, **more))


def to_partner(partner: str = PARTNER_ORG, on: str = "2026-03-02") -> RecordConsent:
    return consent(ConsentScope.REFERRAL, partner, on)


def to_defender(on: str = "2026-03-02", form: ConsentForm = ConsentForm.WRITTEN) -> RecordConsent:
    return consent(ConsentScope.DEFENDER, on=on, form=form)


def closing(kind: type[Close] | type[ProposeClosure] = Close, **changes: Any) -> Any:
    content: dict[str, Any] = {
        "outcome": "ADVICE_GIVEN",
        "reason": "ADVICE_SUFFICED" if kind is Close else "LACK_OF_PROOF",
        "last_known_fact": "The person has what they need.",
        "not_told_because": "No address, no telephone.",
    }
    return kind.model_validate(content | changes)


A_FILE: dict[str, Any] = {
    "piece": "EV001",
    "filename": "Courrier de l’agence.pdf",
    "stored": "a" * 32,
    "sha256": "0" * 64,
    "size": 1_000,
    "media_type": "application/pdf",
    "to_scan": True,
}


class Story:
    """A case and its whole history. Each command is decided, recorded and folded at the story's own time."""

    def __init__(
        self, at: datetime = MONDAY, opened_by: Actor = WORKER, policy: Policy = DEFAULT_POLICY, **changes: Any
    ) -> None:
        self.at, self.policy = at, policy
        self.entries: list[Entry] = []
        self._case: Case | None = None
        self.do(Open(complaint=complaint(**changes)), by=opened_by)

    @property
    def case(self) -> Case:
        assert self._case is not None
        return self._case

    def do(self, *commands: Command, by: Actor = WORKER) -> "Story":
        for command in commands:
            events = decide(self._case, command, by, self.at)
            new = record(
                events,
                after=len(self.entries),
                command_id=f"command-{len(self.entries):04}",
                actor=by,
                happened_at=when(command, self._case, self.at),
                recorded_at=self.at,
            )
            self.entries += new
            self._case = fold("0000-0000-0000", new, self._case) if new else self._case
        return self

    def refusal(self, command: Command, by: Actor = WORKER) -> Refused:
        """The refusal that this command meets."""
        try:
            events = decide(self._case, command, by, self.at)
        except Refused as refused:
            return refused
        raise AssertionError(f"accepted: {[e.tag for e in events]}")

    def wait(self, **time: float) -> "Story":
        self.at += timedelta(**time)
        return self

    def until(self, day: date | str, hour: int = 12) -> "Story":
        day = date.fromisoformat(day) if isinstance(day, str) else day
        self.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        return self

    def agenda(self) -> tuple[Deadline, ...]:
        return agenda(self.case, self.policy, CALENDAR)

    def ours(self) -> tuple[Deadline, ...]:
        """The agenda without the notices before the law's time limits: what we wait for."""
        return tuple(d for d in self.agenda() if d.kind not in (DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE))

    def due(self, kind: str, level: str = "CASE_WORKER", part: str | None = None) -> date:
        """The day on which this deadline falls."""
        (deadline,) = (d for d in self.agenda() if (d.kind, d.level, d.part) == (kind, level, part))
        return day_of(deadline.due)

    def pass_deadlines(self) -> "Story":
        """Takes note of all deadlines that have passed, as the timer does."""
        return self.do(PassDeadlines(deadlines=passed(self.agenda(), self.at)), by=CLOCK)

    @property
    def tags(self) -> list[str]:
        return [entry.event.tag.split(".")[0] for entry in self.entries]

    # --- Well-trodden paths ---

    def referred(self, partner: str = PARTNER_ORG, **more: Any) -> "Story":
        return self.do(to_partner(partner), Refer(partner=partner, purpose="Legal help", **more))

    def prepared(self) -> "Story":
        return self.do(to_defender(), PrepareFiling(channel="DELEGATE"))

    def exhausted(self, **standing: str) -> "Story":
        legs = {"treatment": "STANDS", "ground": "PARTIAL", "link": "MISSING"} | standing
        self.do(*explained(self.case))
        return self.do(Assess.model_validate(legs | {"reasoning": "No comparator was found."}))

    def proposed(self) -> "Story":
        return self.exhausted().do(closing(ProposeClosure))

    def closed(self) -> "Story":
        return self.do(closing())

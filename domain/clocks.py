"""Every deadline of a case, in one place: the timer, the pages and the exports all ask `agenda`.

Pure: the same case, policy and calendar give the same agenda. A clock starts with a fact (a referral sent, a piece
asked for), never with an edit; what was already raised is not in the agenda again.
"""

from datetime import date, datetime, timedelta

from domain.case import Alert, Case, Mark
from domain.dates import WorkingCalendar, at_opening
from domain.deadline import Deadline
from domain.policy import Policy
from domain.values import day_of
from domain.vocabulary import DeadlineKind, FilingStatus, Level, PieceStatus, Step

_DAY = timedelta(days=1)
_LADDER = tuple(Level)


def agenda(case: Case, policy: Policy, calendar: WorkingCalendar) -> tuple[Deadline, ...]:
    """The deadlines that are still to come for this case or have passed without being taken note of, soonest first."""
    clocks = _Clocks(case, policy, calendar)
    found = [*clocks.retention()] if case.step is Step.CLOSED else [*clocks.of_an_open_case()]
    raised = {alert.key for alert in case.alerts}
    return tuple(sorted((d for d in found if d.key not in raised), key=lambda d: (d.due, d.key)))


class _Clocks:
    """The clocks of one case under one policy."""

    def __init__(self, case: Case, policy: Policy, calendar: WorkingCalendar) -> None:
        self.case, self.policy, self.calendar = case, policy, calendar
        self.highest: dict[str, Alert] = {}
        for alert in case.alerts:
            known = self.highest.setdefault(alert.clock, alert)
            if _LADDER.index(alert.level) > _LADDER.index(known.level):
                self.highest[alert.clock] = alert

    def of_an_open_case(self) -> list[Deadline]:
        found = self.referrals() + self.pieces() + self.filings()
        pause = self.case.pause
        if pause is not None:
            clock = f"pause/{pause.started.version}"
            after = self.calendar.add(pause.until, 1)
            found.append(
                self.deadline(
                    DeadlineKind.PAUSE_END,
                    clock,
                    Level.CASE_WORKER,
                    after,
                    pause.started,
                    "The day after the pause.",
                )
            )
        else:
            found += self.stall()
        return found

    def stall(self) -> list[Deadline]:
        ladder = self.policy.stall.get(self.case.step)
        if ladder is None:
            return []
        mark = self.case.progress
        clock = f"stall/{self.case.step}/{mark.version}"
        paused = self.paused_since(day_of(mark.happened_at))
        counted = (
            "{days} working days without progress."
            if not paused
            else "{days} working days without progress, pauses left out."
        )
        return [
            self.deadline(DeadlineKind.STALL, clock, level, self.after(mark, days + paused), mark, counted, days=days)
            for level, days in ladder.rungs()
        ]

    def referrals(self) -> list[Deadline]:
        found = []
        for r in self.case.referrals:
            if not r.awaits_answer:
                continue
            clock = f"referral/{r.id}/{r.sent.version}"
            expiry = r.answer_due or self.after(r.sent, self.policy.referral_expiry)
            reminder = min(self.after(r.sent, self.policy.referral_reminder), expiry)
            found.append(
                self.deadline(
                    DeadlineKind.REFERRAL_ANSWER,
                    clock,
                    Level.CASE_WORKER,
                    reminder,
                    r.sent,
                    "{days} working days after the referral.",
                    part=r.id,
                    days=self.policy.referral_reminder,
                )
            )
            found.append(
                self.deadline(
                    DeadlineKind.REFERRAL_EXPIRY,
                    f"{clock}/expiry",
                    Level.CASE_WORKER,
                    self.calendar.add(expiry, 1),
                    r.sent,
                    "The working day after the date set for the answer."
                    if r.answer_due
                    else "The working day after {days} working days without an answer.",
                    part=r.id,
                    days=None if r.answer_due else self.policy.referral_expiry,
                )
            )
        return found

    def pieces(self) -> list[Deadline]:
        return [
            self.deadline(
                DeadlineKind.PIECE_DUE,
                f"piece/{p.id}/{p.requested.version}",
                Level.CASE_WORKER,
                self.calendar.add(p.due, 1),
                p.requested,
                "The working day after the date set for the piece.",
                part=p.id,
            )
            for p in self.case.pieces
            if p.status is PieceStatus.REQUESTED and p.due is not None and p.requested is not None
        ]

    def filings(self) -> list[Deadline]:
        days = self.policy.filing_acknowledgement
        return [
            self.deadline(
                DeadlineKind.FILING_ACKNOWLEDGEMENT,
                f"filing/{f.id}/{f.sent.version}",
                Level.CASE_WORKER,
                self.after(f.sent, days),
                f.sent,
                "{days} working days after the filing.",
                part=f.id,
                days=days,
            )
            for f in self.case.filings
            if f.status is FilingStatus.FILED and f.sent is not None
        ]

    def retention(self) -> list[Deadline]:
        closed = self.case.closures[-1].at
        start = day_of(max(closed, self.case.last_contact_at))
        due = years_after(start, self.policy.retention_years)
        # Keyed by the closure and the day: closing again, or another contact, starts another period.
        clock = f"retention/{len(self.case.closures)}/{start.isoformat()}"
        return [
            self.deadline(
                DeadlineKind.RETENTION,
                clock,
                Level.SUPERVISOR,
                due,
                self.case.progress,
                "{days} calendar years after the closure or the last contact.",
                days=self.policy.retention_years,
            )
        ]

    # --- counting ---

    def after(self, mark: Mark, working_days: int) -> date:
        return self.calendar.add(day_of(mark.happened_at), working_days)

    def paused_since(self, start: date) -> int:
        """Working days of ended pauses after `start`: they are given back in the unit in which delays are counted.

        A day counts once, however many pauses cover it, and `start` itself never, as in `WorkingCalendar.add`.
        """
        days, counted = 0, start
        for pause in sorted(self.case.pauses, key=lambda p: p.from_day):
            if pause.ended_on is not None and pause.ended_on > counted:
                days += self.calendar.between(max(pause.from_day, counted + _DAY), pause.ended_on)
                counted = pause.ended_on
        return days

    def again(self, clock: str) -> date | None:
        """When this clock starts another round: no decision may be the last that is heard of a case.

        An extension says when. The plan lead is the last to be told that nothing moves: after any other decision of
        theirs, the whole delay runs once more. The highest level that was told decides, not those below it.
        """
        alert = self.highest.get(clock)
        if alert is None or alert.answered_at is None:
            return None
        if alert.until is None and alert.kind is DeadlineKind.STALL and alert.level is Level.PLAN_LEAD:
            return self.calendar.add(day_of(alert.answered_at), self.policy.stall[self.case.step].plan_lead)
        return alert.until

    def deadline(
        self,
        kind: DeadlineKind,
        clock: str,
        level: Level,
        day: date,
        mark: Mark,
        counted: str,
        part: str | None = None,
        days: int | None = None,
    ) -> Deadline:
        day = max(day, self.calendar.add(day_of(mark.recorded_at), self.policy.grace))
        first, rounds = clock, 1
        while (later := self.again(clock)) is not None:
            day, rounds = max(day, later), rounds + 1
            clock = f"{first}/{rounds}"
        due = at_opening(self.calendar.add(day, 0))
        return Deadline(kind=kind, clock=clock, level=level, due=due, part=part, counted=counted, days=days)


def years_after(day: date, years: int) -> date:
    """The same day that many years later; 28 February when there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def passed(deadlines: tuple[Deadline, ...], at: datetime) -> tuple[Deadline, ...]:
    """Those that have passed by the instant `at`. No equality on dates: what passed during an outage is here too."""
    return tuple(d for d in deadlines if d.due <= at)

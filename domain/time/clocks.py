"""Every deadline of a case, in one place: the timer, the pages, the exports and the statistics all ask `agenda`.

Pure: the same case, policy and calendar give the same agenda. A clock starts with a fact (a referral sent, a piece
asked for), never with an edit; what was already raised is not in the agenda again. How a clock climbs is in
`domain.time.ladder`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar, at_opening
from domain.law.limitation import Nature, limitation_clocks
from domain.levels import Ladder
from domain.time.clock_id import ClockForm, ClockId
from domain.time.deadline import Deadline
from domain.time.ladder import Clock, Pace, Rung, by_clock, climb
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.values import day_of
from domain.vocabulary import DeadlineKind, FilingStatus, Level, PieceStatus, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.base import Occurrence
    from domain.parts.hold import LegalHold


_DAY = timedelta(days=1)
_ARCHIVED = 6
"""Months for which a case is kept after the last time limit of the law."""
_SHORT = timedelta(days=93)
"""Time limits of three months or less are recalled more closely."""
_AHEAD = 6
"""Working days before an answer to the Defender is due, from which it is recalled."""
_NOTICED = frozenset({Nature.TIME_BAR, Nature.PERISHABLE})
OF_LIMITS = frozenset({DeadlineKind.LIMITATION, DeadlineKind.PERISHABLE})
"""What the law or the world sets, and nobody can put off: who answers for it is told at once."""
_EVERY_WEEKDAY = WorkingCalendar(())


@dataclass(frozen=True)
class Limit:
    """A day that is not ours to move: a time limit of the law ends, or proof is gone."""

    kind: DeadlineKind
    of: str
    """A row of the table of time limits or, if there is a part, its id."""
    day: date
    known: date
    """Since when we could have given notice of it."""
    short: bool
    part: str | None = None


def agenda(case: Case, policy: Policy, calendar: WorkingCalendar) -> tuple[Deadline, ...]:
    """The deadlines that are still to come for this case or have passed without being taken note of, soonest first."""
    clocks = _Clocks(case, policy, calendar)
    pace = Pace(grace=policy.grace, repeat=policy.repeat)
    alerts = by_clock(case.alerts)
    found = [deadline for clock in clocks.running() for deadline in climb(clock, alerts, pace, calendar)]
    found += clocks.moments()
    keyed = {deadline.key: deadline for deadline in found}  # two steps of the person may end on the same day
    for alert in case.alerts:
        keyed.pop(alert.key, None)
    return tuple(sorted(keyed.values(), key=lambda d: (d.due, d.key)))


def still_running(case: Case, deadlines: Sequence[Deadline]) -> Iterator[Deadline]:
    """Those of these deadlines that the case still waits for, each once: much may have happened since they were found.

    Which clocks run depends on the case alone, so that any policy and calendar tell it. Which notices come before a
    limit, and on what day it ends, does not: of these it is asked whether the limit still runs.
    """
    awaited = {(d.key, d.kind, d.part) for d in agenda(case, DEFAULT_POLICY, _EVERY_WEEKDAY)}
    limits = {(limit.of, limit.kind, limit.part) for limit in _Clocks(case, DEFAULT_POLICY, _EVERY_WEEKDAY).limits()}
    known = {alert.key for alert in case.alerts}
    for deadline in deadlines:
        named = (deadline.key, deadline.kind, deadline.part)
        if deadline.kind in OF_LIMITS:
            named = (_limited(deadline.clock), deadline.kind, deadline.part)
            wanted = named in limits
        else:
            wanted = named in awaited
        if wanted and deadline.key not in known:
            known.add(deadline.key)
            yield deadline


@dataclass(frozen=True)
class Awaited:
    """What a standing alert still waits for."""

    day: date
    """The day from which it is counted or, of a limit, the one on which it ends."""
    is_limit: bool = False


def still_awaited(case: Case) -> dict[str, Awaited]:
    """The standing alerts, by key, whose condition still holds: nobody is reminded of what has been done.

    An alert stands until somebody decides; what it told of may have come meanwhile, or stand still in a pause.
    """
    clocks = _Clocks(case, DEFAULT_POLICY, _EVERY_WEEKDAY)
    running = {clock.id: clock.start for clock in clocks.running()}
    limits = {(limit.of, limit.kind, limit.part): limit.day for limit in clocks.limits()}
    found: dict[str, Awaited] = {}
    for alert in case.standing_alerts:
        if alert.kind in OF_LIMITS:
            if (day := limits.get((_limited(alert.clock), alert.kind, alert.part))) is not None:
                found[alert.key] = Awaited(day, is_limit=True)
        elif alert.kind is DeadlineKind.REFERRAL_EXPIRY:  # it has happened: whoever sent it is to act
            found[alert.key] = Awaited(day_of(alert.due))
        elif (start := running.get(ClockId.parse(alert.clock).first_round)) is not None:
            found[alert.key] = Awaited(start)
    return found


def _limited(notice: str) -> str:
    """The row or the part whose limit the clock of a notice is about."""
    return ClockId.parse(notice).facts[0]


class _Clocks:
    """The clocks of one case under one policy."""

    def __init__(self, case: Case, policy: Policy, calendar: WorkingCalendar) -> None:
        self.case, self.policy, self.calendar = case, policy, calendar

    # --- What climbs ---

    def running(self) -> Iterator[Clock]:
        """What is awaited, and climbs until it comes or somebody decides."""
        if self.case.step is Step.ERASED:
            return
        if self.case.hold is not None:
            yield self.review_of_hold(self.case.hold)
        if self.case.step is Step.CLOSED:
            if self.case.hold is None:
                yield from self.retention()
            return
        if self.case.pause is None:
            yield from self.stall()
            yield self.no_contact()
        yield from self.unanswered_referrals()
        yield from self.overdue_pieces()
        yield from self.unanswered_letters()
        yield from self.filings()

    def stall(self) -> Iterator[Clock]:
        ladder = self.policy.stall_ladder(self.case.step, self.case.complaint.domain)
        if ladder is None:
            return
        mark = self.case.progress
        yield self.laddered(
            DeadlineKind.STALL,
            ClockForm.STALL.id(step=self.case.step, version=mark.version),
            mark,
            ladder,
            "Working days without progress, pauses left out: {days}.",
            pausing=True,
        )

    def no_contact(self) -> Clock:
        case = self.case
        start = day_of(case.last_contact_at)
        return self.clock(
            DeadlineKind.NO_CONTACT,
            ClockForm.CONTACT.id(day=start),
            start,
            max(case.opened_at, case.last_contact_at),
            self.policy.no_contact,
            "Working days since the person was last reached, pauses left out: {days}.",
            pausing=True,
        )

    def unanswered_referrals(self) -> Iterator[Clock]:
        for r in self.case.referrals:
            if r.awaits_answer:
                reminder = min(self.after(r.sent, self.policy.referral_reminder), r.answer_due or date.max)
                yield Clock(
                    kind=DeadlineKind.REFERRAL_ANSWER,
                    id=ClockForm.REFERRAL.id(referral=r.id, version=r.sent.version),
                    start=reminder,
                    recorded=day_of(r.sent.recorded_at),
                    rungs=(Rung(Level.CASE_WORKER, 0),),
                    counted="The day on which an unanswered referral is recalled.",
                    part=r.id,
                )

    def overdue_pieces(self) -> Iterator[Clock]:
        for p in self.case.pieces:
            # What a letter asks for is one thing awaited, however many pieces it names.
            if p.status is PieceStatus.REQUESTED and p.due is not None and p.requested is not None and not p.letter:
                yield self.clock(
                    DeadlineKind.PIECE_DUE,
                    ClockForm.PIECE.id(piece=p.id, version=p.requested.version),
                    p.due,
                    p.requested.recorded_at,
                    self.policy.piece_overdue,
                    "Working days after the date set for the piece: {days}.",
                    part=p.id,
                )

    def unanswered_letters(self) -> Iterator[Clock]:
        awaited = {p.letter for p in self.case.pieces if p.status is PieceStatus.REQUESTED}
        for letter in self.case.letters:
            if letter.id in awaited:
                yield self.clock(
                    DeadlineKind.PIECE_DUE,
                    ClockForm.LETTER.id(letter=letter.id, version=letter.sent.version),
                    letter.due,
                    letter.sent.recorded_at,
                    self.policy.piece_overdue,
                    "Working days after the date set for the answer to the letter: {days}.",
                    part=letter.id,
                )

    def filings(self) -> Iterator[Clock]:
        for f in self.case.filings:
            if f.sent is None:
                continue
            for request in f.open_requests:
                asked = day_of(request.received.happened_at)
                yield self.clock(
                    DeadlineKind.FILING_REQUEST,
                    ClockForm.REQUEST.id(filing=f.id, request=request.id, version=request.received.version),
                    max(asked, self.calendar.back(request.due, _AHEAD)),
                    request.received.recorded_at,
                    self.policy.filing_request,
                    "Working days after the Defender asked, or after the sixth working day before it is due: {days}.",
                    part=f.id,
                )
            if f.status is FilingStatus.FILED:
                yield self.laddered(
                    DeadlineKind.FILING_ACKNOWLEDGEMENT,
                    ClockForm.FILING.id(filing=f.id, version=f.sent.version),
                    f.sent,
                    self.policy.filing_acknowledgement,
                    "Working days after the filing: {days}.",
                    part=f.id,
                )
            elif f.status is FilingStatus.ACKNOWLEDGED:
                yield self.laddered(
                    DeadlineKind.FILING_NEWS,
                    ClockForm.DECISION.id(filing=f.id, version=f.sent.version),
                    f.sent,
                    self.policy.filing_news,
                    "Working days after the filing, without a decision: {days}.",
                    part=f.id,
                )

    def retention(self) -> Iterator[Clock]:
        """The end of the active period, and of the intermediate archive: DOMAIN, section 7 (CNIL, delib. 2023-095)."""
        closed = self.case.closures[-1].at
        start = day_of(max(closed, self.case.last_contact_at))
        active = years_after(start, self.policy.retention_years)
        limits = [clock.deadline_legal for clock in limitation_clocks(self.case, self.calendar)]
        last = max((months_after(day, _ARCHIVED) for day in limits if day is not None), default=active)
        # The ids name the closure and the day: closing again, or another contact, starts another period.
        recorded, rungs = day_of(self.case.progress.recorded_at), (Rung(Level.SUPERVISOR, 0),)
        # Both always, though they may fall on one day: which clocks run must not depend on the policy's delays.
        yield Clock(
            kind=DeadlineKind.RETENTION,
            id=ClockForm.RETENTION.id(closure=len(self.case.closures), day=start),
            start=active,
            recorded=recorded,
            rungs=rungs,
            counted="The end of the active period, counted from the closure or the last contact.",
        )
        yield Clock(
            kind=DeadlineKind.ARCHIVE_END,
            id=ClockForm.ARCHIVE.id(closure=len(self.case.closures), day=start),
            start=max(active, last),
            recorded=recorded,
            rungs=rungs,
            counted="Six months after the last time limit of the law, and not before the end of the active period.",
        )

    def review_of_hold(self, hold: LegalHold) -> Clock:
        return Clock(
            kind=DeadlineKind.HOLD_REVIEW,
            id=ClockForm.HOLD.id(version=hold.placed.version),
            start=hold.review_on,
            recorded=day_of(hold.placed.recorded_at),
            rungs=(Rung(Level.SUPERVISOR, 0),),
            counted="The day set for looking at the legal hold again.",
        )

    # --- What happens once ---

    def moments(self) -> Iterator[Deadline]:
        """What happens by itself on its day: a pause ends, a referral comes back."""
        if self.case.step in (Step.CLOSED, Step.ERASED):
            return
        if (pause := self.case.pause) is not None:
            yield self.moment(
                DeadlineKind.PAUSE_END,
                ClockForm.PAUSE.id(version=pause.started.version),
                self.calendar.add(pause.until, 1),
                pause.started,
                "The working day after the pause.",
            )
        for r in self.case.referrals:
            if r.awaits_answer:
                expiry = r.answer_due or self.after(r.sent, self.policy.referral_expiry)
                yield self.moment(
                    DeadlineKind.REFERRAL_EXPIRY,
                    ClockForm.REFERRAL_EXPIRY.id(referral=r.id, version=r.sent.version),
                    self.calendar.add(expiry, 1),
                    r.sent,
                    "The working day after the date set for the answer."
                    if r.answer_due
                    else "The working day after the time to answer (working days: {days}).",
                    part=r.id,
                    days=None if r.answer_due else self.policy.referral_expiry,
                )

        for limit in self.limits():
            days = self.policy.short_limitation_notice if limit.short else self.policy.limitation_notice
            yield from _notices(limit, days, self.calendar)

    def limits(self) -> Iterator[Limit]:
        """The time limits of the law and the proof that perishes, while they can still be lost."""
        if self.case.step in (Step.CLOSED, Step.ERASED):
            return
        opened = day_of(self.case.opened_at)
        for clock in limitation_clocks(self.case, self.calendar):
            prudent = clock.deadline_prudent
            if prudent is None or clock.nature not in _NOTICED:
                continue
            kind = DeadlineKind.PERISHABLE if clock.perishable else DeadlineKind.LIMITATION
            short = clock.perishable or (clock.start is not None and prudent - clock.start <= _SHORT)
            yield Limit(kind, clock.code, prudent, opened, short)
        for p in self.case.pieces:
            if p.perishes_on is not None and p.is_unexplained:
                known = p.known_since or opened
                yield Limit(DeadlineKind.PERISHABLE, p.id, p.perishes_on, known, short=True, part=p.id)

    # --- Counting ---

    def laddered(
        self,
        kind: DeadlineKind,
        id: str,
        mark: Occurrence,
        ladder: Ladder,
        counted: str,
        part: str | None = None,
        *,
        pausing: bool = False,
    ) -> Clock:
        start = day_of(mark.happened_at)
        return self.clock(kind, id, start, mark.recorded_at, ladder, counted, part=part, pausing=pausing)

    def clock(
        self,
        kind: DeadlineKind,
        id: str,
        start: date,
        recorded_at: datetime,
        ladder: Ladder,
        counted: str,
        part: str | None = None,
        *,
        pausing: bool = False,
    ) -> Clock:
        rungs = tuple(Rung(level, days) for level, days in ladder.rungs())
        recorded = day_of(recorded_at)
        if pausing:
            return Clock(kind, id, start, recorded, rungs, counted, part, self.paused_since)
        return Clock(kind, id, start, recorded, rungs, counted, part)

    def moment(
        self,
        kind: DeadlineKind,
        clock: str,
        day: date,
        mark: Occurrence,
        counted: str,
        part: str | None = None,
        days: int | None = None,
    ) -> Deadline:
        soonest = self.calendar.add(day_of(mark.recorded_at), self.policy.grace)
        due = at_opening(self.calendar.add(max(day, soonest), 0))
        return Deadline.model_construct(
            kind=kind,
            clock=clock,
            level=Level.CASE_WORKER,
            due=due,
            part=part,
            counted=counted,
            days=days,
            times=1,
        )

    def after(self, mark: Occurrence, working_days: int) -> date:
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


@lru_cache(maxsize=16_384)  # asked at every step, and nothing moves them
def _notices(limit: Limit, notices: tuple[int, ...], calendar: WorkingCalendar) -> tuple[Deadline, ...]:
    """The notices before a limit, each on a working day.

    Of those that lie before the limit was known, the last is given at once: the others say nothing more.
    """
    days = [
        (calendar.last_before(limit.day - timedelta(days=n)), n, level)
        for n, level in zip(notices, _levels(len(notices)), strict=True)
    ]
    missed = [notice for notice in days if notice[0] <= limit.known]
    form = ClockForm.LIMIT if limit.part is None else ClockForm.PERISHES
    counted = (
        "Calendar days before the prudent date of a time limit of the law: {days}."
        if limit.part is None
        else "Calendar days before the day on which the piece perishes: {days}."
    )
    return tuple(
        Deadline.model_construct(
            kind=limit.kind,
            clock=form.id(of=limit.of, day=limit.day, days_before=n),
            level=level,
            due=at_opening(max(day, limit.known)),
            part=limit.part,
            counted=counted,
            days=n,
            times=1,
        )
        for day, n, level in (*missed[-1:], *days[len(missed) :])
    )


def _levels(notices: int) -> Iterator[Level]:
    """Who is told of each notice: the plan lead of the last, the supervisor of the two before, else the case worker."""
    for left in reversed(range(notices)):
        yield Level.PLAN_LEAD if left == 0 else Level.SUPERVISOR if left <= 2 else Level.CASE_WORKER


def years_after(day: date, years: int) -> date:
    """The same day that many years later; 28 February when there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_after(day: date, months: int) -> date:
    """The same day that many months later; the last day of the month when it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - _DAY
    return min(first + timedelta(days=day.day - 1), last)


def passed(deadlines: tuple[Deadline, ...], at: datetime) -> tuple[Deadline, ...]:
    """Those that have passed by the instant `at`. No equality on dates: what passed during an outage is here too."""
    return tuple(d for d in deadlines if d.due <= at)

"""Every deadline of a case, in one place: the timer, the pages, the exports and the statistics all ask `agenda`.

Pure: the same case, policy and calendar give the same agenda. A clock starts with a fact (a referral sent, a piece
requested), never with an edit; a deadline that was raised does not come back. How a clock climbs is in
`domain.time.ladder`; the notices before the law's time limits are in `domain.time.limits`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from domain.dates import WorkingCalendar, at_opening, months_after, years_after
from domain.law.limitation import has_no_known_end, limitation_clocks, undated_limits
from domain.levels import LOWEST, Ladder
from domain.time.clock_id import ClockForm, ClockId
from domain.time.deadline import Deadline
from domain.time.ladder import Clock, Pace, Rung, by_clock, climb
from domain.time.limits import OF_LIMITS, limits, notices_before, over_when_known, subject_of, told_over
from domain.time.policy import DEFAULT_POLICY, Policy
from domain.values import NOBODY, day_of
from domain.vocabulary import ConsentScope, DeadlineKind, FilingStatus, Level, PieceStatus, Step, TransferStatus

if TYPE_CHECKING:
    from domain.case import Case
    from domain.parts.base import Occurrence
    from domain.parts.filing import Filing
    from domain.parts.hold import LegalHold
    from domain.parts.transfer import Transfer


_DAY = timedelta(days=1)
_ARCHIVED = 6
"""Months for which a case is kept after the last time limit of the law."""
_UNDATED = (0, 3, 10)
"""Working days after the opening at which each level is told, lowest first, that the facts are not dated."""
_AHEAD = 6
"""Working days before an answer to the Defender is due at which reminders begin."""
_EVERY_WEEKDAY = WorkingCalendar(())


def agenda(case: Case, policy: Policy, calendar: WorkingCalendar) -> tuple[Deadline, ...]:
    """The deadlines of this case that no alert has been raised for yet, soonest first: to come, or already passed."""
    clocks = _Clocks(case, policy, calendar)
    pace = Pace(grace=policy.grace, repeat=policy.repeat)
    alerts = by_clock(case.alerts)
    deadlines = [deadline for clock in clocks.running() for deadline in climb(clock, alerts, pace, calendar)]
    deadlines += clocks.moments()
    by_key = {deadline.key: deadline for deadline in deadlines}  # two steps of the person may end on the same day
    for alert in case.alerts:
        by_key.pop(alert.key, None)
    return tuple(sorted(by_key.values(), key=lambda d: (d.due, d.key)))


def still_running(case: Case, deadlines: Sequence[Deadline]) -> Iterator[Deadline]:
    """Those of these deadlines that the case still waits for, each once: the case may have moved on meanwhile.

    Which clocks run depends on the case alone, so that any policy and any calendar will do. The notices before a limit
    depend on both: for these, the limit itself must still run.
    """
    awaited = {(d.key, d.kind, d.part) for d in agenda(case, DEFAULT_POLICY, _EVERY_WEEKDAY)}
    running_limits = {limit.subject for limit in limits(case, _EVERY_WEEKDAY)}
    raised = {alert.key for alert in case.alerts}
    for deadline in deadlines:
        if deadline.kind is DeadlineKind.OVER:  # how many they are, the calendar has a say in
            is_running = bool(over_when_known(case, _EVERY_WEEKDAY))
        elif deadline.kind in OF_LIMITS:
            is_running = subject_of(deadline) in running_limits
        else:
            is_running = (deadline.key, deadline.kind, deadline.part) in awaited
        if is_running and deadline.key not in raised:
            raised.add(deadline.key)
            yield deadline


_HAVE_HAPPENED = frozenset(
    {DeadlineKind.REFERRAL_EXPIRY, DeadlineKind.TRANSFER_PROPOSED, DeadlineKind.TRANSFER_DECLINED}
)
"""Kinds of what has happened once: whoever is told is to act now."""


@dataclass(frozen=True)
class Awaited:
    """The condition of a standing alert, while it holds."""

    day: date
    """The day from which it is counted or, for a limit, the one on which it ends."""
    is_limit: bool = False


def still_awaited(case: Case) -> dict[str, Awaited]:
    """The standing alerts, by key, whose condition still holds: nobody is reminded of what has been done.

    An alert stands until somebody decides; meanwhile what it waits for may have come, or a pause may have begun.
    """
    starts = {clock.id: clock.start for clock in _Clocks(case, DEFAULT_POLICY, _EVERY_WEEKDAY).running()}
    ends = {limit.subject: limit.day for limit in limits(case, _EVERY_WEEKDAY)}
    awaited: dict[str, Awaited] = {}
    for alert in case.standing_alerts:
        if alert.kind in OF_LIMITS:
            if (end := ends.get(subject_of(alert))) is not None:
                awaited[alert.key] = Awaited(end, is_limit=True)
        elif alert.kind is DeadlineKind.OVER:
            if over_when_known(case, _EVERY_WEEKDAY):
                awaited[alert.key] = Awaited(day_of(case.opened_at))
        elif alert.kind in _HAVE_HAPPENED:
            awaited[alert.key] = Awaited(day_of(alert.due))
        elif (start := starts.get(ClockId.parse(alert.clock).first_round)) is not None:
            awaited[alert.key] = Awaited(start)
    return awaited


class _Clocks:
    """The clocks of one case under one policy."""

    def __init__(self, case: Case, policy: Policy, calendar: WorkingCalendar) -> None:
        self.case, self.policy, self.calendar = case, policy, calendar

    # --- What climbs ---

    def running(self) -> Iterator[Clock]:
        """The clocks that climb until what they await comes, or somebody decides."""
        if self.case.step is Step.ERASED:
            return
        if self.case.hold is not None:
            yield self.review_of_hold(self.case.hold)
        if self.case.step is Step.CLOSED:
            if self.case.hold is None:
                yield from self.retention()
            return
        if undated_limits(self.case):
            yield self.undated()
        if self.case.holder == NOBODY and self.case.unheld is not None:
            yield self.no_holder(self.case.unheld)
        if (transfer := self.case.pending_transfer) is not None:
            yield self.unanswered_transfer(transfer)
        # A pause starts no alert of these two; one that stands goes on, and climbs, until somebody decides.
        ours = (*self.stall(), self.no_contact())
        yield from ours if self.case.pause is None else filter(self.is_told, ours)
        yield from self.unanswered_referrals()
        yield from self.overdue_pieces()
        yield from self.unanswered_letters()
        yield from self.filings()

    def is_told(self, clock: Clock) -> bool:
        """True if somebody above the case worker was told of this clock, and has not decided."""
        told = (a for a in self.case.standing_alerts if a.level is not LOWEST)
        return any(ClockId.parse(alert.clock).first_round == clock.id for alert in told)

    def stall(self) -> Iterator[Clock]:
        # Only what lies before the Defender has his time: a case that is not, or no longer, there waits for us.
        before_him = self.case.step is not Step.ESCALATION or any(f.is_pending for f in self.case.filings)
        pace = self.case.step if before_him else Step.EVIDENCE
        ladder = self.policy.stall_ladder(pace, self.case.complaint.domain)
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

    def undated(self) -> Clock:
        """The facts are to be dated at once: until then no time limit can be counted, and one may be over."""
        opened = day_of(self.case.opened_at)
        return Clock(
            kind=DeadlineKind.FACTS_UNDATED,
            id=ClockForm.UNDATED.id(closure=len(self.case.closures)),
            start=opened,
            recorded=opened,
            rungs=tuple(Rung(level, days) for level, days in zip(Level, _UNDATED, strict=True)),
            counted="The facts are not dated: no time limit of the law can be counted, and one may be over.",
            at_once=True,
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
            # The answer to a letter is awaited once, however many pieces the letter names.
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
            yield from self.filings_of_ours(f)
            if f.sent is None:
                continue
            for request in f.open_requests:
                received = day_of(request.received.happened_at)
                yield self.clock(
                    DeadlineKind.FILING_REQUEST,
                    ClockForm.REQUEST.id(filing=f.id, request=request.id, version=request.received.version),
                    max(received, self.calendar.back(request.due, _AHEAD)),
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

    def filings_of_ours(self, f: Filing) -> Iterator[Clock]:
        """What a filing waits for of us: to be sent or taken back, and that the person hears how it ended."""
        if f.is_unsent and f.unsent_since is not None:
            yield self.laddered(
                DeadlineKind.FILING_UNSENT,
                ClockForm.UNSENT.id(filing=f.id, version=f.unsent_since.version),
                f.unsent_since,
                self.policy.filing_unsent,
                "Working days since the filing was prepared, or the agreement to it taken back: {days}.",
                part=f.id,
            )
        if f.is_pending and (withdrawn := self.agreement_taken_back()) is not None:
            consent, at = withdrawn
            yield self.clock(
                DeadlineKind.FILING_CONSENT,
                ClockForm.AGREEMENT.id(filing=f.id, consent=consent),
                day_of(at),
                at,
                self.policy.filing_unsent,
                "Working days since the person took their agreement back: {days}.",
                part=f.id,
            )
        if f.ended is not None and f is self.case.filings[-1] and self.case.last_contact_at < f.ended.happened_at:
            yield self.laddered(
                DeadlineKind.FILING_ENDED,
                ClockForm.ENDED.id(filing=f.id, version=f.ended.version),
                f.ended,
                self.policy.filing_ended,
                "Working days since the filing ended, without the person having been reached: {days}.",
                part=f.id,
            )

    def agreement_taken_back(self) -> tuple[str, datetime] | None:
        """The consent to a filing that was taken back last, with the instant, if no other stands."""
        to_file = [c for c in self.case.consents if c.given.scope is ConsentScope.DEFENDER]
        if any(c.withdrawn_at is None for c in to_file):
            return None
        return max(((c.id, c.withdrawn_at) for c in to_file if c.withdrawn_at), key=lambda c: c[1], default=None)

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
        if self.case.archive_until is None and has_no_known_end(self.case):
            yield Clock(
                kind=DeadlineKind.ARCHIVE_REVIEW,
                id=ClockForm.ARCHIVE_REVIEW.id(closure=len(self.case.closures), day=start),
                start=max(active, last),
                recorded=recorded,
                rungs=rungs,
                counted="A right may run without a known end (facts without a date, a court action, a minor): "
                "nothing falls due until a supervisor sets the end of the archive (set_archive_end).",
            )
            return
        set_by_jurist = self.case.archive_until
        yield Clock(
            kind=DeadlineKind.ARCHIVE_END,
            id=ClockForm.ARCHIVE.id(closure=len(self.case.closures), day=start),
            start=max(active, last if set_by_jurist is None else set_by_jurist),
            recorded=recorded,
            rungs=rungs,
            counted="Six months after the last time limit of the law, and not before the end of the active period."
            if set_by_jurist is None
            else "The day that was set, and not before the end of the active period.",
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

    def no_holder(self, left: Occurrence) -> Clock:
        return Clock(
            kind=DeadlineKind.NO_HOLDER,
            id=ClockForm.HOLDER.id(version=left.version),
            start=day_of(left.recorded_at),
            recorded=day_of(left.recorded_at),
            rungs=(Rung(Level.SUPERVISOR, 0),),
            counted="The moment at which whoever held the case had left.",
            rings_at=left.recorded_at,
        )

    def unanswered_transfer(self, transfer: Transfer) -> Clock:
        return self.laddered(
            DeadlineKind.TRANSFER_ANSWER,
            ClockForm.TRANSFER.id(transfer=transfer.id, version=transfer.proposed.version),
            transfer.proposed,
            self.policy.transfer_answer,
            "Working days since the case was proposed to the other metropolis: {days}.",
            part=transfer.id,
        )

    # --- What happens once ---

    def moments(self) -> Iterator[Deadline]:
        """Deadlines that climb no ladder: a pause ends, a referral comes back, a transfer is proposed or declined,
        notice is given of a limit.
        """
        if self.case.step in (Step.CLOSED, Step.ERASED):
            return
        yield from self.pause_end()
        yield from self.referral_expiries()
        yield from self.news_of_transfers()
        yield from self.over_when_known()
        for limit in limits(self.case, self.calendar):
            if limit.was_over:
                continue
            days = self.policy.short_limitation_notice if limit.short else self.policy.limitation_notice
            yield from notices_before(limit, days, self.calendar)

    def over_when_known(self) -> Iterator[Deadline]:
        """One line for all that was over before we knew of it: nobody can act on it any more, or is called for it."""
        count = len(over_when_known(self.case, self.calendar))
        if count <= told_over(self.case.alerts):
            return
        yield Deadline.model_construct(
            kind=DeadlineKind.OVER,
            clock=ClockForm.OVER.id(count=count),
            level=LOWEST,
            due=at_opening(self.calendar.add(day_of(self.case.opened_at), self.policy.grace)),
            part=None,
            counted="Time limits and proof that were over before the case was opened: {days}.",
            days=count,
            times=1,
        )

    def pause_end(self) -> Iterator[Deadline]:
        if (pause := self.case.pause) is not None:
            yield self.moment(
                DeadlineKind.PAUSE_END,
                ClockForm.PAUSE.id(version=pause.started.version),
                self.calendar.add(pause.until, 1),
                pause.started,
                "The working day after the pause.",
            )

    def referral_expiries(self) -> Iterator[Deadline]:
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

    def news_of_transfers(self) -> Iterator[Deadline]:
        """The supervisors of both sides hear at once that a case is proposed, its holder that it was declined."""
        for transfer in self.case.transfers[-1:]:
            if transfer.is_pending:
                yield self.news(
                    DeadlineKind.TRANSFER_PROPOSED,
                    ClockForm.TRANSFER_PROPOSED.id(transfer=transfer.id, version=transfer.proposed.version),
                    Level.SUPERVISOR,
                    transfer.proposed,
                    "The moment at which it was proposed.",
                    transfer.id,
                )
            elif transfer.status is TransferStatus.DECLINED and transfer.answered is not None:
                yield self.news(
                    DeadlineKind.TRANSFER_DECLINED,
                    ClockForm.TRANSFER_DECLINED.id(transfer=transfer.id, version=transfer.answered.version),
                    LOWEST,
                    transfer.answered,
                    "The moment at which it was declined.",
                    transfer.id,
                )

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
        opened = day_of(self.case.opened_at)
        if pausing:
            return Clock(kind, id, start, recorded, rungs, counted, part, self.paused_since, opened=opened)
        return Clock(kind, id, start, recorded, rungs, counted, part, opened=opened)

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

    @staticmethod
    def news(
        kind: DeadlineKind, clock: str, level: Level, mark: Occurrence, counted: str, part: str | None = None
    ) -> Deadline:
        """A moment that has come as soon as it is recorded."""
        return Deadline.model_construct(
            kind=kind,
            clock=clock,
            level=level,
            due=mark.recorded_at,
            part=part,
            counted=counted,
            days=None,
            times=1,
        )

    def after(self, mark: Occurrence, working_days: int) -> date:
        return self.calendar.add(day_of(mark.happened_at), working_days)

    def paused_since(self, start: date) -> int:
        """The working days of ended pauses after `start`, by which delays are prolonged.

        A day counts once, however many pauses cover it; `start` itself never counts, as in `WorkingCalendar.add`.
        """
        days, counted = 0, start
        for pause in sorted(self.case.pauses, key=lambda p: p.from_day):
            if pause.last_day is not None and pause.last_day > counted:
                days += self.calendar.between(max(pause.from_day, counted + _DAY), pause.last_day)
                counted = pause.last_day
        return days


def passed(deadlines: Sequence[Deadline], at: datetime) -> tuple[Deadline, ...]:
    """The deadlines that have passed by the instant `at`, also those that passed during an outage."""
    return tuple(d for d in deadlines if d.due <= at)

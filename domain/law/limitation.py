"""The time limits of the law that are open to a case, and when each ends: one clock for each row that applies.

Pure: the complaint, a calendar, and what jurists entered (`Toll`, `KnownStart`) give the clocks; nothing else moves
them. Filing with the Defender of Rights stops none by itself (LO 2011-333 art. 6 al. 3), nor does a pause of ours.

**Open.** By domain, kind of respondent, acts and grounds (`domain.law.routes`). Where it is not known on which side of
public and private law a case lies, both sides are open: a route too many is looked at and put aside, a route too few is
lost. The rows of `AWAITING_A_TRIGGER` start with an event that a complaint does not tell (a judgment notified, a
document asked for): they are not open until a jurist enters that day as a `KnownStart`.

**Started.** By what is recorded (`domain.law.starts`). `deadline_legal` is counted from the latest starting point that
can be argued, `deadline_prudent` from the earliest: for facts that lasted, from the last day and from the first. When
the point that the law names is not recorded (the revelation, a notification), the first day of the facts stands for it,
and the clock says so in `assumed`. When not even that is known, every fact is *earlier* than the reception of the
complaint: no date can be promised, there is none, and the clock says that. Where the revelation is recorded,
`worst_case` is the prudent date if a court dated the knowledge back to the first day of the facts.

**Listed.** First those whose starting point is not known, for they may be over; then by prudent date; last those that
have no date by nature (the Defender may be seized at any time; a minor's suspension).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.complaint import Complaint
from domain.counting import Counted, Mode, Sentence, in_words
from domain.dates import WorkingCalendar
from domain.law.entered import KnownStart, Toll
from domain.law.long_stop import before_the_long_stop
from domain.law.routes import ROUTES, entered
from domain.law.situation import Situation
from domain.law.starts import Start
from domain.law.tolling import count_with
from domain.reference import LimitationPeriod, limitation_periods, limitation_table_version
from domain.values import Value

if TYPE_CHECKING:
    from domain.case import Case


class Nature(StrEnum):
    """The meaning of the last day of a clock."""

    TIME_BAR = "TIME_BAR"
    """After it a right can no longer be claimed."""
    AWAITED = "AWAITED"
    """By then somebody else must have acted; after it something opens."""
    PERISHABLE = "PERISHABLE"
    """After it a piece of evidence is gone."""
    UNDATED = "UNDATED"
    """There is no last day by nature."""


_AWAITED = frozenset(
    {
        *("ADM_SILENCE", "ADM_MOTIFS", "PENAL_PCPC", "CADA_REFUS", "CADA_AVIS", "CADA_REFUS_CONFIRME", "RGPD_ACCES"),
        *("SOINS_AR", "SOINS_CONVOCATION", "SOINS_CONCILIATION", "DDD_MEDIATION"),
    }
)
_PERISHABLE = frozenset({"VIDEO_PERISSABLE", "CAMERA_PIETON"})


class LimitationClock(Value):
    """One time limit of the law as it runs in one case."""

    code: str
    """The row of the table. Several clocks can have the same: two requests, two silences."""
    action: str
    """In French, as in the table."""
    body: str
    nature: Nature
    start: date | None
    """The starting point from which the legal date is counted; None when it is not known, or there is none."""
    assumed: Sentence | None
    """Why another day stands for the starting point that the law names, when it does."""
    deadline_legal: date | None
    """The latest last day that can be argued; None when no date can be promised, or the period is stopped."""
    deadline_prudent: date | None
    """The earliest last day that can be held against the person: alerts go by it."""
    worst_case: date | None
    """The prudent date if a court counted from the first day of the facts; None when that changes nothing."""
    counted: tuple[Sentence, ...]
    """The count, in sentences that a jurist can check."""
    basis: str
    to_be_verified: bool
    """The table itself says that a jurist must check this row."""
    table_version: str

    @property
    def perishable(self) -> bool:
        """True if a piece of evidence goes on its last day, and not a right."""
        return self.nature is Nature.PERISHABLE

    @property
    def start_unknown(self) -> bool:
        """True if it runs, may be over, and no date can be promised."""
        return self.nature is not Nature.UNDATED and self.start is None


def limitation_clocks(case: Case, calendar: WorkingCalendar) -> tuple[LimitationClock, ...]:
    """Every time limit that is open to this case. See the module for what is open, and for their order."""
    return _clocks(case.complaint, calendar, case.standing_tolls, case.standing_starts)


def time_bars(case: Case, calendar: WorkingCalendar) -> tuple[LimitationClock, ...]:
    """Those after which a right can no longer be claimed. A filing with the Defender stops none of them by itself."""
    return tuple(clock for clock in limitation_clocks(case, calendar) if clock.nature is Nature.TIME_BAR)


@lru_cache(maxsize=4_096)  # a case asks at every step, and what it is made of hardly ever changes
def _clocks(
    complaint: Complaint, calendar: WorkingCalendar, tolls: tuple[Toll, ...], known_starts: tuple[KnownStart, ...]
) -> tuple[LimitationClock, ...]:
    situation = Situation(complaint)
    clocks = [
        _clock(row, start, situation, calendar, tolls)
        for row in limitation_periods().values()
        for start in _starts(row.code, situation, known_starts)
    ]
    return tuple(sorted(clocks, key=_urgency))


def _starts(code: str, situation: Situation, known_starts: tuple[KnownStart, ...]) -> list[Start]:
    """The starting points of a row: those that a jurist entered or, without any, those that the complaint tells."""
    route = ROUTES.get(code)
    if from_jurists := [entered(start, route, situation) for start in known_starts if start.clock == code]:
        return from_jurists
    return list(route.starts(situation)) if route is not None and route.is_open(situation) else []


def _urgency(clock: LimitationClock) -> tuple[int, date, str, date]:
    rank = 2 if clock.nature is Nature.UNDATED else 0 if clock.start_unknown else 1
    return rank, clock.deadline_prudent or date.max, clock.code, clock.start or date.max


# --- One clock -------------------------------------------------------------------------------------------

_SUSPENDED_BY_MINORITY = frozenset({Mode.PRESCRIPTION})
_RUNS_AGAINST_MINORS = frozenset({"EMP_PRIV_SALAIRE"})
"""C. civ. 2235 leaves out actions for wages, among others."""


def _clock(
    row: LimitationPeriod,
    start: Start,
    situation: Situation,
    calendar: WorkingCalendar,
    tolls: tuple[Toll, ...],
) -> LimitationClock:
    undated = row.mode in (Mode.SUSP, Mode.NONE)
    counted = Counted() if undated else _count(row, start, calendar, tolls)
    counted = before_the_long_stop(row, counted, situation, calendar, tolls)
    words = [*start.words, *counted.steps]
    prudent = counted.deadline_prudent
    if row.code in _PERISHABLE and prudent is not None:
        prudent -= timedelta(days=1)
        words.append(
            in_words("They are kept for this long at most and may go sooner: ask at once, by {day}.", day=prudent)
        )
    worst = _worst_case(row, start, calendar, tolls, prudent)
    if worst is not None:
        words.append(
            in_words("If a court counted from the first day of the facts, it would end on {worst}.", worst=worst)
        )
    if situation.minor and row.mode in _SUSPENDED_BY_MINORITY and row.code not in _RUNS_AGAINST_MINORS:
        words.append(
            in_words(
                "The person is a minor: it may be suspended until majority (C. civ. 2235), which cannot be computed "
                "without a date of birth; the dates leave this out."
            )
        )
    return LimitationClock(
        code=row.code,
        action=row.action,
        body=row.body,
        nature=_nature(row),
        start=start.latest,
        assumed=start.assumed,
        deadline_legal=counted.deadline_legal,
        deadline_prudent=prudent,
        worst_case=worst,
        counted=tuple(words),
        basis=row.legal_basis,
        to_be_verified=row.to_be_verified,
        table_version=limitation_table_version(),
    )


def _nature(row: LimitationPeriod) -> Nature:
    if row.mode in (Mode.SUSP, Mode.NONE):
        return Nature.UNDATED
    if row.code in _PERISHABLE:
        return Nature.PERISHABLE
    return Nature.AWAITED if row.code in _AWAITED else Nature.TIME_BAR


def _worst_case(
    row: LimitationPeriod, start: Start, calendar: WorkingCalendar, tolls: tuple[Toll, ...], prudent: date | None
) -> date | None:
    """The prudent date counted from the worst starting point, if that is earlier."""
    if start.worst is None:
        return None
    worst = _count(row, Start.on(start.worst), calendar, tolls).deadline_prudent
    return worst if worst is not None and (prudent is None or worst < prudent) else None


def _count(row: LimitationPeriod, start: Start, calendar: WorkingCalendar, tolls: tuple[Toll, ...]) -> Counted:
    """The legal date from the latest starting point, the prudent one from the earliest."""
    if start.latest is None or start.earliest is None:
        return Counted()
    late = count_with(tolls, row.code, row.mode, start.latest, row.period, calendar)
    if start.earliest == start.latest:
        return late
    early = count_with(tolls, row.code, row.mode, start.earliest, row.period, calendar)
    prudent = min((day for day in (early.deadline_prudent, late.deadline_legal) if day is not None), default=None)
    words = [in_words("Prudently it is counted in the same way from {earliest}.", earliest=start.earliest)]
    if prudent is not None:
        words.append(in_words("Prudently it ends on {prudent}.", prudent=prudent))
    return Counted(deadline_legal=late.deadline_legal, deadline_prudent=prudent, how=late.how, how_prudent=tuple(words))

"""The time limits of the law that are open to a case, and when each ends: one clock for each row that applies.

Pure: the complaint, a calendar, and what jurists entered (`Toll`, `KnownStart`) give the clocks; nothing else moves
them. Filing with the Defender of Rights stops none by itself (LO 2011-333 art. 6 al. 3), nor does a pause of ours.

**Open.** By domain, relation, kind of respondent, acts and grounds (`domain.law.routes`). Where one of these is not
known, every route that one of its values opens is open, and the clock says that it is not known to be closed: a route
too many is looked at and put aside, a route too few is lost. The rows of `AWAITING_A_TRIGGER` start with an event that
a complaint does not tell (a judgment notified, a document asked for): they are not open until a jurist enters that day
as a `KnownStart`.

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

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.complaint import Complaint
from domain.counting import Counted, Mode, Sentence, in_words
from domain.dates import WorkingCalendar
from domain.law.distance import farther, words_of_distance
from domain.law.entered import KnownStart, Toll
from domain.law.grounds import TollGround
from domain.law.long_stop import before_the_long_stop
from domain.law.routes import ROUTES, entered, following
from domain.law.situation import Situation
from domain.law.starts import Start
from domain.law.tolling import count_with
from domain.reference import LimitationPeriod, limitation_periods, limitation_table_version
from domain.reference.citations import remarks
from domain.reference.routes import Cell, RouteState
from domain.values import Value
from domain.vocabulary import PriorStepKind

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
        *("SOINS_AR", "SOINS_CONVOCATION", "SOINS_CONCILIATION", "DDD_MEDIATION", "SECU_CRA_SILENCE"),
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
    presumed: bool = False
    """Not known to be closed: open until somebody says what is not known."""
    route: str = ""
    """Source for which the route is open, in French; empty where a jurist opened it."""
    route_read: bool = True
    """False if nobody here has read that source."""
    texts: tuple[Sentence, ...] = ()
    """Remarks on the texts of `basis`: those not read here, and those that do not hold by its last day."""

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


def limits_of(complaint: Complaint, calendar: WorkingCalendar) -> tuple[LimitationClock, ...]:
    """Every time limit that is open to a complaint for which no jurist has entered anything yet."""
    return _clocks(complaint, calendar, (), ())


def time_bars(case: Case, calendar: WorkingCalendar) -> tuple[LimitationClock, ...]:
    """Those after which a right can no longer be claimed. A filing with the Defender stops none of them by itself."""
    return tuple(clock for clock in limitation_clocks(case, calendar) if clock.nature is Nature.TIME_BAR)


_ANY_CALENDAR = WorkingCalendar(())


def undated_limits(case: Case) -> tuple[LimitationClock, ...]:
    """The time limits that run, or are over, and of which no date can be told before the facts are dated."""
    if case.complaint.facts.occurred_on is not None:
        return ()
    noticed = (Nature.TIME_BAR, Nature.PERISHABLE)
    return tuple(c for c in limitation_clocks(case, _ANY_CALENDAR) if c.start_unknown and c.nature in noticed)


def has_no_known_end(case: Case) -> bool:
    """True if nobody can tell when the last right of a case is over.

    So it is with facts that are not dated, a court action that is pending (C. civ. 2242), and a minor whose date of
    birth is not known (C. civ. 2235).
    """
    suing = any(s.kind is PriorStepKind.COURT_ACTION and not s.answer for s in case.complaint.prior_steps)
    return suing or any(clock.deadline_legal is None for clock in time_bars(case, _ANY_CALENDAR))


@lru_cache(maxsize=4_096)  # a case asks at every step, and what it is made of hardly ever changes
def _clocks(
    complaint: Complaint, calendar: WorkingCalendar, tolls: tuple[Toll, ...], known_starts: tuple[KnownStart, ...]
) -> tuple[LimitationClock, ...]:
    situation = Situation(complaint)
    clocks = [
        _clock(row, start, situation, calendar, tolls, by_jurist=by_jurist)
        for row in limitation_periods().values()
        for start, by_jurist in _starts(row.code, situation, known_starts)
    ]
    return tuple(sorted(clocks, key=_urgency))


def _starts(code: str, situation: Situation, known_starts: tuple[KnownStart, ...]) -> list[tuple[Start, bool]]:
    """The starting points of a row, and for each if jurists entered it; without any, those that the complaint tells."""
    route = ROUTES.get(code)
    from_jurists = [entered(start, route, situation) for start in known_starts if start.clock == code]
    if from_jurists := from_jurists or list(following(code, known_starts)):
        return [(start, True) for start in from_jurists]
    if route is None or not route.is_open(situation, code):
        return []
    return [(start, False) for start in route.starts(situation)]


def _urgency(clock: LimitationClock) -> tuple[int, date, str, date]:
    rank = 2 if clock.nature is Nature.UNDATED else 0 if clock.start_unknown else 1
    return rank, clock.deadline_prudent or date.max, clock.code, clock.start or date.max


# --- One clock -------------------------------------------------------------------------------------------

_RUNS_AGAINST_MINORS = frozenset({"EMP_PRIV_SALAIRE", "LOGEMENT_BAIL"})
"""C. civ. 2235 leaves out actions for wages, rents and charges, among others."""
_TWELVE_MONTHS = "EMP_PRIV_NULLITE"
"""The row that falls under twelve months for some grounds."""


def _clock(
    row: LimitationPeriod,
    start: Start,
    situation: Situation,
    calendar: WorkingCalendar,
    tolls: tuple[Toll, ...],
    *,
    by_jurist: bool,
) -> LimitationClock:
    undated = row.mode in (Mode.SUSP, Mode.NONE)
    cell = None if by_jurist else situation.route(row.code)
    counted = Counted() if undated else _count(row, start, situation, calendar, tolls)
    counted = before_the_long_stop(row, counted, situation, calendar, tolls)
    words = [*_doubts(cell), *start.words, *counted.steps]
    prudent = counted.deadline_prudent
    if row.code in _PERISHABLE and prudent is not None:
        prudent -= timedelta(days=1)
        words.append(
            in_words("They are kept for this long at most and may go sooner: ask at once, by {day}.", day=prudent)
        )
    worst = _worst_case(row, start, situation, calendar, tolls, prudent)
    if worst is not None:
        words.append(
            in_words("If a court counted from the first day of the facts, it would end on {worst}.", worst=worst)
        )
    if row.code == _TWELVE_MONTHS and situation.assimilated:
        words.append(
            in_words(
                "For a strike, jury service or testimony a court may hold to twelve months instead "
                "(C. trav. L1471-1): act within these."
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
        presumed=cell is not None and cell.state is RouteState.PRESUMED,
        route=cell.source if cell else "",
        route_read=cell is None or cell.read_as_of is not None,
        texts=remarks(row.legal_basis, situation.first, counted.deadline_legal or prudent or situation.received),
    )


def _doubts(cell: Cell | None) -> Iterator[Sentence]:
    """Says that a route is not known to be closed, and what would have to be known."""
    if cell is None or cell.state is not RouteState.PRESUMED:
        return
    if "relation" in cell.unknown:
        yield in_words(
            "Not known to be closed: it depends on what the person was to the respondent (candidate, in post, contract "
            "ended; applicant, tenant), which is not recorded."
        )
    if "respondent" in cell.unknown:
        yield in_words(
            "Not known to be closed: it depends on what kind of respondent it is (public body, company, association, "
            "self-employed professional, private person), which is not recorded."
        )
    if not cell.unknown:
        yield in_words("Not known to be closed in a case like this one: no text was found that closes it.")


def _nature(row: LimitationPeriod) -> Nature:
    if row.mode in (Mode.SUSP, Mode.NONE):
        return Nature.UNDATED
    if row.code in _PERISHABLE:
        return Nature.PERISHABLE
    return Nature.AWAITED if row.code in _AWAITED else Nature.TIME_BAR


def _worst_case(
    row: LimitationPeriod,
    start: Start,
    situation: Situation,
    calendar: WorkingCalendar,
    tolls: tuple[Toll, ...],
    prudent: date | None,
) -> date | None:
    """The prudent date counted from the worst starting point, if that is earlier."""
    if start.worst is None:
        return None
    worst = _count(row, Start.on(start.worst), situation, calendar, tolls).deadline_prudent
    return worst if worst is not None and (prudent is None or worst < prudent) else None


def _count(
    row: LimitationPeriod, start: Start, situation: Situation, calendar: WorkingCalendar, tolls: tuple[Toll, ...]
) -> Counted:
    """The legal date from the latest starting point, the prudent one from the earliest.

    Minority and distance put off the legal date only: the prudent one relies on neither.
    """
    if start.latest is None or start.earliest is None:
        return Counted()
    longer = farther(row, situation.residence)
    latest = _of_age(row, start.latest, situation, tolls)
    late = count_with(tolls, row.code, row.mode, latest, longer or row.period, calendar)
    distance = words_of_distance(row, situation.residence)
    how = (*_words_of_minority(row, start.latest, situation, tolls), *distance, *late.how)
    if latest == start.earliest and longer is None:
        counted = late.model_copy(update={"how": how})
    else:
        early = count_with(tolls, row.code, row.mode, start.earliest, row.period, calendar)
        prudent = min((day for day in (early.deadline_prudent, late.deadline_legal) if day is not None), default=None)
        words = [in_words("Prudently it is counted in the same way from {earliest}.", earliest=start.earliest)]
        if longer is not None:
            words = [
                in_words("Prudently it is counted from {earliest}, without the distance.", earliest=start.earliest)
            ]
        if prudent is not None:
            words.append(in_words("Prudently it ends on {prudent}.", prudent=prudent))
        counted = Counted(
            deadline_legal=late.deadline_legal, deadline_prudent=prudent, how=how, how_prudent=tuple(words)
        )
    if _waits_for_majority(row, situation, tolls) and situation.majority is None:
        counted = counted.model_copy(update={"deadline_legal": None})
    return counted


# --- Minors ----------------------------------------------------------------------------------------------


def _waits_for_majority(row: LimitationPeriod, situation: Situation, tolls: tuple[Toll, ...]) -> bool:
    """Tells if the period does not run before majority (C. civ. 2235), and no jurist has entered for how long."""
    entered_by_jurist = any(toll.ground is TollGround.MINORITY and row.code in toll.clocks for toll in tolls)
    civil = row.mode is Mode.PRESCRIPTION and row.code not in _RUNS_AGAINST_MINORS
    return situation.minor and civil and not entered_by_jurist


def _of_age(row: LimitationPeriod, start: date, situation: Situation, tolls: tuple[Toll, ...]) -> date:
    if situation.majority is not None and _waits_for_majority(row, situation, tolls):
        return max(start, situation.majority)
    return start


def _words_of_minority(
    row: LimitationPeriod, start: date, situation: Situation, tolls: tuple[Toll, ...]
) -> Iterator[Sentence]:
    if not _waits_for_majority(row, situation, tolls):
        return
    if situation.majority is None:
        yield in_words(
            "The person was a minor: it does not run before majority (C. civ. 2235), which cannot be computed without "
            "a date of birth. There is no legal date, and the prudent one leaves this out."
        )
    elif situation.majority > start:
        yield in_words(
            "The person was a minor: it does not run before majority, on {day} (C. civ. 2235). The prudent date leaves "
            "this out.",
            day=situation.majority,
        )

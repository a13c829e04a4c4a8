"""What a jurist enters about a period: suspension and interruption, as dated facts, and the day on which it starts.

A suspension stops the count and keeps the time elapsed (C. civ. 2230); an interruption wipes it out and starts the same
period again (C. civ. 2231). By default nothing stops: filing with the Defender of Rights, in particular, neither
interrupts nor suspends anything by itself (LO 2011-333 art. 6 al. 3). It is therefore no ground here; the cases in
which the law gives his action an effect are grounds of their own (DEFENDER_PRIOR_MEDIATION, DEFENDER_TRANSACTION), and
a mediation that both sides agreed to in writing before him is a MEDIATION if a jurist says so.

Each ground acts on some ways of counting only: a mediation does not suspend a foreclosure (C. civ. 2220), a complaint
to the prosecutor does not stop the periods of the press. Where a ground has no effect, that is said, and nothing moves.

While a suspension or an interruption lasts, its end is not known: there is no legal date, and the prudent one is what
it would be if nothing had been stopped or, for an interruption that nothing can undo, if it had ended at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from domain.counting import Counted, Mode, Period, Words, count, in_words
from domain.dates import WorkingCalendar
from domain.errors import fault, one_or_many
from domain.reference import limitation_periods
from domain.telling import Heading, Says
from domain.values import Day, Text, Value


class Effect(StrEnum):
    """What a ground does to a period."""

    SUSPENDS = "SUSPENDS"
    INTERRUPTS = "INTERRUPTS"


class TollGround(StrEnum):
    """Why a period is stopped or starts again."""

    MEDIATION = "MEDIATION"
    EVIDENCE_MEASURE = "EVIDENCE_MEASURE"
    IMPOSSIBILITY = "IMPOSSIBILITY"
    MINORITY = "MINORITY"
    COURT_ACTION = "COURT_ACTION"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    ENFORCEMENT = "ENFORCEMENT"
    ADMINISTRATIVE_APPEAL = "ADMINISTRATIVE_APPEAL"
    EXPRESS_REFUSAL = "EXPRESS_REFUSAL"
    LEGAL_AID = "LEGAL_AID"
    ADMINISTRATIVE_MEDIATION = "ADMINISTRATIVE_MEDIATION"
    PRIOR_MEDIATION = "PRIOR_MEDIATION"
    DEFENDER_PRIOR_MEDIATION = "DEFENDER_PRIOR_MEDIATION"
    CLAIM_ON_PUBLIC_BODY = "CLAIM_ON_PUBLIC_BODY"
    CRIMINAL_COMPLAINT = "CRIMINAL_COMPLAINT"
    PROSECUTION = "PROSECUTION"
    PRESS_PROSECUTION = "PRESS_PROSECUTION"
    DEFENDER_TRANSACTION = "DEFENDER_TRANSACTION"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the law says of a ground."""

    label: str
    basis: str
    effects: Mapping[Mode, Effect]
    six_months_remain: bool = False
    """At least six months remain when the suspension ends."""
    at_once: bool = False
    """An act of one day: it has no length, and cannot be still going on."""
    at_most: Period | None = None
    """However long it lasts, the law stops looking after this long."""
    can_be_undone: bool = False
    """Withdrawn, lapsed or rejected, it never was (C. civ. 2243)."""
    first_period_only: bool = False
    """It must come within the first period, and not after a mediation."""
    only: frozenset[str] = frozenset()
    """The only rows of the table it acts on; empty: whichever are counted in a way it acts on."""
    never: frozenset[str] = frozenset()

    def effect_on(self, clock: str, mode: Mode) -> Effect | None:
        """What it does to this row, counted in this way; None when it does nothing."""
        if clock in self.never or (self.only and clock not in self.only):
            return None
        return self.effects.get(mode)


_SUSPENDS_CIVIL = {Mode.PRESCRIPTION: Effect.SUSPENDS}
_INTERRUPTS_CIVIL = {Mode.PRESCRIPTION: Effect.INTERRUPTS, Mode.FORCLUSION: Effect.INTERRUPTS}
_APPEALS_AND_PRESCRIPTIONS = {
    Mode.FRANC: Effect.INTERRUPTS,
    Mode.PRESCRIPTION: Effect.SUSPENDS,
    Mode.YEAR_START: Effect.SUSPENDS,
}
_MEDIATED = frozenset(
    {TollGround.ADMINISTRATIVE_MEDIATION, TollGround.PRIOR_MEDIATION, TollGround.DEFENDER_PRIOR_MEDIATION}
)
PRESS = frozenset({"PRESSE_DISCRIM", "PRESSE_COMMUN"})
"""The rows of loi du 29 juillet 1881, which has its own rules."""
_PRIOR_MEDIATION_ROWS = frozenset({"ADM_MPO", "ADM_REP", "ADM_REP_IMPLICITE", "EMP_PUB_REPARATION", "ADM_QUADRIENNALE"})

GROUNDS: dict[TollGround, Ground] = {
    TollGround.MEDIATION: Ground(
        "Mediation or conciliation agreed in writing, or its first meeting",
        "C. civ. 2238",
        _SUSPENDS_CIVIL,
        six_months_remain=True,
    ),
    TollGround.EVIDENCE_MEASURE: Ground(
        "Evidence measure granted by a court before trial",
        "C. civ. 2239; CPC 145",
        _SUSPENDS_CIVIL,
        six_months_remain=True,
    ),
    TollGround.IMPOSSIBILITY: Ground("Impossibility to act", "C. civ. 2234", _SUSPENDS_CIVIL),
    TollGround.MINORITY: Ground(
        "Minority or guardianship", "C. civ. 2235", _SUSPENDS_CIVIL, never=frozenset({"EMP_PRIV_SALAIRE"})
    ),
    TollGround.COURT_ACTION: Ground(
        "Court action, even in summary proceedings or before the wrong court",
        "C. civ. 2241, 2242; C. trav. R1452-1",
        _INTERRUPTS_CIVIL,
        can_be_undone=True,
    ),
    TollGround.ACKNOWLEDGEMENT: Ground(
        "Acknowledgement of the right by the other side",
        "C. civ. 2240",
        {Mode.PRESCRIPTION: Effect.INTERRUPTS},
        at_once=True,
    ),
    TollGround.ENFORCEMENT: Ground("Act of enforcement", "C. civ. 2244", _INTERRUPTS_CIVIL, at_once=True),
    TollGround.ADMINISTRATIVE_APPEAL: Ground(
        "Informal or hierarchical appeal, until its refusal",
        "CRPA L411-2, L231-4; CJA R213-13",
        {Mode.FRANC: Effect.INTERRUPTS},
        at_most=Period(months=2),
        first_period_only=True,
        only=frozenset({"ADM_REP", "ADM_REP_IMPLICITE"}),
    ),
    TollGround.EXPRESS_REFUSAL: Ground(
        "Express refusal after an implied one",
        "CJA R421-2",
        {Mode.FRANC: Effect.INTERRUPTS},
        at_once=True,
        only=frozenset({"ADM_REP", "ADM_REP_IMPLICITE"}),
    ),
    TollGround.LEGAL_AID: Ground(
        "Application for legal aid, until its answer is notified",
        "décret 2020-1717 art. 43",
        {Mode.FRANC: Effect.INTERRUPTS},
        only=frozenset({"ADM_REP", "ADM_REP_IMPLICITE"}),
    ),
    TollGround.ADMINISTRATIVE_MEDIATION: Ground(
        "Mediation agreed with the administration",
        "CJA L213-6",
        _APPEALS_AND_PRESCRIPTIONS,
        six_months_remain=True,
    ),
    TollGround.PRIOR_MEDIATION: Ground(
        "Mandatory prior mediation: the mediator is seized",
        "CJA L213-13",
        _APPEALS_AND_PRESCRIPTIONS,
        only=_PRIOR_MEDIATION_ROWS,
    ),
    TollGround.DEFENDER_PRIOR_MEDIATION: Ground(
        "Defender of Rights seized of a decision subject to mandatory prior mediation",
        "CJA L213-14, R213-11",
        _APPEALS_AND_PRESCRIPTIONS,
        only=_PRIOR_MEDIATION_ROWS,
    ),
    TollGround.CLAIM_ON_PUBLIC_BODY: Ground(
        "Written claim, court action, payment or answer about a debt of a public body",
        "loi 68-1250 art. 2",
        {Mode.YEAR_START: Effect.INTERRUPTS},
    ),
    TollGround.CRIMINAL_COMPLAINT: Ground(
        "Complaint to the prosecutor, until the answer",
        "CPP 85",
        {Mode.PENAL: Effect.SUSPENDS},
        at_most=Period(months=3),
        only=frozenset({"PENAL_DELIT"}),
    ),
    TollGround.PROSECUTION: Ground(
        "Act of prosecution, inquiry or investigation, or a judgment",
        "CPP 9-2",
        {Mode.PENAL: Effect.INTERRUPTS},
        at_once=True,
        never=PRESS,
    ),
    TollGround.PRESS_PROSECUTION: Ground(
        "Act of prosecution that names the offence and its text",
        "loi du 29 juillet 1881 art. 65",
        {Mode.PENAL: Effect.INTERRUPTS},
        at_once=True,
        only=PRESS,
    ),
    TollGround.DEFENDER_TRANSACTION: Ground(
        "Act towards a settlement proposed by the Defender of Rights",
        "LO 2011-333 art. 28 IV",
        {Mode.PENAL: Effect.INTERRUPTS},
        at_once=True,
        only=frozenset({"PENAL_DELIT"}),
    ),
}


def _known_row(code: str) -> str:
    if code not in limitation_periods():
        raise fault(
            "unknown_time_limit",
            "{field} is not a row of the table of time limits.",
            "agenda REF names the rows that are open; docs/reference.md says where the others are.",
        )
    return code


def _in_order(rows: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(rows)))


ClockCode = Annotated[str, AfterValidator(_known_row)]
"""A row of the table of time limits: a slip of the keyboard must not leave a period running unseen."""


class Toll(Value):
    """A suspension or an interruption, as a jurist enters it: on what ground, when, for which periods, and why."""

    ground: Annotated[TollGround, Heading("ground"), Says("ground: {value}")]
    clocks: Annotated[tuple[ClockCode, ...], Field(min_length=1), AfterValidator(_in_order)]
    """The rows of the table it is entered for, in order: its effect is never presumed for another."""
    from_day: Annotated[Day, Says("from {value}")]
    until: Annotated[Day | None, Heading("until"), Says("until {value}")] = None
    """The day on which it ended; None while it lasts."""
    undone: Annotated[bool, Says("withdrawn, lapsed or rejected")] = False
    """Withdrawn, lapsed or rejected: the interruption never was (C. civ. 2243)."""
    reason: Text

    @field_validator("until")
    @classmethod
    def _not_before_it_began(cls, until: date | None, info: ValidationInfo) -> date | None:
        began: date | None = info.data.get("from_day")
        if until is not None and began is not None and until < began:
            raise fault(
                "toll_order",
                "{field} is before the day on which it began.",
                "Correct from_day or until; leave until out while it lasts.",
            )
        return until


class KnownStart(Value):
    """The starting point of one row, as a jurist enters it: a notification, or the revelation as a court would see it.

    It replaces what would be taken from the complaint, and opens a row that awaits a trigger.
    """

    clock: ClockCode
    on: Annotated[Day, Says("starts on {value}")]
    reason: Text


SIX_MONTHS = Period(months=6)


def count_with(
    tolls: Iterable[Toll],
    clock: str,
    mode: Mode,
    start: date,
    period: Period | None,
    calendar: WorkingCalendar,
    *,
    from_midnight: bool = False,
) -> Counted:
    """The period of this row counted from `start`, less what the tolls entered for it take out. See `count`.

    The legal date is None while one of them lasts and its end is not known.
    """
    plain = count(mode, start, period, calendar, from_midnight=from_midnight)
    entered = sorted(
        (t for t in tolls if clock in t.clocks), key=lambda t: (t.from_day, t.until or date.max, t.ground, t.undone)
    )
    if not entered or period is None or plain.deadline_legal is None or plain.deadline_prudent is None:
        return plain
    legal = _Run(clock, mode, period, calendar, False, start, plain.deadline_legal)
    prudent = _Run(clock, mode, period, calendar, True, start, plain.deadline_prudent)
    for toll in entered:
        legal.take(toll)
        prudent.take(toll)
    how = (*plain.how, *legal.said)
    if legal.lasts:
        last = in_words("Its end is not known: no legal date can be computed yet.")
        words = in_words(
            "Until then the prudent date is {prudent}: it does not rely on its lasting.", prudent=prudent.end
        )
        return Counted(deadline_prudent=prudent.end, how=(*how, last), how_prudent=(words,))
    end = min(prudent.end, legal.end)
    how = (*how, in_words("With this, the last day is {end}.", end=legal.end))
    words = in_words("Prudently it ends on {prudent}.", prudent=end)
    return Counted(
        deadline_legal=legal.end, deadline_prudent=end, how=how, how_prudent=(words,) if end < legal.end else ()
    )


@dataclass
class _Run:
    """A period as it runs, on one of the two ways of seeing it."""

    clock: str
    mode: Mode
    period: Period
    calendar: WorkingCalendar
    prudent: bool
    start: date
    end: date
    first_end: date = field(init=False)
    resumed: date = date.min
    """When the last suspension ended: no day is given back twice."""
    mediated: bool = False
    lasts: bool = False
    said: list[Words] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first_end = self.end

    def take(self, toll: Toll) -> None:
        """Takes the next toll into account, in the order of their first days."""
        ground = GROUNDS[toll.ground]
        effect = ground.effect_on(self.clock, self.mode)
        if self.lasts:
            return
        if effect is None:
            self.tell("{ground} ({basis}) has no effect on this period.", ground)
        elif toll.undone:
            self.tell(
                "{ground} was withdrawn, lapsed or was rejected: it never stopped the period (C. civ. 2243).", ground
            )
        elif toll.from_day > self.end:
            self.tell("{ground}, on {day}: the period had ended on {end}.", ground, day=toll.from_day, end=self.end)
        elif ground.first_period_only and (self.mediated or toll.from_day > self.first_end):
            self.tell(
                "{ground}, on {day}: not within the first period, it does not stop it again ({basis}).",
                ground,
                day=toll.from_day,
            )
        else:
            self.stop(toll, ground, effect)

    def stop(self, toll: Toll, ground: Ground, effect: Effect) -> None:
        until = self.until(toll, ground, effect)
        if until is None:
            if not self.prudent:
                self.lasts = True
                self.tell("{ground}, since {day} ({basis}): the period is stopped.", ground, day=toll.from_day)
            return
        self.mediated |= toll.ground in _MEDIATED
        if until < self.start:
            self.tell("{ground} ended on {day}, before the period began.", ground, day=until)
        elif effect is Effect.SUSPENDS:
            self.suspend(toll.from_day, until, ground)
        else:
            self.interrupt(toll.from_day, until, ground)

    def until(self, toll: Toll, ground: Ground, effect: Effect) -> date | None:
        """When it ended, as far as the law looks; None when that is not known (or, prudently, not to be relied on)."""
        if ground.at_once:
            return toll.from_day
        latest = ground.at_most.after(toll.from_day) if ground.at_most else None
        if toll.until is not None:
            return min(toll.until, latest) if latest else toll.until
        if self.prudent:
            return toll.from_day if effect is Effect.INTERRUPTS and not ground.can_be_undone else None
        return latest

    def suspend(self, first: date, until: date, ground: Ground) -> None:
        if first <= self.start:
            self.start = until
            self.end = max(self.end, self.counted_from(until))
            self.tell("{ground} ({basis}): the period only began when it ended, on {day}.", ground, day=until)
        else:
            # The day it began and the day it ended are both partly run: prudently neither is given back.
            days = max(0, (until - max(first, self.resumed)).days - self.prudent)
            self.end += timedelta(days=days)
            self.tell(
                one_or_many(
                    "{ground} ({basis}): suspended from {day} to {until}, {count} day that does not count; "
                    "the time before it does (C. civ. 2230).",
                    "{ground} ({basis}): suspended from {day} to {until}, {count} days that do not count; "
                    "the time before them does (C. civ. 2230).",
                    days,
                ),
                ground,
                day=first,
                until=until,
                count=days,
            )
        self.resumed = max(self.resumed, until)
        if ground.six_months_remain and self.mode is not Mode.FRANC:
            least = count(Mode.MINIMUM, until, SIX_MONTHS, self.calendar, from_midnight=False)
            floor = least.deadline_prudent if self.prudent else least.deadline_legal
            if floor is not None and floor > self.end:
                self.end = floor
                self.tell("{ground} ({basis}): at least six months remain, until {end}.", ground, end=floor)

    def interrupt(self, first: date, until: date, ground: Ground) -> None:
        begins = max(until, self.resumed, self.start)
        self.start = begins
        self.end = max(self.end, self.counted_from(begins))
        self.tell(
            "{ground} ({basis}), on {day}: interrupted; the same period starts again on {begins} (C. civ. 2231).",
            ground,
            day=first,
            begins=begins,
        )

    def counted_from(self, day: date) -> date:
        counted = count(self.mode, day, self.period, self.calendar, from_midnight=False)
        return (counted.deadline_prudent if self.prudent else counted.deadline_legal) or day

    def tell(self, template: str, ground: Ground, **params: str | int | date) -> None:
        if not self.prudent:
            self.said.append(in_words(template, ground=ground.label, basis=ground.basis, **params))

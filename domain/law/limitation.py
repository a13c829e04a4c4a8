"""Which time limits of the law are open to a case, and when each ends: one clock for each row that applies.

Pure: the complaint, a calendar, and what jurists entered (`Toll`, `KnownStart`) give the clocks; nothing else moves
them. Filing with the Defender of Rights stops none by itself (LO 2011-333 art. 6 al. 3), nor does a pause of ours.

**Open.** By domain, kind of respondent, acts and grounds. Where it is not known on which side of public and private law
a case lies, both sides are open: a route too many is looked at and put aside, a route too few is lost. The rows of
`AWAITING_A_TRIGGER` start with an event that a complaint does not tell (a judgment notified, a document asked for):
they are not open until a jurist enters that day as a `KnownStart`.

**Started.** By what is recorded. `deadline_legal` is counted from the latest starting point that can be argued,
`deadline_prudent` from the earliest: for facts that lasted, from the last day and from the first. When the point that
the law names is not recorded (the revelation, a notification), the first day of the facts stands for it, and the clock
says so in `assumed`. When not even that is known, every fact is *earlier* than the reception of the complaint: no date
can be promised, there is none, and the clock says that. Where the revelation is recorded, `worst_case` is the prudent
date if a court dated the knowledge back to the first day of the facts.

**Listed.** First those whose starting point is not known, for they may be over; then by prudent date; last those that
have no date by nature (the Defender may be seized at any time; a minor's suspension).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.complaint import Complaint
from domain.counting import Counted, Mode, Period, Words, count, in_words
from domain.dates import WorkingCalendar
from domain.law.tolling import KnownStart, Toll, TollGround, count_with
from domain.reference import LimitationPeriod, criteria, limitation_periods, limitation_table_version
from domain.values import Value, day_of
from domain.vocabulary import Act, Domain, PriorStepKind, RespondentKind

if TYPE_CHECKING:
    from domain.case import Case


AWAITING_A_TRIGGER: dict[str, str] = {
    "EMP_PRIV_RUPTURE_CONV": "The approval of an agreed termination is not recorded; "
    "EMP_PRIV_RUPTURE_AUTRES warns at twelve months meanwhile.",
    "EMP_PRIV_LIC_ECO": "The notification of a redundancy is not recorded; "
    "EMP_PRIV_RUPTURE_AUTRES warns at twelve months meanwhile.",
    "CPH_APPEL": "The notification of a judgment is not recorded.",
    "SYNDICAT_OPPOSITION": "The letter by which a trade union says that it will sue is not recorded.",
    "ADM_MOTIFS": "The request for the reasons of an implied refusal is not recorded.",
    "ADM_APPEL_TA": "The notification of a judgment is not recorded.",
    "CIVIL_CORPOREL": "The day on which bodily harm has become stable is a medical finding, and is not recorded.",
    "CADA_REFUS": "The request for a document is not recorded as such.",
    "CADA_SAISINE": "The refusal of a document is not recorded as such.",
    "CADA_AVIS": "The registration by the CADA is not recorded.",
    "CADA_REFUS_CONFIRME": "The registration by the CADA is not recorded.",
    "RGPD_ACCES": "The request for access to personal data is not recorded as such.",
    "DDD_MEDIATION": "The appointment of a mediator by the Defender of Rights is not recorded.",
    "MEDIATION_REPRISE": "It follows a suspension: the grounds of domain.tolling apply it to the periods they suspend.",
}
"""The rows that no complaint opens by itself, and why: a jurist opens them with a `KnownStart`."""


class Nature(StrEnum):
    """What the last day of a clock means."""

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
    assumed: Words | None
    """Why another day stands for the starting point that the law names, when it does."""
    deadline_legal: date | None
    """The latest last day that can be argued; None when no date can be promised, or the period is stopped."""
    deadline_prudent: date | None
    """The earliest last day that can be held against the person: alerts go by it."""
    worst_case: date | None
    """The prudent date if a court counted from the first day of the facts; None when that changes nothing."""
    counted: tuple[Words, ...]
    """How it was counted: sentences that a jurist can check."""
    basis: str
    to_be_verified: bool
    """The table itself says that a jurist must check this row."""
    table_version: str

    @property
    def perishable(self) -> bool:
        """Whether it is a piece of evidence that goes, not a right."""
        return self.nature is Nature.PERISHABLE

    @property
    def start_unknown(self) -> bool:
        """Whether it runs, may be over, and no date can be promised."""
        return self.nature is not Nature.UNDATED and self.start is None


def limitation_clocks(case: Case, calendar: WorkingCalendar) -> tuple[LimitationClock, ...]:
    """Every time limit that is open to this case. See the module for what is open, and for their order."""
    return _clocks(case.complaint, calendar, case.standing_tolls, case.standing_starts)


def time_bars(case: Case, calendar: WorkingCalendar) -> tuple[LimitationClock, ...]:
    """Those after which a right can no longer be claimed. A filing with the Defender stops none of them by itself."""
    return tuple(clock for clock in limitation_clocks(case, calendar) if clock.nature is Nature.TIME_BAR)


@lru_cache(maxsize=4_096)  # a case asks at every step, and what it is made of hardly ever changes
def _clocks(
    complaint: Complaint, calendar: WorkingCalendar, tolls: tuple[Toll, ...], starts: tuple[KnownStart, ...]
) -> tuple[LimitationClock, ...]:
    situation = _Situation(complaint)
    known: dict[str, list[KnownStart]] = {}
    for start in starts:
        known.setdefault(start.clock, []).append(start)
    clocks = []
    for row in limitation_periods().values():
        route = _ROUTES.get(row.code)
        if row.code in known:
            found = [_entered(start, route, situation) for start in known[row.code]]
        elif route is not None and route.is_open(situation):
            found = list(route.starts(situation))
        else:
            continue
        clocks += [_clock(row, start, situation, calendar, tolls) for start in found]
    return tuple(sorted(clocks, key=_urgency))


def _urgency(clock: LimitationClock) -> tuple[int, date, str, date]:
    rank = 2 if clock.nature is Nature.UNDATED else 0 if clock.start_unknown else 1
    return rank, clock.deadline_prudent or date.max, clock.code, clock.start or date.max


# --- What a complaint tells about its time limits --------------------------------------------------------

_PUBLIC_LAW = frozenset(
    {
        *(Domain.EMPLOI_PUBLIC, Domain.SERVICES_PUBLICS, Domain.PROTECTION_SOCIALE),
        *(Domain.POLICE_JUSTICE, Domain.REGLEMENTATION),
    }
)
_PRIVATE_LAW = frozenset({Domain.EMPLOI_PRIVE, Domain.LOGEMENT_PRIVE, Domain.BIENS_SERVICES_PRIVES})
_BOTH_LAWS = frozenset({Domain.LOGEMENT_SOCIAL, Domain.PROTECTION_SOCIALE})
"""Allocation committees decide as an administration, whoever the landlord; benefits are shared between two courts."""
_WORK = frozenset({Domain.EMPLOI_PRIVE, Domain.EMPLOI_PUBLIC})
_PRIVATE_BODIES = frozenset({RespondentKind.COMPANY, RespondentKind.ASSOCIATION})
_HARASSMENT = frozenset({Act.HARCELEMENT_DISCRIMINATOIRE, Act.HARCELEMENT_SEXUEL, Act.HARCELEMENT_MORAL})
_SPEECH_GROUNDS = frozenset(
    {
        *("ORIGINE", "ETHNIE", "NATION", "RACE", "RELIGION"),
        *("SEXE", "ORIENTATION_SEXUELLE", "IDENTITE_GENRE", "HANDICAP"),
    }
)
"""Loi du 29 juillet 1881 art. 24, 32, 33; C. pén. R625-7 to R625-8-1: fewer grounds than C. pén. 225-1."""
_FILMED = frozenset({Domain.POLICE_JUSTICE, Domain.BIENS_SERVICES_PRIVES, Domain.SERVICES_PUBLICS, Domain.AUTRE})
"""Where things happen in the street or in a place open to the public, which may be filmed (CSI L251-2)."""


class _Situation:
    """What a complaint tells that decides which time limits run, and from when."""

    def __init__(self, complaint: Complaint) -> None:
        self.complaint = complaint
        facts, kind = complaint.facts, complaint.respondent.kind
        self.domain, self.acts = complaint.domain, frozenset(complaint.acts)
        self.received = day_of(complaint.received_at)
        self.first, self.revealed, self.ongoing = facts.occurred_on, facts.revealed_on, facts.ongoing
        self.last = self.received if facts.ongoing else facts.ended_on or facts.occurred_on
        """The last day on which the facts are known to have gone on."""
        public, private = kind is RespondentKind.PUBLIC_BODY, kind in _PRIVATE_BODIES
        self.at_work = self.domain in _WORK
        self.labour = self.domain is Domain.EMPLOI_PRIVE or (self.domain is Domain.EMPLOI_PUBLIC and private)
        self.public_agent = self.domain is Domain.EMPLOI_PUBLIC or (self.domain is Domain.EMPLOI_PRIVE and public)
        # A person in a school or a hospital may be an agent of either law: only a body says which.
        unclear = not public and not private and self.domain not in _PUBLIC_LAW | _PRIVATE_LAW
        both = unclear or self.domain in _BOTH_LAWS
        self.administrative = public or self.domain in _PUBLIC_LAW or both
        private_side = self.domain in _PRIVATE_LAW or private or kind is RespondentKind.PERSON or both
        self.civil = private_side and not self.at_work
        self.criminal = any(criteria()[code].in_criminal_code for code in complaint.criteria)
        self.offence = self.criminal and self.acts != {Act.PROPOS}
        self.harassed = bool(self.acts & _HARASSMENT)
        self.only_harassed = self.acts <= _HARASSMENT
        self.spoken = Act.PROPOS in self.acts
        self.spoken_on_a_ground = self.spoken and not _SPEECH_GROUNDS.isdisjoint(complaint.criteria)
        self.filmed = self.domain in _FILMED or not self.acts.isdisjoint({Act.PROPOS, Act.CONTROLE_FACIES})
        self.police = self.domain is Domain.POLICE_JUSTICE or Act.CONTROLE_FACIES in self.acts
        person = complaint.concerned_person or complaint.complainant
        self.minor = person is not None and person.is_minor
        self.anonymous = person is None

    def steps(self, *kinds: PriorStepKind, unanswered: bool = False) -> list[date | None]:
        """The days of the person's own steps of these kinds, each once; None for a step without a day."""
        steps = [s for s in self.complaint.prior_steps if s.kind in kinds and not (unanswered and s.answer)]
        return list(dict.fromkeys(s.taken_on for s in steps))


@dataclass(frozen=True)
class Sides:
    """On which sides of the law a case lies; where that is not known, on all that are possible."""

    administrative: bool
    private: bool
    criminal: bool


def sides(complaint: Complaint) -> Sides:
    """Which courts the complaint may come before, by domain, kind of respondent, acts and grounds."""
    s = _Situation(complaint)
    return Sides(
        administrative=s.administrative or s.public_agent,
        private=s.labour or s.civil,
        criminal=s.offence,
    )


# --- Starting points -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Start:
    """From when a period is counted: the latest and the earliest that can be argued. Both or neither."""

    latest: date | None = None
    earliest: date | None = None
    assumed: Words | None = None
    said: tuple[Words, ...] = ()
    worst: date | None = None

    @classmethod
    def on(cls, day: date, *said: Words, assumed: Words | None = None, worst: date | None = None) -> _Start:
        """One and the same day, in law and prudently."""
        return cls(day, day, assumed, said, worst)


def _not_known(situation: _Situation) -> _Start:
    return _Start(
        said=(
            in_words("The starting point is not known: the first day of the facts is not recorded."),
            in_words(
                "It is no later than {received}, the day the complaint was received: the period may be over already, "
                "and no date can be promised.",
                received=situation.received,
            ),
        )
    )


def _lasting(situation: _Situation, first: date, last: date, *said: Words, assumed: Words | None = None) -> _Start:
    """From the first day to the last, when the facts lasted: the two ends of what can be argued."""
    if last > first:
        words = (
            in_words("On {day} the facts were still going on: that day stands for the last one.", day=last)
            if situation.ongoing
            else in_words("The facts lasted until {day}.", day=last)
        )
        said = (*said, words)
        assumed = assumed or in_words(
            "The facts lasted: each may have its own period, and the prudent date is that of the first."
        )
    return _Start(max(first, last), first, assumed, said)


def _revelation(situation: _Situation) -> Iterator[_Start]:
    """The day on which the person knew (C. trav. L1134-5, CGFP L131-13, C. civ. 2224)."""
    first, revealed = situation.first, situation.revealed
    if revealed is not None:
        worst = first if first is not None and first < revealed else None
        said = [in_words("It starts on {day}, when the discrimination came to light.", day=revealed)]
        last = situation.last or revealed
        if last > revealed:
            said.append(
                in_words(
                    "The facts went on until {day}: it can be argued that nothing ran before "
                    "(Cass. soc. 31 March 2021, no. 19-22.557); the prudent date does not rely on it.",
                    day=last,
                )
            )
        yield _Start(max(last, revealed), revealed, None, tuple(said), worst)
    elif first is not None:
        yield _lasting(
            situation,
            first,
            situation.last or first,
            assumed=in_words(
                "The day on which the discrimination came to light is not recorded: the first day of the facts, "
                "{day}, stands for it; it cannot be earlier.",
                day=first,
            ),
        )
    else:
        yield _not_known(situation)


def _commission(situation: _Situation) -> Iterator[_Start]:
    """The day on which the offence was committed (CPP 8); for harassment alone, the last act."""
    first, last = situation.first, situation.last
    if situation.only_harassed and last is not None and not situation.ongoing:
        worst = first if first is not None and first < last else None
        yield _Start.on(last, in_words("Harassment is counted from its last act, {day}.", day=last), worst=worst)
    elif first is not None:
        said = in_words("It starts on {day}, when the offence was committed.", day=first)
        yield _lasting(situation, first, last or first, said)
    else:
        yield _not_known(situation)


def _utterance(situation: _Situation) -> Iterator[_Start]:
    """The day of the words or of their first publication: that they stay readable starts nothing again."""
    if situation.first is None:
        yield _not_known(situation)
    else:
        words = in_words(
            "It starts on {day}, when the words were first said or published; that they lasted or were read later "
            "changes nothing.",
            day=situation.first,
        )
        yield _Start.on(situation.first, words)


def _notification(situation: _Situation) -> Iterator[_Start]:
    """The day on which a decision was notified: no complaint records it, so the facts stand for it."""
    if situation.first is None:
        yield _not_known(situation)
    else:
        yield _lasting(
            situation,
            situation.first,
            situation.last or situation.first,
            assumed=in_words(
                "No notification is recorded: the first day of the facts, {day}, stands for it.", day=situation.first
            ),
        )


def _debt(situation: _Situation) -> Iterator[_Start]:
    """The year in which the right to be paid was acquired; later if the person could not know (loi 68-1250 art. 3)."""
    if situation.first is None:
        yield _not_known(situation)
    else:
        latest = max(situation.first, situation.last or situation.first, situation.revealed or situation.first)
        if latest == situation.first:
            yield _Start.on(latest)
        else:
            said = in_words(
                "It can be argued that the debt was not known before {day} (loi 68-1250 art. 3).", day=latest
            )
            why = in_words(
                "The year in which the right was acquired is open to argument: prudently, that of the first day."
            )
            yield _Start(latest, situation.first, why, (said,))


def _recording(situation: _Situation) -> Iterator[_Start]:
    """The day of the pictures: the facts themselves, from day 0."""
    first, last = situation.first, situation.last
    if first is not None:
        said = in_words("Pictures of {day} are kept from that day.", day=first)
        yield _lasting(situation, first, last or first, said)
    elif last is not None:
        why = in_words("The first day of the facts is not recorded: pictures of days before {day} go sooner.", day=last)
        yield _Start.on(last, assumed=why)
    else:
        yield _not_known(situation)


def _received_that_day(day: date) -> Words:
    return in_words(
        "The day on which the request was received is not recorded: the day it was sent, {day}, stands for it.", day=day
    )


def _care_authority(day: date) -> Words:
    return in_words(
        "It is taken that the authority seized on {day} was the health insurance fund or the professional order.",
        day=day,
    )


def _steps_of(
    *kinds: PriorStepKind, unanswered: bool = False, assumed: Callable[[date], Words | None] = lambda _: None
) -> Callable[[_Situation], Iterator[_Start]]:
    """The days of the person's own steps of these kinds, one clock for each."""

    def starts(situation: _Situation) -> Iterator[_Start]:
        for day in situation.steps(*kinds, unanswered=unanswered):
            yield _undated_step() if day is None else _Start.on(day, assumed=assumed(day))

    return starts


def _undated_step() -> _Start:
    return _Start(said=(in_words("The day of the person's own step is not recorded: no date can be promised."),))


def _implied_refusal(situation: _Situation) -> Iterator[_Start]:
    """The day on which silence became a refusal: two months after the request (CRPA L231-4)."""
    silence = limitation_periods()["ADM_SILENCE"].period or Period(months=2)
    for day in situation.steps(*_REQUESTS, unanswered=True):
        if day is None:
            yield _undated_step()
        else:
            born = silence.after(day)
            said = in_words(
                "Asked on {day}: silence became a refusal on {born}, two months later (CRPA L231-4).",
                day=day,
                born=born,
            )
            yield _Start.on(born, said, assumed=_received_that_day(day))


def _anytime(_: _Situation) -> Iterator[_Start]:
    yield _Start(
        said=(
            in_words(
                "The Defender of Rights may be seized at any time; that interrupts and suspends none of the other "
                "periods by itself (LO 2011-333 art. 6 al. 3)."
            ),
        )
    )


def _majority(_: _Situation) -> Iterator[_Start]:
    yield _Start(
        said=(
            in_words("The person is a minor: civil periods do not run against a minor (C. civ. 2235)."),
            in_words(
                "No date of birth is kept: the day of majority cannot be computed, and every date leaves this out."
            ),
            in_words("It does not move the two months of an administrative appeal, nor criminal periods."),
        )
    )


# --- Routes: which row is open when, and what starts it --------------------------------------------------


@dataclass(frozen=True)
class _Route:
    is_open: Callable[[_Situation], bool]
    starts: Callable[[_Situation], Iterator[_Start]]


_REQUESTS = (PriorStepKind.WRITTEN_COMPLAINT, PriorStepKind.ADMINISTRATIVE_APPEAL)


def _silent(s: _Situation) -> bool:
    return s.administrative and bool(s.steps(*_REQUESTS, unanswered=True))


def _complained(s: _Situation) -> bool:
    return s.offence and bool(s.steps(PriorStepKind.CRIMINAL_COMPLAINT))


def _care_complaint(s: _Situation) -> bool:
    return Act.REFUS_SOINS in s.acts and bool(s.steps(PriorStepKind.OTHER_AUTHORITY))


_CARE = _Route(_care_complaint, _steps_of(PriorStepKind.OTHER_AUTHORITY, assumed=_care_authority))

_ROUTES: dict[str, _Route] = {
    "EMP_PRIV_REPARATION": _Route(lambda s: s.labour, _revelation),
    "EMP_PRIV_NULLITE": _Route(lambda s: s.labour, _revelation),
    "EMP_PRIV_RUPTURE_AUTRES": _Route(lambda s: s.labour, _notification),
    "EMP_PRIV_EXECUTION_AUTRES": _Route(lambda s: s.labour, _revelation),
    "EMP_PRIV_SALAIRE": _Route(lambda s: s.labour, _revelation),
    "EMP_HARCELEMENT_CIVIL": _Route(lambda s: s.labour and s.harassed, _revelation),
    "EMP_PUB_REPARATION": _Route(lambda s: s.public_agent, _revelation),
    "ADM_REP": _Route(lambda s: s.administrative, _notification),
    "ADM_CZABAJ": _Route(lambda s: s.administrative, _notification),
    "ADM_SILENCE": _Route(_silent, _steps_of(*_REQUESTS, unanswered=True, assumed=_received_that_day)),
    "ADM_REP_IMPLICITE": _Route(_silent, _implied_refusal),
    "ADM_MPO": _Route(lambda s: s.public_agent, _notification),
    "ADM_QUADRIENNALE": _Route(lambda s: s.administrative, _debt),
    "CIVIL_GENERAL": _Route(lambda s: s.civil, _revelation),
    "PENAL_DELIT": _Route(lambda s: s.offence, _commission),
    "PENAL_PCPC": _Route(_complained, _steps_of(PriorStepKind.CRIMINAL_COMPLAINT)),
    "PRESSE_DISCRIM": _Route(lambda s: s.spoken_on_a_ground, _utterance),
    "PRESSE_COMMUN": _Route(lambda s: s.spoken, _utterance),
    "CONTRAV_DISCRIM": _Route(lambda s: s.spoken_on_a_ground, _utterance),
    "VIDEO_PERISSABLE": _Route(lambda s: s.filmed, _recording),
    "CAMERA_PIETON": _Route(lambda s: s.police, _recording),
    "SOINS_AR": _CARE,
    "SOINS_CONVOCATION": _CARE,
    "SOINS_CONCILIATION": _CARE,
    "SECU_CRA": _Route(lambda s: s.domain is Domain.PROTECTION_SOCIALE, _notification),
    "DDD_SAISINE": _Route(lambda s: not s.anonymous, _anytime),
    "MINEUR": _Route(lambda s: s.minor, _majority),
}


def _entered(start: KnownStart, route: _Route | None, situation: _Situation) -> _Start:
    said = in_words("It starts on {day}, as a jurist entered it: {reason}", day=start.on, reason=start.reason)
    first = situation.first
    backdated = route is not None and route.starts is _revelation and first is not None and first < start.on
    return _Start.on(start.on, said, worst=first if backdated else None)


# --- Counting --------------------------------------------------------------------------------------------

_LONG_STOP = Period(years=20)
_SUSPENDED_BY_MINORITY = frozenset({Mode.PRESCRIPTION})
_RUNS_AGAINST_MINORS = frozenset({"EMP_PRIV_SALAIRE"})
"""C. civ. 2235 leaves out actions for wages, among others."""


def _clock(
    row: LimitationPeriod,
    start: _Start,
    situation: _Situation,
    calendar: WorkingCalendar,
    tolls: tuple[Toll, ...],
) -> LimitationClock:
    undated = row.mode in (Mode.SUSP, Mode.NONE)
    counted = Counted() if undated else _count(row, start, calendar, tolls)
    counted = _before_the_long_stop(row, counted, situation, calendar, tolls)
    worst = _count(row, _Start.on(start.worst), calendar, tolls).deadline_prudent if start.worst else None
    words = [*start.said, *counted.steps]
    prudent = counted.deadline_prudent
    if row.code in _PERISHABLE and prudent is not None:
        prudent -= timedelta(days=1)
        words.append(
            in_words("They are kept for this long at most and may go sooner: ask at once, by {day}.", day=prudent)
        )
    if worst is not None and (prudent is None or worst < prudent):
        words.append(
            in_words("If a court counted from the first day of the facts, it would end on {worst}.", worst=worst)
        )
    else:
        worst = None
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


def _count(row: LimitationPeriod, start: _Start, calendar: WorkingCalendar, tolls: tuple[Toll, ...]) -> Counted:
    """The legal date from the latest starting point, the prudent one from the earliest."""
    if start.latest is None or start.earliest is None:
        return Counted()
    late = count_with(tolls, row.code, row.mode, start.latest, row.period, calendar)
    if start.earliest == start.latest:
        return late
    early = count_with(tolls, row.code, row.mode, start.earliest, row.period, calendar)
    prudent = _earliest(early.deadline_prudent, late.deadline_legal)
    words = [in_words("Prudently it is counted in the same way from {earliest}.", earliest=start.earliest)]
    if prudent is not None:
        words.append(in_words("Prudently it ends on {prudent}.", prudent=prudent))
    return Counted(deadline_legal=late.deadline_legal, deadline_prudent=prudent, how=late.how, how_prudent=tuple(words))


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _before_the_long_stop(
    row: LimitationPeriod, counted: Counted, situation: _Situation, calendar: WorkingCalendar, tolls: tuple[Toll, ...]
) -> Counted:
    """Twenty years after the right was born, whatever moved the starting point or stopped the period (C. civ. 2232).

    Not after a court action (2241), nor for bodily harm (2226). Prudently the right is born on the first day of the
    facts, and the rule reaches the special periods of discrimination at work too, which is open to argument.
    """
    first, last = situation.first, situation.last
    sued = any(t.ground is TollGround.COURT_ACTION and not t.undone and row.code in t.clocks for t in tolls)
    if row.mode is not Mode.PRESCRIPTION or row.code == "CIVIL_CORPOREL" or first is None or last is None or sued:
        return counted
    stop = count(Mode.PRESCRIPTION, first, _LONG_STOP, calendar, from_midnight=False).deadline_prudent
    last_stop = count(Mode.PRESCRIPTION, last, _LONG_STOP, calendar, from_midnight=False).deadline_legal
    prudent = counted.deadline_prudent and _earliest(counted.deadline_prudent, stop)
    legal = counted.deadline_legal
    if row.code == "CIVIL_GENERAL":
        legal = legal and _earliest(legal, last_stop)
    if prudent is None or (prudent, legal) == (counted.deadline_prudent, counted.deadline_legal):
        return counted
    return Counted(
        deadline_legal=legal,
        deadline_prudent=prudent,
        how=(*counted.how, in_words("Twenty years after the right was born it is over in any case (C. civ. 2232).")),
        how_prudent=(*counted.how_prudent, in_words("Prudently it ends on {prudent}.", prudent=prudent)),
    )

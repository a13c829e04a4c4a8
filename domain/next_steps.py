"""The next steps of a case: the two or three that come first for whoever reads it, or the day before which none does.

Pure. Each is a command that the case would accept from its reader now, with the reason for it. First what vanishes or
bars, by its day; then what somebody waits for; last the usual course.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, auto
from typing import TYPE_CHECKING, Any

from domain.commands import COMMANDS
from domain.law.limitation import limitation_clocks, time_bars
from domain.law.proof import checklist
from domain.lifecycle import offered
from domain.parts.base import Part
from domain.parts.filing import Filing, agreement_to_file
from domain.parts.registry import POSSIBLE
from domain.sight import Sight, sight_of
from domain.telling import Coded, Phrase, Table, phrase
from domain.values import NOBODY, day_of
from domain.vocabulary import (
    Act,
    Capacity,
    ConsentScope,
    DeadlineKind,
    FilingStatus,
    Level,
    PieceStatus,
    ReferralStatus,
    Role,
    Step,
)
from domain.vocabulary import Domain as Area

if TYPE_CHECKING:
    from domain.actors import Actor
    from domain.case import Case
    from domain.dates import WorkingCalendar
    from domain.time.deadline import Deadline

MOST = 3
"""The number of steps that are recommended at once."""
NEAR = timedelta(days=90)
"""Calendar days before its last one from which a time limit of the law is among the next steps."""
_UNDETERMINED = "AUTRE_INDETERMINE"
_TO_THE_DEFENDER = {"consent.scope": ConsentScope.DEFENDER.value}
_TO_A_PARTNER = {"consent.scope": ConsentScope.REFERRAL.value}


class Rank(IntEnum):
    """The order of steps: the lower, the sooner."""

    LOST = auto()
    """A right or a proof is lost after a day."""
    ASKED = auto()
    """The person asks for something, or what nothing can be counted without is missing."""
    DECIDED = auto()
    """Somebody waits for the reader's decision."""
    OWED = auto()
    """Somebody waits for an act of the reader's."""
    COURSE = auto()
    """The usual course."""
    END = auto()


@dataclass(frozen=True)
class NextStep:
    """A step that is recommended, or the day before which none is."""

    why: Phrase
    command: str | None = None
    """The name of the command that does it; None when there is only a day to wait for."""
    given: Mapping[str, str] = field(default_factory=dict)
    """The fields of the command that are known."""
    day: date | None = None
    """The last day for it, or the day before which there is nothing to do."""
    rank: Rank = Rank.END


@dataclass(frozen=True)
class _Candidate:
    step: NextStep
    part: tuple[str, Part] | None = None
    """The part that it is about, with the name of its field: the case must accept the command for this one."""


def next_steps(
    case: Case, actor: Actor, at: datetime, due: Sequence[Deadline], calendar: WorkingCalendar
) -> tuple[NextStep, ...]:
    """The next steps for this reader, at most `MOST`; none for an erased case and for whoever may not see it.

    `due` is the agenda as the reader sees it. An open case always has a step, or a day to wait for.
    """
    sight = sight_of(actor, case)
    if sight is None or case.step is Step.ERASED:
        return ()
    names = frozenset(offered(actor, case, at))
    candidates = _Candidates(case, actor, at, calendar, sight)
    possible = (c for c in candidates.every() if c.step.command in names and _accepted(c, case, actor, at))
    steps = _each_once(c.step for c in sorted(possible, key=lambda c: (c.step.rank, c.step.day or date.max)))
    return tuple(steps[:MOST]) or _waiting(due, at)


def _accepted(candidate: _Candidate, case: Case, actor: Actor, at: datetime) -> bool:
    """True if the case would accept the command for the very part that the step is about."""
    if candidate.part is None or candidate.step.command is None:
        return True
    name, part = candidate.part
    alone = case.model_copy(update={name: (part,)})
    return POSSIBLE[COMMANDS[candidate.step.command]](alone, actor, at)


def _each_once(steps: Iterable[NextStep]) -> list[NextStep]:
    """The steps, each command once: the first reason for it stands."""
    unique: dict[str | None, NextStep] = {}
    for step in steps:
        unique.setdefault(step.command, step)
    return list(unique.values())


def _waiting(due: Sequence[Deadline], at: datetime) -> tuple[NextStep, ...]:
    """The day of the next deadline to come or, where all have passed, of the first."""
    coming = next((d for d in due if d.due > at), next(iter(due), None))
    if coming is None:
        return ()
    day = day_of(coming.due)
    return (NextStep(phrase("Nothing before {day}: {awaited}", day=day, awaited=coming.kind), day=day),)


class _Candidates:
    """What could be recommended for one case, whoever may do it."""

    def __init__(self, case: Case, actor: Actor, at: datetime, calendar: WorkingCalendar, sight: Sight) -> None:
        self.case, self.actor, self.at, self.calendar, self.sight = case, actor, at, calendar, sight
        self.today = day_of(at)
        self.lines = checklist(case, calendar, self.today).lines if sight.is_whole else ()

    def every(self) -> Iterator[_Candidate]:
        """All candidates, in no order."""
        yield from self.referrals_to_answer()
        yield from self.transfers_to_answer()
        if not self.sight.is_whole:  # to outsiders nothing is told of the rest
            return
        yield from self.decisions()
        if self.case.step is Step.CLOSED:
            return
        for kind in _OF_OPEN_CASES:
            yield from kind(self)

    def to(
        self, rank: Rank, command: str, why: Phrase, day: date | None = None, part: Any = None, **given: str
    ) -> _Candidate:
        return _Candidate(NextStep(why, command, given, day, rank), part)

    # --- What somebody waits for ---

    def referrals_to_answer(self) -> Iterator[_Candidate]:
        for r in self.case.open_referrals:
            part = "referrals", r
            if self.actor.organisation != r.partner:
                continue
            if r.awaits_answer:
                why = phrase("{id} awaits an answer: accept it, or refuse it with its reason.", id=r.id)
                yield self.to(Rank.OWED, "answer_referral", why, r.answer_due, part, referral=r.id)
            else:
                why = phrase("{id} is in hand: when the work is done, record what came of it.", id=r.id)
                yield self.to(Rank.OWED, "complete_referral", why, None, part, referral=r.id)

    def transfers_to_answer(self) -> Iterator[_Candidate]:
        if (transfer := self.case.pending_transfer) is not None:
            why = phrase(
                "Another metropolis proposes this case to {metropolis}: accept it, or decline it with the reason.",
                metropolis=transfer.metropolis,
            )
            yield self.to(Rank.DECIDED, "accept_transfer", why)
            why = phrase("If {metropolis} cannot follow this case up: decline it.", metropolis=transfer.metropolis)
            yield self.to(Rank.END, "decline_transfer", why)

    def decisions(self) -> Iterator[_Candidate]:
        """Proposals of others, and alerts."""
        case = self.case
        if case.proposed_closure is not None:
            why = phrase("A closure is proposed: read the case again, then countersign it or send it back.")
            yield self.to(Rank.DECIDED, "countersign_closure", why)
            if self.actor.role is Role.SUPERVISOR and self.actor.account != case.proposed_closure.proposed_by:
                why = phrase("A closure is proposed: say what is still to be done if it does not hold.")
                yield self.to(Rank.COURSE, "reject_closure", why)
        if case.erasure_proposed_by not in (None, self.actor.account):
            yield self.to(Rank.DECIDED, "erase", phrase("Its erasure is proposed: a second person decides."))
        if case.has_announced(DeadlineKind.ARCHIVE_END):
            yield self.to(Rank.DECIDED, "erase", phrase("The time for keeping this case is over: erase it."))
        for alert in case.standing_alerts:
            rank = Rank.OWED if alert.level is Level.CASE_WORKER else Rank.DECIDED
            why = phrase("{kind} (alert): say what is decided, and why.", kind=alert.kind)
            yield self.to(rank, "answer_alert", why, None, ("alerts", alert), alert=alert.key)

    def unheld(self) -> Iterator[_Candidate]:
        if self.case.holder == NOBODY:
            yield self.to(Rank.DECIDED, "assign", phrase("Nobody holds this case: give it to somebody."))

    # --- What is lost after a day ---

    def perishing(self) -> Iterator[_Candidate]:
        for line in self.lines:
            if line.piece.status is PieceStatus.WANTED and line.perishes_on and line.perishes_on >= self.today:
                why = phrase(
                    "{piece} may be gone after {day}: ask for it now.", piece=line.piece.name, day=line.perishes_on
                )
                yield self.to(Rank.LOST, "send_letter", why, line.perishes_on, ("pieces", line.piece), pieces=line.id)

    def limits(self) -> Iterator[_Candidate]:
        """The nearest time limit of the law: the person acts, and has to know."""
        for clock in time_bars(self.case, self.calendar):
            day = clock.deadline_prudent
            if day is not None and self.today <= day <= self.today + NEAR:
                limit = Coded(Table.LIMITS, clock.code)
                why = phrase(
                    "{limit}: no later than {day}. Tell the person, and write down what they decide.",
                    limit=limit,
                    day=day,
                )
                yield self.to(Rank.LOST, "record_contact", why, day)
                return

    def requests_of_the_defender(self) -> Iterator[_Candidate]:
        for f in self.case.open_filings:
            for request in f.open_requests:
                why = phrase(
                    "The Defender of Rights awaits an answer to {id} by {day}.", id=request.id, day=request.due
                )
                given = {"filing": f.id, "request": request.id}
                yield self.to(Rank.LOST, "answer_filing_request", why, request.due, ("filings", f), **given)

    # --- What the person asks, and what is not known ---

    def messages(self) -> Iterator[_Candidate]:
        for message in self.case.messages:
            if message.asks is not None and message.written.happened_at > self.case.last_contact_at:
                why = phrase("A message asks: {asks}. Answer it.", asks=message.asks)
                yield self.to(Rank.ASKED, "record_contact", why)

    def unknown_days(self) -> Iterator[_Candidate]:
        facts = self.case.complaint.facts
        if facts.occurred_on is None and any(c.start_unknown for c in limitation_clocks(self.case, self.calendar)):
            why = phrase("The day of the facts is not known: time limits may be over. Ask the person, and enter it.")
            yield self.to(Rank.ASKED, "amend_complaint", why)

    def unreached(self) -> Iterator[_Candidate]:
        if any(a.kind is DeadlineKind.NO_CONTACT for a in self.case.standing_alerts):
            since = self.case.last_contact_at
            why = phrase("The person has not been reached since {day}.", day=day_of(since))
            yield self.to(Rank.ASKED, "record_contact", why)

    def agreements_taken_back(self) -> Iterator[_Candidate]:
        taken_back = [c for c in self.case.consents if c.withdrawn_at and c.withdrawn_at >= self.case.last_contact_at]
        if taken_back:
            why = phrase("The person took an agreement back ({id}): ask what they wish now.", id=taken_back[-1].id)
            yield self.to(Rank.ASKED, "record_contact", why)

    # --- The usual course ---

    def legal_characterisation(self) -> Iterator[_Candidate]:
        said = self.case.complaint
        if said.domain is Area.AUTRE or Act.AUTRE_INDETERMINE in said.acts or _UNDETERMINED in said.criteria:
            why = phrase("Domain, grounds or acts are not settled: time limits and proof depend on them.")
            yield self.to(Rank.COURSE, "qualify", why)

    def unanswered_pieces(self) -> Iterator[_Candidate]:
        for line in self.lines:
            if line.silent_since is not None:
                piece = line.piece.letter or line.id
                why = phrase(
                    "{piece} was due on {day}: record that it came, or that it was refused by silence.",
                    piece=line.piece.name,
                    day=line.silent_since,
                )
                yield self.to(
                    Rank.OWED, "record_piece_refusal", why, line.silent_since, ("pieces", line.piece), piece=piece
                )

    def filings(self) -> Iterator[_Candidate]:
        for f in self.case.open_filings:
            if f.is_unsent:
                yield self.unsent(f)
            elif f.status is FilingStatus.FILED and self.alerted(DeadlineKind.FILING_ACKNOWLEDGEMENT, f.id):
                why = phrase("The Defender of Rights has not acknowledged {id}: ask, and record the answer.", id=f.id)
                yield self.to(Rank.OWED, "acknowledge_filing", why, None, ("filings", f), filing=f.id)

    def unsent(self, filing: Filing) -> _Candidate:
        """A filing that is still in our hands: sent, or made possible."""
        said = self.case.complaint
        if said.complainant is None or said.capacity is Capacity.WITNESS:
            why = phrase("{id} cannot be sent in the name of a witness, or without a name.", id=filing.id)
            return self.to(Rank.OWED, "amend_complaint", why)
        if agreement_to_file(self.case) is None:
            why = phrase("{id} awaits the person’s agreement: ask for it.", id=filing.id)
            return self.to(
                Rank.OWED, "record_consent", why, None, None, **{"consent.scope": ConsentScope.DEFENDER.value}
            )
        why = phrase("{id} is prepared and agreed to: send it, and record that it was sent.", id=filing.id)
        return self.to(Rank.OWED, "file", why, None, ("filings", filing), filing=filing.id)

    def ended_filings(self) -> Iterator[_Candidate]:
        """After the Defender's answer, or a filing that was taken back, while none is open."""
        filings = self.case.filings
        if not filings or self.case.open_filings:
            return
        last = filings[-1]
        if last.status is FilingStatus.DECIDED:
            yield from self.told_first(
                phrase("The Defender of Rights has decided on {id}: tell the person.", id=last.id),
                "close",
                phrase("The Defender of Rights has decided, and the person knows: the case can be closed."),
            )
        elif last.ended is not None:
            why = (
                phrase("The Defender of Rights declined {id}: tell the person which routes are left.", id=last.id)
                if last.status is FilingStatus.DECLINED
                else phrase("{id} was taken back: ask the person how to go on.", id=last.id)
            )
            if self.case.last_contact_at < last.ended.happened_at:
                yield self.to(Rank.OWED, "record_contact", why)
            if self.case.step is Step.ESCALATION:  # it ended before cases went back to the proof by themselves
                again = phrase("No filing is under way: go on with the proof, or with another route.")
                yield self.to(Rank.COURSE, "start_evidence", again)

    def ended_referrals(self) -> Iterator[_Candidate]:
        referrals = self.case.referrals
        if not referrals or self.case.open_referrals:
            return
        last = referrals[-1]
        if last.status is ReferralStatus.DONE and self.case.step is Step.REFERRAL:
            yield from self.told_first(
                phrase("{id} is done: tell the person what came of it.", id=last.id),
                "start_evidence",
                phrase("No partner has the case in hand: go on with the proof."),
            )
            yield self.to(Rank.END, "close", phrase("If the person has what they came for, the case can be closed."))
        elif last.status in (ReferralStatus.REFUSED, ReferralStatus.EXPIRED) and self.case.step is Step.INTAKE:
            why = phrase("{id} came back: ask the person whether another partner may have the case.", id=last.id)
            yield self.to(
                Rank.OWED, "record_consent", why, None, None, **{"consent.scope": ConsentScope.REFERRAL.value}
            )

    def told_first(self, tell: Phrase, command: str, then: Phrase) -> Iterator[_Candidate]:
        """The person is told; then the case goes on."""
        if self.case.last_contact_at < self.case.progress.happened_at:
            yield self.to(Rank.OWED, "record_contact", tell)
        yield self.to(Rank.COURSE, command, then)

    def proof(self) -> Iterator[_Candidate]:
        if self.case.open_filings or self.case.proposed_closure is not None:
            return
        wanted = [line for line in self.lines if line.piece.status is PieceStatus.WANTED]
        if wanted and self.case.step is Step.INTAKE:
            why = phrase("The proof is still to be looked for. Pieces on the checklist: {count}.", count=len(wanted))
            yield self.to(Rank.COURSE, "start_evidence", why)
        elif wanted and self.case.step is Step.EVIDENCE:
            why = phrase("Ask for what is wanted, or say why it is not. Pieces: {count}.", count=len(wanted))
            yield self.to(Rank.COURSE, "send_letter", why)
        if any(line.is_open for line in self.lines):
            return
        if self.case.assessment is None:
            why = phrase("Every piece is received, refused or explained: say which legs of the proof stand.")
            yield self.to(Rank.COURSE, "assess", why)
        elif not self.case.filings:
            why = phrase("The proof is assessed: if the person wishes it, seize the Defender of Rights.")
            yield self.to(Rank.COURSE, "prepare_filing", why)
            if not self.case.assessment.all_stand:
                why = phrase("The proof does not stand and nothing is left to ask for: a closure can be proposed.")
                yield self.to(Rank.END, "propose_closure", why)

    def alerted(self, kind: DeadlineKind, part: str) -> bool:
        return any(a.kind is kind and a.part == part for a in self.case.standing_alerts)


_OF_OPEN_CASES: tuple[Callable[[_Candidates], Iterator[_Candidate]], ...] = (
    _Candidates.unheld,
    _Candidates.perishing,
    _Candidates.limits,
    _Candidates.requests_of_the_defender,
    _Candidates.messages,
    _Candidates.unknown_days,
    _Candidates.unreached,
    _Candidates.agreements_taken_back,
    _Candidates.legal_characterisation,
    _Candidates.unanswered_pieces,
    _Candidates.filings,
    _Candidates.ended_filings,
    _Candidates.ended_referrals,
    _Candidates.proof,
)

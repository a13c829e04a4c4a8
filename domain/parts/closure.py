"""Closure: what it came to, why, that the person was told. Where nothing can be claimed, two people say so."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.errors import Action, Refused, one_or_many
from domain.law.remaining import Chance, remaining
from domain.parts.base import CLOSED, Command, Event, Part, PartLine
from domain.parts.registry import applies, decides, not_after, where
from domain.parts.step import StepEntered
from domain.telling import Heading, Says
from domain.values import AccountId, Day, Reference, Text, Written, day_of
from domain.vocabulary import AlertDecision, ClosureReason, Medium, Outcome, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


_LEFT_OUT = Field(exclude_if=lambda value: value is None)
"""Left out while it says nothing, as in the histories of cases that were closed before it could be said."""


class Closure(Part):
    """A closure of a case."""

    noun = "Closure"

    outcome: Annotated[Outcome, Heading("outcome")]
    reason: ClosureReason
    last_known_fact: Written
    person_told_on: date | None
    person_told_by: Medium | None
    not_told_because: Written | None
    proposed_by: str | None
    at: datetime
    duplicate_of: Annotated[str | None, _LEFT_OUT] = None
    """The case that goes on, when this one was about the same."""

    def line(self) -> PartLine | None:
        return PartLine("", self.noun, (self.reason, self.duplicate_of), self.outcome)


class ProposedClosure(Closure):
    """A closure that was proposed."""

    noun = "Proposed closure"

    def line(self) -> None:
        return None


class Closing(Command):
    """The content of every closure: its outcome, why, the last known fact, and that the person was told."""

    outcome: Outcome
    reason: ClosureReason
    last_known_fact: Text
    person_told_on: Day | None = None
    person_told_by: Medium | None = None
    not_told_because: Text | None = None
    duplicate_of: Annotated[Reference | None, _LEFT_OUT] = None
    """The case that goes on, for a duplicate. Nothing is copied from one to the other."""


class Close(Closing):
    """Close the case: a reason by which it comes to nothing in law is proposed instead (propose_closure)."""

    irreversible = True
    kind: Literal["close"] = "close"


class ProposeClosure(Closing):
    """Propose to close for lack of proof, as time-barred or as no discrimination: a supervisor countersigns."""

    kind: Literal["propose_closure"] = "propose_closure"


class CountersignClosure(Command):
    """Countersign a proposed closure: a second pair of eyes, never the one who proposed."""

    irreversible = True
    kind: Literal["countersign_closure"] = "countersign_closure"
    comment: Text


class RejectClosure(Command):
    """Send a proposed closure back, saying what is still to be done."""

    irreversible = True
    kind: Literal["reject_closure"] = "reject_closure"
    reason: Text


class Reopen(Command):
    """Reopen a closed case. Nothing of its closure is erased."""

    steps = CLOSED
    kind: Literal["reopen"] = "reopen"
    reason: Text


class ClosureStated(Event):
    """The content of a closure, proposed or done."""

    outcome: Outcome
    reason: ClosureReason
    last_known_fact: Written
    person_told_on: Annotated[date | None, Says("person told on {value}")] = None
    person_told_by: Medium | None = None
    not_told_because: Written | None = None
    duplicate_of: Annotated[Reference | None, _LEFT_OUT, Says("duplicate of {value}")] = None


class ClosureProposed(ClosureStated):
    progress = True
    tag: Literal["closure_proposed.1"] = "closure_proposed.1"


class ClosureRejected(Event):
    progress = True
    tag: Literal["closure_rejected.1"] = "closure_rejected.1"
    reason: Written


class CaseClosed(ClosureStated):
    progress = True
    tag: Literal["case_closed.1"] = "case_closed.1"
    proposed_by: Annotated[AccountId | None, Says("proposed by {value}")] = None
    countersignature: Written | None = None


class CaseReopened(Event):
    progress = True
    tag: Literal["case_reopened.1"] = "case_reopened.1"
    reason: Written


_OUTCOMES: dict[ClosureReason, frozenset[Outcome]] = {
    ClosureReason.SETTLED: frozenset({Outcome.SITUATION_REDRESSED, Outcome.COMPENSATION}),
    ClosureReason.DECISION_OBTAINED: frozenset(
        {Outcome.RECOGNITION, Outcome.COMPENSATION, Outcome.SITUATION_REDRESSED, Outcome.NO_RESULT}
    ),
    ClosureReason.HANDED_OVER: frozenset({Outcome.PROCEEDINGS_ELSEWHERE, Outcome.ADVICE_GIVEN}),
    ClosureReason.ADVICE_SUFFICED: frozenset({Outcome.ADVICE_GIVEN, Outcome.SITUATION_REDRESSED}),
    ClosureReason.WITHDRAWN: frozenset({Outcome.NO_RESULT, Outcome.ADVICE_GIVEN, Outcome.SITUATION_REDRESSED}),
    ClosureReason.NO_NEWS: frozenset({Outcome.NOT_KNOWN}),
    ClosureReason.LACK_OF_PROOF: frozenset({Outcome.NO_RESULT, Outcome.ADVICE_GIVEN}),
    ClosureReason.NOT_DISCRIMINATION: frozenset({Outcome.NO_RESULT, Outcome.ADVICE_GIVEN}),
    ClosureReason.OUT_OF_AREA: frozenset({Outcome.PROCEEDINGS_ELSEWHERE, Outcome.ADVICE_GIVEN}),
    ClosureReason.DUPLICATE: frozenset({Outcome.PROCEEDINGS_ELSEWHERE}),
    ClosureReason.TIME_BARRED: frozenset({Outcome.NO_RESULT, Outcome.ADVICE_GIVEN}),
}
"""The outcomes that each reason allows: statistics stay true only if "no news" is never told as a result."""

TWO_PEOPLE = frozenset({ClosureReason.LACK_OF_PROOF, ClosureReason.NOT_DISCRIMINATION, ClosureReason.TIME_BARRED})
"""The reasons by which a person is told that there is nothing to claim: one proposes, another countersigns."""


def _sound(case: Case, command: Closing, at: datetime) -> None:
    """Refuses a closure that says too little or contradicts itself."""
    if command.outcome not in _OUTCOMES[command.reason]:
        raise Refused(
            "outcome_unfit",
            "A closure for {reason} does not come to {outcome}.",
            "With this reason the outcome is one of: {expected}.",
            field="outcome",
            reason=command.reason,
            outcome=command.outcome,
            expected=", ".join(sorted(_OUTCOMES[command.reason])),
        )
    _names_what_goes_on(case, command)
    if (command.person_told_on is None) == (command.not_told_because is None):
        raise Refused(
            "person_told",
            "A closure says when the person was told, or why not: one of the two.",
            "Fill in person_told_on and person_told_by, or else not_told_because.",
            field="person_told_on",
        )
    if (command.person_told_on is None) != (command.person_told_by is None):
        raise Refused(
            "person_told_by",
            "The day on which the person was told and how go together.",
            "Fill in both person_told_on and person_told_by.",
            field="person_told_by",
        )
    if command.person_told_on is not None:
        not_after(command.person_told_on, at, "person_told_on")


def _names_what_goes_on(case: Case, command: Closing) -> None:
    """Refuses a duplicate of nothing or of itself, and the name of another case with another reason."""
    is_duplicate = command.reason is ClosureReason.DUPLICATE
    if is_duplicate != (command.duplicate_of is not None):
        raise Refused(
            "duplicate_of_what",
            "A duplicate names the case that goes on, and only a duplicate does.",
            "Give duplicate_of with the reason DUPLICATE, and leave it out otherwise.",
            field="duplicate_of",
        )
    if command.duplicate_of == case.reference:
        raise Refused(
            "duplicate_of_itself",
            "No case is a duplicate of itself.",
            "Give the reference of the case that goes on.",
            field="duplicate_of",
        )


def _may_end(case: Case, actor: Actor, at: datetime) -> None:
    """Refuses the end of a case of which something is open, or is proposed already."""
    if case.proposed_closure is not None:
        raise Refused(
            "closure_proposed",
            "A closure is already proposed.",
            "A supervisor countersigns it (countersign_closure) or sends it back (reject_closure).",
        )
    _nothing_open(case)


def _nothing_open(case: Case) -> None:
    proposed = [case.pending_transfer.id] if case.pending_transfer else []
    if still_open := [r.id for r in case.open_referrals] + [f.id for f in case.open_filings] + proposed:
        raise Refused(
            "parts_open",
            "Something is still open: {parts}.",
            "Complete or withdraw each of them first.",
            parts=", ".join(still_open),
        )


@decides(Close, where(_may_end))
def close(case: Case, command: Close, actor: Actor, at: datetime) -> list[Event]:
    if command.reason in TWO_PEOPLE:
        raise Refused(
            "two_people",
            "A closure for {reason} is proposed, and countersigned by a supervisor.",
            "Use propose_closure.",
            field="reason",
            reason=command.reason,
        )
    _sound(case, command, at)
    _may_end(case, actor, at)
    return [CaseClosed(**_stated(command))]


@decides(ProposeClosure, where(_may_end))
def propose_closure(case: Case, command: ProposeClosure, actor: Actor, at: datetime) -> list[Event]:
    if command.reason not in TWO_PEOPLE:
        raise Refused(
            "one_person_suffices",
            "A closure for {reason} is not proposed first.",
            "Use close.",
            field="reason",
            reason=command.reason,
        )
    _sound(case, command, at)
    _may_end(case, actor, at)
    _well_founded(case, command.reason, at)
    return [ClosureProposed(**_stated(command))]


def _well_founded(case: Case, reason: ClosureReason, at: datetime) -> None:
    """Refuses a reason that the case itself contradicts. The rest is for whoever countersigns to judge."""
    if reason is ClosureReason.LACK_OF_PROOF:
        _exhausted(case)
    if reason is ClosureReason.TIME_BARRED:
        _over(case, day_of(at))


def _over(case: Case, day: date) -> None:
    """Refuses "time-barred" while a time limit that is known to be open runs."""
    if running := [r.limit for r in remaining(case, day) if r.chance is Chance.RUNNING]:
        raise Refused(
            "still_in_time",
            one_or_many(
                "One time limit of the law still runs: {rows}.",
                "{count} time limits of the law still run: {rows}.",
                len(running),
            ),
            "Give another reason, or correct what they are counted from (amend_complaint, record_start).",
            field="reason",
            action=Action.AGENDA,
            reference=case.reference,
            count=len(running),
            rows=", ".join(dict.fromkeys(limit.code for limit in running)),
        )


def _exhausted(case: Case) -> None:
    """Refuses "lack of proof" while a piece is neither received, nor refused, nor explained."""
    if open_pieces := [piece.id for piece in case.pieces if piece.is_unexplained]:
        raise Refused(
            "proof_not_exhausted",
            one_or_many(
                "One piece is neither received, nor asked for and refused, nor explained: {pieces}.",
                "{count} pieces are neither received, nor asked for and refused, nor explained: {pieces}.",
                len(open_pieces),
            ),
            "Ask for each (send_letter, request_piece), or say why not (mark_unobtainable, waive_pieces).",
            field="pieces",
            action=Action.CHECKLIST,
            reference=case.reference,
            count=len(open_pieces),
            pieces=", ".join(open_pieces),
        )
    if case.assessment is None:
        raise Refused("not_assessed", "The proof was not assessed.", "Say which of the three legs stand (assess).")
    if case.assessment.all_stand:
        raise Refused(
            "proof_stands",
            "All three legs of the proof were assessed as standing: proof is not lacking.",
            "Assess again, or give another reason.",
            field="reason",
        )


def _proposed(case: Case, actor: Actor, at: datetime) -> ProposedClosure:
    if case.proposed_closure is None:
        raise Refused("nothing_proposed", "No closure is proposed.", "Propose one first (propose_closure).")
    return case.proposed_closure


def _proposed_by_another(case: Case, actor: Actor, at: datetime) -> ProposedClosure:
    """The proposed closure, if this actor may countersign it now."""
    proposed = _proposed(case, actor, at)
    if proposed.proposed_by == actor.account:
        raise Refused(
            "same_person",
            "Whoever proposed a closure does not countersign it.",
            "Another supervisor looks at it.",
        )
    # Much may have happened since it was proposed: what was true then must still be.
    _nothing_open(case)
    _well_founded(case, proposed.reason, at)
    return proposed


@decides(CountersignClosure, where(_proposed_by_another))
def countersign_closure(case: Case, command: CountersignClosure, actor: Actor, at: datetime) -> list[Event]:
    proposed = _proposed_by_another(case, actor, at)
    return [
        CaseClosed(
            **proposed.model_dump(exclude={"at", "proposed_by"}),
            proposed_by=proposed.proposed_by,
            countersignature=command.comment,
        )
    ]


@decides(RejectClosure, where(_proposed))
def reject_closure(case: Case, command: RejectClosure, actor: Actor, at: datetime) -> list[Event]:
    _proposed(case, actor, at)
    return [ClosureRejected(reason=command.reason)]


def _stated(command: Closing) -> dict[str, Any]:
    return command.model_dump(exclude={"kind", "happened_at"})


def _stated_by(event: ClosureStated) -> dict[str, Any]:
    return event.model_dump(include=set(ClosureStated.model_fields) - {"tag"})


@applies(ClosureProposed)
def closure_proposed(case: Case, event: ClosureProposed, entry: Entry) -> dict[str, Any]:
    proposer = entry.actor.account
    return {"proposed_closure": ProposedClosure(**_stated_by(event), proposed_by=proposer, at=entry.happened_at)}


@applies(ClosureRejected)
def closure_rejected(case: Case, event: ClosureRejected, entry: Entry) -> dict[str, Any]:
    return {"proposed_closure": None}


@applies(CaseClosed)
def case_closed(case: Case, event: CaseClosed, entry: Entry) -> dict[str, Any]:
    closing = {
        "answered_at": entry.recorded_at,
        "answered_by": entry.actor.account,
        "decision": AlertDecision.CLOSE,
    }
    day = {"ended_on": day_of(entry.happened_at)}
    closure = Closure(**_stated_by(event), proposed_by=event.proposed_by, at=entry.happened_at)
    return {
        "step": Step.CLOSED,
        "proposed_closure": None,
        "closures": (*case.closures, closure),
        # A closure decides on everything, each alert at its own level: reopened, the case starts its rounds again.
        "alerts": tuple(a.model_copy(update=closing | {"authority": a.level}) if a.stands else a for a in case.alerts),
        "pauses": tuple(p.model_copy(update=day) if p.ended_on is None else p for p in case.pauses),
    }


@decides(Reopen)
def reopen(case: Case, command: Reopen, actor: Actor, at: datetime) -> list[Event]:
    return [CaseReopened(reason=command.reason), StepEntered(step=Step.INTAKE)]


@applies(CaseReopened)
def case_reopened(case: Case, event: CaseReopened, entry: Entry) -> dict[str, Any]:
    return {"archive_until": None}

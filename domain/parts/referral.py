"""Referral: consent first; a refused, expired or withdrawn referral comes back to its sender at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

from domain.actors import Actor
from domain.errors import Refused
from domain.parts.base import Chapter, Command, Event, Occurrence, Part, PartLine
from domain.parts.registry import applies, decides, next_id, not_before, not_before_sent, replace, where_some
from domain.parts.restriction import require_open_to
from domain.parts.step import StepEntered
from domain.telling import Heading, Says
from domain.values import Day, OrganisationId, PartId, Text, Written, day_of
from domain.vocabulary import ConsentScope, ReferralStatus, RefusalReason, Role, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Referral(Part):
    """A referral to a partner. Open while its partner owes an answer or has the matter in hand."""

    noun = "Referral"
    chapter = Chapter.PEOPLE

    id: str
    partner: str
    purpose: Written
    handover: bool
    answer_due: date | None
    sent: Annotated[Occurrence, Heading("sent")]
    sent_by: str
    sent_by_organisation: str
    status: Annotated[ReferralStatus, Heading("status")] = ReferralStatus.SENT
    answered_by: Annotated[str | None, Heading("answered by")] = None
    refusal: Annotated[RefusalReason | None, Heading("refusal")] = None
    result: Annotated[Written | None, Heading("result")] = None

    def line(self) -> PartLine:
        return PartLine(self.id, self.noun, (self.partner, self.purpose), (self.status, self.refusal, self.result))

    @property
    def awaits_answer(self) -> bool:
        """True while the partner has neither accepted nor refused it."""
        return self.status in (ReferralStatus.SENT, ReferralStatus.SEEN)

    @property
    def is_open(self) -> bool:
        """True while the partner owes an answer, or the work that it accepted."""
        return self.awaits_answer or self.status is ReferralStatus.ACCEPTED

    @property
    def was_accepted(self) -> bool:
        """True if the partner accepted it, even if it is over by now."""
        return self.answered_by is not None and self.status is not ReferralStatus.REFUSED


class Refer(Command):
    """Refer the case to a partner organisation, with the person's consent to it."""

    kind: Literal["refer"] = "refer"
    partner: OrganisationId
    purpose: Text
    answer_due: Day | None = None
    """By when the partner answers; without it, the policy's delay. After it the referral comes back."""
    handover: bool = False
    """The partner becomes the holder when it accepts; otherwise it works beside the holder."""


class MarkReferralSeen(Command):
    """Record that the partner has opened the referral."""

    kind: Literal["mark_referral_seen"] = "mark_referral_seen"
    referral: PartId


class AnswerReferral(Command):
    """Accept or refuse a referral. A refusal gives its reason and brings the case back to its sender."""

    kind: Literal["answer_referral"] = "answer_referral"
    referral: PartId
    accept: bool
    reason: RefusalReason | None = None
    comment: Text | None = None


class CompleteReferral(Command):
    """Record that what the partner accepted to do is done, and with what result."""

    kind: Literal["complete_referral"] = "complete_referral"
    referral: PartId
    result: Text


class WithdrawReferral(Command):
    """Take a referral back."""

    irreversible = True
    kind: Literal["withdraw_referral"] = "withdraw_referral"
    referral: PartId
    reason: Text


class ReferralSent(Event):
    progress = True
    tag: Literal["referral_sent.1"] = "referral_sent.1"
    id: PartId
    partner: OrganisationId
    purpose: Written
    answer_due: Annotated[date | None, Says("answer due {value}")] = None
    handover: Annotated[bool, Says("the partner becomes the holder")] = False


class ReferralSeen(Event):
    tag: Literal["referral_seen.1"] = "referral_seen.1"
    id: PartId


class ReferralAccepted(Event):
    progress = True
    tag: Literal["referral_accepted.1"] = "referral_accepted.1"
    id: PartId
    comment: Written | None = None


class ReferralRefused(Event):
    progress = True
    tag: Literal["referral_refused.1"] = "referral_refused.1"
    id: PartId
    reason: RefusalReason
    comment: Written | None = None


class ReferralWithdrawn(Event):
    progress = True
    tag: Literal["referral_withdrawn.1"] = "referral_withdrawn.1"
    id: PartId
    reason: Written


class ReferralExpired(Event):
    tag: Literal["referral_expired.1"] = "referral_expired.1"
    id: PartId
    due: Annotated[datetime, Says("due {value}")]


class ReferralCompleted(Event):
    progress = True
    tag: Literal["referral_completed.1"] = "referral_completed.1"
    id: PartId
    result: Written


def require_consent_to_pass(case: Case, organisation: str, at: datetime, field: str) -> None:
    """Refuses to pass the person's words to an organisation without their consent. `field` names the organisation."""
    if case.consent_for(ConsentScope.REFERRAL, organisation, on=day_of(at)) is None:
        raise Refused(
            "consent_missing",
            "The person has not agreed that the case be passed to {partner}.",
            "Record the consent first: record_consent with scope REFERRAL and recipient {partner}.",
            field=field,
            partner=organisation,
        )


def require_no_transfer(case: Case) -> None:
    """Refuses what cannot go on while the other metropolis is asked to take the case over."""
    if (transfer := case.pending_transfer) is not None:
        raise Refused(
            "transfer_pending",
            "{id} waits for an answer: {metropolis} is asked to take this case over.",
            "Wait for the answer, or take it back first (withdraw_transfer).",
            id=transfer.id,
            metropolis=transfer.metropolis,
        )


def _may_be_passed_on(case: Case, partner: str, actor: Actor, at: datetime) -> None:
    """Refuses a referral to a partner that holds the case or has an open referral, and one without consent."""
    if partner == case.organisation:
        raise Refused(
            "referral_to_self",
            "{partner} already holds this case.",
            "Name another partner.",
            field="partner",
            partner=partner,
        )
    require_no_transfer(case)
    require_open_to(case, None, partner, "partner")
    require_consent_to_pass(case, partner, at, "partner")
    if any(r.partner == partner for r in case.open_referrals):
        raise Refused(
            "referral_open",
            "A referral to {partner} is already open.",
            "Wait for its answer, or withdraw it.",
            field="partner",
            partner=partner,
        )


def _agreed_partners(case: Case) -> Iterator[str]:
    """The partners named in consents to a referral, withdrawn ones included: the check refuses those."""
    for consent in case.consents:
        if consent.given.scope is ConsentScope.REFERRAL and consent.given.recipient is not None:
            yield consent.given.recipient


@decides(Refer, where_some(_agreed_partners, _may_be_passed_on))
def refer(case: Case, command: Refer, actor: Actor, at: datetime) -> list[Event]:
    _may_be_passed_on(case, command.partner, actor, at)
    if command.answer_due is not None:
        not_before(command.answer_due, at, "answer_due")
    events: list[Event] = [
        ReferralSent(
            id=next_id("R", case.referrals),
            partner=command.partner,
            purpose=command.purpose,
            answer_due=command.answer_due,
            handover=command.handover,
        )
    ]
    if case.step is Step.INTAKE:
        events.append(StepEntered(step=Step.REFERRAL))
    return events


@applies(ReferralSent)
def referral_sent(case: Case, event: ReferralSent, entry: Entry) -> dict[str, Any]:
    referral = Referral(
        id=event.id,
        partner=event.partner,
        purpose=event.purpose,
        handover=event.handover,
        answer_due=event.answer_due,
        sent=Occurrence.of(entry),
        sent_by=case.holder or entry.actor.account,
        sent_by_organisation=case.organisation,
    )
    return {"referrals": (*case.referrals, referral)}


def _referrals(case: Case) -> tuple[Referral, ...]:
    return case.referrals


def _awaits_answer(case: Case, referral: Referral, actor: Actor, at: datetime) -> None:
    if not referral.awaits_answer:
        raise Refused(
            "referral_answered",
            "{id} no longer awaits an answer: it is {status}.",
            "Look at the referral; send a new one if needed.",
            field="referral",
            id=referral.id,
            status=referral.status,
        )


def came_back(case: Case, *ids: str) -> list[Event]:
    """The return to intake when these referrals end without effect; nothing while another referral is open."""
    if ids and case.step is Step.REFERRAL and all(r.id in ids for r in case.open_referrals):
        return [StepEntered(step=Step.INTAKE)]
    return []


def _is_party(case: Case, referral: Referral, actor: Actor) -> None:
    """Refuses whoever is of neither its partner, nor its sender, nor the holder of the case, but for supervisors."""
    parties = {referral.partner, referral.sent_by_organisation, case.organisation}
    if actor.role is not Role.SUPERVISOR and actor.organisation not in parties:
        _refuse_as_not_addressed(referral, actor)


def _refuse_as_not_addressed(referral: Referral, actor: Actor) -> NoReturn:
    raise Refused(
        "not_addressed",
        "{id} is not addressed to {organisation}.",
        "Only its partner answers it, or its sender in the partner's name.",
        field="referral",
        id=referral.id,
        organisation=actor.organisation,
    )


def _unseen(case: Case, referral: Referral, actor: Actor, at: datetime) -> None:
    _awaits_answer(case, referral, actor, at)
    _is_party(case, referral, actor)
    if referral.status is ReferralStatus.SEEN:
        raise Refused("already_seen", "{id} was seen already.", "Nothing to do.", field="referral", id=referral.id)


@decides(MarkReferralSeen, where_some(_referrals, _unseen))
def mark_referral_seen(case: Case, command: MarkReferralSeen, actor: Actor, at: datetime) -> list[Event]:
    referral = case.referral(command.referral)
    _unseen(case, referral, actor, at)
    not_before_sent(referral.sent, at, referral.id)
    return [ReferralSeen(id=referral.id)]


@applies(ReferralSeen)
def referral_seen(case: Case, event: ReferralSeen, entry: Entry) -> dict[str, Any]:
    return {"referrals": replace(case.referrals, event.id, status=ReferralStatus.SEEN)}


def _theirs_to_answer(case: Case, referral: Referral, actor: Actor, at: datetime) -> None:
    _awaits_answer(case, referral, actor, at)
    if actor.organisation not in (referral.partner, referral.sent_by_organisation):
        _refuse_as_not_addressed(referral, actor)


@decides(AnswerReferral, where_some(_referrals, _theirs_to_answer))
def answer_referral(case: Case, command: AnswerReferral, actor: Actor, at: datetime) -> list[Event]:
    referral = case.referral(command.referral)
    _theirs_to_answer(case, referral, actor, at)
    not_before_sent(referral.sent, at, referral.id)
    is_partner = actor.organisation == referral.partner
    if not command.accept:
        if command.reason is None:
            raise Refused("reason_missing", "A refusal gives its reason.", "Fill in reason.", field="reason")
        return [
            ReferralRefused(id=referral.id, reason=command.reason, comment=command.comment),
            *came_back(case, referral.id),
        ]
    if command.reason is not None:
        raise Refused(
            "reason_unexpected",
            "An acceptance has no reason for refusal.",
            "Leave reason out.",
            field="reason",
        )
    if referral.handover and (not is_partner or actor.role is Role.PARTNER):
        # A partner's account that only answers by a link cannot advance a case: nobody could, if it held one.
        raise Refused(
            "handover_not_accepted",
            "{id} hands the case over: only an account of {partner} that works on cases can accept to hold it.",
            "Let a case worker of the partner answer.",
            field="referral",
            id=referral.id,
            partner=referral.partner,
        )
    return [ReferralAccepted(id=referral.id, comment=command.comment)]


@applies(ReferralAccepted)
def referral_accepted(case: Case, event: ReferralAccepted, entry: Entry) -> dict[str, Any]:
    referral = case.referral(event.id)
    changes: dict[str, Any] = {
        "referrals": replace(case.referrals, event.id, status=ReferralStatus.ACCEPTED, answered_by=entry.actor.account)
    }
    if referral.handover:
        changes |= {"holder": entry.actor.account, "organisation": referral.partner}
    return changes


@applies(ReferralRefused)
def referral_refused(case: Case, event: ReferralRefused, entry: Entry) -> dict[str, Any]:
    return {
        "referrals": replace(
            case.referrals,
            event.id,
            status=ReferralStatus.REFUSED,
            answered_by=entry.actor.account,
            refusal=event.reason,
            result=event.comment,
        )
    }


def _open(case: Case, referral: Referral, actor: Actor, at: datetime) -> None:
    if not referral.is_open:
        _awaits_answer(case, referral, actor, at)


@decides(WithdrawReferral, where_some(_referrals, _open))
def withdraw_referral(case: Case, command: WithdrawReferral, actor: Actor, at: datetime) -> list[Event]:
    referral = case.referral(command.referral)
    _open(case, referral, actor, at)
    not_before_sent(referral.sent, at, referral.id)
    return [ReferralWithdrawn(id=referral.id, reason=command.reason), *came_back(case, referral.id)]


def _in_hand(case: Case, referral: Referral, actor: Actor, at: datetime) -> None:
    _is_party(case, referral, actor)
    if referral.status is not ReferralStatus.ACCEPTED:
        raise Refused(
            "referral_not_accepted",
            "{id} was not accepted, or is over: it is {status}.",
            "Only what a partner accepted can be completed.",
            field="referral",
            id=referral.id,
            status=referral.status,
        )


@decides(CompleteReferral, where_some(_referrals, _in_hand))
def complete_referral(case: Case, command: CompleteReferral, actor: Actor, at: datetime) -> list[Event]:
    referral = case.referral(command.referral)
    _in_hand(case, referral, actor, at)
    not_before_sent(referral.sent, at, referral.id)
    return [ReferralCompleted(id=referral.id, result=command.result)]


def _ended(case: Case, id: str, status: ReferralStatus, result: str | None) -> dict[str, Any]:
    referral = case.referral(id)
    changes: dict[str, Any] = {"referrals": replace(case.referrals, id, status=status, result=result)}
    if referral.handover and referral.status is ReferralStatus.ACCEPTED and case.organisation == referral.partner:
        # The case goes back to whoever handed it over: it is never left without a holder.
        home = _home(case, referral)
        changes |= {"holder": home.sent_by, "organisation": home.sent_by_organisation}
    return changes


def _home(case: Case, referral: Referral) -> Referral:
    """The referral whose sender gets the case back.

    A sender who held the case only by an earlier handover that has ended since is skipped for the sender of that one.
    """
    home = referral
    for earlier in reversed(case.referrals[: case.referrals.index(referral)]):
        has_ended = earlier.was_accepted and not earlier.is_open
        if earlier.handover and has_ended and earlier.partner == home.sent_by_organisation:
            home = earlier
    return home


@applies(ReferralCompleted)
def referral_completed(case: Case, event: ReferralCompleted, entry: Entry) -> dict[str, Any]:
    return _ended(case, event.id, ReferralStatus.DONE, event.result)


@applies(ReferralWithdrawn)
def referral_withdrawn(case: Case, event: ReferralWithdrawn, entry: Entry) -> dict[str, Any]:
    return _ended(case, event.id, ReferralStatus.WITHDRAWN, event.reason)


@applies(ReferralExpired)
def referral_expired(case: Case, event: ReferralExpired, entry: Entry) -> dict[str, Any]:
    return _ended(case, event.id, ReferralStatus.EXPIRED, None)

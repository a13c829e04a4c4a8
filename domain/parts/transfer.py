"""The transfer of a case to another metropolis: nobody loses sight of it before somebody there has accepted it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.complaint import Place
from domain.errors import Refused
from domain.levels import HEARD_BY_BOTH
from domain.parts.assignment import answered
from domain.parts.base import Chapter, Command, Event, Occurrence, Part, PartLine, find_part
from domain.parts.referral import require_consent_to_pass, require_no_transfer
from domain.parts.registry import applies, decides, next_id, not_before_sent, replace, where
from domain.parts.restriction import require_open_to
from domain.permissions import in_territory
from domain.telling import UNSAID, Heading, Says
from domain.values import AccountId, OrganisationId, PartId, Text, Written
from domain.vocabulary import AlertDecision, DeadlineKind, TransferStatus

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry
    from domain.parts.alert import Alert


class Transfer(Part):
    """A transfer to another metropolis. Until it is accepted, everything of the case stays where it was."""

    noun = "Transfer"
    chapter = Chapter.PEOPLE

    id: str
    metropolis: str
    """The metropolis that is to follow the case up."""
    organisation: str
    """The organisation there that is to hold it."""
    place: Place
    """The place of the facts, as the complaint reads once the transfer is accepted."""
    reason: Written
    proposed: Annotated[Occurrence, Heading("proposed")]
    proposed_by: str
    status: Annotated[TransferStatus, Heading("status")] = TransferStatus.PROPOSED
    answered: Annotated[Occurrence | None, Heading("answered")] = None
    answered_by: Annotated[str | None, Heading("answered by")] = None
    answer: Annotated[Written | None, Heading("answer")] = None
    """Why it was declined or taken back."""

    def line(self) -> PartLine:
        return PartLine(
            self.id, self.noun, (self.metropolis, self.organisation, self.reason), (self.status, self.answer)
        )

    @property
    def is_pending(self) -> bool:
        """True until the other metropolis answers, or it is taken back."""
        return self.status is TransferStatus.PROPOSED


class ProposeTransfer(Command):
    """Propose the case to the other metropolis, where the facts took place: it stays here until accepted there."""

    kind: Literal["propose_transfer"] = "propose_transfer"
    place: Place
    """Where the facts took place: a commune or neighbourhood of the other metropolis."""
    organisation: OrganisationId
    """Who is to hold it there; with the person's consent, if it does not have the case already."""
    reason: Text


class AcceptTransfer(Command):
    """Accept a case from the other metropolis: from then on it is held, seen and followed up here."""

    irreversible = True
    kind: Literal["accept_transfer"] = "accept_transfer"
    holder: AccountId | None = None
    """Who holds it; without it, whoever accepts."""


class DeclineTransfer(Command):
    """Decline a case from the other metropolis, with the reason: it stays there, and they are told."""

    kind: Literal["decline_transfer"] = "decline_transfer"
    reason: Text


class WithdrawTransfer(Command):
    """Take back a transfer that has not been answered."""

    kind: Literal["withdraw_transfer"] = "withdraw_transfer"
    reason: Text


class TransferProposed(Event):
    tag: Literal["transfer_proposed.1"] = "transfer_proposed.1"
    id: PartId
    metropolis: Annotated[str, Says("to {value}")]
    organisation: OrganisationId
    place: Annotated[Place, UNSAID]
    reason: Written


class TransferAccepted(Event):
    progress = True
    tag: Literal["transfer_accepted.1"] = "transfer_accepted.1"
    id: PartId
    metropolis: Annotated[str, Says("to {value}")]
    holder: Annotated[AccountId, Says("held by {value}")]
    organisation: OrganisationId


class TransferDeclined(Event):
    tag: Literal["transfer_declined.1"] = "transfer_declined.1"
    id: PartId
    reason: Written


class TransferWithdrawn(Event):
    tag: Literal["transfer_withdrawn.1"] = "transfer_withdrawn.1"
    id: PartId
    reason: Written


# --- Proposed --------------------------------------------------------------------------------------------


def _may_be_proposed(case: Case, actor: Actor, at: datetime) -> None:
    """Refuses a second transfer, and one of a case that partners have before them: one passing on at a time."""
    require_no_transfer(case)
    if case.open_referrals:
        raise Refused(
            "referrals_open",
            "Partners have this case before them: {parts}.",
            "Complete or withdraw each of these referrals first.",
            parts=", ".join(r.id for r in case.open_referrals),
        )


@decides(ProposeTransfer, where(_may_be_proposed))
def propose_transfer(case: Case, command: ProposeTransfer, actor: Actor, at: datetime) -> list[Event]:
    _may_be_proposed(case, actor, at)
    metropolis = command.place.metropolis
    if metropolis is None or metropolis == case.metropolis:
        raise Refused(
            "not_elsewhere",
            "This place does not lie in another metropolis.",
            "Name a commune or a neighbourhood of the other one; within this one, amend the place (amend_complaint).",
            field="place",
        )
    _require_may_hold(case, command.organisation, at)
    return [
        TransferProposed(
            id=next_id("H", case.transfers),
            metropolis=metropolis,
            organisation=command.organisation,
            place=command.place,
            reason=command.reason,
        )
    ]


def _require_may_hold(case: Case, organisation: str, at: datetime) -> None:
    """Refuses an organisation to which the case is closed, or to which the person has not agreed to pass it."""
    require_open_to(case, None, organisation, "organisation")
    if organisation not in case.parties:
        require_consent_to_pass(case, organisation, at, "organisation")


@applies(TransferProposed)
def transfer_proposed(case: Case, event: TransferProposed, entry: Entry) -> dict[str, Any]:
    transfer = Transfer(
        id=event.id,
        metropolis=event.metropolis,
        organisation=event.organisation,
        place=event.place,
        reason=event.reason,
        proposed=Occurrence.of(entry),
        proposed_by=entry.actor.account,
    )
    return {"transfers": (*case.transfers, transfer)}


# --- Answered --------------------------------------------------------------------------------------------


def _pending(case: Case, actor: Actor, at: datetime) -> Transfer:
    if (transfer := case.pending_transfer) is None:
        raise Refused(
            "no_transfer",
            "The other metropolis is not asked to take this case over.",
            "Propose it first (propose_transfer).",
        )
    return transfer


def _proposed_by_another(case: Case, actor: Actor, at: datetime) -> Transfer:
    """The transfer, if this actor may accept it: somebody else than whoever proposed it, with what they agreed to."""
    transfer = _pending(case, actor, at)
    if transfer.proposed_by == actor.account:
        raise Refused(
            "same_person_transfer",
            "Whoever proposed a transfer does not accept it.",
            "Somebody else of {metropolis} does.",
            metropolis=transfer.metropolis,
        )
    _require_may_hold(case, transfer.organisation, at)
    return transfer


@decides(AcceptTransfer, where(_proposed_by_another))
def accept_transfer(case: Case, command: AcceptTransfer, actor: Actor, at: datetime) -> list[Event]:
    transfer = _proposed_by_another(case, actor, at)
    not_before_sent(transfer.proposed, at, transfer.id)
    holds_it_themselves = actor.organisation == transfer.organisation and in_territory(actor, transfer.metropolis)
    if command.holder is None and not holds_it_themselves:
        raise Refused(
            "holder_missing",
            "{organisation} is to hold this case, and {account} does not work for it.",
            "Name who is to hold it.",
            field="holder",
            organisation=transfer.organisation,
            account=actor.account,
        )
    holder = command.holder or actor.account
    require_open_to(case, holder, transfer.organisation, "holder")
    return [
        TransferAccepted(
            id=transfer.id, metropolis=transfer.metropolis, holder=holder, organisation=transfer.organisation
        )
    ]


@applies(TransferAccepted)
def transfer_accepted(case: Case, event: TransferAccepted, entry: Entry) -> dict[str, Any]:
    place = find_part(case.transfers, event.id, "transfer").place
    facts = case.complaint.facts.model_copy(update={"place": place})
    return _settled(case, event.id, TransferStatus.ACCEPTED, None, entry) | {
        "holder": event.holder,
        "organisation": event.organisation,
        "metropolis": event.metropolis,
        "complaint": case.complaint.model_copy(update={"facts": facts}),
        "unheld": None,
        "reassigned": Occurrence.of(entry),
    }


@decides(DeclineTransfer, where(_pending))
def decline_transfer(case: Case, command: DeclineTransfer, actor: Actor, at: datetime) -> list[Event]:
    transfer = _pending(case, actor, at)
    not_before_sent(transfer.proposed, at, transfer.id)
    return [TransferDeclined(id=transfer.id, reason=command.reason)]


@applies(TransferDeclined)
def transfer_declined(case: Case, event: TransferDeclined, entry: Entry) -> dict[str, Any]:
    return _settled(case, event.id, TransferStatus.DECLINED, event.reason, entry)


@decides(WithdrawTransfer, where(_pending))
def withdraw_transfer(case: Case, command: WithdrawTransfer, actor: Actor, at: datetime) -> list[Event]:
    transfer = _pending(case, actor, at)
    not_before_sent(transfer.proposed, at, transfer.id)
    return [TransferWithdrawn(id=transfer.id, reason=command.reason)]


@applies(TransferWithdrawn)
def transfer_withdrawn(case: Case, event: TransferWithdrawn, entry: Entry) -> dict[str, Any]:
    return _settled(case, event.id, TransferStatus.WITHDRAWN, event.reason, entry)


def _settled(case: Case, id: str, status: TransferStatus, answer: str | None, entry: Entry) -> dict[str, Any]:
    """The transfer with its end; whoever was to answer has done so, which answers its alerts."""
    is_over = status is TransferStatus.ACCEPTED
    by = {"answered": Occurrence.of(entry), "answered_by": entry.actor.account}
    return {
        "transfers": replace(case.transfers, id, status=status, answer=answer, **by),
        "alerts": tuple(_ended(alert, entry, handed_over=is_over) for alert in case.alerts),
    }


def _ended(alert: Alert, entry: Entry, *, handed_over: bool) -> Alert:
    if alert.kind in HEARD_BY_BOTH:
        return answered(alert, entry, AlertDecision.ACT)
    if handed_over and alert.kind in (DeadlineKind.NO_HOLDER, DeadlineKind.TRANSFER_DECLINED):
        return answered(alert, entry, AlertDecision.REASSIGN)
    return alert

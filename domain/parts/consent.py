"""Consents: recorded, taken back, and what stops with them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from domain.actors import Actor
from domain.complaint import Complaint, ConsentGiven
from domain.errors import Refused
from domain.parts.base import NOT_ERASED, Chapter, Command, Event, Part, PartLine
from domain.parts.filing import FilingConsented, FilingConsentLost, agreement_to_file, allows_filing
from domain.parts.referral import ReferralWithdrawn, came_back
from domain.parts.registry import applies, decides, next_id, not_after, where_some
from domain.telling import Heading, phrase
from domain.values import PartId, Text, Written, day_of
from domain.vocabulary import ConsentScope, FilingStatus

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry


class Consent(Part):
    """A consent, standing until it is withdrawn."""

    noun = "Consent"
    chapter = Chapter.PEOPLE

    id: str
    given: ConsentGiven
    withdrawn_at: Annotated[datetime | None, Heading("withdrawn")] = None

    def line(self) -> PartLine:
        state = phrase("withdrawn" if self.withdrawn_at else "standing")
        return PartLine(self.id, self.noun, (self.given.scope, self.given.recipient), state)


class RecordConsent(Command):
    """Record that the person agrees to one transmission."""

    kind: Literal["record_consent"] = "record_consent"
    consent: ConsentGiven


class WithdrawConsent(Command):
    """Record that the person takes an agreement back. What it allowed and is not yet done, stops."""

    steps = NOT_ERASED
    kind: Literal["withdraw_consent"] = "withdraw_consent"
    consent: PartId
    reason: Text | None = None


class ConsentRecorded(Event):
    progress = True
    tag: Literal["consent_recorded.1"] = "consent_recorded.1"
    id: PartId
    consent: ConsentGiven


class ConsentWithdrawn(Event):
    tag: Literal["consent_withdrawn.1"] = "consent_withdrawn.1"
    id: PartId
    reason: Written | None = None


def require_possible(given: ConsentGiven, complaint: Complaint, at: datetime, where: str) -> None:
    not_after(given.given_on, at, f"{where}.given_on")
    if given.scope is ConsentScope.DEFENDER and not allows_filing(given, complaint):
        raise Refused(
            "written_consent_needed",
            "An association seizes the Defender of Rights with the person's written agreement (LO 2011-333 art. 5).",
            "Record a consent given in writing.",
            field=f"{where}.form",
        )


@decides(RecordConsent)
def record_consent(case: Case, command: RecordConsent, actor: Actor, at: datetime) -> list[Event]:
    require_possible(command.consent, case.complaint, at, "consent")
    id = next_id("C", case.consents)
    events: list[Event] = [ConsentRecorded(id=id, consent=command.consent)]
    if command.consent.scope is ConsentScope.DEFENDER:
        events += [FilingConsented(id=f.id, consent=id) for f in case.filings if f.status is FilingStatus.PREPARED]
    return events


@applies(ConsentRecorded)
def consent_recorded(case: Case, event: ConsentRecorded, entry: Entry) -> dict[str, Any]:
    return {"consents": (*case.consents, Consent(id=event.id, given=event.consent))}


def _still_given(case: Case, consent: Consent, actor: Actor, at: datetime) -> None:
    if consent.withdrawn_at is not None:
        raise Refused(
            "already_withdrawn",
            "{id} was withdrawn already.",
            "Nothing to do.",
            field="consent",
            id=consent.id,
        )


def _not_before_given(consent: Consent, at: datetime) -> None:
    if day_of(at) < consent.given.given_on:
        raise Refused(
            "before_given",
            "{field} is {day}, before {id} was given ({given}).",
            "Check both dates.",
            field="happened_at",
            day=day_of(at).isoformat(),
            id=consent.id,
            given=consent.given.given_on.isoformat(),
        )


@decides(WithdrawConsent, where_some(lambda case: case.consents, _still_given))
def withdraw_consent(case: Case, command: WithdrawConsent, actor: Actor, at: datetime) -> list[Event]:
    consent = case.consent(command.consent)
    _still_given(case, consent, actor, at)
    _not_before_given(consent, at)
    events: list[Event] = [ConsentWithdrawn(id=consent.id, reason=command.reason)]
    others = case.model_copy(update={"consents": tuple(c for c in case.consents if c.id != consent.id)})
    # Another standing consent may say the same: then nothing stops.
    if consent.given.scope is ConsentScope.REFERRAL and not others.consent_for("REFERRAL", consent.given.recipient):
        stopped = [r.id for r in case.open_referrals if r.partner == consent.given.recipient]
        events += [ReferralWithdrawn(id=id, reason="consent withdrawn") for id in stopped]
        events += came_back(case, *stopped)
    if consent.given.scope is ConsentScope.DEFENDER and not agreement_to_file(others):
        events += [FilingConsentLost(id=f.id) for f in case.filings if f.status is FilingStatus.CONSENTED]
    return events


@applies(ConsentWithdrawn)
def consent_withdrawn(case: Case, event: ConsentWithdrawn, entry: Entry) -> dict[str, Any]:
    return {
        "consents": tuple(
            c.model_copy(update={"withdrawn_at": entry.happened_at}) if c.id == event.id else c for c in case.consents
        )
    }

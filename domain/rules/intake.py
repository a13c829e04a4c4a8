"""Intake: the complaint, who holds the case, what the person agrees to, what was said to whom."""

from datetime import datetime
from typing import Any

from domain.case import Case, Consent, Mark
from domain.commands import (
    AddNote,
    AmendComplaint,
    Assign,
    Open,
    Qualify,
    RecordConsent,
    RecordContact,
    WithdrawConsent,
)
from domain.complaint import Complaint, ConsentGiven
from domain.errors import Refused
from domain.events import (
    Actor,
    CaseAssigned,
    ChecklistDrawnUp,
    ComplaintAmended,
    ComplaintOpened,
    ComplaintQualified,
    ConsentRecorded,
    ConsentWithdrawn,
    ContactRecorded,
    Entry,
    Event,
    FilingConsented,
    FilingConsentLost,
    NoteAdded,
    ReferralWithdrawn,
)
from domain.permissions import may_read
from domain.proof import foreseen
from domain.rules.escalation import agreement_to_file, allows_filing
from domain.rules.referral import came_back, require_consent_to_pass
from domain.rules.registry import CLOCK_SKEW, applies, decides, next_id, not_after, where_some
from domain.values import written_in_paris
from domain.vocabulary import ConsentScope, FilingStatus, Role, Step


def open_case(command: Open, actor: Actor, at: datetime) -> list[Event]:
    """The first events of a case: the complaint, its consents, and the checklist, whose shortest clocks start today."""
    complaint = command.complaint
    _received(complaint, at)
    for number, given in enumerate(complaint.consents):
        _consent_possible(given, complaint, at, f"consents.{number}")
    metropolis = complaint.facts.place.metropolis or actor.metropolis
    if not may_read(actor, {actor.organisation}, metropolis):
        raise Refused(
            "elsewhere",
            "This place lies in the other metropolis: whoever opens this case could not follow it up.",
            "Let a case worker open it, or a supervisor of that metropolis.",
            field="place",
        )
    opened = ComplaintOpened(
        complaint=complaint, holder=actor.account, organisation=actor.organisation, metropolis=metropolis
    )
    consents = [ConsentRecorded(id=f"C{n}", consent=given) for n, given in enumerate(complaint.consents, start=1)]
    checklist = ChecklistDrawnUp(pieces=tuple(item.code for item in foreseen(complaint)))
    return [opened, *consents, checklist]


def first_state(reference: str, event: ComplaintOpened, entry: Entry) -> Case:
    """The case that the first event makes."""
    return Case(
        reference=reference,
        version=entry.version,
        step=Step.INTAKE,
        complaint=event.complaint,
        metropolis=event.metropolis,
        holder=event.holder,
        organisation=event.organisation,
        opened_at=entry.recorded_at,
        progress=Mark.of(entry),
        last_contact_at=entry.happened_at,
    )


def _received(complaint: Complaint, at: datetime) -> None:
    if complaint.received_at > at + CLOCK_SKEW:
        raise Refused(
            "date_future",
            "{field} is {day}, in the future.",
            "Give the day on which it happened.",
            field="received_at",
            day=written_in_paris(complaint.received_at),
        )
    for number, step in enumerate(complaint.prior_steps):
        if step.taken_on is not None:  # time limits of the law count from it
            not_after(step.taken_on, at, f"prior_steps.{number}.taken_on")


def _consent_possible(given: ConsentGiven, complaint: Complaint, at: datetime, where: str) -> None:
    not_after(given.given_on, at, f"{where}.given_on")
    if given.scope is ConsentScope.DEFENDER and not allows_filing(given, complaint):
        raise Refused(
            "written_consent_needed",
            "An association seizes the Defender of Rights with the person's written agreement (LO 2011-333 art. 5).",
            "Record a consent given in writing.",
            field=f"{where}.form",
        )


@decides(AmendComplaint)
def amend_complaint(case: Case, command: AmendComplaint, actor: Actor, at: datetime) -> list[Event]:
    _received(command.complaint, at)
    if command.complaint.source != case.complaint.source or command.complaint.fictitious != case.complaint.fictitious:
        raise Refused(
            "origin_fixed",
            "Where a complaint comes from cannot be amended.",
            "Leave source and fictitious as they were.",
            field="source",
        )
    if command.complaint.consents != case.complaint.consents:
        raise Refused(
            "consents_apart",
            "Consents are not amended with the complaint.",
            "Use record_consent or withdraw_consent.",
            field="consents",
        )
    return [
        ComplaintAmended(complaint=command.complaint, reason=command.reason),
        *_completed_checklist(case, command.complaint),
    ]


def _completed_checklist(case: Case, complaint: Complaint) -> list[Event]:
    """What the checklist of the complaint, as it now reads, adds to the pieces already looked for."""
    known = {piece.id for piece in case.pieces}
    missing = tuple(item.code for item in foreseen(complaint) if item.code not in known)
    return [ChecklistDrawnUp(pieces=missing)] if missing else []


@applies(ComplaintAmended)
def complaint_amended(case: Case, event: ComplaintAmended, entry: Entry) -> dict[str, Any]:
    return {
        "complaint": event.complaint,
        "metropolis": event.complaint.facts.place.metropolis or case.metropolis,
    }


@decides(Qualify)
def qualify(case: Case, command: Qualify, actor: Actor, at: datetime) -> list[Event]:
    return [
        ComplaintQualified(
            domain=command.domain, criteria=command.criteria, acts=command.acts, reasoning=command.reasoning
        ),
        *_completed_checklist(case, _qualified(case, command)),
    ]


def _qualified(case: Case, said: Qualify | ComplaintQualified) -> Complaint:
    return case.complaint.model_copy(update={"domain": said.domain, "criteria": said.criteria, "acts": said.acts})


@applies(ComplaintQualified)
def complaint_qualified(case: Case, event: ComplaintQualified, entry: Entry) -> dict[str, Any]:
    return {"complaint": _qualified(case, event)}


@decides(Assign)
def assign(case: Case, command: Assign, actor: Actor, at: datetime) -> list[Event]:
    if (command.holder, command.organisation) == (case.holder, case.organisation):
        raise Refused(
            "already_holder",
            "{holder} already holds this case.",
            "Nothing to do.",
            field="holder",
            holder=case.holder,
        )
    if actor.role is Role.CASE_WORKER and command.organisation != case.organisation:
        # It would pass the person's words to somebody else without their saying yes.
        raise Refused(
            "assign_elsewhere",
            "A case worker gives a case to somebody of the same organisation only.",
            "Refer it with handover, or ask a supervisor.",
            field="organisation",
        )
    if command.organisation not in case.parties:
        require_consent_to_pass(case, command.organisation, at, "organisation")
    return [CaseAssigned(holder=command.holder, organisation=command.organisation, reason=command.reason)]


@applies(CaseAssigned)
def case_assigned(case: Case, event: CaseAssigned, entry: Entry) -> dict[str, Any]:
    return {"holder": event.holder, "organisation": event.organisation}


@decides(RecordConsent)
def record_consent(case: Case, command: RecordConsent, actor: Actor, at: datetime) -> list[Event]:
    _consent_possible(command.consent, case.complaint, at, "consent")
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


@decides(WithdrawConsent, where_some(lambda case: case.consents, _still_given))
def withdraw_consent(case: Case, command: WithdrawConsent, actor: Actor, at: datetime) -> list[Event]:
    consent = case.consent(command.consent)
    _still_given(case, consent, actor, at)
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


@decides(RecordContact)
def record_contact(case: Case, command: RecordContact, actor: Actor, at: datetime) -> list[Event]:
    return [
        ContactRecorded(
            medium=command.medium,
            by_complainant=command.by_complainant,
            reached=command.reached,
            summary=command.summary,
        )
    ]


@applies(ContactRecorded)
def contact_recorded(case: Case, event: ContactRecorded, entry: Entry) -> dict[str, Any]:
    return {"last_contact_at": max(case.last_contact_at, entry.happened_at)} if event.reached else {}


@decides(AddNote)
def add_note(case: Case, command: AddNote, actor: Actor, at: datetime) -> list[Event]:
    return [NoteAdded(text=command.text)]


@applies(NoteAdded)
def note_added(case: Case, event: NoteAdded, entry: Entry) -> dict[str, Any]:
    return {"notes": case.notes + 1}

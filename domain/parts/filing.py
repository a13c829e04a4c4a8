"""Escalation: a filing with the Defender of Rights. It needs a name, a consent, and stops no time limit by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from domain.actors import Actor
from domain.complaint import Complaint, ConsentGiven
from domain.errors import Refused
from domain.parts.base import Chapter, Command, Event, Occurrence, Part, PartLine, find_part
from domain.parts.registry import (
    applies,
    decides,
    next_id,
    not_before,
    not_before_asked,
    not_before_sent,
    replace,
    where,
    where_some,
)
from domain.parts.step import StepEntered
from domain.telling import Heading, Says, phrase
from domain.values import Day, Digest, Line, PartId, Text, Value, Written, day_of
from domain.vocabulary import Capacity, ConsentForm, ConsentScope, FilingChannel, FilingOutcome, FilingStatus, Step

if TYPE_CHECKING:
    from domain.case import Case
    from domain.events import Entry
    from domain.parts.consent import Consent


class FilingRequest(Value):
    """Something more that the Defender asks for on a filing."""

    id: str
    asked: Written
    due: Annotated[date, Heading("due")]
    received: Occurrence
    answered: Occurrence | None = None
    answer: Written | None = None


class Filing(Part):
    """A filing with the Defender of Rights."""

    noun = "Filing"
    chapter = Chapter.LETTERS

    id: str
    channel: FilingChannel
    status: Annotated[FilingStatus, Heading("status")] = FilingStatus.PREPARED
    sent: Annotated[Occurrence | None, Heading("sent")] = None
    register_number: Annotated[Written | None, Heading("number")] = None
    sha256: str | None = None
    """Digest of the referral file as it was filed."""
    requests: tuple[FilingRequest, ...] = ()
    outcome: Annotated[FilingOutcome | None, Heading("outcome")] = None
    said: Annotated[Written | None, Heading("said")] = None
    ended: Occurrence | None = None
    """The day on which it was decided, declined or withdrawn."""
    unsent_since: Annotated[Occurrence | None, Field(exclude_if=lambda since: since is None)] = None
    """The fact from which it waits to be sent: it was prepared, or the person took their agreement back."""

    @classmethod
    def lines(cls, parts: Sequence[Filing]) -> Iterator[PartLine]:
        """Each filing, and below it each request that is open."""
        for filing in parts:
            about = filing.channel, filing.register_number
            yield PartLine(filing.id, cls.noun, about, (filing.status, filing.outcome, filing.said))
            for request in filing.open_requests:
                due = phrase("answer due {value}", value=request.due)
                yield PartLine(f"{filing.id} {request.id}", "The Defender awaits an answer", request.asked, due)

    @property
    def is_unsent(self) -> bool:
        """Still in our hands."""
        return self.status in (FilingStatus.PREPARED, FilingStatus.CONSENTED)

    @property
    def is_open(self) -> bool:
        """Still in our hands, or before the Defender."""
        return self.is_unsent or self.is_pending

    @property
    def is_pending(self) -> bool:
        """Before the Defender."""
        return self.status in (FilingStatus.FILED, FilingStatus.ACKNOWLEDGED)

    @property
    def open_requests(self) -> tuple[FilingRequest, ...]:
        """Requests that the Defender still awaits an answer to."""
        return tuple(r for r in self.requests if r.answered is None) if self.is_pending else ()

    def request(self, id: str) -> FilingRequest:
        """The request of that name; refused if there is none."""
        return find_part(self.requests, id, "request")


class PrepareFiling(Command):
    """Begin a filing with the Defender of Rights."""

    kind: Literal["prepare_filing"] = "prepare_filing"
    channel: FilingChannel


class File(Command):
    """Record that the case was filed with the Defender of Rights. That stops no limitation period by itself."""

    irreversible = True
    kind: Literal["file"] = "file"
    filing: PartId
    register_number: Line | None = None
    sha256: Digest | None = None
    """Digest of the referral file as it was filed."""


class AcknowledgeFiling(Command):
    """Record the Defender's acknowledgement."""

    kind: Literal["acknowledge_filing"] = "acknowledge_filing"
    filing: PartId
    register_number: Line


class RecordFilingRequest(Command):
    """Record what more the Defender asks for, and by when."""

    kind: Literal["record_filing_request"] = "record_filing_request"
    filing: PartId
    asked: Text
    due: Day


class AnswerFilingRequest(Command):
    """Record that the Defender was answered, and what."""

    kind: Literal["answer_filing_request"] = "answer_filing_request"
    filing: PartId
    request: PartId
    answer: Text


class RecordFilingDecision(Command):
    """Record what the Defender of Rights decided."""

    kind: Literal["record_filing_decision"] = "record_filing_decision"
    filing: PartId
    outcome: FilingOutcome
    summary: Text


class RecordFilingDeclined(Command):
    """Record that the Defender declined, with the reason he has to give (LO 2011-333 art. 24)."""

    kind: Literal["record_filing_declined"] = "record_filing_declined"
    filing: PartId
    reason: Text


class WithdrawFiling(Command):
    """Take a filing back, before or after it was sent."""

    irreversible = True
    kind: Literal["withdraw_filing"] = "withdraw_filing"
    filing: PartId
    reason: Text


class FilingPrepared(Event):
    progress = True
    tag: Literal["filing_prepared.1"] = "filing_prepared.1"
    id: PartId
    channel: FilingChannel


class FilingConsented(Event):
    tag: Literal["filing_consented.1"] = "filing_consented.1"
    id: PartId
    consent: PartId


class FilingConsentLost(Event):
    tag: Literal["filing_consent_lost.1"] = "filing_consent_lost.1"
    id: PartId


class FilingSent(Event):
    progress = True
    tag: Literal["filing_sent.1"] = "filing_sent.1"
    id: PartId
    register_number: Annotated[Written | None, Says("number {value}")] = None
    sha256: Annotated[str | None, Says("digest {value}")] = None


class FilingAcknowledged(Event):
    progress = True
    tag: Literal["filing_acknowledged.1"] = "filing_acknowledged.1"
    id: PartId
    register_number: Annotated[Written, Says("number {value}")]


class FilingMoreAsked(Event):
    progress = True
    tag: Literal["filing_more_asked.1"] = "filing_more_asked.1"
    id: PartId
    request: PartId
    asked: Written
    due: Annotated[date, Says("due {value}")]


class FilingAnswered(Event):
    progress = True
    tag: Literal["filing_answered.1"] = "filing_answered.1"
    id: PartId
    request: PartId
    answer: Written


class FilingDecided(Event):
    progress = True
    tag: Literal["filing_decided.1"] = "filing_decided.1"
    id: PartId
    outcome: FilingOutcome
    summary: Written


class FilingDeclined(Event):
    progress = True
    tag: Literal["filing_declined.1"] = "filing_declined.1"
    id: PartId
    reason: Written


class FilingWithdrawn(Event):
    progress = True
    tag: Literal["filing_withdrawn.1"] = "filing_withdrawn.1"
    id: PartId
    reason: Written


def allows_filing(given: ConsentGiven, complaint: Complaint) -> bool:
    """True if this consent covers a filing: an association needs it in writing (LO 2011-333 art. 5)."""
    written = given.form is ConsentForm.WRITTEN or complaint.capacity is not Capacity.ASSOCIATION
    return given.scope is ConsentScope.DEFENDER and written


def agreement_to_file(case: Case, on: date | None = None) -> Consent | None:
    """The standing consent to a filing (given by that day), the latest if there are several."""
    for consent in reversed(case.consents):
        standing = consent.withdrawn_at is None and (on is None or consent.given.given_on <= on)
        if standing and allows_filing(consent.given, case.complaint):
            return consent
    return None


def hindrances(case: Case, on: date | None = None) -> Iterator[Refused]:
    """Everything that keeps the case from being filed (on that day), the first to be put right first."""
    yield from _of_standing(case)
    if agreement_to_file(case, on) is None:
        yield Refused(
            "consent_missing_defender",
            "The person has not agreed that the case be filed with the Defender of Rights (LO 2011-333 art. 8).",
            "Record the consent first: record_consent with scope DEFENDER.",
            field="filing",
        )


def _of_standing(case: Case) -> Iterator[Refused]:
    """Who may seize the Defender (LO 2011-333 art. 5)."""
    if case.complaint.complainant is None:
        yield Refused(
            "anonymous",
            "An anonymous report cannot be filed with the Defender of Rights.",
            "Record who the person is first (amend_complaint), if they wish it.",
            field="complainant",
        )
    if case.complaint.capacity is Capacity.WITNESS:
        yield Refused(
            "witness_cannot_file",
            "A witness cannot seize the Defender of Rights in the person's place (LO 2011-333 art. 5).",
            "The person does it, or an association with their written agreement: amend_complaint, capacity.",
            field="capacity",
        )


def _refuse_first(hindrances: Iterator[Refused]) -> None:
    for refused in hindrances:
        raise refused


def _none_under_way(case: Case, actor: Actor, at: datetime) -> None:
    """Refuses a filing beside another, or by somebody who may not seize the Defender."""
    _refuse_first(_of_standing(case))
    if case.open_filings:
        raise Refused(
            "filing_open",
            "The filing {id} is already under way.",
            "Go on with it, or withdraw it first.",
            id=case.open_filings[0].id,
        )


@decides(PrepareFiling, where(_none_under_way))
def prepare_filing(case: Case, command: PrepareFiling, actor: Actor, at: datetime) -> list[Event]:
    _none_under_way(case, actor, at)
    id = next_id("F", case.filings)
    events: list[Event] = [FilingPrepared(id=id, channel=command.channel)]
    if consent := agreement_to_file(case):
        events.append(FilingConsented(id=id, consent=consent.id))
    if case.step is not Step.ESCALATION:
        events.append(StepEntered(step=Step.ESCALATION))
    return events


@applies(FilingPrepared)
def filing_prepared(case: Case, event: FilingPrepared, entry: Entry) -> dict[str, Any]:
    return {"filings": (*case.filings, Filing(id=event.id, channel=event.channel, unsent_since=Occurrence.of(entry)))}


@applies(FilingConsented)
def filing_consented(case: Case, event: FilingConsented, entry: Entry) -> dict[str, Any]:
    return {"filings": replace(case.filings, event.id, status=FilingStatus.CONSENTED)}


@applies(FilingConsentLost)
def filing_consent_lost(case: Case, event: FilingConsentLost, entry: Entry) -> dict[str, Any]:
    lost = {"status": FilingStatus.PREPARED, "unsent_since": Occurrence.of(entry)}
    return {"filings": replace(case.filings, event.id, **lost)}


def _filings(case: Case) -> tuple[Filing, ...]:
    return case.filings


def _is_one_of(filing: Filing, *statuses: FilingStatus) -> None:
    if filing.status not in statuses:
        raise Refused(
            "filing_status",
            "{id} is {status}: this cannot be done to it.",
            "It must be one of: {expected}.",
            field="filing",
            id=filing.id,
            status=filing.status,
            expected=", ".join(statuses),
        )


_UNSENT = (FilingStatus.PREPARED, FilingStatus.CONSENTED)


_PENDING = (FilingStatus.FILED, FilingStatus.ACKNOWLEDGED)


def _unhindered(case: Case, filing: Filing, actor: Actor, at: datetime) -> None:
    _is_one_of(filing, *_UNSENT)
    # Looked at again: the complaint may have been amended since, or the filing be dated before the consent.
    _refuse_first(hindrances(case, on=day_of(at)))


def _filed(case: Case, filing: Filing, actor: Actor, at: datetime) -> None:
    _is_one_of(filing, FilingStatus.FILED)


def _pending(case: Case, filing: Filing, actor: Actor, at: datetime) -> None:
    _is_one_of(filing, *_PENDING)


def _open(case: Case, filing: Filing, actor: Actor, at: datetime) -> None:
    _is_one_of(filing, *_UNSENT, *_PENDING)


@decides(File, where_some(_filings, _unhindered))
def file(case: Case, command: File, actor: Actor, at: datetime) -> list[Event]:
    filing = case.filing(command.filing)
    _unhindered(case, filing, actor, at)
    return [FilingSent(id=filing.id, register_number=command.register_number, sha256=command.sha256)]


@applies(FilingSent)
def filing_sent(case: Case, event: FilingSent, entry: Entry) -> dict[str, Any]:
    return {
        "filings": replace(
            case.filings,
            event.id,
            status=FilingStatus.FILED,
            sent=Occurrence.of(entry),
            register_number=event.register_number,
            sha256=event.sha256,
        )
    }


@decides(AcknowledgeFiling, where_some(_filings, _filed))
def acknowledge_filing(case: Case, command: AcknowledgeFiling, actor: Actor, at: datetime) -> list[Event]:
    filing = case.filing(command.filing)
    _filed(case, filing, actor, at)
    not_before_sent(filing.sent, at, filing.id)
    return [FilingAcknowledged(id=filing.id, register_number=command.register_number)]


@applies(FilingAcknowledged)
def filing_acknowledged(case: Case, event: FilingAcknowledged, entry: Entry) -> dict[str, Any]:
    return {
        "filings": replace(
            case.filings, event.id, status=FilingStatus.ACKNOWLEDGED, register_number=event.register_number
        )
    }


@decides(RecordFilingRequest, where_some(_filings, _pending))
def record_filing_request(case: Case, command: RecordFilingRequest, actor: Actor, at: datetime) -> list[Event]:
    filing = case.filing(command.filing)
    _pending(case, filing, actor, at)
    not_before_sent(filing.sent, at, filing.id)
    not_before(command.due, at, "due")
    request = next_id("Q", filing.requests)
    return [FilingMoreAsked(id=filing.id, request=request, asked=command.asked, due=command.due)]


@applies(FilingMoreAsked)
def filing_more_asked(case: Case, event: FilingMoreAsked, entry: Entry) -> dict[str, Any]:
    asked = FilingRequest(id=event.request, asked=event.asked, due=event.due, received=Occurrence.of(entry))
    return {"filings": replace(case.filings, event.id, requests=(*case.filing(event.id).requests, asked))}


def _requests(case: Case) -> Iterator[tuple[Filing, FilingRequest]]:
    return ((filing, request) for filing in case.filings for request in filing.requests)


def _unanswered(case: Case, asked: tuple[Filing, FilingRequest], actor: Actor, at: datetime) -> None:
    filing, request = asked
    _pending(case, filing, actor, at)
    if request.answered is not None:
        raise Refused(
            "request_answered", "{id} was answered already.", "Nothing to do.", field="request", id=request.id
        )


@decides(AnswerFilingRequest, where_some(_requests, _unanswered))
def answer_filing_request(case: Case, command: AnswerFilingRequest, actor: Actor, at: datetime) -> list[Event]:
    filing = case.filing(command.filing)
    _pending(case, filing, actor, at)
    request = filing.request(command.request)
    _unanswered(case, (filing, request), actor, at)
    not_before_asked(request.received, at, request.id)
    return [FilingAnswered(id=filing.id, request=request.id, answer=command.answer)]


@applies(FilingAnswered)
def filing_answered(case: Case, event: FilingAnswered, entry: Entry) -> dict[str, Any]:
    requests = case.filing(event.id).requests
    answered = replace(requests, event.request, answered=Occurrence.of(entry), answer=event.answer)
    return {"filings": replace(case.filings, event.id, requests=answered)}


@decides(RecordFilingDecision, where_some(_filings, _pending))
def record_filing_decision(case: Case, command: RecordFilingDecision, actor: Actor, at: datetime) -> list[Event]:
    filing = case.filing(command.filing)
    _pending(case, filing, actor, at)
    not_before_sent(filing.sent, at, filing.id)
    return [FilingDecided(id=filing.id, outcome=command.outcome, summary=command.summary)]


@applies(FilingDecided)
def filing_decided(case: Case, event: FilingDecided, entry: Entry) -> dict[str, Any]:
    return {
        "filings": replace(
            case.filings,
            event.id,
            status=FilingStatus.DECIDED,
            outcome=event.outcome,
            said=event.summary,
            ended=Occurrence.of(entry),
        )
    }


@decides(RecordFilingDeclined, where_some(_filings, _pending))
def record_filing_declined(case: Case, command: RecordFilingDeclined, actor: Actor, at: datetime) -> list[Event]:
    filing = case.filing(command.filing)
    _pending(case, filing, actor, at)
    not_before_sent(filing.sent, at, filing.id)
    return [FilingDeclined(id=filing.id, reason=command.reason), *_back_from_escalation(case)]


def _back_from_escalation(case: Case) -> list[Event]:
    """The step after a filing that came to nothing. No second one can be open beside it."""
    return [StepEntered(step=Step.EVIDENCE)] if case.step is Step.ESCALATION else []


@applies(FilingDeclined)
def filing_declined(case: Case, event: FilingDeclined, entry: Entry) -> dict[str, Any]:
    ended = {"status": FilingStatus.DECLINED, "said": event.reason, "ended": Occurrence.of(entry)}
    return {"filings": replace(case.filings, event.id, **ended)}


@decides(WithdrawFiling, where_some(_filings, _open))
def withdraw_filing(case: Case, command: WithdrawFiling, actor: Actor, at: datetime) -> list[Event]:
    filing = case.filing(command.filing)
    _open(case, filing, actor, at)
    not_before_sent(filing.sent, at, filing.id)
    return [FilingWithdrawn(id=filing.id, reason=command.reason), *_back_from_escalation(case)]


@applies(FilingWithdrawn)
def filing_withdrawn(case: Case, event: FilingWithdrawn, entry: Entry) -> dict[str, Any]:
    ended = {"status": FilingStatus.WITHDRAWN, "said": event.reason, "ended": Occurrence.of(entry)}
    return {"filings": replace(case.filings, event.id, **ended)}

"""What happened: one class for each kind of fact, in the past tense, frozen, with a versioned tag.

An event is never changed. When one must say more, it gets a new tag and the old one stays readable for ever.
`progress` tells whether the fact moves the case on, and so starts its stall clock again: a note, a correction or a
change of hands does not.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from domain.complaint import Complaint, ConsentGiven
from domain.tolling import KnownStart, Toll
from domain.values import AccountId, OrganisationId, PartId, Value
from domain.vocabulary import (
    Act,
    AlertDecision,
    ClosureReason,
    DeadlineKind,
    Domain,
    ErasureReason,
    FilingChannel,
    FilingOutcome,
    Leg,
    Level,
    MailReason,
    Medium,
    Outcome,
    Party,
    PauseReason,
    RefusalReason,
    Role,
    ScanState,
    Standing,
    Step,
)


class Event(Value):
    """A fact of a case."""

    tag: str
    progress: ClassVar[bool] = False
    in_clear: ClassVar[bool] = False
    """Holds nothing of a person, and must be readable when all else of the case is not."""


class ComplaintOpened(Event):
    progress = True
    tag: Literal["complaint_opened.1"] = "complaint_opened.1"
    complaint: Complaint
    holder: AccountId
    organisation: OrganisationId
    metropolis: str | None


class StepEntered(Event):
    progress = True
    tag: Literal["step_entered.1"] = "step_entered.1"
    step: Step


class ComplaintAmended(Event):
    tag: Literal["complaint_amended.1"] = "complaint_amended.1"
    complaint: Complaint
    reason: str


class ComplaintQualified(Event):
    progress = True
    tag: Literal["complaint_qualified.1"] = "complaint_qualified.1"
    domain: Domain
    criteria: tuple[str, ...]
    acts: tuple[Act, ...]
    reasoning: str


class CaseAssigned(Event):
    tag: Literal["case_assigned.1"] = "case_assigned.1"
    holder: AccountId
    organisation: OrganisationId
    reason: str


class ConsentRecorded(Event):
    progress = True
    tag: Literal["consent_recorded.1"] = "consent_recorded.1"
    id: PartId
    consent: ConsentGiven


class ConsentWithdrawn(Event):
    tag: Literal["consent_withdrawn.1"] = "consent_withdrawn.1"
    id: PartId
    reason: str | None = None


class ContactRecorded(Event):
    progress = True
    tag: Literal["contact_recorded.1"] = "contact_recorded.1"
    medium: Medium
    by_complainant: bool
    reached: bool
    summary: str


class NoteAdded(Event):
    tag: Literal["note_added.1"] = "note_added.1"
    text: str


class ReferralSent(Event):
    progress = True
    tag: Literal["referral_sent.1"] = "referral_sent.1"
    id: PartId
    partner: OrganisationId
    purpose: str
    answer_due: date | None = None
    handover: bool = False


class ReferralSeen(Event):
    tag: Literal["referral_seen.1"] = "referral_seen.1"
    id: PartId


class ReferralAccepted(Event):
    progress = True
    tag: Literal["referral_accepted.1"] = "referral_accepted.1"
    id: PartId
    comment: str | None = None


class ReferralRefused(Event):
    progress = True
    tag: Literal["referral_refused.1"] = "referral_refused.1"
    id: PartId
    reason: RefusalReason
    comment: str | None = None


class ReferralWithdrawn(Event):
    progress = True
    tag: Literal["referral_withdrawn.1"] = "referral_withdrawn.1"
    id: PartId
    reason: str


class ReferralExpired(Event):
    tag: Literal["referral_expired.1"] = "referral_expired.1"
    id: PartId
    due: datetime


class ReferralCompleted(Event):
    progress = True
    tag: Literal["referral_completed.1"] = "referral_completed.1"
    id: PartId
    result: str


class ChecklistDrawnUp(Event):
    tag: Literal["checklist_drawn_up.1"] = "checklist_drawn_up.1"
    pieces: tuple[PartId, ...]


class PieceAdded(Event):
    tag: Literal["piece_added.1"] = "piece_added.1"
    id: PartId
    label: str
    held_by: Party
    legs: tuple[Leg, ...] = ()
    perishes_on: date | None = None


class PieceRequested(Event):
    progress = True
    tag: Literal["piece_requested.1"] = "piece_requested.1"
    id: PartId
    from_whom: Party
    lever: str
    due: date


class LetterSent(Event):
    """It asks for its pieces: each is requested by it."""

    progress = True
    tag: Literal["letter_sent.1"] = "letter_sent.1"
    id: PartId
    lever: str
    pieces: tuple[PartId, ...]
    from_whom: Party
    addressee: str | None = None
    medium: Medium
    due: date
    sha256: str | None = None


class PieceReceived(Event):
    progress = True
    tag: Literal["piece_received.1"] = "piece_received.1"
    id: PartId
    description: str
    sha256: str | None = None


class FileAttached(Event):
    progress = True
    tag: Literal["file_attached.1"] = "file_attached.1"
    id: PartId
    piece: PartId
    filename: str
    stored: str
    sha256: str
    size: int
    media_type: str
    scan: ScanState


class FileRemoved(Event):
    tag: Literal["file_removed.1"] = "file_removed.1"
    id: PartId
    reason: str


class FileScanned(Event):
    tag: Literal["file_scanned.1"] = "file_scanned.1"
    id: PartId
    result: ScanState
    scanner: str | None = None
    finding: str | None = None


class PieceRefused(Event):
    progress = True
    tag: Literal["piece_refused.1"] = "piece_refused.1"
    id: PartId
    silent: bool
    explanation: str


class PiecesUnobtainable(Event):
    progress = True
    tag: Literal["pieces_unobtainable.1"] = "pieces_unobtainable.1"
    ids: tuple[PartId, ...]
    reason: str


class PiecesWaived(Event):
    progress = True
    tag: Literal["pieces_waived.1"] = "pieces_waived.1"
    ids: tuple[PartId, ...]
    reason: str


class ProofAssessed(Event):
    progress = True
    tag: Literal["proof_assessed.1"] = "proof_assessed.1"
    treatment: Standing
    ground: Standing
    link: Standing
    reasoning: str


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
    register_number: str | None = None
    sha256: str | None = None


class FilingAcknowledged(Event):
    progress = True
    tag: Literal["filing_acknowledged.1"] = "filing_acknowledged.1"
    id: PartId
    register_number: str


class FilingMoreAsked(Event):
    progress = True
    tag: Literal["filing_more_asked.1"] = "filing_more_asked.1"
    id: PartId
    request: PartId
    asked: str
    due: date


class FilingAnswered(Event):
    progress = True
    tag: Literal["filing_answered.1"] = "filing_answered.1"
    id: PartId
    request: PartId
    answer: str


class FilingDecided(Event):
    progress = True
    tag: Literal["filing_decided.1"] = "filing_decided.1"
    id: PartId
    outcome: FilingOutcome
    summary: str


class FilingDeclined(Event):
    progress = True
    tag: Literal["filing_declined.1"] = "filing_declined.1"
    id: PartId
    reason: str


class FilingWithdrawn(Event):
    progress = True
    tag: Literal["filing_withdrawn.1"] = "filing_withdrawn.1"
    id: PartId
    reason: str


class TollRecorded(Event):
    tag: Literal["toll_recorded.1"] = "toll_recorded.1"
    id: PartId
    toll: Toll


class TollCorrected(Event):
    tag: Literal["toll_corrected.1"] = "toll_corrected.1"
    id: PartId
    toll: Toll
    reason: str


class TollRetracted(Event):
    tag: Literal["toll_retracted.1"] = "toll_retracted.1"
    id: PartId
    reason: str


class StartRecorded(Event):
    tag: Literal["start_recorded.1"] = "start_recorded.1"
    id: PartId
    start: KnownStart


class StartCorrected(Event):
    tag: Literal["start_corrected.1"] = "start_corrected.1"
    id: PartId
    start: KnownStart
    reason: str


class StartRetracted(Event):
    tag: Literal["start_retracted.1"] = "start_retracted.1"
    id: PartId
    reason: str


class CasePaused(Event):
    tag: Literal["case_paused.1"] = "case_paused.1"
    reason: PauseReason
    until: date
    comment: str


class CaseResumed(Event):
    tag: Literal["case_resumed.1"] = "case_resumed.1"
    comment: str | None = None
    """None when the pause ended by its date."""


class AlertRaised(Event):
    tag: Literal["alert_raised.1"] = "alert_raised.1"
    key: str
    clock: str
    kind: DeadlineKind
    level: Level
    due: datetime
    part: str | None = None


class AlertAnswered(Event):
    tag: Literal["alert_answered.1"] = "alert_answered.1"
    key: str
    decision: AlertDecision
    until: date | None = None
    reason: str


class NoticeUndelivered(Event):
    tag: Literal["notice_undelivered.1"] = "notice_undelivered.1"
    mail: str
    account: AccountId
    alerts: tuple[str, ...]
    reason: MailReason


class ClosureStated(Event):
    """What a closure says, proposed or done."""

    outcome: Outcome
    reason: ClosureReason
    last_known_fact: str
    person_told_on: date | None = None
    person_told_by: Medium | None = None
    not_told_because: str | None = None


class ClosureProposed(ClosureStated):
    progress = True
    tag: Literal["closure_proposed.1"] = "closure_proposed.1"


class ClosureRejected(Event):
    progress = True
    tag: Literal["closure_rejected.1"] = "closure_rejected.1"
    reason: str


class CaseClosed(ClosureStated):
    progress = True
    tag: Literal["case_closed.1"] = "case_closed.1"
    proposed_by: AccountId | None = None
    countersignature: str | None = None


class CaseReopened(Event):
    progress = True
    tag: Literal["case_reopened.1"] = "case_reopened.1"
    reason: str


class CaseHeld(Event):
    tag: Literal["case_held.1"] = "case_held.1"
    reason: str
    review_on: date


class HoldReleased(Event):
    tag: Literal["hold_released.1"] = "hold_released.1"
    reason: str


class ErasureProposed(Event):
    tag: Literal["erasure_proposed.1"] = "erasure_proposed.1"
    reason: str


class CaseErased(Event):
    """The last line of a case: what of it is kept for statistics. Codes and dates, no word that anybody wrote."""

    in_clear = True
    tag: Literal["case_erased.1"] = "case_erased.1"
    reason: ErasureReason
    proposed_by: AccountId | None = None
    """None at the end of retention: then one supervisor suffices."""
    domain: Domain
    criteria: tuple[str, ...]
    acts: tuple[Act, ...]
    metropolis: str | None
    commune: str | None
    neighbourhood: str | None
    received_on: date
    opened_on: date
    closed_on: date
    outcome: Outcome
    closure_reason: ClosureReason
    fictitious: bool


AnyEvent = Annotated[
    ComplaintOpened
    | StepEntered
    | ComplaintAmended
    | ComplaintQualified
    | CaseAssigned
    | ConsentRecorded
    | ConsentWithdrawn
    | ContactRecorded
    | NoteAdded
    | ReferralSent
    | ReferralSeen
    | ReferralAccepted
    | ReferralRefused
    | ReferralWithdrawn
    | ReferralExpired
    | ReferralCompleted
    | ChecklistDrawnUp
    | PieceAdded
    | PieceRequested
    | LetterSent
    | PieceReceived
    | FileAttached
    | FileRemoved
    | FileScanned
    | PieceRefused
    | PiecesUnobtainable
    | PiecesWaived
    | ProofAssessed
    | FilingPrepared
    | FilingConsented
    | FilingConsentLost
    | FilingSent
    | FilingAcknowledged
    | FilingMoreAsked
    | FilingAnswered
    | FilingDecided
    | FilingDeclined
    | FilingWithdrawn
    | TollRecorded
    | TollCorrected
    | TollRetracted
    | StartRecorded
    | StartCorrected
    | StartRetracted
    | CasePaused
    | CaseResumed
    | AlertRaised
    | AlertAnswered
    | NoticeUndelivered
    | ClosureProposed
    | ClosureRejected
    | CaseClosed
    | CaseReopened
    | CaseHeld
    | HoldReleased
    | ErasureProposed
    | CaseErased,
    Field(discriminator="tag"),
]

EVENTS: dict[str, type[Event]] = {event.model_fields["tag"].default: event for event in get_args(get_args(AnyEvent)[0])}
"""Every event by its tag. A tag, once released, stays here for ever."""


class Actor(Value):
    """Who acts: an account, with what it is at that moment."""

    account: AccountId
    role: Role
    organisation: OrganisationId
    metropolis: str | None = None
    """MEL or AMP; none for an account that works for both."""


CLOCK = Actor(account="horloge", role=Role.SYSTEM, organisation="aboutir")
"""The actor of everything that time does by itself."""
SCANNER = Actor(account="analyse", role=Role.SYSTEM, organisation="aboutir")
"""The actor of every scan for malware."""


class Entry(Value):
    """A line of a case's history: an event with who, when it happened and when it was recorded."""

    version: int
    command_id: str
    actor: Actor
    happened_at: datetime
    recorded_at: datetime
    event: AnyEvent

    @property
    def what(self) -> str:
        """What it is, in a word: the event's tag."""
        return self.event.tag

    @property
    def who(self) -> str:
        """The account that did it."""
        return self.actor.account

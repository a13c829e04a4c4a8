"""What may be asked of a case: one class for each thing a person may do, imperative and frozen.

`steps` says in which steps it may be asked at all; `domain.permissions` says by whom; the finer rules are beside
their part in `domain.rules`. A command's docstring is what `starter.py commands` prints.
"""

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from domain.complaint import Acts, Complaint, ConsentGiven, Criteria
from domain.deadline import Deadline
from domain.reference import LeverCode
from domain.tolling import KnownStart, Toll
from domain.undelivered import Undelivered
from domain.values import (
    AccountId,
    Day,
    Digest,
    FileName,
    Instant,
    Line,
    MediaType,
    OrganisationId,
    PartId,
    StoredName,
    Text,
    Value,
)
from domain.vocabulary import (
    OPEN_STEPS,
    AlertDecision,
    ClosureReason,
    Domain,
    ErasureReason,
    FilingChannel,
    FilingOutcome,
    Leg,
    Medium,
    Outcome,
    Party,
    PauseReason,
    RefusalReason,
    ScanState,
    Standing,
    Step,
)

CLOSED = frozenset({Step.CLOSED})
NOT_ERASED = OPEN_STEPS | CLOSED


class Command(Value):
    """Something asked. `happened_at` is when it happened, if that was not just now; it is never in the future."""

    kind: str
    steps: ClassVar[frozenset[Step]] = OPEN_STEPS
    made_anew: ClassVar[frozenset[str]] = frozenset()
    """Fields that are others each time the same thing is asked."""
    happened_at: Instant | None = None

    @classmethod
    def name(cls) -> str:
        """The command's name everywhere: in the engine, on the command line, in the book."""
        return str(cls.model_fields["kind"].default)

    @classmethod
    def explained(cls) -> str:
        """What it does, to whom, on what terms: a line whose first clause can stand alone."""
        return (cls.__doc__ or "").partition("\n")[0]


# --- Intake ----------------------------------------------------------------------------------------------


class Open(Command):
    """Open a case for a complaint that was received."""

    steps = frozenset()
    kind: Literal["open"] = "open"
    complaint: Complaint


class AmendComplaint(Command):
    """Correct or complete what the person told: the whole complaint as it should read, and why."""

    steps = OPEN_STEPS
    kind: Literal["amend_complaint"] = "amend_complaint"
    complaint: Complaint
    reason: Text


class Qualify(Command):
    """Give the complaint its legal characterisation: domain, grounds, acts. It completes the evidence checklist."""

    kind: Literal["qualify"] = "qualify"
    domain: Domain
    criteria: Criteria
    acts: Acts
    reasoning: Text


class Assign(Command):
    """Give the case to somebody: there is always exactly one holder."""

    kind: Literal["assign"] = "assign"
    holder: AccountId
    organisation: OrganisationId
    reason: Text


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


class RecordContact(Command):
    """Record that the person was reached, or tried to reach us."""

    steps = NOT_ERASED
    kind: Literal["record_contact"] = "record_contact"
    medium: Medium
    by_complainant: bool = False
    reached: bool = True
    summary: Text


class AddNote(Command):
    """Write a note on the case. A note is no progress: it moves no clock."""

    steps = NOT_ERASED
    kind: Literal["add_note"] = "add_note"
    text: Text


# --- Referral --------------------------------------------------------------------------------------------


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


class WithdrawReferral(Command):
    """Take a referral back."""

    kind: Literal["withdraw_referral"] = "withdraw_referral"
    referral: PartId
    reason: Text


class CompleteReferral(Command):
    """Record that what the partner accepted to do is done, and with what result."""

    kind: Literal["complete_referral"] = "complete_referral"
    referral: PartId
    result: Text


# --- Evidence --------------------------------------------------------------------------------------------


class StartEvidence(Command):
    """Begin to gather evidence in earnest."""

    steps = frozenset({Step.INTAKE, Step.REFERRAL, Step.ESCALATION})
    kind: Literal["start_evidence"] = "start_evidence"


class AddPiece(Command):
    """Add a piece to look for, beyond the checklist."""

    kind: Literal["add_piece"] = "add_piece"
    label: Line
    held_by: Party
    legs: Annotated[tuple[Leg, ...], Field(max_length=len(Leg))] = ()
    """What it helps to show."""
    perishes_on: Day | None = None


class RequestPiece(Command):
    """Record that a piece was asked for: from whom, by which lever, by when."""

    kind: Literal["request_piece"] = "request_piece"
    piece: PartId
    from_whom: Party
    lever: Line
    due: Day


class SendLetter(Command):
    """Record that a letter asking for pieces was sent: the clock of its answer starts. See: starter.py letter."""

    kind: Literal["send_letter"] = "send_letter"
    pieces: Annotated[tuple[PartId, ...], Field(min_length=1, max_length=40)]
    lever: LeverCode
    from_whom: Party | None = None
    """Of whom they are asked; without it, whom the lever is for."""
    addressee: Text | None = None
    """Name and address, when it is not the respondent."""
    medium: Medium = Medium.POST
    due: Day | None = None
    """By when an answer is due; without it, as the law says of this lever, from the day it was sent."""
    sha256: Digest | None = None
    """Of the letter as it was sent."""


class ReceivePiece(Command):
    """Record that a piece was received."""

    kind: Literal["receive_piece"] = "receive_piece"
    piece: PartId
    description: Text
    sha256: Digest | None = None


class AttachFile(Command):
    """Attach a file to a piece; a piece that was not received is received by it. See: starter.py attach.

    The bytes are in the store by then, sealed, under `stored`: what is asked here only says so.
    """

    made_anew = frozenset({"stored"})
    kind: Literal["attach_file"] = "attach_file"
    piece: PartId
    filename: FileName
    description: Text | None = None
    """What was received; needed when the piece was not received yet."""
    stored: StoredName
    sha256: Digest
    size: Annotated[int, Field(gt=0, le=1 << 40)]
    """In bytes, as it was given."""
    media_type: MediaType
    to_scan: bool
    """A scan for malware follows: until then nobody is given the file."""


class RemoveFile(Command):
    """Take out a file that was attached by mistake, or that shows what this case may not hold. Its bytes go."""

    steps = NOT_ERASED
    kind: Literal["remove_file"] = "remove_file"
    file: PartId
    reason: Text


Scanned = Literal[ScanState.CLEAN, ScanState.INFECTED, ScanState.NOT_SCANNED]
"""What a scan can find."""


class RecordScan(Command):
    """Note what a scan of a file for malware found. Only the system asks this."""

    steps = NOT_ERASED
    kind: Literal["record_scan"] = "record_scan"
    file: PartId
    result: Scanned
    scanner: Line | None = None
    """What scanned, with the version of its signatures."""
    finding: Line | None = None
    """What the malware is called, or why there was no scan."""


class RecordPieceRefusal(Command):
    """Record that a requested piece was refused, or that silence stands for a refusal: itself a fact of the case."""

    kind: Literal["record_piece_refusal"] = "record_piece_refusal"
    piece: PartId
    """A piece; or a letter, for all that it asked for and that has not come."""
    silent: bool = False
    explanation: Text


class MarkUnobtainable(Command):
    """Record that pieces cannot be obtained, and why."""

    kind: Literal["mark_unobtainable"] = "mark_unobtainable"
    pieces: Annotated[tuple[PartId, ...], Field(min_length=1, max_length=200)]
    reason: Text


class WaivePieces(Command):
    """Record that pieces are not needed in this case, and why."""

    kind: Literal["waive_pieces"] = "waive_pieces"
    pieces: Annotated[tuple[PartId, ...], Field(min_length=1, max_length=200)]
    reason: Text


class Assess(Command):
    """Say which of the three legs of the proof stand: unfavourable treatment, ground, and the link between them."""

    kind: Literal["assess"] = "assess"
    treatment: Standing
    ground: Standing
    link: Standing
    reasoning: Text


# --- Escalation ------------------------------------------------------------------------------------------


class PrepareFiling(Command):
    """Begin a filing with the Defender of Rights."""

    kind: Literal["prepare_filing"] = "prepare_filing"
    channel: FilingChannel


class File(Command):
    """Record that the case was filed with the Defender of Rights. That stops no limitation period by itself."""

    kind: Literal["file"] = "file"
    filing: PartId
    register_number: Line | None = None
    sha256: Digest | None = None
    """Of the referral file as it was filed. See: starter.py dossier."""


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

    kind: Literal["withdraw_filing"] = "withdraw_filing"
    filing: PartId
    reason: Text


# --- Time limits of the law ------------------------------------------------------------------------------


class RecordToll(Command):
    """Enter what stops time limits of the law or starts them again: the ground, the rows, from when to when."""

    kind: Literal["record_toll"] = "record_toll"
    toll: Toll


class CorrectToll(Command):
    """Correct a suspension or an interruption that was entered: the whole entry as it should read, and why."""

    kind: Literal["correct_toll"] = "correct_toll"
    entry: PartId
    toll: Toll
    reason: Text


class RetractToll(Command):
    """Take back a suspension or an interruption that was entered by mistake."""

    kind: Literal["retract_toll"] = "retract_toll"
    entry: PartId
    reason: Text


class RecordStart(Command):
    """Enter the day from which a time limit of the law runs: a notification, a judgment, the revelation."""

    kind: Literal["record_start"] = "record_start"
    start: KnownStart


class CorrectStart(Command):
    """Correct a starting point that was entered: the whole entry as it should read, and why."""

    kind: Literal["correct_start"] = "correct_start"
    entry: PartId
    start: KnownStart
    reason: Text


class RetractStart(Command):
    """Take back a starting point that was entered by mistake: what the complaint tells stands again."""

    kind: Literal["retract_start"] = "retract_start"
    entry: PartId
    reason: Text


# --- Pauses and alerts -----------------------------------------------------------------------------------


class Pause(Command):
    """Stop the stall clocks until a date, for a reason. Legal time limits go on running."""

    kind: Literal["pause"] = "pause"
    reason: PauseReason
    until: Day
    comment: Text


class Resume(Command):
    """End a pause before its date."""

    kind: Literal["resume"] = "resume"
    comment: Text


class AnswerAlert(Command):
    """Take the reasoned decision that ends an alert."""

    steps = NOT_ERASED
    kind: Literal["answer_alert"] = "answer_alert"
    alert: Annotated[str, Field(max_length=120)]
    decision: AlertDecision
    until: Day | None = None
    reason: Text


# --- Closure ---------------------------------------------------------------------------------------------


class Closing(Command):
    """What every closure says: what it came to, why, the last known fact, and that the person was told."""

    outcome: Outcome
    reason: ClosureReason
    last_known_fact: Text
    person_told_on: Day | None = None
    person_told_by: Medium | None = None
    not_told_because: Text | None = None


class Close(Closing):
    """Close the case, for any reason but lack of proof."""

    kind: Literal["close"] = "close"


class ProposeClosure(Closing):
    """Propose to close the case for lack of proof: a supervisor countersigns."""

    kind: Literal["propose_closure"] = "propose_closure"


class CountersignClosure(Command):
    """Countersign a proposed closure: a second pair of eyes, never the one who proposed."""

    kind: Literal["countersign_closure"] = "countersign_closure"
    comment: Text


class RejectClosure(Command):
    """Send a proposed closure back, saying what is still to be done."""

    kind: Literal["reject_closure"] = "reject_closure"
    reason: Text


class Reopen(Command):
    """Reopen a closed case. Nothing of its closure is erased."""

    steps = CLOSED
    kind: Literal["reopen"] = "reopen"
    reason: Text


# --- Retention -------------------------------------------------------------------------------------------


class Hold(Command):
    """Place a legal hold: nothing of the case is erased until it is released. It is looked at again on a date."""

    steps = NOT_ERASED
    kind: Literal["hold"] = "hold"
    reason: Text
    review_on: Day


class ReleaseHold(Command):
    """Release a legal hold: another supervisor than the one who placed it."""

    steps = NOT_ERASED
    kind: Literal["release_hold"] = "release_hold"
    reason: Text


class ProposeErasure(Command):
    """Propose to erase a closed case before the end of its retention: another supervisor decides (erase)."""

    steps = CLOSED
    kind: Literal["propose_erasure"] = "propose_erasure"
    reason: Text


class Erase(Command):
    """Erase a closed case for ever: its key is destroyed, and only anonymous facts are left."""

    steps = CLOSED
    kind: Literal["erase"] = "erase"
    reason: ErasureReason


# --- The system's own ------------------------------------------------------------------------------------


class PassDeadlines(Command):
    """Take note of every deadline that has passed. Only the case's own timer asks this.

    The timer sends it empty: the book fills in what is due under the policy of the day.
    """

    steps = NOT_ERASED
    made_anew = frozenset({"deadlines"})
    kind: Literal["pass_deadlines"] = "pass_deadlines"
    deadlines: tuple[Deadline, ...] = ()


class RecordUndelivered(Command):
    """Record that notices about this case could not be delivered. Only the case itself asks this, after the last try.

    It is sent empty: the book fills in what was given up and is not on the case yet.
    """

    steps = NOT_ERASED
    made_anew = frozenset({"notices"})
    kind: Literal["record_undelivered"] = "record_undelivered"
    notices: tuple[Undelivered, ...] = ()


AnyCommand = Annotated[
    Open
    | RecordContact
    | AddNote
    | RecordConsent
    | Qualify
    | Assign
    | AmendComplaint
    | WithdrawConsent
    | Refer
    | MarkReferralSeen
    | AnswerReferral
    | CompleteReferral
    | WithdrawReferral
    | StartEvidence
    | RequestPiece
    | SendLetter
    | ReceivePiece
    | AttachFile
    | RecordPieceRefusal
    | AddPiece
    | MarkUnobtainable
    | WaivePieces
    | Assess
    | RemoveFile
    | RecordScan
    | PrepareFiling
    | File
    | AcknowledgeFiling
    | RecordFilingRequest
    | AnswerFilingRequest
    | RecordFilingDecision
    | RecordFilingDeclined
    | WithdrawFiling
    | RecordStart
    | CorrectStart
    | RetractStart
    | RecordToll
    | CorrectToll
    | RetractToll
    | AnswerAlert
    | Pause
    | Resume
    | Close
    | ProposeClosure
    | CountersignClosure
    | RejectClosure
    | Reopen
    | Hold
    | ReleaseHold
    | ProposeErasure
    | Erase
    | PassDeadlines
    | RecordUndelivered,
    Field(discriminator="kind"),
]

COMMANDS: dict[str, type[Command]] = {c.name(): c for c in get_args(get_args(AnyCommand)[0])}
"""Every command by its name, part after part as a life of a case has them, in each part as they are used: people are
shown them in this order. What is not here cannot be asked."""

OF_THE_CLOCK = frozenset({PassDeadlines.name(), RecordUndelivered.name()})
"""What only the case's own workflow asks: it has no door."""

OF_THE_SYSTEM = OF_THE_CLOCK | {RecordScan.name()}
"""What no person asks."""

NOT_SUBMITTED = OF_THE_SYSTEM | {Open.name(), AttachFile.name()}
"""Commands that are never typed in: the system's, and those with a way in of their own."""

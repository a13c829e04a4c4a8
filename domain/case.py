"""A case as it stands: the fold of its history. Frozen; `domain.lifecycle.evolve` makes the next one."""

from datetime import date, datetime
from typing import Annotated, Self, TypeVar

from pydantic import Field

from domain.complaint import Complaint, ConsentGiven
from domain.errors import Refused
from domain.events import Entry
from domain.values import Value
from domain.vocabulary import (
    AlertDecision,
    ClosureReason,
    DeadlineKind,
    FilingChannel,
    FilingOutcome,
    FilingStatus,
    Level,
    Medium,
    Outcome,
    Party,
    PauseReason,
    PieceStatus,
    ReferralStatus,
    RefusalReason,
    ScanState,
    Standing,
    Step,
)

P = TypeVar("P", "Consent", "Referral", "Piece", "Filing", "EvidenceFile")


def _is_none(value: object) -> bool:
    return value is None


class Mark(Value):
    """The fact that starts a clock: which it is, when it happened, when it was recorded."""

    version: int
    happened_at: datetime
    recorded_at: datetime

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The mark that this line of the history makes."""
        return cls(version=entry.version, happened_at=entry.happened_at, recorded_at=entry.recorded_at)


class Consent(Value):
    """A consent, standing until it is withdrawn."""

    id: str
    given: ConsentGiven
    withdrawn_at: datetime | None = None


class Referral(Value):
    """A referral to a partner. Open while its partner owes an answer or has the matter in hand."""

    id: str
    partner: str
    purpose: str
    handover: bool
    answer_due: date | None
    sent: Mark
    sent_by: str
    sent_by_organisation: str
    status: ReferralStatus = ReferralStatus.SENT
    answered_by: str | None = None
    refusal: RefusalReason | None = None
    result: str | None = None

    @property
    def awaits_answer(self) -> bool:
        """Sent, and the partner has not said yes or no."""
        return self.status in (ReferralStatus.SENT, ReferralStatus.SEEN)

    @property
    def is_open(self) -> bool:
        """The partner owes something: an answer, or the work it accepted."""
        return self.awaits_answer or self.status is ReferralStatus.ACCEPTED

    @property
    def was_accepted(self) -> bool:
        """The partner said yes, whatever came of it."""
        return self.answered_by is not None and self.status is not ReferralStatus.REFUSED


class Piece(Value):
    """A piece of evidence and what was done to obtain it."""

    id: str
    label: str | None = None
    """None for a piece of the checklist: its label is in the reference data."""
    held_by: Party | None = None
    perishes_on: date | None = None
    status: PieceStatus = PieceStatus.WANTED
    from_whom: Party | None = None
    lever: str | None = None
    due: date | None = None
    known_since: date | None = None
    """The day on which it was recorded that it perishes."""
    requested: Mark | None = None
    sha256: str | None = None
    said: str | None = None
    """What was received, how it was refused, or why it was given up."""

    @property
    def is_unexplained(self) -> bool:
        """Neither received, nor refused, nor explained: lack of proof cannot be said yet."""
        return self.status in (PieceStatus.WANTED, PieceStatus.REQUESTED)


class EvidenceFile(Value):
    """A file that was attached to a piece. Its bytes are in the store; a case only knows them again."""

    id: str
    piece: str
    filename: str
    """What whoever gave it called it. Personal data: it is shown, and written nowhere else."""
    stored: str
    sha256: str
    size: int
    media_type: str
    attached: Mark
    attached_by: str
    command_id: str
    """Of the command that attached it."""
    scan: ScanState
    scanned_at: datetime | None = None
    finding: str | None = None
    removed_at: datetime | None = None

    @property
    def is_held(self) -> bool:
        """Its bytes are to be in the store."""
        return self.removed_at is None


class Assessment(Value):
    """Which of the three legs of the proof stand."""

    treatment: Standing
    ground: Standing
    link: Standing
    reasoning: str

    @property
    def all_stand(self) -> bool:
        """Whether there is nothing left to prove."""
        return {self.treatment, self.ground, self.link} == {Standing.STANDS}


class Filing(Value):
    """A filing with the Defender of Rights."""

    id: str
    channel: FilingChannel
    status: FilingStatus = FilingStatus.PREPARED
    sent: Mark | None = None
    register_number: str | None = None
    outcome: FilingOutcome | None = None
    said: str | None = None

    @property
    def is_unsent(self) -> bool:
        """Still in our hands."""
        return self.status in (FilingStatus.PREPARED, FilingStatus.CONSENTED)

    @property
    def is_open(self) -> bool:
        """Still in our hands, or before the Defender."""
        return self.is_unsent or self.status in (FilingStatus.FILED, FilingStatus.ACKNOWLEDGED)


class PausePeriod(Value):
    """A stretch of time in which the stall clocks stand still."""

    reason: PauseReason
    from_day: date
    until: date
    """Its last day, as planned."""
    started: Mark
    ended_on: date | None = None


class Alert(Value):
    """An alert that was raised. It stands until somebody takes a reasoned decision."""

    key: str
    clock: str
    kind: DeadlineKind
    level: Level
    due: datetime
    part: str | None
    raised_at: datetime
    answered_at: datetime | None = None
    answered_by: str | None = None
    authority: Level | None = None
    """The level of whoever decided, which may be above that of the alert."""
    decision: AlertDecision | None = None
    until: date | None = None

    @property
    def stands(self) -> bool:
        """Whether it still asks for a decision."""
        return self.answered_at is None


class Closure(Value):
    """How a case was closed, or is proposed to be."""

    outcome: Outcome
    reason: ClosureReason
    last_known_fact: str
    person_told_on: date | None
    person_told_by: Medium | None
    not_told_because: str | None
    proposed_by: str | None
    at: datetime


class Hold(Value):
    """A legal hold: nothing of the case is erased while it stands."""

    reason: str
    placed_by: str
    placed: Mark
    review_on: date


class Case(Value):
    """Everything that is known of a case, and nothing that is not in its history."""

    reference: str
    version: int
    step: Step
    complaint: Complaint
    metropolis: str | None
    holder: str
    organisation: str
    opened_at: datetime
    """When it was recorded; the complaint says when it was received."""
    progress: Mark
    """The last fact that moved the case on."""
    consents: tuple[Consent, ...] = ()
    referrals: tuple[Referral, ...] = ()
    pieces: tuple[Piece, ...] = ()
    files: tuple[EvidenceFile, ...] = ()
    """Every file, those that were removed too."""
    assessment: Assessment | None = None
    filings: tuple[Filing, ...] = ()
    pauses: tuple[PausePeriod, ...] = ()
    alerts: tuple[Alert, ...] = ()
    proposed_closure: Closure | None = None
    closures: tuple[Closure, ...] = ()
    """Every closure, the last one last: reopening erases nothing."""
    last_contact_at: datetime
    notes: int = 0
    # Left out while there is nothing to say, as in the histories of cases that began before there were holds.
    hold: Annotated[Hold | None, Field(exclude_if=_is_none)] = None
    erasure_proposed_by: Annotated[str | None, Field(exclude_if=_is_none)] = None
    """Who asked for the case to be erased before its time."""

    # --- What is asked of a case everywhere ---

    @property
    def is_stalled(self) -> bool:
        """Nothing has moved for so long that an alert stands above the case worker. The only definition there is."""
        return any(a.stands and a.kind is DeadlineKind.STALL and a.level is not Level.CASE_WORKER for a in self.alerts)

    @property
    def is_archived(self) -> bool:
        """Closed, and its active period has ended since: the intermediate archive, which fewer people read."""
        clock = f"retention/{len(self.closures)}/"
        return self.step is Step.CLOSED and any(
            a.kind is DeadlineKind.RETENTION and a.clock.startswith(clock) for a in self.alerts
        )

    @property
    def pause(self) -> PausePeriod | None:
        """The pause that is running, if any."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].ended_on is None else None

    @property
    def standing_alerts(self) -> tuple[Alert, ...]:
        """The alerts that ask for a decision."""
        return tuple(a for a in self.alerts if a.stands)

    @property
    def open_referrals(self) -> tuple[Referral, ...]:
        """The referrals on which a partner owes something."""
        return tuple(r for r in self.referrals if r.is_open)

    @property
    def open_filings(self) -> tuple[Filing, ...]:
        """The filings that are neither answered nor withdrawn."""
        return tuple(f for f in self.filings if f.is_open)

    @property
    def parties(self) -> frozenset[str]:
        """The organisations that have the case before them: the holder's, senders' and partners' of open referrals.

        None once it is archived: then it is for those who oversee.
        """
        if self.is_archived:
            return frozenset()
        return frozenset(
            {self.organisation}
            | {r.partner for r in self.open_referrals}
            | {r.sent_by_organisation for r in self.open_referrals}
        )

    # --- Its parts, by what they are called ---

    def consent_for(self, scope: str, recipient: str | None = None, on: date | None = None) -> Consent | None:
        """The standing consent for this scope (and recipient, given by that day), the latest if there are several."""
        for consent in reversed(self.consents):
            given = consent.given
            wanted = (
                given.scope == scope and recipient in (None, given.recipient) and (on is None or given.given_on <= on)
            )
            if wanted and consent.withdrawn_at is None:
                return consent
        return None

    def referral(self, id: str) -> Referral:
        """The referral of that name; refused if there is none."""
        return _find(self.referrals, id, "referral")

    def piece(self, id: str, field: str = "piece") -> Piece:
        """The piece of that name; refused if there is none."""
        return _find(self.pieces, id, field)

    def file(self, id: str) -> EvidenceFile:
        """The file of that name; refused if there is none."""
        return _find(self.files, id, "file")

    def filing(self, id: str) -> Filing:
        """The filing of that name; refused if there is none."""
        return _find(self.filings, id, "filing")

    def consent(self, id: str) -> Consent:
        """The consent of that name; refused if there is none."""
        return _find(self.consents, id, "consent")


def _find(parts: tuple[P, ...], id: str, field: str) -> P:
    for part in parts:
        if part.id == id:
            return part
    raise Refused(
        "unknown_part",
        "This case has no {id}.",
        "Look at the case: its parts are listed with their names.",
        field=field,
        id=id,
    )

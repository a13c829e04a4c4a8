"""A case as it stands: the fold of its history. Frozen; `domain.lifecycle.evolve` makes the next one."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from domain.complaint import Complaint
from domain.law.entered import KnownStart, Toll
from domain.parts.alert import Alert
from domain.parts.assessment import Assessment
from domain.parts.base import Occurrence, find_part
from domain.parts.capability import Capability
from domain.parts.closure import Closure, ProposedClosure
from domain.parts.consent import Consent
from domain.parts.contact import Message
from domain.parts.files import EvidenceFile
from domain.parts.filing import Filing
from domain.parts.hold import LegalHold
from domain.parts.letter import Letter
from domain.parts.notice import Undelivered
from domain.parts.pause import PausePeriod
from domain.parts.piece import Piece
from domain.parts.referral import Referral
from domain.parts.restriction import Restriction
from domain.parts.time_limits import EnteredStart, EnteredToll
from domain.parts.transfer import Transfer
from domain.telling import Heading
from domain.time.clock_id import ClockId
from domain.values import Value
from domain.vocabulary import DeadlineKind, Level, Step


def _is_none(value: object) -> bool:
    return value is None


class Case(Value):
    """Everything that is known of a case, and nothing that is not in its history."""

    reference: str
    version: int
    step: Annotated[Step, Heading("Step")]
    complaint: Annotated[Complaint, Heading("Complaint")]
    metropolis: Annotated[str | None, Heading("Metropolis")]
    holder: Annotated[str, Heading("Holder")]
    organisation: Annotated[str, Heading("Organisation")]
    opened_at: datetime
    """When it was recorded; the complaint says when it was received."""
    progress: Occurrence
    """The last fact that moved the case on."""
    consents: tuple[Consent, ...] = ()
    referrals: tuple[Referral, ...] = ()
    transfers: Annotated[tuple[Transfer, ...], Field(exclude_if=lambda transfers: not transfers)] = ()
    """Every transfer to another metropolis that was proposed, the last one last."""
    pieces: tuple[Piece, ...] = ()
    files: tuple[EvidenceFile, ...] = ()
    """Every file, those that were removed too."""
    letters: tuple[Letter, ...] = ()
    assessment: Assessment | None = None
    filings: tuple[Filing, ...] = ()
    tolls: tuple[EnteredToll, ...] = ()
    starts: tuple[EnteredStart, ...] = ()
    pauses: tuple[PausePeriod, ...] = ()
    alerts: tuple[Alert, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    """The notices that did not reach whoever they were for."""
    proposed_closure: ProposedClosure | None = None
    closures: tuple[Closure, ...] = ()
    """Every closure, the last one last: reopening erases nothing."""
    last_contact_at: Annotated[datetime, Heading("Last contact")]
    notes: Annotated[int, Heading("Number of notes")] = 0
    messages: Annotated[tuple[Message, ...], Field(exclude_if=lambda messages: not messages)] = ()
    """The notes that somebody outside the team reads, or has written."""
    unheld: Annotated[Occurrence | None, Field(exclude_if=_is_none)] = None
    """The departure that left the case with nobody. It counts while nobody holds it."""
    reassigned: Annotated[Occurrence | None, Field(exclude_if=_is_none)] = None
    """The last time that it was given to somebody else."""
    # Left out while there is nothing to say, as in the histories of cases that began before there were holds.
    hold: Annotated[LegalHold | None, Field(exclude_if=_is_none)] = None
    restriction: Annotated[Restriction | None, Field(exclude_if=_is_none)] = None
    """Whom the case is closed to, for a conflict of interest."""
    capabilities: Annotated[tuple[Capability, ...], Field(exclude_if=lambda capabilities: not capabilities)] = ()
    """Every access by a link, those that have ended too."""
    erasure_proposed_by: Annotated[str | None, Field(exclude_if=_is_none)] = None
    """Who asked for the case to be erased before its time."""
    archive_until: Annotated[date | None, Heading("End of the archive"), Field(exclude_if=_is_none)] = None
    """The day that a jurist set, where no end of the rights of a case can be computed."""

    # --- What is asked of a case everywhere ---

    @property
    def is_stalled(self) -> bool:
        """Nothing has moved for so long that an alert stands above the case worker. The only definition there is."""
        return any(a.stands and a.kind is DeadlineKind.STALL and a.level is not Level.CASE_WORKER for a in self.alerts)

    @property
    def is_archived(self) -> bool:
        """Closed, and its active period has ended since: the intermediate archive, which fewer people read."""
        return self.step is Step.CLOSED and self.has_announced(DeadlineKind.RETENTION)

    def has_announced(self, end: DeadlineKind) -> bool:
        """True if this end of a retention period was announced since the case was last closed."""
        closure = str(len(self.closures))
        return any(a.kind is end and ClockId.parse(a.clock).fact("closure") == closure for a in self.alerts)

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
    def pending_transfer(self) -> Transfer | None:
        """The transfer that the other metropolis has to answer, if any."""
        return self.transfers[-1] if self.transfers and self.transfers[-1].is_pending else None

    @property
    def open_filings(self) -> tuple[Filing, ...]:
        """The filings that are neither answered nor withdrawn."""
        return tuple(f for f in self.filings if f.is_open)

    @property
    def standing_tolls(self) -> tuple[Toll, ...]:
        """Suspensions and interruptions of the law's time limits, as entered last."""
        return tuple(t.toll for t in self.tolls if not t.retracted)

    @property
    def standing_starts(self) -> tuple[KnownStart, ...]:
        """The starting points that stand for those a complaint tells, as they were entered last."""
        return tuple(s.start for s in self.starts if not s.retracted)

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
        return find_part(self.referrals, id, "referral")

    def piece(self, id: str, field: str = "piece") -> Piece:
        """The piece of that name; refused if there is none."""
        return find_part(self.pieces, id, field)

    def file(self, id: str) -> EvidenceFile:
        """The file of that name; refused if there is none."""
        return find_part(self.files, id, "file")

    def filing(self, id: str) -> Filing:
        """The filing of that name; refused if there is none."""
        return find_part(self.filings, id, "filing")

    def capability(self, id: str) -> Capability:
        """The access by a link of that name; refused if there is none."""
        return find_part(self.capabilities, id, "capability")

    def consent(self, id: str) -> Consent:
        """The consent of that name; refused if there is none."""
        return find_part(self.consents, id, "consent")

    def toll(self, id: str) -> EnteredToll:
        """The suspension or interruption of that name; refused if there is none."""
        return find_part(self.tolls, id, "entry")

    def start(self, id: str) -> EnteredStart:
        """The starting point of that name; refused if there is none."""
        return find_part(self.starts, id, "entry")

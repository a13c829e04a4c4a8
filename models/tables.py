"""The tables. The book is append-only; the rows that lists show can be rebuilt from it."""

from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlmodel import Field, SQLModel

from kit.storage.database import UtcDateTime

# SQLite numbers rows by itself only in a column of exactly the type INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Column(UtcDateTime(), nullable=nullable, index=index)


_OWN_BYTES = text("NOT shared")


class BookEntry(SQLModel, table=True):
    """A line of the book: one event of one case. Never updated, never deleted: triggers see to it."""

    __tablename__ = "book"
    __table_args__ = (
        UniqueConstraint("reference", "version"),
        UniqueConstraint("command_id", "position"),
        CheckConstraint("version > 0", name="book_version_positive"),
        CheckConstraint("position >= 0", name="book_position_counts"),
        CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="book_hashes_are_sha256"),
        Index("ix_book_tag", "tag", "reference"),
    )

    id: int | None = Field(default=None, sa_column=Column(_ROW_NUMBER, primary_key=True, autoincrement=True))
    reference: str = Field(max_length=14)
    version: int
    command_id: str = Field(max_length=100)
    position: int
    """The event's place among those of its command, from 0."""
    tag: str = Field(max_length=60)
    account: str = Field(max_length=40)
    role: str = Field(max_length=20)
    organisation: str = Field(max_length=40)
    metropolis: str | None = Field(default=None, max_length=10)
    door: str | None = Field(default=None, max_length=12)
    """The way by which the account came; NULL for the machine itself."""
    happened_at: datetime = Field(sa_column=_instant())
    recorded_at: datetime = Field(sa_column=_instant())
    event: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The event as JSON, sealed under the key of its case: exactly the bytes that were hashed."""
    previous: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class CaseRow(SQLModel, table=True):
    """A case as lists show it. Derived: the book can rebuild it."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("version > 0", name="cases_version_positive"),
        CheckConstraint(
            "step IN ('INTAKE', 'REFERRAL', 'EVIDENCE', 'ESCALATION', 'CLOSED', 'ERASED')", name="cases_step_known"
        ),
        CheckConstraint("length(head) = 32", name="cases_head_is_sha256"),
        Index("ix_cases_listing", "opened_at", "reference"),
    )

    reference: str = Field(primary_key=True, max_length=14)
    version: int
    head: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The hash of the last line of its history."""
    step: str = Field(max_length=20)
    domain: str = Field(max_length=40)
    metropolis: str | None = Field(default=None, max_length=10)
    commune: str | None = Field(default=None, max_length=10)
    neighbourhood: str | None = Field(default=None, max_length=10)
    holder: str = Field(max_length=40, index=True)
    organisation: str = Field(max_length=40)
    received_at: datetime = Field(sa_column=_instant())
    opened_at: datetime = Field(sa_column=_instant())
    progress_at: datetime = Field(sa_column=_instant())
    stalled: bool
    next_due: datetime | None = Field(default=None, sa_column=_instant(nullable=True, index=True))
    next_kind: str | None = Field(default=None, max_length=40)
    closed_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    outcome: str | None = Field(default=None, max_length=40)
    closure_reason: str | None = Field(default=None, max_length=40)
    policy_version: int | None = None
    """The version of the policy under which the next deadline was computed; None for the one in the code."""
    fictitious: bool
    closed_to: str | None = None
    """The organisations (o:) and accounts (a:) that the case is closed to, between spaces; None for nobody."""
    proposed_to: str | None = Field(default=None, max_length=10)
    """The metropolis that is asked to take the case over."""
    proposed_organisation: str | None = Field(default=None, max_length=40)
    """The organisation there that is to hold it."""
    source_key: str | None = Field(default=None, max_length=64, unique=True)
    """A keyed digest of where an imported complaint comes from: it is never opened twice."""


class PartyRow(SQLModel, table=True):
    """An organisation that has a case before it, and so may read it."""

    __tablename__ = "parties"

    reference: str = Field(
        sa_column=Column("reference", ForeignKey("cases.reference"), primary_key=True, nullable=False)
    )
    organisation: str = Field(primary_key=True, max_length=40, index=True)


class AlertRow(SQLModel, table=True):
    """An alert that was raised, as lists show it. Derived: the book can rebuild it."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_standing", "answered_at", "due"),)

    reference: str = Field(
        sa_column=Column("reference", ForeignKey("cases.reference"), primary_key=True, nullable=False)
    )
    key: str = Field(primary_key=True, max_length=120)
    kind: str = Field(max_length=40)
    level: str = Field(max_length=20)
    part: str | None = Field(default=None, max_length=10)
    due: datetime = Field(sa_column=_instant())
    raised_at: datetime = Field(sa_column=_instant())
    answered_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    answered_by: str | None = Field(default=None, max_length=40)
    decision: str | None = Field(default=None, max_length=20)


class FileRow(SQLModel, table=True):
    """A file that a case holds, as housekeeping needs to know of it. Derived: the book can rebuild it."""

    __tablename__ = "files"
    __table_args__ = (
        Index("uq_files_stored", "stored", unique=True, sqlite_where=_OWN_BYTES, postgresql_where=_OWN_BYTES),
        Index("ix_files_stored", "stored"),
    )

    reference: str = Field(
        sa_column=Column("reference", ForeignKey("cases.reference"), primary_key=True, nullable=False)
    )
    id: str = Field(primary_key=True, max_length=10)
    stored: str = Field(max_length=32)
    """The name under which its bytes are stored. Bytes under a name that no row holds belong to nobody."""
    scan: str = Field(max_length=20, index=True)
    digest: str | None = Field(default=None, max_length=64, index=True)
    """The keyed digest of its content, by which malware is known again; None until the next scan of files of before."""
    shared: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """True for a file of before whose bytes another file was attached with as well: no new one can be."""


class IntakeRow(SQLModel, table=True):
    """A file that was taken in: its bytes are stored. `attach_file` names it, once."""

    __tablename__ = "intakes"

    id: str = Field(primary_key=True, max_length=32)
    reference: str = Field(max_length=14, index=True)
    stored: str = Field(max_length=32, unique=True)
    digest: str = Field(max_length=64)
    """The keyed digest of its content."""
    sealed: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """What it is and who brought it, as JSON, sealed under the key of the case for this place."""
    taken_at: datetime = Field(sa_column=_instant(index=True))
    file: str | None = Field(default=None, max_length=10)
    """The file of the case that it became."""


class InfectedRow(SQLModel, table=True):
    """A content in which malware was found, in whichever case. It stays when the case is erased."""

    __tablename__ = "infected"

    digest: str = Field(primary_key=True, max_length=64)
    """The keyed digest of the content."""
    finding: str | None = Field(default=None, max_length=200)
    """The name of the malware."""


class CopyRow(SQLModel, table=True):
    """The copy of a file without anything that acts, made once; or the reason why there can be none."""

    __tablename__ = "clean_copies"

    original: str = Field(primary_key=True, max_length=32)
    """The name under which the bytes are stored that it was made from."""
    stored: str | None = Field(default=None, max_length=32, unique=True)
    """The name under which the copy is stored, sealed like the original."""
    why: str | None = Field(default=None, max_length=20)
    made_at: datetime = Field(sa_column=_instant())


class LeafRow(SQLModel, table=True):
    """A leaf of the sealed log: which line of the book stands at which place. Never updated, never deleted.

    A leaf without a reference is of the access journal: its last entry at that seal, in the places of version and line.
    """

    __tablename__ = "leaves"
    __table_args__ = (
        UniqueConstraint("reference", "version"),
        CheckConstraint("position >= 0", name="leaves_position_counts"),
        CheckConstraint("length(line_hash) = 32 AND length(hash) = 32", name="leaves_hashes_are_sha256"),
    )

    position: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False))
    """Its place in the tree, from 0, given when it is sealed: lines are committed in no order."""
    reference: str = Field(max_length=14)
    version: int
    line_hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    commitment: bytes | None = Field(default=None, sa_column=Column(LargeBinary(), nullable=True))
    hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The leaf itself; it follows from the four before."""


class CheckpointRow(SQLModel, table=True):
    """A signed checkpoint of the log. Never updated, never deleted."""

    __tablename__ = "checkpoints"
    __table_args__ = (CheckConstraint("size > 0", name="checkpoints_size_positive"),)

    size: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False))
    root: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    edge: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The tree's right edge, 32 bytes for each complete subtree: enough to go on from here."""
    note: str
    """The checkpoint as a signed note: what witnesses are sent."""
    made_at: datetime = Field(sa_column=_instant())


class TokenRow(SQLModel, table=True):
    """A time-stamp authority's token on a checkpoint (RFC 3161). Never updated, never deleted."""

    __tablename__ = "tokens"

    size: int = Field(
        sa_column=Column(BigInteger(), ForeignKey("checkpoints.size"), primary_key=True, autoincrement=False)
    )
    token: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The whole response, in DER."""
    made_at: datetime = Field(sa_column=_instant())
    """The time that the token attests to."""


class KeyStoreRow(SQLModel, table=True):
    """A store of keys as this book knew it: adopted, seen with more keys in it, or accepted with what was left.

    Never updated, never deleted.
    """

    __tablename__ = "key_stores"
    __table_args__ = (
        CheckConstraint("number > 0 AND minted >= 0", name="key_stores_count"),
        CheckConstraint("what IN ('ADOPTED', 'SEEN', 'ACCEPTED')", name="key_stores_what_known"),
        CheckConstraint("length(head) = 32", name="key_stores_head_is_sha256"),
    )

    number: int = Field(sa_column=Column(Integer(), primary_key=True, autoincrement=False))
    at: datetime = Field(sa_column=_instant())
    what: str = Field(max_length=10)
    store: str = Field(max_length=32)
    """The identity of the store."""
    minted: int = Field(sa_column=Column(BigInteger(), nullable=False))
    """Number of keys that were ever made in it."""
    head: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The digest that all of them come to."""
    account: str = Field(max_length=40)
    why: str
    lost: str
    """References of the cases that were accepted as lost, one a line."""


class DestroyedKeyRow(SQLModel, table=True):
    """A key that an erasure has destroyed. Never updated, never deleted: should it live, it has come back."""

    __tablename__ = "destroyed_keys"

    reference: str = Field(primary_key=True, max_length=14)
    destroyed_at: datetime = Field(sa_column=_instant())


class DeclarationRow(SQLModel, table=True):
    """A declaration about the sealed log: another key, or a restore. Never updated, never deleted."""

    __tablename__ = "declarations"
    __table_args__ = (CheckConstraint("number > 0", name="declarations_count"),)

    number: int = Field(sa_column=Column(Integer(), primary_key=True, autoincrement=False))
    note: str
    """The declaration as a signed note."""
    made_at: datetime = Field(sa_column=_instant())


class WitnessMailRow(SQLModel, table=True):
    """A checkpoint that was mailed to a witness. It holds no address."""

    __tablename__ = "witness_mails"

    reader: str = Field(primary_key=True, max_length=64)
    """A keyed digest of the address."""
    size: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False))
    sent_at: datetime = Field(sa_column=_instant())


class HistoryRow(SQLModel, table=True):
    """A stretch of a run's history, kept in our own storage. Never updated, never deleted."""

    __tablename__ = "histories"
    __table_args__ = (
        CheckConstraint("first_event > 0 AND first_event <= last_event", name="histories_in_order"),
        CheckConstraint("length(digest) = 32", name="histories_digest_is_sha256"),
    )

    reference: str = Field(primary_key=True, max_length=14)
    run_id: str = Field(primary_key=True, max_length=40)
    first_event: int = Field(sa_column=Column(BigInteger(), primary_key=True, autoincrement=False))
    last_event: int = Field(sa_column=Column(BigInteger(), nullable=False))
    ended: bool
    """True if the run ends with it: nothing more will come."""
    digest: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """SHA-256 of the file as it is stored."""
    kept_at: datetime = Field(sa_column=_instant())


class PolicyRow(SQLModel, table=True):
    """A version of the policy: never changed, only followed by another."""

    __tablename__ = "policies"
    __table_args__ = (CheckConstraint("version > 0", name="policies_version_positive"),)

    version: int = Field(primary_key=True)
    policy: str
    """The delays as JSON."""
    reason: str = Field(max_length=4_000)
    account: str = Field(max_length=40)
    made_at: datetime = Field(sa_column=_instant())


class AbsenceRow(SQLModel, table=True):
    """An absence: mails and alerts for somebody go to their delegate meanwhile."""

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="absences_in_order"),
        CheckConstraint("account <> delegate", name="absences_delegate_is_another"),
    )

    account: str = Field(primary_key=True, max_length=40)
    first_day: date = Field(primary_key=True)
    last_day: date
    delegate: str = Field(max_length=40)


class SweepRow(SQLModel, table=True):
    """A look at every case of the book and at every running workflow."""

    __tablename__ = "sweeps"

    id: str = Field(primary_key=True, max_length=60)
    started_at: datetime = Field(sa_column=_instant(index=True))
    finished_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    cases: int
    workflows: int
    found: int
    repaired: int
    overdue: int


class SweepFindingRow(SQLModel, table=True):
    """A finding of a sweep: something that was not as it should be."""

    __tablename__ = "sweep_findings"

    sweep: str = Field(sa_column=Column("sweep", ForeignKey("sweeps.id"), primary_key=True, nullable=False))
    reference: str = Field(primary_key=True, max_length=100)
    kind: str = Field(max_length=20)
    due: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    rings_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    overdue: int
    repaired: bool
    cases: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Number of cases it is about."""
    found_at: datetime = Field(sa_column=_instant())


class PreferenceRow(SQLModel, table=True):
    """Preferences of an account about its mails. The address is personal data of the staff: it leaves this table only
    for a mail's envelope, or to be shown to its own account."""

    __tablename__ = "preferences"
    __table_args__ = (
        CheckConstraint("hour BETWEEN 6 AND 19", name="preferences_hour_of_the_day"),
        CheckConstraint("grace BETWEEN 0 AND 72", name="preferences_grace_is_short"),
    )

    account: str = Field(primary_key=True, max_length=40)
    address: str | None = Field(default=None, max_length=254)
    when: str = Field(sa_column=Column("mail_when", String(20), nullable=False))  # WHEN is a word of SQL
    hour: int
    language: str = Field(max_length=2)
    grace: int


class MailRow(SQLModel, table=True):
    """A mail to one account: written in the transaction of the events that call for it, sent in its time, and kept.

    It holds no address and no word of a case, only to whom it goes, about which alerts, and what became of it.
    """

    __tablename__ = "mails"
    __table_args__ = (
        CheckConstraint("state IN ('WAITING', 'SENT', 'DROPPED', 'UNDELIVERED')", name="mails_state_known"),
        CheckConstraint("(kind = 'NOTICE') = (reference IS NOT NULL)", name="mails_notice_is_of_a_case"),
        CheckConstraint("(kind = 'DIGEST') = (day IS NOT NULL)", name="mails_digest_is_of_a_day"),
        UniqueConstraint("account", "day"),
        Index("ix_mails_of_case", "reference", "state"),
        Index("ix_mails_state", "state", "not_before"),
    )

    id: str = Field(primary_key=True, max_length=40)
    """The left part of its Message-ID: a mail that is sent twice can be recognised."""
    kind: str = Field(max_length=10)
    account: str = Field(max_length=40)
    instead_of: str | None = Field(default=None, max_length=40)
    reference: str | None = Field(
        default=None, sa_column=Column("reference", ForeignKey("cases.reference"), nullable=True)
    )
    day: date | None = None
    alerts: str = ""
    """The keys of the alerts it was made for, one a line."""
    state: str = Field(max_length=20)
    reason: str | None = Field(default=None, max_length=20)
    tries: int = 0
    not_before: datetime = Field(sa_column=_instant())
    trying_since: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    """The start of the tries that go on without a break: a mail is given up when they have lasted too long."""
    tried_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    settled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    held_until: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    """Until then, by the clock on the wall, one process is sending it and no other may."""
    on_case: bool = False
    """True once the case itself tells that it was not delivered."""


class AccountRow(SQLModel, table=True):
    """An account that acts: a short name, a role, an organisation. Derived: its history can rebuild it."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(
            "role IN ('CASE_WORKER', 'SUPERVISOR', 'PLAN_LEAD', 'AUDITOR', 'ADMINISTRATOR', 'PARTNER', 'COMPLAINANT')",
            name="accounts_role_known",
        ),
    )

    id: str = Field(primary_key=True, max_length=40)
    role: str = Field(max_length=20)
    organisation: str = Field(max_length=40)
    metropolis: str | None = Field(default=None, max_length=10)
    active: bool = True


class AccountLineRow(SQLModel, table=True):
    """A line of the history of the accounts. Never updated, never deleted: triggers see to it."""

    __tablename__ = "account_history"
    __table_args__ = (
        CheckConstraint("number > 0", name="account_history_counts"),
        CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="account_history_hashes_are_sha256"),
    )

    number: int = Field(sa_column=Column(_ROW_NUMBER, primary_key=True, autoincrement=False))
    """Its number, without gaps."""
    account: str = Field(max_length=40, index=True)
    by_account: str = Field(max_length=40)
    by_role: str = Field(max_length=20)
    by_organisation: str = Field(max_length=40)
    at: datetime = Field(sa_column=_instant())
    after_line: int = Field(sa_column=Column(BigInteger(), nullable=False))
    """The number of the last line of the book at that moment."""
    event: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The event as JSON: exactly the bytes that were hashed."""
    previous: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class MarkRow(SQLModel, table=True):
    """Something that a case can be found by, as a keyed digest."""

    __tablename__ = "blind_index"

    reference: str = Field(
        sa_column=Column("reference", ForeignKey("cases.reference"), primary_key=True, nullable=False)
    )
    digest: str = Field(primary_key=True, max_length=64, index=True)


class AccessRow(SQLModel, table=True):
    """An entry of the access journal. Never updated, never deleted: triggers see to it."""

    __tablename__ = "access_journal"
    __table_args__ = (
        CheckConstraint("id > 0", name="access_journal_counts"),
        CheckConstraint("length(hash) = 32 AND length(previous) = 32", name="access_journal_hashes_are_sha256"),
    )

    id: int = Field(sa_column=Column(_ROW_NUMBER, primary_key=True, autoincrement=False))
    """Its number, without gaps."""
    at: datetime = Field(sa_column=_instant())
    entry: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The entry itself, sealed: who did what to which case, and why."""
    previous: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))


class QueuedAccessRow(SQLModel, table=True):
    """An entry of the access journal that waits to be chained. It goes in the transaction that makes it an entry."""

    __tablename__ = "access_queue"
    __table_args__ = (CheckConstraint("number > 0", name="access_queue_counts"),)

    id: int | None = Field(default=None, sa_column=Column(_ROW_NUMBER, primary_key=True, autoincrement=True))
    lane: str = Field(max_length=32)
    """The connection that wrote it."""
    number: int = Field(sa_column=Column(BigInteger(), nullable=False))
    """Its place among what that connection wrote, without gaps: what is missing was taken away."""
    at: datetime = Field(sa_column=_instant())
    entry: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The entry itself, sealed for its lane, number and time."""
    held: bool = False
    """It does not open, or came twice: it is left here, as it is evidence, and `verify` names it."""


class AccessLaneRow(SQLModel, table=True):
    """How far the entries of one connection are chained."""

    __tablename__ = "access_lanes"

    lane: str = Field(primary_key=True, max_length=32)
    number: int = Field(sa_column=Column(BigInteger(), nullable=False))
    at: datetime = Field(sa_column=_instant(index=True))
    """When its last one was chained."""


class DenialRow(SQLModel, table=True):
    """An hour in which an account was refused something for lack of right, with how often."""

    __tablename__ = "denials"

    account: str = Field(primary_key=True, max_length=40)
    began: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    role: str = Field(max_length=20)
    organisation: str = Field(max_length=40)
    metropolis: str | None = Field(default=None, max_length=10)
    refusals: int
    many_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True, index=True))
    """When they became so many that auditors and supervisors are told."""
    summed: bool = False
    """True once the journal says how many were counted beyond those that it has one by one."""
    told: bool = Field(default=False, sa_column_kwargs={"server_default": true()})
    """True once everybody who is to know was mailed; and for hours of before there were such mails."""


class DenialMailRow(SQLModel, table=True):
    """A mail to somebody who is to know that an account was refused often. It holds no address."""

    __tablename__ = "denial_mails"

    account: str = Field(primary_key=True, max_length=40)
    """Who was refused."""
    began: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    """Beginning of the hour."""
    reader: str = Field(primary_key=True, max_length=40)
    held_until: datetime = Field(sa_column=_instant())
    """Until then nobody else sends it."""
    settled_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    """When it was sent, or given up."""


class DraftRow(SQLModel, table=True):
    """A form that somebody has begun and not sent."""

    __tablename__ = "drafts"

    id: str = Field(primary_key=True, max_length=32)
    owner: str = Field(max_length=40, index=True)
    act: str = Field(max_length=40)
    """The name of its command; "open" for a complaint that is being taken in."""
    reference: str | None = Field(default=None, max_length=14, index=True)
    kept_at: datetime = Field(sa_column=_instant())
    destroyed_on: date = Field(index=True)
    """The first day on which it is not there any more."""
    sealed: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """What was typed, as JSON, sealed under a key of its own for this place."""


class DecoderRow(SQLModel, table=True):
    """A token with which an auditor has the engine's own pages show a case. Only its digest is kept."""

    __tablename__ = "decoders"

    token: str = Field(primary_key=True, max_length=64)
    account: str = Field(max_length=40)
    made_at: datetime = Field(sa_column=_instant())
    expires_at: datetime = Field(sa_column=_instant())


def table(model: type[SQLModel]) -> Table:
    """The table behind a model, for statements that write rows without making objects of them."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


book, cases, parties, accounts = table(BookEntry), table(CaseRow), table(PartyRow), table(AccountRow)
account_history = table(AccountLineRow)
alerts, policies, absences = table(AlertRow), table(PolicyRow), table(AbsenceRow)
sweeps, findings = table(SweepRow), table(SweepFindingRow)
preferences, mails = table(PreferenceRow), table(MailRow)
blind_index, access_journal, decoders = table(MarkRow), table(AccessRow), table(DecoderRow)
access_queue, access_lanes, denials = table(QueuedAccessRow), table(AccessLaneRow), table(DenialRow)
files, intakes, infected, clean_copies = table(FileRow), table(IntakeRow), table(InfectedRow), table(CopyRow)
leaves, checkpoints, tokens, histories = table(LeafRow), table(CheckpointRow), table(TokenRow), table(HistoryRow)
key_stores, destroyed_keys = table(KeyStoreRow), table(DestroyedKeyRow)
denial_mails, drafts = table(DenialMailRow), table(DraftRow)
witness_mails, declarations = table(WitnessMailRow), table(DeclarationRow)

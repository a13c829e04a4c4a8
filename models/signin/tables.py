"""The tables of sign-in. What signs in is kept as a digest, or sealed; an address as a keyed digest for some weeks."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from kit.storage.database import UtcDateTime
from models.tables import table

_ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    return Column(UtcDateTime(), nullable=nullable, index=index)


class SessionRow(SQLModel, table=True):
    """A session. It is deleted when it ends: what ended opens nothing, and the record tells of it."""

    __tablename__ = "sessions"

    token: str = Field(primary_key=True, max_length=64)
    """The digest of its token."""
    id: str = Field(max_length=16, unique=True)
    """The name by which its person ends it. It opens nothing."""
    account: str = Field(max_length=40, index=True)
    means: str = Field(max_length=20)
    device: str = Field(max_length=40)
    enrols: bool
    """True while its person has no means of their own yet: it can add one, and nothing else."""
    made_at: datetime = Field(sa_column=_instant())
    used_at: datetime = Field(sa_column=_instant())
    asked_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))
    ends_at: datetime = Field(sa_column=_instant(index=True))


class PasskeyRow(SQLModel, table=True):
    """A passkey: its public half."""

    __tablename__ = "passkeys"
    __table_args__ = (CheckConstraint("sign_count >= 0", name="passkeys_sign_count_counts"),)

    credential: bytes = Field(sa_column=Column(LargeBinary(), primary_key=True))
    id: str = Field(max_length=16, unique=True)
    account: str = Field(max_length=40, index=True)
    name: str = Field(max_length=60)
    public_key: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    sign_count: int = Field(sa_column=Column(BigInteger(), nullable=False))
    made_at: datetime = Field(sa_column=_instant())
    used_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class PasswordRow(SQLModel, table=True):
    """A password with its second factor, both sealed: there is none without the other."""

    __tablename__ = "passwords"

    account: str = Field(primary_key=True, max_length=40)
    hash: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """Its argon2id hash, sealed: who has the database alone cannot guess at it."""
    secret: bytes = Field(sa_column=Column(LargeBinary(), nullable=False))
    """The secret of the second factor, sealed."""
    last_step: int = Field(sa_column=Column(BigInteger(), nullable=False))
    """The step of the last code that was taken: neither it nor an earlier one is taken again."""
    made_at: datetime = Field(sa_column=_instant())


class ChallengeRow(SQLModel, table=True):
    """A challenge that was sent and has not come back. It is deleted as it is used."""

    __tablename__ = "challenges"

    digest: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=20)
    session: str = Field(max_length=16)
    """The session that it is for; empty for whoever has none."""
    secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary(), nullable=True))
    """The secret of a second factor that is being set up, sealed."""
    expires_at: datetime = Field(sa_column=_instant(index=True))


class InvitationRow(SQLModel, table=True):
    """An invitation, or a link that signs in once. It is deleted as it is used, and by the next one."""

    __tablename__ = "invitations"

    token: str = Field(primary_key=True, max_length=64)
    """The digest of its token."""
    account: str = Field(max_length=40, index=True)
    means: str = Field(max_length=20)
    made_by: str = Field(max_length=40)
    made_at: datetime = Field(sa_column=_instant())
    expires_at: datetime = Field(sa_column=_instant())
    is_halved: bool = False
    """True if its token alone uses nothing: somebody else makes the second half."""
    second: str | None = Field(default=None, max_length=64)
    """The digest of the second half."""
    completed_by: str | None = Field(default=None, max_length=40)


class TriesRow(SQLModel, table=True):
    """Tries to sign in that failed, under a keyed digest of what they are counted by: it tells no account, no place."""

    __tablename__ = "signin_tries"

    digest: str = Field(primary_key=True, max_length=64)
    tried: float
    last_at: datetime = Field(sa_column=_instant())
    forgotten_at: datetime = Field(sa_column=_instant(index=True))


class UsualPlaceRow(SQLModel, table=True):
    """A place at which an account has signed in, both in one keyed digest."""

    __tablename__ = "usual_places"

    digest: str = Field(primary_key=True, max_length=64)
    until: datetime = Field(sa_column=_instant(index=True))


class ClientRow(SQLModel, table=True):
    """A program of an organisation that asks in its own name."""

    __tablename__ = "api_clients"

    id: str = Field(primary_key=True, max_length=16)
    secret: str = Field(max_length=64, unique=True)
    """The digest of its token."""
    name: str = Field(max_length=60)
    organisation: str = Field(max_length=40)
    metropolis: str | None = Field(default=None, max_length=10)
    scopes: str = Field(max_length=400)
    """What it may do, with spaces between."""
    made_by: str = Field(max_length=40)
    made_at: datetime = Field(sa_column=_instant())
    expires_at: datetime = Field(sa_column=_instant())
    revoked_at: datetime | None = Field(default=None, sa_column=_instant(nullable=True))


class SignInRow(SQLModel, table=True):
    """A line of the record of sign-in. Never updated, never deleted: triggers see to it."""

    __tablename__ = "signin_record"

    id: int | None = Field(default=None, sa_column=Column(_ROW_NUMBER, primary_key=True, autoincrement=True))
    at: datetime = Field(sa_column=_instant(index=True))
    act: str = Field(max_length=20)
    account: str | None = Field(default=None, max_length=40, index=True)
    """The account it is about; none if what was typed names no account: somebody may have typed a password there."""
    by: str | None = Field(default=None, sa_column_kwargs={"name": "by_account"}, max_length=40)
    """Who did it, where that is not the account itself."""
    means: str | None = Field(default=None, max_length=20)
    about: str | None = Field(default=None, max_length=60)
    """The name of a passkey, of a session's device or of a client."""


sessions, passkeys, passwords = table(SessionRow), table(PasskeyRow), table(PasswordRow)
challenges, invitations = table(ChallengeRow), table(InvitationRow)
tries, usual_places = table(TriesRow), table(UsualPlaceRow)
clients, record = table(ClientRow), table(SignInRow)

"""The things that are kept of sign-in: sessions, passkeys, invitations, programs, lines of the record."""

from dataclasses import dataclass
from datetime import datetime

from domain.actors import Actor
from domain.signin.lifetime import Life
from domain.vocabulary import Means, SignInAct


@dataclass(frozen=True)
class Session:
    """A session that is alive, with its account as it stands."""

    id: str
    actor: Actor
    means: Means
    device: str
    enrols: bool
    """True if it may add a first means of sign-in, and do nothing else."""
    life: Life


@dataclass(frozen=True)
class Passkey:
    """A passkey of an account."""

    id: str
    account: str
    credential: bytes
    public_key: bytes
    sign_count: int
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class Invitation:
    """An invitation that can still be used."""

    account: str
    made_by: str
    expires_at: datetime
    is_halved: bool = False
    """True if it takes two halves, each made by somebody else."""
    completed_by: str | None = None
    """Who made the second half; None while there is none."""


@dataclass(frozen=True)
class Client:
    """A program that asks in the name of an organisation."""

    id: str
    name: str
    organisation: str
    metropolis: str | None
    scopes: frozenset[str]
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Line:
    """A line of the record."""

    number: int
    at: datetime
    act: SignInAct
    account: str | None
    by: str | None
    means: Means | None
    about: str | None

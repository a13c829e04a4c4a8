"""What is shown of sign-in. A token is shown once, to its bearer, and never printed by oversight."""

from datetime import datetime
from typing import Any

from pydantic import Field

from domain.signin.kept import Client, Line, Passkey, Session
from domain.signin.lifetime import Limits, ends_at
from domain.values import Value
from domain.vocabulary import Means, Role, SignInAct


class SignedIn(Value):
    """Somebody who has just signed in, with the token of their session."""

    token: str = Field(repr=False)
    account: str
    role: Role
    session: str
    until: datetime
    means: Means
    enrols: bool
    """True for whoever came by an invitation: they add a first means of sign-in, and can do nothing else."""


class AskedAgain(Value):
    """Somebody who was asked again, and until when they need not be asked once more."""

    until: datetime


class SessionView(Value):
    """A session, as its person tells it from others."""

    id: str
    account: str
    means: Means
    device: str
    made_at: datetime
    used_at: datetime
    until: datetime
    is_this: bool
    """True for the session that asks."""

    @classmethod
    def of(cls, session: Session, limits: Limits, this: str | None) -> "SessionView":
        """The view of a session."""
        return cls(
            id=session.id,
            account=session.actor.account,
            means=session.means,
            device=session.device,
            made_at=session.life.made_at,
            used_at=session.life.used_at,
            until=ends_at(session.life, limits),
            is_this=session.id == this,
        )


class SessionsView(Value):
    """Sessions that are alive, the latest first."""

    sessions: tuple[SessionView, ...]


class SessionsEnded(Value):
    """The number of sessions that were ended."""

    ended: int


class Ceremony(Value):
    """What a browser is asked for, as WebAuthn words it (PublicKeyCredential...Options in JSON)."""

    options: dict[str, Any]


class PasskeyView(Value):
    """A passkey of one's own."""

    id: str
    name: str
    made_at: datetime
    used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> "PasskeyView":
        """The view of a passkey."""
        return cls(id=passkey.id, name=passkey.name, made_at=passkey.made_at, used_at=passkey.used_at)


class MeansView(Value):
    """The means by which an account signs in."""

    passkeys: tuple[PasskeyView, ...]
    password_set_at: datetime | None
    """When its password, with its second factor, was set; None if it has none."""


class MeansAdded(Value):
    """The means of an account after one was added, and the session that begins with a first one."""

    means: MeansView
    signed_in: SignedIn | None = None


class SecondFactor(Value):
    """A second factor that is being set up: its secret, as an address, a picture and text. Shown once."""

    address: str = Field(repr=False)
    picture: str = Field(repr=False)
    """An SVG element."""
    secret: str = Field(repr=False)


class Invited(Value):
    """An invitation that was made, to be handed to its person."""

    account: str
    token: str = Field(repr=False)
    address: str | None = Field(default=None, repr=False)
    """The address of the page that takes it; None where no address of the pages is set."""
    expires_at: datetime
    recovers: bool
    """True if the account had means of sign-in already."""
    is_half: bool = False
    """True if this is one half of an invitation: its person needs the one that another administrator makes, too."""


class InvitationView(Value):
    """An invitation that can be used, as it is shown before it is."""

    account: str
    made_by: str
    expires_at: datetime
    is_halved: bool = False
    """True if it takes its other half, too."""
    completed_by: str | None = None
    """Who made the second half; None while nobody has."""


class ClientView(Value):
    """A program that may ask in the name of an organisation."""

    id: str
    name: str
    organisation: str
    metropolis: str | None
    scopes: tuple[str, ...]
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, client: Client) -> "ClientView":
        """The view of a client."""
        return cls(
            id=client.id,
            name=client.name,
            organisation=client.organisation,
            metropolis=client.metropolis,
            scopes=tuple(sorted(client.scopes)),
            made_by=client.made_by,
            made_at=client.made_at,
            expires_at=client.expires_at,
            revoked_at=client.revoked_at,
        )


class ClientsView(Value):
    """The programs that may ask, and those that no longer may."""

    clients: tuple[ClientView, ...]


class ClientIssued(Value):
    """A program that may ask from now on, with its token."""

    client: ClientView
    token: str = Field(repr=False)


class SignInLine(Value):
    """A line of the record of sign-in."""

    number: int
    at: datetime
    act: SignInAct
    account: str | None
    """None if what was typed names no account."""
    by: str | None
    """Who did it, where it was not the account itself."""
    means: Means | None
    about: str | None

    @classmethod
    def of(cls, line: Line) -> "SignInLine":
        """The view of a line."""
        return cls(
            number=line.number,
            at=line.at,
            act=line.act,
            account=line.account,
            by=line.by,
            means=line.means,
            about=line.about,
        )


class SignInRecord(Value):
    """The last lines of the record of sign-in, the latest first."""

    lines: tuple[SignInLine, ...]
